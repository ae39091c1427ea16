"""Channels and orders. A buyer's personal data live in ``recipient`` alone."""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from server.db.tables.base import Big, metadata

channel = Table(
    "channel",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(32), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("name", String(120), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("policy", JSON, nullable=False, server_default="{}"),  # see domain.policies
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row; a success sets it to 0
)

listing = Table(
    "listing",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True, autoincrement=False),
    Column("ref", String(120), primary_key=True),  # the platform's own id
    Column("channel_sku", String(120), nullable=False),
    Column("sku", ForeignKey("product.sku")),  # what it means; empty: nobody said yet
    Column("gtin", String(14), nullable=False, server_default=""),
    Column("title", String(255), nullable=False, server_default=""),
    Column("data", JSON, nullable=False),  # what the adapter needs to find it again
    Column("live", Integer),  # the platform's number when it was read last
    Column("live_at", Float),
    Column("seen_at", Float, nullable=False),
    Column("gone", Boolean, nullable=False, server_default=false()),  # not on sale there any more
    Index(None, "channel_id", "sku"),
)
"""What a platform sells of us. Only what is listed there is told to it."""

MIXED_CASE = text("channel_order_id <> lower(channel_order_id) AND channel_order_id <> upper(channel_order_id)")
"""Few channels have such ids; of all others every spelling is found by the unique index, and this one stays empty."""

order = Table(
    "orders",
    metadata,
    Column("id", Big, primary_key=True),
    Column("number", String(32), unique=True),
    Column("channel_id", ForeignKey("channel.id"), nullable=False),
    Column("channel_order_id", String(120), nullable=False),
    Column("part", Integer, nullable=False, server_default="1"),  # a split order is several rows, one for each parcel
    Column("parts", Integer, nullable=False, server_default="1"),
    Column("fingerprint", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("site_id", ForeignKey("site.id")),
    Column("carrier", String(32), nullable=False),
    Column("service", String(64), nullable=False),
    Column("payment", String(16), nullable=False),  # a domain Payment
    Column("amount_due", Integer),  # minor units; empty when the channel does not say
    Column("amount_paid", Integer, nullable=False, server_default="0"),
    Column("fraud", Boolean, nullable=False, server_default=false()),
    Column("fulfilment", String(16), nullable=False, server_default="own"),  # own | channel (FBA)
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("customer_value", Integer, nullable=False, server_default="0"),
    Column("ship_by", Float),
    Column("deliver_by", Float),  # the moment it was promised for
    Column("packing_profile", String(64), nullable=False, server_default="standard"),  # what the channel wants
    Column("placed_at", Float, nullable=False),
    Column("received_at", Float, nullable=False),
    Column("held_because", String(64), nullable=False, server_default=""),
    Column("cancel_reason", String(64), nullable=False, server_default=""),
    Column("cancelled_by", String(16), nullable=False, server_default=""),  # buyer | seller | channel | payment
    Column("waiting_for", String(16), nullable=False, server_default=""),  # inbound | backorder
    Column("waiting_since", Float),
    Column("decided", JSON),  # what the book decided last and why
    Column("channel_at", Float),  # the platform's time of the last change that was followed
    UniqueConstraint("channel_id", "channel_order_id", "part"),
    Index(None, "status", "ship_by"),
    Index(
        "ix_orders_mixed_case", text("lower(channel_order_id)"), postgresql_where=MIXED_CASE, sqlite_where=MIXED_CASE
    ),
)

order_line = Table(
    "order_line",
    metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("line_no", Integer, primary_key=True),
    Column("channel_sku", String(120), nullable=False),
    Column("sku", String(64)),
    Column("title", String(255), nullable=False, server_default=""),
    Column("line_id", String(64), nullable=False, server_default=""),  # the channel's own
    Column("kit_version", Integer),
    Column(
        "cancelled", Integer, nullable=False, server_default="0"
    ),  # units of ``quantity`` that are not wanted any more
    Column("substituted_for", String(64), nullable=False, server_default=""),
    Column("quantity", Integer, nullable=False),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("0 <= cancelled AND cancelled <= quantity", name="cancelled"),
)

recipient = Table(
    "recipient",
    metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("address", JSON, nullable=False),
    Column("contact", JSON, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("texts", JSON, nullable=False, server_default="{}"),  # gift: its message; personal: texts by line number
    Column("raw", JSON, nullable=False),
    Column("erased_at", Float),
)
"""A buyer's address and texts. What else may repeat them is erased with them: see server.db.erasing."""

routing_rules = Table(
    "routing_rules",
    metadata,
    Column("version", Integer, primary_key=True),
    Column("rules", JSON, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("at", Float, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("reason", String(255), nullable=False, server_default=""),
)

routing_decision = Table(
    "routing_decision",
    metadata,
    Column("id", Big, primary_key=True),
    Column("order_id", Big, nullable=False),
    Column("at", Float, nullable=False),
    Column("rule_version", Integer, nullable=False),
    Column("site_ids", JSON, nullable=False),
    Column("scored", JSON, nullable=False),  # every node with its scores, or why it was rejected
    Index(None, "order_id"),
)

routing_override = Table(
    "routing_override",
    metadata,
    Column("id", Big, primary_key=True),
    Column("order_id", Big, nullable=False),
    Column("from_site", Integer),
    Column("to_site", Integer, nullable=False),
    Column("rule", String(64), nullable=False),
    Column("person", String(120), nullable=False),
    Column("reason", String(255), nullable=False),
    Column("at", Float, nullable=False),
    Column("reviewed", Big),  # the incident that this override led to
    Index(None, "rule", "at"),
)

waiting_line = Table(
    "waiting_line",
    metadata,
    Column("order_id", Big, primary_key=True, autoincrement=False),
    Column("sku", String(64), primary_key=True),
    Column("quantity", Integer, nullable=False),
    Index(None, "sku"),
)
"""Units (of components) that waiting orders will take before any newer one; a row goes when its order is served."""

order_claim = Table(
    "order_claim",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True, autoincrement=False),
    Column("channel_order_id", String(120), primary_key=True),
    Column("kind", String(16), primary_key=True),  # a domain ClaimKind
    Column("at", Float, nullable=False),
    Column("source", String(120), nullable=False),  # "platform", or who said so
    Column("noted_at", Float, nullable=False),
    Index(None, "channel_id", "at"),
)
"""What buyers hold against orders that left."""
