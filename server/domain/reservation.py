"""Which site an order's stock comes from, decided in memory over locked levels."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from server.domain.stock import Move, MoveKind, StockLevel


@dataclass(frozen=True, slots=True)
class Demand:
    """One order line: units of a SKU."""

    line_no: int
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Reserved:
    """All lines come from this site."""

    site_id: int
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Shortage:
    """What the best site lacks: ``wanted`` units of ``sku`` where ``available`` are left."""

    sku: str
    wanted: int
    available: int


@dataclass(frozen=True, slots=True)
class Refused:
    """No site holds the whole order; nothing is reserved."""

    shortages: tuple[Shortage, ...]


def decide(
    lines: Sequence[Demand], levels: Mapping[tuple[str, int], StockLevel], sites: Iterable[int]
) -> Reserved | Refused:
    """Take every line from the first site (in the given order) that holds them all, or reserve nothing.

    Two lines of one SKU are summed before they are compared with the stock.
    """
    wanted = Counter[str]()
    for line in lines:
        wanted[line.sku] += line.quantity
    best: tuple[Shortage, ...] | None = None
    for site_id in sites:
        short = tuple(
            Shortage(sku, quantity, left)
            for sku, quantity in sorted(wanted.items())
            if (left := _available(levels.get((sku, site_id)))) < quantity
        )
        if not short:
            moves = (Move(MoveKind.RESERVE, sku, site_id, 0, n) for sku, n in sorted(wanted.items()))
            return Reserved(site_id, tuple(moves))
        if best is None or len(short) < len(best):
            best = short
    return Refused(best if best is not None else tuple(Shortage(s, n, 0) for s, n in sorted(wanted.items())))


def _available(level: StockLevel | None) -> int:
    return level.available if level else 0
