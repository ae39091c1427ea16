"""What this dock knows of its load: the server's picture, with the scans on top that the server does not hold yet."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from server import wire
from server.domain.benchwork.handoff import DockParcel, DockVerdict, Load, ParcelState
from server.domain.benchwork.reasons import Reason
from server.domain.benchwork.scans import Command, Scan
from server.domain.dock.refusals import refusal_of
from server.domain.dock.values import DockMode
from station.desks.load_marks import NO_MARK, Mark, mark_of, marked, mode_after, pulled
from station.journal import DockEntry, Journal


@dataclass(slots=True)
class LoadBook:
    """``load`` is what is true here and now; ``marks`` is what each scan did to it, by sequence number."""

    load: Load
    dock_session: str
    seq: int = 0
    marks: dict[int, Mark] = field(default_factory=dict)
    disputed: frozenset[str] = frozenset()
    """Parcels this bench loaded and the server refused: told once, set aside until somebody settles them."""
    as_of: float = 0.0
    """Up to when cancels are known here, by the server's clock."""

    @property
    def unmerged(self) -> frozenset[str]:
        """Parcels put on here since the server's last picture."""
        return frozenset(code for mark in self.marks.values() for code in mark.on)

    def take(self, event: wire.DockEvent, verdict: DockVerdict, scan: Scan) -> None:
        """Adopt the verdict of an event that is in the journal."""
        mark = mark_of(self.load, event, scan) if self.load.stop is None else NO_MARK
        self._remember(event.seq, mark)
        self.seq, self.load = event.seq, pulled(verdict.load, mark)

    def replay(self, log: Iterable[DockEntry]) -> None:
        """Take up a journaled dock session by the verdicts that were shown, not by judging again on newer facts."""
        for entry in log:
            self.seq, reason, load = entry.event.seq, entry.event.reason, self.load
            if load.stop is not None:
                self._while_stopped(reason, entry.scan)
                continue
            mark = mark_of(replace(load, mode=entry.event.mode), entry.event, entry.scan)
            self._remember(self.seq, mark)
            self.load = replace(marked(load, mark), mode=mode_after(reason, entry.event.mode))
            if reason is Reason.CANCELLED and mark.aside:
                self.load = replace(self.load, stop=reason, stop_item=_number(self.load, mark.aside[0]))

    def merge(self, base: Load, unsent: frozenset[int]) -> tuple[DockParcel | None, Reason]:
        """Adopt the server's picture. Returns a parcel that must come off and why, or (None, OK): one it refused,
        or one whose order was cancelled after it was loaded.

        ``base`` must have been asked for after every event not in ``unsent`` was accepted.
        """
        held = [self.marks.pop(seq) for seq in sorted(self.marks) if seq not in unsent]
        refused = _refused(base, held)
        new = frozenset(refused) - self.disputed
        on = {p.parcel_id for p in base.loaded}
        settled = {code for mark in (*held, *self.marks.values()) for code in mark.settled}
        self.disputed = (self.disputed | new) - on - settled
        aside = tuple(dict.fromkeys((*base.set_aside, *sorted(self.disputed))))
        merged = replace(base, set_aside=aside, closed=base.closed or self.load.closed)
        for seq in sorted(self.marks):
            merged = marked(merged, self.marks[seq])
        before = self.load
        self.load = replace(
            merged, mode=before.mode, stop=before.stop, stop_item=before.stop_item, not_counted=before.not_counted
        )
        told = {each.parcel_id for each in before.cancelled_on if not each.answer}
        lost = [x.parcel_id for x in self.load.cancelled_on if not x.answer and x.parcel_id not in told]
        return self._dispute({code: refused[code] for code in new} | _why(self.load, lost))

    def _remember(self, seq: int, mark: Mark) -> None:
        if mark != NO_MARK:
            self.marks[seq] = mark

    def _while_stopped(self, reason: Reason, scan: Scan) -> None:
        if reason is Reason.STOPPED:
            self.load = replace(self.load, not_counted=(*self.load.not_counted, scan.raw))
        elif scan.command is Command.OK:
            self.load = replace(self.load, stop=None, stop_item="", not_counted=())

    def _dispute(self, new: dict[str, Reason]) -> tuple[DockParcel | None, Reason]:
        """The first parcel that must come off; a cancelled one comes before all others, and latches a stop."""
        known = {p.parcel_id: p for p in self.load.parcels}
        found = sorted((why is not Reason.CANCELLED, code) for code, why in new.items() if code in known)
        if not found or self.load.stop is not None:
            return None, Reason.OK
        parcel, reason = known[found[0][1]], new[found[0][1]]
        if reason is Reason.CANCELLED:
            self.load = replace(self.load, stop=reason, stop_item=parcel.tracking, not_counted=())
        return parcel, reason


def _why(load: Load, lost: Iterable[str]) -> dict[str, Reason]:
    """Parcels that must come off the vehicle since they were loaded: cancelled, or not to leave for another reason."""
    known = {p.parcel_id: p for p in load.parcels}
    blocked = {code for code in lost if code in known and known[code].state is not ParcelState.CANCELLED}
    return {code: refusal_of(load, known[code]) or Reason.NOT_LOADED for code in blocked} | {
        code: Reason.CANCELLED for code in lost if code not in blocked
    }


def _refused(base: Load, held: Iterable[Mark]) -> dict[str, Reason]:
    """What this bench put on, and the server holds the scans, and it is not on the load there.

    The server may have no rule against it: whoever scanned it may not load, or another dock took it off at once.
    """
    mine: dict[str, None] = {}
    for mark in held:
        mine.update(dict.fromkeys(mark.on))
        for code in mark.off:
            mine.pop(code, None)
    on = {p.parcel_id for p in base.loaded}
    lost = (p for p in base.parcels if p.parcel_id in mine and p.parcel_id not in on)
    return {p.parcel_id: refusal_of(base, p) or Reason.NOT_LOADED for p in lost}


def _number(load: Load, parcel_id: str) -> str:
    return next((p.tracking for p in load.parcels if p.parcel_id == parcel_id), parcel_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What a restart needs: the server's last picture and our dock session."""

    load: Load
    dock_session: str
    as_of: float = 0.0


_NOTE = "dock"


def keep(journal: Journal, load: Load, book: LoadBook, *, durable: bool = True) -> None:
    """Remember the server's picture of a load for the next start. Raises JournalFailed."""
    kept = _Kept(load=load, dock_session=book.dock_session, as_of=book.as_of)
    journal.put(_NOTE, wire.encode(kept), durable=durable)


def keep_renamed(journal: Journal, rename: Callable[[Load], Load]) -> None:
    """The load that is kept, and a parcel of it, may have another name from now on. Raises JournalFailed."""
    kept = journal.get(_NOTE)
    if kept is not None:
        stored = wire.decode(kept, _Kept)
        journal.put(_NOTE, wire.encode(replace(stored, load=rename(stored.load))))


def forget(journal: Journal) -> None:
    """No load is open here. Raises JournalFailed."""
    journal.put(_NOTE, None)


def recalled(journal: Journal) -> LoadBook | None:
    """The load as it was kept, with every scan of its dock session on top; None when none was open."""
    kept = journal.get(_NOTE)
    if kept is None:
        return None
    stored = wire.decode(kept, _Kept)
    book = LoadBook(replace(stored.load, mode=DockMode.LOAD), stored.dock_session, as_of=stored.as_of)
    # Until the server has been asked, everything this bench did counts.
    book.replay(journal.dock_log(stored.dock_session))
    return book
