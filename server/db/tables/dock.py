"""What a load's plan names, what stands beside it, and whether its carrier knows of it."""

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, false

from server.db.tables.base import Big, metadata

load_plan = Table(
    "load_plan",
    metadata,
    Column("id", Big, primary_key=True),
    Column("load_id", String(32), nullable=False),
    Column("order_id", ForeignKey("orders.id")),
    Column("parcel_id", String(32)),
    Index(None, "load_id"),
    Index(None, "order_id"),
    Index(None, "parcel_id"),
)
"""Orders and parcels that a planned load names, one of the two in each row; those of closed loads mean nothing."""

load_mark = Table(
    "load_mark",
    metadata,
    Column("load_id", String(32), primary_key=True),
    Column("parcel_id", String(32), primary_key=True),
    Column("kind", String(16), primary_key=True),  # aside (must not be on it) | remains (at the dock)
    Column("reason", String(32), nullable=False, server_default=""),
    Column("at", Float, nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("done_at", Float),
    Column("done_by", Integer),
    Column("done_how", String(16), nullable=False, server_default=""),  # scanned | loaded | supervisor | left
    Index(None, "parcel_id"),
)
"""Parcels that were refused here, and those scanned as remaining."""

load_cancel = Table(
    "load_cancel",
    metadata,
    Column("load_id", String(32), primary_key=True),
    Column("parcel_id", String(32), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("of", Integer, nullable=False),  # parcels on the load when it was cancelled
    Column("loaded_at", Float, nullable=False),
    Column("person_id", Integer, nullable=False),  # who loaded it
    Column("at", Float, nullable=False),
    Column("answer", String(16), nullable=False, server_default=""),  # pulled | unreachable
    Column("answered_at", Float),
    Column("answered_by", Integer),
)
"""Parcels that were cancelled while they were on a load, and what became of them."""

pallet_parcel = Table(
    "pallet_parcel",
    metadata,
    Column("parcel_id", String(32), primary_key=True),  # a parcel is on one pallet
    Column("sscc", String(18), nullable=False),
    Column("at", Float, nullable=False, server_default="0"),  # when somebody said so
    Index(None, "sscc"),
)

load_close = Table(
    "load_close",
    metadata,
    Column("load_id", String(32), primary_key=True),
    Column("carrier", String(32), nullable=False),
    Column("state", String(16), nullable=False),  # asking | pending | closed | refused
    Column("reference", String(255), nullable=False, server_default=""),
    Column("text", Text, nullable=False, server_default=""),
    Column("next_at", Float),  # None: nothing more to ask
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("left_out", JSON, nullable=False, server_default="[]"),  # tracking numbers
    Column("format", String(8), nullable=False, server_default=""),  # of the carrier's own paper
    Column("paper", LargeBinary),
    Column("done_at", Float),
    Index(None, "next_at"),
)
"""What the carrier was told of a closed load (SCAN form, ground close), and what it said."""

dock_rule = Table(
    "dock_rule",
    metadata,
    Column("site_id", ForeignKey("site.id"), primary_key=True, autoincrement=False),
    Column("no_dock_scan", Boolean, nullable=False, server_default=false()),
    Column("sscc_prefix", String(12), nullable=False, server_default=""),  # of GS1; empty: it numbers no pallets
    Column("sscc_next", Big, nullable=False, server_default="0"),
)
"""How the dock of a site works, where it is not the usual way."""
