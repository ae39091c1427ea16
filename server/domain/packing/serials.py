"""Serial numbers: one for each unit, and none twice in an order. Whether one was used elsewhere the server knows."""

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan, spoken
from server.domain.masterdata.catalog import Match
from server.domain.packing.captured import with_serial
from server.domain.packing.lots import asks
from server.domain.packing.session import AskedKind, Captured, Session, Verdict
from server.domain.packing.stops import line_of

REPEAT_SECONDS = 2.0
"""The same serial number again so soon is the same unit held under the scanner."""


def gate_size(session: Session, _: Scan, match: Match) -> Verdict | None:
    """A case has many serial numbers, so its units are scanned one by one."""
    if match.units == 1 or not line_of(session, match.sku).by_serial:
        return None
    return Verdict(Reason.SINGLE_UNITS, Tone.LOOK, session, item=match.label)


def gate(session: Session, scan: Scan, match: Match) -> Verdict | None:
    """A unit with its own serial number passes."""
    if not line_of(session, match.sku).by_serial:
        return None
    if not scan.serial:
        return asks(session, scan, match, AskedKind.SERIAL, Reason.NEED_SERIAL)
    return seen(session, scan)


def seen(session: Session, scan: Scan) -> Verdict | None:
    """The unit with this serial number is in the box already: no unit too many, and nothing to put away."""
    for match in scan.matches:
        one = with_serial(session, match.sku, scan.serial) if scan.serial else None
        if one is not None:
            return _again(session, scan, one, match.label)
    return None


def alone(session: Session, scan: Scan) -> Verdict | None:
    """A serial number of this box scanned by itself: of a unit that counted."""
    own = (one for one in session.captured if one.serial)
    one = next((one for one in own if one.serial.casefold() == (scan.serial or scan.payload).casefold()), None)
    return _again(session, scan, one, spoken(scan)) if one is not None else None


def _again(session: Session, scan: Scan, one: Captured, item: str) -> Verdict:
    soon = 0 <= scan.at - one.at <= REPEAT_SECONDS
    reason = Reason.REPEAT if soon else Reason.DUPLICATE_SERIAL
    return Verdict(reason, Tone.LOOK, session, item=item, detail="" if soon else one.serial)
