"""Who packed a box, who checked it, at which bench, with which scans (AUD-04)."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from server.db import parcels
from server.db.audit_events import Happening
from server.domain.errors import DomainError
from server.usecases.record.timeline import TimelineRow, of_parcel, told


@dataclass(frozen=True, slots=True)
class Hand:
    """Somebody did something to the box. ``at`` in seconds since the epoch."""

    what: str
    who: str
    bench: str
    at: float


@dataclass(frozen=True, slots=True)
class Package:
    """One box. ``hands``: packed, labelled, checked, loaded, each with the first time it was done by each person."""

    parcel: str
    tracking: str
    hands: tuple[Hand, ...]
    scans: tuple[TimelineRow, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    def lines(self) -> Iterator[str]:
        """For a person."""
        yield f"parcel {self.parcel} tracking {self.tracking}"
        yield from (f"{h.what:<9} {_clock(h.at)}  {h.who or 'nobody known':<18} {h.bench}" for h in self.hands)
        yield from (
            f"scan      {_clock(s.at)}  {s.who or 'nobody known':<18} {s.where:<12} {s.what}" for s in self.scans
        )


_DONE = {"label.bought": "labelled", "parcel.ready": "checked", "parcel.loaded": "loaded"}
"""Checked: the label that is on the box was scanned back, after its content was complete."""


def package(connection: Connection, ref: str) -> Package:
    """The box with this id or tracking number; raise DomainError("not_found")."""
    parcel = parcels.known_to(connection, ref) or parcels.by_code(connection, ref.strip())
    if parcel is None:
        raise DomainError("not_found", f"there is no parcel {ref.strip()[:64]!r}")
    rows = of_parcel(connection, parcel)
    hands: dict[tuple[str, str, str], Hand] = {}
    for row in rows:
        if (what := _did(row)) is not None:
            hands.setdefault((what, row.who, row.bench), Hand(what, row.who, row.bench, row.at))
    scans = tuple(told(row) for row in rows if row.event is None and row.what.startswith(("bench.", "dock.")))
    return Package(parcel.id, parcel.tracking, tuple(hands.values()), scans)


def _did(row: Happening) -> str | None:
    packed = row.what == "bench.scan" and row.sku and row.detail["verdict"] == "ok"
    return "packed" if packed else _DONE.get(row.what)


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().isoformat(sep=" ", timespec="milliseconds")
