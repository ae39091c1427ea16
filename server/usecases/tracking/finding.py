"""From a tracking number to everything: order, goods, channel, place, promise, packer, load, journey (TRK-03)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, func, select

from server.db import parcels, serials, tables, tracking
from server.domain.benchwork.handoff import ParcelState
from server.domain.dock.barcodes import readings
from server.domain.errors import DomainError
from server.usecases.record.serial_units import find_unit
from server.usecases.shipping.accounts import name_of
from server.usecases.tracking.cases import cases, contents

SCANS_MOST = 500
_p, _o, _c, _s = tables.parcel, tables.order, tables.channel, tables.site
_ps, _b, _l, _lp, _t, _a = (
    tables.pack_session,
    tables.bench,
    tables.load,
    tables.load_parcel,
    tables.parcel_track,
    tables.order_arrival,
)
_packer, _loader = tables.person.alias("packer"), tables.person.alias("loader")


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of the journey. ``status`` is a domain Status; ``code`` and ``words`` are the carrier's own."""

    at: float
    status: str
    source: str
    code: str
    words: str
    place: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """One scan at a bench or a dock."""

    at: float
    where: str
    who: str
    raw: str
    verdict: str
    sku: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """What was opened about it."""

    type: str
    state: str
    owner: str
    cause: str
    remedy: str
    text: str
    opened_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One parcel and all it is linked to. Times are epoch seconds, None where it has not happened."""

    parcel: str
    tracking: str
    carrier: str
    carrier_name: str
    service: str
    state: str
    order: str
    order_status: str
    channel: str
    channel_order: str
    site: str
    site_name: str
    time_zone: str
    ship_by: float | None
    deliver_by: float | None
    skus: dict[str, int]
    serials: tuple[str, ...]
    """Of the units in this box."""
    bench: str
    packer: str
    packed_at: float | None
    load: str
    loader: str
    loaded_at: float | None
    load_closed_at: float | None
    handed_at: float | None
    status: str
    since: float | None
    eta: float | None
    first_scan_at: float | None
    delivered_at: float | None
    attempts: int
    alarms: tuple[str, ...]
    told: str
    """State of the shipment's confirmation at the channel: sent, waiting, parked, withdrawn; empty: not queued."""
    order_parcels: int
    order_delivered: int
    order_delivered_at: float | None
    events: tuple[Happened, ...]
    scans: tuple[Scanned, ...]
    cases: tuple[Case, ...]


def story(connection: Connection, number: str) -> Story:
    """The parcel with this id or tracking number, also in a longer barcode, or with the unit of this serial number.

    Raise DomainError("not_found"), and "ambiguous" where several units have the serial number.
    """
    row = connection.execute(_everything().where(_p.c.id == _parcel_id_by(connection, number))).one()
    whole = connection.execute(
        select(_a).where(_a.c.channel_id == row.channel_id, _a.c.channel_order_id == row.channel_order)
    ).first()
    named = {name: getattr(row, name) for name in _NAMES}
    return Story(
        **named,
        carrier_name=name_of(connection, row.carrier),
        skus=dict(contents(connection, row)),
        serials=tuple(serials.in_box(connection, row.order_id, row.box_no)),
        status=row.status or "",
        attempts=row.attempts or 0,
        alarms=tuple(row.raised or ()),
        order_parcels=whole.parcels if whole else 0,
        order_delivered=whole.delivered if whole else 0,
        order_delivered_at=whole.delivered_at if whole else None,
        events=tuple(
            Happened(e.at, e.status, e.source, e.code, e.words, e.place)
            for e in tracking.events_of(connection, row.parcel)
        ),
        scans=tuple(_scans(connection, row)),
        cases=tuple(
            Case(c.type, c.state, c.owner, c.cause, c.remedy, c.text, c.opened_at)
            for c in cases(connection, row.parcel)
        ),
    )


_NAMES = (
    *("parcel", "tracking", "carrier", "service", "state", "order", "order_status", "channel", "channel_order"),
    *("site", "site_name", "time_zone", "ship_by", "deliver_by", "bench", "packer", "packed_at", "load", "loader"),
    *("loaded_at", "load_closed_at", "handed_at", "since", "eta", "first_scan_at", "delivered_at", "told"),
)


def _parcel_id_by(connection: Connection, number: str) -> str:
    try:
        return parcel_id_of(connection, number)
    except DomainError:
        parcel = _with_unit(connection, number.strip())
        if parcel is None:
            raise
        return str(parcel.id)


