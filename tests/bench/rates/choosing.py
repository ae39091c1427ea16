"""One decision about 20 options, beside sorting the same 20 by price."""

import random
import time
from collections.abc import Callable
from decimal import Decimal

from server.domain.rates.choosing import choose
from server.domain.rates.rules import ChannelRule, Limit, Rules
from server.domain.rates.values import Dangerous, Need, Offer
from tests.bench import figures

NAME = "rates.decision"
OPTIONS, ROUNDS = 20, 5_000
ACCOUNTS = ("ups", "usps", "dhl", "easypost", "own-van")
NEED = Need(
    channel="shop",
    paid="2-day",
    carrier="ups",
    country="US",
    region="CA",
    postcode="941",
    grams=1_200,
    size_mm=(300, 200, 100),
    skus=("A", "B"),
    hazmat=(Dangerous("Lighter", ("ups", "usps", "dhl", "own-van")),),
    deliver_by=1.0,
    days_left=2,
)
RULES = Rules(
    accounts=ACCOUNTS,
    channels={"shop": ChannelRule(shop=True, default="ups")},
    limits=tuple(Limit(way=code, max_grams=30_000, max_girth_mm=2_700, never_to=("US-HI",)) for code in ACCOUNTS),
)


def run() -> None:
    """Print p50 and p99 in microseconds, and how many plain sorts one decision is."""
    draw = random.Random(7)
    offers = [_offer(n, draw) for n in range(OPTIONS)]
    ours = _micros(lambda: choose(offers, NEED, RULES))
    plain = _micros(lambda: sorted(offers, key=lambda offer: offer.price))
    for p in (50, 99):
        figures.line(f"{NAME}.p{p}", figures.percentile(ours, p), "us")
    figures.line(f"{NAME}.plain_sort.p50", figures.percentile(plain, 50), "us")
    figures.line(f"{NAME}.times_plain_sort", figures.percentile(ours, 50) / figures.percentile(plain, 50))


def _offer(n: int, draw: random.Random) -> Offer:
    price = Decimal(draw.randrange(300, 4_000)) / 100
    account = ACCOUNTS[n % len(ACCOUNTS)]
    return Offer(account=account, service=f"S{n}", price=price, currency="USD", days=draw.randrange(1, 6))


def _micros(work: Callable[[], object]) -> list[float]:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter_ns()
        work()
        times.append((time.perf_counter_ns() - began) / 1_000)
    return times
