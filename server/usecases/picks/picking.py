"""The pick list of a wave: printed from what its orders hold now, so that it is never older than the book (LOC-03)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Connection, Row, select, update

from printing import pdf
from printing.documents import PickGive, PickList, PickSlip, PickStop
from printing.pdf import PaperSize
from server.db import sites, tables, waves
from server.db.dialect import insert_into
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.picks.picking import Layout, Pick, Stop, pick_list
from server.domain.picks.waves import Mix
from server.reading import ORDER_PREFIX, WAVE_PREFIX
from server.typed import learnt
from server.usecases.picks.waves import to_fetch
from server.usecases.shipping.accounts import name_of

_v = tables.setting


@dataclass(frozen=True, slots=True)
class Walk:
    """A wave's stops in walking order; ``orders`` are those still to be fetched, in the order of their slots."""

    wave: Row[Any]
    orders: Sequence[Row[Any]]
    stops: tuple[Stop, ...]
    named: Mapping[str, tuple[str, str]]
    """(name, variant) by SKU."""


def walk_of(connection: Connection, wave_id: int) -> Walk:
    """What a wave's picker still has to fetch; raise DomainError("not_found")."""
    wave = waves.find(connection, wave_id)
    rows = [row for row in waves.orders_of(connection, wave_id) if to_fetch(row) and row.site_id == wave.site_id]
    shelves = waves.on_shelves(connection, [row.id for row in rows], wave.site_id)
    picks = [Pick(r.order_id, r.sku, r.lot, r.bin, r.quantity) for r in shelves]
    rank = {row.id: row.position for row in rows}
    stops = pick_list(picks, rank, layout_of(connection, wave.site_id))
    return Walk(wave, rows, stops, {r.sku: (r.name, r.variant) for r in shelves})


def pick_list_of(connection: Connection, wave_id: int) -> PickList:
    """The same as a document: slots are the orders' places in the wave, so that a later print has the same ones."""
    walk = walk_of(connection, wave_id)
    wave = walk.wave
    single = wave.mix == Mix.SINGLE
    slots = {row.id: row.position for row in walk.orders}
    return PickList(
        wave=f"W-{wave.id}",
        site=wave.site_name,
        carrier=name_of(connection, wave.carrier),
        due=clock(wave.cutoff_at, wave.time_zone),
        stops=tuple(_stop(stop, walk.named, {} if single else slots) for stop in walk.stops),
        slips=_wave_slip(walk) if single else _order_slips(walk),
        orders=len(walk.orders),
    )


def pick_list_pdf(db: Database, wave_id: int, *, site_id: int | None = None, paper: PaperSize = "a4") -> bytes:
    """On paper; raise DomainError("not_found"), also for another site's wave when ``site_id`` is given."""
    with db.read() as connection:
        if site_id not in (None, waves.find(connection, wave_id).site_id):
            raise DomainError("not_found", f"there is no wave {wave_id} at this site")
        return pdf.pick_list(pick_list_of(connection, wave_id), paper)


def layout_of(connection: Connection, site_id: int) -> Layout:
    """How the shelves of a site stand, as somebody said."""
    said = connection.execute(select(_v.c.value).where(_v.c.key == _key(site_id))).scalar()
    return msgspec.json.decode(said, type=learnt(Layout)) if said else Layout()


def set_layout(db: Database, actor: Actor, site: str, layout: Layout) -> None:
    """Walk a site's aisles this way from the next list on; raise DomainError("invalid" | "not_found")."""
    if not 1 <= layout.aisle_parts <= 4:
        raise DomainError("invalid", f"aisle parts: expected 1 to 4, found {layout.aisle_parts}")
    with transaction(db, actor, "set_layout") as tx:
        key, value = _key(sites.by_code(tx.connection, site).id), msgspec.json.encode(layout).decode()
        made = insert_into(tx.connection, _v).values(key=key, value=value)
        tx.connection.execute(made.on_conflict_do_nothing())
        tx.connection.execute(update(_v).where(_v.c.key == key).values(value=value))
        tx.note("site.layout", {"site": site, "serpentine": layout.serpentine, "aisle_parts": layout.aisle_parts})


def clock(at: float | None, time_zone: str) -> str:
    """A moment on a site's wall clock: Mon 2 Mar 17:00; empty without one."""
    if at is None:
        return ""
    local = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(time_zone))
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def _key(site_id: int) -> str:
    return f"pick_layout:{site_id}"


def _stop(stop: Stop, named: Mapping[str, tuple[str, str]], slots: Mapping[int, int]) -> PickStop:
    name, variant = named[stop.sku]
    gives = tuple(PickGive(slots[give.order_id], give.units) for give in stop.gives if slots)
    return PickStop(stop.bin, stop.sku, name, variant, stop.lot, stop.units, gives)


def _order_slips(walk: Walk) -> tuple[PickSlip, ...]:
    units: dict[int, int] = {}
    for give in (give for stop in walk.stops for give in stop.gives):
        units[give.order_id] = units.get(give.order_id, 0) + give.units
    zone = walk.wave.time_zone
    return tuple(
        PickSlip(
            row.position, row.number, f"{ORDER_PREFIX}{row.number}", units.get(row.id, 0), clock(row.ship_by, zone)
        )
        for row in walk.orders
    )


def _wave_slip(walk: Walk) -> tuple[PickSlip, ...]:
    """One slip for all: at the bench the item in the hand says which order it is."""
    if not walk.orders:
        return ()
    wave, units = walk.wave, sum(stop.units for stop in walk.stops)
    code = f"{WAVE_PREFIX}{wave.id}"
    return (PickSlip(None, f"W-{wave.id}", code, units, clock(wave.cutoff_at, wave.time_zone)),)
