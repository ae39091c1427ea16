"""What is true of a parcel is a pure function of the set of its events: in any order, twice or late (TRK-05)."""

from collections.abc import Iterable
from dataclasses import dataclass

from server.domain.tracking.status import SCANNED, TERMINAL, Status

_RANK = {status: rank for rank, status in enumerate(Status)}
_AFTER_DELIVERY = frozenset({Status.RETURNING, Status.RETURNED, Status.DAMAGED})
_FROM_WAY_BACK = frozenset({Status.RETURNED, Status.LOST, Status.DAMAGED})
_SAYS_NOTHING = frozenset({Status.UNKNOWN})
_PAPER = frozenset({Status.LABEL_CREATED, Status.CANCELLED})
"""Told by computers; once the parcel was in somebody's hand they take nothing back."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing said of a parcel. ``at`` is when it happened, ``eta`` when it would be delivered: epoch seconds."""

    at: float
    status: Status
    eta: float | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """What follows from all events. Times are epoch seconds, None where it has not happened."""

    status: Status | None = None
    """None before anything was said."""
    since: float | None = None
    """When the parcel came into this status."""
    eta: float | None = None
    """The newest by the time of its event, not by its arrival."""
    first_scan: float | None = None
    """When somebody of the carrier's first had it in the hand."""
    last: float | None = None
    """The newest event of any kind."""
    delivered: float | None = None
    attempts: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing more is waited for."""
        return self.status in TERMINAL


def fold(events: Iterable[Event]) -> Journey:
    """The journey these events tell of.

    Delivered stands against everything but a way back or damage; returned against everything. Words that nobody has
    explained move nothing, unless nothing else was said.
    """
    seen = sorted(set(events), key=lambda e: (e.at, _RANK[e.status], e.eta is None, e.eta or 0.0))
    status: Status | None = None
    since: float | None = None
    held = back = False
    for event in seen:
        after = _next(status, event.status, held=held, back=back)
        held, back = held or event.status in SCANNED, back or after is Status.RETURNING
        if after is not status:
            status, since = after, event.at
    etas = [event for event in seen if event.eta is not None]
    scans = [event.at for event in seen if event.status in SCANNED]
    given = [event.at for event in seen if event.status is Status.DELIVERED]
    return Journey(
        status=status,
        since=since,
        eta=etas[-1].eta if etas else None,
        first_scan=scans[0] if scans else None,
        last=seen[-1].at if seen else None,
        delivered=given[0] if given and status is Status.DELIVERED else None,
        attempts=len({event.at for event in seen if event.status is Status.ATTEMPTED}),
    )


def _next(now: Status | None, said: Status, *, held: bool, back: bool) -> Status:
    if now is None:
        return said
    if said in _SAYS_NOTHING or now is Status.RETURNED:
        return now
    if back and said is Status.DELIVERED:
        # Carriers say "delivered" of a parcel that they gave back to its sender.
        return Status.RETURNED
    if now is Status.DELIVERED:
        return said if said in _AFTER_DELIVERY else now
    if now is Status.RETURNING:
        return said if said in _FROM_WAY_BACK else now
    return now if said in _PAPER and held else said
