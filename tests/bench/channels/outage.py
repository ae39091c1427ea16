"""Four hours without one channel: the others must hear of every sale as soon as on a day when all goes well."""

import random

from tests.bench import figures
from tests.bench.channels import times
from tests.bench.channels.days import carry, is_true, street
from tests.bench.channels.shops import Sold

HOURS, APART, UNITS = 4, 240.0, 900
"""A sale every four minutes."""
LOOKS = 6
"""Seconds after each sale in which we look every second; then the clock goes to the next sale."""
DEAD = "ebay"
SKUS = [f"SKU-{n:03}" for n in range(20)]


def outage(seed: int, size: int | None) -> None:
    """So many hours (4), once with all channels and once without one; fails where the others were told later."""
    calm, _ = hours(seed, size or HOURS, down=False)
    bad, drained = hours(seed, size or HOURS, down=True)
    figures.spread("channel_outage.others_without", calm)
    figures.spread("channel_outage.others_with", bad)
    figures.line("channel_outage.true_after", drained, "s")
    assert figures.percentile(bad, 99) <= figures.percentile(calm, 99) + 1.0, "the others were told later"


def hours(seed: int, number: float, *, down: bool) -> tuple[list[float], float]:
    """Seconds until all but ``DEAD`` knew of each sale; and after the end until every number was true everywhere."""
    chance, sales = random.Random(seed), list[Sold]()
    with street(seed, dict.fromkeys(SKUS, UNITS)) as made:
        codes = [code for code in made.shops if code not in {DEAD, "amazon"}]
        begin = made.at
        made.shops[DEAD].faults.down = down
        while made.at < begin + number * 3600:
            next_at = made.at + APART
            code, sku = chance.choice(codes), chance.choice(SKUS)
            sales.append(Sold(code, made.shops[code].market.sell((sku, 1)).ref, sku, made.at))
            for _ in range(LOOKS):
                carry(made)
                made.step()
                made.at += 1.0
            made.at = next_at
        made.shops[DEAD].faults.down, over = False, made.at
        while made.at < over + 600 and not all(is_true(made, sku) for sku in SKUS):
            carry(made)
            made.step()
            made.at += 1.0
        found = times.of(made.db, sales, [*codes, "amazon"], UNITS)
        return [each.push for each in found], made.at - over
