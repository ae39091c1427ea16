"""The scans of a dock: every one is judged again here, and what both took is done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row

from server import wire
from server.db import dock_log, load_marks, loads, parcels
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.reasons import Reason
from server.domain.benchwork.scans import Scan
from server.domain.dock.barcodes import readings, sscc_of
from server.domain.dock.judging import judge, on_pallet, taken_whole
from server.domain.dock.values import DockMode, DockParcel, DockVerdict, Load, ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.usecases.benchwork.judging import read_event, safe_raw
from server.usecases.loading.picture import bare_load, checked, known_of, load_picture
from server.usecases.masterdata.catalogue import read_catalog
from server.usecases.record.incidents import open_incident
from server.usecases.staff.people import LOADS, may, named

LATE_SECONDS = 5.0
"""A scan that comes later than this was made alone; others may have had the parcel in a hand meanwhile."""
_LATCHED = (Reason.CANCELLED, Reason.STOPPED)
_DONE = (Reason.OK, Reason.UNLOADED, Reason.REMAINS, Reason.ASIDE_DONE)
"""Verdicts by which something happens to a parcel."""
_SAME_PLACE = ((Reason.UNLOADED, Reason.NOT_LOADED), (Reason.OK, Reason.ALREADY_LOADED))
_TAKEN = (Reason.OK, Reason.ALREADY_LOADED)
"""What a dock said of a parcel that it then left on the vehicle, or put there."""
_IN_HAND = (
    *(Reason.CANCELLED, Reason.VOID_LABEL, Reason.WRONG_LABEL, Reason.NOT_PACKED),
    *(Reason.UNLOADED, Reason.REMAINS, Reason.ASIDE_DONE),
)
"""What a dock said of a parcel that somebody holds in the hand, outside the vehicle."""
_ASIDE = frozenset(
    {
        *(Reason.CANCELLED, Reason.VOID_LABEL, Reason.LOAD_CLOSED, Reason.WRONG_LOAD, Reason.WRONG_LABEL),
        *(Reason.NOT_PACKED, Reason.LABEL_NOT_CONFIRMED, Reason.WRONG_CARRIER, Reason.WRONG_SERVICE),
        *(Reason.PLANNED_ELSEWHERE, Reason.NOT_PLANNED, Reason.NOT_SIGNED_IN),
    }
)
"""What a dock said of a parcel which it then set aside."""


def take_events(
    db: Database, actor: Actor, bench_id: int, load_id: str, request: wire.DockEventsRequest
) -> wire.DockEventsAnswer:
    """Judge the scans of a dock and do what they say; what is already held is skipped.

    Raise DomainError("gap", expected=, found=) with nothing kept, or "not_found".
    """
    who = named(db, actor, request.events[-1].person_id) if request.events else actor
    return again(lambda: _take_events(db, who, bench_id, load_id, request))


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
    rows: list[dict[str, Any]] = field(default_factory=list)
    """What the dock's log will say of these scans."""

    def take(self, event: wire.DockEvent, scan: Scan) -> DockVerdict:
        """The stricter of the two verdicts; only what both took is done. A stop latches when the dock showed it."""
        before = replace(self.load, mode=event.mode)
        verdict = judge(before, scan)
        if event.reason is Reason.OK and event.person_id in self.loaders:
            verdict = taken_whole(before, scan, verdict)
        does = verdict.parcel is not None or bool(verdict.put_on)
        if verdict.reason in _DONE and does and event.person_id not in self.loaders:
            self._refuse(verdict.put_on or _one(verdict), Reason.NOT_SIGNED_IN, event)
            verdict = replace(verdict, reason=Reason.NOT_SIGNED_IN, load=before, put_on=(), taken_off=())
        elif (
            verdict.reason in _DONE and does and event.reason is not verdict.reason and not _same_place(verdict, event)
        ):
            self._follow(verdict, event)
            verdict = replace(verdict, reason=event.reason, load=before, put_on=(), taken_off=())
        elif (verdict.reason in _DONE and does) or verdict.put_on:
            self._do(verdict, event)
        for parcel, reason in verdict.refused:
            self._refuse((parcel,), reason, event)
        if verdict.parcel is not None and event.reason in _IN_HAND:
            self._pulled([verdict.parcel.parcel_id], event)
        self._still_here(verdict, event)
        shown = event.reason if event.reason in _LATCHED else None
        self.load, self.last = replace(verdict.load, stop=shown), verdict.reason
        self.rows += _log_rows(event, scan, verdict, on_pallet(before, scan) if before.stop is None else ())
        return verdict

    def _do(self, verdict: DockVerdict, event: wire.DockEvent) -> None:
        tx, load_id, person = self.tx, self.row.id, event.person_id
        for parcel in verdict.put_on:
            loads.put_on(tx, parcel.parcel_id, load_id, person_id=person, bench_id=self.bench_id)
            self._state(parcel, ParcelState.LOADED)
            if tx.now - event.at > LATE_SECONDS and dock_log.taken_out_since(
                tx.connection, load_id, parcel.parcel_id, event.at
            ):
                self._differs(
                    parcel, f"was scanned on to load {load_id} by a dock alone, and since then scanned off it"
                )
        if verdict.put_on:
            ids = [p.parcel_id for p in verdict.put_on]
            older = load_marks.older_labels(tx.connection, ids)
            ids += older
            self._pulled(ids, event)
            load_marks.settle(tx, ids, (load_marks.ASIDE, load_marks.REMAINS), person_id=person, how="loaded")
        for parcel in verdict.taken_off:
            self._state(parcel, ParcelState.READY, f"taken off {load_id}")
        for parcel in _one(verdict):
            if verdict.reason is Reason.REMAINS:
                load_marks.mark(tx, load_id, parcel.parcel_id, load_marks.REMAINS, person_id=person)
            elif verdict.reason is Reason.ASIDE_DONE:
                kinds = (load_marks.ASIDE,)
                load_marks.settle(tx, [parcel.parcel_id], kinds, person_id=person, how="scanned", load_id=load_id)
                tx.note("parcel.put_aside", {}, parcel=parcel.parcel_id, load=load_id)

    def _state(self, parcel: DockParcel, after: ParcelState, why: str = "") -> None:
        row = self.parcels[parcel.parcel_id]
        self.parcels[parcel.parcel_id] = parcels.set_state(self.tx, row, after, why, load=self.row.id)

    def _follow(self, verdict: DockVerdict, event: wire.DockEvent) -> None:
        """The dock refused what may be done by now: nothing happens, and its SET ASIDE list is kept here too."""
        if event.reason in _ASIDE:
            for parcel in verdict.put_on:
                reason = event.reason.value
                self._aside(parcel, reason, event.person_id)

    def _aside(self, parcel: DockParcel, reason: str, person: int) -> None:
        load_marks.mark(self.tx, self.row.id, parcel.parcel_id, load_marks.ASIDE, person_id=person, reason=reason)

    def _refuse(self, refused: Iterable[DockParcel], reason: Reason, event: wire.DockEvent) -> None:
        for parcel in refused:
            about = {"parcel": parcel.parcel_id, "load": self.row.id, "order": self.parcels[parcel.parcel_id].order_id}
            self.tx.note("parcel.refused", {"reason": reason.value, "bench_reason": event.reason.value}, **about)
            taken, still_here = event.reason in _TAKEN, self.row.closed_at is None
            if reason is Reason.CANCELLED and taken and still_here:
                load_marks.cancelled_unseen(self.tx, self.row.id, parcel.parcel_id, event.person_id, event.at)
            elif still_here and any(p.parcel_id == parcel.parcel_id for p in self.load.loaded):
                self._differs(parcel, f"is on load {self.row.id}, and somebody who may not load took it off")
            elif reason in _ASIDE and still_here:
                self._aside(parcel, reason.value, event.person_id)
            if not taken or (reason is Reason.LOAD_CLOSED and parcel.load_id == self.row.id):
                continue
            cause = f"the dock took parcel {parcel.tracking} for load {self.row.id}, it must not leave: {reason.value}"
            once = f"dock:{self.row.id}:{parcel.parcel_id}"
            open_incident(self.tx, IncidentType.VERDICTS_DIFFER, cause, parcel_id=parcel.parcel_id, once_key=once)

    def _still_here(self, verdict: DockVerdict, event: wire.DockEvent) -> None:
        """A dock without news took it off a vehicle that has left: it is on the manifest, told, and in a hand."""
        for parcel in _one(verdict):
            on_it = parcel.state is ParcelState.LOADED and parcel.load_id == self.row.id
            if self.row.closed_at is None or not on_it or event.mode not in (DockMode.UNLOAD, DockMode.REMAINING):
                continue
            self._differs(parcel, f"is on the manifest of load {self.row.id}, which has left, and a dock took it off")

    def _differs(self, parcel: DockParcel, what: str) -> None:
        cause, once = f"parcel {parcel.tracking} {what}", f"off:{self.row.id}:{parcel.parcel_id}"
        open_incident(self.tx, IncidentType.VERDICTS_DIFFER, cause, parcel_id=parcel.parcel_id, once_key=once)

    def _pulled(self, parcel_ids: Iterable[str], event: wire.DockEvent) -> None:
        """A cancelled parcel that is scanned outside the vehicle was pulled, also one that has a new label by now."""
        for pulled in load_marks.answer(self.tx, self.row.id, parcel_ids, "pulled", event.person_id):
            self.tx.note("parcel.pulled", {"load": self.row.id}, parcel=pulled, load=self.row.id)


