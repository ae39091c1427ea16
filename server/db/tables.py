"""Every table. Site, time zone and business day are in the first ones; personal data live in ``recipient`` alone.

Times are seconds since the epoch (float), quantities are units, weights grams, money minor units with a currency.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite counts only INTEGER primary keys by itself.
Big = BigInteger().with_variant(Integer, "sqlite")

setting = Table("setting", metadata, Column("key", String(64), primary_key=True), Column("value", Text, nullable=False))

site = Table(
    "site",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(32), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("rank", Integer, nullable=False, server_default="0"),
    Column("address", JSON, nullable=False),
)

# --- people and benches ---------------------------------------------------------------------------------------------

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("roles", String(120), nullable=False),
    Column("badge_digest", String(64), unique=True),
    Column("login", String(64), unique=True),
    Column("password_hash", String(255)),
    Column("active", Boolean, nullable=False, server_default=true()),
)

web_session = Table(
    "web_session",
    metadata,
    Column("token_digest", String(64), primary_key=True),
    Column("person_id", ForeignKey("person.id")),  # empty: a wall screen's read-only token
    Column("kind", String(16), nullable=False),  # person | wall
    Column("name", String(64), nullable=False, server_default=""),
    Column("expires_at", Float),
    Column("revoked", Boolean, nullable=False, server_default=false()),
)

bench = Table(
    "bench",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("site_id", ForeignKey("site.id"), nullable=False),
    Column("token_digest", String(64), unique=True),
    Column("join_digest", String(64), unique=True),
    Column("join_expires_at", Float),
    Column("enrolled_at", Float),
    Column("revoked", Boolean, nullable=False, server_default=false()),
)

bench_state = Table(
    "bench_state",
    metadata,
    Column("bench_id", ForeignKey("bench.id"), primary_key=True),
    Column("seen_at", Float, nullable=False),
    Column("clock_offset", Float, nullable=False),
    Column("beat", JSON, nullable=False),
)

# --- catalogue and stock --------------------------------------------------------------------------------------------

product = Table(
    "product",
    metadata,
    Column("sku", String(64), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("variant", String(120), nullable=False, server_default=""),
    Column("weight_grams", Integer),
)

product_code = Table(
    "product_code",
    metadata,
    Column("code", String(96), primary_key=True),
    Column("sku", ForeignKey("product.sku"), primary_key=True),
    Column("units", Integer, nullable=False),
    CheckConstraint("units > 0", name="units"),
)

box_type = Table(
    "box_type",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("length_mm", Integer),
    Column("width_mm", Integer),
    Column("height_mm", Integer),
    Column("tare_grams", Integer),
)

stock = Table(
    "stock",
    metadata,
    Column("sku", ForeignKey("product.sku"), primary_key=True),
    Column("site_id", ForeignKey("site.id"), primary_key=True),
    Column("on_hand", Integer, nullable=False),
    Column("reserved", Integer, nullable=False),
    Column("bin", String(32), nullable=False, server_default=""),
    CheckConstraint("0 <= reserved AND reserved <= on_hand", name="reserved_within_on_hand"),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Big, primary_key=True),
    Column("at", Float, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("sku", String(64), nullable=False),
    Column("site_id", Integer, nullable=False),
    Column("d_on_hand", Integer, nullable=False),
    Column("d_reserved", Integer, nullable=False),
    Column("order_id", Big),
    Column("audit_id", Big, nullable=False),
    Index(None, "sku", "id"),
    Index(None, "order_id"),
)

# --- channels and orders --------------------------------------------------------------------------------------------

channel = Table(
    "channel",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(32), nullable=False, unique=True),
    Column("kind", String(32), nullable=False),
    Column("name", String(120), nullable=False),
    Column("settings", JSON, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("failures", Integer, nullable=False, server_default="0"),  # in a row; a success sets it to 0
)

order = Table(
    "orders",
    metadata,
    Column("id", Big, primary_key=True),
    Column("number", String(32), unique=True),
    Column("channel_id", ForeignKey("channel.id"), nullable=False),
    Column("channel_order_id", String(120), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("site_id", ForeignKey("site.id")),
    Column("carrier", String(32), nullable=False),
    Column("service", String(64), nullable=False),
    Column("paid", Boolean, nullable=False),
    Column("ship_by", Float),
    Column("placed_at", Float, nullable=False),
    Column("received_at", Float, nullable=False),
    Column("held_because", String(64), nullable=False, server_default=""),
    UniqueConstraint("channel_id", "channel_order_id"),
    Index(None, "status", "ship_by"),
)

order_line = Table(
    "order_line",
    metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("line_no", Integer, primary_key=True),
    Column("channel_sku", String(120), nullable=False),
    Column("sku", String(64)),
    Column("title", String(255), nullable=False, server_default=""),
    Column("quantity", Integer, nullable=False),
    CheckConstraint("quantity > 0", name="quantity"),
)

recipient = Table(
    "recipient",
    metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("address", JSON, nullable=False),
    Column("contact", JSON, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("raw", JSON, nullable=False),
    Column("erased_at", Float),
)
"""The only table with a buyer's personal data; erasing or encrypting happens here."""

