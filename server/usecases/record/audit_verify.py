"""Is the record still what was written? Every batch is hashed again and the chain followed to its end (AUD-02).

What each link proves: a batch's hash covers its ids, time, number of events and every row in it, and the hash of the
batch before. Who can write to the database could make the chain anew from a forged row on, or cut its end off; that
is what anchors are for, and the head's hash that a person keeps elsewhere.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection

from server.db import audit_chain
from server.db.audit_chain import Batch, Head, Stray
from server.db.chain import link
from server.usecases.record.audit_anchor import Anchor

SHOWN = 100
"""So many findings are told in full; all are counted."""

_STEP = 2000
Progress = Callable[[int, int], None]
"""(batches read, batches in all)."""


class Fault(StrEnum):
    """What can be wrong."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    OVERLAP = "overlap"
    HEAD = "head"
    ANCHOR = "anchor"
    CUT = "cut"


class Finding(NamedTuple):
    """One thing that is not as it was written; ``seq`` is the batch, 0 when it is about none."""

    fault: Fault
    seq: int
    sentence: str


@dataclass(slots=True)
class Report:
    """What was read and found. ``anchored`` is the newest batch that an anchor vouches for, 0 for none."""

    head: Head
    batches: int = 0
    events: int = 0
    anchored: int = 0
    faults: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Nothing was found."""
        return self.faults == 0

    def add(self, fault: Fault, seq: int, sentence: str) -> None:
        """Count a finding and keep the first ones."""
        self.faults += 1
        if len(self.findings) < SHOWN:
            self.findings.append(Finding(fault, seq, sentence))


def verify(connection: Connection, anchors: Iterable[Anchor] = (), progress: Progress | None = None) -> Report:
    """Read the whole chain on one snapshot (``db.audit_chain.snapshot``) and follow it from its beginning."""
    report = Report(audit_chain.head(connection))
    gaps = audit_chain.gaps(connection)
    for first, last in gaps:
        report.add(Fault.MISSING, first, f"{_batches(first, last)} missing")
    chain = _Chain(report, gaps, anchors)
    strays = 0

    def stray(row: Stray) -> None:
        nonlocal strays
        strays += 1
        report.add(Fault.INSERTED, 0, f"row {row.row_id} of {row.table} belongs to no batch: nobody committed it")

    reached = 0
    for batch in audit_chain.blocks(connection, stray):
        if batch.first_id <= reached:
            report.add(Fault.OVERLAP, batch.seq, f"batch {batch.seq} begins at event {batch.first_id}, inside another")
        reached = max(reached, batch.last_id)
        report.batches += 1
        report.events += batch.found
        chain.add(batch)
        if progress is not None and report.batches % _STEP == 0:
            progress(report.batches, report.head.seq)
    report.events += strays
    chain.end()
    return report


class _Chain:
    """Links the batches in their order; on PostgreSQL they come nearly in it, since each server has blocks of ids."""

    def __init__(self, report: Report, gaps: Iterable[tuple[int, int]], anchors: Iterable[Anchor]) -> None:
        self._report = report
        self._after = {first: last + 1 for first, last in gaps}
        self._anchors: dict[int, list[Anchor]] = {}
        for anchor in anchors:
            self._anchors.setdefault(anchor.seq, []).append(anchor)
        self._waiting: dict[int, Batch] = {}
        self._next, self._ends = 1, 0
        self._before: str | None = ""
        self._wrong: list[tuple[Anchor, str]] = []
        self._good: Anchor | None = None
        self._step_over_gap()

    def add(self, batch: Batch) -> None:
        """A batch in any order."""
        self._waiting[batch.seq] = batch
        while (now := self._waiting.pop(self._next, None)) is not None:
            self._link(now)
            self._next += 1
            self._step_over_gap()

    def end(self) -> None:
        """Nothing comes any more: compare with the head and with the anchors behind it."""
        for batch in self._waiting.values():
            self._report.add(Fault.CHANGED, batch.seq, f"{_told(batch)} has no place in the chain")
        head, last = self._report.head, (self._next - 1, self._before, self._ends)
        if tuple(head) != last and not self._waiting:
            told = f"it says batch {head.seq} {head.hash[:16]}, the last one is {last[0]} {(self._before or '')[:16]}"
            self._report.add(Fault.HEAD, head.seq, f"the head of the chain was changed: {told}")
        self._judge_anchors()
        lost = sorted(seq for seq in self._anchors if seq >= self._next)
        if lost:
            newest = self._anchors[lost[-1]][0]
            cut = f"{_batches(self._next, lost[-1])} cut off: batch {newest.seq} was there at {newest.at}"
            self._report.add(Fault.CUT, self._next, cut)

    def _link(self, batch: Batch) -> None:
        if self._before is not None and link(self._before, batch.content) != batch.hash:
            self._report.add(Fault.CHANGED, batch.seq, f"{_told(batch)} is not what was written, or not in its place")
        for anchor in self._anchors.get(batch.seq, ()):
            if anchor.hash == batch.hash:
                self._report.anchored = batch.seq
                self._good = anchor
            else:
                self._wrong.append((anchor, batch.hash))
        # The stored hash goes on, so that one change is one finding.
        self._before, self._ends = batch.hash, batch.last_id

    def _step_over_gap(self) -> None:
        after = self._after.get(self._next)
        if after is not None:
            self._next, self._before = after, None

    def _judge_anchors(self) -> None:
        if not self._wrong:
            return
        anchor, found = self._wrong[0]
        more = f", and {len(self._wrong) - 1} more anchors" if len(self._wrong) > 1 else ""
        since = f"; batch {self._good.seq} still is what it was at {self._good.at}" if self._good else ""
        told = f"the anchor of {anchor.at} says {anchor.hash[:16]} of batch {anchor.seq}, found {found[:16]}"
        self._report.add(Fault.ANCHOR, anchor.seq, f"{told}: the chain was made anew up to there{since}{more}")


def _batches(first: int, last: int) -> str:
    return f"batch {first} is" if first == last else f"batches {first} to {last} are"


def _told(batch: Batch) -> str:
    at = datetime.fromtimestamp(batch.at, UTC).isoformat(sep=" ", timespec="seconds")
    count = "" if batch.found == batch.events else f" with {batch.found} of {batch.events} events"
    return f"batch {batch.seq} of {at} (events {batch.first_id} to {batch.last_id}){count}"
