"""Items on their way into the box."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.masterdata.catalog import Match
from server.domain.packing import lots, serials
from server.domain.packing.captured import kept
from server.domain.packing.kit_mode import of_a_kit
from server.domain.packing.serials import seen
from server.domain.packing.session import Asked, AskedKind, Counted, Session, Taken, Verdict
from server.domain.packing.steps import settled, tone_of
from server.domain.packing.stops import latch, open_of_sku
from server.domain.packing.totes import for_a_mate

__all__ = ["GATES", "count", "judge_item", "latch", "open_of_sku"]

Gate = Callable[[Session, Scan, Match], Verdict | None]
GATES: Sequence[Gate] = (serials.gate_size, lots.gate, serials.gate)
"""What an item that is wanted must pass before it counts, in this order; None lets it through."""


def judge_item(session: Session, scan: Scan) -> Verdict:
    """A product was scanned: it counts, or it stops the bench, or something must be asked first."""
    wanted = {line.sku for line in session.order.lines}
    known = [m for m in scan.matches if m.sku in wanted]
    again = seen(session, scan)
    if again is not None:
        return again
    if not known:
        other = of_a_kit(session, scan) or for_a_mate(session, scan)
        return other or latch(session, Reason.WRONG_ITEM, scan.matches[0])
    # A case is taken whole or not at all.
    still_open = [m for m in known if open_of_sku(session, m.sku) >= m.units]
    if len({m.sku for m in still_open}) > 1:
        return _ask_which(session, scan, still_open)
    if not still_open:
        other = of_a_kit(session, scan) or for_a_mate(session, scan)
        return other or latch(session, Reason.OVER_QUANTITY, known[0])
    for gate in GATES:
        held_up = gate(session, scan, still_open[0])
        if held_up is not None:
            return held_up
    return count(kept(session, scan, still_open[0]), still_open[0], scan.lot)


def _ask_which(session: Session, scan: Scan, choices: list[Match]) -> Verdict:
    """A code of several products that are all open: another code tells, or the number of the right one."""
    said = " / ".join(f"{number} {match.label}" for number, match in enumerate(choices, 1))
    asked = Asked(
        AskedKind.WHICH,
        scan.at,
        code=scan.payload,
        item=said,
        lot=scan.lot,
        serial=scan.serial,
        expires_on=scan.expires_on,
        best_before=scan.best_before,
        choices=tuple(choices),
    )
    return Verdict(Reason.AMBIGUOUS, Tone.LOOK, replace(session, asked=asked), item=said)


def count(session: Session, match: Match, lot: str = "") -> Verdict:
    """Put the units on the lines of this SKU, in order; the caller knows that they fit."""
    counts, left, line_no = list(session.counts), match.units, session.last_line
    for index, line in enumerate(session.order.lines):
        taken = min(left, session.open_of(index)) if line.sku == match.sku else 0
        if taken:
            counts[index], left, line_no = counts[index] + taken, left - taken, line.line_no
    said = Counted(match.sku, match.units, match.label, lot)
    done = (*session.taken, Taken(match.sku, match.units, match.label))
    after = replace(session, counts=tuple(counts), unknown_run=0, last_line=line_no, taken=done, counted=said)
    tone = Tone.GOOD
    if after.open_units == 0:
        after = settled(after)
        tone = tone_of(after, Tone.LINE_FULL)
    elif open_of_sku(after, match.sku) == 0:
        tone = Tone.LINE_FULL
    return Verdict(Reason.OK, tone, after, line_no=line_no, units=match.units, item=match.label)
