"""Scans while goods of a changed order must come out of its box; the stop stands until all of it is out."""

from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.packing.session import Phase, Session, Verdict


def waits_for_goods(session: Session) -> bool:
    """Whether this box was stopped and still holds what its order does not want."""
    return session.phase is Phase.ENDED and session.leaving is not None and session.leaving.waits


def judge_out(session: Session, scan: Scan) -> Verdict | None:
    """A unit that comes out, or why it does not; None where nothing must, and for codes that are no item.

    The box counts nothing any more, so its counts stay as they were when it was stopped.
    """
    leaving = session.leaving
    if leaving is None or not waits_for_goods(session):
        return None
    if scan.command is Command.OK:
        return Verdict(Reason.NOT_NOW, Tone.LOOK, session, item=leaving.left[0].label)
    if scan.bounce or scan.problem or not scan.matches:
        return None
    match = next((m for m in scan.matches if leaving.left_of(m.sku) >= m.units), None)
    if match is None:
        return Verdict(Reason.NOTHING_TO_TAKE, Tone.STOP, session, item=scan.matches[0].label)
    after = replace(leaving, out=(*leaving.out, (match.sku, match.units)))
    tone = Tone.GOOD if after.waits else Tone.LINE_FULL
    line_no = next((line.line_no for line in session.order.lines if line.sku == match.sku), None)
    taken = replace(session, leaving=after)
    return Verdict(Reason.TAKEN_OUT, tone, taken, line_no, -match.units, match.label)


def left_to_lead(session: Session) -> Session:
    """A supervisor's badge: goods whose codes cannot be scanned are that person's to take out."""
    if session.leaving is None or not waits_for_goods(session):
        return session
    return replace(session, leaving=replace(session.leaving, settled=True))
