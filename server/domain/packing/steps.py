"""What is open before the box on the table closes. With nothing open, the last unit seals it by itself."""

from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan, spoken
from server.domain.packing import boxes
from server.domain.packing.session import Phase, Session, Verdict
from server.domain.packing.wants import Step, StepKind

_ORDER = tuple(StepKind)
_NOT_BY_YES = (StepKind.BOX, StepKind.WEIGHT)


def open_steps(session: Session) -> tuple[Step, ...]:
    """What must be done before this box closes, in the order in which it is asked.

    While goods are still to come only what belongs to each single box is asked.
    """
    if boxes.all_sealed(session):
        return ()
    wants = session.order.wants
    steps = [step for step in wants.steps if _due(session, step) and _key(session, step) not in session.confirmed]
    if wants.boxes and boxes.chosen(session) is None:
        steps.append(Step("box", StepKind.BOX))
    if session.reopened:
        steps.append(Step("close", StepKind.CLOSE))
    if wants.weigh and session.weight_grams is None:
        steps.append(Step("weight", StepKind.WEIGHT))
    return tuple(sorted(steps, key=lambda step: _ORDER.index(step.kind)))


def settled(session: Session) -> Session:
    """The session in the phase that follows from what is open; a box with nothing open closes."""
    if session.open_units and not session.sealing:
        return replace(session, phase=Phase.PACKING)
    if open_steps(session):
        return replace(session, phase=Phase.STEPS)
    if session.sealing:
        return replace(boxes.seal(session), phase=Phase.PACKING)
    if session.sealed and not boxes.all_sealed(session):
        session = boxes.seal(session)
    return replace(session, phase=Phase.CHECKED)


def tone_of(session: Session, otherwise: Tone = Tone.GOOD) -> Tone:
    """The sound of a scan that led here."""
    return Tone.BOX_DONE if session.phase is Phase.CHECKED else otherwise


def judge_step(session: Session, scan: Scan) -> Verdict | None:
    """A scan that confirms something, or that may not go into a box being closed; None for any other."""
    if session.phase not in (Phase.PACKING, Phase.STEPS):
        return None
    named = next((s for s in session.order.wants.steps if s.code and scan.payload == s.code.strip().upper()), None)
    if named is not None and not scan.matches:
        return _confirmed(session, named, scan)
    if session.phase is not Phase.STEPS:
        return None
    asked = open_steps(session)[0]
    if scan.command is Command.YES and asked.kind not in _NOT_BY_YES:
        return _confirmed(session, asked, scan)
    refused = scan.command is Command.YES or (session.sealing and _still_to_come(session, scan))
    return Verdict(Reason.NOT_NOW, Tone.LOOK, session, item=spoken(scan)) if refused else None


def _still_to_come(session: Session, scan: Scan) -> bool:
    """Whether the item is wanted, and the box on the table is being closed."""
    skus = {match.sku for match in scan.matches}
    return any(line.sku in skus and session.open_of(index) for index, line in enumerate(session.order.lines))


def _confirmed(session: Session, step: Step, scan: Scan) -> Verdict:
    key = _key(session, step)
    if key in session.confirmed:
        return Verdict(Reason.ALREADY_DONE, Tone.LOOK, session, item=spoken(scan))
    if step.kind is StepKind.CLOSE:
        after = replace(session, reopened=False)
    else:
        after = replace(session, confirmed=(*session.confirmed, key))
    after = replace(after, unknown_run=0)
    after = settled(after) if session.phase is Phase.STEPS else after
    return Verdict(Reason.OK, tone_of(after), after, item=step.item or step.code)


def unconfirmed(session: Session, sku: str = "") -> tuple[str, ...]:
    """What stays confirmed once units of this product are out of the box on the table, or (without one) everything.

    Whoever looked twice looked at the goods that were there. What belongs to the whole order is said again only where
    this box is all of it.
    """
    wants = session.order.wants
    if sku:
        gone = {_key(session, step) for step in wants.steps if _lines_about(session, step, sku)}
    else:
        gone = {_key(session, step) for step in wants.steps if not session.sealed or _of_box(session, step)}
    return tuple(key for key in session.confirmed if key not in gone)


def _due(session: Session, step: Step) -> bool:
    """With the last unit, or with each box: every one, or those in which the goods lie that it is about."""
    about = _lines_about(session, step)
    if about:
        there = boxes.present(session)
        return any(there[index] for index in about)
    return step.per_box or session.open_units == 0


def _lines_about(session: Session, step: Step, sku: str = "") -> list[int]:
    """Lines of the goods a step is about, or of this product among them; of a kit those of its parts."""
    lines = enumerate(session.order.lines)
    named = [(i, line) for i, line in lines if line.sku in step.skus or line.kit_sku in step.skus]
    return [i for i, line in named if sku in ("", line.sku)]


def _of_box(session: Session, step: Step) -> bool:
    return step.per_box or bool(_lines_about(session, step))


def _key(session: Session, step: Step) -> str:
    return f"{step.key}#{boxes.box_number(session)}" if _of_box(session, step) else step.key
