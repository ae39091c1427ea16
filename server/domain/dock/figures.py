"""What must always be visible at a load, and what must be answered before it may close (HND-01, HND-03)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from server.domain.benchwork.reasons import Reason
from server.domain.dock.values import DockParcel, Load, ParcelState


@dataclass(frozen=True, slots=True)
class Partly:
    """An order of several parcels of which only some are on a vehicle."""

    order_number: str
    loaded: int
    parcels: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of a load; lists are sorted by ship-by and channel, what has no ship-by comes last."""

    loaded: int
    assumed: int
    left: tuple[DockParcel, ...]
    """Ready, expected on it, and not on it."""
    at_dock: tuple[DockParcel, ...]
    """Those of them whose last scan was at a dock."""
    elsewhere: tuple[DockParcel, ...]
    """The others: their last scan says where to look."""
    leave_today: tuple[DockParcel, ...]
    """Those of them whose ship-by is today or has passed."""
    not_ready: int
    """Labels of this carrier that nobody has confirmed on a box yet."""
    partly: tuple[Partly, ...]
    minutes: int | None
    """To the cut-off; negative when it has passed, None where there is none."""


def figures(load: Load, now: float) -> Figures:
    """All numbers of a load at this time, seconds since the epoch."""
    left = tuple(sorted(load.missing, key=urgency))
    until = load.day_ends
    today = (p for p in left if until is not None and p.ship_by is not None and p.ship_by < until)
    waiting = (p for p in load.parcels if p.state is ParcelState.BOUGHT and p.carrier == load.carrier)
    return Figures(
        loaded=len(load.loaded),
        assumed=sum(p.assumed for p in load.loaded),
        left=left,
        at_dock=tuple(p for p in left if p.seen_at_dock),
        elsewhere=tuple(p for p in left if not p.seen_at_dock),
        leave_today=tuple(today),
        not_ready=sum(1 for _ in waiting),
        partly=partly(load),
        minutes=None if load.cut_off is None else int((load.cut_off - now) // 60),
    )


def urgency(parcel: DockParcel) -> tuple[bool, float, str, str]:
    """How the board sorts: by ship-by, then by channel (HND-03)."""
    return parcel.ship_by is None, parcel.ship_by or 0.0, parcel.channel, parcel.tracking


def partly(load: Load) -> tuple[Partly, ...]:
    """Orders with a parcel on this load and another that is on none."""
    wanted = Counter(p.order_number for p in load.parcels if p.state is not ParcelState.CANCELLED)
    loaded = Counter(p.order_number for p in load.parcels if p.state is ParcelState.LOADED)
    some = {number for number, count in loaded.items() if count < wanted[number]}
    here = {p.order_number for p in load.loaded if p.order_number in some} if some else set()
    return tuple(Partly(number, loaded[number], wanted[number]) for number in sorted(here))


def assumable(load: Load) -> tuple[DockParcel, ...]:
    """What a supervisor may say is on the vehicle unseen: expected, not scanned as remaining, not set aside."""
    return tuple(p for p in load.missing if p.parcel_id not in {*load.remaining, *load.set_aside})


def before_close(
    load: Load, *, reason_given: bool = False, unreachable: Iterable[str] = (), assume: bool = False
) -> tuple[Reason, ...]:
    """What still stands between this load and its close, the gravest first; nothing: it may close.

    PULL_FIRST  a cancelled parcel is on it, and nobody said pulled or ``unreachable``
    SET_ASIDE   refused parcels are not settled
    NEED_REASON something stays behind and nobody said why
    """
    said = set(unreachable)
    open_questions = []
    if any(not each.answer and each.parcel_id not in said for each in load.cancelled_on):
        open_questions.append(Reason.PULL_FIRST)
    if load.set_aside:
        open_questions.append(Reason.SET_ASIDE)
    stays = set(load.missing) - set(assumable(load)) if assume else set(load.missing)
    if stays and not reason_given:
        open_questions.append(Reason.NEED_REASON)
    return tuple(open_questions)
