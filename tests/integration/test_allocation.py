"""Allocation on both engines: rules by people, effective at once, and every channel's number told and explained."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from server.db import tables
from server.db.transaction import Database, transaction
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import Product
from server.domain.sales.orders import OrderStatus
from server.domain.sharing.allocation_rules import Kind
from server.domain.sharing.buffers import Formula
from server.domain.sharing.plans import Scope
from server.usecases.booking.reference import raise_version
from server.usecases.masterdata.catalogue import put_product
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.policies import set_channel_rules, set_life
from server.usecases.sharing.allocation import end_rules, put_plan, restart, set_rule
from server.usecases.sharing.allocation_plans import ChannelPlan, Plan, PlanFile, RuleWish, read_plan_file
from server.usecases.sharing.allocation_views import look_at, rules_now, withheld
from server.usecases.warehouse.counting import count_on_hand
from tests.book import BOSS, count_rows, open_book, publish, receive, sell

URL = "http://127.0.0.1:9"
S4 = """
[[plan]]
sku = "CANDLE"
hold_back = 5
reason = "launch"
[plan.channels.shop]
share = 30
[plan.channels.shop2]
share = 15
"""


def told(db: Database, sku: str = "CANDLE") -> dict[str, int]:
    """What each channel is told, newest."""
    publish(db)
    t, c = tables.outbox, tables.channel
    query = select(c.c.code, t.c.payload).join(c, c.c.id == t.c.channel_id).where(t.c.kind == "stock", t.c.key == sku)
    with db.read() as connection:
        return {row.code: row.payload["data"]["available"] for row in connection.execute(query.order_by(c.c.id))}


def wish(kind: Kind, amount: int | str | None = None, **fields: Any) -> RuleWish:
    return RuleWish(kind=kind, amount=amount, **fields)


def book(db: Database, candles: int = 50, channels: int = 3) -> None:
    open_book(db, candles=candles, channels=channels, url=URL)


def product_columns(db: Database, sku: str, **columns: Any) -> None:
    """As the product master does it."""
    with transaction(db, BOSS, "test") as tx:
        tx.connection.execute(update(tables.product).where(tables.product.c.sku == sku).values(**columns))
        raise_version(tx)


def test_every_channel_is_told_the_stock_less_ten_percent(db: Database) -> None:
    book(db)
    assert told(db) == {"shop": 50, "shop2": 50, "shop3": 50}
    set_rule(db, BOSS, wish(Kind.BUFFER, "10 %"))
    assert told(db) == {"shop": 45, "shop2": 45, "shop3": 45}
    sell(db, "S-1", ("CANDLE", 1))
    assert told(db) == {"shop": 44, "shop2": 44, "shop3": 44}, "44.1 is never rounded up"


def test_a_channel_whose_share_is_sold_is_told_zero_while_others_keep_theirs(db: Database) -> None:
    book(db)
    put_plan(db, BOSS, read_plan_file(S4.encode()))
    assert told(db) == {"shop": 30, "shop2": 15, "shop3": 0}
    assert sell(db, "A-1", ("CANDLE", 30)).status == OrderStatus.READY
    assert told(db) == {"shop": 0, "shop2": 15, "shop3": 0}
    assert sell(db, "A-2", ("CANDLE", 1)).status == OrderStatus.CONFLICT, "what is left is not the first channel's"
    assert sell(db, "B-1", ("CANDLE", 15), channel="shop2").status == OrderStatus.READY


def test_a_cancelled_order_gives_its_units_back_to_the_share(db: Database) -> None:
    book(db)
    put_plan(db, BOSS, read_plan_file(S4.encode()))
    taken = sell(db, "A-1", ("CANDLE", 30))
    cancel_order(db, BOSS, taken.order_id)
    assert told(db) == {"shop": 30, "shop2": 15, "shop3": 0}
    assert sell(db, "A-2", ("CANDLE", 30)).status == OrderStatus.READY


def test_of_a_hundred_units_marketplaces_consume_at_most_ninety(db: Database) -> None:
    book(db, candles=100)
    set_rule(db, BOSS, wish(Kind.RESERVE, "10 %", channel="shop"))
    sold = 0
    for n in range(60):
        taken = sell(db, f"M-{n}", ("CANDLE", 2), channel="shop2" if n % 2 else "shop3")
        sold += 2 * (taken.status == OrderStatus.READY)
    assert sold == 90
    assert told(db) == {"shop": 10, "shop2": 0, "shop3": 0}
    assert sell(db, "D-1", ("CANDLE", 10)).status == OrderStatus.READY


def test_a_plan_above_the_stock_is_refused_with_the_excess_named(db: Database) -> None:
    book(db)
    plan = read_plan_file((S4 + "[plan.channels.shop3]\nshare = 10\n").encode())
    with pytest.raises(DomainError, match="of 50: 10 too many") as refused:
        put_plan(db, BOSS, plan)
    assert (refused.value.code, refused.value.facts["excess"]) == ("over_allocated", 10)
    assert told(db) == {"shop": 50, "shop2": 50, "shop3": 50}
    assert count_rows(db, tables.allocation_rule) == 0
    outcome = put_plan(db, BOSS, plan, over_allocation=True)
    assert [str(one) for one in outcome.excesses] == [
        "the plan for CANDLE takes 60 (held back 5 + shop 30 + shop2 15 + shop3 10) of 50: 10 too many"
    ]
    assert told(db) == {"shop": 30, "shop2": 15, "shop3": 10}


def test_a_dry_run_shows_every_channel_before_and_after_and_changes_nothing(db: Database) -> None:
    book(db)
    outcome = put_plan(db, BOSS, read_plan_file(S4.encode()), dry_run=True)
    shown = [(c.sku, c.channel, c.before.units, c.after.units) for c in outcome.changes]
    assert shown == [("CANDLE", "shop", 50, 30), ("CANDLE", "shop2", 50, 15), ("CANDLE", "shop3", 50, 0)]
    assert count_rows(db, tables.allocation_rule) == 0
    assert told(db) == {"shop": 50, "shop2": 50, "shop3": 50}


def test_a_change_of_strategy_tells_every_affected_channel_again_and_nobody_else(db: Database) -> None:
    book(db)
    told(db)
    with db.engine.begin() as connection:
        connection.execute(update(tables.outbox).values(state="sent"))
    set_rule(db, BOSS, wish(Kind.CAP, 7, sku="CANDLE", channel="shop2"))
    publish(db)
    t, a = tables.outbox, tables.audit
    query = select(t.c.key, a.c.action, a.c.actor).join(a, a.c.id == t.c.caused_by).where(t.c.state == "waiting")
    with db.read() as connection:
        assert connection.execute(query).all() == [("CANDLE", "allocation.changed", "the boss")]
    assert told(db) == {"shop": 50, "shop2": 7, "shop3": 50}
    put_plan(db, BOSS, PlanFile([Plan(sku="CANDLE", buffer="50 %")]))
    assert told(db) == {"shop": 25, "shop2": 25, "shop3": 25}, "the plan takes the place of the cap"


def test_a_rule_of_a_group_reaches_its_products_only(db: Database) -> None:
    book(db)
    product_columns(db, "CANDLE", category="wax")
    set_rule(db, BOSS, wish(Kind.BUFFER, 8, group="wax"))
    assert told(db)["shop"] == 42
    assert told(db, "SOAP")["shop"] == 10
    with pytest.raises(DomainError, match="no product is in group 'tallow'; there are: wax"):
        set_rule(db, BOSS, wish(Kind.BUFFER, 8, group="tallow"))


def test_a_rule_takes_the_place_of_the_one_for_the_same_purpose(db: Database) -> None:
    book(db)
    for amount in ("10 %", 3):
        set_rule(db, BOSS, wish(Kind.BUFFER, amount))
    set_rule(db, BOSS, wish(Kind.DYNAMIC, formula=Formula(least=4)))
    with db.read() as connection:
        [rule] = rules_now(connection)
    assert rule.kind is Kind.DYNAMIC
    assert told(db)["shop"] == 46
    end_rules(db, BOSS, [rule.rule_id])
    assert told(db)["shop"] == 50
    with pytest.raises(DomainError, match="there is no rule"):
        end_rules(db, BOSS, [rule.rule_id])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (wish(Kind.SHARE, 1, sku="CANDLE", channel="amazon"), "there is no channel 'amazon'; there are: shop"),
        (wish(Kind.SHARE, 1, sku="LAMP", channel="shop"), "there is no product 'LAMP'"),
        (wish(Kind.SHARE, "a few", sku="CANDLE", channel="shop"), "expected units \\(30\\) or a percentage"),
        (wish(Kind.SHARE, "130 %", sku="CANDLE", channel="shop"), "expected 0 to 100 %"),
        (wish(Kind.SHARE, 1, sku="CANDLE"), "expected the channel it is for"),
        (wish(Kind.BUFFER, 1, starts="soon"), "expected a local time"),
        (wish(Kind.BUFFER, 1, reason="x\x00y"), "expected at most 255 printable"),
    ],
)
def test_a_rule_that_means_nothing_is_refused_and_leaves_nothing(
    sqlite_db: Database, asked: RuleWish, expected: str
) -> None:
    book(sqlite_db, channels=1)
    with pytest.raises(DomainError, match=expected):
        set_rule(sqlite_db, BOSS, asked)
    assert count_rows(sqlite_db, tables.allocation_rule) == 0


def test_equal_reserved_and_capped_stock_can_be_chosen_channel_by_channel(db: Database) -> None:
    book(db)
    plan = {"shop": ChannelPlan(reserve=20), "shop2": ChannelPlan(cap=4), "shop3": ChannelPlan(share="20 %")}
    put_plan(db, BOSS, PlanFile([Plan(sku="CANDLE", channels=plan)]))
    assert told(db) == {"shop": 40, "shop2": 4, "shop3": 10}
    equal = {code: ChannelPlan(equal=True) for code in ("shop", "shop2", "shop3")}
    put_plan(db, BOSS, PlanFile([Plan(sku="CANDLE", channels=equal)]))
    assert told(db) == {"shop": 16, "shop2": 16, "shop3": 16}


def test_the_risky_channel_is_withdrawn_first_when_stock_runs_low(db: Database) -> None:
    book(db, candles=12)
    set_rule(db, BOSS, wish(Kind.WITHDRAW, 10, channel="shop3"))
    set_rule(db, BOSS, wish(Kind.WITHDRAW, 5, channel="shop2"))
    assert told(db) == {"shop": 12, "shop2": 12, "shop3": 12}
    sell(db, "S-1", ("CANDLE", 3))
    assert told(db) == {"shop": 9, "shop2": 9, "shop3": 0}
    sell(db, "S-2", ("CANDLE", 5))
    assert told(db) == {"shop": 4, "shop2": 0, "shop3": 0}
    count_on_hand(db, BOSS, "CANDLE", "EAST", 30)
    assert told(db) == {"shop": 22, "shop2": 22, "shop3": 22}


def test_only_a_channel_that_is_allowed_to_is_shown_more_than_there_is(db: Database) -> None:
    book(db, candles=2)
    assert told(db) == {"shop": 2, "shop2": 2, "shop3": 2}
    set_channel_rules(db, BOSS, "shop2", {"oversell": 6})
    assert told(db) == {"shop": 2, "shop2": 8, "shop3": 2}
    sell(db, "S-1", ("CANDLE", 2), channel="shop2")
    assert told(db) == {"shop": 0, "shop2": 6, "shop3": 0}
    sell(db, "S-2", ("CANDLE", 5), channel="shop2")
    assert told(db) == {"shop": 0, "shop2": 1, "shop3": 0}


def test_a_made_to_order_product_is_told_its_number_and_never_takes_a_unit(db: Database) -> None:
    book(db)
    product_columns(db, "MUG", made_to_order=20)
    receive(db, "MUG", "EAST", 3)
    assert told(db, "MUG") == {"shop": 20, "shop2": 20, "shop3": 20}
    assert sell(db, "S-1", ("MUG", 9)).status == OrderStatus.READY
    assert told(db, "MUG") == {"shop": 20, "shop2": 20, "shop3": 20}
    with db.read() as connection:
        assert connection.execute(select(tables.stock.c.reserved).where(tables.stock.c.sku == "MUG")).scalar() == 0


def clock_at(db: Database, text: str) -> None:
    """The service's clock stands at this UTC time."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    db.now = lambda: moment


