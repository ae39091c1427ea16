"""An order that stock did not reach for goes down its channel's path by itself, and everything is on record."""

from typing import Any

import pytest
from sqlalchemy import insert, select

from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.domain.sales.substitution import Approval
from server.usecases.booking import book
from server.usecases.record.beaten import beaten_by
from server.usecases.record.timeline import timeline
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.intake import fingerprint
from server.usecases.sales.order_batch import TakeOrder
from server.usecases.sales.policies import add_matrix_rule, add_substitute, set_channel_rules, set_policy
from server.usecases.sales.taken import Taken
from server.usecases.sales.waiting import queue, serve_waiting
from server.usecases.starting.sites import add_site
from server.usecases.warehouse.counting import count_on_hand
from tests.book import BOSS, count_rows, incidents_of, incoming, ledger_sums, level, open_book, receive, sell

S = OrderStatus


def rules(db: Database, *path: str, channel: str = "shop", **more: Any) -> None:
    set_channel_rules(db, BOSS, channel, {"path": list(path)} | more)


def row(db: Database, number: str) -> Any:
    with db.read() as connection:
        return connection.execute(select(tables.order).where(tables.order.c.number == number)).one()


def resolutions(db: Database) -> list[str]:
    t = tables.incident
    with db.read() as connection:
        query = select(t.c.resolution).where(t.c.type == "stock_conflict", t.c.state == "closed").order_by(t.c.id)
        return list(connection.execute(query).scalars())


def in_one_batch(db: Database, *sales: tuple[str, str, dict[str, Any]]) -> dict[str, Taken]:
    """Orders (channel, id, changes) for two candles that come at the same moment of the book."""
    t = tables.channel
    with db.read() as connection:
        ids = {r.code: r.id for r in connection.execute(select(t))}
    sold = [(ids[channel], incoming(order_id, ("CANDLE", 2), **more)) for channel, order_id, more in sales]
    wishes = [TakeOrder(channel_id, order, fingerprint(order), BOSS) for channel_id, order in sold]
    found = book.run(db, wishes)
    return {wish.order.order_id: taken for wish, taken in zip(wishes, found, strict=True) if isinstance(taken, Taken)}


@pytest.mark.parametrize(
    ("policy", "winner"),
    [
        ({"kind": "first_come"}, "A"),
        ({"kind": "channel_priority", "channels": ["shop3", "shop"]}, "C"),
        ({"kind": "customer_value"}, "B"),
    ],
    ids=["first come", "channel priority", "customer value"],
)
def test_the_same_conflict_has_the_documented_winner_under_each_policy(
    db: Database, policy: dict[str, Any], winner: str
) -> None:
    open_book(db, candles=2, channels=3)
    set_policy(db, BOSS, policy)
    taken = in_one_batch(
        db,
        ("shop2", "B", {"placed_at": "2026-11-21T09:00:01Z", "customer_value": 900}),
        ("shop3", "C", {"placed_at": "2026-11-21T09:00:02Z", "customer_value": 10}),
        ("shop", "A", {"placed_at": "2026-11-21T09:00:00Z", "customer_value": 50}),
    )
    assert [name for name, each in sorted(taken.items()) if each.status is S.READY] == [winner]
    lost = [each for each in taken.values() if each.status is S.CONFLICT]
    for each in lost:
        because = row(db, each.order).decided["because"]
        assert f"after {taken[winner].order}" in because, because
        assert f"policy {policy['kind'].replace('_', ' ')} (version 1)" in because, because
        with db.read() as connection:
            told = [happened.what for happened in timeline(connection, each.order)]
        assert any(what.startswith("order.lost") and f"because={because}" in what for what in told), told
    assert level(db) == ledger_sums(db, "CANDLE") == (2, 2)
    # Later the policy is another one, and other orders come and go.
    set_policy(db, BOSS, {"kind": "first_come", "window": 1})
    sell(db, "S-9", ("SOAP", 1))
    sell(db, "S-10", ("CANDLE", 2))
    with db.read() as connection:
        beaten = beaten_by(connection, row(db, taken[winner].order))
    assert sorted(beaten) == sorted(
        (each.order, row_channel, row(db, each.order).decided["because"])
        for each, row_channel in ((taken[name], channel) for channel, name in CHANNELS if name != winner)
    )


