"""The lot of goods whose label says it in no code of GS1: LOT, then the plain label, or the text typed and YES.

It is the lot of what was scanned last, of what was scanned of that product before without a lot, and of what follows.
"""

from dataclasses import replace
from datetime import date

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.booking.lots import LOT_MAX
from station.desks.goods_book import GoodsBook
from station.goods_sheet import GoodsSheet, GoodsStep
from station.views import Flash, Note
from station.workplace import Workplace

_BACK = (Command.OK, Command.LOT, Command.UNDO)


class GoodsLots:
    """Call everything with the workplace's lock held."""

    def __init__(self, place: Workplace, book: GoodsBook) -> None:
        self._place, self._book = place, book

    def ask(self, sheet: GoodsSheet, scan: Scan) -> Flash:
        """LOT was scanned: which is it? Of a shelf that is counted it is said right after the first unit."""
        place, many = self._place, sheet.kind == "count" and len(sheet.scans) > 1
        if not sheet.scans or many:
            note = Note.GOODS_ONE_SHELF if many else Note.GOODS_LOT_ITEM
            return place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=note)
        self._book.keep(replace(sheet, asks_lot=True, step=GoodsStep.COUNTING))
        return place.say(Reason.NEED_LOT, Tone.LOOK, scan, item=sheet.scans[-1].sku, detail=Note.GOODS_LOT_WHICH)

    def answer(self, sheet: GoodsSheet, scan: Scan) -> Flash:
        """Whatever is scanned now is the lot; what was typed only after YES."""
        place, text = self._place, _text(scan)
        if scan.command is Command.YES and sheet.typed:
            return self._set(sheet, sheet.typed, scan)
        if scan.command in _BACK:
            self._book.keep(replace(sheet, asks_lot=False, typed=""))
            return place.say(Reason.OK, Tone.GOOD, scan)
        if scan.problem or not _may_be(text, scan):
            return place.say(Reason.NEED_LOT, Tone.LOOK, scan, item=scan.raw, detail=Note.GOODS_LOT_WHICH)
        return self._typed(sheet, text, scan) if scan.typed else self._set(sheet, text, scan)

    def day(self, sheet: GoodsSheet, scan: Scan) -> Flash | None:
        """The last day of the lot that was scanned last, by a code of its own or typed; None for anything else."""
        text = scan.expires_on or scan.best_before or _iso_day(_text(scan))
        if not text or scan.matches or not sheet.scans or not sheet.scans[-1].lot:
            return None
        return self._typed(sheet, text, scan) if scan.typed else self._set_day(sheet, text, scan)

    def confirm(self, sheet: GoodsSheet, scan: Scan) -> Flash:
        """YES to a day that was typed."""
        return self._set_day(replace(sheet, typed=""), sheet.typed, scan)

    def _typed(self, sheet: GoodsSheet, text: str, scan: Scan) -> Flash:
        self._book.keep(replace(sheet, typed=text))
        return self._place.say(Reason.NEED_CONFIRM, Tone.LOOK, scan, item=text, detail=Note.GOODS_TYPED)

    def _set(self, sheet: GoodsSheet, text: str, scan: Scan) -> Flash:
        after = replace(sheet.of_lot(text), asks_lot=False, typed="")
        if sheet.kind == "count":
            after = replace(after, step=GoodsStep.FETCHING)
            self._book.fetch(after.key, wire.GoodsAsk(kind="count", sku=after.ref, lot=text))
        self._book.keep(after)
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=text, detail=Note.GOODS_LOT_SET)

    def _set_day(self, sheet: GoodsSheet, text: str, scan: Scan) -> Flash:
        self._book.keep(sheet.until(text))
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=text, detail=Note.GOODS_DAY_SET)


def _text(scan: Scan) -> str:
    """As it was printed: only the payload has lost its case, and only the raw text may have a prefix."""
    raw = scan.raw.strip()
    return scan.lot or (raw if raw.upper() == scan.payload else scan.payload)


def _may_be(text: str, scan: Scan) -> bool:
    """Whether it can be a lot at all, and is no code of the site."""
    site = scan.command or scan.badge or scan.order_ref or scan.lane or scan.box_type or scan.trouble or scan.load_ref
    return not site and 0 < len(text) <= LOT_MAX and text.isascii() and text.isprintable()


def _iso_day(text: str) -> str:
    """The day if it is written as 2027-01-31; nothing for anything else."""
    try:
        return text if date.fromisoformat(text).isoformat() == text else ""
    except ValueError:
        return ""