reservation = Table(
    "reservation",
    metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True),
    Column("sku", String(64), primary_key=True),
    Column("site_id", Integer, primary_key=True),
    Column("quantity", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # reserved | released | shipped
)

# --- packing --------------------------------------------------------------------------------------------------------

pack_session = Table(
    "pack_session",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("order_version", Integer, nullable=False),
    Column("bench_id", ForeignKey("bench.id"), nullable=False),
    Column("person_id", ForeignKey("person.id"), nullable=False),
    Column("state", String(16), nullable=False),  # a domain Phase
    Column("stop", String(32)),
    Column("opened_at", Float, nullable=False),
    Column("closed_at", Float),
    Column("last_seq", Integer, nullable=False),
    Column("stop_detail", Text, nullable=False, server_default=""),
    Column("folded", JSON),  # the domain Session after last_seq, so that no batch of scans replays the whole log
    Index(None, "order_id"),
    Index(None, "bench_id", "state"),
)

pack_event = Table(
    "pack_event",
    metadata,
    Column("session_id", ForeignKey("pack_session.id"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("at", Float, nullable=False),
    Column("received_at", Float, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("raw", Text, nullable=False),
    Column("reason", String(32), nullable=False),  # the server's verdict
    Column("bench_reason", String(32), nullable=False),
    Column("units", Integer, nullable=False),
    Column("sku", String(64)),
    Column("event", JSON, nullable=False),  # the whole wire event
    Index(None, "received_at"),
)

parcel = Table(
    "parcel",
    metadata,
    Column("number", Big, primary_key=True),
    Column("id", String(32), unique=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("session_id", ForeignKey("pack_session.id"), nullable=False, unique=True),
    Column("site_id", ForeignKey("site.id"), nullable=False),
    Column("carrier", String(32), nullable=False),
    Column("service", String(64), nullable=False),
    Column("tracking", String(64), unique=True),
    Column("purchase", String(16), nullable=False),  # intent | bought
    Column("state", String(16), nullable=False),  # a domain ParcelState
    Column("weight_grams", Integer),
    Column("bought_at", Float),
    Column("ready_at", Float),
    Column("reprints", Integer, nullable=False, server_default="0"),
    Column("cancelled_at", Float),
    Index(None, "site_id", "state"),
    Index(None, "order_id"),
)

# --- dock -----------------------------------------------------------------------------------------------------------

load = Table(
    "load",
    metadata,
    Column("number", Big, primary_key=True),
    Column("id", String(32), unique=True),
    Column("site_id", ForeignKey("site.id"), nullable=False),
    Column("carrier", String(32), nullable=False),
    Column("open_key", String(64), unique=True),  # site and carrier while open, so that there is one open load of each
    Column("opened_at", Float, nullable=False),
    Column("closed_at", Float),
    Column("closed_by", Integer),
    Column("manifest", JSON),
)

load_parcel = Table(
    "load_parcel",
    metadata,
    Column("parcel_id", String(32), primary_key=True),  # a parcel is on one load
    Column("load_id", String(32), nullable=False),
    Column("loaded_at", Float, nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("bench_id", Integer, nullable=False),
    Index(None, "load_id"),
)

dock_event = Table(
    "dock_event",
    metadata,
    Column("dock_session", String(36), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("load_id", String(32), nullable=False),
    Column("bench_id", Integer, nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Column("received_at", Float, nullable=False),
    Column("raw", Text, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("bench_reason", String(32), nullable=False),
    Column("parcel_id", String(32)),
    Index(None, "load_id"),
    Index(None, "parcel_id"),
)

# --- outside and afterwards -----------------------------------------------------------------------------------------

outbox = Table(
    "outbox",
    metadata,
    Column("id", Big, primary_key=True),
    Column("channel_id", ForeignKey("channel.id"), nullable=False),
    Column("kind", String(16), nullable=False),  # stock | shipment
    Column("key", String(96), nullable=False),  # SKU or parcel id
    Column("version", Big, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("state", String(16), nullable=False),  # waiting | sent
    Column("sent_version", Big, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Float, nullable=False),
    Column("claimed_until", Float, nullable=False, server_default="0"),
    Column("created_at", Float, nullable=False),
    Column("sent_at", Float),
    Column("rank", Integer, nullable=False, server_default="1"),  # 0 leaves first: nothing left of this SKU
    Column("caused_by", Big),  # audit row of the newest version
    UniqueConstraint("channel_id", "kind", "key"),
    Index(None, "state", "next_at"),
)
"""One row per (channel, kind, key): a new stock number replaces the old one and raises ``version``."""

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
    Column("caused_by", Big),  # audit row
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
    Column("id", Big, primary_key=True),
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