CHANNELS = (("shop", "A"), ("shop2", "B"), ("shop3", "C"))


def test_a_policy_that_names_no_channel_of_ours_is_refused(db: Database) -> None:
    open_book(db)
    with pytest.raises(DomainError, match="there is no channel ebay; there are: shop"):
        set_policy(db, BOSS, {"kind": "channel_priority", "channels": ["ebay"]})


def test_units_at_several_sites_are_brought_together(db: Database) -> None:
    open_book(db, candles=2)
    west = add_site(db, BOSS, "WEST", "West", rank=1)
    count_on_hand(db, BOSS, "CANDLE", "WEST", 1)
    rules(db, "other_location", "ask")
    taken = sell(db, "S-1", ("CANDLE", 3))
    assert taken.status is S.WAITING
    t, line = tables.transfer, tables.transfer_line
    with db.read() as connection:
        planned = connection.execute(
            select(t.c.from_site, t.c.state, line.c.sku, line.c.planned).join(line, line.c.transfer_id == t.c.id)
        ).one()
    assert tuple(planned) == (west, "planned", "CANDLE", 1)
    assert (row(db, taken.order).waiting_for, incidents_of(db, "stock_conflict")) == ("transfer", [])
    assert not serve_waiting(db)
    # A newer order does not see what the older one waits for.
    assert sell(db, "S-2", ("CANDLE", 1)).status is not S.READY


def test_goods_on_their_way_are_waited_for_only_when_they_come_in_time(db: Database) -> None:
    open_book(db, candles=0)
    due = db.now() + 3600
    with db.engine.begin() as connection:
        coming = {"ref": "PO-1", "sku": "CANDLE", "site_id": 1, "quantity": 5, "expected_at": due}
        connection.execute(insert(tables.inbound).values(**coming))
    rules(db, "inbound", "ask")
    assert sell(db, "S-1", ("CANDLE", 3)).status is S.WAITING
    assert sell(db, "S-2", ("CANDLE", 2), ship_by="2020-01-01T00:00:00Z").status is S.CONFLICT
    assert sell(db, "S-3", ("CANDLE", 3)).status is S.CONFLICT
    assert "nothing on its way covers it" in str(row(db, "1003").decided["passed"])


def test_a_channel_that_permits_backorders_queues_them_and_one_that_does_not_goes_on_to_cancel(db: Database) -> None:
    open_book(db, candles=0, channels=2)
    rules(db, "backorder", "cancel", backorder=True)
    rules(db, "backorder", "cancel", channel="shop2")
    assert sell(db, "S-1", ("CANDLE", 1)).status is S.WAITING
    cancelled = sell(db, "S-2", ("CANDLE", 1), channel="shop2")
    assert cancelled.status is S.CANCELLED
    assert (row(db, cancelled.order).cancel_reason, row(db, cancelled.order).cancelled_by) == ("out_of_stock", "seller")
    assert incidents_of(db, "stock_conflict") == []
    assert [text.split(";")[0] for text in resolutions(db)] == [
        "by the path of shop: backorder",
        "the order was cancelled",
    ]


def test_waiting_orders_are_served_in_order_date_when_goods_come(db: Database) -> None:
    open_book(db, candles=0)
    rules(db, "backorder", backorder=True)
    late = sell(db, "S-1", ("CANDLE", 1), placed_at="2026-11-21T10:00:00Z")
    early = sell(db, "S-2", ("CANDLE", 1), placed_at="2026-11-21T09:00:00Z")
    assert [order for order, *_ in queue(db)] == [early.order, late.order]
    receive(db, "CANDLE", "EAST", 1)
    assert serve_waiting(db)
    assert (row(db, early.order).status, row(db, late.order).status) == ("ready", "waiting")
    assert not serve_waiting(db)
    receive(db, "CANDLE", "EAST", 1)
    # Newer than both, and it asks before the wait queue is looked at.
    assert sell(db, "S-3", ("CANDLE", 1)).status is S.WAITING
    assert serve_waiting(db)
    assert row(db, late.order).status == "ready"
    assert level(db) == ledger_sums(db, "CANDLE") == (2, 2)


