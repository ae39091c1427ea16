"""The locked rows of one batch, as working memory: what has been promised in it is gone for the next one."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from server.domain.booking.lots import LotRow, fefo
from server.domain.booking.stock import Move, MoveKind, StockLevel


class Facts(NamedTuple):
    """What the book must know of a product."""

    category: str = ""
    made_to_order: bool = False
    lots: bool = False


PLAIN = Facts()


class Shelf:
    """Counts down while orders are decided; nothing here is written until all are.

    ``day`` gives the ISO date at a site: lots that expired before it are not promised. ``used`` are (SKU, channel) ->
    units.
    """

    __slots__ = ("_free", "_left", "_lots", "facts", "used")

    def __init__(
        self,
        levels: Iterable[StockLevel] = (),
        *,
        facts: Mapping[str, Facts] | None = None,
        used: Mapping[tuple[str, str], int] | None = None,
        day: Callable[[int], str] | None = None,
    ) -> None:
        self.facts = facts or {}
        self.used: dict[str, dict[str, int]] = {}
        for (sku, channel), units in (used or {}).items():
            self.count_use(sku, channel, units)
        self._free: dict[tuple[str, int, str], int] = {}
        self._left: dict[tuple[str, int], int] = {}
        self._lots: dict[tuple[str, int], list[tuple[str, str]]] = {}
        for level in levels:
            self._add(level, day)

    def _add(self, level: StockLevel, day: Callable[[int], str] | None) -> None:
        if level.expires_on and day is not None and level.expires_on < day(level.site_id):
            return
        free = level.on_hand - level.reserved - level.held
        place = level.sku, level.site_id
        self._free[level.sku, level.site_id, level.lot] = free
        self._left[place] = self._left.get(place, 0) + free
        if level.lot:
            self._lots.setdefault(place, [("", "")] if (*place, "") in self._free else [])
        if place in self._lots:
            self._lots[place].append((level.lot, level.expires_on))

    def left(self, sku: str, site_id: int) -> int:
        """Units that may still be promised at this site."""
        return self._left.get((sku, site_id), 0)

    def total(self, sku: str, sites: Iterable[int]) -> int:
        """The same over several sites."""
        return sum(self._left.get((sku, site_id), 0) for site_id in sites)

    def take(self, kind: MoveKind, sku: str, site_id: int, units: int) -> list[Move]:
        """Promise them, first expired first out. The caller has looked: there are that many."""
        self._left[sku, site_id] -= units
        if (sku, site_id) not in self._lots:
            self._free[sku, site_id, ""] -= units
            return [_claim(kind, sku, site_id, "", units)]
        rows = [LotRow(lot, ends, self._free[sku, site_id, lot]) for lot, ends in self._lots[sku, site_id]]
        picked = fefo(rows, units)
        assert picked is not None, "the sum of the lots is what is left"  # noqa: S101
        for lot, n in picked:
            self._free[sku, site_id, lot] -= n
        return [_claim(kind, sku, site_id, lot, n) for lot, n in picked]

    def give_back(self, sku: str, site_id: int, lot: str, units: int) -> None:
        """They may be promised again, in this batch already."""
        if (sku, site_id, lot) in self._free:
            self._free[sku, site_id, lot] += units
            self._left[sku, site_id] += units

    def keep_back(self, sku: str, units: int, sites: Iterable[int]) -> None:
        """Older orders wait for so many: whoever asks now does not see them."""
        for site_id in sites:
            kept = min(units, self._left.get((sku, site_id), 0))
            if kept > 0:
                self._left[sku, site_id] -= kept
                units -= kept

    def count_use(self, sku: str, channel: str, units: int) -> None:
        """The channel took them from its share."""
        of_sku = self.used.setdefault(sku, {})
        of_sku[channel] = of_sku.get(channel, 0) + units


def _claim(kind: MoveKind, sku: str, site_id: int, lot: str, units: int) -> Move:
    if kind is MoveKind.HOLD:
        return Move(kind, sku, site_id, 0, 0, units, 0, lot)
    return Move(kind, sku, site_id, 0, units, 0, 0, lot)
