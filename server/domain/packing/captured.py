"""Which lots and serial numbers lie in the box. Taking units out again is in ``corrections``."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from server.domain.benchwork.scans import Scan
from server.domain.masterdata.catalog import Match
from server.domain.packing import boxes
from server.domain.packing.session import Captured, Session
from server.domain.packing.stops import line_of
from server.domain.packing.wants import PackedBox


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


def by_box(session: Session) -> tuple[tuple[Captured, ...], ...]:
    """What was captured of each box with something in it, that on the table last."""
    return tuple(tuple(one for line in box for one in line) for box in by_line(session))


def by_line(session: Session) -> tuple[tuple[tuple[Captured, ...], ...], ...]:
    """The same for each line of the order in each box.

    Boxes are filled one after the other and only what lies on the table is taken out, so that of each product what was
    captured first lies in the first box.
    """
    waiting = {sku: deque(one for one in session.captured if one.sku == sku) for sku in _skus(session)}
    return tuple(tuple(_next_units(box, session, waiting)) for box in boxes.all_boxes(session))


def _skus(session: Session) -> set[str]:
    return {one.sku for one in session.captured}


def _next_units(
    box: PackedBox, session: Session, waiting: Mapping[str, deque[Captured]]
) -> Iterator[tuple[Captured, ...]]:
    for line, units in zip(session.order.lines, box.contents, strict=True):
        yield tuple(_taken(waiting.get(line.sku, deque()), units))


def _taken(queue: deque[Captured], units: int) -> Iterator[Captured]:
    while units and queue:
        one = queue.popleft()
        here = min(units, one.units)
        units -= here
        yield replace(one, units=here)
        if one.units > here:
            queue.appendleft(replace(one, units=one.units - here))


def lots_in(session: Session) -> Mapping[str, Mapping[str, int]]:
    """Units of each lot in all boxes, by SKU."""
    return lots_of(session.captured)


def lots_of(captured: Iterable[Captured]) -> Mapping[str, Mapping[str, int]]:
    """Units of each lot among these, by SKU."""
    found: dict[str, dict[str, int]] = {}
    for one in captured:
        if one.lot:
            of_sku = found.setdefault(one.sku, {})
            of_sku[one.lot] = of_sku.get(one.lot, 0) + one.units
    return found


def spoken_lots(captured: Iterable[Captured]) -> Mapping[str, str]:
    """The lots among these as a slip names them, by SKU."""
    return {sku: ", ".join(f"lot {lot}" for lot in lots) for sku, lots in lots_of(captured).items()}


def serials_in(session: Session) -> Mapping[tuple[str, str], int]:
    """In which box of the order, from 1, the unit of this (SKU, serial number) lies."""
    numbered = enumerate(by_box(session), 1)
    return {(one.sku, one.serial): box for box, held in numbered for one in held if one.serial}


def with_serial(session: Session, sku: str, serial: str) -> Captured | None:
    """The unit with this serial number, if it is in the box."""
    wanted = serial.casefold()
    return next((one for one in session.captured if one.sku == sku and one.serial.casefold() == wanted), None)