def _with_unit(connection: Connection, serial: str) -> Row[Any] | None:
    """The parcel of the box in which this unit lies or left; of a box that was labelled anew its newest label."""
    unit = find_unit(connection, serial) if serial.isprintable() else None
    boxes = parcels.of_order(connection, unit.order_id) if unit is not None else ()
    own = [box for box in boxes if unit is not None and box.box_no == unit.box_no]
    return next((box for box in reversed(own) if box.state != ParcelState.CANCELLED), own[-1] if own else None)


def parcel_id_of(connection: Connection, number: str) -> str:
    """Of the parcel with this id or tracking number, also in a longer barcode; raise DomainError("not_found")."""
    spelled = number.strip()
    if spelled.isprintable():
        for reading in dict.fromkeys((spelled, spelled.upper(), *readings(spelled))):
            row = parcels.by_code(connection, reading)
            if row is not None:
                return str(row.id)
    raise DomainError("not_found", f"there is no parcel with the number {spelled[:80]!r}")


def _everything() -> Select[Any]:
    x = tables.outbox
    shipment = (x.c.kind == "shipment") & (x.c.key == _p.c.id) & (x.c.channel_id == _o.c.channel_id)
    joined = (
        _p.join(_o, _o.c.id == _p.c.order_id)
        .join(_c, _c.c.id == _o.c.channel_id)
        .join(_s, _s.c.id == _p.c.site_id)
        .outerjoin(_ps, _ps.c.id == _p.c.session_id)
        .outerjoin(_b, _b.c.id == _ps.c.bench_id)
        .outerjoin(_packer, _packer.c.id == _ps.c.person_id)
        .outerjoin(_lp, _lp.c.parcel_id == _p.c.id)
        .outerjoin(_l, _l.c.id == _lp.c.load_id)
        .outerjoin(_loader, _loader.c.id == _lp.c.person_id)
        .outerjoin(_t, _t.c.parcel_id == _p.c.id)
        .outerjoin(x, shipment)
    )
    of_parcel = (_p.c.id.label("parcel"), _p.c.tracking, _p.c.carrier, _p.c.service, _p.c.state)
    within = (_p.c.contents, _p.c.box_no)
    of_order = (
        _o.c.number.label("order"),
        _o.c.status.label("order_status"),
        _o.c.channel_order_id.label("channel_order"),
    )
    promise = (
        _o.c.ship_by,
        _o.c.deliver_by,
        _p.c.order_id,
        _o.c.channel_id,
        _c.c.code.label("channel"),
        _p.c.session_id,
    )
    place = (_s.c.code.label("site"), _s.c.name.label("site_name"), _s.c.time_zone)
    hands = (_text(_b.c.name).label("bench"), _text(_packer.c.name).label("packer"), _p.c.ready_at.label("packed_at"))
    load = (_text(_l.c.id).label("load"), _text(_loader.c.name).label("loader"), _lp.c.loaded_at)
    moments = (_l.c.closed_at.label("load_closed_at"), _t.c.handed_at, _t.c.since, _t.c.eta, _t.c.first_scan_at)
    rest = (_t.c.delivered_at, _t.c.status, _t.c.attempts, _t.c.raised, _text(x.c.state).label("told"))
    return select(*of_parcel, *within, *of_order, *promise, *place, *hands, *load, *moments, *rest).select_from(joined)


def _text(column: Any) -> Any:
    return func.coalesce(column, "")


def _scans(connection: Connection, row: Row[Any]) -> Sequence[Scanned]:
    e, d, who = tables.pack_event, tables.dock_event, tables.person
    bench = select(e.c.at, _b.c.name, who.c.name.label("who"), e.c.raw, e.c.reason, e.c.sku)
    at_bench = e.join(_ps, _ps.c.id == e.c.session_id).join(_b, _b.c.id == _ps.c.bench_id)
    query = bench.select_from(at_bench.outerjoin(who, who.c.id == e.c.person_id))
    mine = query.where(e.c.session_id == row.session_id, e.c.kind == "scan").order_by(e.c.seq).limit(SCANS_MOST)
    dock = select(d.c.at, _b.c.name, who.c.name.label("who"), d.c.raw, d.c.reason)
    joined = d.join(_b, _b.c.id == d.c.bench_id).outerjoin(who, who.c.id == d.c.person_id)
    loaded = dock.select_from(joined).where(d.c.parcel_id == row.parcel).order_by(d.c.received_at).limit(SCANS_MOST)
    packed = [Scanned(s.at, s.name, s.who or "", s.raw, s.reason, s.sku or "") for s in connection.execute(mine)]
    return packed + [Scanned(s.at, s.name, s.who or "", s.raw, s.reason) for s in connection.execute(loaded)]