def test_a_season_raises_the_buffer_on_time_and_lowers_it_on_time(db: Database) -> None:
    """New York puts its clocks back on 1 November 2026: midnight is 04:00 UTC before and 05:00 after."""
    clock_at(db, "2026-10-30 12:00")
    book(db)
    dates = {"starts": "2026-10-31", "ends": "2026-11-02", "zone": "America/New_York"}
    set_rule(db, BOSS, wish(Kind.BUFFER, 5))
    set_rule(db, BOSS, wish(Kind.BUFFER, 30, **dates))
    assert told(db)["shop"] == 45
    for moment, number in (
        ("2026-10-31 03:59:59.9", 45),
        ("2026-10-31 04:00:00", 20),
        ("2026-11-02 04:59:59.9", 20),
        ("2026-11-02 05:00:00", 45),
    ):
        clock_at(db, moment)
        assert told(db)["shop"] == number, moment


def test_dates_without_a_zone_are_those_of_the_first_site(db: Database) -> None:
    clock_at(db, "2026-07-01 00:00")
    book(db)
    with db.engine.begin() as connection:
        connection.execute(update(tables.site).values(time_zone="Asia/Tokyo"))
    set_rule(db, BOSS, wish(Kind.BUFFER, 30, starts="2026-07-02"))
    clock_at(db, "2026-07-01 15:00")
    assert told(db)["shop"] == 20


