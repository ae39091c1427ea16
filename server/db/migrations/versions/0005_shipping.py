"""Carrier accounts, and what was paid for labels.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of server.db.tables.shipping."""
    op.create_table(
        "carrier_account",
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("max_grams", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("denied_at", sa.Float(), nullable=True),
        sa.Column("checked_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_carrier_account")),
    )
    op.create_table(
        "carrier_memory",
        sa.Column("carrier", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("carrier", "key", name=op.f("pk_carrier_memory")),
    )
    op.create_table(
        "parcel_label",
        sa.Column("parcel_id", sa.String(length=32), nullable=False),
        sa.Column("carrier", sa.String(length=32), nullable=False),
        sa.Column("shipment_id", sa.Text(), server_default="", nullable=False),
        sa.Column("cost", sa.String(length=24), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("bought_at", sa.Float(), nullable=False),
        sa.Column("format", sa.String(length=8), server_default="", nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column("void_state", sa.String(length=16), server_default="", nullable=False),
        sa.Column("void_asked_at", sa.Float(), nullable=True),
        sa.Column("void_next_at", sa.Float(), nullable=True),
        sa.Column("void_tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("void_text", sa.Text(), server_default="", nullable=False),
        sa.Column("void_done_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_parcel_label_parcel_id")),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("pk_parcel_label")),
    )
    op.create_index(op.f("ix_parcel_label_void_next_at"), "parcel_label", ["void_next_at"], unique=False)
    op.create_index(op.f("ix_parcel_label_void_state"), "parcel_label", ["void_state"], unique=False)
    op.create_table(
        "label_intent",
        sa.Column("parcel_id", sa.String(length=32), nullable=False),
        sa.Column("asked_at", sa.Float(), nullable=False),
        sa.Column("unsure_since", sa.Float(), nullable=True),
        sa.Column("next_at", sa.Float(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_label_intent_parcel_id")),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("pk_label_intent")),
    )
    op.create_index(op.f("ix_label_intent_next_at"), "label_intent", ["next_at"], unique=False)
