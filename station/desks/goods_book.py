"""The document of goods that is counted here: kept in the journal with every scan, and its dealings with the server."""

from collections.abc import Callable
from dataclasses import replace

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.errors import DomainError, Unavailable
from station.goods_sheet import GoodsSheet, GoodsStep
from station.jobs import Backoff, Worker
from station.views import Note
from station.workplace import Workplace

_NOTE = "goods"
_S = GoodsStep


class GoodsBook:
    """One document at a time; call everything that has no underscore with the workplace's lock held."""

    def __init__(self, place: Workplace, worker: Worker) -> None:
        self._place, self._worker = place, worker
        self.sheet: GoodsSheet | None = None
        self.waits = False
        """The server does not answer; the document is kept and sent again."""

    def restore(self) -> None:
        """Take up the document where it was; one that was being booked is sent again, under its own key."""
        kept = self._place.journal.get(_NOTE)
        self.sheet = wire.decode(kept, GoodsSheet) if kept else None
        if self.sheet is not None and self.sheet.step is _S.BOOKING:
            self.send(self.sheet)
        elif self.sheet is not None and self.sheet.step is _S.FETCHING:
            self.keep(_unasked(self.sheet))

    def keep(self, sheet: GoodsSheet | None) -> None:
        """On the disk before it is on the screen. Raise JournalFailed."""
        self._place.journal.put(_NOTE, wire.encode(sheet) if sheet else None)
        self.sheet = sheet

    def fetch(self, key: str, ask: wire.GoodsAsk) -> None:
        """Ask for a list once, in the background: whoever waits for it stands here and can scan its paper again."""
        self._worker.do(lambda: self._fetched(key, ask))

    def send(self, sheet: GoodsSheet) -> None:
        """Book it, in the background, for as long as it takes."""
        document, backoff = sheet.document(), Backoff()
        self._worker.do(lambda: self._sent(document, backoff))

    def _fetched(self, key: str, ask: wire.GoodsAsk) -> None:
        try:
            answer = self._place.client.goods_expected(ask)
        except Unavailable:
            self._change(key, _unasked)
            self._say(Note.GOODS_AWAY)
        except DomainError as error:
            self._change(key, _unasked)
            self._say(Note.GOODS_REFUSED, error)
        else:
            self._change(key, lambda sheet: _listed(sheet, answer))

    def _sent(self, document: wire.GoodsDocument, backoff: Backoff) -> float | None:
        try:
            booked = self._place.client.book_goods(document)
        except Unavailable:
            if not self.waits:
                with self._place.changing():
                    self.waits = True
                self._say(Note.GOODS_AWAY_KEPT)
            return backoff.pause()
        except DomainError as error:
            self._change(document.key, lambda sheet: replace(sheet, step=_S.COUNTING, gone=False))
            self._say(Note.GOODS_REFUSED, error)
        else:
            self._change(document.key, lambda sheet: replace(sheet, step=_S.BOOKED, booked=booked))
            self._say(Note.GOODS_BOOKED, tone=Tone.BOX_DONE)
        return None

    def _change(self, key: str, change: Callable[[GoodsSheet], GoodsSheet]) -> None:
        """From the worker: what became of the document with this key."""
        with self._place.changing():
            self.waits = False
            if self.sheet is not None and self.sheet.key == key:
                self.keep(change(self.sheet))

    def _say(self, note: Note, error: DomainError | None = None, tone: Tone = Tone.LOOK) -> None:
        words, facts = (error.detail, error.facts) if error else ("", {})
        with self._place.changing():
            reason = Reason.NOT_NOW if tone is Tone.LOOK else Reason.OK
            self._place.sound(self._place.say(reason, tone, detail=note, words=words, facts=facts))


def _unasked(sheet: GoodsSheet) -> GoodsSheet:
    """The server was not reached, or knows nothing of this paper: it is asked for again."""
    step = _S.COUNTING if sheet.kind == "count" else _S.PAPER
    return replace(sheet, ref="", scans=(), step=step)


def _listed(sheet: GoodsSheet, answer: wire.GoodsExpected) -> GoodsSheet:
    return replace(sheet, step=_S.COUNTING, ref=answer.ref, expected=answer.lines, shelf=answer.expected)
