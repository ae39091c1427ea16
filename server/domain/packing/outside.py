"""Verify only: the label is printed by the tool the shop has today and scanned back; nothing is bought (FLR-09)."""

import re
from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.packing.boxes import is_earlier_label, labelled
from server.domain.packing.label_scan import unknown
from server.domain.packing.order import Mode
from server.domain.packing.session import Asked, AskedKind, Phase, Session, Verdict

LABEL_MIN, LABEL_MAX = 8, 64
"""Characters of a tracking code; what is shorter is no carrier's label."""
_SITE_CODE = re.compile("PP[A-Z]-")
_DOUBTFUL = ("check_digit", "glued")
"""How a tracking number of 8 to 14 digits looks to somebody who expects products."""
_GTIN = re.compile("[0-9]{8}|[0-9]{12,14}|01[0-9]{14}")


def waits_for_label(session: Session) -> bool:
    """Whether the next code is the label that another tool printed."""
    return session.order.mode is Mode.VERIFY_ONLY and session.phase is Phase.CHECKED


def may_be_label(session: Session, scan: Scan) -> bool:
    """Whether this could be that label, although it looks like a misread product."""
    return waits_for_label(session) and scan.bad_read in _DOUBTFUL and not scan.matches


def judge_outside(session: Session, scan: Scan) -> Verdict:
    """The label's barcode closes the box; a doubtful one only when it is scanned twice."""
    if is_earlier_label(session, scan.payload):
        return Verdict(Reason.ALREADY_DONE, Tone.LOOK, session, item=scan.payload)
    if not LABEL_MIN <= len(scan.payload) <= LABEL_MAX or _SITE_CODE.match(scan.payload):
        return unknown(session, scan)
    if scan.bad_read or _like_an_item(scan):
        asked = Asked(AskedKind.OUTSIDE_LABEL, scan.at, code=scan.payload, item=scan.payload)
        return Verdict(Reason.NEED_CONFIRM, Tone.LOOK, replace(session, asked=asked), item=scan.payload)
    return _closed(session, scan)


def answer_outside(session: Session, asked: Asked, scan: Scan) -> Verdict | None:
    """The same code once more."""
    return _closed(session, scan) if scan.payload == asked.code else None


def _like_an_item(scan: Scan) -> bool:
    """A product nobody knows, scanned on its way into a box that is full, must not pass for the label at once."""
    told = scan.lot or scan.serial or scan.expires_on or scan.best_before
    return bool(told) or _GTIN.fullmatch(scan.payload) is not None


def _closed(session: Session, scan: Scan) -> Verdict:
    """One label for each box of the order."""
    after = labelled(replace(session, tracking=scan.payload, asked=None))
    tone = Tone.BOX_DONE if after.phase is Phase.CLOSED else Tone.LINE_FULL
    return Verdict(Reason.OK, tone, after, item=scan.payload)
