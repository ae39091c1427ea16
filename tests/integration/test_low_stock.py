"""Velocity from shipments, one alert for each crossing, and the morning's list."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from server.db import tables
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.domain.warehouse.lowstock import Level
from server.jobs import JOBS
from server.usecases.booking.stock import ship_order
from server.usecases.masterdata import reorder
from server.usecases.masterdata.daily import once_a_day
from server.usecases.masterdata.lowstock import follow, levels, set_supply
from server.usecases.starting.sites import add_site
from server.usecases.warehouse.counting import count_on_hand
from server.usecases.warehouse.goods import set_tracking
from tests.book import BOSS, count_rows, incidents_of, open_book, receive, sell

DAY = 86_400.0
START = 20_000 * DAY


@dataclass
class Clock:
    """The database's clock, moved by hand."""

    db: Database
    at: float = START

    def __post_init__(self) -> None:
        self.db.now = lambda: self.at

    def days(self, number: float) -> None:
        self.at += number * DAY


def ship(db: Database, order_id: str, sku: str, units: int) -> None:
    taken = sell(db, order_id, (sku, units))
    assert taken.status is OrderStatus.READY
    with transaction(db, BOSS, "ship") as tx:
        ship_order(tx, taken.order_id)


def level_of(db: Database, sku: str = "CANDLE", site: str = "EAST") -> Level:
    with db.read() as connection:
        return next(level for level in levels(connection, [sku], db.now()).values() if level.site == site)


def alerts(db: Database) -> int:
    """How many alerts were ever given."""
    return count_rows(db, tables.incident, tables.incident.c.type == "low_stock")


def test_the_threshold_follows_from_what_was_shipped_and_says_how(db: Database) -> None:
    clock = Clock(db)
    open_book(db, candles=100)
    for day in range(10):
        clock.days(1)
        ship(db, f"S-{day}", "CANDLE", 2)
    set_supply(db, BOSS, "CANDLE", lead_days=7, site="EAST", safety=5)
    reorder.morning(db)
    level = level_of(db)
    # On the shelf for ten days and the one that has begun.
    assert level.threshold.formula == "1.82 a day x 7 days + 5 safety = 18"
    assert (level.available, level.low) == (80, False)


def test_only_shipments_are_demand(db: Database) -> None:
    clock = Clock(db)
    open_book(db, candles=100)
    clock.days(1)
    count_on_hand(db, BOSS, "CANDLE", "EAST", 40)
    sell(db, "S-1", ("CANDLE", 10))
    reorder.morning(db)
    assert level_of(db).threshold.units == 0


def test_one_alert_for_a_crossing_and_not_one_for_each_sale(db: Database) -> None:
    open_book(db, candles=30)
    set_supply(db, BOSS, "CANDLE", site="EAST", safety=25)
    for number in range(10):
        sell(db, f"S-{number}", ("CANDLE", 2))
        follow(db)
    assert alerts(db) == 1
    [cause] = incidents_of(db, "low_stock")
    assert cause == "CANDLE is low at EAST: 24 available, threshold 0 a day x 14 days + 25 safety = 25"


def test_the_alert_ends_a_tenth_above_the_threshold_and_the_next_crossing_alerts_again(db: Database) -> None:
    open_book(db, candles=20)
    set_supply(db, BOSS, "CANDLE", site="EAST", safety=20)
    for on_hand, given, standing in ((19, 1, 1), (20, 1, 1), (21, 1, 1), (22, 1, 0), (20, 1, 0), (19, 2, 1)):
        count_on_hand(db, BOSS, "CANDLE", "EAST", on_hand)
        follow(db)
        assert (alerts(db), len(incidents_of(db, "low_stock"))) == (given, standing), on_hand


def test_a_threshold_that_is_raised_alerts_at_once(db: Database) -> None:
    open_book(db, candles=10)
    set_supply(db, BOSS, "CANDLE", site="EAST", safety=11)
    assert alerts(db) == 1


def test_alerts_are_for_each_site_and_for_the_total(db: Database) -> None:
    open_book(db, candles=30)
    add_site(db, BOSS, "WEST", "West")
    count_on_hand(db, BOSS, "CANDLE", "WEST", 30)
    set_supply(db, BOSS, "CANDLE", site="EAST", safety=20)
    set_supply(db, BOSS, "CANDLE", site="WEST", safety=5)
    count_on_hand(db, BOSS, "CANDLE", "EAST", 10)
    follow(db)
    assert [cause.split(":")[0] for cause in incidents_of(db, "low_stock")] == ["CANDLE is low at EAST"]
    count_on_hand(db, BOSS, "CANDLE", "WEST", 10)
    follow(db)
    assert [cause.split(":")[0] for cause in incidents_of(db, "low_stock")] == [
        "CANDLE is low at EAST",
        "CANDLE is low over all sites",
    ]


