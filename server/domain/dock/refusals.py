"""Why a parcel may not go on a load, and what a loader must be told to put it right."""

from server.domain.benchwork.reasons import Reason
from server.domain.dock.values import DockParcel, Facts, Load, OtherLoad, ParcelState, fits

_BY_STATE = {
    ParcelState.BLOCKED: Reason.WRONG_LABEL,
    ParcelState.ALLOTTED: Reason.NOT_PACKED,
    ParcelState.BOUGHT: Reason.LABEL_NOT_CONFIRMED,
}


def unfit(parcel: DockParcel) -> Reason | None:
    """Why this parcel may leave on no vehicle, and stand on no pallet; None: it may."""
    if parcel.state is ParcelState.CANCELLED:
        return Reason.VOID_LABEL if parcel.void else Reason.CANCELLED
    return _BY_STATE.get(parcel.state) or (Reason.NOT_PACKED if parcel.unfinished else None)


def refusal_of(load: Load, parcel: DockParcel) -> Reason | None:
    """Why this parcel may not go on this load; None: it may."""
    why = unfit(parcel)
    if parcel.state is ParcelState.CANCELLED:
        return why
    if load.closed:
        return Reason.LOAD_CLOSED
    if parcel.state is ParcelState.LOADED:
        return Reason.ALREADY_LOADED if parcel.load_id == load.load_id else Reason.WRONG_LOAD
    if why is not None:
        return why
    if parcel.carrier != load.carrier:
        return Reason.WRONG_CARRIER
    if parcel.planned_load and parcel.planned_load != load.load_id:
        return Reason.PLANNED_ELSEWHERE
    if not fits(load, parcel):
        return Reason.WRONG_SERVICE
    return Reason.NOT_PLANNED if load.listed and not parcel.planned_load else None


def facts_of(load: Load, parcel: DockParcel, reason: Reason) -> Facts:
    """What goes with this refusal: where it is, or where it should be."""
    if reason in (Reason.ALREADY_LOADED, Reason.WRONG_LOAD):
        return _of(_named(load, parcel.load_id or ""), parcel, at=parcel.loaded_at, by=parcel.loaded_by)
    if reason is Reason.PLANNED_ELSEWHERE:
        return _of(_named(load, parcel.planned_load), parcel)
    if reason in (Reason.WRONG_CARRIER, Reason.WRONG_SERVICE):
        return _of(_right(load, parcel), parcel)
    if reason is Reason.VOID_LABEL:
        return Facts(other=parcel.replaced_by)
    if reason in (Reason.NOT_PACKED, Reason.LABEL_NOT_CONFIRMED, Reason.WRONG_LABEL):
        return Facts(dock=parcel.seen_where, at=parcel.seen_at, by=parcel.seen_by)
    return Facts(carrier=load.carrier_name, load_id=load.load_id, trailer=load.trailer)


def _named(load: Load, load_id: str) -> OtherLoad:
    known = OtherLoad(load.load_id, load.carrier, load.carrier_name, load.trailer, load.dock)
    return next((each for each in (known, *load.others) if each.load_id == load_id), OtherLoad(load_id, "", ""))


def _right(load: Load, parcel: DockParcel) -> OtherLoad:
    """Where it may go, best a load that names its service; only its carrier's lane when no load of it is open."""
    of_carrier = [each for each in load.others if each.carrier == parcel.carrier]
    named = (each for each in of_carrier if parcel.service in each.services)
    any_service = (each for each in of_carrier if not each.services)
    return next(named, None) or next(any_service, OtherLoad("", parcel.carrier, parcel.carrier_name))


def _of(load: OtherLoad, parcel: DockParcel, *, at: float | None = None, by: str = "") -> Facts:
    name = load.carrier_name or parcel.carrier_name or parcel.carrier
    return Facts(load.load_id, load.trailer, load.dock, name, parcel.service, at, by)
