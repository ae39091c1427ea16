"""An allocation plan before it is put to work: does it fit the stock, and what will every channel be told?"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from server.domain.sharing.allocation import Allocation
from server.domain.sharing.allocation_rules import WHOLE, Kind, Rule
from server.domain.sharing.offers import Offer, Pool

TAKING = frozenset({Kind.SHARE, Kind.RESERVE, Kind.HOLD_BACK})
"""What is taken from the stock; all of it together must fit."""


@dataclass(frozen=True, slots=True)
class Excess:
    """A plan that promises more of a SKU than there is (BUF-05); units."""

    sku: str
    planned: int
    stock: int
    parts: tuple[str, ...]
    """ "amazon 30", "held back 5" ..."""

    @property
    def units(self) -> int:
        """By how much it is too large."""
        return self.planned - self.stock

    def __str__(self) -> str:
        parts = " + ".join(self.parts)
        return f"the plan for {self.sku} takes {self.planned} ({parts}) of {self.stock}: {self.units} too many"


def excess(allocation: Allocation, pool: Pool) -> Excess | None:
    """What the shares, protected amounts and hold-backs of a SKU exceed its units by; None when they fit.

    Its units: those available and those channels have taken since the plan began.
    """
    stock = max(pool.available, 0) + sum(pool.used.values())
    taking = [rule for rule in allocation.applying(pool.sku, pool.group) if rule.kind in TAKING]
    planned = ceil(sum((_exact(rule, stock) for rule in taking), Fraction(0)))
    if planned <= stock:
        return None
    parts = (f"{rule.channel or 'held back'} {_spoken(rule, stock)}" for rule in taking)
    return Excess(pool.sku, planned, stock, tuple(parts))


def _exact(rule: Rule, stock: int) -> Fraction:
    return Fraction(rule.units) if rule.units is not None else Fraction(stock * (rule.percent or 0), WHOLE)


def _spoken(rule: Rule, stock: int) -> str:
    return str(rule.units) if rule.units is not None else f"{rule.amount} = {float(_exact(rule, stock)):g}"


@dataclass(frozen=True, slots=True)
class Change:
    """What one channel is told of one SKU before and after a change of the rules."""

    sku: str
    channel: str
    before: Offer
    after: Offer


@dataclass(frozen=True, slots=True)
class Scope:
    """Which SKUs a change of rules concerns: all of them, or these and those of these groups."""

    everything: bool
    skus: frozenset[str]
    groups: frozenset[str]


def concerned(before: Iterable[Rule], after: Iterable[Rule]) -> Scope:
    """What must be told afresh when one set of rules takes the place of another, or a window turns."""
    differing = set(before) ^ set(after)
    return Scope(
        everything=any(not (rule.sku or rule.group) for rule in differing),
        skus=frozenset(rule.sku for rule in differing if rule.sku),
        groups=frozenset(rule.group for rule in differing if rule.group),
    )
