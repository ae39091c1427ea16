"""What a dock is told of a load: the load, how far the channels were told of it, and what its carrier said."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row

from server import wire
from server.db import load_closes, load_versions, loads, people
from server.db.transaction import Database
from server.domain.dock import groups
from server.domain.dock.values import Load
from server.usecases.loading.known import digests_of
from server.usecases.loading.picture import CANCELLED_SECONDS, checked, day_ends, load_picture, picture_of, sight


@dataclass(frozen=True, slots=True)
class Same:
    """Nothing has changed since the version that was named; ``as_of`` is seconds since the epoch."""

    as_of: float


def read_load(db: Database, bench_id: int, load_id: str) -> wire.LoadAnswer:
    """The load as it is now; raise DomainError("not_found")."""
    found = news_of_load(db, bench_id, load_id, "")
    assert isinstance(found, wire.LoadAnswer)  # noqa: S101
    return found


def news_of_load(
    db: Database, bench_id: int, load_id: str, seen: str, *, changes: bool = False
) -> wire.LoadAnswer | Same:
    """The load as it is now, unless this is the version that was ``seen`` already; raise DomainError("not_found").

    ``changes``: of the parcels only the groups that are another than in that version, where it names them.
    """
    with db.read() as connection:
        now = db.now()
        row = checked(connection, loads.find(connection, load_id), bench_id)
        ends = day_ends(people.bench(connection, bench_id).site_time_zone, now)
        version = load_versions.version(connection, row, now - CANCELLED_SECONDS, ends)
        if groups.plain(seen) == version:
            return Same(now)
        if not changes:
            return replace(answer(connection, row, now), version=version)
        return _changes(connection, row, now, version, seen)


def _changes(connection: Connection, row: Row[Any], now: float, version: str, seen: str) -> wire.LoadAnswer:
    """What is another than in the version that was ``seen``, or all of it."""
    found = sight(connection, row, now)
    digests = digests_of(found.found, found.known)
    changed = groups.others(seen, digests)
    shown = found.found if changed is None else [p for p in found.found if groups.group_of(p.id) in changed]
    load = picture_of(connection, row, now, found, shown)
    same = {"version": groups.named(version, digests)}
    more = same if changed is None else same | {"base": seen, "groups": changed}
    return replace(_with_told(connection, load, now), **more)


def answer(connection: Connection, row: Row[Any], now: float) -> wire.LoadAnswer:
    """A load with every parcel its docks may meet; after closing also who was told."""
    return _with_told(connection, load_picture(connection, row, now), now)


def _with_told(connection: Connection, load: Load, now: float) -> wire.LoadAnswer:
    told: tuple[wire.Told, ...] = ()
    stock_told = False
    if load.closed:
        on = loads.parcels_on(connection, [load.load_id])
        found = loads.told(connection, [p.id for p in on])
        told = tuple(wire.Told(channel=t.channel, told=int(t.told), total=int(t.total)) for t in found)
        stock_told = not loads.stock_waits(connection, [p.order_id for p in on])
    close = carrier_close(connection, load.load_id)
    return wire.LoadAnswer(load=load, told=told, stock_told=stock_told, as_of=now, carrier_close=close)


def carrier_close(connection: Connection, load_id: str) -> wire.CarrierClose:
    """What its carrier was told and said; state "none" where it does not want to know."""
    row = load_closes.find(connection, load_id)
    if row is None:
        return wire.CarrierClose()
    return wire.CarrierClose(
        state=row.state,
        text=row.text,
        reference=row.reference,
        next_at=row.next_at,
        tries=row.tries,
        left_out=tuple(row.left_out),
        has_form=row.paper is not None,
    )
