"""Totes: bound to orders by scanning a slip and a tote together, and opened at the bench (PCK-15, FLR-11)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from server.db import orders, pack_log, people, waves
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.packing.session import Phase
from server.domain.picks import totes
from server.domain.picks.totes import TOTE_MAX, InTote, Refusal
from server.domain.picks.waves import Mix
from server.domain.sales.orders import OrderStatus
from server.reading import ORDER_PREFIX, TOTE_PREFIX, WAVE_PREFIX, read
from server.usecases.masterdata.catalogue import read_catalog
from server.usecases.picks.waves import picked, wave_number

_LEFT = (OrderStatus.PACKED.value, OrderStatus.SHIPPED.value)
"""Orders whose goods lie in a box and in no tote."""


class Bound(NamedTuple):
    """What a scan of slip and tote did."""

    tote: str
    numbers: tuple[str, ...]
    wave_id: int | None


def bind(db: Database, actor: Actor, slip: str, tote: str, *, site_id: int | None = None) -> Bound:
    """The slip's order lies in this tote; the slip of a single-item wave binds all its orders.

    Its order is picked by that: a bench may open it. Doing it again changes nothing; another tote moves the order.
    ``site_id`` is the picker's. Raise DomainError: unknown_code, not_ready | on_hold | cancelled for an order that is
    not to be packed, in_use for a tote that holds something else, need_slip for the slip of another wave.
    """
    code = tote_code(tote)

    def once() -> Bound:
        with transaction(db, actor, "bind_tote") as tx:
            return _bind(tx, slip.strip(), code, site_id)

    return again(once)


def empty(db: Database, actor: Actor, tote: str, *, site_id: int | None = None) -> int:
    """Somebody put back what lay in the tote: it may take another order. Return how many orders left it."""
    code = tote_code(tote)
    with transaction(db, actor, "empty_tote") as tx:
        inside = [row.id for row in waves.in_tote(tx.connection, code, site_id)]
        waves.take_out(tx, inside)
        for order_id in inside:
            tx.note("tote.emptied", {"tote": code}, order=order_id)
        return len(inside)


def inside(connection: Connection, tote: str, *, site_id: int | None = None) -> Sequence[Row[Any]]:
    """Orders in a tote, of one site or of all: id, number, status, site_id, wave_id, mix."""
    return waves.in_tote(connection, tote_code(tote), site_id)


def tote_code(text: str) -> str:
    """The code of a tote as it is kept; raise DomainError("invalid")."""
    code = text.strip().upper().removeprefix(TOTE_PREFIX)
    if not (code.isascii() and code.isprintable() and code == code.strip() and 1 <= len(code) <= TOTE_MAX):
        what = f"tote: expected 1 to {TOTE_MAX} characters after {TOTE_PREFIX}, found {text[:40]!r}"
        raise DomainError("invalid", what, says="tote_code")
    return code


def order_in(connection: Connection, tote: str, item: str, bench_id: int) -> int:
    """The order a bench opens by this tote; ``item`` is the barcode of what was taken out of it, or empty.

    Raise DomainError: need_item when it holds several orders and nothing else was scanned, wrong_item, unknown_code.
    """
    code = tote_code(tote)
    site_id = people.bench(connection, bench_id).site_id
    rows = [row for row in waves.in_tote(connection, code, site_id) if row.status not in _LEFT]
    rows.sort(key=lambda row: _turn(connection, row, bench_id))
    skus = None
    if item.strip():
        skus = frozenset(match.sku for match in read(item, read_catalog(connection), at=0.0).matches)
    found = totes.whose(code, _as_values(connection, rows), skus)
    if isinstance(found, Refusal):
        raise found.error
    return found.order_id


def _turn(connection: Connection, row: Row[Any], bench_id: int) -> int:
    """What this bench has open goes first, so that it goes on after a crash; then what is ready, then the rest.

    An item that is left over belongs to an order that was stopped: opening that one says why.
    """
    if row.status == OrderStatus.READY:
        return 1
    if row.status != OrderStatus.PACKING:
        return 2
    live = pack_log.live_session(connection, row.id)
    mine = live is not None and live.bench_id == bench_id and live.state != Phase.PARKED
    return 0 if mine else 3


def _bind(tx: Transaction, slip: str, tote: str, site_id: int | None) -> Bound:
    if slip.upper().startswith(WAVE_PREFIX):
        wave_id, order_ids = _of_wave(tx.connection, wave_number(slip))
    else:
        wave_id, order_ids = None, [_order(tx.connection, slip)]
    rows = waves.lock_orders(tx, order_ids)
    if wave_id is None:
        _check_ready(rows[order_ids[0]], site_id)
    ready = [o for o in order_ids if rows[o].status == OrderStatus.READY and site_id in (None, rows[o].site_id)]
    if not ready:
        raise DomainError(Reason.NOT_READY, f"no order of wave {wave_id} waits to be picked here")
    here = int(rows[ready[0]].site_id)
    before = [row for row in waves.in_tote(tx.connection, tote, here) if row.status not in _LEFT]
    _check_room(tx, tote, before, ready)
    fresh = [o for o in ready if o not in {row.id for row in before}]
    waves.put_in_tote(tx, tote, here, ready)
    for order_id in fresh:
        tx.note("order.in_tote", {"tote": tote}, order=order_id)
    _picked(tx, ready)
    return Bound(tote, tuple(rows[o].number for o in ready), wave_id)


def _of_wave(connection: Connection, wave_id: int) -> tuple[int, list[int]]:
    wave = waves.find(connection, wave_id)
    if wave.mix != Mix.SINGLE:
        raise DomainError("need_slip", f"wave {wave_id} has one tote for each order: scan the order's own slip")
    return wave_id, [row.id for row in waves.orders_of(connection, wave_id) if row.status == OrderStatus.READY]


def _order(connection: Connection, slip: str) -> int:
    ref = slip[len(ORDER_PREFIX) :] if slip.upper().startswith(ORDER_PREFIX) else slip
    found = orders.by_ref(connection, ref) if ref else None
    if found is None:
        raise DomainError(Reason.UNKNOWN_CODE, "no order has this number")
    return int(found.id)


def _check_ready(order: Row[Any], site_id: int | None) -> None:
    words = {OrderStatus.CANCELLED: Reason.CANCELLED, OrderStatus.ON_HOLD: Reason.ON_HOLD}
    if order.status != OrderStatus.READY:
        code = words.get(OrderStatus(order.status), Reason.NOT_READY)
        raise DomainError(code, f"order {order.number} is {order.status}: put its goods back")
    if site_id not in (None, order.site_id):
        raise DomainError(Reason.NOT_READY, f"order {order.number} is not packed at this site: put its goods back")


def _check_room(tx: Transaction, tote: str, before: Sequence[Row[Any]], order_ids: Iterable[int]) -> None:
    lying = _as_values(tx.connection, before)
    for order_id in order_ids:
        wave = waves.wave_of(tx.connection, order_id)
        mix = Mix(wave.mix) if wave is not None else Mix.MULTI
        value = InTote(order_id, "", wave.id if wave is not None else None, mix)
        refusal = totes.bind(tote, lying, value)
        if refusal is not None:
            raise refusal.error
        lying = [*lying, value]


def _picked(tx: Transaction, order_ids: Iterable[int]) -> None:
    by_wave: dict[int, list[int]] = {}
    for order_id in order_ids:
        wave = waves.wave_of(tx.connection, order_id)
        if wave is not None and wave.state == waves.PICKING:
            # Also where the order came from another site's wave: nobody there fetches it any more.
            by_wave.setdefault(wave.id, []).append(order_id)
    for wave_id, some in sorted(by_wave.items()):
        waves.lock(tx, wave_id)
        picked(tx, wave_id, some)


def _as_values(connection: Connection, rows: Sequence[Row[Any]]) -> list[InTote]:
    skus = _single_skus(connection, [row for row in rows if row.mix == Mix.SINGLE])
    return [
        InTote(row.id, row.number, row.wave_id, Mix(row.mix) if row.mix else Mix.MULTI, skus.get(row.id, ""))
        for row in rows
    ]


def _single_skus(connection: Connection, rows: Sequence[Row[Any]]) -> Mapping[int, str]:
    return {row.id: line.sku for row in rows for line in orders.lines(connection, row.id) if line.sku}
