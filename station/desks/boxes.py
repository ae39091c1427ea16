"""The boxes this bench holds: one being packed, others parked. Journal first, then the new state: never the reverse."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

from server import reading, wire
from server.domain.benchwork.reasons import Reason
from server.domain.benchwork.scans import Scan
from server.domain.packing import rules
from server.domain.packing.order import PackOrder
from server.domain.packing.session import Fact, FactKind, Phase, Session, Verdict
from station.desks.pace import Paces
from station.desks.pulling import Pulling
from station.journal import Entry, JournalFailed, StoredSession
from station.views import ParkedBox
from station.workplace import Workplace


@dataclass(frozen=True, slots=True)
class Box:
    """A session with what the bench needs beside it. ``seq`` is that of its last event."""

    session: Session
    opened_at: float
    seq: int = 0
    person_id: int = 0
    """Who did the last thing to it; answers for what happens while nobody is signed in."""
    parked_at: float = 0.0
    parked_why: Reason = Reason.OK
    gone: bool = False
    """It was stopped while it was parked: nobody has to acknowledge, somebody has to pull it."""

    @property
    def session_id(self) -> str:
        """The session's id."""
        return self.session.session_id

    @property
    def number(self) -> str:
        """The order's number, as on its slip."""
        return self.session.order.number

    @property
    def over(self) -> bool:
        """Nothing can happen to it here any more."""
        session = self.session
        return session.phase is Phase.CLOSED or (session.phase is Phase.ENDED and (session.stop is None or self.gone))


def after(box: Box, entry: Entry) -> Box:
    """The box after one entry of its log; the only way a box ever changes."""
    event, session = entry.event, box.session
    if entry.scan is not None:
        changed = rules.judge(session, entry.scan).session
    else:
        fact = event.fact
        changed = rules.apply(session, fact)
    return _moved(box, changed, event)


def _moved(box: Box, changed: Session, event: wire.PackEvent) -> Box:
    """The box whose session is this after the event."""
    session = box.session
    box = replace(box, session=changed, seq=event.seq, person_id=event.person_id or box.person_id)
    if changed.phase is Phase.PARKED and session.phase is not Phase.PARKED:
        return replace(box, parked_at=event.at, parked_why=event.reason)
    return replace(box, gone=box.gone or (session.phase is Phase.PARKED and changed.phase is Phase.ENDED))


def replayed(stored: StoredSession) -> Box:
    """The box after its whole log."""
    box = Box(rules.opened(stored.session_id, stored.order), stored.opened_at)
    for entry in stored.entries:
        box = after(box, entry)
    return box


