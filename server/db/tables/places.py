"""Sites, people and benches."""

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, false, true

from server.db.tables.base import metadata

site = Table(
    "site",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(32), nullable=False, unique=True),
    Column("name", String(120), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("rank", Integer, nullable=False, server_default="0"),
    Column("address", JSON, nullable=False),
    Column("kind", String(16), nullable=False, server_default="own"),  # own | 3pl | store
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("country", String(2), nullable=False, server_default=""),
    Column("postcode", String(16), nullable=False, server_default=""),
    Column("latitude", Float),
    Column("longitude", Float),
    Column("node", JSON, nullable=False, server_default="{}"),  # what routing weighs: cut-off, calendar, capacity, cost
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("roles", String(120), nullable=False),
    Column("badge_digest", String(64), unique=True),
    Column("day_badge_digest", String(64), unique=True),  # lent for the one day that follows
    Column("day_badge_day", String(10)),
    Column("pin_hash", String(255)),  # asked for after the badge; empty: the badge is enough
    Column("language", String(8), nullable=False, server_default=""),  # of the bench's screen; empty: the bench's own
    Column("theme", String(16), nullable=False, server_default=""),
    Column("login", String(64), unique=True),
    Column("password_hash", String(255)),
    Column("active", Boolean, nullable=False, server_default=true()),
)

web_session = Table(
    "web_session",
    metadata,
    Column("token_digest", String(64), primary_key=True),
    Column("person_id", ForeignKey("person.id")),  # empty: a read-only token of a wall screen or of loaders' phones
    Column("kind", String(16), nullable=False),  # person | wall | dock
    Column("name", String(64), nullable=False, server_default=""),
    Column("site_id", ForeignKey("site.id")),  # the only one that such a phone sees
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
    Column("mode", String(16), nullable=False, server_default="block"),  # a domain Mode
    Column("lease_size", Integer),  # orders it holds for when the server is away; empty: the usual number
)

bench_state = Table(
    "bench_state",
    metadata,
    Column("bench_id", ForeignKey("bench.id"), primary_key=True),
    Column("seen_at", Float, nullable=False),
    Column("clock_offset", Float, nullable=False),
    Column("beat", JSON, nullable=False),
    Column("person_id", Integer),  # who is signed in there, and since when by the server's clock
    Column("signed_in_at", Float),
    Column("paper_elsewhere", Boolean, nullable=False, server_default=false()),  # some of it comes out at other benches
    Index(None, "paper_elsewhere"),
)

paper_order = Table(
    "paper_order",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("bench_id", ForeignKey("bench.id"), nullable=False),
    Column("kind", String(32), nullable=False),  # of paper; empty: all of it
    Column("to_printer", String(200), nullable=False),  # as the bench calls it; empty: home
    Column("at", Float, nullable=False),
    Index(None, "bench_id", "at"),
)
"""What a supervisor wants of a bench's paper, until the bench has done it."""

node_day = Table(
    "node_day",
    metadata,
    Column("site_id", ForeignKey("site.id"), primary_key=True),
    Column("day", String(10), primary_key=True),  # of the site's own calendar
    Column("orders", Integer, nullable=False),
)
"""Orders routed to a node on a day: what its capacity is compared with."""
