"""Counters, the ledger behind them, and the holds and reservations that claim units."""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Sequence,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from server.db.tables.base import Big, metadata

stock = Table(
    "stock",
    metadata,
    Column("sku", ForeignKey("product.sku"), primary_key=True),
    Column("site_id", ForeignKey("site.id"), primary_key=True),
    Column("lot", String(64), primary_key=True),  # empty for products without lots
    Column("on_hand", Integer, nullable=False, server_default="0"),
    Column("reserved", Integer, nullable=False, server_default="0"),  # by orders that have not left
    Column("held", Integer, nullable=False, server_default="0"),  # by checkouts
    Column("in_transit", Integer, nullable=False, server_default="0"),  # on their way to this site, not sellable
    Column("expires_on", String(10), nullable=False, server_default=""),
    Column("safety", Integer, nullable=False, server_default="0"),  # threshold of this site, on the row without a lot
    Column("bin", String(32), nullable=False, server_default=""),
    CheckConstraint(
        "0 <= reserved AND 0 <= held AND 0 <= in_transit AND reserved + held <= on_hand", name="claimed_within_on_hand"
    ),
    postgresql_with={"fillfactor": "50"},
)
"""The counters are sums of the ledger, kept so that a sale needs none. fillfactor leaves room to update in place."""

ledger = Table(
    "ledger",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),
    Column("at", Float, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("sku", String(64), nullable=False),
    Column("site_id", Integer, nullable=False),
    Column("lot", String(64), nullable=False),
    Column("d_on_hand", Integer, nullable=False),
    Column("d_reserved", Integer, nullable=False),
    Column("d_held", Integer, nullable=False),
    Column("d_transit", Integer, nullable=False),
    Column("order_id", Big),
    Column("hold_id", Big),
    Column("channel_id", Integer),
    Column("actor", String(120), nullable=False),
    Column("reason", String(255), nullable=False),
    Index(None, "sku", "id"),
    Index(
        "ix_ledger_order_id",
        "order_id",
        postgresql_where=text("order_id IS NOT NULL"),
        sqlite_where=text("order_id IS NOT NULL"),
    ),
    Index(
        "ix_ledger_hold_id",
        "hold_id",
        postgresql_where=text("hold_id IS NOT NULL"),
        sqlite_where=text("hold_id IS NOT NULL"),
    ),
)
"""Append-only. Its ids and those of ``audit`` are of one series: an id is one event of the book."""