def test_a_share_with_dates_binds_sales_from_its_first_moment_and_counts_from_there(db: Database) -> None:
    clock_at(db, "2026-07-01 00:00")
    book(db)
    set_rule(db, BOSS, wish(Kind.SHARE, 10, sku="CANDLE", channel="shop", starts="2026-07-02", zone="UTC"))
    assert sell(db, "S-1", ("CANDLE", 20)).status == OrderStatus.READY
    clock_at(db, "2026-07-02 00:00")
    assert sell(db, "S-2", ("CANDLE", 4)).status == OrderStatus.READY, "before anybody noticed that the day began"
    assert told(db)["shop"] == 6
    assert sell(db, "S-3", ("CANDLE", 7)).status == OrderStatus.CONFLICT
    assert sell(db, "S-4", ("CANDLE", 6)).status == OrderStatus.READY


def test_a_dynamic_buffer_follows_what_was_shipped_and_shows_its_formula(db: Database) -> None:
    clock_at(db, "2026-07-01 08:00")
    book(db, candles=200)
    product_columns(db, "CANDLE", lead_days=7, margin_percent=20)
    from server.db import orders
    from server.usecases.booking import stock

    taken = sell(db, "S-1", ("CANDLE", 84))
    with transaction(db, BOSS, "ship") as tx:
        for step in (OrderStatus.PACKING, OrderStatus.PACKED, OrderStatus.SHIPPED):
            orders.set_status(tx, taken.order_id, step)
        stock.ship_order(tx, taken.order_id)
    set_rule(db, BOSS, wish(Kind.DYNAMIC, sku="CANDLE"))
    assert told(db)["shop"] == 116, "what left today counts from tomorrow"
    clock_at(db, "2026-07-02 00:00")
    assert told(db)["shop"] == 105
    with db.read() as connection:
        view = look_at(connection, db.now(), "CANDLE")
    assert view.offers["shop"].withheld[0].sentence == (
        "dynamic buffer: 84 sold in 28 days = 3.00 a day (steady: 50 %) x 7 days to replenish x 100 %"
        " (margin 20 %: fair) = 10.50, up to 11 (least 0, most 1000000)"
    )
    clock_at(db, "2026-07-30 00:00")
    assert told(db)["shop"] == 116, "four weeks later nothing of it counts"


