"""A node's day has so many places: an order takes one where it is routed to, and gives it back when it leaves."""

from typing import Any

import pytest
from sqlalchemy import select

from server.db import orders, tables
from server.db.transaction import Database
from server.domain.people import Role
from server.usecases.routes.nodes import set_node
from server.usecases.routes.overriding import override
from server.usecases.routes.promises import set_split
from server.usecases.routes.routing import set_rules
from server.usecases.routes.site_down import set_active
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.payments import flag_fraud
from server.usecases.starting.sites import add_site
from server.usecases.warehouse.counting import count_on_hand
from tests.book import BOSS, open_book, sell

RULES = {"rules": [{"id": "full", "kind": "capacity"}]}
DAY = 86_400.0


@pytest.fixture
def book(db: Database) -> Database:
    """EAST takes one order a day, WEST as many as come; both have candles."""
    open_book(db, candles=20)
    add_site(db, BOSS, "WEST", "West", rank=1)
    count_on_hand(db, BOSS, "CANDLE", "WEST", 20)
    set_node(db, BOSS, "EAST", {"capacity_per_day": 1})
    set_rules(db, BOSS, RULES)
    return db


def sold(db: Database, name: str, *lines: tuple[str, int], **more: Any) -> tuple[int, str]:
    """The order's id, and its site's code."""
    order_id = sell(db, name, *(lines or (("CANDLE", 1),)), **more).order_id
    with db.read() as connection:
        row = orders.find(connection, order_id)
        assert row is not None
        code = connection.execute(select(tables.site.c.code).where(tables.site.c.id == row.site_id)).scalar_one()
    return order_id, str(code)


def test_a_cancelled_order_gives_its_place_back_once(book: Database) -> None:
    first, site = sold(book, "S-1")
    assert (site, sold(book, "S-2")[1]) == ("EAST", "WEST")
    for _ in range(2):
        cancel_order(book, BOSS, first)
    assert [sold(book, name)[1] for name in ("S-3", "S-4")] == ["EAST", "WEST"]


def test_an_order_of_yesterday_has_no_place_of_today_to_give_back(book: Database) -> None:
    now = book.now()
    first, _ = sold(book, "S-1")
    book.now = lambda: now + DAY
    assert sold(book, "S-2")[1] == "EAST"
    cancel_order(book, BOSS, first)
    assert sold(book, "S-3")[1] == "WEST"


def test_an_order_on_hold_keeps_its_place_until_its_units_go_back(book: Database) -> None:
    unpaid, site = sold(book, "S-1", paid=False)
    assert (site, sold(book, "S-2")[1]) == ("EAST", "WEST")
    flag_fraud(book, BOSS, unpaid, True)
    assert sold(book, "S-3")[1] == "EAST"
    cancel_order(book, BOSS, unpaid)
    assert sold(book, "S-4")[1] == "WEST"


def places_taken(db: Database) -> dict[str, int]:
    t, s = tables.node_day, tables.site
    with db.read() as connection:
        rows = connection.execute(select(s.c.code, t.c.orders).join(s, s.c.id == t.c.site_id))
        return {row.code: row.orders for row in rows}


def test_each_part_of_a_split_order_gives_back_its_own_place(book: Database) -> None:
    set_split(book, BOSS, "shop", True)
    count_on_hand(book, BOSS, "MUG", "WEST", 5)
    sold(book, "S-1", ("SOAP", 1), ("MUG", 1))
    assert places_taken(book) == {"EAST": 1, "WEST": 1}
    cancel_order(book, BOSS, ("shop", "S-1"))
    assert places_taken(book) == {"EAST": 0, "WEST": 0}


def test_an_order_that_is_sent_on_or_whose_site_goes_down_gives_its_place_back(book: Database) -> None:
    first, _ = sold(book, "S-1")
    override(book, BOSS, {Role.ADMIN}, first, "WEST", "no boxes in the east")
    assert sold(book, "S-2")[1] == "EAST"
    set_active(book, BOSS, "EAST", False, "no power")
    set_active(book, BOSS, "EAST", True)
    assert [sold(book, name)[1] for name in ("S-3", "S-4")] == ["EAST", "WEST"]


def test_the_record_of_an_order_that_moved_names_the_sites_as_people_do(book: Database) -> None:
    sold(book, "S-1")
    set_active(book, BOSS, "EAST", False, "no power")
    a = tables.audit
    with book.read() as connection:
        detail = connection.execute(select(a.c.detail).where(a.c.action == "order.moved")).scalar_one()
    assert (detail["from"], detail["to"]) == ("EAST", "WEST")


def test_an_order_that_loses_its_goods_at_a_count_gives_its_place_back(book: Database) -> None:
    sold(book, "S-1", ("SOAP", 1))
    assert places_taken(book) == {"EAST": 1}
    count_on_hand(book, BOSS, "SOAP", "EAST", 0)
    assert places_taken(book) == {"EAST": 0}
