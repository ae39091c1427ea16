"""Which way parcels take: the rules, every choice with what it weighed, and the prices that are remembered."""

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table

from server.db.tables.base import Big, metadata

rate_rules = Table(
    "rate_rules",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("rules", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("at", Float, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("reason", String(255), nullable=False, server_default=""),
)

rate_decision = Table(
    "rate_decision",
    metadata,
    Column("id", Big, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("box_no", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Column("order_version", Integer, nullable=False),
    Column("site_id", Integer, nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("grams", Integer),
    Column("decision", JSON, nullable=False),  # the domain Decision: need, offers with verdicts, what was chosen
    Column("carrier", String(32), nullable=False, server_default=""),  # empty: it has no way
    Column("service", String(64), nullable=False, server_default=""),
    Column("by", String(8), nullable=False),  # live | cached | own | none
    Column("currency", String(3), nullable=False, server_default=""),
    Column("price", String(24)),  # a decimal number, as the others
    Column("default_price", String(24)),  # the default provider's cheapest qualifying offer
    Column("used_at", Float),  # when a label was asked for by it
    Index(None, "order_id", "box_no"),
    Index(None, "used_at"),
)

rate_quote = Table(
    "rate_quote",
    metadata,
    Column("account", String(32), primary_key=True),
    Column("service", String(64), primary_key=True),
    Column("zone", String(8), primary_key=True),  # country and the first letters of the postcode
    Column("weight_class", Integer, primary_key=True, autoincrement=False),  # its upper grams; 0: not known
    Column("size", String(32), primary_key=True),  # of its box: 300x200x100, in mm; empty: not known
    Column("site_id", Integer, primary_key=True, autoincrement=False),  # where it leaves from
    Column("price", String(24), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("name", String(120), nullable=False, server_default=""),
    Column("days", Integer),
    Column("at", Float, nullable=False),
)
"""The last price each account named for a zone, weight and size; used while it does not answer (RAT-06)."""
