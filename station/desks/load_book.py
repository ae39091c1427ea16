"""What this dock knows of its load: the server's picture, with the scans on top that the server does not hold yet."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from server import wire
from server.domain.benchwork import handoff
from server.domain.benchwork.handoff import DockParcel, Load, ParcelState
from server.domain.benchwork.reasons import Reason
from server.domain.benchwork.scans import Command, Scan
from station.journal import DockEntry, Journal

_LEAVES_NO_MARK = frozenset(
    {
        Reason.ALREADY_LOADED,
        Reason.REPEAT,
        Reason.UNKNOWN_CODE,
        Reason.BAD_READ,
        Reason.STOPPED,
        Reason.NOT_NOW,
    }
)


@dataclass(slots=True)
class LoadBook:
    """``taken`` are the parcels this bench loaded, by sequence number; ``load`` is what is true here and now."""

    load: Load
    dock_session: str
    seq: int = 0
    taken: dict[int, str] = field(default_factory=dict)
    disputed: frozenset[str] = frozenset()
    """Parcels this bench loaded and the server did not: told once, set aside for good."""

    def parcel(self, scan: Scan) -> DockParcel | None:
        """The parcel this code belongs to."""
        return next((p for p in self.load.parcels if scan.payload in (p.tracking, p.parcel_id)), None)

    def replay(self, log: Iterable[DockEntry]) -> None:
        """Take up a journaled dock session by the verdicts that were shown, not by judging again on newer facts."""
        for entry in log:
            self.seq = entry.event.seq
            self._mark(entry.event.reason, entry.scan)

    def _mark(self, reason: Reason, scan: Scan) -> None:
        load, parcel = self.load, self.parcel(scan)
        if load.stop is not None:
            if reason is Reason.STOPPED:
                self.load = replace(load, not_counted=(*load.not_counted, scan.raw))
            elif scan.command is Command.OK:
                self.load = replace(load, stop=None, stop_item="", not_counted=())
        elif parcel is not None and reason is Reason.OK:
            self.taken[self.seq] = parcel.parcel_id
            aside = tuple(code for code in load.set_aside if code != parcel.parcel_id)
            self.load = replace(load, set_aside=aside)
        elif parcel is not None and reason not in _LEAVES_NO_MARK:
            self.load = replace(load, set_aside=tuple(dict.fromkeys((*load.set_aside, parcel.parcel_id))))
            if reason is Reason.CANCELLED:
                self.load = replace(self.load, stop=reason, stop_item=parcel.tracking)

    def merge(self, base: Load, unsent: frozenset[int]) -> tuple[DockParcel | None, Reason]:
        """Adopt the server's picture. Returns a parcel newly disputed and why, or (None, OK).

        ``base`` must have been asked for after every event not in ``unsent`` was accepted.
        """
        pending = {parcel_id for seq, parcel_id in self.taken.items() if seq in unsent}
        parcels = tuple(
            replace(p, state=ParcelState.LOADED, load_id=base.load_id)
            if p.parcel_id in pending and p.state is ParcelState.READY
            else p
            for p in base.parcels
        )
        merged = replace(base, parcels=parcels)
        on_load = {p.parcel_id for p in merged.loaded}
        disputed = frozenset(self.taken.values()) - on_load
        new = disputed - self.disputed
        aside = dict.fromkeys((*self.load.set_aside, *base.set_aside, *sorted(disputed)))
        merged = replace(
            merged,
            set_aside=tuple(code for code in aside if code not in on_load),
            stop=self.load.stop,
            stop_item=self.load.stop_item,
            not_counted=self.load.not_counted,
        )
        self.load, self.disputed = merged, disputed
        return self._dispute(new)

    def _dispute(self, new: frozenset[str]) -> tuple[DockParcel | None, Reason]:
        """Latch a stop for the first parcel the server sees differently."""
        parcel = next((p for p in self.load.parcels if p.parcel_id in new), None)
        if parcel is None or self.load.stop is not None:
            return None, Reason.OK
        verdict = handoff.judge(self.load, Scan(raw=parcel.tracking, at=0.0, payload=parcel.tracking))
        reason = verdict.reason if verdict.reason is not Reason.OK else Reason.NOT_PACKED
        self.load = replace(self.load, stop=reason, stop_item=parcel.tracking, not_counted=())
        return parcel, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What a restart needs: the server's last picture and our dock session."""

    load: Load
    dock_session: str


_NOTE = "dock"


def keep(journal: Journal, load: Load, dock_session: str, *, durable: bool = True) -> None:
    """Remember this load for the next start. Raises JournalFailed."""
    journal.put(_NOTE, wire.encode(_Kept(load=load, dock_session=dock_session)), durable=durable)


def forget(journal: Journal) -> None:
    """No load is open here. Raises JournalFailed."""
    journal.put(_NOTE, None)


def recalled(journal: Journal) -> LoadBook | None:
    """The load as it was kept, with every scan of its dock session on top; None when none was open."""
    kept = journal.get(_NOTE)
    if kept is None:
        return None
    stored = wire.decode(kept, _Kept)
    book = LoadBook(stored.load, stored.dock_session)
    book.replay(journal.dock_log(stored.dock_session))
    # Until the server has been asked, everything this bench loaded counts as loaded.
    book.merge(stored.load, frozenset(book.taken))
    return book
