"""A tote that several orders share: what is for another one of them is no mistake, it only goes back (PCK-15)."""

from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.packing.session import Session, Verdict


def for_a_mate(session: Session, scan: Scan) -> Verdict | None:
    """Back in the tote, for the order named in ``detail``; None when no order of this tote waits for the item."""
    for match in scan.matches:
        mate = next((m for m in session.order.mates if m.sku == match.sku and m.units >= match.units), None)
        if mate is not None:
            after = replace(session, unknown_run=0)
            return Verdict(Reason.NOT_NOW, Tone.LOOK, after, item=match.label, detail=mate.number)
    return None
