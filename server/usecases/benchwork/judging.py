"""The server's own verdict on what a bench journaled: the same rules, the server's catalogue. No rows are touched here.

Where the two verdicts differ the stricter holds. A bench that refused more than we do is followed: the unit does not
count here either. A bench that took more than we do must stop.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from server import wire
from server.domain.benchwork.reasons import COUNTS, PROBLEMS, STOPS, Reason
from server.domain.benchwork.scans import Command, Scan
from server.domain.masterdata.catalog import Catalog
from server.domain.packing.rules import apply, judge
from server.domain.packing.session import Session, Stop, Verdict
from server.reading import BADGE_PREFIX, read
from server.typed import learnt

MASKED_BADGE = f"{BADGE_PREFIX}•••"


@dataclass(frozen=True, slots=True)
class Known:
    """What the server knows of a session beside its log, and whether it stopped the session.

    ``labels`` are those it bought: parcel, tracking, number of the box; ``beforehand`` those it allotted to the bench.
    ``supervisors`` may let something pass.
    """

    labels: frozenset[tuple[str, str, int]]
    stopped: bool
    supervisors: frozenset[int] = frozenset()
    beforehand: frozenset[tuple[str, str, int]] = frozenset()

    @property
    def parcels(self) -> frozenset[str]:
        """Those whose label the bench may print."""
        return frozenset(parcel_id for parcel_id, _, _ in self.labels | self.beforehand)


@dataclass(frozen=True, slots=True)
class Judged:
    """One event with the server's verdict. ``units`` is 0 unless they counted, negative where goods were taken out."""

    event: wire.PackEvent
    reason: Reason
    units: int = 0
    sku: str | None = None
    wrong_label: str = ""
    differs: str = ""
    """The two verdicts in words when they differ."""
    must_stop: bool = False


@dataclass(slots=True)
class Batch:
    """A session on its way through new events."""

    session: Session
    judged: list[Judged] = field(default_factory=list)

    def take(self, event: wire.PackEvent, catalog: Catalog, known: Known) -> None:
        """Judge one event and move on."""
        event = replace(event, raw=safe_raw(event.raw), tracking=safe_raw(event.tracking))
        made = self._scan(event, catalog) if event.kind == "scan" else self._fact(event, known)
        self.judged.append(made)

    def _scan(self, event: wire.PackEvent, catalog: Catalog) -> Judged:
        scan = read_event(event, catalog)
        verdict = judge(self.session, scan)
        event = replace(event, raw=scan.raw)
        if verdict.reason == event.reason or _is_site_code(scan):
            self.session = verdict.session
            return _counted(event, scan, verdict)
        says = f"scan {event.seq} ({scan.raw}): bench {event.reason}, server {verdict.reason}"
        if _rank(verdict.reason) > _rank(event.reason):
            self.session = verdict.session
            return replace(_counted(event, scan, verdict), differs=says, must_stop=True)
        self.session = _followed(self.session, verdict, event.reason)
        return replace(_counted(event, scan, verdict), units=0, wrong_label="", differs=says)

    def _fact(self, event: wire.PackEvent, known: Known) -> Judged:
        label = (event.parcel_id, event.tracking, event.box)
        if event.kind == "label" and label in known.beforehand:
            return self._beforehand(event)
        if event.kind == "label" and label not in known.labels:
            bought = ", ".join(sorted(tracking for _, tracking, _ in known.labels)) or "none"
            says = f"event {event.seq}: bench has label {event.tracking}, server bought {bought}"
            return Judged(event, Reason.WRONG_LABEL, differs=says, must_stop=True)
        if event.kind == "reprint" and event.parcel_id not in known.parcels:
            says = (
                f"event {event.seq}: bench printed a label of parcel {event.parcel_id}, server has none for this order"
            )
            return Judged(event, Reason.WRONG_LABEL, differs=says, must_stop=True)
        if event.kind == "supervisor" and event.person_id not in known.supervisors:
            says = f"event {event.seq}: person {event.person_id} let something pass and is no supervisor"
            return Judged(event, Reason.NOT_NOW, differs=says, must_stop=True)
        if event.kind == "carry":
            says = f"event {event.seq}: bench goes on with an earlier box, server never said so"
            return Judged(event, Reason.NOT_NOW, differs=says, must_stop=True)
        if event.kind == "stop" and not known.stopped:
            says = f"event {event.seq}: bench was stopped ({event.reason}), server never said so"
            return Judged(event, Reason.NOT_NOW, differs=says, must_stop=True)
        self.session = apply(self.session, event.fact)
        return Judged(event, event.reason)

    def _beforehand(self, event: wire.PackEvent) -> Judged:
        """The bench used a label it was allotted: good only where every unit is verified here too (FLR-01)."""
        after = apply(self.session, event.fact)
        if after.tracking != event.tracking:
            left = self.session.open_units
            says = f"event {event.seq}: bench used label {event.tracking} with {left} units not verified"
            return Judged(event, Reason.NOT_PACKED, differs=says, must_stop=True)
        self.session = after
        return Judged(event, event.reason)


def read_event(event: wire.PackEvent | wire.DockEvent, catalog: Catalog) -> Scan:
    """The journaled scan, read again here."""
    return read(
        event.raw,
        catalog,
        at=event.at,
        source=event.source,
        typed=event.typed,
        bounce=event.bounce,
        problem=event.problem,
        clock_off=event.clock_off if isinstance(event, wire.PackEvent) else False,
    )


def safe_raw(raw: str) -> str:
    """Scanned text as it may be stored: no badge, whatever the bench did, and no NUL, which PostgreSQL refuses."""
    return MASKED_BADGE if BADGE_PREFIX in raw.upper() else raw.replace("\0", "␀")


def packed(session: Session) -> Any:
    """The session as JSON values."""
    return msgspec.to_builtins(session)


def unpacked(folded: Any) -> Session:
    """The session from its JSON values."""
    return msgspec.convert(folded, learnt(Session))


def _is_site_code(scan: Scan) -> bool:
    """Commands, reports, badges, lanes, slips: the desk may act on them where the rules only say "not now"."""
    named = scan.command if scan.command is not Command.OK else None
    return bool(named or scan.trouble or scan.badge or scan.order_ref or scan.lane)


def _rank(reason: Reason) -> int:
    return 0 if reason is Reason.OK else 2 if reason in STOPS else 1


def _counted(event: wire.PackEvent, scan: Scan, verdict: Verdict) -> Judged:
    line = next((x for x in verdict.session.order.lines if x.line_no == verdict.line_no), None)
    sku = line.sku if line else scan.matches[0].sku if scan.matches else None
    if verdict.reason in PROBLEMS:
        sku = verdict.detail or None
    wrong = scan.payload if verdict.reason is Reason.WRONG_LABEL else ""
    return Judged(event, verdict.reason, verdict.units if verdict.reason in COUNTS else 0, sku, wrong)


def _followed(session: Session, verdict: Verdict, bench: Reason) -> Session:
    """The session as the bench has it after refusing this scan."""
    if bench in STOPS:
        stop = verdict.session.stop or session.stop or Stop(bench, item=verdict.item)
        return replace(session, stop=stop, unknown_run=0)
    if bench is not Reason.UNKNOWN_CODE:
        return session
    run = session.unknown_run + 1
    return replace(session, unknown_run=run, stop=Stop(bench, item=verdict.item) if run > 1 else session.stop)
