"""The stock book: every change of a counter goes through ``move`` and leaves a ledger row, an audit row and a push."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import Row, insert

from server.db import catalogue as products
from server.db import sites as db_sites
from server.db import stock as db_stock
from server.db import tables
from server.db.again import again
from server.db.stock import Levels
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.reservation import Demand, Refused, Reserved, decide
from server.domain.stock import Move, MoveKind, StockLevel, moved
from server.usecases import outbox

UNITS_MAX = 1_000_000_000
MovesByOrder = Mapping[int | None, Sequence[Move]]

log = structlog.get_logger("stock")


def move(tx: Transaction, moves: Iterable[Move], order_id: int | None = None) -> None:
    """Change counters, all or none; raise DomainError("negative_stock") before 0 <= reserved <= on_hand breaks."""
    move_orders(tx, {order_id: tuple(moves)})


def move_orders(tx: Transaction, moves: MovesByOrder) -> None:
    """As ``move`` for several orders at once; rows are locked in (sku, site) order whatever the orders are."""
    skus = {m.sku for some in moves.values() for m in some}
    if skus:
        _apply(tx, moves, db_stock.lock(tx, skus))


def reserve(tx: Transaction, order_id: int, lines: Sequence[Demand]) -> Reserved | Refused:
    """Take every line or none, decided over locked rows (RSV-02, RSV-05, VAL-01)."""
    levels = db_stock.lock(tx, {line.sku for line in lines})
    decision = decide(lines, levels, db_sites.ranked(tx.connection))
    if isinstance(decision, Reserved):
        _apply(tx, {order_id: decision.moves}, levels)
        db_stock.put_reserved(tx, order_id, decision.moves)
    return decision


def release_order(tx: Transaction, order_id: int) -> None:
    """Give back what the order holds; a second time nothing is left to give (CAN-01)."""
    release_orders(tx, [order_id])


def release_orders(tx: Transaction, order_ids: Iterable[int]) -> None:
    """As ``release_order`` for several."""
    move_orders(tx, _ending(db_stock.end_reserved(tx, order_ids, "released"), MoveKind.RELEASE))


def ship_order(tx: Transaction, order_id: int) -> None:
    """What the order holds has left the building: on hand and reserved fall, once (RSV-04)."""
    ship_orders(tx, [order_id])


def ship_orders(tx: Transaction, order_ids: Iterable[int]) -> None:
    """As ``ship_order`` for a whole load; one lock order, so that loads and sales cannot wait for each other."""
    move_orders(tx, _ending(db_stock.end_reserved(tx, order_ids, "shipped"), MoveKind.SHIP))


def receive(db: Database, actor: Actor, sku: str, site: str, units: int) -> None:
    """Goods came in at a site; ``units`` is positive."""
    if not 0 < units <= UNITS_MAX:
        raise DomainError("invalid", f"expected a positive number of units of {sku}, found {units}")

    def once() -> None:
        with transaction(db, actor, "receive") as tx:
            site_id = db_sites.by_code(tx.connection, site).id
            _known(tx, sku)
            db_stock.create_missing(tx, [(sku, site_id)])
            move(tx, [Move(MoveKind.RECEIVE, sku, site_id, units, 0)])

    again(once)


def count(db: Database, actor: Actor, sku: str, site: str, on_hand: int, *, bin_code: str | None = None) -> bool:
    """Write the counted number of units, and the shelf; True when anything changed.

    Raise DomainError("below_reserved") when orders hold more than was counted: they must be settled first.
    """
    if not 0 <= on_hand <= UNITS_MAX:
        raise DomainError("invalid", f"expected 0 to {UNITS_MAX} units of {sku}, found {on_hand}")
    if bin_code is not None and (len(bin_code) > 32 or not (bin_code.isprintable() or not bin_code)):
        raise DomainError("invalid", f"bin: expected at most 32 printable characters, found {bin_code[:40]!r}")

    def once() -> bool:
        with transaction(db, actor, "count") as tx:
            _known(tx, sku)
            site_row = db_sites.by_code(tx.connection, site)
            counted = _count(tx, sku, site_row, on_hand)
            return _shelve(tx, sku, site_row, bin_code) or counted

    return again(once)


def _count(tx: Transaction, sku: str, site: Row[Any], on_hand: int) -> bool:
    db_stock.create_missing(tx, [(sku, site.id)])
    levels = db_stock.lock(tx, [sku])
    level = levels[sku, site.id]
    if on_hand < level.reserved:
        held = f"orders hold {level.reserved} units of {sku} at {site.code}, more than the {on_hand} counted"
        raise DomainError("below_reserved", f"{held}; settle those orders first", reserved=level.reserved)
    if on_hand == level.on_hand:
        return False
    _apply(tx, {None: [Move(MoveKind.COUNT, sku, site.id, on_hand - level.on_hand, 0)]}, levels)
    return True


def _shelve(tx: Transaction, sku: str, site: Row[Any], bin_code: str | None) -> bool:
    before = next(row.bin for row in db_stock.of_sku(tx.connection, sku) if row.site_id == site.id)
    if bin_code is None or bin_code == before:
        return False
    db_stock.set_bin(tx, sku, site.id, bin_code)
    tx.note("stock.bin", {"site": site.code, "before": before, "after": bin_code}, sku=sku)
    return True


def _known(tx: Transaction, sku: str) -> None:
    if products.product(tx.connection, sku) is None:
        raise DomainError("unknown_sku", f"there is no product {sku!r}; add it first")


def _ending(rows: Iterable[Row[Any]], kind: MoveKind) -> dict[int | None, list[Move]]:
    by_order: dict[int | None, list[Move]] = {}
    for row in rows:
        d_on_hand = -row.quantity if kind is MoveKind.SHIP else 0
        by_order.setdefault(row.order_id, []).append(Move(kind, row.sku, row.site_id, d_on_hand, -row.quantity))
    return by_order


def _apply(tx: Transaction, moves: MovesByOrder, levels: Levels) -> None:
    """Judge every move on the locked levels, then write; the UPDATE's own condition is the last word."""
    after = dict(levels)
    for m in (m for some in moves.values() for m in some):
        try:
            after[m.sku, m.site_id] = moved(after.get((m.sku, m.site_id), StockLevel(m.sku, m.site_id, 0, 0)), m)
        except DomainError:
            log.warning("negative_stock", sku=m.sku, site=m.site_id, kind=m.kind.value)
            raise
    _write(tx, moves)
    causes: dict[str, int] = {}
    for order_id, some in moves.items():
        if some:
            causes |= dict.fromkeys((m.sku for m in some), _record(tx, order_id, some))
    outbox.queue_stock(tx, causes, caused_by=causes)


def _write(tx: Transaction, moves: MovesByOrder) -> None:
    on_hand, reserved = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    for m in (m for some in moves.values() for m in some):
        on_hand[m.sku, m.site_id] += m.d_on_hand
        reserved[m.sku, m.site_id] += m.d_reserved
    for sku, site_id in sorted(on_hand):
        if not db_stock.write(tx, sku, site_id, on_hand[sku, site_id], reserved[sku, site_id]):
            raise DomainError("negative_stock", f"{sku} at site {site_id} would leave 0 <= reserved <= on hand")


def _record(tx: Transaction, order_id: int | None, moves: Sequence[Move]) -> int:
    told = [[m.kind.value, m.sku, m.site_id, m.d_on_hand, m.d_reserved] for m in moves]
    audit_id = tx.note("stock.moved", {"moves": told}, order=order_id)
    subjects = [{"audit_id": audit_id, "kind": "sku", "ref": sku} for sku in sorted({m.sku for m in moves})]
    tx.connection.execute(insert(tables.audit_subject), subjects)
    db_stock.append_ledger(tx, moves, order_id, audit_id)
    return audit_id
