"""What one scan did to a load, so that it can be done again on a fresher picture of it."""

from dataclasses import dataclass, replace

from server import wire
from server.domain.benchwork.handoff import Load, ParcelState, parcel_of
from server.domain.benchwork.reasons import Reason
from server.domain.benchwork.scans import Scan
from server.domain.dock.refusals import refusal_of
from server.domain.dock.values import DockMode, standing

_SETS_ASIDE = frozenset(
    {
        Reason.CANCELLED,
        Reason.VOID_LABEL,
        Reason.LOAD_CLOSED,
        Reason.WRONG_LOAD,
        Reason.WRONG_LABEL,
        Reason.NOT_PACKED,
        Reason.LABEL_NOT_CONFIRMED,
        Reason.WRONG_CARRIER,
        Reason.PLANNED_ELSEWHERE,
        Reason.WRONG_SERVICE,
        Reason.NOT_PLANNED,
        Reason.PALLET_REFUSED,
    }
)
_MODES = {
    Reason.UNLOAD_WHICH: DockMode.UNLOAD,
    Reason.REMAINING_WHICH: DockMode.REMAINING,
    Reason.REMAINS: DockMode.REMAINING,
    Reason.ASIDE_WHICH: DockMode.ASIDE,
    Reason.ASIDE_DONE: DockMode.ASIDE,
    Reason.UNLOADED: DockMode.LOAD,
    Reason.NOT_LOADED: DockMode.LOAD,
    Reason.OK: DockMode.LOAD,
}
_SAID = "pulled"
"""Of a cancelled parcel that was on the vehicle: somebody has it in a hand (``OnTruck.answer``)."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Ids of parcels: put on, taken off, set aside, settled (no longer set aside), scanned as remaining."""

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    remains: tuple[str, ...] = ()


NO_MARK = Mark()


def mark_of(load: Load, event: wire.DockEvent, scan: Scan) -> Mark:
    """What this event, a scan, did to the load as it was before."""
    parcel, reason = parcel_of(load, scan), event.reason
    ids = (parcel.parcel_id,) if parcel else event.parcels
    if not ids:
        return NO_MARK
    if reason is Reason.OK:
        return Mark(on=ids)
    if reason is Reason.UNLOADED:
        return Mark(off=ids)
    if reason is Reason.REMAINS:
        return Mark(remains=ids, off=ids)
    if reason is Reason.ASIDE_DONE:
        return Mark(settled=ids)
    if reason not in _SETS_ASIDE or (load.closed and reason is Reason.LOAD_CLOSED and load.mode is DockMode.UNLOAD):
        return NO_MARK
    if parcel is None:
        known = {p.parcel_id: p for p in load.parcels}
        fine = (None, Reason.ALREADY_LOADED)
        ids = tuple(code for code in ids if code in known and refusal_of(load, known[code]) not in fine)
    return Mark(aside=ids)


def mode_after(reason: Reason, before: DockMode) -> DockMode:
    """What the next parcel means after this verdict."""
    # A refused parcel was no parcel to take off, so the question which one is over.
    asked = before is DockMode.UNLOAD and reason in _SETS_ASIDE
    return DockMode.LOAD if asked else _MODES.get(reason, before)


def marked(load: Load, mark: Mark) -> Load:
    """The load with this on top."""
    parcels = load.parcels
    if mark.on or mark.off:
        on, off = set(mark.on), set(mark.off)
        parcels = tuple(
            replace(p, state=ParcelState.LOADED, load_id=load.load_id)
            if p.parcel_id in on and p.state is ParcelState.READY
            else replace(p, state=ParcelState.READY, load_id=None, loaded_at=None, loaded_by="", assumed=False)
            if p.parcel_id in off and p.state is ParcelState.LOADED and p.load_id == load.load_id
            else p
            for p in parcels
        )
    here = {p.parcel_id for p in parcels if p.state is ParcelState.LOADED and p.load_id == load.load_id}
    gone = {*mark.settled, *(here & set(mark.on))}
    return replace(
        pulled(load, mark),
        parcels=parcels,
        pallets=standing(load.pallets, (*mark.off, *mark.settled, *mark.remains)),
        set_aside=tuple(c for c in dict.fromkeys((*load.set_aside, *mark.aside)) if c not in gone),
        remaining=tuple(c for c in dict.fromkeys((*load.remaining, *mark.remains)) if c not in here),
    )


def pulled(load: Load, mark: Mark) -> Load:
    """A cancelled parcel that was on the vehicle and is scanned now lies in a hand."""
    if not any(each.parcel_id in mark.aside for each in load.cancelled_on):
        return load
    said = (
        replace(each, answer=each.answer or _SAID) if each.parcel_id in mark.aside else each
        for each in load.cancelled_on
    )
    return replace(load, cancelled_on=tuple(said))
