"""Closing a load, by scans: what stands in the way is asked one question after the other, then CLOSE once more."""

from dataclasses import dataclass, replace

from server import wire
from server.domain.benchwork.handoff import Load
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.dock.figures import assumable, before_close
from server.domain.dock.values import DockMode, LeftReason, OnTruck
from station.desks.load_book import LoadBook
from station.desks.load_closes import LoadCloses
from station.desks.loads import Loads
from station.views import Flash, Note
from station.workplace import Workplace

CONFIRM_SECONDS = 1.0
"""A confirming repeat counts only this long after the question is on screen (issue: a stop latches)."""
LEFT_REASONS = tuple(LeftReason)
_NOTE = "dock_answers"
_QUESTIONS = frozenset({Reason.PULL_FIRST, Reason.SET_ASIDE, Reason.NEED_REASON})


@dataclass(frozen=True, slots=True)
class Answers:
    """What was said of a load that is about to close; ``asked_at`` is when the last question was put."""

    asked_at: float
    hurry: bool = False
    """What remains was scanned: a supervisor may say that the rest is on the vehicle."""
    left_reason: LeftReason | None = None
    unreachable: tuple[str, ...] = ()
    assume: bool = False
    waive: bool = False
    supervisor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """Answers as they survive a restart, and of which dock session they are."""

    dock_session: str
    answers: Answers


def questions(load: Load, answers: Answers) -> tuple[Reason, ...]:
    """What still stands in the way, the gravest first."""
    given = answers.left_reason is not None
    open_ones = before_close(load, reason_given=given, unreachable=answers.unreachable, assume=answers.assume)
    return tuple(q for q in open_ones if not (q is Reason.SET_ASIDE and answers.waive))


def to_pull(load: Load, answers: Answers) -> OnTruck | None:
    """The cancelled parcel on the vehicle that is asked about."""
    return next((x for x in load.cancelled_on if not x.answer and x.parcel_id not in answers.unreachable), None)


class ClosingDesk:
    """The summary of a load; call everything with the workplace's lock held."""

    def __init__(self, place: Workplace, loads: Loads, closes: LoadCloses) -> None:
        self._place, self._loads, self._closes = place, loads, closes
        self.answers: Answers | None = None
        """None while nobody has asked for the summary."""
        closes.on_refused = self._refused

    def restore(self) -> None:
        """Take up what was said of the load that is open here."""
        kept, book = self._place.journal.get(_NOTE), self._loads.book
        said = wire.decode(kept, _Kept) if kept else None
        if said is not None and book is not None and said.dock_session == book.dock_session and not book.load.closed:
            self.answers = said.answers

    def leave(self) -> None:
        """Back to loading."""
        book = self._loads.book
        if self.answers is not None and book is not None and not book.load.closed:
            self._closes.tell(book, self._person_id, back=True)
        self._forget()
        self._closes.alone = None

    def _forget(self) -> None:
        if self.answers is not None:
            self._place.journal.put(_NOTE, None, durable=False)
        self.answers = None

    def scan(self, book: LoadBook, scan: Scan) -> Flash | None:
        """CLOSE, and the answers to its questions; None for everything else, which goes back to loading."""
        answers = self.answers
        if scan.command is Command.CLOSE:
            return self._ask(book, scan) if answers is None else self._again(book, answers, scan)
        if answers is None or book.load.closed:
            return None
        if scan.command is Command.CANNOT_REACH and (pulled := to_pull(book.load, answers)):
            said = replace(answers, unreachable=(*answers.unreachable, pulled.parcel_id))
            return self._next(book, said, scan, pulled.tracking)
        if scan.command is Command.YES and self._closes.alone is not None:
            self._closes.close_alone(book, self._closes.alone)
            return self._place.say(
                Reason.OK, Tone.BOX_DONE, scan, item=book.load.carrier_name, detail=Note.CLOSED_ALONE
            )
        number = int(scan.quantity) if scan.quantity.isascii() and scan.quantity.isdecimal() else 0
        if 1 <= number <= len(LEFT_REASONS) and book.load.missing:
            return self._next(book, replace(answers, left_reason=LEFT_REASONS[number - 1]), scan)
        return None

    def badge(self, scan: Scan) -> Flash | None:
        """A supervisor's badge on the summary: the rest is loaded, or what was set aside is settled."""
        answers, book = self.answers, self._loads.book
        supervisor = self._place.find_supervisor(scan)
        if answers is None or book is None or book.load.closed or supervisor is None:
            return None
        said = replace(answers, supervisor=supervisor.person_id)
        if Reason.SET_ASIDE in questions(book.load, answers):
            return self._next(book, replace(said, waive=True), scan, supervisor.name)
        if answers.hurry and not answers.assume and assumable(book.load):
            return self._next(book, replace(said, assume=True), scan, supervisor.name)
        return None

    def _refused(self, code: str) -> None:
        """The server knows of a question that is open: it is put here too. Anything else: look at the load again."""
        if code not in _QUESTIONS:
            self._forget()

    def _ask(self, book: LoadBook, scan: Scan) -> Flash:
        if book.load.closed:
            return self._place.say(Reason.LOAD_CLOSED, Tone.LOOK, scan, item=book.load.carrier_name)
        hurry = book.load.mode is DockMode.REMAINING or bool(book.load.remaining)
        book.load = replace(book.load, mode=DockMode.LOAD)
        self._closes.tell(book, self._person_id, back=False)
        return self._next(book, Answers(self._place.clock(), hurry=hurry), scan, book.load.carrier_name)

    def _next(self, book: LoadBook, answers: Answers, scan: Scan, item: str = "") -> Flash:
        """Put the next question, or ask for CLOSE once more."""
        self.answers = replace(answers, asked_at=self._place.clock())
        kept = _Kept(dock_session=book.dock_session, answers=self.answers)
        self._place.journal.put(_NOTE, wire.encode(kept))
        left = questions(book.load, answers)
        return self._place.say(left[0] if left else Reason.NEED_CONFIRM, Tone.LOOK, scan, item=item)

    def _again(self, book: LoadBook, answers: Answers, scan: Scan) -> Flash:
        place = self._place
        if book.load.closed:
            return place.say(Reason.LOAD_CLOSED, Tone.LOOK, scan, item=book.load.carrier_name)
        if 0.0 <= place.clock() - answers.asked_at < CONFIRM_SECONDS:
            return place.say(Reason.REPEAT, Tone.LOOK, scan, item=scan.raw)
        if questions(book.load, answers):
            return self._next(book, answers, scan)
        self._closes.close(book, self._request(book, answers))
        return place.say(Reason.OK, Tone.GOOD, scan, item=book.load.carrier_name, detail=Note.CLOSING)

    def _request(self, book: LoadBook, answers: Answers) -> wire.CloseRequest:
        load = book.load
        rest = assumable(load) if answers.assume else ()
        return wire.CloseRequest(
            person_id=self._person_id,
            loaded=len(load.loaded),
            left_reason=answers.left_reason,
            unreachable=answers.unreachable,
            assume=answers.assume,
            assumed=len(rest),
            assumed_ids=tuple(p.parcel_id for p in rest),
            waive_aside=answers.waive,
            supervisor=answers.supervisor,
            cancels_known_at=book.as_of or None,
        )

    @property
    def _person_id(self) -> int:
        return self._place.person.person_id if self._place.person else 0
