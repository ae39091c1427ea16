"""A kit's own code where its components are packed one by one: it says what to scan, and is no mistake (KIT-03)."""

from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.packing.session import Session, Verdict
from server.domain.packing.stops import latch


def of_a_kit(session: Session, scan: Scan) -> Verdict | None:
    """The open components of the scanned kit; one kit too many stops; None when no kit of this order was scanned."""
    for match in scan.matches:
        parts = [(i, line) for i, line in enumerate(session.order.lines) if line.kit_sku == match.sku]
        left = [(session.open_of(i), line) for i, line in parts if session.open_of(i)]
        if left:
            after = replace(session, last_line=left[0][1].line_no, unknown_run=0)
            says = ", ".join(f"{units} × {line.label}" for units, line in left)
            return Verdict(Reason.KIT, Tone.LOOK, after, item=match.label, detail=says)
        if parts:
            return latch(session, Reason.OVER_QUANTITY, match)
    return None
