"""What leaves for the channels, what people must look at, and the record of who did what."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from server.db.tables.base import Big, metadata

ABOUT_ORDERS = text("kind <> 'stock'")
"""Few of all rows: those with a promise to keep."""

outbox = Table(
    "outbox",
    metadata,
    Column("id", Big, primary_key=True),
    Column("channel_id", ForeignKey("channel.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # stock | shipment | split | cancel | ack
    Column("key", String(96), nullable=False),  # SKU, parcel id, order number
    Column("version", Big, nullable=False),
    Column("payload", JSON, nullable=False),
    # waiting | sent | parked (a person looks) | withdrawn (never sent) | held
    Column("state", String(16), nullable=False),
    Column("sent_version", Big, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Float, nullable=False),
    Column("claimed_until", Float, nullable=False, server_default="0"),
    Column("created_at", Float, nullable=False),
    Column("sent_at", Float),
    Column("told", Big),  # stock: the number that the channel took last
    Column("rank", Integer, nullable=False, server_default="1"),  # 0 leaves first: nothing left of this SKU
    Column("caused_by", Big),  # event of the newest version
    UniqueConstraint("channel_id", "kind", "key"),
    Index(None, "state", "next_at"),
    Index("ix_outbox_orders", "created_at", postgresql_where=ABOUT_ORDERS, sqlite_where=ABOUT_ORDERS),
)
"""One row per (channel, kind, key): a new stock number replaces the old one and raises ``version``."""

inbox = Table(
    "inbox",
    metadata,
    Column("id", Big, primary_key=True),
    Column("channel_id", ForeignKey("channel.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # order | stock | account
    Column("ref", String(120), nullable=False),  # the platform's own id
    Column("body", JSON),  # as the platform said it, where it did; erased when it was taken in
    Column("body_at", Float, nullable=False, server_default="0"),  # the platform's time of the change in it
    Column("version", Big, nullable=False),
    Column("state", String(16), nullable=False),  # waiting | done | parked
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Float, nullable=False),
    Column("heard_at", Float, nullable=False),  # of the oldest news that is not taken in
    Column("done_at", Float),
    Column("said", String(64), nullable=False, server_default=""),  # digest of the body that was taken in last
    Column("trouble", Text, nullable=False, server_default=""),
    UniqueConstraint("channel_id", "kind", "ref"),
    Index(None, "state", "next_at"),
)
"""What must be looked at: one row for each thing of a platform, however often and by whatever way we hear of it."""

channel_state = Table(
    "channel_state",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True, autoincrement=False),
    Column("owner", String(64), nullable=False, server_default=""),  # the worker that holds its line
    Column("owned_until", Float, nullable=False, server_default="0"),
    Column("live_at", Float),  # since when we look here: what had left before is none of ours
    Column("cursor", JSON, nullable=False, server_default="{}"),  # of changed orders
    Column("looked_at", Float),  # asked for changed orders, all pages
    Column("heard_at", Float),  # last message of the platform that was genuine
    Column("order_at", Float),  # last order taken in
    Column("told_at", Float),  # last push accepted
    Column("read_at", Float),  # last read-back of live numbers
    Column("look_failures", Integer, nullable=False, server_default="0"),
    Column("next_look", Float, nullable=False, server_default="0"),
    Column("next_read", Float, nullable=False, server_default="0"),
    Column("next_check", Float, nullable=False, server_default="0"),  # of the credentials
    Column("trouble", Text, nullable=False, server_default=""),  # of the last look; empty: it went well
    Column("denied_at", Float),  # since when the platform does not let us in
    Column("denied_what", String(16), nullable=False, server_default=""),  # look | tell | read | check
    Column("expires_at", Float),  # when a person must renew the connection
)
"""How it goes with each platform: written by the worker that holds its line."""

channel_memory = Table(
    "channel_memory",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True, autoincrement=False),
    Column("key", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("at", Float, nullable=False),
)
"""What an adapter remembers between calls: tokens, keys of the platform."""

delivery = Table(
    "delivery",
    metadata,
    Column("id", Big, primary_key=True),
    Column("outbox_id", ForeignKey("outbox.id"), nullable=False),
    Column("at", Float, nullable=False),
    Column("channel_id", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("key", String(96), nullable=False),
    Column("version", Big, nullable=False),
    Column("destination", String(255), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("answer", Text, nullable=False),
    Column("caused_by", Big),  # event: a row of ledger or audit
    Index(None, "kind", "key", "id"),
    Index(None, "caused_by"),
)
"""Each attempt to tell a channel something: source, time, destination, before, after, answer."""

incident = Table(
    "incident",
    metadata,
    Column("id", Big, primary_key=True),
    Column("type", String(32), nullable=False),
    Column("state", String(16), nullable=False),  # open | closed
    Column("cause", Text, nullable=False),
    Column("owner", String(32), nullable=False),
    Column("opened_at", Float, nullable=False),
    Column("deadline", Float, nullable=False),
    Column("taken_at", Float),  # since when somebody looks at it
    Column("taken_by", String(120), nullable=False, server_default=""),
    Column("closed_at", Float),
    Column("resolution", Text, nullable=False, server_default=""),
    Column("order_id", Big),
    Column("parcel_id", String(32)),
    Column("sku", String(64)),
    Column("once_key", String(160), unique=True),  # set while open, so that one trouble opens one incident
    Index(None, "state", "deadline"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Big, primary_key=True, autoincrement=False),  # see ledger
    Column("at", Float, nullable=False),
    Column("actor", String(120), nullable=False),
    Column("bench", String(64), nullable=False, server_default=""),
    Column("action", String(64), nullable=False),
    Column("request_id", String(64), nullable=False, server_default=""),
    Column("detail", JSON, nullable=False),
)

audit_subject = Table(
    "audit_subject",
    metadata,
    Column("audit_id", ForeignKey("audit.id"), primary_key=True),
    Column("kind", String(16), primary_key=True),  # order | sku | parcel | load | bench | person | incident | channel
    Column("ref", String(96), primary_key=True),
    Index(None, "kind", "ref", "audit_id"),
)

seen_webhook = Table(
    "seen_webhook",
    metadata,
    Column("channel_id", Integer, primary_key=True),
    Column("webhook_id", String(128), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("at", Float, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", Text, nullable=False),
)
