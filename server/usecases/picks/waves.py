"""Waves: ready orders of a site gathered into walks. Without waves a reserved order is ready for a bench at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from server.db import sites, waves
from server.db.again import again
from server.db.routing import node_of_row
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.picks.waves import Limits, Mix, Wave, WaveOrder, plan
from server.domain.routes.nodes import Duty
from server.domain.sales.orders import OrderStatus
from server.reading import WAVE_PREFIX
from server.usecases.routes.nodes import check_duty

WAVES_MAX = 500
"""Waves made in one transaction; what is left is planned again."""
_TO_FETCH = (OrderStatus.READY.value, OrderStatus.PACKING.value)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which waves a supervisor wants: of one site, due until a moment, for one carrier or all."""

    site: str
    limits: Limits
    until: float | None = None
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class WaveMade:
    """A wave that was made, or would be: ``wave_id`` is None in a dry run."""

    wave_id: int | None
    carrier: str
    mix: Mix
    priority: int
    due: float | None
    numbers: tuple[str, ...]
    units: int


def plan_waves(db: Database, wanted: Wanted) -> list[WaveMade]:
    """What ``make_waves`` would make now, or its refusal; nothing is changed."""
    with db.read() as connection:
        site = sites.by_code(connection, wanted.site)
        check_duty(site, Duty.WAVES)
        found = _planned(connection, site, wanted, db.now())
        numbers = {row.id: row.number for row in waves.to_pick(connection, site.id)}
    return [_told(None, wave, numbers) for wave in found]


def make_waves(db: Database, actor: Actor, wanted: Wanted) -> list[WaveMade]:
    """Give every ready order of the site to a wave; no bench opens it until it is picked.

    Raise DomainError("not_found" | "wrong_node"): in a store nobody walks a wave.
    """

    def once() -> list[WaveMade]:
        with transaction(db, actor, "make_waves") as tx:
            site = sites.by_code(tx.connection, wanted.site)
            check_duty(site, Duty.WAVES)
            waves.lock_site(tx, site.id)
            seen = waves.to_pick(tx.connection, site.id)
            # A bench may open one of them meanwhile: what is ready behind the locks is waved.
            rows = waves.lock_orders(tx, [row.id for row in seen])
            still = {o for o, row in rows.items() if (row.status, row.site_id) == (OrderStatus.READY, site.id)}
            found = _planned(tx.connection, site, wanted, tx.now, still)
            return [_made(tx, site.id, wave, {row.id: row.number for row in seen}) for wave in found]

    return again(once)


def finish_wave(db: Database, actor: Actor, wave_id: int) -> None:
    """Everything of it was fetched: its orders are ready for a bench. A second time changes nothing."""
    _end(db, actor, wave_id, waves.DONE)


def cancel_wave(db: Database, actor: Actor, wave_id: int) -> None:
    """Nobody fetches it: orders that are not in a tote may go into another wave, or straight to a bench."""
    _end(db, actor, wave_id, waves.CANCELLED)


def list_waves(db: Database, *, site_id: int | None = None, open_only: bool = True) -> Sequence[Row[Any]]:
    """Waves, the nearest truck first: id, site_code, carrier, mix, cutoff_at, state, orders, picked."""
    with db.read() as connection:
        return waves.listed(connection, site_id=site_id, open_only=open_only)


def wave_number(ref: str) -> int:
    """The id in ``12``, ``W-12`` or a scanned ``PPW-12``; raise DomainError("invalid")."""
    text = ref.strip().upper().removeprefix(WAVE_PREFIX).removeprefix("W-")
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise DomainError("invalid", f"expected the number of a wave, found {ref[:40]!r}")
    return int(text)


def picked(tx: Transaction, wave_id: int, order_ids: Sequence[int]) -> None:
    """These orders of a wave lie in their totes; with its last one the wave is done. The wave is locked."""
    waves.set_picked(tx, order_ids)
    left = [row for row in waves.orders_of(tx.connection, wave_id) if to_fetch(row)]
    if not left:
        waves.set_state(tx, wave_id, waves.DONE)
        tx.note("wave.done", {"wave": wave_id})


def to_fetch(row: Row[Any]) -> bool:
    """Whether a wave's order still has to be fetched: a cancelled or re-routed one has not."""
    return row.picked_at is None and row.status in _TO_FETCH


def _planned(
    connection: Connection, site: Row[Any], wanted: Wanted, now: float, only: set[int] | None = None
) -> tuple[Wave, ...]:
    rows = waves.to_pick(connection, site.id)
    orders = [
        _wave_order(row) for row in rows if (only is None or row.id in only) and wanted.carrier in ("", row.carrier)
    ]
    found = plan(orders, node_of_row(site).calendar, now, limits=wanted.limits, until=wanted.until)
    return found[:WAVES_MAX]


def _wave_order(row: Row[Any]) -> WaveOrder:
    # A kit is one unit to a bench and several on the shelves: its order is no single-item order.
    units = max(int(row.units), int(row.sold or 0))
    return WaveOrder(row.id, row.carrier, units, row.received_at, row.service, row.priority, row.ship_by)


def _made(tx: Transaction, site_id: int, wave: Wave, numbers: dict[int, str]) -> WaveMade:
    ids = [order.order_id for order in wave.orders]
    columns = {"site_id": site_id, "carrier": wave.carrier, "mix": wave.mix.value, "cutoff_at": wave.due}
    wave_id = waves.new_wave(tx, ids, **columns)
    for order_id in ids:
        tx.note("wave.joined", {"wave": wave_id}, order=order_id)
    return _told(wave_id, wave, numbers)


def _told(wave_id: int | None, wave: Wave, numbers: dict[int, str]) -> WaveMade:
    named = tuple(numbers.get(order.order_id, "") for order in wave.orders)
    return WaveMade(wave_id, wave.carrier, wave.mix, wave.priority, wave.due, named, wave.units)


def _end(db: Database, actor: Actor, wave_id: int, state: str) -> None:
    with transaction(db, actor, "end_wave") as tx:
        wave = waves.lock(tx, wave_id)
        if wave.state == state:
            return
        if wave.state != waves.PICKING:
            raise DomainError("not_picking", f"wave {wave_id} is {wave.state} already")
        left = [row.id for row in waves.orders_of(tx.connection, wave_id) if row.picked_at is None]
        if state == waves.DONE:
            waves.set_picked(tx, left)
        else:
            waves.leave(tx, left)
        waves.set_state(tx, wave_id, state)
        tx.note(f"wave.{state}", {"wave": wave_id, "orders": len(left)})
