"""Goods that are not right: reported with two scans, and the order stands aside (EXC-08). HOLD needs one.

PROBLEM, then what is wrong; or what is wrong, then the item (or the same code again). With PROBLEM, the item and what
is wrong, the report names the item too. Where only one product is still open, that one is meant.
"""

from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Command, Scan
from server.domain.packing.corrections import AT_HAND, held_too_long, too_late
from server.domain.packing.session import Asked, AskedKind, Phase, Session, Verdict


def ask_problem(session: Session, scan: Scan) -> Verdict:
    """PROBLEM: asks what is wrong."""
    return _ask(session, Asked(AskedKind.PROBLEM, scan.at))


def judge_trouble(session: Session, scan: Scan) -> Verdict:
    """What is wrong was scanned first: asks for the item."""
    return _ask(session, Asked(AskedKind.PROBLEM, scan.at, code=scan.trouble.value if scan.trouble else ""))


def answer_problem(session: Session, asked: Asked, scan: Scan) -> Verdict | None:
    """The item, what is wrong with it, or the first code again for a report without an item."""
    if too_late(asked, scan):
        return None
    if scan.matches:
        match = next((m for m in scan.matches if _wants(session, m.sku)), scan.matches[0])
        named = replace(asked, at=scan.at, sku=match.sku, item=match.label)
        return _aside(session, named) if asked.code else _ask(session, named)
    if scan.trouble is not None and scan.trouble.value == asked.code and held_too_long(asked, scan):
        return Verdict(Reason.REPEAT, Tone.LOOK, session)
    if scan.trouble is not None and asked.code in ("", scan.trouble.value):
        return _aside(session, replace(asked, code=scan.trouble.value))
    if scan.command is Command.PROBLEM and asked.code:
        return _aside(session, asked)
    return None


def hold(session: Session, scan: Scan) -> Verdict:
    """HOLD: this box leaves the bench, the order waits for a supervisor."""
    if session.phase not in AT_HAND:
        return Verdict(Reason.NOT_NOW, Tone.LOOK, session, item=scan.raw)
    ended = replace(session, phase=Phase.ENDED, asked=None)
    return Verdict(Reason.HELD_HERE, Tone.LOOK, ended, item=session.order.number)


def _ask(session: Session, asked: Asked) -> Verdict:
    if session.phase not in AT_HAND:
        return Verdict(Reason.NOT_NOW, Tone.LOOK, session, item=asked.item)
    after = replace(session, asked=asked, unknown_run=0)
    return Verdict(Reason.WHICH_PROBLEM, Tone.LOOK, after, item=asked.item, detail=asked.code)


def _aside(session: Session, asked: Asked) -> Verdict:
    """The order stands aside; ``detail`` is the SKU where it is known."""
    still = {line.sku: line.label for i, line in enumerate(session.order.lines) if session.open_of(i)}
    sku, item = asked.sku, asked.item
    if not sku and len(still) == 1:
        [(sku, item)] = still.items()
    after = replace(session, phase=Phase.PARKED, asked=None)
    return Verdict(Reason(asked.code), Tone.LOOK, after, item=item or session.order.number, detail=sku)


def _wants(session: Session, sku: str) -> bool:
    return any(line.sku == sku for line in session.order.lines)
