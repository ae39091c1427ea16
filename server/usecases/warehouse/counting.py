"""A person counts a shelf; the book follows, without losing or doubling what is packed (LOC-06)."""

from sqlalchemy import Connection

from server.db import away
from server.db import stock as db_stock
from server.db.stock import Levels
from server.db.transaction import Actor, Database, Transaction
from server.domain.booking.lots import UNITS_MAX
from server.domain.booking.stock import Move, MoveKind, StockKey, StockLevel
from server.domain.errors import DomainError
from server.domain.warehouse.counting import MovedMeanwhile, Shelf, counted
from server.usecases.booking import shortfall
from server.usecases.booking.stock import Posting, post
from server.usecases.warehouse import goods
from server.usecases.warehouse.goods import Answer, keyed


def begin_count(db: Database, sku: str, site: str, *, lot: str = "") -> Answer:
    """Before looking at the shelf: {"sku", "site", "lot", "expected", "away"}, in units.

    Whoever counts should not see ``expected``; it goes back with the number, so that a shelf which changed meanwhile
    is counted again. Raise DomainError: unknown product, site or lot, and "being_picked" naming the orders.
    """
    with db.read() as connection:
        key = goods.row_of(connection, sku, site, lot)
        levels = {row.key: row for row in _levels(connection, key)}
        shelf = _shelf(connection, key, levels.get(key))
        _nobody_fetches(connection, key)
    return {"sku": key[0], "site": site, "lot": lot, "expected": shelf.expected, "away": shelf.away}


def count_shelf(
    db: Database,
    actor: Actor,
    sku: str,
    site: str,
    units: int,
    *,
    lot: str = "",
    reason: str,
    expected: int | None = None,
    key: str = "",
) -> Answer:
    """So many units are on the shelf; what is in totes and boxes is added, not counted.

    Too few for what is promised: promises are released by the conflict policy in the same transaction and an incident
    is opened. The answer: {"before", "after", "difference", "away", "released", "uncovered"}. Raise DomainError:
    "moved_meanwhile" when the shelf changed since ``expected`` was told, and as ``begin_count``.
    """
    if not 0 <= units <= UNITS_MAX:
        what = f"expected 0 to {UNITS_MAX} units of {sku}, found {units}"
        raise DomainError("invalid", what, says="goods_units", sku=sku, units=units)
    why = goods.reason_text(reason)

    def work(tx: Transaction) -> Answer:
        row = goods.row_of(tx.connection, sku, site, lot)
        return _count(tx, row, units, expected, why)

    return keyed(db, actor, "count", work, key=key, content=[sku, site, lot, units, expected, why])


def count_on_hand(
    db: Database,
    actor: Actor,
    sku: str,
    site: str,
    on_hand: int,
    *,
    lot: str = "",
    bin_code: str | None = None,
    reason: str = "stock list",
) -> bool:
    """A list says how many units are in the building, totes and boxes included, and on which shelf; True for a change.

    Too few for what is promised: as ``count_shelf``. Raise DomainError: unknown product, site or lot, "invalid".
    """
    if not 0 <= on_hand <= UNITS_MAX:
        raise DomainError("invalid", f"expected 0 to {UNITS_MAX} units of {sku}, found {on_hand}")
    if bin_code is not None and (len(bin_code) > 32 or not (bin_code.isprintable() or not bin_code)):
        raise DomainError("invalid", f"bin: expected at most 32 printable characters, found {bin_code[:40]!r}")
    why = goods.reason_text(reason)

    def work(tx: Transaction) -> Answer:
        key = goods.row_of(tx.connection, sku, site, lot)
        goods.put_row(tx, key)
        [before] = (row for row in db_stock.of_sku(tx.connection, key[0]) if (row.site_id, row.lot) == key[1:])
        if on_hand < before.on_hand:
            away.lock_orders(tx, key)  # Orders before stock.
        levels = db_stock.lock(tx, [key[0]])
        difference = on_hand - levels[key].on_hand
        if difference:
            _correct(tx, key, difference, levels, why)
        moved = bin_code is not None and bin_code != before.bin
        if moved:
            db_stock.set_bin(tx, key[0], key[1], bin_code or "", key[2])
            tx.note("stock.bin", {"site": site, "before": before.bin, "after": bin_code}, sku=key[0])
        return {"changed": bool(difference) or moved}

    return bool(keyed(db, actor, "count", work)["changed"])


def _count(tx: Transaction, key: StockKey, units: int, expected: int | None, why: str) -> Answer:
    goods.put_row(tx, key)
    # Sessions are judged under their order's lock; with it nothing gets into a box while we look.
    away.lock_orders(tx, key)
    levels = db_stock.lock(tx, [key[0]])
    _nobody_fetches(tx.connection, key)
    shelf = _shelf(tx.connection, key, levels[key])
    result = counted(shelf, units, expected)
    if isinstance(result, MovedMeanwhile):
        raise DomainError(
            "moved_meanwhile",
            f"{key[0]} moved while it was counted ({result.expected_then} expected then, {result.expected_now} now): "
            "count it again",
            says="goods_moved",
            sku=key[0],
        )
    gone = _correct(tx, key, result.difference, levels, why)
    after = result.on_hand + gone.uncovered
    answer: Answer = {"before": shelf.on_hand, "after": after, "difference": after - shelf.on_hand, "away": shelf.away}
    answer |= {"released": list(gone.released), "uncovered": gone.uncovered}
    tx.note("stock.counted", answer | {"site_id": key[1], "lot": key[2], "on_shelf": units, "why": why}, sku=key[0])
    return answer


def _correct(tx: Transaction, key: StockKey, difference: int, levels: Levels, why: str) -> shortfall.Gone:
    """So many units more or fewer are there than the book says; the rows are locked."""
    if difference < 0:
        return shortfall.remove(tx, key, -difference, MoveKind.COUNT, reason=why)
    if difference:
        post(tx, [Posting([Move(MoveKind.COUNT, key[0], key[1], difference, lot=key[2])], reason=why)], levels)
    return shortfall.Gone(0)


def _levels(connection: Connection, key: StockKey) -> list[StockLevel]:
    rows = db_stock.of_sku(connection, key[0])
    return [StockLevel(r.sku, r.site_id, r.on_hand, r.reserved, r.held, r.in_transit, r.lot) for r in rows]


def _shelf(connection: Connection, key: StockKey, level: StockLevel | None) -> Shelf:
    if level is None:
        return Shelf(0, 0, 0, 0)
    return Shelf(level.on_hand, level.reserved, level.held, away.units_away(connection, key))


def _nobody_fetches(connection: Connection, key: StockKey) -> None:
    numbers = away.being_fetched(connection, key)
    if numbers:
        who = ", ".join(numbers[:5])
        what = f"a picker fetches {key[0]} for {who}: count it when the tote is back"
        raise DomainError("being_picked", what, says="goods_picked", sku=key[0], orders=who)