def test_units_of_a_cancelled_order_serve_the_one_that_waits(db: Database) -> None:
    open_book(db, candles=2)
    rules(db, "backorder", backorder=True)
    first, waiting = sell(db, "S-1", ("CANDLE", 2)), sell(db, "S-2", ("CANDLE", 2), ("SOAP", 1))
    assert waiting.status is S.WAITING
    cancel_order(db, BOSS, first.order_id)
    assert serve_waiting(db)
    assert row(db, waiting.order).status == "ready"
    assert (level(db), level(db, "SOAP"), count_rows(db, tables.waiting_line)) == ((2, 2), (10, 1), 0)


def test_a_waiting_order_that_is_not_paid_is_held_when_its_turn_comes(db: Database) -> None:
    open_book(db, candles=0)
    rules(db, "backorder", backorder=True)
    taken = sell(db, "S-1", ("CANDLE", 1), paid=False)
    receive(db, "CANDLE", "EAST", 1)
    assert serve_waiting(db)
    assert (row(db, taken.order).status, row(db, taken.order).held_because, level(db)) == ("on_hold", "unpaid", (1, 1))


def test_a_channel_oversells_only_as_far_as_it_may_and_each_use_is_logged(db: Database) -> None:
    open_book(db, candles=0)
    rules(db, "backorder", "cancel", oversell=3)
    assert [sell(db, f"S-{n}", ("CANDLE", 2)).status for n in range(2)] == [S.WAITING, S.CANCELLED]
    assert sell(db, "S-3", ("CANDLE", 1)).status is S.WAITING
    a = tables.audit
    with db.read() as connection:
        used = connection.execute(select(a.c.detail).where(a.c.action == "channel.oversold").order_by(a.c.id))
        assert [detail["units"] for detail in used.scalars()] == [2, 1]


def test_by_default_no_channel_oversells_and_a_person_is_asked(db: Database) -> None:
    open_book(db, candles=0)
    taken = sell(db, "S-1", ("CANDLE", 1))
    assert taken.status is S.CONFLICT
    assert incidents_of(db, "stock_conflict") == ["order 1001 was sold without stock: CANDLE: 1 wanted, 0 available"]
    decided = row(db, taken.order).decided
    assert (decided["step"], [step for step, _ in decided["passed"]]) == (
        "ask",
        ["other_location", "inbound", "backorder", "substitute"],
    )


def test_an_approved_substitute_goes_in_the_box_and_the_rule_is_on_record(db: Database) -> None:
    open_book(db, candles=0)
    rules(db, "substitute", "cancel")
    rule = add_matrix_rule(db, BOSS, "*", "shop", Approval.AUTO)
    add_substitute(db, BOSS, "CANDLE", "SOAP")
    taken = sell(db, "S-1", ("CANDLE", 2))
    assert (taken.status, level(db, "SOAP")) == (S.READY, (10, 2))
    t, a = tables.order_line, tables.audit
    with db.read() as connection:
        line = connection.execute(select(t.c.sku, t.c.substituted_for)).one()
        detail = connection.execute(select(a.c.detail).where(a.c.action == "order.substituted")).scalar_one()
    assert tuple(line) == ("SOAP", "CANDLE")
    assert (detail["rule"], detail["by"]) == (rule, "the rule")


def test_without_approval_nothing_is_substituted(db: Database) -> None:
    open_book(db, candles=0)
    rules(db, "substitute", "cancel")
    add_matrix_rule(db, BOSS, "*", "*", Approval.ASK)
    add_substitute(db, BOSS, "CANDLE", "SOAP")
    taken = sell(db, "S-1", ("CANDLE", 2))
    assert (taken.status, level(db, "SOAP")) == (S.CANCELLED, (10, 0))
    assert "a supervisor approves" in str(row(db, taken.order).decided["passed"])


def test_an_order_of_the_marketplaces_own_warehouse_touches_nothing_of_ours(db: Database) -> None:
    open_book(db, candles=5)
    taken = sell(db, "F-1", ("CANDLE", 99), fulfilment="channel", ship_to={})
    assert (taken.status, level(db), count_rows(db, tables.reservation)) == (S.EXTERNAL, (5, 0), 0)
    assert count_rows(db, tables.ledger, tables.ledger.c.order_id == taken.order_id) == 0
    queued = tables.order.c.status.in_(["ready", "packing", "waiting", "on_hold", "conflict"])
    assert count_rows(db, tables.order, queued) == 0
    cancel_order(db, BOSS, ("shop", "F-1"))
    assert level(db) == (5, 0)
