"""Goods of a cancelled order's packed box go back to the shelf: for sale again when they are scanned there (CAN-04)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, update

from server.db import orders, parcels, serials, tables
from server.db import sites as db_sites
from server.db import stock as db_stock
from server.db.transaction import Actor, Database, Transaction
from server.domain.booking.lots import Incoming
from server.domain.booking.stock import Move, MoveKind
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.usecases.booking.stock import Posting, post
from server.usecases.warehouse.goods import Answer, keyed

_r = tables.reservation


def waits(db: Database, site: str, ref: str) -> tuple[str, list[Incoming]]:
    """The number of the cancelled order with this number, parcel or tracking number, and what is still to be put back.

    Raise DomainError("not_found" | "not_cancelled" | "nothing_to_put_back").
    """
    with db.read() as connection:
        row = _order(connection, ref)
        left = _left(connection, row, db_sites.by_code(connection, site).id)
    return row.number, [Incoming(r.sku, r.quantity, r.lot) for r in left]


def put_back(
    db: Database, actor: Actor, site: str, ref: str, lines: Sequence[Incoming], *, gone: bool = False, key: str = ""
) -> Answer:
    """Units scanned out of the box lie on the shelf and may be sold at once; the others are kept out of sale.

    ``gone``: the others are not in the box, and leave the book. The answer: {"order", "back", "missing", "gone"} in
    units. Raise DomainError as ``waits``, and "not_in_box" for what that box never held.
    """

    def work(tx: Transaction) -> Answer:
        row = orders.lock(tx, _order(tx.connection, ref).id)
        site_id = db_sites.by_code(tx.connection, site).id
        taken, rest = _matched(row.number, _left(tx.connection, row, site_id), lines)
        _release(tx, row, taken, f"order {row.number} put back")
        _serials(tx, row.id, lines, whole=gone or not any(rest.values()))
        missing = sum(rest.values())
        if gone and missing:
            _release(tx, row, rest, f"order {row.number}: not in its box", lose=True)
        answer = {"order": row.number, "back": sum(taken.values()), "missing": missing, "gone": gone}
        tx.note("goods.put_back", answer | {"site": site}, order=row.id)
        return answer

    content = [site, ref, gone, [[e.sku, e.units, e.lot, list(e.serials)] for e in lines]]
    return keyed(db, actor, "put_back", work, key=key, content=content)


_Units = dict[tuple[str, int, str], int]
"""Units by row of stock."""


def _order(connection: Connection, ref: str) -> Row[Any]:
    parcel = parcels.known_to(connection, ref.strip())
    row = orders.find(connection, parcel.order_id) if parcel else orders.by_ref(connection, ref)
    if row is None:
        what = f"expected a parcel or an order, found {ref[:40]!r}"
        raise DomainError("not_found", what, says="goods_paper", ref=ref[:40])
    if row.status != OrderStatus.CANCELLED:
        what = f"order {row.number} is not cancelled: its goods stay in the box"
        raise DomainError("not_cancelled", what, says="goods_not_cancelled", order=row.number)
    return row


def _left(connection: Connection, row: Row[Any], site_id: int) -> list[Row[Any]]:
    """What the order still holds at this site; only a box that waits to be put back holds anything."""
    left = [held for held in db_stock.live(connection, row.id) if held.site_id == site_id]
    if not left:
        what = f"nothing of order {row.number} is to be put back here"
        raise DomainError("nothing_to_put_back", what, says="goods_nothing", order=row.number)
    return left


def _matched(number: str, left: Sequence[Row[Any]], lines: Sequence[Incoming]) -> tuple[_Units, _Units]:
    """What was scanned by row of stock, and what was not; a scan without its lot takes the lots in their order."""
    rest = {(r.sku, r.site_id, r.lot): int(r.quantity) for r in left}
    taken: _Units = {}
    for line in sorted(lines, key=lambda each: not each.lot):
        units = line.units
        for key in [k for k in rest if k[0] == line.sku and line.lot in ("", k[2])]:
            some = min(units, rest[key])
            rest[key] -= some
            units -= some
            if some:
                taken[key] = taken.get(key, 0) + some
        if units or line.units < 1:
            what = f"{line.units} of {line.sku} is more than the box of order {number} held"
            named = {"sku": line.sku, "order": number}
            raise DomainError("not_in_box", what, says="goods_not_in_box", units=line.units, **named)
    return taken, {key: units for key, units in rest.items() if units}


def _release(tx: Transaction, row: Row[Any], units: _Units, why: str, *, lose: bool = False) -> None:
    """Give up the order's claim; with ``lose`` the units leave the book as well."""
    moves = [Move(MoveKind.RELEASE, sku, site, 0, -n, lot=lot) for (sku, site, lot), n in sorted(units.items())]
    if lose:
        moves += [Move(MoveKind.WRITE_OFF, sku, site, -n, lot=lot) for (sku, site, lot), n in sorted(units.items())]
    for key, n in units.items():
        db_stock.shrink_reserved(tx, row.id, key, n)
    post(tx, [Posting(moves, order_id=row.id, channel_id=row.channel_id, reason=why)])
    emptied = (_r.c.order_id == row.id) & (_r.c.state == "released")
    tx.connection.execute(update(_r).where(emptied).values(state="put_back"))


def _serials(tx: Transaction, order_id: int, lines: Sequence[Incoming], *, whole: bool) -> None:
    named = {(line.sku, serial) for line in lines for serial in line.serials}
    serials.unpack(tx, order_id, named)
    if whole:
        serials.give_back(tx, [order_id])
