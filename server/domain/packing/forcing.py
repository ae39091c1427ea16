"""Verifying one unit by hand, with a reason: a right of its own, and never silent (PCK-02).

The desk lets only people with the right ask, and the server stops a session that was forced by anybody else.
"""

from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.masterdata.catalog import Match
from server.domain.packing.corrections import held_too_long, too_late
from server.domain.packing.items import count
from server.domain.packing.session import Asked, AskedKind, Phase, Session, Verdict


def ask_force(session: Session, scan: Scan) -> Verdict:
    """FORCE: names the product whose next unit is meant, and asks why."""
    still = _open(session)
    if session.phase is not Phase.PACKING or not still:
        return Verdict(Reason.NOT_NOW, Tone.LOOK, session, item=scan.raw)
    return _ask(session, scan, next(iter(still)))


def answer_force(session: Session, asked: Asked, scan: Scan) -> Verdict | None:
    """What is wrong with its code verifies one unit; FORCE again means the next product."""
    still = list(_open(session))
    if too_late(asked, scan) or asked.sku not in still:
        return None
    if scan.command is Command.FORCE:
        if held_too_long(asked, scan):
            return Verdict(Reason.REPEAT, Tone.LOOK, session, item=asked.item)
        return _ask(session, scan, still[(still.index(asked.sku) + 1) % len(still)])
    if scan.trouble is None:
        return None
    line = next(line for line in session.order.lines if line.sku == asked.sku)
    made = count(replace(session, asked=None), Match(line.sku, line.name, line.variant, 1))
    tone = made.tone if made.tone is Tone.BOX_DONE else Tone.LOOK
    return replace(made, reason=Reason.FORCED, tone=tone, detail=scan.trouble.value)


def _ask(session: Session, scan: Scan, sku: str) -> Verdict:
    item = _open(session)[sku]
    asked = Asked(AskedKind.FORCE, scan.at, sku, 1, item=item)
    return Verdict(Reason.FORCE_WHICH, Tone.LOOK, replace(session, asked=asked, unknown_run=0), item=item)


def _open(session: Session) -> dict[str, str]:
    """Products with units still to be verified, by line; nobody can vouch for a lot or serial."""
    lines = ((i, line) for i, line in enumerate(session.order.lines) if not (line.by_lot or line.by_serial))
    return {line.sku: line.label for i, line in lines if session.open_of(i)}