def _same_place(verdict: DockVerdict, event: wire.DockEvent) -> bool:
    """Whether a dock without news of its colleagues said another word and the parcel is where it would be by ours.

    Scanned to be taken off it is outside, also where the dock knew of no loading; scanned on to a vehicle where it was
    thought to be already it is inside.
    """
    return (verdict.reason, event.reason) in _SAME_PLACE


def _one(verdict: DockVerdict) -> tuple[DockParcel, ...]:
    return (verdict.parcel,) if verdict.parcel is not None else ()


def _take_events(
    db: Database, actor: Actor, bench_id: int, load_id: str, request: wire.DockEventsRequest
) -> wire.DockEventsAnswer:
    with transaction(db, actor, "dock_events") as tx:
        row = checked(tx.connection, loads.lock(tx, load_id), bench_id)
        newest = dock_log.last_event(tx.connection, request.dock_session)
        if newest is not None and (newest.bench_id, newest.load_id) != (bench_id, load_id):
            raise DomainError("not_found", f"expected scans for load {newest.load_id} of the dock that began them")
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
        dock_log.append(tx, [same | each for each in batch.rows])
        if row.closed_at is None and any(v.put_on or v.taken_off for v in verdicts):
            row = loads.change(tx, row.id, closing_at=None, opened_at=row.opened_at or tx.now)
        through = fresh[-1].seq if fresh else newest.seq if newest else 0
        last = batch.last or (Reason(newest.reason) if newest else None)
        # A picture of thousands of parcels would be most of the work, and a station asks for it every second anyway.
        load = load_picture(tx.connection, row, tx.now) if request.picture else replace(batch.load, parcels=())
        return wire.DockEventsAnswer(accepted_through=through, load=load, reason=last, as_of=tx.now)


