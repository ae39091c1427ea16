"""When a person decides against the rules: who may, and when the rule itself is looked at."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from server.domain.people import Role

MAY_OVERRIDE = frozenset({Role.SUPERVISOR, Role.ADMIN})
REVIEW_DAYS = 30
REVIEW_AFTER = 3
REASON_MAX = 400
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class NotAllowed:
    """Why an override is refused: a stable code and a sentence."""

    code: str
    detail: str


def check_override(roles: Collection[Role], reason: str) -> NotAllowed | None:
    """None when this person may override with this reason."""
    if not MAY_OVERRIDE & set(roles):
        held = ", ".join(sorted(roles)) or "none"
        return NotAllowed("forbidden", f"only a supervisor may send an order elsewhere; this person's roles: {held}")
    words = reason.strip()
    if not words or len(words) > REASON_MAX or not words.isprintable():
        return NotAllowed("reason_needed", f"expected a reason of 1 to {REASON_MAX} characters, found {len(words)}")
    return None


def needs_review(times: Iterable[float], now: float, after: int = REVIEW_AFTER, days: int = REVIEW_DAYS) -> bool:
    """Whether a rule was overridden at least ``after`` times within ``days``; ``times`` in seconds since the epoch."""
    since = now - days * _DAY
    return sum(since < at <= now for at in times) >= after