batch = Table(
    "batch",
    metadata,
    Column("seq", Big, primary_key=True, autoincrement=False),
    Column("first_id", Big, nullable=False, unique=True),
    Column("last_id", Big, nullable=False),
    Column("at", Float, nullable=False),
    Column("events", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)
"""One for each block of event ids of a committed transaction; ``seq`` is the order of the commits."""

chain_head = Table(
    "chain_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Big, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("last_id", Big, nullable=False),
)
"""One row: where the chain ends. Its lock is the last one a transaction takes."""

event_block = Sequence("event_block", start=1, metadata=metadata)
"""PostgreSQL only: each number is a block of event ids."""

hold = Table(
    "hold",
    metadata,
    Column("id", Big, primary_key=True),
    Column("channel_id", Integer, nullable=False),
    Column("key", String(120), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("state", String(16), nullable=False),  # held | confirmed | refused | released | expired | used
    Column("answer", Text, nullable=False),
    Column("at", Float, nullable=False),
    Column("expires_at", Float),
    Column("order_id", Big),
    UniqueConstraint("channel_id", "key"),
    Index(
        "ix_hold_expiring", "expires_at", postgresql_where=text("state = 'held'"), sqlite_where=text("state = 'held'")
    ),
)
"""A checkout's claim and the answer it got: also the memory that makes a repeated request harmless."""

hold_line = Table(
    "hold_line",
    metadata,
    Column("hold_id", Big, primary_key=True, autoincrement=False),
    Column("sku", String(64), primary_key=True),
    Column("site_id", Integer, primary_key=True),
    Column("lot", String(64), primary_key=True),
    Column("quantity", Integer, nullable=False),
    CheckConstraint("quantity > 0", name="quantity"),
)

reservation = Table(
    "reservation",
    metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("sku", String(64), primary_key=True),
    Column("site_id", Integer, primary_key=True),
    Column("lot", String(64), primary_key=True),
    Column("quantity", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # reserved | released | shipped | put_back
    CheckConstraint("quantity > 0", name="quantity"),
    Index(
        "ix_reservation_live",
        "sku",
        "site_id",
        "lot",
        postgresql_where=text("state = 'reserved'"),
        sqlite_where=text("state = 'reserved'"),
    ),
)

channel_use = Table(
    "channel_use",
    metadata,
    Column("sku", String(64), primary_key=True),
    Column("channel_id", Integer, primary_key=True),
    Column("used", Integer, nullable=False),
)
"""Units a channel took since its share began, under the lock of the stock rows; only for SKUs with shares."""

stale = Table(
    "stale",
    metadata,
    Column("sku", String(64), primary_key=True),
    Column("mark", Big, nullable=False),  # another number each time, so that a mark made meanwhile is not taken away
    Column("cause", Big),  # audit event
)
"""SKUs whose published numbers must be computed again although no counter moved."""

allocation_rule = Table(
    "allocation_rule",
    metadata,
    Column("id", Big, primary_key=True),
    Column("channel", String(32), nullable=False),  # empty: every channel
    Column("sku", String(64), nullable=False),  # empty: see grp
    Column("grp", String(64), nullable=False),  # a product category; empty with an empty sku: all
    Column("kind", String(16), nullable=False),
    Column("params", JSON, nullable=False),
    Column("starts_at", Float),
    Column("ends_at", Float),
    Column("owner", String(120), nullable=False),
    Column("reason", String(255), nullable=False, server_default=""),
    Column("at", Float, nullable=False),
    Column("ended_at", Float),
)

inbound = Table(
    "inbound",
    metadata,
    Column("id", Big, primary_key=True),
    Column("ref", String(64), nullable=False),  # purchase order or advice
    Column("sku", String(64), nullable=False),
    Column("site_id", Integer, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("received", Integer, nullable=False, server_default="0"),
    Column("expected_at", Float),
    UniqueConstraint("ref", "sku", "site_id"),
    Index(None, "sku"),
)

transfer = Table(
    "transfer",
    metadata,
    Column("id", Big, primary_key=True),
    Column("from_site", Integer, nullable=False),
    Column("to_site", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # a domain TransferState
    Column("at", Float, nullable=False),
    Column("dispatched_at", Float),
    Column("received_at", Float),
    Column("actor", String(120), nullable=False),
)

transfer_line = Table(
    "transfer_line",
    metadata,
    Column("transfer_id", Big, primary_key=True, autoincrement=False),
    Column("sku", String(64), primary_key=True),
    Column("lot", String(64), primary_key=True),
    Column("planned", Integer, nullable=False),
    Column("dispatched", Integer, nullable=False, server_default="0"),
    Column("received", Integer, nullable=False, server_default="0"),
    Column("lost", Integer, nullable=False, server_default="0"),
    Column("found", Integer, nullable=False, server_default="0"),  # came though nobody had scanned it out
)

kit_build = Table(
    "kit_build",
    metadata,
    Column("id", Big, primary_key=True),
    Column("sku", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("site_id", Integer, nullable=False),
    Column("lot", String(64), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("left", Integer, nullable=False),  # not taken apart again
    Column("consumed", JSON, nullable=False),  # [[sku, lot, units]] that are still in them
    Column("at", Float, nullable=False),
    Column("actor", String(120), nullable=False),
    Index(None, "sku", "site_id", "lot"),
)

goods_request = Table(
    "goods_request",
    metadata,
    Column("key", String(120), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("answer", JSON, nullable=False),
    Column("at", Float, nullable=False),
)
"""What goods movements were asked for under a key: a bench may send its scan again after a lost answer."""


serial_unit = Table(
    "serial_unit",
    metadata,
    Column("sku", String(64), primary_key=True),
    Column("serial", String(64), primary_key=True),
    Column("site_id", Integer),
    Column("state", String(16), nullable=False),  # in_stock | in_transit | packed | shipped | written_off
    Column("order_id", Big),  # in whose box it lies or left; of one that came back, from whose it came
    Column("box_no", Integer),  # of its order, from 1
    Column("at", Float, nullable=False),
    Index(None, "order_id"),
    Index(None, "serial"),
)
