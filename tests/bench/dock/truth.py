"""What the world, the loads, the manifests and the channels say of a day, held against each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from server.db import tables
from server.db.transaction import Database
from server.domain.incidents import IncidentType
from tests.bench.dock.yard import Yard

_STOPPED = (IncidentType.INTERCEPT.value, IncidentType.VERDICTS_DIFFER.value)


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong after a day, each in words; all are empty after a good one."""

    wrong_load: tuple[str, ...]
    cancelled_handed_over: tuple[str, ...]
    told_not_loaded: tuple[str, ...]
    loaded_not_told: tuple[str, ...]
    manifest_differs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Books:
    """What the server says: parcels by their closed load, on manifests, told; and open incidents as words."""

    listed: Mapping[str, str]
    frozen: frozenset[str]
    told: frozenset[str]
    dead: Mapping[str, str]
    """Parcels whose label must not be used, with their order's status."""
    incidents: tuple[tuple[str, str, int, str], ...]
    """Type, parcel, order and cause of each that is open."""


def books(db: Database) -> Books:
    """Read it all."""
    load, on, x, p, o, i = (
        tables.load,
        tables.load_parcel,
        tables.outbox,
        tables.parcel,
        tables.order,
        tables.incident,
    )
    with db.read() as connection:
        closed = select(on.c.parcel_id, on.c.load_id).join(load, load.c.id == on.c.load_id)
        listed = connection.execute(closed.where(load.c.closed_at.is_not(None))).all()
        manifests = connection.execute(select(load.c.manifest).where(load.c.closed_at.is_not(None))).scalars()
        frozen = {line["parcel_id"] for manifest in manifests if manifest for line in manifest["lines"]}
        told = connection.execute(select(x.c.key).where(x.c.kind == "shipment", x.c.state != "cancelled")).scalars()
        dead = select(p.c.id, o.c.status).join(o, o.c.id == p.c.order_id).where(p.c.state == "cancelled")
        open_ones = select(i.c.type, i.c.parcel_id, i.c.order_id, i.c.cause).where(i.c.state == "open")
        return Books(
            {row.parcel_id: row.load_id for row in listed},
            frozenset(frozen),
            frozenset(told),
            {row.id: row.status for row in connection.execute(dead)},
            tuple((r.type, r.parcel_id or "", r.order_id or 0, r.cause) for r in connection.execute(open_ones)),
        )


def found(yard: Yard) -> Found:
    """Compare; what somebody was told to look at is no fault."""
    said = books(yard.db)
    listed = set(said.listed)
    return Found(
        tuple(_wrong(yard, said)),
        tuple(_cancelled(yard, said)),
        tuple(sorted(said.told - listed)),
        tuple(sorted(listed - said.told)),
        tuple(sorted(listed ^ said.frozen)),
    )


def _wrong(yard: Yard, said: Books) -> list[str]:
    """In a vehicle and not on its list, or on a list and not in that vehicle, and nobody knows."""
    wrong = []
    for box in yard.boxes:
        really = yard.vehicle(box.place) if box.gone else ""
        listed = yard.vehicle(said.listed.get(box.parcel_id, ""))
        if really != listed and not _known(said, box, ()) and not _counted(said, {really, listed} - {""}):
            wrong.append(f"{box.parcel_id}: really on {really or 'none'}, listed on {listed or 'none'}")
    return wrong


def _cancelled(yard: Yard, said: Books) -> list[str]:
    gone = [box for box in yard.boxes if box.gone and box.parcel_id in said.dead]
    return [f"{b.parcel_id} on {b.place}: {said.dead[b.parcel_id]}" for b in gone if not _known(said, b, _STOPPED)]


def _counted(said: Books, load_ids: set[str]) -> bool:
    """Somebody was told that a dock which closed alone had counted another number than the server."""
    return any(f"load {each} was closed with no network" in cause for *_, cause in said.incidents for each in load_ids)


def _known(said: Books, box: Any, kinds: tuple[str, ...]) -> bool:
    about = (
        kind
        for kind, parcel, order, cause in said.incidents
        if box.parcel_id == parcel or (order == box.order_id and not kinds) or box.tracking in cause
    )
    return any(not kinds or kind in kinds for kind in about)
