"""Labels scanned back on their boxes, and codes that mean nothing at all."""

from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan, spoken
from server.domain.dock.barcodes import stands_for
from server.domain.packing.boxes import is_earlier_label, labelled
from server.domain.packing.order import Mode
from server.domain.packing.session import Phase, Session, Stop, Verdict

_LABEL_MIN, _PART_MIN = 8, 4
"""Characters; what is shorter is no carrier's label, and no part of one."""
_NEVER_LABELS = ("PPC-", "PPX-", "PPQ-")
"""Commands and boxes of a site, also those nobody knows any more (see ``server.reading``)."""


def judge_label(session: Session, scan: Scan) -> Verdict:
    """With a label bought: its barcode closes the box, another's stops the bench."""
    if is_label(session, scan):
        after = labelled(session)
        tone = Tone.BOX_DONE if after.phase is Phase.CLOSED else Tone.LINE_FULL
        return Verdict(Reason.OK, tone, after, item=scan.payload)
    if is_earlier_label(session, scan.payload):
        return Verdict(Reason.ALREADY_DONE, Tone.LOOK, session, item=scan.payload)
    if _cut_off(session, scan):
        return Verdict(Reason.BAD_READ, Tone.LOOK, session, detail="truncated")
    if scan.box_type or len(scan.payload) < _LABEL_MIN or scan.payload.startswith(_NEVER_LABELS):
        return unknown(session, scan)
    stop = Stop(Reason.WRONG_LABEL, item=scan.payload)
    return Verdict(Reason.WRONG_LABEL, Tone.STOP, replace(session, stop=stop), item=scan.payload)


def is_label(session: Session, scan: Scan) -> bool:
    """Whether this is the label that was bought for the box; carriers print more than its number into its barcode."""
    numbers = (session.tracking, session.parcel_id) if session.phase is Phase.LABEL else ()
    return any(stands_for(scan.payload, number) for number in numbers if number)


def own_slip(session: Session, scan: Scan) -> Verdict | None:
    """The slip of the order on the table, where its barcode is the bare number."""
    if scan.payload.lstrip("#0") != session.order.number.upper().lstrip("#0"):
        return None
    return Verdict(Reason.NOT_NOW, Tone.LOOK, session, item=spoken(scan))


def _cut_off(session: Session, scan: Scan) -> bool:
    """Whether this is the beginning or the end of the label's number, which nobody typed so."""
    numbers = (number.upper() for number in (session.tracking, session.parcel_id) if number)
    text = "" if scan.typed or len(scan.payload) < _PART_MIN else scan.payload
    return any(text and (number.startswith(text) or number.endswith(text)) for number in numbers)


def unknown(session: Session, scan: Scan) -> Verdict:
    """A code that means nothing: a look at first, a stop when it comes again, unless the bench only warns."""
    run = session.unknown_run + 1
    after = replace(session, unknown_run=run)
    if run == 1 or session.order.mode is Mode.WARN:
        return Verdict(Reason.UNKNOWN_CODE, Tone.LOOK, after, item=spoken(scan))
    latched = replace(after, stop=Stop(Reason.UNKNOWN_CODE, item=spoken(scan)))
    return Verdict(Reason.UNKNOWN_CODE, Tone.STOP, latched, item=spoken(scan))
