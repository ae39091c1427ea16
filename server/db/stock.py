"""Rows of stock and its ledger. Locks are taken in (sku, site) order, for all sites of a SKU at once."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction
from server.domain.stock import Move, StockLevel

_t = tables.stock
Levels = dict[tuple[str, int], StockLevel]


def create_missing(tx: Transaction, pairs: Iterable[tuple[str, int]]) -> None:
    """Empty rows for these (sku, site) where there are none.

    The product is locked first: two transactions that each add a site to one SKU must see each other's row.
    """
    wanted = set(pairs)
    skus = sorted({sku for sku, _ in wanted})
    have = tx.connection.execute(select(_t.c.sku, _t.c.site_id).where(_t.c.sku.in_(skus)))
    missing = sorted(wanted - {(row.sku, row.site_id) for row in have})
    if missing:
        p = tables.product
        lock = select(p.c.sku).where(p.c.sku.in_(skus)).order_by(p.c.sku).with_for_update(key_share=True)
        tx.connection.execute(lock).all()
        rows = [{"sku": sku, "site_id": site, "on_hand": 0, "reserved": 0} for sku, site in missing]
        tx.connection.execute(insert_into(tx.connection, _t).on_conflict_do_nothing(), rows)


def lock(tx: Transaction, skus: Iterable[str]) -> Levels:
    """The levels of these SKUs at every site, locked."""
    query = select(_t).where(_t.c.sku.in_(sorted(set(skus)))).order_by(_t.c.sku, _t.c.site_id).with_for_update()
    return {
        (r.sku, r.site_id): StockLevel(r.sku, r.site_id, r.on_hand, r.reserved) for r in tx.connection.execute(query)
    }


def write(tx: Transaction, sku: str, site_id: int, d_on_hand: int, d_reserved: int) -> bool:
    """Move the counters of one row unless 0 <= reserved <= on_hand would break; False when it would."""
    on_hand, reserved = _t.c.on_hand + d_on_hand, _t.c.reserved + d_reserved
    query = (
        update(_t)
        .where(_t.c.sku == sku, _t.c.site_id == site_id, reserved >= 0, reserved <= on_hand)
        .values(on_hand=on_hand, reserved=reserved)
    )
    return tx.connection.execute(query).rowcount == 1


def append_ledger(tx: Transaction, moves: Iterable[Move], order_id: int | None, audit_id: int) -> None:
    """One ledger row for each move."""
    same = {"at": tx.now, "order_id": order_id, "audit_id": audit_id}
    rows = [same | asdict(move) | {"kind": move.kind.value} for move in moves]
    tx.connection.execute(insert(tables.ledger), rows)


def put_reserved(tx: Transaction, order_id: int, moves: Iterable[Move]) -> None:
    """What an order holds. A row that was released before is used again."""
    made = insert_into(tx.connection, tables.reservation)
    query = made.on_conflict_do_update(
        index_elements=["order_id", "sku", "site_id"],
        set_={"quantity": made.excluded.quantity, "state": "reserved"},
        where=tables.reservation.c.state == "released",
    )
    rows = [
        {"order_id": order_id, "sku": m.sku, "site_id": m.site_id, "quantity": m.d_reserved, "state": "reserved"}
        for m in moves
    ]
    tx.connection.execute(query, rows)


def end_reserved(tx: Transaction, order_ids: Iterable[int], state: str) -> Sequence[Row[Any]]:
    """Lock the live reservations of these orders, give them their last state, and return them: once each."""
    r = tables.reservation
    query = select(r).where(r.c.order_id.in_(sorted(set(order_ids))), r.c.state == "reserved")
    rows = tx.connection.execute(query.order_by(r.c.order_id, r.c.sku, r.c.site_id).with_for_update()).all()
    done = update(r).where(r.c.order_id.in_({row.order_id for row in rows}), r.c.state == "reserved")
    tx.connection.execute(done.values(state=state))
    return rows


def available(connection: Connection, skus: Iterable[str]) -> dict[str, int]:
    """Sellable units over all sites; a SKU without a stock row is missing."""
    query = select(_t.c.sku, func.sum(_t.c.on_hand - _t.c.reserved)).where(_t.c.sku.in_(sorted(set(skus))))
    return {sku: int(units) for sku, units in connection.execute(query.group_by(_t.c.sku))}


def of_sku(connection: Connection, sku: str) -> Sequence[Row[Any]]:
    """The rows of one SKU with the site's code."""
    site = tables.site
    query = select(_t, site.c.code.label("site")).join(site, site.c.id == _t.c.site_id)
    return connection.execute(query.where(_t.c.sku == sku).order_by(_t.c.site_id)).all()


def set_bin(tx: Transaction, sku: str, site_id: int, bin_code: str) -> None:
    """Where the SKU lies at this site."""
    tx.connection.execute(update(_t).where(_t.c.sku == sku, _t.c.site_id == site_id).values(bin=bin_code))