class Boxes:
    """All boxes of this bench; call everything with the workplace's lock held."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self.active: Box | None = None
        self.parked: dict[str, Box] = {}
        """By order number in capitals."""
        self.just_closed = ""
        self.paces, self.pulling = Paces(place), Pulling(place)

    def restore(self) -> None:
        """Take up every box where the journal says it is."""
        self.pulling.restore()
        for stored in self._place.journal.sessions():
            box = replayed(stored)
            if box.over:
                self._forget(box)
            elif box.session.phase is Phase.PARKED:
                self.parked[box.number.upper()] = box
            elif self.active is None:
                self.active = box
            else:
                self.happened(box, Fact(FactKind.PARK))

    def find(self, session_id: str) -> Box | None:
        """The box of this session, if it is still here."""
        return next((b for b in self.every() if b.session_id == session_id), None)

    def closed(self, session_id: str) -> Box | None:
        """The box of this session that has its label on it, as long as not all of its log is sent."""
        stored = (s for s in self._place.journal.sessions() if s.session_id == session_id)
        box = next((replayed(one) for one in stored), None)
        return box if box is not None and box.session.phase is Phase.CLOSED else None

    def open_sessions(self) -> tuple[str, ...]:
        """Sessions the server should tell stops of."""
        return tuple(b.session_id for b in self.every())

    def parked_list(self) -> tuple[ParkedBox, ...]:
        """What must be pulled, then the parked boxes, longest waiting first."""
        boxes = sorted(self.parked.values(), key=lambda b: b.parked_at)
        parked = (ParkedBox(b.number, b.parked_why, b.parked_at, b.session.open_units) for b in boxes)
        return (*self.pulling.boxes, *parked)

    def opened(self, answer: wire.OpenAnswer) -> Box:
        """Keep an order the server gave us, with the log it already has; parked at once where a box is open."""
        known = self.find(answer.session_id)
        if known is not None:
            return known
        entries = tuple(self._entry(event) for event in answer.events)
        now = self._place.clock()
        self._place.journal.open_session(answer.session_id, answer.order, now, entries)
        box = replayed(StoredSession(answer.session_id, answer.order, now, entries))
        if self.active is not None and box.session.phase is not Phase.PARKED and not box.over:
            return self.happened(box, Fact(FactKind.PARK))
        self.pulling.seen(box.number)
        self._publish(box)
        return box

    def claimed(self, session_id: str, order: PackOrder) -> Box:
        """Begin an order of the lease by ourselves: the claim is the first event of its log. Raise JournalFailed."""
        now, person = self._place.clock(), self._place.person
        event = wire.PackEvent(
            seq=1,
            at=now,
            kind=FactKind.CLAIM.value,
            person_id=person.person_id if person else 0,
            raw=order.number,
            order_id=order.order_id,
            order_version=order.version,
        )
        self._place.journal.claim(session_id, order, now, Entry(event))
        box = replayed(StoredSession(session_id, order, now, (Entry(event),)))
        if self.active is not None:
            return self.happened(box, Fact(FactKind.PARK))
        self.pulling.seen(box.number)
        self._publish(box)
        self._place.on_fact()
        return box

    def scanned(self, box: Box, scan: Scan, verdict: Verdict) -> Box:
        """Journal a scan with the verdict about to be shown; raise JournalFailed with nothing changed."""
        event = wire.PackEvent(
            seq=box.seq + 1,
            at=scan.at,
            kind="scan",
            person_id=self._actor(box),
            raw=scan.raw,
            source=scan.source,
            typed=scan.typed,
            bounce=scan.bounce,
            problem=scan.problem,
            clock_off=scan.clock_off,
            reason=verdict.reason,
            parser=reading.PARSER_VERSION,
            catalog_version=self._place.catalog.version,
        )
        self._place.journal.append(box.session_id, event, scan)
        changed = _moved(box, verdict.session, event)
        self.paces.scanned(event.person_id, box.session, changed.session, verdict.reason, verdict.tone)
        self._publish(changed)
        return changed

    def happened(self, box: Box, fact: Fact, person_id: int | None = None) -> Box:
        """Journal something that is not a scan; raise JournalFailed with nothing changed.

        ``person_id``: who did it, where that is not who packs here.
        """
        event = wire.PackEvent(
            seq=box.seq + 1,
            at=self._place.clock(),
            kind=fact.kind.value,
            person_id=self._actor(box) if person_id is None else person_id,
            reason=fact.reason,
            parcel_id=fact.parcel_id,
            tracking=fact.tracking,
            box=fact.box,
            grams=fact.grams,
            take_out=fact.take_out,
            add=fact.add,
        )
        self._place.journal.append(box.session_id, event)
        changed = after(box, Entry(event))
        self._publish(changed)
        self._place.on_fact()
        return changed

    def _publish(self, box: Box) -> None:
        if self.active and self.active.session_id == box.session_id:
            self.active = None
        self.parked = {n: b for n, b in self.parked.items() if b.session_id != box.session_id}
        if box.over:
            self.just_closed = box.number if box.session.phase is Phase.CLOSED else self.just_closed
            self._forget(box)
        elif box.session.phase is Phase.PARKED:
            self.parked[box.number.upper()] = box
        else:
            self.active = box

    def _forget(self, box: Box) -> None:
        # Only tidiness: its log says that it is over, and what it says is on disk already.
        with suppress(JournalFailed):
            self._place.journal.finish(box.session_id)

    def every(self) -> Iterable[Box]:
        """The one being packed, and those that stand aside."""
        return (*((self.active,) if self.active else ()), *self.parked.values())

    def _actor(self, box: Box) -> int:
        return self._place.person.person_id if self._place.person else box.person_id

    def _entry(self, event: wire.PackEvent) -> Entry:
        """An event of the server's log, read as this bench reads."""
        if event.kind != "scan":
            return Entry(event)
        scan = reading.read(
            event.raw,
            self._place.catalog,
            at=event.at,
            source=event.source,
            typed=event.typed,
            bounce=event.bounce,
            problem=event.problem,
            clock_off=event.clock_off,
        )
        return Entry(event, scan)
