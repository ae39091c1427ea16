"""What is said of parcels on their way, and what follows from it.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the tables of server.db.tables.tracking."""
    op.create_table(
        "tracking_event",
        sa.Column("id", Big, nullable=False),
        sa.Column("source", sa.String(length=48), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("provider", sa.String(length=48), nullable=False),
        sa.Column("tracking", sa.String(length=64), nullable=False),
        sa.Column("parcel_id", sa.String(length=32), nullable=True),
        sa.Column("at", sa.Float(), nullable=False),
        sa.Column("said_at", sa.Float(), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("eta", sa.Float(), nullable=True),
        sa.Column("word_key", sa.String(length=96), server_default="", nullable=False),
        sa.Column("received_at", sa.Float(), nullable=False),
        sa.Column("settle_at", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracking_event")),
    )
    op.create_index("ix_tracking_event_once", "tracking_event", ["source", "key"], unique=True)
    for column in ("settle_at", "parcel_id", "tracking", "word_key"):
        op.create_index(op.f(f"ix_tracking_event_{column}"), "tracking_event", [column], unique=False)
    op.create_table(
        "parcel_track",
        sa.Column("parcel_id", sa.String(length=32), nullable=False),
        sa.Column("handed_at", sa.Float(), nullable=True),
        sa.Column("status", sa.String(length=24), server_default="", nullable=False),
        sa.Column("since", sa.Float(), nullable=True),
        sa.Column("eta", sa.Float(), nullable=True),
        sa.Column("first_scan_at", sa.Float(), nullable=True),
        sa.Column("last_at", sa.Float(), nullable=True),
        sa.Column("delivered_at", sa.Float(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("over", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("raised", sa.JSON(), server_default="[]", nullable=False),
        sa.Column("look_at", sa.Float(), nullable=True),
        sa.Column("poll_at", sa.Float(), nullable=True),
        sa.Column("asked_from", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_parcel_track_parcel_id")),
        sa.PrimaryKeyConstraint("parcel_id", name=op.f("pk_parcel_track")),
    )
    for column in ("look_at", "poll_at", "handed_at"):
        op.create_index(op.f(f"ix_parcel_track_{column}"), "parcel_track", [column], unique=False)
    op.create_table(
        "tracking_word",
        sa.Column("provider", sa.String(length=48), nullable=False),
        sa.Column("key", sa.String(length=96), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("first_at", sa.Float(), nullable=False),
        sa.Column("status", sa.String(length=24), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("provider", "key", name=op.f("pk_tracking_word")),
    )
    op.create_table(
        "order_arrival",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("channel_order_id", sa.String(length=120), nullable=False),
        sa.Column("parcels", sa.Integer(), nullable=False),
        sa.Column("delivered", sa.Integer(), nullable=False),
        sa.Column("delivered_at", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_order_arrival_channel_id")),
        sa.PrimaryKeyConstraint("channel_id", "channel_order_id", name=op.f("pk_order_arrival")),
    )
    op.create_index(op.f("ix_order_arrival_delivered_at"), "order_arrival", ["delivered_at"], unique=False)
    op.create_table(
        "tracking_case",
        sa.Column("incident_id", Big, nullable=False),
        sa.Column("parcel_id", sa.String(length=32), nullable=False),
        sa.Column("alarm", sa.String(length=24), nullable=False),
        sa.Column("remedy", sa.String(length=16), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"], name=op.f("fk_tracking_case_incident_id")),
        sa.ForeignKeyConstraint(["parcel_id"], ["parcel.id"], name=op.f("fk_tracking_case_parcel_id")),
        sa.PrimaryKeyConstraint("incident_id", name=op.f("pk_tracking_case")),
    )
    op.create_index(op.f("ix_tracking_case_parcel_id"), "tracking_case", ["parcel_id"], unique=False)
