"""The packing rules: one session, one scan, one verdict. The bench and the server both run exactly this."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from server.domain.benchwork.reasons import ENDS_SESSION, Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.masterdata.catalog import Match


@dataclass(frozen=True, slots=True)
class OrderLine:
    """What goes in the box; ``quantity`` in units, ``bin`` is the shelf."""

    line_no: int
    sku: str
    name: str
    variant: str
    quantity: int
    bin: str = ""

    @property
    def label(self) -> str:
        """Name and variant as a packer reads it."""
        return f"{self.name} {self.variant}".strip()


@dataclass(frozen=True, slots=True)
class PackOrder:
    """Everything a bench needs to pack an order with no server in sight. Holds no address."""

    order_id: int
    number: str
    channel: str
    version: int
    carrier: str
    service: str
    lines: tuple[OrderLine, ...]
    ship_by: str | None = None
    note: str = ""


_LABEL_MIN = 8
"""Characters; what is shorter is no carrier's label."""
_NEVER_LABELS = ("PPC-", "PPX-")
"""Commands and boxes of a site, also those nobody knows any more (see ``server.reading``)."""


class Phase(StrEnum):
    """Where a session is.

    PACKING   units are being verified
    CHECKED   every unit is verified; no label is known yet
    LABEL     a label was bought; its barcode must be scanned on the box
    PARKED    the box waits for its label; scanning its slip resumes
    CLOSED    the right label is on the right box
    ENDED     cancelled, changed, held or taken over: nothing counts any more
    """

    PACKING = "packing"
    CHECKED = "checked"
    LABEL = "label"
    PARKED = "parked"
    CLOSED = "closed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Stop:
    """A latched stop. ``item`` names what was scanned, ``not_counted`` lists what was scanned since.

    A product refused because there is too much of it has its ``units`` (6 for a case of six) and ``wanted``, the units
    of its SKU the box still needs: where some are, the item is right and only the case is too large.
    """

    reason: Reason
    item: str = ""
    variant: str = ""
    detail: str = ""
    not_counted: tuple[str, ...] = ()
    units: int = 0
    wanted: int = 0

    @property
    def case_too_large(self) -> bool:
        """Whether single units of the same item would still be right."""
        return self.reason is Reason.OVER_QUANTITY and 0 < self.wanted < self.units


@dataclass(frozen=True, slots=True)
class Session:
    """One order being packed. ``counts`` runs parallel to ``order.lines``."""

    session_id: str
    order: PackOrder
    counts: tuple[int, ...]
    phase: Phase = Phase.PACKING
    stop: Stop | None = None
    unknown_run: int = 0
    parcel_id: str | None = None
    tracking: str | None = None
    box_type: str | None = None
    last_line: int | None = None

    @property
    def open_units(self) -> int:
        """Units still to be verified."""
        return sum(line.quantity for line in self.order.lines) - sum(self.counts)

    def open_of(self, index: int) -> int:
        """Units of one line still to be verified."""
        return self.order.lines[index].quantity - self.counts[index]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one scan: the reason, the sound, and the session that follows."""

    reason: Reason
    tone: Tone
    session: Session
    line_no: int | None = None
    units: int = 0
    item: str = ""
    detail: str = ""


class FactKind(StrEnum):
    """Things that happen to a session and are not scans."""

    LABEL = "label"
    """A label was bought: ``parcel_id`` and ``tracking``."""
    PARK = "park"
    RESUME = "resume"
    STOP = "stop"
    """The server says stop: ``reason``."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One such thing."""

    kind: FactKind
    reason: Reason = Reason.OK
    parcel_id: str = ""
    tracking: str = ""


def opened(session_id: str, order: PackOrder) -> Session:
    """A fresh session: nothing is verified."""
    return Session(session_id=session_id, order=order, counts=(0,) * len(order.lines))


def judge(session: Session, scan: Scan) -> Verdict:
    """Say what this scan does. Pure: the same session and scan give the same verdict anywhere."""
    if session.stop is not None:
        return _while_stopped(session, session.stop, scan)
    if scan.bounce:
        return Verdict(Reason.REPEAT, Tone.LOOK, session, item=spoken(scan))
    if scan.problem or (scan.bad_read and not scan.matches and not _is_label(session, scan)):
        return Verdict(Reason.BAD_READ, Tone.LOOK, session, detail=scan.problem or scan.bad_read or "")
    if scan.command is Command.OK:
        return Verdict(Reason.OK, Tone.GOOD, session)
    if scan.command or scan.badge or scan.order_ref or scan.lane:
        return Verdict(Reason.NOT_NOW, Tone.LOOK, session, item=spoken(scan))
    if session.phase in (Phase.CLOSED, Phase.ENDED, Phase.PARKED):
        return Verdict(Reason.ALREADY_DONE, Tone.LOOK, session, item=spoken(scan))
    if session.phase is Phase.LABEL and not scan.matches:
        return _label(session, scan)
    if scan.box_type and not scan.matches:
        boxed = replace(session, box_type=scan.box_type, unknown_run=0)
        return Verdict(Reason.OK, Tone.GOOD, boxed, item=scan.box_type)
    return _item(session, scan) if scan.matches else _unknown(session, scan)


