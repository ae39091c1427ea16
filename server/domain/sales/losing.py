"""The path of an order that stock did not reach for: which step is next, and why those before it were not taken."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from server.domain.errors import DomainError


class Step(StrEnum):
    """What may be done for it, each in its turn.

    OTHER_LOCATION  another site, or several, have it
    INBOUND         goods on their way will cover it in time: it waits for them
    BACKORDER       it waits in order date for whatever comes
    SUBSTITUTE      another product goes in the box, where the matrix approves
    CANCEL          it is cancelled, and the cancel counts as the seller's
    ASK             a person decides
    """

    OTHER_LOCATION = "other_location"
    INBOUND = "inbound"
    BACKORDER = "backorder"
    SUBSTITUTE = "substitute"
    CANCEL = "cancel"
    ASK = "ask"


ENDS = frozenset({Step.CANCEL, Step.ASK})
"""Steps that never decline."""
DEFAULT_PATH = (Step.OTHER_LOCATION, Step.INBOUND, Step.BACKORDER, Step.SUBSTITUTE, Step.ASK)


class Chances(NamedTuple):
    """What every step could do for this order, as the caller found it. Empty text and None: nothing.

    ``elsewhere`` and ``substitute`` are phrases for people ("WEST has 2 of CANDLE", "ROSE for CANDLE by rule 4");
    ``unapproved`` says why a substitute that exists may not go by itself. Times in seconds. ``oversell`` is the number
    of units by which the channel may sell more than there is (CNF-05).
    """

    elsewhere: str = ""
    inbound_at: float | None = None
    ship_by: float | None = None
    backorder: bool = False
    oversell: int = 0
    lacking: int = 0
    substitute: str = ""
    unapproved: str = ""


class Passed(NamedTuple):
    """A step that was not taken."""

    step: Step
    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The step to take and the reason; ``passed`` are those before it. All of it is recorded."""

    step: Step
    why: str
    passed: tuple[Passed, ...] = ()
    oversold: int = 0
    """Units of the channel's own permission to oversell which this used; each use is logged."""

    def detail(self) -> dict[str, Any]:
        """JSON for the audit."""
        tried = {"passed": [[p.step.value, p.why] for p in self.passed]} if self.passed else {}
        used = {"oversold": self.oversold} if self.oversold else {}
        return {"step": self.step.value, "why": self.why} | tried | used


def path(chances: Chances, steps: Sequence[Step]) -> Outcome:
    """The first step that can be taken. A path that ends without one is cancelled: nothing waits unseen (CNF-02)."""
    passed: list[Passed] = []
    for step in steps:
        taken, why = _JUDGES[step](chances)
        if taken:
            oversold = chances.lacking if step is Step.BACKORDER and not chances.backorder else 0
            return Outcome(step, why, tuple(passed), oversold)
        passed.append(Passed(step, why))
    return Outcome(Step.CANCEL, "no step of the path could be taken", tuple(passed))


def _other_location(c: Chances) -> tuple[bool, str]:
    return (True, c.elsewhere) if c.elsewhere else (False, "no other site has all of it")


def _inbound(c: Chances) -> tuple[bool, str]:
    if c.inbound_at is None:
        return False, "nothing on its way covers it"
    due = _day(c.inbound_at)
    if c.ship_by is not None and c.inbound_at > c.ship_by:
        return False, f"goods are due {due}, after it must leave ({_day(c.ship_by)})"
    return True, f"goods are due {due}"


def _backorder(c: Chances) -> tuple[bool, str]:
    if c.backorder:
        return True, "the channel permits backorders"
    if not c.oversell:
        return False, "the channel permits neither backorders nor overselling"
    if c.lacking > c.oversell:
        return False, f"{c.lacking} units are lacking, and the channel may oversell {c.oversell} more"
    return True, f"the channel may oversell {c.oversell} units, this uses {c.lacking}"


def _substitute(c: Chances) -> tuple[bool, str]:
    return (True, c.substitute) if c.substitute else (False, c.unapproved or "there is no substitute in stock")


def _cancel(_: Chances) -> tuple[bool, str]:
    return True, "the path says cancel"


def _ask(_: Chances) -> tuple[bool, str]:
    return True, "the path says ask"


_JUDGES = {
    Step.OTHER_LOCATION: _other_location,
    Step.INBOUND: _inbound,
    Step.BACKORDER: _backorder,
    Step.SUBSTITUTE: _substitute,
    Step.CANCEL: _cancel,
    Step.ASK: _ask,
}


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


@dataclass(frozen=True, slots=True)
class ChannelRules:
    """What a channel permits. Everything is off until someone switches it on (CNF-05, RTE-11)."""

    path: tuple[Step, ...] = DEFAULT_PATH
    backorder: bool = False
    oversell: int = 0
    """Units of one SKU it may sell beyond the stock."""
    cancel_limit: int | None = None
    """The channel's limit of seller-caused cancels, in hundredths of a per cent (250 is 2.5 %)."""
    cancel_days: int = 30
    """Days over which the channel counts them."""


def channel_rules(settings: Mapping[str, Any]) -> ChannelRules:
    """Read them from JSON; raise DomainError("invalid") naming the key, what was expected and what was found."""
    known = ChannelRules.__dataclass_fields__
    odd = sorted(set(settings) - set(known))
    if odd:
        raise DomainError("invalid", f"expected {', '.join(known)}, found {', '.join(odd)}")
    checked: dict[str, Any] = {key: _CHECKS[key](key, value) for key, value in settings.items()}
    return ChannelRules(**checked)


def steps_of(key: str, value: Any) -> tuple[Step, ...]:
    """A path: each step once, and nothing after one that never declines."""
    choice = ", ".join(Step)
    if not isinstance(value, list | tuple) or not value or any(step not in tuple(Step) for step in value):
        raise DomainError("invalid", f"{key}: expected some of {choice}, found {value!r}")
    steps = tuple(Step(step) for step in value)
    if len(set(steps)) < len(steps):
        raise DomainError("invalid", f"{key}: expected each step once, found {', '.join(steps)}")
    if any(step in ENDS for step in steps[:-1]):
        raise DomainError("invalid", f"{key}: nothing is tried after cancel or ask, found {', '.join(steps)}")
    return steps


def _flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise DomainError("invalid", f"{key}: expected true or false, found {value!r}")
    return value


def _number(key: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise DomainError("invalid", f"{key}: expected {least} to {most}, found {value!r}")
    return value


_CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    "path": steps_of,
    "backorder": _flag,
    "oversell": lambda key, value: _number(key, value, 0, 1_000_000),
    "cancel_limit": lambda key, value: None if value is None else _number(key, value, 1, 10_000),
    "cancel_days": lambda key, value: _number(key, value, 1, 365),
}
