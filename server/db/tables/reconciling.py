"""What platforms show against what they were told: differences, cycles of reading, reports, exposure."""

from sqlalchemy import JSON, Column, Float, ForeignKey, Index, Integer, String, Table

from server.db.tables.base import Big, metadata

deviation = Table(
    "deviation",
    metadata,
    Column("id", Big, primary_key=True),
    Column("channel_id", ForeignKey("channel.id"), nullable=False),
    Column("ref", String(120), nullable=False),  # the listing
    Column("channel_sku", String(120), nullable=False),
    Column("sku", String(64)),
    Column("state", String(16), nullable=False),  # suspect | open | fixing | closed
    Column("cause", String(16), nullable=False, server_default=""),  # a domain Cause, once it was judged
    Column("told", Integer),  # what the channel should show
    Column("live", Integer),  # what it shows; empty: gone
    Column("version", Big, nullable=False),  # of ``told``
    Column("orders", JSON, nullable=False, server_default="[]"),  # affected, by the channel's own ids
    Column("first_at", Float, nullable=False),
    Column("seen_at", Float, nullable=False),  # since when it differs as it does
    Column("judged_at", Float),
    Column("tries", Integer, nullable=False, server_default="0"),  # numbers told again
    Column("fixed_by", String(32), nullable=False, server_default=""),  # rule | person | itself
    Column("closed_at", Float),
    Column("open_key", String(160), unique=True),  # set until it is closed: one for each listing
    Index(None, "channel_id", "state"),
    Index(None, "closed_at"),
)

listing_agreed = Table(
    "listing_agreed",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True, autoincrement=False),
    Column("ref", String(120), primary_key=True),
    Column("sku", String(64), nullable=False),
    Column("version", Big, nullable=False),  # of the outbox row
    Column("units", Integer, nullable=False),
    Column("at", Float, nullable=False),
)
"""The last number that a listing was seen to show as told: evidence of what happened after it."""

reconcile_cycle = Table(
    "reconcile_cycle",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True, autoincrement=False),
    Column("began_at", Float, nullable=False, server_default="0"),
    Column("after_ref", String(120)),  # read up to here; empty: none is under way
    Column("not_before", Float, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("news_at", Float, nullable=False, server_default="0"),  # until when news of moved numbers were followed
)

channel_stale = Table(
    "channel_stale",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True, autoincrement=False),
    Column("since", Float, nullable=False),  # its first push that failed
    Column("marked_at", Float, nullable=False),  # until when the others' numbers allow for it
)
"""Channels that take nothing from us at this moment."""

exception_report = Table(
    "exception_report",
    metadata,
    Column("day", String(10), primary_key=True),
    Column("at", Float, nullable=False),
    Column("content", JSON, nullable=False),
)
"""One for each day, also when it has no rows (REC-01)."""

exposure_hour = Table(
    "exposure_hour",
    metadata,
    Column("channel_id", Integer, primary_key=True, autoincrement=False),
    Column("hour", Integer, primary_key=True, autoincrement=False),  # of the accepted delivery, since the epoch
    Column("pushes", Integer, nullable=False),
    Column("longest", Float, nullable=False),
    Column("buckets", JSON, nullable=False),  # {bucket: pushes}
)
"""Seconds from an event to the accepted push, counted: thirty days are read in one look."""
