"""Channels that are platforms: what is heard, what they sell, how it goes with each.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables of server.db.tables that platforms need."""
    op.add_column("orders", sa.Column("channel_at", sa.Float(), nullable=True))
    op.create_table(
        "inbox",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("body_at", sa.Float(), server_default="0", nullable=False),
        sa.Column("version", _BIG, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_at", sa.Float(), nullable=False),
        sa.Column("heard_at", sa.Float(), nullable=False),
        sa.Column("done_at", sa.Float(), nullable=True),
        sa.Column("said", sa.String(length=64), server_default="", nullable=False),
        sa.Column("trouble", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_inbox_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("channel_id", "kind", "ref", name=op.f("uq_inbox_channel_id_kind_ref")),
    )
    op.create_index(op.f("ix_inbox_state_next_at"), "inbox", ["state", "next_at"], unique=False)
    op.create_table(
        "channel_state",
        sa.Column("channel_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("owner", sa.String(length=64), server_default="", nullable=False),
        sa.Column("owned_until", sa.Float(), server_default="0", nullable=False),
        sa.Column("live_at", sa.Float(), nullable=True),
        sa.Column("cursor", sa.JSON(), server_default="{}", nullable=False),
        sa.Column("looked_at", sa.Float(), nullable=True),
        sa.Column("heard_at", sa.Float(), nullable=True),
        sa.Column("order_at", sa.Float(), nullable=True),
        sa.Column("told_at", sa.Float(), nullable=True),
        sa.Column("read_at", sa.Float(), nullable=True),
        sa.Column("look_failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_look", sa.Float(), server_default="0", nullable=False),
        sa.Column("next_read", sa.Float(), server_default="0", nullable=False),
        sa.Column("next_check", sa.Float(), server_default="0", nullable=False),
        sa.Column("trouble", sa.Text(), server_default="", nullable=False),
        sa.Column("denied_at", sa.Float(), nullable=True),
        sa.Column("denied_what", sa.String(length=16), server_default="", nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_channel_state_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_channel_state")),
    )
    op.create_table(
        "channel_memory",
        sa.Column("channel_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_channel_memory_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", "key", name=op.f("pk_channel_memory")),
    )
    op.create_table(
        "listing",
        sa.Column("channel_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("channel_sku", sa.String(length=120), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=True),
        sa.Column("gtin", sa.String(length=14), server_default="", nullable=False),
        sa.Column("title", sa.String(length=255), server_default="", nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("live", sa.Integer(), nullable=True),
        sa.Column("live_at", sa.Float(), nullable=True),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.Column("gone", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_listing_channel_id")),
        sa.ForeignKeyConstraint(["sku"], ["product.sku"], name=op.f("fk_listing_sku")),
        sa.PrimaryKeyConstraint("channel_id", "ref", name=op.f("pk_listing")),
    )
    op.create_index(op.f("ix_listing_channel_id_sku"), "listing", ["channel_id", "sku"], unique=False)
    op.create_table(
        "order_claim",
        sa.Column("channel_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel_order_id", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("noted_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_order_claim_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", "channel_order_id", "kind", name=op.f("pk_order_claim")),
    )
    op.create_index(op.f("ix_order_claim_channel_id_at"), "order_claim", ["channel_id", "at"], unique=False)
