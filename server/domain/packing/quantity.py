"""How many of the item that was scanned last: typed, or by a quantity code. Only where the product allows it.

Never for products with look-alikes (SKU-05) or serial numbers: each of their units is scanned.
"""

import re
from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import QUANTITY_PREFIX, Scan
from server.domain.packing.items import judge_item
from server.domain.packing.session import Counted, Session, Verdict
from server.domain.packing.stops import line_of, match_of, open_of_sku

_DIGITS = 3
_WHOLE, _DECIMAL = re.compile(r"[+-]?[0-9]{1,9}"), re.compile(r"[+-]?[0-9]*[.,][0-9]+")


def judge_quantity(session: Session, scan: Scan, last: Counted | None) -> Verdict | None:
    """``last`` is the item scanned right before; None: this is no quantity here, and is judged as any other code."""
    by_code = scan.payload.startswith(QUANTITY_PREFIX)
    if last is None or not _allowed(session, last):
        # Right after an item a short number is meant as one, whatever this product allows.
        meant = by_code or (last is not None and len(scan.quantity) <= _DIGITS)
        item = last.item if last else scan.raw
        again = replace(session, counted=last)
        return Verdict(Reason.SINGLE_UNITS, Tone.LOOK, again, item=item) if meant else None
    problem = refused(scan.quantity)
    more = 0 if problem else int(scan.quantity) - last.units
    if more > open_of_sku(session, last.sku):
        problem = "too_many"
    if problem:
        return Verdict(
            Reason.BAD_QUANTITY, Tone.LOOK, replace(session, counted=last), item=scan.quantity, detail=problem
        )
    line = line_of(session, last.sku)
    if more == 0:
        return Verdict(Reason.OK, Tone.GOOD, session, item=last.item)
    verdict = judge_item(session, replace(scan, matches=(match_of(line, more),), lot=last.lot))
    refused_whole = verdict.session.counts == session.counts and verdict.session.stop is None
    return replace(verdict, session=replace(verdict.session, counted=last if refused_whole else None))


def refused(text: str) -> str:
    """Why this is no number of units: text, decimal, negative or zero; "" when it is one."""
    if _DECIMAL.fullmatch(text):
        return "decimal"
    if not _WHOLE.fullmatch(text):
        return "text"
    return "negative" if int(text) < 0 else "zero" if int(text) == 0 else ""


def _allowed(session: Session, last: Counted) -> bool:
    line = line_of(session, last.sku)
    return line.typed_quantity and not line.differs_by and not line.by_serial and last.units == 1