def _fresh(events: Iterable[wire.DockEvent], held: int) -> list[wire.DockEvent]:
    fresh = [replace(event, raw=safe_raw(event.raw)) for event in events if event.seq > held]
    for expected, event in enumerate(fresh, start=held + 1):
        if event.seq != expected:
            what = f"expected scan {expected} of this dock session, found {event.seq}"
            raise DomainError("gap", what, expected=expected, found=event.seq)
    return fresh


def _batch(tx: Transaction, row: Row[Any], bench_id: int, scans: list[Scan], loaders: frozenset[int]) -> _Batch:
    codes = {text for scan in scans for text in readings(scan.payload) if text}
    pallets = load_marks.pallets(tx.connection, row.site_id, row.id)
    codes |= {each for sscc in map(sscc_of, tuple(codes)) for each in pallets.get(sscc, ())}
    # Two docks that scan the same parcels lock them in one order; what is true of them is read behind the locks.
    locked = parcels.lock(tx, [p.id for p in loads.parcels_with(tx.connection, row.site_id, codes)])
    found = loads.parcels_with(tx.connection, row.site_id, codes)
    known = known_of(tx.connection, row.site_id, found, ())
    return _Batch(tx, row, bench_id, bare_load(tx.connection, row, found, known), locked, loaders)


def _log_rows(
    event: wire.DockEvent, scan: Scan, verdict: DockVerdict, pallet: Sequence[DockParcel]
) -> Iterable[dict[str, Any]]:
    """The scan itself, and of a pallet one more row for each of its parcels: each is looked for by itself."""
    row = {
        "seq": event.seq,
        "part": 0,
        "person_id": event.person_id,
        "at": event.at,
        "raw": scan.raw,
        "reason": verdict.reason.value,
        "bench_reason": event.reason.value,
        "parcel_id": verdict.parcel.parcel_id if verdict.parcel else None,
        "mode": event.mode.value,
    }
    yield row
    own = {p.parcel_id: Reason.OK for p in verdict.put_on} | {p.parcel_id: why for p, why in verdict.refused}
    others = (p.parcel_id for p in pallet if p.parcel_id != row["parcel_id"])
    for part, parcel_id in enumerate(others, start=1):
        yield row | {"part": part, "parcel_id": parcel_id, "reason": own.get(parcel_id, verdict.reason).value}
