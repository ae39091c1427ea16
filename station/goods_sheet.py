"""What was counted of one document of goods: a value that survives a restart, and the rows a screen shows of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from server import wire
from server.wire import GoodsBooked, GoodsKind, GoodsLine

Key = tuple[str, str]
"""(SKU, lot)."""


class GoodsStep(StrEnum):
    """Where a document is: its paper is asked for, its list is fetched, it is counted, confirmed, booked."""

    PAPER = "paper"
    FETCHING = "fetching"
    COUNTING = "counting"
    ASKED = "asked"
    BOOKING = "booking"
    BOOKED = "booked"


@dataclass(frozen=True, slots=True)
class GoodsRow:
    """Units of one lot of one product; ``expected`` is None where there is no list."""

    sku: str
    lot: str
    counted: int
    expected: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsSheet:
    """One document. ``key`` books it once, however often it is sent; ``scans`` are in their order."""

    kind: GoodsKind
    key: str
    step: GoodsStep = GoodsStep.PAPER
    ref: str = ""
    expected: tuple[GoodsLine, ...] = ()
    shelf: int | None = None
    """Of a count: units on the shelf by the book; shown only afterwards."""
    scans: tuple[GoodsLine, ...] = ()
    lot_now: Key = ("", "")
    """What is scanned of this SKU without a lot of its own is of this lot: somebody said so."""
    asks_lot: bool = False
    typed: str = ""
    """A lot or a day that was typed and waits for YES."""
    gone: bool = False
    person_id: int = 0
    """Who said that this was all."""
    booked: GoodsBooked | None = None

    @property
    def rows(self) -> tuple[GoodsRow, ...]:
        """The list with what was counted of it, then what is not on the list."""
        counted = _summed(self.scans)
        listed = {key: line.units for key, line in _merged(self.expected).items()}
        keys = dict.fromkeys((*listed, *counted))
        known = bool(listed)
        return tuple(
            GoodsRow(sku, lot, counted.get((sku, lot), 0), listed.get((sku, lot), 0) if known else None)
            for sku, lot in keys
        )

    @property
    def units(self) -> int:
        """All that was counted."""
        return sum(line.units for line in self.scans)

    @property
    def missing(self) -> int:
        """Units of the list that were not counted."""
        return sum(max(0, (row.expected or 0) - row.counted) for row in self.rows)

    @property
    def surplus(self) -> int:
        """Units that were counted beside the list; 0 without one."""
        return sum(max(0, row.counted - row.expected) for row in self.rows if row.expected is not None)

    def row(self, sku: str, lot: str) -> GoodsRow | None:
        """The row of this lot."""
        return next((row for row in self.rows if (row.sku, row.lot) == (sku, lot)), None)

    def lot_of(self, sku: str, lot: str) -> str:
        """The lot a scan means: its own, else the one that was said, else the first of the list that is open."""
        if self.lot_now[0] == sku:
            return lot or self.lot_now[1]
        mine = [row for row in self.rows if row.sku == sku and row.lot]
        open_one = next((row.lot for row in mine if row.counted < (row.expected or 0)), "")
        return lot or open_one or (mine[-1].lot if mine else "")

    def last_times(self, number: int) -> "GoodsSheet":
        """The last scan was that of so many equal items."""
        [*before, last] = self.scans
        return replace(self, scans=(*before, replace(last, units=last.units * number)))

    def of_lot(self, lot: str) -> "GoodsSheet":
        """The last scan, what was scanned of its product without a lot, and what follows are of this lot."""
        [*before, last] = self.scans
        mine = (replace(one, lot=lot) if (one.sku, one.lot) == (last.sku, "") else one for one in before)
        return replace(self, scans=(*mine, replace(last, lot=lot)), lot_now=(last.sku, lot))

    def until(self, day: str) -> "GoodsSheet":
        """The lot that was scanned last is good until this day, ISO."""
        last = self.scans[-1].sku, self.scans[-1].lot
        scans = (replace(one, expires_on=day) if (one.sku, one.lot) == last else one for one in self.scans)
        return replace(self, scans=tuple(scans))

    def document(self) -> wire.GoodsDocument:
        """What is sent to the server: each lot once, so that the same count is the same document."""
        lines = tuple(line for line in _merged(self.scans).values() if line.units)
        if self.kind == "count":
            lot = self.scans[0].lot if self.scans else ""
            lines = (GoodsLine(sku=self.ref, units=self.units, lot=lot),)
        return wire.GoodsDocument(
            kind=self.kind,
            person_id=self.person_id,
            key=self.key,
            ref=self.ref,
            lines=lines,
            expected=self.shelf,
            gone=self.gone,
        )


def _summed(lines: Iterable[GoodsLine]) -> dict[Key, int]:
    return {key: line.units for key, line in _merged(lines).items()}


def _merged(lines: Iterable[GoodsLine]) -> dict[Key, GoodsLine]:
    """One line for each lot, in the order of its first."""
    merged: dict[Key, GoodsLine] = {}
    for line in lines:
        key = line.sku, line.lot
        before = merged.get(key)
        merged[key] = (
            line
            if before is None
            else replace(
                before,
                units=before.units + line.units,
                expires_on=before.expires_on or line.expires_on,
                serials=(*before.serials, *line.serials),
            )
        )
    return merged
