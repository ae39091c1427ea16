"""The dock rules: what may go on a load. The dock station and the server both run exactly this."""

from dataclasses import dataclass, replace
from enum import StrEnum

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan


class ParcelState(StrEnum):
    """What is true of a parcel.

    ALLOTTED   a bench was given a label for it beforehand; nobody has said yet that it is on a box
    BOUGHT     it has a label; nobody has scanned that label on the box
    READY      its label was scanned on its box
    LOADED     it is on a load
    CANCELLED  its order was cancelled; pull it
    BLOCKED    its label was scanned on another box, or another's on this
    """

    ALLOTTED = "allotted"
    BOUGHT = "bought"
    READY = "ready"
    LOADED = "loaded"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class DockParcel:
    """A parcel as the dock sees it: no name, no address."""

    parcel_id: str
    tracking: str
    order_number: str
    channel: str
    carrier: str
    state: ParcelState
    load_id: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What goes on one vehicle, with the parcels this dock knows of."""

    load_id: str
    carrier: str
    carrier_name: str
    closed: bool
    parcels: tuple[DockParcel, ...]
    set_aside: tuple[str, ...] = ()
    """Codes of refused parcels that must not be on the truck."""
    stop: Reason | None = None
    stop_item: str = ""
    not_counted: tuple[str, ...] = ()

    @property
    def loaded(self) -> tuple[DockParcel, ...]:
        """Parcels on this load."""
        return tuple(p for p in self.parcels if p.state is ParcelState.LOADED and p.load_id == self.load_id)

    @property
    def missing(self) -> tuple[DockParcel, ...]:
        """Parcels of this carrier that are ready and not on any load."""
        return tuple(p for p in self.parcels if p.state is ParcelState.READY and p.carrier == self.carrier)


@dataclass(frozen=True, slots=True)
class DockVerdict:
    """The answer to one scan at the dock."""

    reason: Reason
    tone: Tone
    load: Load
    parcel: DockParcel | None = None
    item: str = ""


def judge(load: Load, scan: Scan) -> DockVerdict:
    """Say whether the scanned parcel may go on this load."""
    if load.stop is not None:
        return _while_stopped(load, scan)
    if scan.bounce:
        return DockVerdict(Reason.REPEAT, Tone.LOOK, load, item=scan.raw)
    parcel = next((p for p in load.parcels if scan.payload in (p.tracking, p.parcel_id)), None)
    return _parcel(load, parcel) if parcel else _not_a_parcel(load, scan)


def _not_a_parcel(load: Load, scan: Scan) -> DockVerdict:
    if scan.command is Command.OK:
        return DockVerdict(Reason.OK, Tone.GOOD, load)
    if scan.command or scan.badge or scan.order_ref or scan.lane:
        return DockVerdict(Reason.NOT_NOW, Tone.LOOK, load, item=scan.raw)
    if scan.problem or (scan.bad_read and not scan.matches):
        return DockVerdict(Reason.BAD_READ, Tone.LOOK, load, item=scan.raw)
    item = scan.matches[0].label if scan.matches else scan.raw
    return DockVerdict(Reason.UNKNOWN_CODE, Tone.LOOK, load, item=item)


def _parcel(load: Load, parcel: DockParcel) -> DockVerdict:
    refusal = _refusal(load, parcel)
    if refusal is None:
        on = replace(parcel, state=ParcelState.LOADED, load_id=load.load_id)
        parcels = tuple(on if p.parcel_id == parcel.parcel_id else p for p in load.parcels)
        aside = tuple(code for code in load.set_aside if code != parcel.parcel_id)
        return DockVerdict(Reason.OK, Tone.GOOD, replace(load, parcels=parcels, set_aside=aside), on, on.tracking)
    if refusal is Reason.ALREADY_LOADED:
        return DockVerdict(refusal, Tone.LOOK, load, parcel, parcel.tracking)
    aside = tuple(dict.fromkeys((*load.set_aside, parcel.parcel_id)))
    after = replace(load, set_aside=aside)
    if refusal is Reason.CANCELLED:
        after = replace(after, stop=refusal, stop_item=parcel.tracking, not_counted=())
    return DockVerdict(refusal, Tone.STOP, after, parcel, parcel.tracking)


def _refusal(load: Load, parcel: DockParcel) -> Reason | None:
    if parcel.state is ParcelState.CANCELLED:
        return Reason.CANCELLED
    if load.closed:
        return Reason.LOAD_CLOSED
    if parcel.state is ParcelState.LOADED:
        return Reason.ALREADY_LOADED if parcel.load_id == load.load_id else Reason.WRONG_LOAD
    if parcel.state is ParcelState.BLOCKED:
        return Reason.WRONG_LABEL
    if parcel.state in (ParcelState.BOUGHT, ParcelState.ALLOTTED):
        return Reason.NOT_PACKED
    return Reason.WRONG_CARRIER if parcel.carrier != load.carrier else None


def _while_stopped(load: Load, scan: Scan) -> DockVerdict:
    if scan.command is Command.OK:
        return DockVerdict(Reason.OK, Tone.GOOD, replace(load, stop=None, stop_item="", not_counted=()))
    listed = replace(load, not_counted=(*load.not_counted, scan.raw))
    return DockVerdict(Reason.STOPPED, Tone.STOP, listed, item=scan.raw)
