"""The first tables, and those of the record, which only grow."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("ledger", "audit", "audit_subject", "batch")


def upgrade() -> None:
    """Make every table; those of the record refuse UPDATE and DELETE from then on."""
    _tables()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.schema.CreateSequence(sa.Sequence("event_block", start=1)))
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == "sqlite":
            _refuse_on_sqlite(table)
        else:
            _refuse_on_postgresql(table)
    op.execute(sa.text("INSERT INTO chain_head (id, seq, hash, last_id) VALUES (1, 0, '', 0)"))


def downgrade() -> None:
    """There is nothing before the first revision."""
    raise NotImplementedError("restore a backup instead")


def _refuse_on_sqlite(table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} only grows'); END"
        )


def _refuse_on_postgresql(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} only grows'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuses_change BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_only_grows()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_only_grows()"
    )


def _tables() -> None:
    op.create_table(
        "allocation_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("grp", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("starts_at", sa.Float(), nullable=True),
        sa.Column("ends_at", sa.Float(), nullable=True),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=255), server_default="", nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("ended_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocation_rule")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("bench", sa.String(length=64), server_default="", nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "batch",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("first_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_batch")),
        sa.UniqueConstraint("first_id", name=op.f("uq_batch_first_id")),
    )
    op.create_table(
        "box_type",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("length_mm", sa.Integer(), nullable=True),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("height_mm", sa.Integer(), nullable=True),
        sa.Column("tare_grams", sa.Integer(), nullable=True),
        sa.Column("max_grams", sa.Integer(), nullable=True),
        sa.Column("carriers", sa.JSON(), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_box_type")),
    )
    op.create_table(
        "chain_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("last_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chain_head")),
    )
    op.create_table(
        "channel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("policy", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channel")),
        sa.UniqueConstraint("code", name=op.f("uq_channel_code")),
    )
    op.create_table(
        "channel_use",
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("sku", "channel_id", name=op.f("pk_channel_use")),
    )
    op.create_table(
        "dock_event",
        sa.Column("dock_session", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("load_id", sa.String(length=32), nullable=False),
        sa.Column("bench_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("received_at", sa.Float(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("bench_reason", sa.String(length=32), nullable=False),
        sa.Column("parcel_id", sa.String(length=32), nullable=True),
        sa.Column("mode", sa.String(length=16), server_default="load", nullable=False),
        sa.PrimaryKeyConstraint("dock_session", "seq", "part", name=op.f("pk_dock_event")),
    )
    op.create_index(op.f("ix_dock_event_load_id"), "dock_event", ["load_id"], unique=False)
    op.create_index(op.f("ix_dock_event_parcel_id"), "dock_event", ["parcel_id"], unique=False)
    op.create_table(
        "goods_request",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_goods_request")),
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=True),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hold")),
        sa.UniqueConstraint("channel_id", "key", name=op.f("uq_hold_channel_id_key")),
    )
    op.create_index(
        "ix_hold_expiring",
        "hold",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
        sqlite_where=sa.text("state = 'held'"),
    )
    op.create_table(
        "hold_line",
        sa.Column("hold_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("lot", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_hold_line_quantity")),
        sa.PrimaryKeyConstraint("hold_id", "sku", "site_id", "lot", name=op.f("pk_hold_line")),
    )
    op.create_table(
        "inbound",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("received", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expected_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbound")),
        sa.UniqueConstraint("ref", "sku", "site_id", name=op.f("uq_inbound_ref_sku_site_id")),
    )
    op.create_index(op.f("ix_inbound_sku"), "inbound", ["sku"], unique=False)
    op.create_table(
        "incident",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("opened_at", sa.Float(), nullable=False),
        sa.Column("deadline", sa.Float(), nullable=False),
        sa.Column("taken_at", sa.Float(), nullable=True),
        sa.Column("taken_by", sa.String(length=120), server_default="", nullable=False),
        sa.Column("closed_at", sa.Float(), nullable=True),
        sa.Column("resolution", sa.Text(), server_default="", nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("parcel_id", sa.String(length=32), nullable=True),
        sa.Column("sku", sa.String(length=64), nullable=True),
        sa.Column("once_key", sa.String(length=160), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
        sa.UniqueConstraint("once_key", name=op.f("uq_incident_once_key")),
    )
    op.create_index(op.f("ix_incident_state_deadline"), "incident", ["state", "deadline"], unique=False)
    op.create_table(
        "kit_build",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("lot", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("consumed", sa.JSON(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit_build")),
    )
    op.create_index(op.f("ix_kit_build_sku_site_id_lot"), "kit_build", ["sku", "site_id", "lot"], unique=False)
    op.create_table(
        "kit_leaf",
        sa.Column("kit_sku", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_kit_leaf_quantity")),
        sa.PrimaryKeyConstraint("kit_sku", "version", "sku", name=op.f("pk_kit_leaf")),
    )
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("lot", sa.String(length=64), nullable=False),
        sa.Column("d_on_hand", sa.Integer(), nullable=False),
        sa.Column("d_reserved", sa.Integer(), nullable=False),
        sa.Column("d_held", sa.Integer(), nullable=False),
        sa.Column("d_transit", sa.Integer(), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("hold_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("channel_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.create_index(
        "ix_ledger_hold_id",
        "ledger",
        ["hold_id"],
        unique=False,
        postgresql_where=sa.text("hold_id IS NOT NULL"),
        sqlite_where=sa.text("hold_id IS NOT NULL"),
    )
    op.create_index(
        "ix_ledger_order_id",
        "ledger",
        ["order_id"],
        unique=False,
        postgresql_where=sa.text("order_id IS NOT NULL"),
        sqlite_where=sa.text("order_id IS NOT NULL"),
    )
    op.create_index(op.f("ix_ledger_sku_id"), "ledger", ["sku", "id"], unique=False)
    op.create_table(
        "load_parcel",
        sa.Column("parcel_id", sa.String(length=32), nullable=False),
        sa.Column("load_id", sa.String(length=32), nullable=False),
        sa.Column("loaded_at", sa.Float(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("bench_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("assumed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("pk_load_parcel")),
    )
    op.create_index(op.f("ix_load_parcel_load_id"), "load_parcel", ["load_id"], unique=False)
    op.create_table(
        "low_stock",
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("sku", "site_id", name=op.f("pk_low_stock")),
    )
    op.create_table(
        "mapping_snapshot",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("listing", sa.JSON(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "code", name=op.f("pk_mapping_snapshot")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("roles", sa.String(length=120), nullable=False),
        sa.Column("badge_digest", sa.String(length=64), nullable=True),
        sa.Column("day_badge_digest", sa.String(length=64), nullable=True),
        sa.Column("day_badge_day", sa.String(length=10), nullable=True),
        sa.Column("pin_hash", sa.String(length=255), nullable=True),
        sa.Column("language", sa.String(length=8), server_default="", nullable=False),
        sa.Column("theme", sa.String(length=16), server_default="", nullable=False),
        sa.Column("login", sa.String(length=64), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("badge_digest", name=op.f("uq_person_badge_digest")),
        sa.UniqueConstraint("day_badge_digest", name=op.f("uq_person_day_badge_digest")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    op.create_table(
        "picture",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_picture")),
    )
    op.create_table(
        "postcode",
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("country", "code", name=op.f("pk_postcode")),
    )
    op.create_table(
        "product",
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("variant", sa.String(length=120), server_default="", nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(length=64), server_default="", nullable=False),
        sa.Column("brand", sa.String(length=64), server_default="", nullable=False),
        sa.Column("regulated", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("hazmat", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("lot_tracked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("serial_tracked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("expires", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("life_days", sa.Integer(), nullable=True),
        sa.Column("typed_quantity", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("made_to_order", sa.Integer(), nullable=True),
        sa.Column("lead_days", sa.Float(), nullable=True),
        sa.Column("margin_percent", sa.Float(), nullable=True),
        sa.Column("look_alike", sa.String(length=64), server_default="", nullable=False),
        sa.Column("differs_by", sa.String(length=120), server_default="", nullable=False),
        sa.Column("image_url", sa.String(length=500), server_default="", nullable=False),
        sa.Column("attributes", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("length_mm", sa.Integer(), nullable=True),
        sa.Column("width_mm", sa.Integer(), nullable=True),
        sa.Column("height_mm", sa.Integer(), nullable=True),
        sa.Column("pack_note", sa.String(length=255), server_default="", nullable=False),
        sa.Column("material", sa.String(length=120), server_default="", nullable=False),
        sa.Column("own_box", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("hazmat_services", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("picture", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_product")),
    )
    op.create_table(
        "routing_decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("site_ids", sa.JSON(), nullable=False),
        sa.Column("scored", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_decision")),
    )
    op.create_index(op.f("ix_routing_decision_order_id"), "routing_decision", ["order_id"], unique=False)
    op.create_table(
        "routing_override",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_site", sa.Integer(), nullable=True),
        sa.Column("to_site", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=255), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("reviewed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_override")),
    )
    op.create_index(op.f("ix_routing_override_rule_at"), "routing_override", ["rule", "at"], unique=False)
    op.create_table(
        "routing_rules",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=255), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_routing_rules")),
    )
    op.create_table(
        "seen_webhook",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("webhook_id", sa.String(length=128), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "webhook_id", name=op.f("pk_seen_webhook")),
    )
    op.create_table(
        "serial_unit",
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("box_no", sa.Integer(), nullable=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("sku", "serial", name=op.f("pk_serial_unit")),
    )
    op.create_index(op.f("ix_serial_unit_order_id"), "serial_unit", ["order_id"], unique=False)
    op.create_index(op.f("ix_serial_unit_serial"), "serial_unit", ["serial"], unique=False)
    op.create_table(
        "setting",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_setting")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.Integer(), server_default="0", nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(length=16), server_default="own", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("country", sa.String(length=2), server_default="", nullable=False),
        sa.Column("postcode", sa.String(length=16), server_default="", nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("node", sa.JSON(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
    )
    op.create_table(
        "stale",
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("mark", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cause", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_stale")),
    )
    op.create_table(
        "substitution",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("substitute_sku", sa.String(length=64), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("approved_by", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=255), server_default="", nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
        sa.UniqueConstraint(
            "sku", "substitute_sku", "channel_id", name=op.f("uq_substitution_sku_substitute_sku_channel_id")
        ),
    )
    op.create_table(
        "substitution_rule",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("approval", sa.String(length=16), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution_rule")),
    )
    op.create_table(
        "tote_order",
        sa.Column(
            "order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("tote", sa.String(length=32), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_tote_order")),
    )
    op.create_index(op.f("ix_tote_order_tote"), "tote_order", ["tote"], unique=False)
    op.create_table(
        "transfer",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_site", sa.Integer(), nullable=False),
        sa.Column("to_site", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("dispatched_at", sa.Float(), nullable=True),
        sa.Column("received_at", sa.Float(), nullable=True),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    op.create_table(
        "transfer_line",
        sa.Column(
            "transfer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("lot", sa.String(length=64), nullable=False),
        sa.Column("planned", sa.Integer(), nullable=False),
        sa.Column("dispatched", sa.Integer(), server_default="0", nullable=False),
        sa.Column("received", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lost", sa.Integer(), server_default="0", nullable=False),
        sa.Column("found", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("transfer_id", "sku", "lot", name=op.f("pk_transfer_line")),
    )
    op.create_table(
        "velocity",
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("shipped", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("sku", "site_id", name=op.f("pk_velocity")),
    )
    op.create_table(
        "waiting_line",
        sa.Column(
            "order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("order_id", "sku", name=op.f("pk_waiting_line")),
    )
    op.create_index(op.f("ix_waiting_line_sku"), "waiting_line", ["sku"], unique=False)
    op.create_table(
        "alias",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("text", sa.String(length=120), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=16), server_default="sku", nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("fk_alias_sku")),
        sa.PrimaryKeyConstraint("channel_id", "code", name=op.f("pk_alias")),
    )
    op.create_index(op.f("ix_alias_code"), "alias", ["code"], unique=False)
    op.create_index(op.f("ix_alias_sku"), "alias", ["sku"], unique=False)
    op.create_table(
        "audit_subject",
        sa.Column("audit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.String(length=96), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_subject_audit_id")),
        sa.PrimaryKeyConstraint("audit_id", "kind", "ref", name=op.f("pk_audit_subject")),
    )
    op.create_index(
        op.f("ix_audit_subject_kind_ref_audit_id"), "audit_subject", ["kind", "ref", "audit_id"], unique=False
    )
    op.create_table(
        "bench",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=True),
        sa.Column("join_digest", sa.String(length=64), nullable=True),
        sa.Column("join_expires_at", sa.Float(), nullable=True),
        sa.Column("enrolled_at", sa.Float(), nullable=True),
        sa.Column("revoked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("mode", sa.String(length=16), server_default="block", nullable=False),
        sa.Column("lease_size", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_bench_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bench")),
        sa.UniqueConstraint("join_digest", name=op.f("uq_bench_join_digest")),
        sa.UniqueConstraint("name", name=op.f("uq_bench_name")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_bench_token_digest")),
    )
    op.create_table(
        "kit",
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("assembled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("fk_kit_sku")),
        sa.PrimaryKeyConstraint("sku", "version", name=op.f("pk_kit")),
    )
    op.create_table(
        "kit_component",
        sa.Column("kit_sku", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_kit_component_quantity")),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("fk_kit_component_sku")),
        sa.PrimaryKeyConstraint("kit_sku", "version", "sku", name=op.f("pk_kit_component")),
    )
    op.create_table(
        "load",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("carrier", sa.String(length=32), nullable=False),
        sa.Column("services", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("trailer", sa.String(length=64), server_default="", nullable=False),
        sa.Column("driver", sa.String(length=120), server_default="", nullable=False),
        sa.Column("cut_off", sa.Float(), nullable=True),
        sa.Column("listed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("client_key", sa.String(length=36), nullable=True),
        sa.Column("follows", sa.String(length=32), server_default="", nullable=False),
        sa.Column("bench_id", sa.Integer(), nullable=True),
        sa.Column("opened_at", sa.Float(), nullable=True),
        sa.Column("closing_at", sa.Float(), nullable=True),
        sa.Column("closed_at", sa.Float(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("cancels_known_at", sa.Float(), nullable=True),
        sa.Column("left_reason", sa.String(length=16), server_default="", nullable=False),
        sa.Column("left_words", sa.String(length=300), server_default="", nullable=False),
        sa.Column("manifest", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_load_site_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_load")),
        sa.UniqueConstraint("id", name=op.f("uq_load_id")),
        sa.UniqueConstraint("client_key", name=op.f("uq_load_client_key")),
    )
    op.create_index(op.f("ix_load_closed_at"), "load", ["closed_at"], unique=False)
    op.create_index(
        op.f("ix_load_site_id_carrier_closed_at"), "load", ["site_id", "carrier", "closed_at"], unique=False
    )
    op.create_table(
        "node_day",
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("orders", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_node_day_site_id")),
        sa.PrimaryKeyConstraint("site_id", "day", name=op.f("pk_node_day")),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=True),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("channel_order_id", sa.String(length=120), nullable=False),
        sa.Column("part", sa.Integer(), server_default="1", nullable=False),
        sa.Column("parts", sa.Integer(), server_default="1", nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("carrier", sa.String(length=32), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("payment", sa.String(length=16), nullable=False),
        sa.Column("amount_due", sa.Integer(), nullable=True),
        sa.Column("amount_paid", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fraud", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("fulfilment", sa.String(length=16), server_default="own", nullable=False),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("customer_value", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ship_by", sa.Float(), nullable=True),
        sa.Column("deliver_by", sa.Float(), nullable=True),
        sa.Column("packing_profile", sa.String(length=64), server_default="standard", nullable=False),
        sa.Column("placed_at", sa.Float(), nullable=False),
        sa.Column("received_at", sa.Float(), nullable=False),
        sa.Column("held_because", sa.String(length=64), server_default="", nullable=False),
        sa.Column("cancel_reason", sa.String(length=64), server_default="", nullable=False),
        sa.Column("cancelled_by", sa.String(length=16), server_default="", nullable=False),
        sa.Column("waiting_for", sa.String(length=16), server_default="", nullable=False),
        sa.Column("waiting_since", sa.Float(), nullable=True),
        sa.Column("decided", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_orders_channel_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_orders_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint(
            "channel_id", "channel_order_id", "part", name=op.f("uq_orders_channel_id_channel_order_id_part")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
    )
    op.create_index(
        "ix_orders_mixed_case",
        "orders",
        [sa.text("lower(channel_order_id)")],
        unique=False,
        postgresql_where=sa.text(
            "channel_order_id <> lower(channel_order_id) AND channel_order_id <> upper(channel_order_id)"
        ),
        sqlite_where=sa.text(
            "channel_order_id <> lower(channel_order_id) AND channel_order_id <> upper(channel_order_id)"
        ),
    )
    op.create_index(op.f("ix_orders_status_ship_by"), "orders", ["status", "ship_by"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column(
            "sent_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.Float(), nullable=False),
        sa.Column("claimed_until", sa.Float(), server_default="0", nullable=False),
        sa.Column("created_at", sa.Float(), nullable=False),
        sa.Column("sent_at", sa.Float(), nullable=True),
        sa.Column("told", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rank", sa.Integer(), server_default="1", nullable=False),
        sa.Column("caused_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_outbox_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("channel_id", "kind", "key", name=op.f("uq_outbox_channel_id_kind_key")),
    )
    op.create_index(op.f("ix_outbox_state_next_at"), "outbox", ["state", "next_at"], unique=False)
    op.create_table(
        "product_code",
        sa.Column("code", sa.String(length=96), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.CheckConstraint("units > 0", name=op.f("ck_product_code_units")),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("fk_product_code_sku")),
        sa.PrimaryKeyConstraint("code", "sku", name=op.f("pk_product_code")),
    )
    op.create_table(
        "stock",
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("lot", sa.String(length=64), nullable=False),
        sa.Column("on_hand", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reserved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held", sa.Integer(), server_default="0", nullable=False),
        sa.Column("in_transit", sa.Integer(), server_default="0", nullable=False),
        sa.Column("expires_on", sa.String(length=10), server_default="", nullable=False),
        sa.Column("safety", sa.Integer(), server_default="0", nullable=False),
        sa.Column("bin", sa.String(length=32), server_default="", nullable=False),
        sa.CheckConstraint(
            "0 <= reserved AND 0 <= held AND 0 <= in_transit AND reserved + held <= on_hand",
            name=op.f("ck_stock_claimed_within_on_hand"),
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stock_site_id")),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("fk_stock_sku")),
        sa.PrimaryKeyConstraint("sku", "site_id", "lot", name=op.f("pk_stock")),
        postgresql_with={"fillfactor": "50"},
    )
    op.create_table(
        "wave",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("carrier", sa.String(length=32), nullable=False),
        sa.Column("mix", sa.String(length=16), nullable=False),
        sa.Column("cutoff_at", sa.Float(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_wave_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave")),
    )
    op.create_index(op.f("ix_wave_site_id_state"), "wave", ["site_id", "state"], unique=False)
    op.create_table(
        "web_session",
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=64), server_default="", nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.Float(), nullable=True),
        sa.Column("revoked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_web_session_person_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_web_session_site_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_web_session")),
    )
    op.create_table(
        "bench_state",
        sa.Column("bench_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.Column("clock_offset", sa.Float(), nullable=False),
        sa.Column("beat", sa.JSON(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("signed_in_at", sa.Float(), nullable=True),
        sa.Column("paper_elsewhere", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["bench_id"], ["bench.id"], name=op.f("fk_bench_state_bench_id")),
        sa.PrimaryKeyConstraint("bench_id", name=op.f("pk_bench_state")),
    )
    op.create_index(op.f("ix_bench_state_paper_elsewhere"), "bench_state", ["paper_elsewhere"], unique=False)
    op.create_table(
        "paper_order",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("bench_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("to_printer", sa.String(length=200), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["bench_id"], ["bench.id"], name=op.f("fk_paper_order_bench_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_order")),
    )
    op.create_index(op.f("ix_paper_order_bench_id_at"), "paper_order", ["bench_id", "at"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("destination", sa.String(length=255), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("caused_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_delivery_outbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_caused_by"), "delivery", ["caused_by"], unique=False)
    op.create_index(op.f("ix_delivery_kind_key_id"), "delivery", ["kind", "key", "id"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_no", sa.Integer(), nullable=False),
        sa.Column("channel_sku", sa.String(length=120), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=True),
        sa.Column("title", sa.String(length=255), server_default="", nullable=False),
        sa.Column("line_id", sa.String(length=64), server_default="", nullable=False),
        sa.Column("kit_version", sa.Integer(), nullable=True),
        sa.Column("cancelled", sa.Integer(), server_default="0", nullable=False),
        sa.Column("substituted_for", sa.String(length=64), server_default="", nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("0 <= cancelled AND cancelled <= quantity", name=op.f("ck_order_line_cancelled")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_line_quantity")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_line_order_id")),
        sa.PrimaryKeyConstraint("order_id", "line_no", name=op.f("pk_order_line")),
    )
    op.create_table(
        "lease",
        sa.Column(
            "order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("bench_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("until", sa.Float(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["bench_id"], ["bench.id"], name=op.f("fk_lease_bench_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_lease_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_lease")),
    )
    op.create_index(op.f("ix_lease_bench_id"), "lease", ["bench_id"], unique=False)
    op.create_table(
        "pack_session",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_version", sa.Integer(), nullable=False),
        sa.Column("bench_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("stop", sa.String(length=32), nullable=True),
        sa.Column("opened_at", sa.Float(), nullable=False),
        sa.Column("closed_at", sa.Float(), nullable=True),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("stop_detail", sa.Text(), server_default="", nullable=False),
        sa.Column("stop_says", sa.JSON(), nullable=True),
        sa.Column("box_waits", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("folded", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["bench_id"], ["bench.id"], name=op.f("fk_pack_session_bench_id")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_pack_session_order_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_pack_session_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_session")),
    )
    op.create_index(op.f("ix_pack_session_bench_id_state"), "pack_session", ["bench_id", "state"], unique=False)
    op.create_index(op.f("ix_pack_session_order_id"), "pack_session", ["order_id"], unique=False)
    op.create_table(
        "recipient",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address", sa.JSON(), nullable=False),
        sa.Column("contact", sa.JSON(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("texts", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("raw", sa.JSON(), nullable=False),
        sa.Column("erased_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_recipient_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_recipient")),
    )
    op.create_table(
        "reservation",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("lot", sa.String(length=64), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_reservation_quantity")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_reservation_order_id")),
        sa.PrimaryKeyConstraint("order_id", "sku", "site_id", "lot", name=op.f("pk_reservation")),
    )
    op.create_index(
        "ix_reservation_live",
        "reservation",
        ["sku", "site_id", "lot"],
        unique=False,
        postgresql_where=sa.text("state = 'reserved'"),
        sqlite_where=sa.text("state = 'reserved'"),
    )
    op.create_table(
        "wave_order",
        sa.Column(
            "order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("wave_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("picked_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_order_wave_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_wave_order")),
    )
    op.create_index(op.f("ix_wave_order_wave_id"), "wave_order", ["wave_id"], unique=False)
    op.create_table(
        "pack_event",
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("received_at", sa.Float(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("bench_reason", sa.String(length=32), nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=True),
        sa.Column("event", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["pack_session.id"], name=op.f("fk_pack_event_session_id")),
        sa.PrimaryKeyConstraint("session_id", "seq", name=op.f("pk_pack_event")),
    )
    op.create_index(op.f("ix_pack_event_received_at"), "pack_event", ["received_at"], unique=False)
    op.create_table(
        "order_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_note_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_note")),
    )
    op.create_index(op.f("ix_order_note_order_id"), "order_note", ["order_id"], unique=False)
    op.create_table(
        "packing_insert",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("profile", sa.String(length=64), nullable=False),
        sa.Column("text", sa.String(length=255), nullable=False),
        sa.Column("code", sa.String(length=64), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packing_insert")),
        sa.UniqueConstraint("profile", "text", name=op.f("uq_packing_insert_profile_text")),
    )
    op.create_table(
        "sku_weight",
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column("mean", sa.Float(), nullable=False),
        sa.Column("squares", sa.Float(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("fk_sku_weight_sku")),
        sa.PrimaryKeyConstraint("sku", name=op.f("pk_sku_weight")),
    )
    op.create_table(
        "parcel",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=True),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=True),
        sa.Column("box_no", sa.Integer(), server_default="1", nullable=False),
        sa.Column("contents", sa.JSON(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("carrier", sa.String(length=32), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("tracking", sa.String(length=64), nullable=True),
        sa.Column("purchase", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=True),
        sa.Column("box_type", sa.String(length=32), nullable=True),
        sa.Column("bought_at", sa.Float(), nullable=True),
        sa.Column("ready_at", sa.Float(), nullable=True),
        sa.Column("reprints", sa.Integer(), server_default="0", nullable=False),
        sa.Column("cancelled_at", sa.Float(), nullable=True),
        sa.Column("void_wanted_at", sa.Float(), nullable=True),
        sa.Column("void_reason", sa.String(length=120), server_default="", nullable=False),
        sa.Column("allotted_to", sa.Integer(), nullable=True),
        sa.Column("allotted_version", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["allotted_to"], ["bench.id"], name=op.f("fk_parcel_allotted_to")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_parcel_order_id")),
        sa.ForeignKeyConstraint(["session_id"], ["pack_session.id"], name=op.f("fk_parcel_session_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_parcel_site_id")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_parcel")),
        sa.UniqueConstraint("id", name=op.f("uq_parcel_id")),
        sa.UniqueConstraint("session_id", "box_no", name=op.f("uq_parcel_session_id_box_no")),
        sa.UniqueConstraint("tracking", name=op.f("uq_parcel_tracking")),
    )
    op.create_index(
        "ix_parcel_allotted",
        "parcel",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("state = 'allotted'"),
        sqlite_where=sa.text("state = 'allotted'"),
    )
    op.create_index(op.f("ix_parcel_order_id"), "parcel", ["order_id"], unique=False)
    op.create_index(op.f("ix_parcel_site_id_state"), "parcel", ["site_id", "state"], unique=False)
