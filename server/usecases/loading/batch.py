"""New scans of a dock on their way into its load: each is judged again, and what both took is done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Row

from server import wire
from server.db import dock_log, load_marks, loads, parcels
from server.db.transaction import Transaction
from server.domain.benchwork.reasons import Reason
from server.domain.benchwork.scans import Scan
from server.domain.dock.barcodes import readings, sscc_of
from server.domain.dock.judging import holding, judge, on_pallet, parcel_of, taken_whole
from server.domain.dock.said import DONE, IN_HAND, LATCHED, SET_ASIDE, TAKEN, same_place
from server.domain.dock.values import DockMode, DockParcel, DockVerdict, Load, ParcelState
from server.domain.incidents import IncidentType
from server.usecases.loading import close_tasks
from server.usecases.loading.known import known_of
from server.usecases.loading.picture import bare_load
from server.usecases.record.incidents import open_incident

LATE_SECONDS = 5.0
"""A scan that comes later than this was made alone; others may have had the parcel in a hand meanwhile."""


_LEFT = (Reason.LOAD_CLOSED, Reason.WRONG_LOAD)
"""Of what is on the manifest of this load, or of the one that it follows: it is where the dock put it."""
NAMED_MAX = 400
"""Characters of codes that an incident names."""


@dataclass(slots=True)
class Batch:
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
        before = holding(replace(self.load, mode=event.mode), scan, event.parcels)
        verdict = judge(before, scan)
        if event.reason is Reason.OK and event.person_id in self.loaders:
            verdict = taken_whole(before, scan, verdict)
        does = verdict.parcel is not None or bool(verdict.put_on)
        if verdict.reason in DONE and does and event.person_id not in self.loaders:
            self._refuse(verdict.put_on or _one(verdict), Reason.NOT_SIGNED_IN, event)
            verdict = replace(verdict, reason=Reason.NOT_SIGNED_IN, load=before, put_on=(), taken_off=())
        elif (
            verdict.reason in DONE
            and does
            and event.reason is not verdict.reason
            and not same_place(verdict.reason, event.reason)
        ):
            self._follow(verdict, event)
            verdict = replace(verdict, reason=event.reason, load=before, put_on=(), taken_off=())
        elif (verdict.reason in DONE and does) or verdict.put_on:
            self._do(verdict, event)
        for parcel, reason in verdict.refused:
            self._refuse((parcel,), reason, event)
        if verdict.parcel is not None and event.reason in IN_HAND:
            self._pulled([verdict.parcel.parcel_id], event)
        self._still_here(verdict, event)
        self._unknown(verdict, event)
        shown = event.reason if event.reason in LATCHED else None
        self.load, self.last = replace(verdict.load, stop=shown), verdict.reason
        self.rows += _log_rows(event, scan, verdict, on_pallet(before, scan) if before.stop is None else ())
        return verdict

    def holding(self, event: wire.DockEvent, scan: Scan) -> tuple[DockParcel, ...]:
        """What is scanned: one parcel, or all of a pallet."""
        load = holding(self.load, scan, event.parcels)
        parcel = parcel_of(load, scan)
        return (parcel,) if parcel is not None else on_pallet(load, scan)

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
        else:
            load_marks.off_pallets(tx, [p.parcel_id for p in _one(verdict)])
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
        if event.reason in SET_ASIDE:
            for parcel in verdict.put_on:
                reason = event.reason.value
                self._aside(parcel, reason, event.person_id)

    def _aside(self, parcel: DockParcel, reason: str, person: int) -> None:
        load_marks.mark(self.tx, self.row.id, parcel.parcel_id, load_marks.ASIDE, person_id=person, reason=reason)

    def _refuse(self, refused: Iterable[DockParcel], reason: Reason, event: wire.DockEvent) -> None:
        for parcel in refused:
            about = {"parcel": parcel.parcel_id, "load": self.row.id, "order": self.parcels[parcel.parcel_id].order_id}
            self.tx.note("parcel.refused", {"reason": reason.value, "bench_reason": event.reason.value}, **about)
            taken, still_here = event.reason in TAKEN, self.row.closed_at is None
            if taken and reason in _LEFT and parcel.load_id in (self.row.id, self.row.follows):
                continue
            if reason is Reason.CANCELLED and taken:
                load_marks.cancelled_unseen(self.tx, self.row.id, parcel.parcel_id, event.person_id, event.at)
                if not still_here:
                    close_tasks.went_along(self.tx, self.row, parcel.parcel_id, event.person_id)
                    continue
            elif still_here and any(p.parcel_id == parcel.parcel_id for p in self.load.loaded):
                self._differs(parcel, f"is on load {self.row.id}, and somebody who may not load took it off")
            elif reason in SET_ASIDE and still_here:
                self._aside(parcel, reason.value, event.person_id)
            if not taken:
                continue
            cause = f"the dock took parcel {parcel.tracking} for load {self.row.id}, it must not leave: {reason.value}"
            once = f"dock:{self.row.id}:{parcel.parcel_id}"
            open_incident(self.tx, IncidentType.VERDICTS_DIFFER, cause, parcel_id=parcel.parcel_id, once_key=once)

    def _still_here(self, verdict: DockVerdict, event: wire.DockEvent) -> None:
        """A dock without news took it off a vehicle that has left: it is on the manifest, told, and in a hand."""
        left = (self.row.follows, self.row.id if self.row.closed_at is not None else "")
        for parcel in _one(verdict):
            on_it = parcel.state is ParcelState.LOADED and parcel.load_id in left
            if on_it and event.mode in (DockMode.UNLOAD, DockMode.REMAINING):
                what = f"is on the manifest of load {parcel.load_id}, which has left, and a dock took it off"
                self._differs(parcel, what)

    def _unknown(self, verdict: DockVerdict, event: wire.DockEvent) -> None:
        """A dock took what nobody knows here: it may be on the vehicle, and is on no manifest."""
        known = {p.parcel_id for p in self.load.parcels}
        unknown = [code for code in event.parcels if code not in known]
        if verdict.reason is Reason.UNKNOWN_CODE and not event.parcels:
            unknown = [event.raw]
        if unknown and event.reason is Reason.OK:
            cause = f"a dock took for load {self.row.id} what is unknown here: {', '.join(unknown)[:NAMED_MAX]}"
            once = f"unknown:{self.row.id}:{unknown[0]}"[:255]
            open_incident(self.tx, IncidentType.VERDICTS_DIFFER, cause, once_key=once)

    def _differs(self, parcel: DockParcel, what: str) -> None:
        cause, once = f"parcel {parcel.tracking} {what}", f"off:{self.row.id}:{parcel.parcel_id}"
        open_incident(self.tx, IncidentType.VERDICTS_DIFFER, cause, parcel_id=parcel.parcel_id, once_key=once)

    def _pulled(self, parcel_ids: Iterable[str], event: wire.DockEvent) -> None:
        """A cancelled parcel that is scanned outside the vehicle was pulled, also one that has a new label by now."""
        for pulled in load_marks.answer(self.tx, self.row.id, parcel_ids, "pulled", event.person_id):
            self.tx.note("parcel.pulled", {"load": self.row.id}, parcel=pulled, load=self.row.id)


def _one(verdict: DockVerdict) -> tuple[DockParcel, ...]:
    return (verdict.parcel,) if verdict.parcel is not None else ()


def batch_of(
    tx: Transaction,
    row: Row[Any],
    bench_id: int,
    scans: Sequence[tuple[wire.DockEvent, Scan]],
    loaders: frozenset[int],
) -> Batch:
    codes = {text for _, scan in scans for text in readings(scan.payload) if text}
    codes |= {code for event, _ in scans for code in event.parcels}
    pallets = load_marks.pallets(tx.connection, row.site_id, row.id)
    codes |= {each for sscc in map(sscc_of, tuple(codes)) for each in pallets.get(sscc, ())}
    # Two docks that scan the same parcels lock them in one order; what is true of them is read behind the locks.
    locked = parcels.lock(tx, [p.id for p in loads.parcels_with(tx.connection, row.site_id, codes)])
    found = loads.parcels_with(tx.connection, row.site_id, codes)
    known = known_of(tx.connection, row.site_id, found, ())
    return Batch(tx, row, bench_id, bare_load(tx.connection, row, found, known), locked, loaders)


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
