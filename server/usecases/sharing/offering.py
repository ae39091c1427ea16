"""What every channel would be told of SKUs at this moment, with every unit withheld explained. Reads only."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from math import ceil
from typing import Any

from sqlalchemy import Connection

from server.db import channel_use, waiting_rows
from server.db import offering as db_offering
from server.domain.booking.kit_offers import KitPart, kit_units
from server.domain.booking.kits import KitBook
from server.domain.booking.life import Freshness
from server.domain.sharing.allocation import Allocation, Cut, KitPool, Offer, Pool
from server.domain.sharing.allocation_rules import Kind
from server.domain.sharing.buffers import Pace
from server.usecases.booking.reference import Reference
from server.usecases.sharing.unseen import Unseen, less_unseen, read_unseen

PACE_DAYS = 28
"""Whole days (UTC) before today whose shipments make a velocity; within a day the same inputs give the same buffer."""
LEAD_DAYS = 14
"""Days to replenish a product of which nobody said so."""
_DAY = 86_400.0

Offers = dict[str, dict[str, Offer]]
"""By SKU and channel code."""
Free = dict[str, dict[int, int]]
"""Units nobody claims by SKU and site."""


@dataclass(frozen=True, slots=True)
class Stand:
    """The facts about some SKUs, and about the components of the kits among them, read at one moment."""

    kits: KitBook
    free: Free
    pools: Mapping[str, Pool]
    own: Mapping[str, "Stand"] = field(default_factory=dict)
    """As the channels see them that say for how long goods must be good; the others see this one."""
    throttled: Mapping[str, int] = field(default_factory=dict)
    """Channels that are shown so many per cent of their numbers for now (LCH-02)."""
    unseen: Unseen = field(default_factory=dict)
    """What channels that do not hear us may sell without our knowing (FLT-03)."""

    def with_pools(self, changed: Callable[[Pool], Pool]) -> "Stand":
        """The same with other facts."""
        own = {code: stand.with_pools(changed) for code, stand in self.own.items()}
        return replace(self, pools={sku: changed(pool) for sku, pool in self.pools.items()}, own=own)

    def offers(self, allocation: Allocation, skus: Iterable[str], channels: Sequence[str]) -> Offers:
        """What each channel is told under these rules."""
        wanted = list(skus)
        found = self._offers(allocation, wanted, [code for code in channels if code not in self.own])
        for code in channels:
            if code in self.own:
                for sku, offers in self.own[code]._offers(allocation, wanted, [code]).items():
                    # Products that are alike share one answer: it is not to be changed for one of them.
                    found[sku] = found[sku] | offers
        if self.unseen:
            found = {sku: less_unseen(sku, offers, self.unseen) for sku, offers in found.items()}
        few = [code for code in channels if code in self.throttled]
        for sku in found if few else ():
            found[sku] = found[sku] | {code: throttle(found[sku][code], code, self.throttled[code]) for code in few}
        return found

    def _offers(self, allocation: Allocation, skus: Iterable[str], channels: Sequence[str]) -> Offers:
        known: dict[Hashable, dict[str, Offer]] = {}

        def plain(sku: str) -> dict[str, Offer]:
            pool = self.pools[sku]
            key = allocation.alike(pool) or sku
            if key not in known:
                known[key] = allocation.offers(pool, channels)
            return known[key]

        found: Offers = {}
        for sku in skus:
            if not self.kits.expands(sku):
                found[sku] = plain(sku)
                continue
            parts = [KitPart(leaf, each, plain(leaf)) for leaf, each in self.kits.expand(sku).items()]
            found[sku] = allocation.kit_offers(KitPool(self.pools[sku], parts, self._makeable(parts)), channels)
        return found

    def _makeable(self, parts: Sequence[KitPart]) -> int | None:
        """Kits that could be made now, each at one site."""
        stocked = [part for part in parts if self.pools[part.sku].made_to_order is None]
        if not stocked:
            return None
        sites = {site for part in stocked for site in self.free.get(part.sku, {})}
        return sum(
            kit_units([(self.free.get(part.sku, {}).get(site, 0), part.each) for part in stocked]) for site in sites
        )


def read_stand(
    connection: Connection, ref: Reference, skus: Iterable[str], now: float, *, also: Allocation | None = None
) -> Stand:
    """The facts about these products as committed; unknown SKUs have none. ``also``: what these rules ask for too."""
    allocation = ref.allocation
    kits = ref.rules.kits
    wanted = {leaf for sku in skus for leaf in (sku, *(kits.expand(sku) if kits else ()))}
    facts = db_offering.facts(connection, sorted(wanted))
    known = sorted(facts)
    lying = db_offering.free_units(connection, known, ref.rules.sites)
    owed = waiting_rows.waited_for(connection, known)
    beyond = _beyond(connection, ref, known)
    tracked = [sku for sku in known if allocation.tracks(sku, facts[sku].category)]
    used = _by_channel(ref, channel_use.read(connection, tracked)) if tracked else {}
    paces = _paces(connection, ref, [allocation, *([also] if also else [])], facts, now)
    pools = {
        sku: Pool(
            sku=sku,
            group=facts[sku].category,
            available=0,
            used=used.get(sku, {}),
            beyond=beyond.get(sku, {}),
            pace=paces.get(sku),
            made_to_order=facts[sku].made_to_order,
        )
        for sku in known
    }
    fresh = Freshness(now, ref.day, ref.life)
    channels = sorted(ref.life.channels) if any(each.expires_on for each in lying) else []

    def seen_by(channel: str) -> Stand:
        free = lasting(lying, fresh, channel)
        for sku, units in owed.items():
            _keep_back(free.get(sku, {}), units, ref.rules.sites)
        here = {sku: pool._replace(available=sum(free.get(sku, {}).values())) for sku, pool in pools.items()}
        return Stand(kits, free, here)

    unseen = read_unseen(connection, kits, [sku for sku in known if pools[sku].made_to_order is None], now)
    throttled = {row.code: int(part) for row in ref.channels.values() if (part := _throttle(row)) is not None}
    return replace(seen_by(""), own={code: seen_by(code) for code in channels}, throttled=throttled, unseen=unseen)


def throttle(offer: Offer, channel: str, percent: int) -> Offer:
    """The offer cut to so many per cent, rounded down; it comes last, whatever rules a product has of its own."""
    units = max(offer.units, 0) * percent // 100
    if units >= offer.units:
        return offer
    cut = Cut(0, "throttle", "the channel", offer.units - units, f"{channel} is throttled to {percent} %")
    return offer._replace(units=units, withheld=(*offer.withheld, cut))


def _throttle(channel: Any) -> Any:
    return (channel.policy or {}).get("throttle")


def lasting(lying: Iterable[db_offering.Lying], fresh: Freshness, channel: str = "") -> Free:
    """What an order of this channel that nothing was promised may have, if it came now; no channel: by the product."""
    until = cache(lambda sku, site_id: fresh.until(sku, site_id, channel))
    free: Free = {}
    for each in lying:
        if not each.expires_on or each.expires_on >= until(each.sku, each.site_id):
            sites = free.setdefault(each.sku, {})
            sites[each.site_id] = sites.get(each.site_id, 0) + each.units
    return free


def day_of(now: float) -> Any:
    """The day (UTC) on which velocities begin."""
    return datetime.fromtimestamp(now, UTC).date()


def _keep_back(free: dict[int, int], units: int, sites: Iterable[int]) -> None:
    """As ``Shelf.keep_back``: what older orders wait for is not offered."""
    for site in sites:
        kept = min(units, max(free.get(site, 0), 0))
        if kept:
            free[site] -= kept
            units -= kept


def _beyond(connection: Connection, ref: Reference, skus: Sequence[str]) -> dict[str, dict[str, int]]:
    """Units each channel may still sell beyond the stock, where that is switched on (CNF-05)."""
    found: dict[str, dict[str, int]] = {}
    for channel in ref.channels.values():
        allowed = int((channel.policy or {}).get("losing", {}).get("oversell", 0))
        if allowed > 0:
            sold = waiting_rows.oversold(connection, channel.id, skus)
            for sku in skus:
                found.setdefault(sku, {})[channel.code] = max(0, allowed - sold.get(sku, 0))
    return found


def _by_channel(ref: Reference, used: Mapping[tuple[str, int], int]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (sku, channel_id), units in used.items():
        found.setdefault(sku, {})[ref.channel_code(channel_id)] = units
    return found


def _paces(
    connection: Connection, ref: Reference, allocations: Sequence[Allocation], facts: Mapping[str, Any], now: float
) -> dict[str, Pace]:
    """What dynamic buffers are made of, for the SKUs that have one."""
    asking = [a for a in allocations if any(rule.kind is Kind.DYNAMIC for rule in a.rules)]
    if not asking:
        return {}
    skus = [s for s in facts if any(r.kind is Kind.DYNAMIC for a in asking for r in a.applying(s, facts[s].category))]
    today = now - now % _DAY
    sold = db_offering.shipped(connection, skus, today - PACE_DAYS * _DAY, today)
    fees = {row.code: (row.policy or {}).get("fee_percent", 0) for row in ref.channels.values()}
    found = {}
    for sku in skus:
        margin, lead = facts[sku].margin_percent, facts[sku].lead_days
        margins = {} if margin is None else {code: int(margin - fee) for code, fee in fees.items()}
        found[sku] = Pace(sold.get(sku, 0), PACE_DAYS, ceil(lead) if lead is not None else LEAD_DAYS, margins)
    return found
