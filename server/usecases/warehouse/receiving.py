"""Goods come in: from a supplier, back from a buyer. The moment it is scanned it may be sold (LOC-05)."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Row, select, update

from server.db import sites as db_sites
from server.db import tables
from server.db.dialect import insert_into
from server.db.serials import IN_STOCK
from server.db.transaction import Actor, Database, Transaction
from server.domain.booking.lots import Incoming, day_in, incoming
from server.domain.booking.stock import Move, MoveKind
from server.domain.errors import DomainError
from server.usecases.booking.stock import Posting, post
from server.usecases.warehouse import goods
from server.usecases.warehouse.goods import Answer, keyed, product_of, tracking_of

LINES_MAX = 500
_u, _i, _o = tables.serial_unit, tables.inbound, tables.order


def receive_goods(
    db: Database, actor: Actor, site: str, lines: Sequence[Incoming], *, ref: str = "", key: str = ""
) -> Answer:
    """Book a delivery, all of it or nothing; ``ref`` is the purchase order or advice, ``key`` makes a repeat harmless.

    The answer: {"site", "ref", "lines": [{"sku", "lot", "expires_on", "units"}]}. Raise DomainError as
    ``domain.lots.incoming`` does, naming what is missing.
    """
    _some(lines)

    def work(tx: Transaction) -> Answer:
        site_row = db_sites.by_code(tx.connection, site)
        booked = [_booked(tx, site_row, line) for line in lines]
        for line in booked:
            goods.put_row(tx, (line.sku, site_row.id, line.lot), line.expires_on)
        moves = [Move(MoveKind.RECEIVE, line.sku, site_row.id, line.units, lot=line.lot) for line in booked]
        post(tx, [Posting(moves, reason=f"receipt {ref}".strip()[:255])])
        for line in booked:
            _put_serials(tx, line, site_row.id)
            _fulfil_advice(tx, ref, line, site_row.id)
        _note(tx, "goods.received", site_row, booked, why=ref)
        return _answer(site_row.code, booked) | {"ref": ref}

    return keyed(db, actor, "receive", work, key=key, content=[site, ref, [asdict(line) for line in lines]])


def take_back(
    db: Database,
    actor: Actor,
    site: str,
    lines: Sequence[Incoming],
    *,
    order_id: int | None = None,
    reason: str,
    key: str = "",
) -> Answer:
    """Units that had left come back to the shelf for sale; with ``order_id`` never more than it shipped.

    What is not fit for sale is not taken back to stock: it never enters the book. Raise DomainError("not_shipped")
    beside what ``receive_goods`` raises.
    """
    _some(lines)
    why = goods.reason_text(reason)

    def work(tx: Transaction) -> Answer:
        site_row = db_sites.by_code(tx.connection, site)
        booked = [_booked(tx, site_row, line) for line in lines]
        if order_id is not None:
            _check_shipped(tx, order_id, booked)
        for line in booked:
            goods.put_row(tx, (line.sku, site_row.id, line.lot), line.expires_on)
        moves = [Move(MoveKind.RETURN, line.sku, site_row.id, line.units, lot=line.lot) for line in booked]
        post(tx, [Posting(moves, order_id=order_id, reason=why)])
        for line in booked:
            _put_serials(tx, line, site_row.id)
        _note(tx, "goods.returned", site_row, booked, why=why, order_id=order_id)
        return _answer(site_row.code, booked)

    content = [site, order_id, why, [asdict(line) for line in lines]]
    return keyed(db, actor, "return", work, key=key, content=content)


def advise(
    db: Database, actor: Actor, ref: str, site: str, lines: dict[str, int], *, expected_at: float | None = None
) -> None:
    """Goods are on their way from a supplier; the same ``ref`` again replaces the quantities."""
    if not 0 < len(ref) <= 64 or not ref.isprintable():
        raise DomainError("invalid", f"expected a reference of 1 to 64 printable characters, found {ref[:40]!r}")

    def work(tx: Transaction) -> Answer:
        site_id = db_sites.by_code(tx.connection, site).id
        for sku, quantity in sorted(lines.items()):
            product_of(tx.connection, sku)
            values = {"quantity": goods.units(quantity, sku), "expected_at": expected_at}
            made = insert_into(tx.connection, _i).values(ref=ref, sku=sku, site_id=site_id, **values)
            tx.connection.execute(made.on_conflict_do_update(index_elements=["ref", "sku", "site_id"], set_=values))
            tx.note("inbound.advised", {"ref": ref, "site": site, "units": quantity}, sku=sku)
        return {}

    keyed(db, actor, "advise", work)


def _some(lines: Sequence[Incoming]) -> None:
    if not 0 < len(lines) <= LINES_MAX:
        what = f"expected 1 to {LINES_MAX} lines, found {len(lines)}"
        raise DomainError("invalid", what, says="goods_lines", most=LINES_MAX)


def _booked(tx: Transaction, site: Row[Any], given: Incoming) -> Incoming:
    product = product_of(tx.connection, given.sku)
    here = goods.serials_here(tx.connection, product.sku, [serial.strip() for serial in given.serials])
    lot = given.lot.strip()
    known = goods.expiry_of(tx.connection, product.sku, lot) if lot.isprintable() else None
    checked = replace(given, sku=product.sku)
    today = day_in(tx.now, site.time_zone)
    return incoming(checked, tracking_of(product), today, known_expiry=known, here=here)


def _put_serials(tx: Transaction, line: Incoming, site_id: int) -> None:
    """They are on the shelf. A unit that came back is still found with the order it left with."""
    for serial in sorted(line.serials):
        values = {"site_id": site_id, "state": IN_STOCK, "at": tx.now}
        made = insert_into(tx.connection, _u).values(sku=line.sku, serial=serial, **values)
        tx.connection.execute(made.on_conflict_do_update(index_elements=["sku", "serial"], set_=values))


def _fulfil_advice(tx: Transaction, ref: str, line: Incoming, site_id: int) -> None:
    """What was advised under this reference, if anything was."""
    if not ref:
        return
    mine = (_i.c.ref == ref) & (_i.c.sku == line.sku) & (_i.c.site_id == site_id)
    row = tx.connection.execute(select(_i).where(mine).with_for_update()).first()
    if row is not None:
        tx.connection.execute(update(_i).where(_i.c.id == row.id).values(received=row.received + line.units))


def _check_shipped(tx: Transaction, order_id: int, lines: Sequence[Incoming]) -> None:
    """What left with the order, less what came back already; both are in the ledger under the order."""
    # The order's lock keeps two returns of it apart.
    row = tx.connection.execute(select(_o).where(_o.c.id == order_id).with_for_update()).first()
    if row is None:
        raise DomainError("not_found", f"there is no order with id {order_id}")
    ledger = tables.ledger
    kinds = (MoveKind.SHIP.value, MoveKind.RETURN.value)
    query = select(ledger.c.sku, ledger.c.d_on_hand).where(ledger.c.order_id == order_id, ledger.c.kind.in_(kinds))
    out: dict[str, int] = {}
    for sku, units in tx.connection.execute(query):
        out[sku] = out.get(sku, 0) - units
    for line in lines:
        out[line.sku] = out.get(line.sku, 0) - line.units
        if out[line.sku] < 0:
            raise DomainError(
                "not_shipped",
                f"order {row.number} sent {out[line.sku] + line.units} units of {line.sku} that are still out, "
                f"found {line.units}",
            )


def _note(
    tx: Transaction, action: str, site: Row[Any], lines: Sequence[Incoming], *, why: str, order_id: int | None = None
) -> None:
    for line in lines:
        detail = {"site": site.code, "units": line.units, "why": why}
        lot = {"lot": line.lot, "expires_on": line.expires_on} if line.lot else {}
        serials = {"serials": list(line.serials)} if line.serials else {}
        tx.note(action, detail | lot | serials, sku=line.sku, order=order_id)


def _answer(site: str, lines: Sequence[Incoming]) -> Answer:
    told = [{"sku": e.sku, "lot": e.lot, "expires_on": e.expires_on, "units": e.units} for e in lines]
    return {"site": site, "lines": told}
