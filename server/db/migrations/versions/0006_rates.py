"""Which way parcels take: rules, choices, remembered prices.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from server.db.tables.base import Big

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of server.db.tables.rates."""
    op.create_table(
        "rate_rules",
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("actor", sa.String(length=120), nullable=False),
        sa.Column("reason", sa.String(length=255), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rate_rules")),
    )
    op.create_table(
        "rate_decision",
        sa.Column("id", Big, nullable=False),
        sa.Column("order_id", Big, nullable=False),
        sa.Column("box_no", sa.Integer(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("order_version", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("rules_version", sa.Integer(), nullable=False),
        sa.Column("grams", sa.Integer(), nullable=True),
        sa.Column("decision", sa.JSON(), nullable=False),
        sa.Column("carrier", sa.String(length=32), server_default="", nullable=False),
        sa.Column("service", sa.String(length=64), server_default="", nullable=False),
        sa.Column("by", sa.String(length=8), nullable=False),
        sa.Column("currency", sa.String(length=3), server_default="", nullable=False),
        sa.Column("price", sa.String(length=24), nullable=True),
        sa.Column("default_price", sa.String(length=24), nullable=True),
        sa.Column("used_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_rate_decision_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate_decision")),
    )
    op.create_index(op.f("ix_rate_decision_order_id_box_no"), "rate_decision", ["order_id", "box_no"], unique=False)
    op.create_index(op.f("ix_rate_decision_used_at"), "rate_decision", ["used_at"], unique=False)
    op.create_table(
        "rate_quote",
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("zone", sa.String(length=8), nullable=False),
        sa.Column("weight_class", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.String(length=32), nullable=False),
        sa.Column("site_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("price", sa.String(length=24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("name", sa.String(length=120), server_default="", nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint(
            "account", "service", "zone", "weight_class", "size", "site_id", name=op.f("pk_rate_quote")
        ),
    )
