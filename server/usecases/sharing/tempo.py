"""How soon a channel is told of a number: at once, after some seconds, or once in a period (SYN-02).

A channel's ``policy["mode"]`` is {"near": seconds} or {"batch": minutes}; none means real time. Moments lie on a grid,
so that a number that changes all the time cannot put itself off: whatever changes before a moment goes out at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor
from typing import Any, Literal

from server.domain.errors import DomainError
from server.usecases.outward.outbox import NEARLY_NOTHING

NEAR_MAX, BATCH_MAX = 3600, 1440
"""Seconds and minutes."""


@dataclass(frozen=True, slots=True)
class Tempo:
    """``period`` is in seconds; 0 in real time."""

    kind: Literal["realtime", "near", "batch"] = "realtime"
    period: float = 0.0

    def moment(self, now: float, units: int) -> float:
        """When this number may go out; nothing, and nearly nothing, never waits."""
        if not self.period or units <= NEARLY_NOTHING:
            return now
        return (floor(now / self.period) + 1) * self.period

    def __str__(self) -> str:
        """As a person writes it."""
        match self.kind:
            case "near":
                return f"near:{self.period:g}"
            case "batch":
                return f"batch:{self.period / 60:g}"
        return "realtime"


def tempo_of(policy: Mapping[str, Any] | None) -> Tempo:
    """The tempo in a channel's policy."""
    mode = (policy or {}).get("mode") or {}
    if "near" in mode:
        return Tempo("near", float(mode["near"]))
    return Tempo("batch", mode["batch"] * 60.0) if "batch" in mode else Tempo()


def tempo_now(policy: Mapping[str, Any] | None, now: float) -> Tempo:
    """The tempo at this moment: real time for a while after a lever was pulled, so that it acts at once (LCH-02)."""
    return Tempo() if (policy or {}).get("at_once_until", 0.0) > now else tempo_of(policy)


def read_tempo(text: str) -> dict[str, int]:
    """``realtime``, ``near:SECONDS`` or ``batch:MINUTES`` as it is kept; raise DomainError("invalid")."""
    kind, _, number = text.strip().partition(":")
    if kind == "realtime" and not number:
        return {}
    most = {"near": NEAR_MAX, "batch": BATCH_MAX}.get(kind, 0)
    if not (number.isascii() and number.isdecimal() and len(number) < 6 and 1 <= int(number) <= most):
        expected = f"realtime, near:SECONDS (1 to {NEAR_MAX}) or batch:MINUTES (1 to {BATCH_MAX})"
        raise DomainError("invalid", f"mode: expected {expected}, found {text[:40]!r}")
    return {kind: int(number)}
