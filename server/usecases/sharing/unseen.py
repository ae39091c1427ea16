"""Units that a channel which does not hear us may be selling: the others are told less while it lasts (FLT-03)."""

from collections.abc import Mapping, Sequence
from math import ceil

from sqlalchemy import Connection

from server.db import low_stock, staleness
from server.domain.booking.kits import KitBook
from server.domain.channels.exposure import unseen_units
from server.domain.sharing.allocation import Cut, Offer
from server.domain.warehouse.lowstock import Velocity

Unseen = Mapping[str, Mapping[str, int]]
"""By the stale channel's code and SKU, in units of the SKU."""
KIND = "unseen"


def read_unseen(connection: Connection, kits: KitBook | None, skus: Sequence[str], now: float) -> Unseen:
    """What each stale channel may sell of these products, as themselves or in kits; empty while all is well."""
    away = staleness.stale_channels(connection)
    if not away:
        return {}
    names = sorted({*skus, *(kit for sku in skus for kit in (kits.using(sku) if kits else ()))})
    speeds = velocities(connection, names)
    found: dict[str, dict[str, int]] = {}
    for channel in away:
        shown = staleness.shown(connection, channel.channel_id, names)
        own = {sku: unseen_units(n, speeds.get(sku, Velocity()), now - channel.since) for sku, n in shown.items()}
        all_ways = {sku: _all_ways(kits, sku, own) for sku in skus}
        found[channel.code] = {sku: units for sku, units in all_ways.items() if units}
    return found


def velocities(connection: Connection, skus: Sequence[str]) -> dict[str, Velocity]:
    """Over all sites together."""
    return {sku: v for (sku, site), v in low_stock.velocities(connection, skus).items() if site == low_stock.TOTAL}


def less_unseen(sku: str, offers: Mapping[str, Offer], unseen: Unseen) -> dict[str, Offer]:
    """The offers of a product, less what the others may be selling. A stale channel's own is left: it hears nothing."""
    cut = dict(offers)
    for stale, units in unseen.items():
        for code in cut if units.get(sku) else ():
            if code != stale:
                cut[code] = _less(cut[code], units[sku], stale)
    return cut


def _less(offer: Offer, units: int, stale: str) -> Offer:
    taken = min(units, max(offer.units, 0))
    if not taken:
        return offer
    why = Cut(0, KIND, "the server", taken, f"{stale} does not hear us and may have sold them")
    return offer._replace(units=offer.units - taken, withheld=(*offer.withheld, why))


def _all_ways(kits: KitBook | None, sku: str, own: Mapping[str, int]) -> int:
    """A component leaves with its kits too, and a kit cannot be made of components that have left."""
    if not kits:
        return own.get(sku, 0)
    in_kits = sum(own.get(kit, 0) * kits.expand(kit).get(sku, 0) for kit in kits.using(sku))
    parts = kits.expand(sku).items() if kits.expands(sku) else ()
    return own.get(sku, 0) + in_kits + max((ceil(own.get(leaf, 0) / each) for leaf, each in parts), default=0)
