"""Every unit is verified, and something is still open: that one thing, large; how many more follow."""

from server.domain.packing import boxes
from server.domain.packing.session import Session
from server.domain.packing.steps import open_steps
from server.domain.packing.wants import Step, StepKind, WeightTrouble
from station.text import wrap
from station.views import Light, PackView
from station.widgets.blocks import BOLD, LARGE, MEDIUM, THIN, big
from station.widgets.number import number
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, beside, blank, block, indented, row
from station.wording import say

_CUTS = (LARGE, BOLD, MEDIUM, THIN)


def open_step(view: PackView, sheet: Sheet, width: int, height: int) -> Rows:
    """The word of the step, somebody's own text as it is, and what confirms it.

    A text that would be cut has the room of the word too: nobody confirms what cannot be read.
    """
    look, room, session = sheet.look, width - 8, view.session
    step = open_steps(session)[0]
    title = "   ".join(part for part in (box_of(session), say.STEP_KINDS[step.kind].title, step.item) if part)
    above = [row(room, look.text), row(room, look.text, [(title, look.accent)])]
    word, below, lines = _word(session, sheet, room), _below(session, sheet, room), wrap(_text(session, step), room)
    if len(lines) > height - len(above) - len(word) - len(below):
        word = blank(room, int(sheet.tall), look.text)
    least = height - len(above) - len(word) - len(below)
    text = [row(room, look.text, [(line, look.variant)]) for line in wrap(_text(session, step), room, least)]
    return indented(block([*above, *word, *text, *below], room, height, look.text), 4, width, look.text)


def _word(session: Session, sheet: Sheet, room: int) -> Rows:
    """What kind of step it is, and how many are open, to be read from afar."""
    look, steps, gap = sheet.look, open_steps(session), blank(room, int(sheet.tall), sheet.look.text)
    high, digits = (9, 24) if sheet.tall else (5, 14)
    letters = big(say.STEP_KINDS[steps[0].kind].word, room - digits - 2, high, look.strong, _CUTS)
    left = block(number(len(steps), say.STILL_OPEN, (digits, high), look.accent, _CUTS[1:]), digits, high, look.text)
    return [*gap, *beside(block(letters, room - digits, high, look.text), left), *gap]


def _below(session: Session, sheet: Sheet, room: int) -> Rows:
    """What to do, and what follows."""
    look, steps = sheet.look, open_steps(session)
    do = _do(sheet, session, steps[0], say.STEP_KINDS[steps[0].kind].do)
    rows = [*blank(room, 1, look.text), *(row(room, look.text, [(line, look.strong)]) for line in wrap(do, room, 2))]
    if len(steps) > 1:
        then = ", ".join(dict.fromkeys(say.STEP_KINDS[step.kind].title.lower() for step in steps[1:]))
        gap = blank(room, int(sheet.tall), look.text)
        rows += [*gap, row(room, look.text, [(say.then(then), look.quiet)])]
    return rows


def is_said(session: Session) -> bool:
    """Whether YES confirms what is open; a box is scanned, and a weight is weighed."""
    return open_steps(session)[0].kind not in (StepKind.BOX, StepKind.WEIGHT)


def box_of(session: Session) -> str:
    """Which box this is, of an order that goes into several."""
    if not (session.sealed or session.sealing):
        return ""
    total = boxes.box_total(session) if boxes.all_sealed(session) else None
    return say.box_number(boxes.box_number(session), total)


def weight_text(session: Session, trouble: WeightTrouble) -> str:
    """How much it is off, and what probably causes it."""
    line = next((line for line in session.order.lines if line.sku == trouble.sku), None)
    return say.weight_off(trouble.off, trouble.units, line.label if line else "")


def _text(session: Session, step: Step) -> str:
    if step.kind is StepKind.WEIGHT and session.weighed_off is not None:
        return weight_text(session, session.weighed_off)
    if step.kind is StepKind.BOX and not step.text:
        return ", ".join(box.code for box in session.order.wants.boxes if box.allowed)
    return step.text


def _do(sheet: Sheet, session: Session, step: Step, plain: str) -> str:
    scale = sheet.status.scale
    if step.kind is StepKind.WEIGHT and scale is not None and scale.light is not Light.OK:
        return say.SCALE_DO[scale.state]
    if step.kind is StepKind.WEIGHT and session.weighed_off is not None:
        return say.weight_do(session.weighed_off.reason)
    return say.or_scan(plain, step.code) if step.code else plain