def apply(session: Session, fact: Fact) -> Session:
    """The session after something that is not a scan."""
    match fact.kind:
        case FactKind.LABEL if session.phase in (Phase.CHECKED, Phase.PARKED):
            phase = Phase.LABEL if session.phase is Phase.CHECKED else Phase.PARKED
            return replace(session, phase=phase, parcel_id=fact.parcel_id, tracking=fact.tracking)
        case FactKind.PARK if session.phase in (Phase.PACKING, Phase.CHECKED, Phase.LABEL):
            return replace(session, phase=Phase.PARKED)
        case FactKind.RESUME if session.phase is Phase.PARKED:
            return replace(session, phase=_resumed(session))
        case FactKind.STOP if session.phase not in (Phase.CLOSED, Phase.ENDED):
            return replace(session, phase=Phase.ENDED, stop=Stop(fact.reason))
        case _:
            return session


def _resumed(session: Session) -> Phase:
    if session.open_units:
        return Phase.PACKING
    return Phase.LABEL if session.tracking else Phase.CHECKED


def replay(session: Session, happenings: Iterable[Scan | Fact]) -> Session:
    """The session after its whole log."""
    for happening in happenings:
        session = judge(session, happening).session if isinstance(happening, Scan) else apply(session, happening)
    return session


def _while_stopped(session: Session, stop: Stop, scan: Scan) -> Verdict:
    if scan.command is Command.OK:
        return Verdict(Reason.OK, Tone.GOOD, replace(session, stop=None, unknown_run=0))
    if scan.bounce:
        return Verdict(Reason.REPEAT, Tone.STOP, session, item=spoken(scan))
    listed = replace(stop, not_counted=(*stop.not_counted, spoken(scan)))
    return Verdict(Reason.STOPPED, Tone.STOP, replace(session, stop=listed), item=spoken(scan))


def _item(session: Session, scan: Scan) -> Verdict:
    wanted = {line.sku for line in session.order.lines}
    known = [m for m in scan.matches if m.sku in wanted]
    if not known:
        return _latch(session, Reason.WRONG_ITEM, scan.matches[0])
    # A case is taken whole or not at all.
    still_open = [m for m in known if _open_of_sku(session, m.sku) >= m.units]
    if len({m.sku for m in still_open}) > 1:
        return Verdict(Reason.AMBIGUOUS, Tone.LOOK, session, item=" / ".join(m.label for m in still_open))
    if not still_open:
        return _latch(session, Reason.OVER_QUANTITY, known[0])
    return _count(session, still_open[0])


def _open_of_sku(session: Session, sku: str) -> int:
    return sum(session.open_of(i) for i, line in enumerate(session.order.lines) if line.sku == sku)


def _count(session: Session, match: Match) -> Verdict:
    """Put the units on the lines of this SKU, in order; the caller knows that they fit."""
    counts, left, line_no = list(session.counts), match.units, session.last_line
    for index, line in enumerate(session.order.lines):
        taken = min(left, session.open_of(index)) if line.sku == match.sku else 0
        if taken:
            counts[index], left, line_no = counts[index] + taken, left - taken, line.line_no
    after = replace(session, counts=tuple(counts), unknown_run=0, last_line=line_no)
    tone = Tone.GOOD
    if after.open_units == 0:
        after, tone = replace(after, phase=Phase.CHECKED), Tone.BOX_DONE
    elif _open_of_sku(after, match.sku) == 0:
        tone = Tone.LINE_FULL
    return Verdict(Reason.OK, tone, after, line_no=line_no, units=match.units, item=match.label)


def _label(session: Session, scan: Scan) -> Verdict:
    if _is_label(session, scan):
        closed = replace(session, phase=Phase.CLOSED, unknown_run=0)
        return Verdict(Reason.OK, Tone.BOX_DONE, closed, item=scan.payload)
    if scan.box_type or len(scan.payload) < _LABEL_MIN or scan.payload.startswith(_NEVER_LABELS):
        return _unknown(session, scan)
    stop = Stop(Reason.WRONG_LABEL, item=scan.payload)
    return Verdict(Reason.WRONG_LABEL, Tone.STOP, replace(session, stop=stop), item=scan.payload)


def _is_label(session: Session, scan: Scan) -> bool:
    return session.phase is Phase.LABEL and scan.payload in (session.tracking, session.parcel_id)


def _unknown(session: Session, scan: Scan) -> Verdict:
    run = session.unknown_run + 1
    after = replace(session, unknown_run=run)
    if run == 1:
        return Verdict(Reason.UNKNOWN_CODE, Tone.LOOK, after, item=spoken(scan))
    latched = replace(after, stop=Stop(Reason.UNKNOWN_CODE, item=spoken(scan)))
    return Verdict(Reason.UNKNOWN_CODE, Tone.STOP, latched, item=spoken(scan))


def _latch(session: Session, reason: Reason, match: Match) -> Verdict:
    wanted = _open_of_sku(session, match.sku)
    stop = Stop(reason, match.name, match.variant, match.sku, units=match.units, wanted=wanted)
    stopped = replace(session, stop=stop, unknown_run=0)
    return Verdict(reason, Tone.STOP, stopped, units=match.units, item=match.label, detail=match.sku)


def spoken(scan: Scan) -> str:
    """What a person calls this scan."""
    return scan.matches[0].label if scan.matches else scan.raw


def ends(stop: Stop) -> bool:
    """Whether acknowledging this stop leaves the box behind."""
    return stop.reason in ENDS_SESSION
