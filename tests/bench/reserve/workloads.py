"""What checkouts ask for: W1 one line, uniform; W2 one to three lines, zipf 1.1, all or nothing; W3 one hot SKU.

The stock of W1 and W2 suffices for all; that of W3 for exactly half.
"""

import itertools
import random
from collections.abc import Mapping
from dataclasses import dataclass

from server.db.transaction import Actor
from server.usecases.booking.hold_batch import PlaceHold
from server.usecases.booking.hold_wishes import HoldLine, HoldWish, command

SKUS = 1000
NAMES = ("w1", "w2", "w3")
CHECKOUT = Actor("channel:shop0")
_TTL = 900.0


@dataclass(frozen=True, slots=True)
class Workload:
    """``wishes`` in the order in which they come, and the units on hand of each SKU."""

    name: str
    wishes: list[HoldWish]
    on_hand: Mapping[str, int]


def workload(name: str, orders: int, *, seed: int, among: int = SKUS, hot: int = 0) -> Workload:
    """So many wishes over ``SKUS`` SKUs, spread over the ``among`` that there are; ``hot`` numbers the one of W3."""
    chance = random.Random(f"{name} {seed}")
    names = [f"SKU-{n * (among // SKUS)}" for n in range(SKUS)]
    baskets = _baskets(name, orders, [names[hot]] if name == "w3" else names, chance)
    wishes = [HoldWish(f"{chance.getrandbits(128):032x}", lines, _TTL) for lines in baskets]
    on_hand = dict.fromkeys(names, orders // 2 if name == "w3" else orders * 6)
    return Workload(name, wishes, on_hand)


def commands(wishes: list[HoldWish], channel_id: int = 1) -> list[PlaceHold]:
    """The wishes as the use case takes them, checked and with their fingerprints."""
    return [command(channel_id, wish, CHECKOUT) for wish in wishes]


def _baskets(name: str, orders: int, skus: list[str], chance: random.Random) -> list[list[HoldLine]]:
    if name != "w2":
        return [[HoldLine(chance.choice(skus), 1)] for _ in range(orders)]
    weights = list(itertools.accumulate(1 / rank**1.1 for rank in range(1, len(skus) + 1)))
    drawn = iter(chance.choices(skus, cum_weights=weights, k=orders * 3))
    return [[HoldLine(sku, 1) for sku in itertools.islice(drawn, chance.randint(1, 3))] for _ in range(orders)]
