"""The locked rows of one batch, as working memory: what has been promised in it is gone for the next one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from server.domain.booking.life import UNPROMISED, Due, Freshness
from server.domain.booking.lots import LotRow, fefo
from server.domain.booking.stock import Move, MoveKind, StockLevel


class Facts(NamedTuple):
    """What the book must know of a product."""

    category: str = ""
    made_to_order: bool = False
    lots: bool = False


PLAIN = Facts()


_NO_LOT = (("", ""),)


class _Owed(NamedTuple):
    """Units that older orders wait for at these sites, and what lay there before anything was decided."""

    units: int
    sites: tuple[int, ...]
    rows: Mapping[int, Sequence[LotRow]]


class Shelf:
    """Counts down while orders are decided; nothing here is written until all are.

    Lots that have expired by ``fresh`` are not promised; ``seen_by`` leaves out those that expire too soon for an
    order. ``used`` are (SKU, channel) -> units.
    """

    __slots__ = ("_dated", "_free", "_fresh", "_left", "_lots", "_owed", "_views", "facts", "used")

    def __init__(
        self,
        levels: Iterable[StockLevel] = (),
        *,
        facts: Mapping[str, Facts] | None = None,
        used: Mapping[tuple[str, str], int] | None = None,
        fresh: Freshness | None = None,
    ) -> None:
        self.facts = facts or {}
        self.used: dict[str, dict[str, int]] = {}
        for (sku, channel), units in (used or {}).items():
            self.count_use(sku, channel, units)
        self._free: dict[tuple[str, int, str], int] = {}
        self._left: dict[tuple[str, int], int] = {}
        self._lots: dict[tuple[str, int], list[tuple[str, str]]] = {}
        self._fresh = fresh
        self._dated: set[tuple[str, int]] = set()
        self._owed: dict[str, _Owed] = {}
        self._views: dict[tuple[str, Due], Shelf] = {}
        for level in levels:
            self._add(level)

    def _add(self, level: StockLevel) -> None:
        if level.expires_on and self._fresh is not None:
            if level.expires_on < self._fresh.today(level.site_id):
                return
            self._dated.add((level.sku, level.site_id))
        free = level.on_hand - level.reserved - level.held
        place = level.sku, level.site_id
        self._free[level.sku, level.site_id, level.lot] = free
        self._left[place] = self._left.get(place, 0) + free
        if level.lot:
            self._lots.setdefault(place, [("", "")] if (*place, "") in self._free else [])
        if place in self._lots:
            self._lots[place].append((level.lot, level.expires_on))

    def seen_by(self, channel: str, due: Due = UNPROMISED) -> "Shelf":
        """What an order of this channel may have of it; what it takes is gone from this one."""
        fresh = self._fresh
        if not self._dated or fresh is None:
            return self
        view = self._views.get((channel, due))
        if view is None:
            view = _GoodShelf(self, lambda sku, site_id: fresh.until(sku, site_id, channel, due))
            self._views[channel, due] = view
        return view

    @property
    def dated(self) -> bool:
        """Whether anything here expires, so that one order may have what another may not."""
        return bool(self._dated)

    def left(self, sku: str, site_id: int) -> int:
        """Units that may still be promised at this site."""
        return self._left.get((sku, site_id), 0)

    def total(self, sku: str, sites: Iterable[int]) -> int:
        """The same over several sites."""
        return sum(self.left(sku, site_id) for site_id in sites)

    def take(self, kind: MoveKind, sku: str, site_id: int, units: int) -> list[Move]:
        """Promise them, first expired first out. The caller has looked: there are that many."""
        self._left[sku, site_id] -= units
        if (sku, site_id) not in self._lots:
            self._free[sku, site_id, ""] -= units
            return [_claim(kind, sku, site_id, "", units)]
        picked = fefo(self._rows(sku, site_id), units)
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
        sites = tuple(sites)
        if any((sku, site_id) in self._dated for site_id in sites):
            self._owed[sku] = _Owed(units, sites, {site_id: self._rows(sku, site_id) for site_id in sites})
            self._views.clear()
        for site_id in sites:
            kept = min(units, self._left.get((sku, site_id), 0))
            if kept > 0:
                self._left[sku, site_id] -= kept
                units -= kept

    def _rows(self, sku: str, site_id: int) -> list[LotRow]:
        """What is free there, lot by lot."""
        free = self._free
        lots = self._lots.get((sku, site_id), _NO_LOT)
        return [LotRow(lot, ends, free.get((sku, site_id, lot), 0)) for lot, ends in lots]

    def count_use(self, sku: str, channel: str, units: int) -> None:
        """The channel took them from its share."""
        of_sku = self.used.setdefault(sku, {})
        of_sku[channel] = of_sku.get(channel, 0) + units


class _GoodShelf(Shelf):
    """The same shelf without the lots that expire before the day that ``until`` gives for a SKU and a site."""

    __slots__ = ("_kept", "_until")

    def __init__(self, whole: Shelf, until: Callable[[str, int], str]) -> None:
        for name in Shelf.__slots__:
            setattr(self, name, getattr(whole, name))
        self._until = cache(until)
        self._kept: dict[str, dict[int, int]] = {}

    def left(self, sku: str, site_id: int) -> int:
        """As ``Shelf.left``, of the good ones."""
        if sku not in self._owed and (sku, site_id) not in self._dated:
            return super().left(sku, site_id)
        first, free = self._until(sku, site_id), self._free
        lots = self._lots.get((sku, site_id), _NO_LOT)
        good = sum(free.get((sku, site_id, lot), 0) for lot, ends in lots if not ends or ends >= first)
        return good - self._kept_back(sku).get(site_id, 0) if self._owed else good

    def _rows(self, sku: str, site_id: int) -> list[LotRow]:
        return self._good(sku, site_id, super()._rows(sku, site_id))

    def _good(self, sku: str, site_id: int, rows: Sequence[LotRow]) -> list[LotRow]:
        first = self._until(sku, site_id)
        return [row for row in rows if not row.expires_on or row.expires_on >= first]

    def _kept_back(self, sku: str) -> Mapping[int, int]:
        """Who waits may want good ones too: as many of them are kept back, at the first sites first."""
        owed, kept = self._owed.get(sku), self._kept.get(sku)
        if owed is None or kept is not None:
            return kept or {}
        units, kept = owed.units, {}
        for site_id in owed.sites:
            good = sum(row.available for row in self._good(sku, site_id, owed.rows[site_id]))
            kept[site_id] = min(units, good)
            units -= kept[site_id]
        self._kept[sku] = kept
        return kept


def _claim(kind: MoveKind, sku: str, site_id: int, lot: str, units: int) -> Move:
    if kind is MoveKind.HOLD:
        return Move(kind, sku, site_id, 0, 0, units, 0, lot)
    return Move(kind, sku, site_id, 0, units, 0, 0, lot)
