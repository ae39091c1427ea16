"""Plans of loads, what stands beside them, and what their carriers know.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of server.db.tables.dock."""
    op.create_table(
        "dock_rule",
        sa.Column("site_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("no_dock_scan", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("sscc_prefix", sa.String(length=12), server_default="", nullable=False),
        sa.Column(
            "sscc_next", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_dock_rule_site_id")),
        sa.PrimaryKeyConstraint("site_id", name=op.f("pk_dock_rule")),
    )
    op.create_table(
        "load_cancel",
        sa.Column("load_id", sa.String(length=32), nullable=False),
        sa.Column("parcel_id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("of", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.Float(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("answer", sa.String(length=16), server_default="", nullable=False),
        sa.Column("answered_at", sa.Float(), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("load_id", "parcel_id", name=op.f("pk_load_cancel")),
    )
    op.create_table(
        "load_close",
        sa.Column("load_id", sa.String(length=32), nullable=False),
        sa.Column("carrier", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=255), server_default="", nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("next_at", sa.Float(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("left_out", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("format", sa.String(length=8), server_default="", nullable=False),
        sa.Column("paper", sa.LargeBinary(), nullable=True),
        sa.Column("done_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("load_id", name=op.f("pk_load_close")),
    )
    op.create_index(op.f("ix_load_close_next_at"), "load_close", ["next_at"], unique=False)
    op.create_table(
        "load_mark",
        sa.Column("load_id", sa.String(length=32), nullable=False),
        sa.Column("parcel_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), server_default="", nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.Float(), nullable=True),
        sa.Column("done_by", sa.Integer(), nullable=True),
        sa.Column("done_how", sa.String(length=16), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("load_id", "parcel_id", "kind", name=op.f("pk_load_mark")),
    )
    op.create_index(op.f("ix_load_mark_parcel_id"), "load_mark", ["parcel_id"], unique=False)
    op.create_table(
        "load_plan",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("load_id", sa.String(length=32), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("parcel_id", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_load_plan_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_load_plan")),
    )
    op.create_index(op.f("ix_load_plan_load_id"), "load_plan", ["load_id"], unique=False)
    op.create_index(op.f("ix_load_plan_order_id"), "load_plan", ["order_id"], unique=False)
    op.create_index(op.f("ix_load_plan_parcel_id"), "load_plan", ["parcel_id"], unique=False)
    op.create_table(
        "pallet_parcel",
        sa.Column("parcel_id", sa.String(length=32), nullable=False),
        sa.Column("sscc", sa.String(length=18), nullable=False),
        sa.Column("at", sa.Float(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("pk_pallet_parcel")),
    )
    op.create_index(op.f("ix_pallet_parcel_sscc"), "pallet_parcel", ["sscc"], unique=False)
