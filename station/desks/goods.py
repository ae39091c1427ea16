"""Goods at a dock, by scans: a delivery, a cancelled box put back, a transfer out or in, the count of a shelf.

What is counted is kept with every scan. DONE twice books it under one key, so that a lost answer or a second DONE
books nothing more; without the server it waits, kept, and is booked when the server answers.
"""

import uuid
from dataclasses import replace

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan, Trouble
from server.domain.packing.quantity import refused
from station.desks.goods_book import GoodsBook
from station.desks.goods_lots import GoodsLots
from station.goods_sheet import GoodsSheet, GoodsStep
from station.people import may_supervise
from station.views import Flash, GoodsView, Note
from station.workplace import Workplace

CONFIRM_SECONDS = 1.0
"""As at a load: a confirming repeat counts only this long after the question is on screen."""
KINDS: dict[Command, wire.GoodsKind] = {
    Command.RECEIVE: "receive",
    Command.PUT_BACK: "put-back",
    Command.TRANSFER_OUT: "send",
    Command.TRANSFER_IN: "arrive",
    Command.COUNT: "count",
}
_S = GoodsStep


class GoodsDesk:
    """One document at a time; call everything with the workplace's lock held."""

    def __init__(self, place: Workplace, book: GoodsBook) -> None:
        self._place, self._book, self._lots = place, book, GoodsLots(place, book)
        self._asked: Command | None = None
        self._asked_at = 0.0

    def view(self) -> GoodsView | None:
        """What there is to draw; None when nothing is counted."""
        sheet = self._book.sheet
        if sheet is None:
            return None
        names = {row.sku: self._name(row.sku) for row in sheet.rows}
        return GoodsView(sheet, names, waits=self._book.waits, flash=self._place.flash)

    def scan(self, scan: Scan) -> Flash | None:
        """A code that is of the document, or begins one; None for what is none of this desk's business."""
        begins = KINDS.get(scan.command) if scan.command and not (scan.bounce or scan.problem) else None
        sheet = self._book.sheet
        if sheet is None or (begins and (sheet.step is _S.BOOKED or not (sheet.scans or sheet.ref))):
            return self._begin(begins, scan) if begins else None
        if scan.bounce:
            return self._place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        if sheet.asks_lot:
            # Before everything else: a lot may look like a product, or like one that was read badly.
            return self._lots.answer(sheet, scan)
        if scan.command is not Command.YES:
            sheet = replace(sheet, typed="")
        if scan.problem or (scan.bad_read and not scan.matches):
            return self._place.say(Reason.BAD_READ, Tone.LOOK, scan, detail=scan.problem or scan.bad_read or "")
        if sheet.step in (_S.FETCHING, _S.BOOKING):
            return self._not_now(scan, Note.GOODS_WAIT)
        if sheet.step is _S.BOOKED:
            return self._leave(scan) if scan.command is Command.OK else self._left_for(scan)
        if scan.command or scan.trouble:
            return self._command(sheet, scan)
        if scan.matches:
            return self._item(sheet, scan)
        if sheet.step is _S.PAPER:
            return self._paper(sheet, scan)
        return self._lots.day(sheet, scan) or self._number(sheet, scan)

    def _begin(self, kind: wire.GoodsKind, scan: Scan) -> Flash:
        step = _S.COUNTING if kind == "count" else _S.PAPER
        self._book.keep(GoodsSheet(kind=kind, key=str(uuid.uuid4()), step=step))
        return self._place.say(Reason.OK, Tone.GOOD, scan, detail=Note.GOODS_BEGUN)

    def _leave(self, scan: Scan) -> Flash:
        self._book.keep(None)
        return self._place.say(Reason.OK, Tone.GOOD, scan)

    def _left_for(self, scan: Scan) -> Flash | None:
        """A lane after a booked document goes on to its load."""
        if scan.lane is not None:
            self._book.keep(None)
            return None
        return self._not_now(scan, Note.GOODS_BOOKED)

    def _command(self, sheet: GoodsSheet, scan: Scan) -> Flash:
        if scan.command is Command.DONE and (sheet.scans or sheet.expected or sheet.ref):
            return self._done(sheet, scan)
        if scan.command is Command.LOT:
            return self._lots.ask(sheet, scan)
        if scan.command is Command.YES and sheet.typed:
            return self._lots.confirm(sheet, scan)
        if scan.command is Command.UNDO and sheet.scans:
            last = sheet.scans[-1]
            self._book.keep(replace(sheet, scans=sheet.scans[:-1], step=_S.COUNTING))
            return self._place.say(Reason.TAKEN_OUT, Tone.LOOK, scan, item=f"{last.units} × {self._name(last.sku)}")
        if scan.command is Command.EMPTY:
            if self._again(Command.EMPTY):
                return self._leave(scan)
            return self._ask(scan, Note.GOODS_DROP, Command.EMPTY)
        if scan.command is Command.OK:
            if not sheet.scans and not sheet.ref:
                return self._leave(scan)
            self._book.keep(replace(sheet, step=_S.COUNTING))
            return self._place.say(Reason.OK, Tone.GOOD, scan)
        if scan.trouble is Trouble.MISSING and sheet.kind == "put-back" and sheet.step is _S.ASKED:
            person = self._place.person
            if person is None or not may_supervise(person):
                return self._not_now(scan, Note.GOODS_GONE_WHO)
            return self._booked(replace(sheet, gone=True), scan)
        return self._not_now(scan, Note.GOODS_FINISH)

    def _done(self, sheet: GoodsSheet, scan: Scan) -> Flash:
        if sheet.step is not _S.ASKED or self._asked is not Command.DONE:
            self._book.keep(replace(sheet, step=_S.ASKED))
            return self._ask(scan, Note.GOODS_ASK, Command.DONE)
        if not self._again(Command.DONE):
            return self._place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        return self._booked(sheet, scan)

    def _ask(self, scan: Scan, note: Note, command: Command) -> Flash:
        self._asked_at, self._asked = self._place.clock(), command
        return self._place.say(Reason.NEED_CONFIRM, Tone.LOOK, scan, detail=note)

    def _again(self, command: Command) -> bool:
        last = self._place.flash
        asked = last is not None and last.reason in (Reason.NEED_CONFIRM, Reason.REPEAT) and self._asked is command
        return asked and self._place.clock() - self._asked_at >= CONFIRM_SECONDS

    def _booked(self, sheet: GoodsSheet, scan: Scan) -> Flash:
        person = self._place.person
        sheet = replace(sheet, step=_S.BOOKING, person_id=person.person_id if person else 0)
        self._book.keep(sheet)
        self._book.send(sheet)
        return self._place.say(Reason.OK, Tone.GOOD, scan, detail=Note.GOODS_BOOKING)

    def _item(self, sheet: GoodsSheet, scan: Scan) -> Flash:
        place, match = self._place, scan.matches[0]
        if len({m.sku for m in scan.matches}) != 1:
            return place.say(Reason.AMBIGUOUS, Tone.LOOK, scan, item=match.label)
        if sheet.step is _S.PAPER and sheet.kind != "receive":
            return self._not_now(scan, Note.GOODS_PAPER_FIRST)
        if sheet.kind == "count" and sheet.ref not in ("", match.sku):
            return place.say(Reason.WRONG_ITEM, Tone.LOOK, scan, item=match.label, detail=Note.GOODS_ONE_SHELF)
        lot = sheet.lot_of(match.sku, scan.lot)
        if sheet.kind == "count" and sheet.scans and sheet.scans[0].lot != lot:
            return place.say(Reason.WRONG_LOT, Tone.LOOK, scan, item=match.label, detail=Note.GOODS_ONE_SHELF)
        serials = (scan.serial,) if scan.serial else ()
        if any(serial in line.serials for serial in serials for line in sheet.scans if line.sku == match.sku):
            return place.say(Reason.DUPLICATE_SERIAL, Tone.LOOK, scan, item=match.label, detail=Note.GOODS_SERIAL)
        expires = scan.expires_on or scan.best_before
        line = wire.GoodsLine(sku=match.sku, units=match.units, lot=lot, expires_on=expires, serials=serials)
        after = replace(sheet, step=_S.COUNTING, scans=(*sheet.scans, line))
        return self._counted(sheet, after, scan, match.label)

    def _counted(self, before: GoodsSheet, after: GoodsSheet, scan: Scan, item: str) -> Flash:
        """Keep it, unless the box never held it; say it where it is more than the list has."""
        place, last = self._place, after.scans[-1]
        row = after.row(last.sku, last.lot)
        more = row is not None and row.expected is not None and row.counted > row.expected
        if more and after.kind == "put-back":
            return place.say(Reason.OVER_QUANTITY, Tone.LOOK, scan, item=item, detail=Note.GOODS_NOT_IN_BOX)
        if after.kind == "count" and not before.ref:
            after = replace(after, ref=last.sku, step=_S.FETCHING)
            self._book.fetch(after.key, wire.GoodsAsk(kind="count", sku=last.sku, lot=last.lot))
        self._book.keep(after)
        if more:
            return place.say(Reason.OK, Tone.LOOK, scan, item=item, detail=Note.GOODS_SURPLUS)
        full = row is not None and row.counted == row.expected
        return place.say(Reason.OK, Tone.LINE_FULL if full else Tone.GOOD, scan, item=item)

    def _number(self, sheet: GoodsSheet, scan: Scan) -> Flash:
        """How many of what was scanned last."""
        place = self._place
        if not scan.quantity or not sheet.scans:
            return place.say(Reason.UNKNOWN_CODE, Tone.LOOK, scan, item=scan.raw, detail=Note.GOODS_UNKNOWN)
        last, trouble = sheet.scans[-1], refused(scan.quantity)
        if trouble or last.serials:
            reason = Reason.BAD_QUANTITY if trouble else Reason.SINGLE_UNITS
            return place.say(reason, Tone.LOOK, scan, item=scan.quantity, detail=trouble)
        after = sheet.last_times(int(scan.quantity))
        return self._counted(sheet, replace(after, step=_S.COUNTING), scan, self._name(last.sku))

    def _paper(self, sheet: GoodsSheet, scan: Scan) -> Flash:
        ref = (scan.order_ref or scan.raw).strip()
        self._book.keep(replace(sheet, ref=ref, step=_S.FETCHING))
        self._book.fetch(sheet.key, wire.GoodsAsk(kind=sheet.kind, ref=ref))
        return self._place.say(Reason.OK, Tone.GOOD, scan, item=ref, detail=Note.GOODS_FETCHING)

    def _not_now(self, scan: Scan, note: Note) -> Flash:
        return self._place.say(Reason.NOT_NOW, Tone.LOOK, scan, item=scan.raw, detail=note)

    def _name(self, sku: str) -> str:
        product = self._place.catalog.products.get(sku)
        return f"{product.name} {product.variant}".strip() if product else sku
