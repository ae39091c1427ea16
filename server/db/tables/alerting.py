"""Alerts on their way to people."""

from sqlalchemy import JSON, Column, Float, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from server.db.tables.base import Big, metadata

alert = Table(
    "alert",
    metadata,
    Column("id", Big, primary_key=True),
    Column("incident_id", ForeignKey("incident.id"), nullable=False),
    Column("route", String(64), nullable=False),  # its name in server.toml; empty: no route wants it
    Column("content", JSON, nullable=False),  # what is said, as it was when the incident opened
    Column("state", String(16), nullable=False),  # waiting | sent | none (no route wants it)
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_at", Float, nullable=False),
    Column("claimed_until", Float, nullable=False, server_default="0"),
    Column("created_at", Float, nullable=False),
    Column("sent_at", Float),
    Column("trouble", Text, nullable=False, server_default=""),
    UniqueConstraint("incident_id", "route"),
    Index(None, "state", "next_at"),
)
"""One row for each incident and each route that wants it: it waits for as long as it takes."""
