"""The packing rules: one session, one scan, one verdict. The bench and the server both run exactly this."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from server.domain.benchwork.reasons import ENDS_SESSION, Reason, Tone
from server.domain.benchwork.scans import Command, Scan, spoken
from server.domain.packing import answers, corrections, forcing, leaving, outside, problems
from server.domain.packing.box_scan import judge_box
from server.domain.packing.boxes import box_number
from server.domain.packing.carrying import carried
from server.domain.packing.items import judge_item
from server.domain.packing.label_scan import is_label, judge_label, own_slip, unknown
from server.domain.packing.misreads import cut_off
from server.domain.packing.order import PackOrder
from server.domain.packing.quantity import judge_quantity
from server.domain.packing.serials import alone
from server.domain.packing.session import Asked, AskedKind, Counted, Fact, FactKind, Phase, Session, Stop, Verdict
from server.domain.packing.steps import judge_step, settled
from server.domain.packing.taking_out import judge_out, left_to_lead, waits_for_goods
from server.domain.packing.weighing import answer_release, answer_reopen, supervised, weigh

Answer = Callable[[Session, Asked, Scan], Verdict | None]
ANSWERS: Mapping[AskedKind, Answer] = {
    AskedKind.LOT: answers.answer_lot,
    AskedKind.OTHER_LOT: answers.answer_other_lot,
    AskedKind.SERIAL: answers.answer_serial,
    AskedKind.WHICH: answers.answer_which,
    AskedKind.REOPEN: answer_reopen,
    AskedKind.RELEASE: answer_release,
    AskedKind.UNDO: corrections.answer_undo,
    AskedKind.EMPTY_BOX: corrections.answer_empty,
    AskedKind.PROBLEM: problems.answer_problem,
    AskedKind.FORCE: forcing.answer_force,
    AskedKind.OUTSIDE_LABEL: outside.answer_outside,
}
"""What a scan means while something is asked; None: it is no answer, the question is dropped and the scan judged."""
COMMANDS: Mapping[Command, Callable[[Session, Scan], Verdict]] = {
    Command.UNDO: corrections.ask_undo,
    Command.EMPTY: corrections.ask_empty,
    Command.PROBLEM: problems.ask_problem,
    Command.HOLD: problems.hold,
    Command.FORCE: forcing.ask_force,
}
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
    if scan.problem or (scan.bad_read and not _awaited(session, scan)):
        return Verdict(Reason.BAD_READ, Tone.LOOK, session, detail=scan.problem or scan.bad_read or "")
    last, session = session.counted, replace(session, counted=None)
    if session.asked is not None:
        answer = ANSWERS[session.asked.kind](session, session.asked, scan)
        if answer is not None:
            return answer
        session = replace(session, asked=None)
    done = _commanded(session, scan) or judge_step(session, scan)
    if done is not None:
        return done
    if scan.command is Command.OK:
        return Verdict(Reason.OK, Tone.GOOD, session)
    if scan.command or scan.badge or scan.order_ref or scan.lane:
        return Verdict(Reason.NOT_NOW, Tone.LOOK, session, item=spoken(scan))
    if session.phase in (Phase.CLOSED, Phase.ENDED, Phase.PARKED):
        return Verdict(Reason.ALREADY_DONE, Tone.LOOK, session, item=spoken(scan))
    boxed = judge_box(session, scan)
    if boxed is not None:
        return boxed
    if session.phase is Phase.LABEL and not scan.matches:
        own = None if is_label(session, scan) else alone(session, scan) or own_slip(session, scan)
        return own or judge_label(session, scan)
    return judge_item(session, scan) if scan.matches else _no_item(session, scan, last)


def _no_item(session: Session, scan: Scan, last: Counted | None) -> Verdict:
    """Neither a product nor a code of the site: a quantity, a serial number, a label from elsewhere, or nothing."""
    if outside.waits_for_label(session):
        return outside.judge_outside(session, scan)
    said = judge_quantity(session, scan, last) if scan.quantity else None
    return said or alone(session, scan) or own_slip(session, scan) or cut_off(session, scan) or unknown(session, scan)


def _commanded(session: Session, scan: Scan) -> Verdict | None:
    """What a command does, or a report of what is wrong; None for every other code."""
    if scan.command is not None and scan.command in COMMANDS:
        return COMMANDS[scan.command](session, scan)
    return problems.judge_trouble(session, scan) if scan.trouble is not None else None


def _awaited(session: Session, scan: Scan) -> bool:
    """A known item, a label or a lot is no misread, however much its number looks like one."""
    label = is_label(session, scan) or outside.may_be_label(session, scan)
    return bool(scan.matches) or label or answers.waits_for_text(session)


def apply(session: Session, fact: Fact) -> Session:
    """The session after something that is not a scan."""
    match fact.kind:
        case FactKind.LABEL if _waits_for_label(session) and fact.box == box_number(session):
            phase = Phase.LABEL if session.phase is Phase.CHECKED else Phase.PARKED
            # A unit that was about to be taken out stays: from here on only a supervisor opens the box.
            return replace(session, phase=phase, parcel_id=fact.parcel_id, tracking=fact.tracking, asked=None)
        case FactKind.PARK if session.phase in (Phase.PACKING, Phase.STEPS, Phase.CHECKED, Phase.LABEL):
            return replace(session, phase=Phase.PARKED, asked=None, counted=None)
        case FactKind.RESUME if session.phase is Phase.PARKED:
            return _resumed(session)
        case FactKind.WEIGHT:
            return weigh(session, fact.grams)
        case FactKind.SUPERVISOR:
            return left_to_lead(session) if waits_for_goods(session) else supervised(session)
        case FactKind.TAKE_OUT if session.phase is not Phase.CLOSED:
            return replace(session, leaving=leaving.told(session.leaving, fact.take_out, fact.add))
        case FactKind.CARRY if fact.carried is not None:
            return carried(session, fact.carried)
        case FactKind.STOP if session.phase not in (Phase.CLOSED, Phase.ENDED):
            return replace(session, phase=Phase.ENDED, asked=None, stop=Stop(fact.reason))
        case _:
            return session


def _waits_for_label(session: Session) -> bool:
    """Also aside; but a label asked for before a unit was taken out again comes too late for a box put aside since."""
    return session.phase is Phase.CHECKED or (session.phase is Phase.PARKED and settled(session).phase is Phase.CHECKED)


def _resumed(session: Session) -> Session:
    whole = settled(session)
    return replace(whole, phase=Phase.LABEL) if session.tracking and whole.phase is Phase.CHECKED else whole


def replay(session: Session, happenings: Iterable[Scan | Fact]) -> Session:
    """The session after its whole log."""
    for happening in happenings:
        session = judge(session, happening).session if isinstance(happening, Scan) else apply(session, happening)
    return session


def _while_stopped(session: Session, stop: Stop, scan: Scan) -> Verdict:
    out = judge_out(session, scan)
    if out is not None:
        return out
    if scan.command is Command.OK:
        return Verdict(Reason.OK, Tone.GOOD, replace(session, stop=None, unknown_run=0))
    if scan.bounce:
        return Verdict(Reason.REPEAT, Tone.STOP, session, item=spoken(scan))
    listed = replace(stop, not_counted=(*stop.not_counted, spoken(scan)))
    return Verdict(Reason.STOPPED, Tone.STOP, replace(session, stop=listed), item=spoken(scan))


def ends(stop: Stop) -> bool:
    """Whether acknowledging this stop leaves the box behind."""
    return stop.reason in ENDS_SESSION
