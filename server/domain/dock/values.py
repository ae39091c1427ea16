"""What the dock knows: parcels, loads, and the answer to one scan. No name of a buyer, no address."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from server.domain.benchwork.reasons import Reason, Tone


class ParcelState(StrEnum):
    """What is true of a parcel.

    ALLOTTED   a bench was given a label for it beforehand; nobody has said yet that it is on a box
    BOUGHT     it has a label; nobody has scanned that label on the box
    READY      its label was scanned on its box
    LOADED     it is on a load
    CANCELLED  its order was cancelled, or its label is void; pull it
    BLOCKED    its label was scanned on another box, or another's on this
    """

    ALLOTTED = "allotted"
    BOUGHT = "bought"
    READY = "ready"
    LOADED = "loaded"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"


class LoadState(StrEnum):
    """Where a load stands. While it is CLOSING somebody has its summary on a screen; a scan makes it OPEN again."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"


class DockMode(StrEnum):
    """What the next parcel that is scanned means.

    LOAD       it goes on the load
    UNLOAD     it comes off again; good for one scan
    REMAINING  it stays at the dock; everything else is on the vehicle already
    ASIDE      it was set aside and is off the vehicle, where it belongs
    """

    LOAD = "load"
    UNLOAD = "unload"
    REMAINING = "remaining"
    ASIDE = "aside"


class LeftReason(StrEnum):
    """Why parcels stay behind, asked once for all of them. Their order here is their number on the screen."""

    NO_SPACE = "no_space"
    NOT_FOUND = "not_found"
    NOT_IN_TIME = "not_in_time"
    DAMAGED = "damaged"
    DRIVER_LEFT = "driver_left"
    NEXT_LOAD = "next_load"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DockParcel:
    """A parcel as the dock sees it. Times are seconds since the epoch."""

    parcel_id: str
    tracking: str
    order_number: str
    channel: str
    carrier: str
    state: ParcelState
    load_id: str | None = None
    service: str = ""
    carrier_name: str = ""
    loaded_at: float | None = None
    loaded_by: str = ""
    assumed: bool = False
    """On its load by a supervisor's word, not by a scan."""
    planned_load: str = ""
    """The load whose plan names it or its order."""
    ship_by: float | None = None
    seen_at: float | None = None
    """When a scan last saw it; ``seen_where`` is the bench, ``seen_by`` the person."""
    seen_where: str = ""
    seen_by: str = ""
    seen_at_dock: bool = False
    void: bool = False
    """Its label is void although its order lives; ``replaced_by`` is the order's newer number, if there is one."""
    replaced_by: str = ""
    unfinished: bool = False
    """Its order is not packed: another of its boxes is open at a bench or waits for a new label."""
    weight_grams: int | None = None


@dataclass(frozen=True, slots=True)
class OtherLoad:
    """An open or planned load of this site, so that a refusal can name the right one."""

    load_id: str
    carrier: str
    carrier_name: str
    trailer: str = ""
    dock: str = ""
    """The bench where it is loaded."""
    services: tuple[str, ...] = ()
    state: LoadState = LoadState.OPEN
    cut_off: float | None = None
    loaded: int = 0
    listed: bool | None = None
    """It names what goes on it and takes nothing else; None where an older server did not say."""


@dataclass(frozen=True, slots=True)
class Pallet:
    """Parcels that travel under one SSCC (18 digits)."""

    sscc: str
    parcel_ids: tuple[str, ...]


def standing(pallets: Iterable[Pallet], off: Collection[str]) -> tuple[Pallet, ...]:
    """The pallets without these parcels; one with nothing on it is none."""
    rest = (replace(p, parcel_ids=tuple(code for code in p.parcel_ids if code not in off)) for p in pallets)
    return tuple(each for each in rest if each.parcel_ids)


@dataclass(frozen=True, slots=True)
class OnTruck:
    """A parcel that was cancelled after it was loaded: "212 of 640, 14:12" says where to look.

    ``answer`` is "" while nobody has said, "pulled" or "unreachable".
    """

    parcel_id: str
    tracking: str
    order_number: str
    position: int
    of: int
    loaded_at: float
    loaded_by: str = ""
    answer: str = ""


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
    mode: DockMode = DockMode.LOAD
    planned: bool = False
    closing: bool = False
    services: tuple[str, ...] = ()
    """Services it takes; empty: all of its carrier."""
    trailer: str = ""
    driver: str = ""
    dock: str = ""
    cut_off: float | None = None
    listed: bool = False
    """Its plan names parcels or orders: it takes no others."""
    remaining: tuple[str, ...] = ()
    """Ids of parcels scanned as staying at the dock."""
    others: tuple[OtherLoad, ...] = ()
    pallets: tuple[Pallet, ...] = ()
    cancelled_on: tuple[OnTruck, ...] = ()
    day_ends: float | None = None
    """When the business day of this site ends."""

    @property
    def state(self) -> LoadState:
        """Where it stands."""
        if self.closed:
            return LoadState.CLOSED
        return LoadState.CLOSING if self.closing else LoadState.PLANNED if self.planned else LoadState.OPEN

    @property
    def loaded(self) -> tuple[DockParcel, ...]:
        """Parcels on this load."""
        return tuple(p for p in self.parcels if p.state is ParcelState.LOADED and p.load_id == self.load_id)

    @property
    def missing(self) -> tuple[DockParcel, ...]:
        """Parcels that are ready, belong on this load and are on none."""
        return tuple(p for p in self.parcels if p.state is ParcelState.READY and belongs(self, p))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a refusal can tell: another load (which trailer, at which dock), since when and by whom, and so on."""

    load_id: str = ""
    trailer: str = ""
    dock: str = ""
    carrier: str = ""
    """Its name, as on the lane's sign."""
    service: str = ""
    at: float | None = None
    by: str = ""
    other: str = ""
    """Another number: the newer label, or the parcels of a pallet that may not go, one after the other."""


NO_FACTS = Facts()


@dataclass(frozen=True, slots=True)
class DockVerdict:
    """The answer to one scan at the dock; ``put_on`` and ``taken_off`` are parcels as they are after it."""

    reason: Reason
    tone: Tone
    load: Load
    parcel: DockParcel | None = None
    item: str = ""
    facts: Facts = NO_FACTS
    put_on: tuple[DockParcel, ...] = ()
    taken_off: tuple[DockParcel, ...] = ()
    refused: tuple[tuple[DockParcel, Reason], ...] = ()
    """Parcels that are set aside by this scan, each with its own reason."""


def fits(load: Load, parcel: DockParcel) -> bool:
    """Whether the parcel is of the load's carrier and services."""
    return parcel.carrier == load.carrier and (not load.services or parcel.service in load.services)


def belongs(load: Load, parcel: DockParcel) -> bool:
    """Whether the parcel is expected on this load: its order packed, of its carrier and services, in no other plan."""
    if parcel.unfinished or not fits(load, parcel):
        return False
    return parcel.planned_load == load.load_id or (not load.listed and not parcel.planned_load)