def test_what_is_withheld_is_listed_with_rule_and_owner(db: Database) -> None:
    book(db)
    put_plan(db, BOSS, read_plan_file(S4.encode()))
    with db.read() as connection:
        lines = list(withheld(connection, db.now()))
        ids = {rule.kind: rule.rule_id for rule in rules_now(connection) if rule.kind is Kind.HOLD_BACK}
    assert {line.sku for line in lines} == {"CANDLE"}
    assert {line.owner for line in lines} == {"the boss"}
    everybody = next(line for line in lines if line.kind == "hold_back")
    assert (everybody.channels, everybody.units, everybody.rule_id) == (
        ("shop", "shop2", "shop3"),
        5,
        ids[Kind.HOLD_BACK],
    )
    third = [(line.units, line.sentence) for line in lines if "shop3" in line.channels and line.kind == "share"]
    assert third == [
        (30, "30 left of what is kept for shop (30 units)"),
        (15, "15 left of what is kept for shop2 (15 units)"),
    ]


def test_a_restart_counts_from_the_units_there_are_now(db: Database) -> None:
    book(db, candles=100)
    set_rule(db, BOSS, wish(Kind.RESERVE, "10 %", channel="shop"))
    sell(db, "M-1", ("CANDLE", 90), channel="shop2")
    assert told(db) == {"shop": 10, "shop2": 0, "shop3": 0}
    restart(db, BOSS, Scope(False, frozenset({"CANDLE"}), frozenset()))
    assert told(db) == {"shop": 10, "shop2": 9, "shop3": 9}


