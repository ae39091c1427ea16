"""Lots: which one an item is of, whether this order may have it, and for how long it is still good."""

from dataclasses import replace

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.booking.life import good_until
from server.domain.booking.lots import day_in
from server.domain.masterdata.catalog import Match
from server.domain.packing.captured import units_of
from server.domain.packing.order import Lot, OrderLine, PackOrder
from server.domain.packing.session import Asked, AskedKind, Session, Verdict
from server.domain.packing.stops import latch, line_of

CONFIRM_SECONDS = 1.0
"""A second scan sooner than this is the same pull of the trigger."""
_NAMED = 3


def gate(session: Session, scan: Scan, match: Match) -> Verdict | None:
    """An item of a known lot that is good long enough, and which this order may have, passes."""
    line = line_of(session, match.sku)
    if line.by_lot and not scan.lot:
        return asks(session, scan, match, AskedKind.LOT, Reason.NEED_LOT)
    record = line.record_of(scan.lot) if line.by_lot else None
    if line.by_lot and line.lots and record is None:
        return Verdict(Reason.UNKNOWN_LOT, Tone.LOOK, session, item=match.label, detail=scan.lot)
    return _dated(session, scan, match, record) or (_allowed(session, scan, match, record) if record else None)


def asks(
    session: Session, scan: Scan, match: Match, kind: AskedKind, reason: Reason, *, lot: str = "", detail: str = ""
) -> Verdict:
    """Ask something about the item; what was told of it already is kept with the question."""
    asked = Asked(
        kind,
        scan.at,
        match.sku,
        match.units,
        scan.payload,
        match.label,
        lot=lot or scan.lot,
        serial=scan.serial,
        expires_on=scan.expires_on,
        best_before=scan.best_before,
        confirmed=scan.confirmed,
    )
    looked = line_of(session, match.sku).line_no
    after = replace(session, asked=asked, unknown_run=0, last_line=looked)
    return Verdict(reason, Tone.LOOK, after, item=match.label, detail=detail)


def today(order: PackOrder, scan: Scan) -> str:
    """The ISO day at the site; of a bench whose clock is wrong, the day on which the server gave the order out."""
    by_bench = "" if scan.clock_off else day_in(scan.at, order.time_zone).isoformat()
    return max(order.day, by_bench)


def must_last(order: PackOrder, line: OrderLine, day: str) -> str:
    """The ISO day on which a unit packed on ``day`` must still be good (``booking.life``)."""
    return good_until(day, line.life_days, (order.ship_by or "")[:10], order.deliver_by)


def _dated(session: Session, scan: Scan, match: Match, record: Lot | None) -> Verdict | None:
    """By the record of its lot, else by what its label says."""
    said = scan.expires_on or scan.best_before
    booked = record.expires_on if record else ""
    if said and booked and said != booked:
        detail = f"{said} ≠ {booked}"
        return Verdict(Reason.LABEL_DIFFERS, Tone.LOOK, session, item=match.label, detail=detail)
    last, day = booked or said, today(session.order, scan)
    if not last or not day:
        return None
    if last < day:
        return latch(session, Reason.EXPIRED, match, last)
    if last < must_last(session.order, line_of(session, match.sku), day):
        return Verdict(Reason.SHORT_LIFE, Tone.LOOK, session, item=match.label, detail=last)
    return None


def _allowed(session: Session, scan: Scan, match: Match, record: Lot) -> Verdict | None:
    """The reserved lot at once; another one that is free when a person says so twice, from then on at once."""
    line = line_of(session, match.sku)
    before = units_of(session, match.sku, record.lot)
    after = before + match.units
    if after <= record.reserved:
        return None
    if after > record.reserved + record.free:
        return Verdict(Reason.WRONG_LOT, Tone.LOOK, session, item=match.label, detail=_instead(session, line))
    if scan.confirmed or before > record.reserved or not any(one.reserved for one in line.lots):
        return None
    kind, said = AskedKind.OTHER_LOT, _instead(session, line)
    return asks(session, scan, match, kind, Reason.NEED_CONFIRM, lot=record.lot, detail=said)


def _instead(session: Session, line: OrderLine) -> str:
    """The lots to take, those of this order first."""
    own = [one.lot for one in line.lots if one.reserved > units_of(session, line.sku, one.lot)]
    free = [one.lot for one in line.lots if one.free > 0 and not one.reserved]
    return ", ".join((own or free)[:_NAMED])
