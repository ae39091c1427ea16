"""What is said of parcels on their way, and what follows from it."""

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, false

from server.db.tables.base import Big, metadata

tracking_event = Table(
    "tracking_event",
    metadata,
    Column("id", Big, primary_key=True),
    Column("source", String(48), nullable=False),  # code of a carrier account; from:NAME; channel:CODE
    Column("key", String(64), nullable=False),  # digest of the source's own id of it, or of all it says
    Column("way", String(8), nullable=False),  # webhook | poll | outside
    Column("provider", String(48), nullable=False),  # whose words these are
    Column("tracking", String(64), nullable=False),
    Column("parcel_id", String(32)),  # empty: no parcel of ours has this number yet
    Column("at", Float, nullable=False),  # never after it was received
    Column("said_at", Float, nullable=False),  # as it came
    Column("status", String(24), nullable=False),  # a domain Status
    Column("code", String(80), nullable=False),
    Column("words", Text, nullable=False),  # may name who signed: personal
    Column("place", String(120), nullable=False),
    Column("eta", Float),
    Column("word_key", String(96), nullable=False, server_default=""),  # of words that nobody had explained
    Column("received_at", Float, nullable=False),
    Column("settle_at", Float),  # when it is looked at; empty: it is in the parcel's journey
    Index("ix_tracking_event_once", "source", "key", unique=True),
    Index(None, "settle_at"),
    Index(None, "parcel_id"),
    Index(None, "tracking"),
    Index(None, "word_key"),
)
"""The one inbox: webhook, poll and messages from outside put the same rows; the same event twice is one row."""

parcel_track = Table(
    "parcel_track",
    metadata,
    Column("parcel_id", ForeignKey("parcel.id"), primary_key=True),
    Column("handed_at", Float),  # when it left with its carrier, as we know it
    Column("status", String(24), nullable=False, server_default=""),  # a domain Status; empty: nothing was said
    Column("since", Float),
    Column("eta", Float),
    Column("first_scan_at", Float),
    Column("last_at", Float),  # newest event
    Column("delivered_at", Float),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("over", Boolean, nullable=False, server_default=false()),
    Column("raised", JSON, nullable=False, server_default="[]"),  # alarms that hold and were told: told once
    Column("look_at", Float),  # when time alone may raise an alarm
    Column("poll_at", Float),  # when its carrier is asked again; empty: it is not asked
    Column("asked_from", Float),  # when a person had its carrier asked again after long silence
    Index(None, "look_at"),
    Index(None, "poll_at"),
    Index(None, "handed_at"),
)
"""The state of each parcel that left or was scanned: always what ``journey.fold`` makes of its events."""

tracking_word = Table(
    "tracking_word",
    metadata,
    Column("provider", String(48), primary_key=True),
    Column("key", String(96), primary_key=True),  # the code, or the words without numbers
    Column("code", String(80), nullable=False),
    Column("words", Text, nullable=False),  # as they came first
    Column("first_at", Float, nullable=False),
    Column("status", String(24), nullable=False, server_default=""),  # what a person said that it means
)
"""Words that the vocabulary does not have: kept, flagged once, and explained by a person for all parcels."""

order_arrival = Table(
    "order_arrival",
    metadata,
    Column("channel_id", ForeignKey("channel.id"), primary_key=True, autoincrement=False),
    Column("channel_order_id", String(120), primary_key=True),
    Column("parcels", Integer, nullable=False),
    Column("delivered", Integer, nullable=False),
    Column("delivered_at", Float),  # set when the last of them was, and only while all are
    Index(None, "delivered_at"),
)
"""An order of a channel, with all its parts, is delivered when each of its parcels is (TRK-07)."""

tracking_case = Table(
    "tracking_case",
    metadata,
    Column("incident_id", ForeignKey("incident.id"), primary_key=True, autoincrement=False),
    Column("parcel_id", ForeignKey("parcel.id"), nullable=False),
    Column("alarm", String(24), nullable=False),  # a domain Alarm
    Column("remedy", String(16), nullable=False),  # a domain Remedy, as a proposal
    Column("why", Text, nullable=False),
    Column("text", Text, nullable=False),  # to the buyer
    Index(None, "parcel_id"),
)
"""What the order desk is proposed to do about an incident of a parcel (TRK-06)."""
