"""The same sales with every platform's true limits, and the least time that these limits allow beside it.

By a clock that waits for nobody: what counts is how many calls a platform takes, not how fast we are.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.calls.pace import Limit
from server.channels import platform_of
from server.channels.ebay.listings import TOGETHER
from server.channels.shopify.questions import ROWS_MAX, SET_NUMBERS
from server.db import tables
from server.simulated.platforms.market import SoldOut
from tests.bench import figures
from tests.bench.channels import times
from tests.bench.channels.days import SKUS, carry, count, double, quiet, street
from tests.bench.channels.shops import Sold
from tests.market import Street

RATE, SECONDS, STEP = 50.0, 20.0, 0.25
UNITS = 900
POLLED = "amazon"
"""Its queue is asked every 20 seconds, so that its sales are a figure of their own."""
_NEARLY = 1e-6


@dataclass(frozen=True, slots=True)
class Way:
    """The cheapest way to tell a platform numbers: so many SKUs for ``cost`` tokens of one of its limits."""

    operation: str
    skus: int = 1
    cost: float = 1.0


WAYS: Mapping[str, Way] = {
    "amazon": Way("patchListingsItem"),
    "ebay": Way("inventory", TOGETHER),
    "etsy": Way("api", cost=2.0),
    "shopify": Way("graphql", ROWS_MAX, SET_NUMBERS.cost),
    "walmart": Way("stock.write"),
    "woocommerce": Way("stock", 100),
}
"""Etsy's write replaces a whole listing, which must be read first. A feed is left out: it takes minutes."""


def limited(seed: int, size: int | None) -> None:
    """So many seconds (20) of 50 orders a second over 200 SKUs, and whatever it takes until all is told."""
    stock = {f"SKU-{n:03}": UNITS for n in range(SKUS)}
    with street(seed, stock, limited=True) as made:
        sales = _sell(made, seed, size or SECONDS)
        found = times.of(made.db, sales, made.shops, UNITS)
        figures.line("channel_limits.orders", len(sales))
        figures.line("channel_limits.not_taken", len(sales) - len(found))
        figures.line("channel_limits.double_promised", double(made.db))
    least = {code: least_waits(sales, code, *_means(code)) for code in WAYS}
    heard = [each for each in found if each.sale.channel != POLLED]
    for code, waits in least.items():
        mine = [each for each in heard if code in each.told]
        _beside(f"channel_limits.{code}", [e.told[code] for e in mine], [waits[e.sale.ref] for e in mine])
    last = [max(waits.get(each.sale.ref, 0.0) for waits in least.values()) for each in heard]
    _beside("channel_limits.push", [each.push for each in heard], last)
    figures.spread("channel_limits.push_of_polled", [each.push for each in found if each.sale.channel == POLLED])


def _beside(name: str, ours: Sequence[float], least: Sequence[float]) -> None:
    for p in (50, 95, 99):
        figures.line(f"{name}.p{p}", figures.percentile(ours, p), "s")
        figures.line(f"{name}.least_p{p}", figures.percentile(least, p), "s")


def _means(code: str) -> tuple[Limit, Way]:
    platform, way = platform_of(code), WAYS[code]
    assert platform is not None
    return platform.LIMITS[way.operation], way


def _sell(made: Street, seed: int, seconds: float) -> list[Sold]:
    """Sell, and let time pass until nothing waits any more."""
    chance, begin, sales = random.Random(seed), made.at, list[Sold]()
    while len(sales) < seconds * RATE or count(made.db, tables.order) < len(sales) or not quiet(made.db):
        while len(sales) < min(seconds, made.at - begin) * RATE:
            code, sku = chance.choice(list(made.shops)), f"SKU-{chance.randrange(SKUS):03}"
            try:
                sale = made.shops[code].market.sell((sku, 1))
            except SoldOut:
                continue
            sales.append(Sold(code, sale.ref, sku, made.at))
        carry(made)
        made.step()
        made.at += STEP if made.at < begin + seconds + 5 else 1.0 if made.at < begin + seconds + 120 else 5.0
        assert made.at < begin + 4 * 3600, "it never came to rest"
    return sales


def least_waits(sales: Sequence[Sold], channel: str, limit: Limit, way: Way) -> dict[str, float]:
    """Seconds until this channel can have heard of each sale elsewhere, by its ref, when every call tells the SKUs that
    wait longest: nobody can be faster, whatever their program."""
    waits: dict[str, float] = {}
    dirty: dict[str, list[Sold]] = {}
    coming = [sale for sale in sales if sale.channel != channel]
    tokens, now, nth, cost = limit.burst, coming[0].at if coming else 0.0, 0, min(way.cost, limit.burst)
    while nth < len(coming) or dirty:
        while nth < len(coming) and coming[nth].at <= now:
            dirty.setdefault(coming[nth].sku, []).append(coming[nth])
            nth += 1
        if dirty and tokens >= cost - _NEARLY:
            tokens -= cost
            for sku in list(dirty)[: way.skus]:
                waits |= {sale.ref: now - sale.at for sale in dirty.pop(sku)}
            continue
        pause = (cost - tokens) / limit.rate if dirty else coming[nth].at - now
        tokens, now = min(limit.burst, tokens + pause * limit.rate), now + pause
    return waits
