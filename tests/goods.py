"""Two sites, kits and lots for tests of goods in motion; and what the book must always say."""

from typing import Any

from sqlalchemy import func, select

from server.db import tables
from server.db.transaction import Database
from server.domain.booking.stock import MoveKind
from server.domain.masterdata.catalog import Product
from server.usecases.masterdata.catalogue import CodeEntry, put_product
from server.usecases.starting.sites import add_site
from server.usecases.warehouse.counting import count_on_hand
from server.usecases.warehouse.goods import set_tracking
from tests.book import BOSS, open_book

K = MoveKind


def open_goods(db: Database) -> None:
    """As ``tests.book.open_book``, with a second site WEST, a kit's product SPA and CREAM, which is kept by lot."""
    open_book(db)
    add_site(db, BOSS, "WEST", "West", rank=1)
    put_product(db, BOSS, Product("SPA", "Spa box"), [CodeEntry("7501031311309")])
    put_product(db, BOSS, Product("GIFT", "Gift box"), [])
    put_product(db, BOSS, Product("CREAM", "Cream"), [])
    set_tracking(db, BOSS, "CREAM", lots=True, expiry=True)
    count_on_hand(db, BOSS, "MUG", "EAST", 4)


def counters(db: Database, sku: str, site: str = "EAST", lot: str = "") -> tuple[int, int, int, int]:
    """(on hand, reserved, held, in transit) of one row; zeros when there is none."""
    t, s = tables.stock, tables.site
    query = select(t.c.on_hand, t.c.reserved, t.c.held, t.c.in_transit).join(s, s.c.id == t.c.site_id)
    with db.read() as connection:
        row = connection.execute(query.where(t.c.sku == sku, s.c.code == site, t.c.lot == lot)).first()
    return tuple(row) if row else (0, 0, 0, 0)


def check_conserved(db: Database) -> None:
    """Received + returned + built + found = on hand + shipped + in transit + lost + written off + consumed, per SKU.

    The left side and the leavings are read from the ledger by their words, what is there from the counters.
    """
    for sku, by_kind in ledger_by_kind(db).items():

        def hand(kind: MoveKind, of: dict[str, tuple[int, int]] = by_kind) -> int:
            return of.get(kind.value, (0, 0))[0]

        lost = -by_kind.get(K.LOSE.value, (0, 0))[1]
        came = hand(K.RECEIVE) + hand(K.RETURN) + hand(K.BUILD) + hand(K.COUNT)
        left = -hand(K.SHIP) - hand(K.WRITE_OFF) - hand(K.CONSUME) + lost
        on_hand, in_transit = there(db, sku)
        assert came == on_hand + in_transit + left, (sku, by_kind)
        moved = by_kind.get(K.DISPATCH.value, (0, 0)), by_kind.get(K.ARRIVE.value, (0, 0))
        assert all(d_on_hand + d_transit == 0 for d_on_hand, d_transit in moved), sku
        assert {k: hand(K(k)) for k in by_kind if k in _PROMISES and hand(K(k))} == {}


_PROMISES = {k.value for k in (K.RESERVE, K.RELEASE, K.HOLD, K.UNHOLD, K.EXPIRE, K.CLAIM)}


def ledger_by_kind(db: Database) -> dict[str, dict[str, tuple[int, int]]]:
    """(on hand, in transit) summed for each SKU and kind of move."""
    t = tables.ledger
    query = select(t.c.sku, t.c.kind, func.sum(t.c.d_on_hand), func.sum(t.c.d_transit)).group_by(t.c.sku, t.c.kind)
    found: dict[str, dict[str, tuple[int, int]]] = {}
    with db.read() as connection:
        for sku, kind, on_hand, transit in connection.execute(query):
            found.setdefault(sku, {})[kind] = int(on_hand), int(transit)
    return found


def there(db: Database, sku: str) -> tuple[int, int]:
    """(on hand, in transit) over all rows."""
    t = tables.stock
    query: Any = select(func.sum(t.c.on_hand), func.sum(t.c.in_transit)).where(t.c.sku == sku)
    with db.read() as connection:
        on_hand, transit = connection.execute(query).one()
        return int(on_hand or 0), int(transit or 0)
