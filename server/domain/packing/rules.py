"""The packing rules: one session, one scan, one verdict. The bench and the server both run exactly this."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from server.domain.benchwork.reasons import ENDS_SESSION, Reason, Tone
from server.domain.benchwork.scans import Command, Scan, spoken
from server.domain.packing.items import judge_item
from server.domain.packing.label_scan import is_label, judge_label, unknown
from server.domain.packing.order import PackOrder
from server.domain.packing.session import Asked, AskedKind, Fact, FactKind, Phase, Session, Stop, Verdict

Answer = Callable[[Session, Asked, Scan], Verdict | None]
ANSWERS: Mapping[AskedKind, Answer] = {}
"""What a scan means while something is asked; None: it is no answer, the question is dropped and the scan judged."""
COMMANDS: Mapping[Command, Callable[[Session, Scan], Verdict]] = {}
"""Commands that change what is in the box. Those of the desk (park, reprint ...) never come here."""


def opened(session_id: str, order: PackOrder) -> Session:
    """A fresh session: nothing is verified."""
    return Session(session_id=session_id, order=order, counts=(0,) * len(order.lines))


def judge(session: Session, scan: Scan) -> Verdict:
    """Say what this scan does. Pure: the same session and scan give the same verdict anywhere."""
    if session.stop is not None:
        return _while_stopped(session, session.stop, scan)
    if scan.bounce:
        return Verdict(Reason.REPEAT, Tone.LOOK, session, item=spoken(scan))
    if scan.problem or (scan.bad_read and not scan.matches and not is_label(session, scan)):
        return Verdict(Reason.BAD_READ, Tone.LOOK, session, detail=scan.problem or scan.bad_read or "")
    if session.asked is not None:
        answer = ANSWERS[session.asked.kind](session, session.asked, scan)
        if answer is not None:
            return answer
        session = replace(session, asked=None)
    if scan.command is not None and scan.command in COMMANDS:
        return COMMANDS[scan.command](session, scan)
    if scan.command is Command.OK:
        return Verdict(Reason.OK, Tone.GOOD, session)
    if scan.command or scan.badge or scan.order_ref or scan.lane:
        return Verdict(Reason.NOT_NOW, Tone.LOOK, session, item=spoken(scan))
    if session.phase in (Phase.CLOSED, Phase.ENDED, Phase.PARKED):
        return Verdict(Reason.ALREADY_DONE, Tone.LOOK, session, item=spoken(scan))
    if session.phase is Phase.LABEL and not scan.matches:
        return judge_label(session, scan)
    if scan.box_type and not scan.matches:
        boxed = replace(session, box_type=scan.box_type, unknown_run=0)
        return Verdict(Reason.OK, Tone.GOOD, boxed, item=scan.box_type)
    return judge_item(session, scan) if scan.matches else unknown(session, scan)


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


def ends(stop: Stop) -> bool:
    """Whether acknowledging this stop leaves the box behind."""
    return stop.reason in ENDS_SESSION
