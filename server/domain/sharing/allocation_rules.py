"""What may be ruled about the units a channel sees and sells: one frozen rule each, checked when it is made."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from server.domain.errors import DomainError
from server.domain.sharing.buffers import Formula, check_formula
from server.domain.sharing.windows import Window, check_window

UNITS_MAX = 1_000_000_000
WHOLE = 10_000
"""Percentages are kept in hundredths of a percent, so 100 % is 10,000."""


class Kind(StrEnum):
    """What a rule does. The first four say how a channel takes part (its mode); the others change the published number.

    SHARED     draws on the common pool; undoes a wider rule
    EQUAL      the channels so marked divide what no other rule claims, the same for each
    SHARE      sells only this share; what is left of it is nobody else's
    RESERVE    this much is protected for it; it draws on the common pool too
    HOLD_BACK  so many units are shown to nobody
    BUFFER     so much less is shown
    DYNAMIC    as BUFFER, from velocity, lead time and margin
    CAP        never more than this is shown
    WITHDRAW   below so many units it is shown none
    """

    SHARED = "shared"
    EQUAL = "equal"
    SHARE = "share"
    RESERVE = "reserve"
    HOLD_BACK = "hold_back"
    BUFFER = "buffer"
    DYNAMIC = "dynamic"
    CAP = "cap"
    WITHDRAW = "withdraw"


_MODES = frozenset({Kind.SHARED, Kind.EQUAL, Kind.SHARE, Kind.RESERVE})
_NEEDS_CHANNEL = _MODES | {Kind.WITHDRAW}
_NO_AMOUNT = frozenset({Kind.SHARED, Kind.EQUAL, Kind.DYNAMIC})
_PERCENT_TOO = frozenset({Kind.SHARE, Kind.RESERVE, Kind.BUFFER, Kind.CAP})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. An empty ``sku`` and ``group`` mean every product, an empty ``channel`` every channel.

    Exactly one of ``units`` and ``percent`` (in hundredths of a percent) is given, where the kind wants an amount.
    """

    rule_id: int
    kind: Kind
    sku: str = ""
    group: str = ""
    channel: str = ""
    units: int | None = None
    percent: int | None = None
    window: Window | None = None
    formula: Formula | None = None
    owner: str = ""
    """Who made it: "cli:anna"."""
    note: str = ""

    @property
    def slot(self) -> str:
        """Of the rules in one slot one applies to a channel of a SKU."""
        if self.kind in _MODES:
            return "mode"
        return "buffer" if self.kind is Kind.DYNAMIC else self.kind.value

    @property
    def rank(self) -> tuple[int, bool, bool, int]:
        """The highest applies: one SKU before a group before all, dated before undated, a named channel, the newest."""
        scope = 2 if self.sku else 1 if self.group else 0
        return scope, self.window is not None, bool(self.channel), self.rule_id

    @property
    def amount(self) -> str:
        """ "30 units", "10 %" or nothing."""
        if self.units is not None:
            return f"{self.units} unit{'' if self.units == 1 else 's'}"
        return f"{spoken_percent(self.percent)} %" if self.percent is not None else ""

    def active(self, now: float) -> bool:
        """Whether it holds at this moment."""
        return self.window is None or self.window.opens <= now < self.window.closes

    def part(self, whole: int, *, up: bool = False) -> int:
        """Its amount in units of ``whole``; a percentage is rounded down unless ``up``."""
        if self.units is not None:
            return self.units
        exact = whole * (self.percent or 0)
        return -(-exact // WHOLE) if up else exact // WHOLE


def read_percent(text: str) -> int:
    """ "10", "12.5" or "12.5%" as hundredths of a percent; raise DomainError("invalid") outside 0 to 100."""
    try:
        value = Decimal(text.replace("%", "").strip()) * 100
        whole = int(value)
    except (ArithmeticError, ValueError):
        whole, value = -1, Decimal(0)
    if not 0 <= whole <= WHOLE or whole != value:
        raise DomainError("invalid", f"expected 0 to 100 % with at most two decimals, found {text[:40]!r}")
    return whole


def spoken_percent(percent: int | None) -> str:
    """Hundredths of a percent as a person writes them: 1000 -> "10", 1250 -> "12.5"."""
    return f"{(percent or 0) / 100:.2f}".rstrip("0").rstrip(".")


def check_rule(rule: Rule) -> Rule:
    """The rule itself; raise DomainError("invalid") that says what this kind wants and what was found."""
    if rule.sku and rule.group:
        _refuse(rule, "a SKU or a group", f"{rule.sku!r} and {rule.group!r}")
    if rule.kind in _NEEDS_CHANNEL and not rule.channel:
        _refuse(rule, "the channel it is for", "none")
    if rule.kind is Kind.HOLD_BACK and rule.channel:
        _refuse(rule, "no channel: what is held back is shown to nobody", repr(rule.channel))
    _check_amount(rule)
    if rule.formula is not None:
        check_formula(rule.formula)
    if rule.window is not None:
        check_window(rule.window)
    return rule


def _check_amount(rule: Rule) -> None:
    if rule.kind in _NO_AMOUNT:
        if rule.units is not None or rule.percent is not None:
            _refuse(rule, "no amount", rule.amount)
        return
    wanted = "either units or a percentage" if rule.kind in _PERCENT_TOO else "a number of units"
    if (rule.units is None) == (rule.percent is None) or (rule.percent is not None and rule.kind not in _PERCENT_TOO):
        _refuse(rule, wanted, rule.amount or "none")
    if not 0 <= (rule.units or 0) <= UNITS_MAX or not 0 <= (rule.percent or 0) <= WHOLE:
        _refuse(rule, f"{wanted}, from 0 to {UNITS_MAX} units or 0 to 100 %", rule.amount)


def _refuse(rule: Rule, expected: str, found: str) -> None:
    raise DomainError("invalid", f"a {rule.kind} rule: expected {expected}, found {found}")


def next_change(rules: Iterable[Rule], now: float) -> float | None:
    """When the next dated window opens or closes, in seconds since the epoch; None when none will."""
    edges = (edge for r in rules if r.window for edge in (r.window.opens, r.window.closes))
    return min((edge for edge in edges if now < edge < float("inf")), default=None)
