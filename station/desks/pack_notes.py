"""What the packing desk adds to a verdict of the rules: another order's slip mid-box, an item for a tote-mate."""

from server.domain.benchwork.reasons import Reason
from server.domain.benchwork.scans import Scan
from server.domain.packing.box_scan import NEXT_BOX, OPEN_BOX
from server.domain.packing.session import Verdict
from station.desks.taking_out import note_of
from station.views import Note

_BOX_NOTES = {NEXT_BOX: Note.NEXT_BOX, OPEN_BOX: Note.OPEN_BADGE}


def item_and_detail(number: str, scan: Scan, verdict: Verdict) -> tuple[str, str]:
    """What to name and what to say; ``number`` is that of the order on the table."""
    out = note_of(verdict)
    if out is not None:
        return verdict.item, out
    if verdict.reason is Reason.NOT_NOW and (own := _is_own(number, scan)) is not None:
        return scan.order_ref or number, Note.THIS_ORDER if own else Note.PARK_FIRST
    if verdict.reason is Reason.NOT_NOW and scan.matches and verdict.detail:
        return verdict.detail, Note.TOTE_MATE
    if scan.payload in _BOX_NOTES and verdict.reason in (Reason.OK, Reason.NEED_CONFIRM):
        return number, _BOX_NOTES[scan.payload]
    return verdict.item, verdict.detail


def _is_own(number: str, scan: Scan) -> bool | None:
    """Whether it is the slip of the order on the table; None for what is no slip at all."""
    own = (scan.order_ref or scan.payload).lstrip("#0") == number.upper().lstrip("#0")
    return own if own or scan.order_ref is not None else None
