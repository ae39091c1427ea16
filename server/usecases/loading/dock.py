"""Loading a vehicle: one open load for each site and carrier, a parcel on one load, every scan judged again here."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row

from server import wire
from server.db import loads, parcels
from server.db import people as rows
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import DockParcel, DockVerdict, Load, ParcelState, judge
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.usecases.benchwork.judging import read_event, safe_raw
from server.usecases.masterdata.catalogue import read_catalog
from server.usecases.record.incidents import open_incident
from server.usecases.shipping.accounts import account, name_of
from server.usecases.staff.people import LOADS, at_bench, may, named

CANCELLED_SECONDS = 7 * 86_400
_LATCHED = (Reason.CANCELLED, Reason.STOPPED)
_ASIDE = (Reason.CANCELLED, Reason.LOAD_CLOSED, Reason.WRONG_LOAD, Reason.WRONG_LABEL, Reason.NOT_PACKED)
ASIDE = frozenset(reason.value for reason in (*_ASIDE, Reason.WRONG_CARRIER))
"""Refusals after which the parcel must not be on the truck."""


def open_load(db: Database, actor: Actor, bench_id: int, request: wire.LoadRequest) -> wire.LoadAnswer:
    """Open the load of this carrier at the bench's site, or rejoin the open one.

    Raise DomainError("unknown_carrier" | "not_signed_in").
    """
    who = at_bench(db, actor, request.person_id, LOADS)
    with transaction(db, who, "open_load") as tx:
        carrier = account(tx.connection, request.carrier)
        bench = rows.bench(tx.connection, bench_id)
        row, fresh = loads.open_load(tx, bench.site_id, carrier.code)
        detail = {"carrier": carrier.code, "site": bench.site_code}
        tx.note(
            "load.opened" if fresh else "load.joined", detail, load=row.id, bench=bench_id, person=request.person_id
        )
        return answer(tx.connection, row, tx.now)


def read_load(db: Database, bench_id: int, load_id: str) -> wire.LoadAnswer:
    """The load as it is now; raise DomainError("not_found")."""
    with db.read() as connection:
        return answer(connection, checked(connection, loads.find(connection, load_id), bench_id), db.now())


def take_events(
    db: Database, actor: Actor, bench_id: int, load_id: str, request: wire.DockEventsRequest
) -> wire.DockEventsAnswer:
    """Judge the scans of a dock and put parcels on the load; what is already held is skipped.

    Raise DomainError("gap", expected=, found=) with nothing kept, or "not_found".
    """
    who = named(db, actor, request.events[-1].person_id) if request.events else actor
    return again(lambda: _take_events(db, who, bench_id, load_id, request))


def answer(connection: Connection, row: Row[Any], now: float) -> wire.LoadAnswer:
    """A load with every parcel its docks may meet, and after closing how far the channels were told."""
    load = _load(connection, row, now)
    told: tuple[wire.Told, ...] = ()
    stock_told = False
    if load.closed:
        on = loads.parcels_on(connection, [load.load_id])
        found = loads.told(connection, [p.id for p in on])
        told = tuple(wire.Told(channel=t.channel, told=int(t.told), total=int(t.total)) for t in found)
        stock_told = not loads.stock_waits(connection, [p.order_id for p in on])
    return wire.LoadAnswer(load=load, told=told, stock_told=stock_told)


def checked(connection: Connection, row: Row[Any] | None, bench_id: int) -> Row[Any]:
    """The load if it is of the bench's site; raise DomainError("not_found")."""
    if row is None or row.site_id != rows.bench(connection, bench_id).site_id:
        raise DomainError("not_found", "there is no such load at this site")
    return row


def dock_parcel(row: Row[Any]) -> DockParcel:
    """A parcel's row as the rules see it."""
    return DockParcel(
        parcel_id=row.id,
        tracking=row.tracking,
        order_number=row.order_number,
        channel=row.channel,
        carrier=row.carrier,
        state=ParcelState(row.state),
        load_id=row.load_id,
    )


def bare_load(connection: Connection, row: Row[Any], found: Iterable[Row[Any]], aside: tuple[str, ...] = ()) -> Load:
    """A load's row with these parcels."""
    name = name_of(connection, row.carrier)
    return Load(row.id, row.carrier, name, row.closed_at is not None, tuple(dock_parcel(p) for p in found), aside)


def _load(connection: Connection, row: Row[Any], now: float) -> Load:
    on = loads.parcels_on(connection, {*loads.open_ids(connection, row.site_id), row.id})
    here = loads.parcels_here(connection, row.site_id, now - CANCELLED_SECONDS)
    refused = loads.refused(connection, row.id, ASIDE)
    # Labels allotted beforehand are known to the dock once one was scanned there.
    scanned = loads.parcels_with(connection, row.site_id, refused) if refused else ()
    load = bare_load(connection, row, {p.id: p for p in (*on, *here, *scanned)}.values())
    loaded = {p.parcel_id for p in load.loaded}
    return replace(load, set_aside=tuple(code for code in refused if code not in loaded))


