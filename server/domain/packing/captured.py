"""Which lots and serial numbers lie in the box. Taking units out again is in ``corrections``."""

from collections.abc import Mapping
from dataclasses import replace

from server.domain.benchwork.scans import Scan
from server.domain.masterdata.catalog import Match
from server.domain.packing.session import Captured, Session
from server.domain.packing.stops import line_of


def kept(session: Session, scan: Scan, match: Match) -> Session:
    """The session with what the scan said of these units, where the product is kept by lot or serial number."""
    line = line_of(session, match.sku)
    if not (line.by_lot or line.by_serial):
        return session
    record = line.record_of(scan.lot)
    lot = record.lot if record else scan.lot
    serial = scan.serial if line.by_serial else ""
    one = Captured(match.sku, match.units, lot if line.by_lot else "", serial, scan.at)
    return replace(session, captured=(*session.captured, one))


def units_of(session: Session, sku: str, lot: str) -> int:
    """Units of one lot in the box."""
    return sum(one.units for one in session.captured if one.sku == sku and one.lot == lot)


def lots_in(session: Session) -> Mapping[str, Mapping[str, int]]:
    """Units of each lot in the box, by SKU."""
    found: dict[str, dict[str, int]] = {}
    for one in session.captured:
        if one.lot:
            of_sku = found.setdefault(one.sku, {})
            of_sku[one.lot] = of_sku.get(one.lot, 0) + one.units
    return found


def serials_in(session: Session) -> tuple[tuple[str, str], ...]:
    """(SKU, serial number) of the units in the box."""
    return tuple((one.sku, one.serial) for one in session.captured if one.serial)


def with_serial(session: Session, sku: str, serial: str) -> Captured | None:
    """The unit with this serial number, if it is in the box."""
    wanted = serial.casefold()
    return next((one for one in session.captured if one.sku == sku and one.serial.casefold() == wanted), None)
