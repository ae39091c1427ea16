"""Codes of boxes: a type, no box, the next box, and a sealed box to be opened again (FLR-03)."""

from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.packing import boxes, weighing
from server.domain.packing.session import Asked, AskedKind, Phase, Session, Verdict
from server.domain.packing.steps import settled, tone_of
from server.domain.packing.wants import NO_BOX

NEXT_BOX, OPEN_BOX, NO_BOX_CODE = "PPX-NEW", "PPX-OPEN", f"PPX-{NO_BOX}"
RESERVED = ("NEW", "OPEN", NO_BOX)
"""No box type has one of these codes."""


def judge_box(session: Session, scan: Scan) -> Verdict | None:
    """What a box's code does; None for any other code, and for a box type once a label is bought."""
    if scan.matches:
        return None
    if scan.payload == NEXT_BOX:
        return _next_box(session)
    if scan.payload == OPEN_BOX:
        return _open_again(session, scan)
    code = NO_BOX if scan.payload == NO_BOX_CODE else scan.box_type
    if code is None or session.phase is Phase.LABEL:
        return None
    if session.phase is Phase.CHECKED and session.sealed:
        return Verdict(Reason.NOT_NOW, Tone.LOOK, session, item=code)
    return _refused(session, code) or _taken(session, code)


def _refused(session: Session, code: str) -> Verdict | None:
    box, limit = boxes.choice(session, code), boxes.limit_grams(session, code)
    by_maker = code != NO_BOX or boxes.in_own_box(session)
    if not by_maker or (box is not None and not box.allowed):
        return Verdict(Reason.BOX_NOT_ALLOWED, Tone.LOOK, session, item=code)
    known = weighing.expected(replace(session, box_type=code))
    if limit is not None and known is not None and known.lightest > limit:
        return Verdict(Reason.OVERWEIGHT, Tone.LOOK, session, item=code)
    return None


def _taken(session: Session, code: str) -> Verdict:
    after, closing = replace(session, box_type=code, unknown_run=0), session.phase in (Phase.STEPS, Phase.CHECKED)
    if code != boxes.chosen(session) and closing:
        # Its tare is another one: what the scale said before is of no use.
        after = replace(after, weight_grams=None, weighed_off=None)
    after = settled(after) if closing else after
    return Verdict(Reason.OK, tone_of(after) if session.phase is Phase.STEPS else Tone.GOOD, after, item=code)


def _next_box(session: Session) -> Verdict:
    """The box on the table is full: it closes, and what is scanned from now on goes into the next one."""
    if session.phase is not Phase.PACKING or not any(boxes.present(session)):
        return Verdict(Reason.NOT_NOW, Tone.LOOK, session, item=NEXT_BOX)
    after = settled(replace(session, sealing=True, unknown_run=0))
    tone = Tone.GOOD if after.phase is Phase.STEPS else Tone.LINE_FULL
    return Verdict(Reason.OK, tone, after, item=NEXT_BOX)


def _open_again(session: Session, scan: Scan) -> Verdict:
    if not boxes.can_reopen(session):
        return Verdict(Reason.NOT_NOW, Tone.LOOK, session, item=OPEN_BOX)
    asked = replace(session, asked=Asked(AskedKind.REOPEN, scan.at, code=OPEN_BOX))
    return Verdict(Reason.NEED_CONFIRM, Tone.LOOK, asked, item=OPEN_BOX)
