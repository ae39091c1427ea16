"""How often a platform is read back, and how far it is corrected: keys of ``channel.policy``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server.domain.channels.deviations import Fixing, FixRule
from server.domain.errors import DomainError

MINUTES = 15
"""Between the beginnings of two cycles, until somebody says otherwise (SYN-10)."""
MINUTES_MOST = 1_440
TOLERANCE_MOST = 1_000_000
KEYS = ("reconcile_minutes", "reconcile_fix", "reconcile_tolerance")


@dataclass(frozen=True, slots=True)
class ReconcileRules:
    """One channel's; ``every`` in seconds."""

    every: float = MINUTES * 60.0
    fix: FixRule = field(default_factory=FixRule)


def reconcile_rules(policy: Mapping[str, Any]) -> ReconcileRules:
    """Read them; raise DomainError("invalid") naming what was expected."""
    minutes, how = policy.get(KEYS[0], MINUTES), policy.get(KEYS[1], Fixing.WITHIN.value)
    tolerance = policy.get(KEYS[2], FixRule().tolerance)
    if not _whole(minutes) or not 1 <= minutes <= MINUTES_MOST:
        raise DomainError("invalid", f"{KEYS[0]}: expected 1 to {MINUTES_MOST} minutes, found {minutes!r}")
    if how not in set(Fixing):
        raise DomainError("invalid", f"{KEYS[1]}: expected one of {', '.join(Fixing)}, found {how!r}")
    if not _whole(tolerance) or not 0 <= tolerance <= TOLERANCE_MOST:
        raise DomainError("invalid", f"{KEYS[2]}: expected 0 to {TOLERANCE_MOST} units, found {tolerance!r}")
    return ReconcileRules(minutes * 60.0, FixRule(Fixing(how), tolerance))


def _whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool)