def test_a_product_of_one_site_is_not_told_twice(db: Database) -> None:
    open_book(db, candles=10)
    add_site(db, BOSS, "WEST", "West")
    count_on_hand(db, BOSS, "CANDLE", "WEST", 1)
    count_on_hand(db, BOSS, "CANDLE", "WEST", 0)
    set_supply(db, BOSS, "CANDLE", site="EAST", safety=20)
    assert alerts(db) == 1


def test_two_servers_that_watch_at_once_alert_once(db: Database) -> None:
    open_book(db, candles=10)
    set_supply(db, BOSS, "CANDLE", site="EAST", safety=10)
    sell(db, "S-1", ("CANDLE", 1))
    follow(db)
    other = Database(db.engine, db.now)
    follow(other)
    follow(db)
    assert alerts(db) == 1


def test_the_morning_list_is_sorted_by_days_of_cover(db: Database) -> None:
    clock = Clock(db)
    open_book(db, candles=28)
    clock.days(1)
    ship(db, "S-1", "CANDLE", 4)
    ship(db, "S-2", "SOAP", 6)
    set_supply(db, BOSS, "MUG", site="EAST", safety=3)
    clock.days(1)
    listed = reorder.morning(db)
    assert [(level.sku, level.cover_days) for level in listed] == [("SOAP", 2.0), ("CANDLE", 18.0), ("MUG", None)]
    with db.read() as connection:
        assert reorder.reorder(connection, db.now()) == listed
        assert [level.sku for level in reorder.reorder(connection, db.now(), site="EAST", soon_days=0)] == [
            "SOAP",
            "MUG",
        ]
        noted = connection.execute(select(tables.audit.c.detail).where(tables.audit.c.action == "reorder.listed"))
        assert [row["sku"] for row in noted.scalar_one()["levels"]] == ["SOAP", "CANDLE", "MUG"]


def test_what_a_supplier_owes_and_what_is_in_transit_is_counted_as_on_its_way(db: Database) -> None:
    open_book(db, candles=10)
    with transaction(db, BOSS, "order") as tx:
        site_id = tx.connection.execute(select(tables.site.c.id)).scalar_one()
        row = {"ref": "PO-1", "sku": "CANDLE", "site_id": site_id, "quantity": 30, "received": 10}
        tx.connection.execute(tables.inbound.insert().values(**row))
    [level] = set_supply(db, BOSS, "CANDLE", site="EAST", safety=50)
    assert (level.inbound, level.wanted) == (20, 55 - 10 - 20)


def test_a_product_sold_out_for_weeks_keeps_its_place_on_the_list(db: Database) -> None:
    clock = Clock(db)
    open_book(db, candles=10)
    clock.days(5)
    ship(db, "S-1", "CANDLE", 10)
    clock.days(60)
    assert [level.sku for level in reorder.morning(db)] == ["CANDLE"]
    assert level_of(db).threshold.velocity.shipped == 10


def test_lots_past_their_day_are_not_available(db: Database) -> None:
    clock = Clock(db)
    open_book(db, candles=0)
    set_tracking(db, BOSS, "CANDLE", lots=True, expiry=True)
    receive(db, "CANDLE", "EAST", 5, lot="OLD", expires_on="2024-10-05")
    receive(db, "CANDLE", "EAST", 7, lot="NEW", expires_on="2030-01-01")
    while f"{datetime.fromtimestamp(db.now(), UTC):%F}" < "2024-10-05":
        clock.days(1)
    assert level_of(db).available == 12, "a lot may be sold on its last day"
    clock.days(1)
    assert level_of(db).available == 7


def test_the_morning_is_done_once_a_day_by_one_server(db: Database) -> None:
    clock = Clock(db)
    open_book(db)
    a = tables.audit
    assert reorder.tick in [job.run for job in JOBS]
    for hours, mornings in ((4, 0), (1, 1), (1, 1), (23, 2)):
        clock.days(hours / 24)
        reorder.tick(db)
        assert count_rows(db, a, a.c.action == "reorder.listed") == mornings


def test_a_server_that_died_in_the_morning_is_given_up_after_an_hour(db: Database) -> None:
    clock = Clock(db, START + 6 * 3600)
    open_book(db)
    done = list[str]()

    def dies() -> None:
        raise OSError("killed")

    def once(work: Callable[[], object]) -> bool:
        return once_a_day(db, Actor("x"), "test", 5, work)

    with pytest.raises(OSError, match="killed"):
        once(dies)
    assert not once(lambda: done.append("too early"))
    clock.at += 3601
    assert once(lambda: done.append("second"))
    assert not once(lambda: done.append("third"))
    assert done == ["second"]


def test_what_cannot_be_is_refused(db: Database) -> None:
    open_book(db)
    for wrong in ({"lead_days": -1}, {"safety": 5}, {"safety": -5, "site": "EAST"}, {"safety": 5, "site": "NOWHERE"}):
        with pytest.raises(DomainError):
            set_supply(db, BOSS, "CANDLE", **wrong)
    with pytest.raises(DomainError):
        set_supply(db, BOSS, "GHOST", lead_days=3)
