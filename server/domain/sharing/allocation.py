"""All rules of one moment, indexed so that a sale pays for them only where one applies to its SKU."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from math import inf

from server.domain.booking.kit_offers import KitPool, kit_offer
from server.domain.sharing.allocation_rules import Rule, next_change
from server.domain.sharing.offers import (
    CLAIMING,
    Cut,
    Offer,
    Pool,
    Standing,
    by_rank,
    offer,
    sellable_units,
    unsold_units,
)

__all__ = ["Allocation", "Cut", "KitPool", "Offer", "Pool"]


@dataclass(frozen=True, slots=True)
class Allocation:
    """All rules that hold at one moment; it answers until ``valid_until``, when the next dated window turns."""

    rules: tuple[Rule, ...]
    valid_until: float
    claiming: bool
    _everywhere: tuple[Rule, ...]
    _by_sku: Mapping[str, tuple[Rule, ...]]
    _by_group: Mapping[str, tuple[Rule, ...]]
    _plans: dict[tuple[str, str], Standing]

    @classmethod
    def of(cls, rules: Iterable[Rule], now: float) -> "Allocation":
        """The rules active ``now`` (seconds since the epoch)."""
        known = tuple(rules)
        active = tuple(rule for rule in known if rule.active(now))
        everywhere = tuple(rule for rule in active if not (rule.sku or rule.group))
        by_sku = _indexed((rule.sku, rule) for rule in active if rule.sku)
        by_group = _indexed((rule.group, rule) for rule in active if rule.group)
        change = next_change(known, now)
        claiming = any(rule.kind in CLAIMING for rule in active)
        return cls(active, inf if change is None else change, claiming, everywhere, by_sku, by_group, {})

    def tracks(self, sku: str, group: str) -> bool:
        """Whether the units each channel has taken of this SKU matter."""
        return self.claiming and bool(self._plan(sku, group).claims)

    def applying(self, sku: str, group: str) -> tuple[Rule, ...]:
        """The rules that decide about this SKU, in a fixed order."""
        return tuple(rule for _, rule in sorted(self._plan(sku, group).winners.items()))

    def limit(self, pool: Pool, channel: str) -> int:
        """Units this channel may still take of this SKU."""
        if not self.claiming:
            return pool.available
        plan = self._plan(pool.sku, pool.group)
        if not plan.claims:
            return pool.available
        return sellable_units(plan, channel, max(pool.available, 0), unsold_units(plan, pool))

    def offers(self, pool: Pool, channels: Iterable[str]) -> dict[str, Offer]:
        """What each channel is told of this SKU."""
        available = max(pool.available, 0)
        plan = self._plan(pool.sku, pool.group)
        if not plan.winners and pool.made_to_order is None and not pool.beyond:
            return {channel: Offer(available) for channel in channels}
        unsold = unsold_units(plan, pool) if plan.claims else {}
        return {channel: offer(plan, pool, channel, available, unsold) for channel in channels}

    def alike(self, pool: Pool) -> Hashable:
        """Pools with the same answer here have the same offers; None where only the pool itself has them."""
        if pool.used or pool.beyond or pool.pace is not None:
            return None
        return self._key(pool.sku, pool.group), pool.available, pool.made_to_order

    def kit_offers(self, kit: KitPool, channels: Iterable[str]) -> dict[str, Offer]:
        """What each channel is told of a kit that is sold from its components (KIT-02).

        Rules for all products and groups bind on its pre-built stock here and on its components in ``kit.parts``; those
        that name the kit itself bind on the sum. A share of it would have nothing to count, so it has none.
        """
        winners = self._plan(kit.own.sku, kit.own.group).winners
        named = Standing({k: r for k, r in winners.items() if r.sku and r.kind not in CLAIMING}, {})
        wide = Standing({k: r for k, r in winners.items() if not r.sku}, {})
        return {channel: kit_offer(wide, named, kit, channel) for channel in channels}

    def _plan(self, sku: str, group: str) -> Standing:
        key = self._key(sku, group)
        found = self._plans.get(key)
        if found is None:
            found = self._plans[key] = self._compile(*key)
        return found

    def _key(self, sku: str, group: str) -> tuple[str, str]:
        return sku if sku in self._by_sku else "", group if group in self._by_group else ""

    def _compile(self, sku: str, group: str) -> Standing:
        winners: dict[tuple[str, str], Rule] = {}
        for rule in (*self._everywhere, *self._by_group.get(group, ()), *self._by_sku.get(sku, ())):
            place = (rule.slot, rule.channel)
            winners[place] = max(rule, winners.get(place, rule), key=by_rank)
        claims = {c: r for (slot, c), r in sorted(winners.items()) if slot == "mode" and r.kind in CLAIMING}
        return Standing(winners, claims)


def _indexed(pairs: Iterable[tuple[str, Rule]]) -> dict[str, tuple[Rule, ...]]:
    found: dict[str, list[Rule]] = {}
    for name, rule in pairs:
        found.setdefault(name, []).append(rule)
    return {name: tuple(rules) for name, rules in found.items()}
