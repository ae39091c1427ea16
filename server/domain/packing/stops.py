"""Stops because of an item in the hand, and what the rules of items ask a session."""

from dataclasses import replace

from server.domain.benchwork.reasons import WARNED, Reason, Tone
from server.domain.masterdata.catalog import Match
from server.domain.packing.order import Mode, OrderLine
from server.domain.packing.session import Session, Stop, Verdict


def open_of_sku(session: Session, sku: str) -> int:
    """Units of a product still to be verified, over all its lines."""
    return sum(session.open_of(i) for i, line in enumerate(session.order.lines) if line.sku == sku)


def line_of(session: Session, sku: str) -> OrderLine:
    """The first open line of a product that is on the order, else its first: what the bench looks at."""
    lines = [(session.open_of(i), line) for i, line in enumerate(session.order.lines) if line.sku == sku]
    return next((line for left, line in lines if left), lines[0][1])


def match_of(line: OrderLine, units: int) -> Match:
    """The line's product, as if one of its codes had been scanned."""
    return Match(line.sku, line.name, line.variant, units)


def latch(session: Session, reason: Reason, match: Match, detail: str = "") -> Verdict:
    """Stop the bench because of this item; where the bench only warns, say that it would have.

    ``detail`` is its SKU unless something else is to be said.
    """
    said = detail or match.sku
    if session.order.mode is Mode.WARN:
        after = replace(session, unknown_run=0)
        return Verdict(WARNED.get(reason, reason), Tone.LOOK, after, item=match.label, detail=said)
    wanted = open_of_sku(session, match.sku)
    stop = Stop(reason, match.name, match.variant, said, units=match.units, wanted=wanted)
    stopped = replace(session, stop=stop, unknown_run=0)
    return Verdict(reason, Tone.STOP, stopped, units=match.units, item=match.label, detail=said)