@dataclass(slots=True)
class _Batch:
    """A load on its way through new scans."""

    tx: Transaction
    row: Row[Any]
    bench_id: int
    load: Load
    parcels: dict[str, Row[Any]]
    loaders: frozenset[int]
    """People who may load."""
    last: Reason | None = None

    def take(self, event: wire.DockEvent, scan: Scan) -> DockVerdict:
        """The stricter of the two verdicts; only what both took is loaded. A stop latches when the dock showed it."""
        verdict = judge(self.load, scan)
        if verdict.reason is Reason.OK and verdict.parcel is not None and event.person_id not in self.loaders:
            self._refuse(verdict.parcel, Reason.NOT_SIGNED_IN, event)
            verdict = replace(verdict, reason=Reason.NOT_SIGNED_IN, load=self.load)
        site_code = scan.command or scan.badge or scan.order_ref or scan.lane
        if verdict.reason is Reason.OK and event.reason is not Reason.OK and not site_code:
            verdict = replace(verdict, reason=event.reason, load=self.load)
        elif verdict.reason is Reason.OK and verdict.parcel is not None:
            self._put_on(verdict.parcel, event)
        elif verdict.parcel is not None and verdict.tone is Tone.STOP:
            self._refuse(verdict.parcel, verdict.reason, event)
        shown = event.reason if event.reason in _LATCHED else None
        self.load, self.last = replace(verdict.load, stop=shown), verdict.reason
        return verdict

    def _put_on(self, parcel: DockParcel, event: wire.DockEvent) -> None:
        loads.put_on(self.tx, parcel.parcel_id, self.row.id, event.person_id, self.bench_id)
        row = self.parcels[parcel.parcel_id]
        self.parcels[parcel.parcel_id] = parcels.set_state(self.tx, row, ParcelState.LOADED, load=self.row.id)

    def _refuse(self, parcel: DockParcel, reason: Reason, event: wire.DockEvent) -> None:
        about = {"parcel": parcel.parcel_id, "load": self.row.id, "order": self.parcels[parcel.parcel_id].order_id}
        self.tx.note("parcel.refused", {"reason": reason.value, "bench_reason": event.reason.value}, **about)
        if event.reason is Reason.OK:
            cause = f"the dock took parcel {parcel.tracking} for load {self.row.id}, it must not leave: {reason.value}"
            once = f"dock:{self.row.id}:{parcel.parcel_id}"
            open_incident(self.tx, IncidentType.VERDICTS_DIFFER, cause, parcel_id=parcel.parcel_id, once_key=once)


def _take_events(
    db: Database, actor: Actor, bench_id: int, load_id: str, request: wire.DockEventsRequest
) -> wire.DockEventsAnswer:
    with transaction(db, actor, "dock_events") as tx:
        row = checked(tx.connection, loads.lock(tx, load_id), bench_id)
        newest = loads.last_event(tx.connection, request.dock_session)
        fresh = _fresh(request.events, newest.seq if newest else 0)
        catalog = read_catalog(tx.connection)
        scans = [read_event(event, catalog) for event in fresh]
        latched = newest is not None and newest.load_id == load_id and newest.bench_reason in _LATCHED
        loaders = frozenset(p for p in {e.person_id for e in fresh} if may(tx.connection, p, LOADS))
        batch = _batch(tx, row, bench_id, scans, loaders)
        if latched:
            batch.load = replace(batch.load, stop=Reason.STOPPED)
        verdicts = [batch.take(event, scan) for event, scan in zip(fresh, scans, strict=True)]
        same = {"dock_session": request.dock_session, "load_id": load_id, "bench_id": bench_id, "received_at": tx.now}
        logged = zip(fresh, scans, verdicts, strict=True)
        loads.append(tx, [same | _log_row(*each) for each in logged])
        through = fresh[-1].seq if fresh else newest.seq if newest else 0
        last = batch.last or (Reason(newest.reason) if newest else None)
        return wire.DockEventsAnswer(accepted_through=through, load=_load(tx.connection, row, tx.now), reason=last)


def _fresh(events: Iterable[wire.DockEvent], held: int) -> list[wire.DockEvent]:
    fresh = [replace(event, raw=safe_raw(event.raw)) for event in events if event.seq > held]
    for expected, event in enumerate(fresh, start=held + 1):
        if event.seq != expected:
            what = f"expected scan {expected} of this dock session, found {event.seq}"
            raise DomainError("gap", what, expected=expected, found=event.seq)
    return fresh


def _batch(tx: Transaction, row: Row[Any], bench_id: int, scans: list[Scan], loaders: frozenset[int]) -> _Batch:
    codes = {scan.payload for scan in scans if scan.payload}
    # Two docks that scan the same parcels lock them in one order; what is true of them is read behind the locks.
    locked = parcels.lock(tx, [p.id for p in loads.parcels_with(tx.connection, row.site_id, codes)])
    load = bare_load(tx.connection, row, loads.parcels_with(tx.connection, row.site_id, codes))
    return _Batch(tx, row, bench_id, load, locked, loaders)


def _log_row(event: wire.DockEvent, scan: Scan, verdict: DockVerdict) -> dict[str, Any]:
    return {
        "seq": event.seq,
        "person_id": event.person_id,
        "at": event.at,
        "raw": scan.raw,
        "reason": verdict.reason.value,
        "bench_reason": event.reason.value,
        "parcel_id": verdict.parcel.parcel_id if verdict.parcel else None,
    }
