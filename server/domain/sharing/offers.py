"""What a channel is told of a SKU, and what a sale may still take, with every unit withheld explained.

Two numbers. The *sellable* units are what a sale may still take: hard shares and protected amounts bind there. The
*offer* is what the channel is told: those less hold-backs, buffers, caps and withdrawals, which never refuse a sale
that has happened.

Percentages of shares and protected amounts are of all units since the plan began, sold ones included, so selling does
not shrink them. Rounding never favours a higher number: a share is rounded down, what is kept from others up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from server.domain.sharing.allocation_rules import Kind, Rule
from server.domain.sharing.buffers import Pace, dynamic

CLAIMING = frozenset({Kind.EQUAL, Kind.SHARE, Kind.RESERVE})


class Pool(NamedTuple):
    """Units of one SKU over all sellable sites.

    ``used``: units each channel has taken since the plan began (held, reserved or shipped, less what came back).
    ``beyond``: units each channel may still sell beyond the stock; nothing for the others (CNF-05).
    ``made_to_order``: the number told whatever the stock; such a product never takes a unit from it (SYN-14).
    """

    sku: str
    group: str
    available: int
    used: Mapping[str, int] = {}
    beyond: Mapping[str, int] = {}
    pace: Pace | None = None
    made_to_order: int | None = None


class Cut(NamedTuple):
    """Units one rule takes from (or adds to) what a channel is shown.

    ``kind`` is that of the rule. What a product ("made_to_order") or a channel ("oversell") says has no rule: 0.
    """

    rule_id: int
    kind: str
    owner: str
    units: int
    sentence: str


class Offer(NamedTuple):
    """What a channel is told: ``units`` = available - everything withheld + everything beyond the stock."""

    units: int
    withheld: tuple[Cut, ...] = ()
    beyond: tuple[Cut, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """The rules that can apply to a SKU: winners by (slot, channel), "" for every channel."""

    winners: Mapping[tuple[str, str], Rule]
    claims: Mapping[str, Rule]
    """Channels with a share, an equal part or a protected amount, in a fixed order."""

    def find(self, slot: str, channel: str) -> Rule | None:
        """The rule of this slot that applies to the channel."""
        own, general = self.winners.get((slot, channel)), self.winners.get((slot, ""))
        if own is None or general is None:
            return own or general
        return max(own, general, key=by_rank)


def unsold_units(plan: Standing, pool: Pool) -> dict[str, int]:
    """What is left of each claim, in units."""
    used = pool.used
    base = max(pool.available, 0) + sum(used.values())
    left: dict[str, int] = {}
    equal: list[str] = []
    claimed = 0
    for channel, rule in plan.claims.items():
        if rule.kind is Kind.EQUAL:
            equal.append(channel)
            continue
        quota = rule.part(base, up=rule.kind is Kind.RESERVE)
        claimed += quota
        left[channel] = max(0, quota - used.get(channel, 0))
    if equal:
        held = plan.winners.get(("hold_back", ""))
        each = max(0, base - claimed - (held.part(base) if held else 0)) // len(equal)
        for channel in equal:
            left[channel] = max(0, each - used.get(channel, 0))
    return left


def sellable_units(plan: Standing, channel: str, units: int, unsold: Mapping[str, int]) -> int:
    """Of ``units``, what this channel may take. Where claims exceed the stock the claimants are served as they come."""
    own = plan.claims.get(channel)
    mine = min(units, unsold.get(channel, 0))
    if own is not None and own.kind is not Kind.RESERVE:
        return mine
    return max(mine, units - sum(unsold.values()) + unsold.get(channel, 0), 0)


def offer(plan: Standing, pool: Pool, channel: str, available: int, unsold: Mapping[str, int]) -> Offer:
    """What the channel is told of ``available`` units, where ``unsold`` is left of each claim."""
    if pool.made_to_order is not None:
        return _capped(plan, channel, available, *_made_to_order(pool.made_to_order, available))
    withdrawn = plan.find("withdraw", channel)
    if withdrawn is not None and available < withdrawn.part(0):
        why = f"{channel} is withdrawn below {withdrawn.amount}, {available} left"
        return Offer(0, (_cut(withdrawn, available, why),) if available else ())
    cuts = _kept_from_all(plan, pool, channel, available)
    left = available - sum(cut.units for cut in cuts)
    sellable = sellable_units(plan, channel, left, unsold) if plan.claims else left
    cuts += _claimed(plan, channel, left - sellable, unsold)
    return _capped(plan, channel, available, cuts, _beyond(pool, channel))


def _capped(plan: Standing, channel: str, available: int, cuts: list[Cut], beyond: tuple[Cut, ...]) -> Offer:
    shown = available - sum(cut.units for cut in cuts) + sum(cut.units for cut in beyond)
    cap = plan.find("cap", channel)
    most = cap.part(available) if cap else shown
    if cap and shown > most:
        cuts.append(_cut(cap, shown - most, f"{channel} is shown at most {most} ({cap.amount})"))
    return Offer(min(shown, most), tuple(cuts), beyond)


def _made_to_order(number: int, available: int) -> tuple[list[Cut], tuple[Cut, ...]]:
    """Its configured number instead of its stock."""
    stock = Cut(0, "made_to_order", "the product", available, "made to order: its stock is not sold")
    shown = Cut(0, "made_to_order", "the product", number, f"made to order: always {number}")
    return [stock] if available else [], (shown,) if number else ()


def _kept_from_all(plan: Standing, pool: Pool, channel: str, available: int) -> list[Cut]:
    """Hold-back and buffer, together never more than there is."""
    cuts: list[Cut] = []
    held, buffer = plan.find("hold_back", channel), plan.find("buffer", channel)
    if held is not None:
        cuts.append(_cut(held, min(available, held.part(0)), f"{held.amount} held back from everyone"))
    if buffer is not None:
        left = available - sum(cut.units for cut in cuts)
        if buffer.kind is Kind.DYNAMIC and buffer.formula is not None:
            found = dynamic(buffer.formula, pool.pace, channel)
            units, sentence = found.units, f"dynamic buffer: {found.sentence}"
        else:
            units, sentence = buffer.part(available, up=True), f"safety buffer of {buffer.amount} of {available}"
        cuts.append(_cut(buffer, min(left, units), sentence))
    return [cut for cut in cuts if cut.units]


def _claimed(plan: Standing, channel: str, withheld: int, unsold: Mapping[str, int]) -> list[Cut]:
    """Who has a claim on the ``withheld`` units."""
    own = plan.claims.get(channel)
    if own is not None and own.kind is not Kind.RESERVE:
        what = f"its share of {own.amount}" if own.kind is Kind.SHARE else "an equal part"
        return [_cut(own, withheld, f"{channel} sells only {what}, {unsold[channel]} left of it")] if withheld else []
    cuts: list[Cut] = []
    for other, rule in plan.claims.items():
        units = min(withheld, unsold[other]) if other != channel else 0
        if units:
            cuts.append(_cut(rule, units, f"{unsold[other]} left of what is kept for {other} ({_kept(rule)})"))
            withheld -= units
    return cuts


def _kept(rule: Rule) -> str:
    return rule.amount or "an equal part"


def _beyond(pool: Pool, channel: str) -> tuple[Cut, ...]:
    units = pool.beyond.get(channel, 0)
    sentence = f"{channel} may still sell {units} beyond the stock"
    return (Cut(0, "oversell", "the channel", units, sentence),) if units > 0 else ()


def _cut(rule: Rule, units: int, sentence: str) -> Cut:
    return Cut(rule.rule_id, rule.kind, rule.owner, units, f"{sentence}{f' ({rule.window})' if rule.window else ''}")


def by_rank(rule: Rule) -> tuple[int, bool, bool, int]:
    """Sort key: the highest applies."""
    return rule.rank
