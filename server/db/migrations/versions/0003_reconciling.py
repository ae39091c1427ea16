"""Reading back: deviations, cycles, reports, exposure.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ORDERS = sa.text("kind <> 'stock'")


def upgrade() -> None:
    """Add server.db.tables.reconciling."""
    op.create_index(
        "ix_outbox_orders", "outbox", ["created_at"], unique=False, postgresql_where=_ORDERS, sqlite_where=_ORDERS
    )
    op.create_table(
        "deviation",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("channel_sku", sa.String(length=120), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=16), server_default="", nullable=False),
        sa.Column("told", sa.Integer(), nullable=True),
        sa.Column("live", sa.Integer(), nullable=True),
        sa.Column("version", _BIG, nullable=False),
        sa.Column("orders", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("first_at", sa.Float(), nullable=False),
        sa.Column("seen_at", sa.Float(), nullable=False),
        sa.Column("judged_at", sa.Float(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fixed_by", sa.String(length=32), server_default="", nullable=False),
        sa.Column("closed_at", sa.Float(), nullable=True),
        sa.Column("open_key", sa.String(length=160), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_deviation_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deviation")),
        sa.UniqueConstraint("open_key", name=op.f("uq_deviation_open_key")),
    )
    op.create_index(op.f("ix_deviation_channel_id_state"), "deviation", ["channel_id", "state"], unique=False)
    op.create_index(op.f("ix_deviation_closed_at"), "deviation", ["closed_at"], unique=False)
    op.create_table(
        "listing_agreed",
        sa.Column("channel_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ref", sa.String(length=120), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("version", _BIG, nullable=False),
        sa.Column("units", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_listing_agreed_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", "ref", name=op.f("pk_listing_agreed")),
    )
    op.create_table(
        "reconcile_cycle",
        sa.Column("channel_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("began_at", sa.Float(), server_default="0", nullable=False),
        sa.Column("after_ref", sa.String(length=120), nullable=True),
        sa.Column("not_before", sa.Float(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("news_at", sa.Float(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_reconcile_cycle_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_reconcile_cycle")),
    )
    op.create_table(
        "channel_stale",
        sa.Column("channel_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.Float(), nullable=False),
        sa.Column("marked_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_channel_stale_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_channel_stale")),
    )
    op.create_table(
        "exception_report",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_exception_report")),
    )
    op.create_table(
        "exposure_hour",
        sa.Column("channel_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("pushes", sa.Integer(), nullable=False),
        sa.Column("longest", sa.Float(), nullable=False),
        sa.Column("buckets", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "hour", name=op.f("pk_exposure_hour")),
    )
