"""Items on their way into the box."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.masterdata.catalog import Match
from server.domain.packing.session import Phase, Session, Stop, Verdict

Gate = Callable[[Session, Scan, Match], Verdict | None]
GATES: Sequence[Gate] = ()
"""What an item that is wanted must pass before it counts, in this order; None lets it through."""


def judge_item(session: Session, scan: Scan) -> Verdict:
    """A product was scanned: it counts, or it stops the bench, or something must be asked first."""
    wanted = {line.sku for line in session.order.lines}
    known = [m for m in scan.matches if m.sku in wanted]
    if not known:
        return latch(session, Reason.WRONG_ITEM, scan.matches[0])
    # A case is taken whole or not at all.
    still_open = [m for m in known if open_of_sku(session, m.sku) >= m.units]
    if len({m.sku for m in still_open}) > 1:
        return Verdict(Reason.AMBIGUOUS, Tone.LOOK, session, item=" / ".join(m.label for m in still_open))
    if not still_open:
        return latch(session, Reason.OVER_QUANTITY, known[0])
    for gate in GATES:
        held_up = gate(session, scan, still_open[0])
        if held_up is not None:
            return held_up
    return count(session, still_open[0])


def open_of_sku(session: Session, sku: str) -> int:
    """Units of a product still to be verified, over all its lines."""
    return sum(session.open_of(i) for i, line in enumerate(session.order.lines) if line.sku == sku)


def count(session: Session, match: Match) -> Verdict:
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
    elif open_of_sku(after, match.sku) == 0:
        tone = Tone.LINE_FULL
    return Verdict(Reason.OK, tone, after, line_no=line_no, units=match.units, item=match.label)


def latch(session: Session, reason: Reason, match: Match) -> Verdict:
    """Stop the bench because of this item."""
    wanted = open_of_sku(session, match.sku)
    stop = Stop(reason, match.name, match.variant, match.sku, units=match.units, wanted=wanted)
    stopped = replace(session, stop=stop, unknown_run=0)
    return Verdict(reason, Tone.STOP, stopped, units=match.units, item=match.label, detail=match.sku)
