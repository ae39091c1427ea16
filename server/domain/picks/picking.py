"""The pick list: what to fetch, in the order in which a person walks past the shelves (LOC-03)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

BinKey = tuple[tuple[int, int, str], ...]

_RUN = re.compile(r"[0-9]+|[^0-9\W_]+")
_PART = re.compile(r"[^\W_]+")


class Pick(NamedTuple):
    """Units of one lot of one SKU that one order holds on one shelf; ``lot`` is "" for products without lots."""

    order_id: int
    sku: str
    lot: str
    bin: str
    units: int


class Give(NamedTuple):
    """Units of a stop that belong to one order."""

    order_id: int
    units: int


@dataclass(frozen=True, slots=True)
class Stop:
    """One halt on the walk: take ``units`` and share them out as ``gives`` say, in the wave's order."""

    bin: str
    sku: str
    lot: str
    gives: tuple[Give, ...]

    @property
    def units(self) -> int:
        """Units to take from the shelf."""
        return sum(give.units for give in self.gives)


@dataclass(frozen=True, slots=True)
class Layout:
    """How the shelves stand. ``serpentine``: each aisle visited is walked against the one before.

    The first ``aisle_parts`` parts of a bin are its aisle: of ``A-03-2`` that is ``A``, with 2 it is ``A-03``. A bin
    written in one piece, as ``A032``, is parted between letters and digits.
    """

    serpentine: bool = False
    aisle_parts: int = 1


NO_BIN: BinKey = ((2, 0, ""),)
"""Behind every bin: what has no shelf is looked for last."""


def bin_key(code: str) -> BinKey:
    """Sorts bins as people count: A-2 before A-10, in any case, whatever separates the parts; no bin is last."""
    parts = tuple((0, int(run), "") if run[0] in "0123456789" else (1, 0, run) for run in _RUN.findall(code.casefold()))
    return parts or NO_BIN


def aisle(code: str, layout: Layout) -> BinKey:
    """The key of the aisle that the bin is in."""
    parts = _PART.findall(code.casefold())
    if len(parts) <= 1:
        return bin_key(code)[: layout.aisle_parts]
    return bin_key("-".join(parts[: layout.aisle_parts]))


def pick_list(picks: Iterable[Pick], rank: Mapping[int, int], layout: Layout | None = None) -> tuple[Stop, ...]:
    """One stop for each lot of a SKU on a shelf, in walking order; ``rank`` gives each order's place in the wave."""
    stops: dict[tuple[str, str, str], dict[int, int]] = {}
    for pick in picks:
        gives = stops.setdefault((pick.bin, pick.sku, pick.lot), {})
        gives[pick.order_id] = gives.get(pick.order_id, 0) + pick.units
    made = [
        Stop(bin_code, sku, lot, tuple(Give(o, n) for o, n in sorted(gives.items(), key=lambda give: rank[give[0]])))
        for (bin_code, sku, lot), gives in stops.items()
    ]
    return walk(made, layout or Layout())


def walk(stops: Sequence[Stop], layout: Layout) -> tuple[Stop, ...]:
    """The stops in the order of the bins. A person who left an aisle at its far end enters the next one there."""
    ordered = sorted(stops, key=lambda stop: (bin_key(stop.bin), stop.bin, stop.sku, stop.lot))
    if not layout.serpentine:
        return tuple(ordered)
    # Aisles are gathered first: without separators their bins need not lie side by side in the plain order.
    ordered.sort(key=lambda stop: aisle(stop.bin, layout))
    walked: list[Stop] = []
    for number, (_, inside) in enumerate(groupby(ordered, key=lambda stop: aisle(stop.bin, layout))):
        walked += reversed(list(inside)) if number % 2 else inside
    return tuple(walked)


def share_out(found: int, gives: Sequence[Give]) -> tuple[Give, ...]:
    """Who gets the units that were found, in the same order: whole orders first, then the rest to the first one short.

    Whole orders leave the building; an order short of one unit and one short of two both wait.
    """
    left, got = found, [0] * len(gives)
    for index, give in enumerate(gives):
        if give.units <= left:
            got[index], left = give.units, left - give.units
    for index, give in enumerate(gives):
        extra = min(left, give.units - got[index])
        got[index], left = got[index] + extra, left - extra
    return tuple(Give(give.order_id, units) for give, units in zip(gives, got, strict=True))
