"""The wait queue: whom the units that came, or came back, serve."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple


class Waiter(NamedTuple):
    """An order in the wait queue; ``placed_at`` is the order date in seconds, ``units`` are those it was sold."""

    order_id: int
    placed_at: float
    units: Mapping[str, int]


Needs = Callable[[Mapping[str, int], Mapping[str, int]], Mapping[str, int]]
"""What so many units that were sold take from a site with these free ones: of a kit its own stock, then components."""


def served_from(waiting: Iterable[Waiter], sites: Sequence[Mapping[str, int]], needs: Needs) -> tuple[int, ...]:
    """Ids of the orders that can be served now, in order date (RTE-11); then in the order they came.

    ``sites`` are the free units of each site, the first asked first: an order is served from one of them. One that
    needs more than there is lets the next one pass: a unit on the shelf helps nobody.
    """
    left = [dict(units) for units in sites]
    chosen: list[int] = []
    for waiter in sorted(waiting, key=itemgetter(1, 0)):
        for site in left:
            wanted = needs(waiter.units, site)
            if _holds(site, wanted):
                chosen.append(waiter.order_id)
                for sku, units in wanted.items():
                    site[sku] -= units
                break
    return tuple(chosen)


def _holds(site: Mapping[str, int], wanted: Mapping[str, int]) -> bool:
    return bool(wanted) and all(site.get(sku, 0) >= units for sku, units in wanted.items())
