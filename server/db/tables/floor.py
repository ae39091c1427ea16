"""Before the bench: waves and totes."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, String, Table

from server.db.tables.base import Big, metadata

wave = Table(
    "wave",
    metadata,
    Column("id", Big, primary_key=True),
    Column("site_id", ForeignKey("site.id"), nullable=False),
    Column("carrier", String(32), nullable=False),
    Column("mix", String(16), nullable=False),  # single | multi
    Column("cutoff_at", Float),
    Column("state", String(16), nullable=False),  # picking | done | cancelled
    Column("at", Float, nullable=False),
    Column("actor", String(120), nullable=False),
    Index(None, "site_id", "state"),
)

wave_order = Table(
    "wave_order",
    metadata,
    Column("order_id", Big, primary_key=True, autoincrement=False),
    Column("wave_id", ForeignKey("wave.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("picked_at", Float),  # empty while a person is fetching it: no bench opens it yet
    Index(None, "wave_id"),
)
"""What is fetched are the order's live reservations: a list is always printed from what is true now."""

tote_order = Table(
    "tote_order",
    metadata,
    Column("order_id", Big, primary_key=True, autoincrement=False),
    Column("tote", String(32), nullable=False),
    Column("site_id", Integer, nullable=False),  # two sites may have totes of one code
    Column("at", Float, nullable=False),
    Column("actor", String(120), nullable=False),
    Index(None, "tote"),
)
"""Which tote carries which order from the slip-and-tote scan until the order is packed."""
