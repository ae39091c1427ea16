"""An order that was split is followed part by part: what is over for one is not for the others."""

import pytest
from sqlalchemy import func, select

from server.db import sites, tables
from server.db.transaction import Database
from server.domain.sales.cancellation import CancelReason
from server.trade.orders import ChannelOrder
from server.usecases.routes import promises
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.following import Source, follow
from server.usecases.sales.intake import at_once
from server.usecases.starting.sites import add_site
from server.usecases.warehouse.counting import count_on_hand
from tests.book import BOSS, incoming, open_book, sell


@pytest.fixture
def source(db: Database) -> Source:
    open_book(db, candles=1)
    add_site(db, BOSS, "WEST", "West", rank=1)
    count_on_hand(db, BOSS, "CANDLE", "WEST", 2)
    promises.set_split(db, BOSS, "shop", True)
    assert sell(db, "S-1", ("CANDLE", 3)).status == "ready"
    with db.read() as connection:
        row = sites.channel(connection, "shop")
    assert row is not None
    return Source(row, BOSS)


def parts_of(db: Database) -> list[tuple[int, str, int]]:
    o, r = tables.order, tables.reservation
    units = func.coalesce(func.sum(r.c.quantity).filter(r.c.state == "reserved"), 0)
    query = select(o.c.id, o.c.status, units).join(r, r.c.order_id == o.c.id, isouter=True)
    with db.read() as connection:
        return [tuple(row) for row in connection.execute(query.group_by(o.c.id, o.c.status).order_by(o.c.id))]


def test_a_buyer_who_cancels_all_of_it_stops_the_part_that_was_left(db: Database, source: Source) -> None:
    first, second = parts_of(db)
    cancel_order(db, BOSS, first[0], "ours", CancelReason.SELLER)
    seen = ChannelOrder(order=incoming("S-1", ("CANDLE", 3)), changed_at=9.0, cancelled=True)
    assert follow(db, source, [seen], at_once(db)) == [None]
    assert [(status, units) for _, status, units in parts_of(db)] == [("cancelled", 0), ("cancelled", 0)]
    assert second[1] == "ready"
