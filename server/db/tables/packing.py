"""Sessions, parcels and loads."""

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
    false,
    text,
    true,
)

from server.db.tables.base import Big, metadata

ALLOTTED = text("state = 'allotted'")
"""An order has at most one label that was allotted beforehand and is neither used nor void."""

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
    Column("stop_says", JSON),  # the same as facts, for a bench that says it in the language of its packer
    Column("box_waits", Boolean, nullable=False, server_default=false()),  # with its goods, for the next bench
    Column("folded", JSON),  # the domain Session after last_seq, so that no batch of scans replays the whole log
    Index(None, "order_id"),
    Index(None, "bench_id", "state"),
)

lease = Table(
    "lease",
    metadata,
    Column("order_id", ForeignKey("orders.id"), primary_key=True, autoincrement=False),
    Column("bench_id", ForeignKey("bench.id"), nullable=False),
    Column("version", Integer, nullable=False),  # of the order, as it was given
    Column("since", Float, nullable=False),
    Column("until", Float, nullable=False),
    Column("given", JSON, nullable=False),  # the domain PackOrder, by which that bench may pack it with no server
    Index(None, "bench_id"),
)
"""Orders a bench may open by itself while the server is away."""

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
    Column("session_id", ForeignKey("pack_session.id")),  # empty: somebody else's warehouse packed it
    Column("box_no", Integer, nullable=False, server_default="1"),  # of its order, from 1
    Column("contents", JSON),  # units by SKU, of one box among several
    Column("site_id", ForeignKey("site.id"), nullable=False),
    Column("carrier", String(32), nullable=False),
    Column("service", String(64), nullable=False),
    Column("tracking", String(64), unique=True),
    Column("purchase", String(16), nullable=False),  # allotted (to a bench, beforehand) | intent | bought
    Column("state", String(16), nullable=False),  # a domain ParcelState
    Column("weight_grams", Integer),
    Column("box_type", String(32)),  # the code of its box, by which its carrier is told how large it is
    Column("bought_at", Float),
    Column("ready_at", Float),
    Column("reprints", Integer, nullable=False, server_default="0"),
    Column("cancelled_at", Float),
    Column("void_wanted_at", Float),  # its label must not live on
    Column("void_reason", String(120), nullable=False, server_default=""),
    Column("allotted_to", ForeignKey("bench.id")),  # its label was given to this bench beforehand,
    Column("allotted_version", Integer),  # for the order in this version
    UniqueConstraint("session_id", "box_no"),
    Index(None, "site_id", "state"),
    Index(None, "order_id"),
    Index("ix_parcel_allotted", "order_id", unique=True, postgresql_where=ALLOTTED, sqlite_where=ALLOTTED),
)

load = Table(
    "load",
    metadata,
    Column("number", Big, primary_key=True),
    Column("id", String(32), unique=True),
    Column("site_id", ForeignKey("site.id"), nullable=False),
    Column("carrier", String(32), nullable=False),
    Column("services", JSON, nullable=False, server_default="[]"),  # it takes; none named: all of its carrier
    Column("trailer", String(64), nullable=False, server_default=""),
    Column("driver", String(120), nullable=False, server_default=""),
    Column("cut_off", Float),
    Column("listed", Boolean, nullable=False, server_default=false()),  # it takes what load_plan names and no other
    Column("client_key", String(36), unique=True),  # of a load that a dock began with no network
    Column("follows", String(32), nullable=False, server_default=""),  # the load that left without what is on this one
    Column("bench_id", Integer),  # where it is loaded
    Column("opened_at", Float),  # empty while it is only planned
    Column("closing_at", Float),  # since when somebody has its summary on a screen
    Column("closed_at", Float),
    Column("closed_by", Integer),
    Column("cancels_known_at", Float),  # of a load closed with no network: the dock knew of cancels up to then
    Column("left_reason", String(16), nullable=False, server_default=""),  # a domain LeftReason
    Column("left_words", String(300), nullable=False, server_default=""),
    Column("manifest", JSON),
    Index(None, "closed_at"),
    Index(None, "site_id", "carrier", "closed_at"),
)

load_parcel = Table(
    "load_parcel",
    metadata,
    Column("parcel_id", String(32), primary_key=True),  # a parcel is on one load
    Column("load_id", String(32), nullable=False),
    Column("loaded_at", Float, nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("bench_id", Integer, nullable=False),
    Column("position", Integer, nullable=False, server_default="0"),  # in the order of loading, from 1
    Column("assumed", Boolean, nullable=False, server_default=false()),  # by a supervisor's word, not by a scan
    Index(None, "load_id"),
)

dock_event = Table(
    "dock_event",
    metadata,
    Column("dock_session", String(36), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),  # 0: the scan; from 1 on: parcels of its pallet
    Column("load_id", String(32), nullable=False),
    Column("bench_id", Integer, nullable=False),
    Column("person_id", Integer, nullable=False),
    Column("at", Float, nullable=False),
    Column("received_at", Float, nullable=False),
    Column("raw", Text, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("bench_reason", String(32), nullable=False),
    Column("parcel_id", String(32)),
    Column("mode", String(16), nullable=False, server_default="load"),  # a domain DockMode
    Index(None, "load_id"),
    Index(None, "parcel_id"),
)

order_note = Table(
    "order_note",
    metadata,
    Column("id", Big, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False),
    Column("scope", String(16), nullable=False),  # order | shipment | box
    Column("text", String(500), nullable=False),
    Column("at", Float, nullable=False),
    Column("actor", String(120), nullable=False),
    Index(None, "order_id"),
)
"""What people of the house want to be read and confirmed before the label."""

packing_insert = Table(
    "packing_insert",
    metadata,
    Column("id", Big, primary_key=True),
    Column("profile", String(64), nullable=False),  # of orders.packing_profile
    Column("text", String(255), nullable=False),
    Column("code", String(64), nullable=False, server_default=""),  # printed on it; empty: none
    Column("active", Boolean, nullable=False, server_default=true()),
    UniqueConstraint("profile", "text"),
)
"""What a channel wants in each of its boxes."""

sku_weight = Table(
    "sku_weight",
    metadata,
    Column("sku", ForeignKey("product.sku"), primary_key=True),
    Column("boxes", Integer, nullable=False),
    Column("mean", Float, nullable=False),  # grams of one unit
    Column("squares", Float, nullable=False),  # sum of squared differences from the mean
    Column("at", Float, nullable=False),
)
"""Learned from boxes with one SKU whose weight was right."""