def test_a_plan_made_again_forgets_what_was_taken_before(db: Database) -> None:
    book(db)
    put_plan(db, BOSS, read_plan_file(S4.encode()))
    sell(db, "A-1", ("CANDLE", 20))
    with db.read() as connection:
        [rule] = [r for r in rules_now(connection) if r.channel == "shop"]
    end_rules(db, BOSS, [rule.rule_id])
    with db.read() as connection:
        rest = [r.rule_id for r in rules_now(connection)]
    end_rules(db, BOSS, rest)
    assert count_rows(db, tables.channel_use) == 0
    set_rule(db, BOSS, wish(Kind.SHARE, 30, sku="CANDLE", channel="shop"))
    assert told(db) == {"shop": 30, "shop2": 0, "shop3": 0}


def test_a_lot_that_expired_is_not_shown_from_the_next_day_on(db: Database) -> None:
    clock_at(db, "2026-07-01 12:00")
    book(db, channels=1)
    set_life(db, BOSS, "shop", 0)
    with db.engine.begin() as connection:
        t = tables.stock
        connection.execute(update(t).where(t.c.sku == "CANDLE").values(expires_on="2026-07-01"))
    assert told(db)["shop"] == 50
    clock_at(db, "2026-07-02 00:00")
    assert told(db)["shop"] == 0


def test_a_sale_is_gone_from_every_channel_at_once(db: Database) -> None:
    """RSV-01: as soon as the order is committed, every number worked out from the book excludes its unit."""
    book(db)
    set_rule(db, BOSS, wish(Kind.BUFFER, "10 %", channel="shop2"))
    put_product(db, BOSS, Product("CANDLE", "Candle", "LAVENDER"), [])
    for n in range(1, 6):
        sell(db, f"S-{n}", ("CANDLE", 1), channel="shop3")
        with db.read() as connection:
            offers = look_at(connection, db.now(), "CANDLE").offers
        assert max(offer.units for offer in offers.values()) == 50 - n
