"""When a parcel on its way is a person's matter: thresholds per carrier and service (TRK-04, TRK-08)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from server.domain.errors import DomainError
from server.domain.tracking.journey import Journey
from server.domain.tracking.status import FAILED, Status

HOUR, DAY = 3600.0, 86_400.0
HOURS_MOST = 24 * 365
ASKED_DAYS, ASKED_AFTER_LOST = 60, 7
"""Days of silence after which its carrier is asked no more of a parcel; so many at least after it counts as lost."""
_MAY_BE_SILENT = frozenset({Status.LOST, Status.CANCELLED, Status.DAMAGED})
"""What a parcel of this status is was told already: silence adds nothing."""


class Alarm(StrEnum):
    """What is wrong.

    NEVER_SCANNED    it was handed over, and no scan of the carrier's has come
    STUCK            nothing was heard for too long while it is on its way, or nobody fetches it
    SLIPPED          the carrier means to deliver later than was promised
    FAILED_DELIVERY  the door was reached in vain, or something else keeps it from the buyer
    LOST             the carrier says so, or nothing was heard for days
    """

    NEVER_SCANNED = "never_scanned"
    STUCK = "stuck"
    SLIPPED = "slipped"
    FAILED_DELIVERY = "failed_delivery"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of one carrier and service; whole hours."""

    stuck_hours: int = 72
    scan_hours: int = 24
    slip_hours: int = 24
    lost_hours: int = 240


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one parcel. Times are epoch seconds; ``promised`` is when the buyer was told to have it."""

    journey: Journey
    handed_at: float | None
    promised: float | None
    expects_scans: bool
    """Whether its carrier tells us of scans at all: our own van never does, and its silence means nothing."""


NAMES = tuple(each.name for each in fields(Limits))


def limits_of(settings: Mapping[str, Mapping[str, Any]], carrier: str, service: str) -> Limits:
    """The limits that hold, the closest first: ``carrier/service``, ``carrier/*``, ``*/*``, then the product's own."""
    found = Limits()
    for key in ("*/*", f"{carrier}/*", f"{carrier}/{service}"):
        found = replace(found, **{name: value for name, value in settings.get(key, {}).items() if name in NAMES})
    return found


def checked_limits(settings: Mapping[str, Any]) -> dict[str, int]:
    """Limits that somebody set; raise DomainError("invalid") naming what was expected and found."""
    for name, value in settings.items():
        if name not in NAMES:
            raise DomainError("invalid", f"expected {', '.join(NAMES)}, found {str(name)[:40]!r}")
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= HOURS_MOST:
            raise DomainError("invalid", f"{name}: expected 1 to {HOURS_MOST} hours, found {str(value)[:40]!r}")
    return dict(settings)


def alarms(facts: Facts, limits: Limits, now: float) -> Mapping[Alarm, str]:
    """What is wrong at ``now``, with the fact behind it as a phrase that ends a sentence about the parcel."""
    journey = facts.journey
    found: dict[Alarm, str] = {}
    if _is_failed(facts):
        found[Alarm.FAILED_DELIVERY] = _failed(journey)
    if journey.status is Status.LOST:
        found[Alarm.LOST] = "its carrier says that it is lost"
    elif not journey.over and journey.status is not Status.CANCELLED:
        found |= _silent(facts, limits, now)
        if _slipped(facts, limits) and Alarm.LOST not in found:
            eta, promised = journey.eta or 0.0, facts.promised or 0.0
            found[Alarm.SLIPPED] = f"its carrier means to deliver on {_day(eta)}, {_day(promised)} was promised"
    return found


def next_look(facts: Facts, limits: Limits, now: float) -> float | None:
    """When time alone can change the answer of ``alarms``; None where only an event can."""
    journey = facts.journey
    base = _heard(facts)
    if base is None or journey.over or not facts.expects_scans or journey.status in _MAY_BE_SILENT:
        return None
    moments = [base + limits.lost_hours * HOUR]
    if journey.status is Status.AVAILABLE_FOR_PICKUP:
        return moments[0] if moments[0] > now else None
    if journey.first_scan is not None:
        moments.append(base + limits.stuck_hours * HOUR)
    elif facts.handed_at is not None:
        moments.append(facts.handed_at + limits.scan_hours * HOUR)
    return min((moment for moment in moments if moment > now), default=None)


def asked_until(facts: Facts, limits: Limits, asked_from: float | None = None) -> float | None:
    """When its carrier is asked no more: it was told long before. None where it has not left.

    ``asked_from`` is when a person had it asked of again, which counts as a word of it does.
    """
    base = _heard(facts)
    if base is None:
        return None
    return max(base, asked_from or base) + max(ASKED_DAYS * DAY, limits.lost_hours * HOUR + ASKED_AFTER_LOST * DAY)


def _silent(facts: Facts, limits: Limits, now: float) -> dict[Alarm, str]:
    base = _heard(facts)
    if base is None or not facts.expects_scans or facts.journey.status in _MAY_BE_SILENT:
        return {}
    long = now - base >= limits.lost_hours * HOUR
    if facts.journey.status is Status.AVAILABLE_FOR_PICKUP:
        return {Alarm.STUCK: f"nobody has fetched it for {_span(now - base)}"} if long else {}
    if long:
        return {Alarm.LOST: f"nothing was heard of it for {_span(now - base)}"}
    if facts.journey.first_scan is None:
        since = now - (facts.handed_at or now)
        late = facts.handed_at is not None and since >= limits.scan_hours * HOUR
        return {Alarm.NEVER_SCANNED: f"it was handed over {_span(since)} ago and never scanned"} if late else {}
    if now - base >= limits.stuck_hours * HOUR:
        return {Alarm.STUCK: f"nothing was heard of it for {_span(now - base)}"}
    return {}


def _heard(facts: Facts) -> float | None:
    """The newest sign of it: an event, or our own hand."""
    signs = [at for at in (facts.journey.last, facts.handed_at) if at is not None]
    return max(signs) if facts.handed_at is not None or facts.journey.first_scan is not None else None


def _slipped(facts: Facts, limits: Limits) -> bool:
    eta, promised = facts.journey.eta, facts.promised
    return eta is not None and promised is not None and eta > promised + limits.slip_hours * HOUR


def _is_failed(facts: Facts) -> bool:
    journey = facts.journey
    if journey.status is Status.CANCELLED:
        # Its label lives, by our book, and it left with it.
        return facts.handed_at is not None
    return journey.status in FAILED or (journey.status is Status.AVAILABLE_FOR_PICKUP and journey.attempts > 0)


def _failed(journey: Journey) -> str:
    if journey.status is Status.CANCELLED:
        return "it has left, and its carrier says that its label is void"
    if journey.status is Status.RETURNED:
        return "it came back"
    if journey.status is Status.RETURNING:
        return "it is on its way back"
    if journey.status is Status.DAMAGED:
        return "its carrier says that it is damaged"
    if journey.status is Status.EXCEPTION:
        return "something keeps it from being delivered"
    tries = f"{journey.attempts} times" if journey.attempts > 1 else "once"
    return f"delivery was tried {tries} in vain"


def _span(seconds: float) -> str:
    hours = int(seconds // 3600)
    return f"{hours // 24} days" if hours >= 48 else f"{hours} h"


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
