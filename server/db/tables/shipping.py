"""Carrier accounts, and what was paid for labels."""

from sqlalchemy import JSON, Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, true

from server.db.tables.base import metadata

carrier_account = Table(
    "carrier_account",
    metadata,
    Column("code", String(32), primary_key=True),
    Column("name", String(120), nullable=False),
    Column("provider", String(32), nullable=False),  # a module of server.carriers
    Column("settings", JSON, nullable=False),
    Column("max_grams", Integer),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("denied_at", Float),  # since when the carrier does not let us in
    Column("checked_at", Float),
)

carrier_memory = Table(
    "carrier_memory",
    metadata,
    Column("carrier", String(32), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("at", Float, nullable=False),
)
"""What a provider remembers between calls: tokens, ids of the carrier."""

parcel_label = Table(
    "parcel_label",
    metadata,
    Column("parcel_id", ForeignKey("parcel.id"), primary_key=True),
    Column("carrier", String(32), nullable=False),
    Column("shipment_id", Text, nullable=False, server_default=""),  # the carrier's own, however long
    Column("cost", String(24), nullable=False),  # a decimal number
    Column("currency", String(3), nullable=False),
    Column("bought_at", Float, nullable=False),
    Column("format", String(8), nullable=False, server_default=""),  # of the carrier's own label; empty: we draw it
    Column("data", LargeBinary),  # personal: erased with the address
    Column("void_state", String(16), nullable=False, server_default=""),  # wanted | asking | pending | voided | refused
    Column("void_asked_at", Float),  # first
    Column("void_next_at", Float),  # None: nothing more to ask
    Column("void_tries", Integer, nullable=False, server_default="0"),
    Column("void_text", Text, nullable=False, server_default=""),
    Column("void_done_at", Float),  # the carrier confirmed it: its cost came back
    Index(None, "void_next_at"),
    Index(None, "void_state"),
)
"""The purchase of each label, and what became of the wish to void it."""

label_intent = Table(
    "label_intent",
    metadata,
    Column("parcel_id", ForeignKey("parcel.id"), primary_key=True),
    Column("asked_at", Float, nullable=False),  # somebody began to ask the carrier, the last time
    Column("unsure_since", Float),  # a label may be bought for all we know; None: none is
    Column("next_at", Float),  # when it is looked into; None: a person must find out
    Column("tries", Integer, nullable=False, server_default="0"),
    Index(None, "next_at"),
)
"""A purchase that was begun and is not written down: here from before the carrier is asked until its answer is kept."""
