"""Promised units are not on the shelf (a count, damage, a till sale): who gives way, by the conflict policy."""

from collections.abc import Sequence
from typing import NamedTuple

from server.domain.booking.conflicts import Policy


class Holder(NamedTuple):
    """Who holds ``units`` of a SKU whose shelf has too few: an order, or a checkout that has sold nothing yet.

    ``packed``: a unit of it was scanned into a box; no policy takes it away (CNF-06).
    """

    ref: str
    units: int
    channel: str
    arrival: float
    value: int = 0
    packed: bool = False
    checkout: bool = False


class Losers(NamedTuple):
    """Who gives up everything it holds of the SKU; ``uncovered`` units are in boxes, which nobody opens by rule."""

    released: tuple[Holder, ...]
    uncovered: int


def losers(short: int, holders: Sequence[Holder], policy: Policy) -> Losers:
    """Who gives way when ``short`` units that were promised are not there.

    Checkouts first, the newest first: nothing is sold there yet. Then orders, the worst rank first. None gives way
    for nothing: whoever may keep its units after all does, the best first.
    """
    movable = [h for h in holders if not h.packed and h.units > 0]
    movable.sort(key=lambda h: _gives_way(h, policy))
    given: list[Holder] = []
    freed = 0
    for holder in movable:
        if freed >= short:
            break
        given.append(holder)
        freed += holder.units
    for holder in reversed(tuple(given)):
        if freed - holder.units >= short:
            given.remove(holder)
            freed -= holder.units
    return Losers(tuple(given), max(0, short - freed))


def _gives_way(holder: Holder, policy: Policy) -> tuple[bool, int, float]:
    if holder.checkout:
        return False, 0, -holder.arrival
    return True, -policy.rank(holder.channel, holder.value), -holder.arrival
