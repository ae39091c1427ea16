"""Many calls, written down together: each still has its own answer, and one bad one keeps no other back."""

import threading
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from server.calls.troubles import Away
from server.db import inbox, jobs, tables
from server.db.transaction import Database, Transaction, transaction
from server.simulated.platforms import simulated
from server.simulated.platforms.base import Ask, Said
from server.trade.words import Answer, failed
from server.usecases.sharing.publishing import tell_everything
from server.usecases.talking import telling
from server.usecases.talking.telling import Call, Ended
from tests.book import BOSS, Shop, count_rows, open_book, sell, until
from tests.market import NINE, Street
from tests.working import working

_d, _o, _i = tables.delivery, tables.outbox, tables.inbox


def claimed(db: Database) -> list[Call]:
    with transaction(db, BOSS, "test") as tx:
        return telling.claim_in(tx, [(channel, 8) for channel in jobs.due(tx.connection, tx.now)])


def test_calls_to_several_channels_are_claimed_and_written_down_each_with_its_own_answer(db: Database) -> None:
    open_book(db, channels=2, url="http://127.0.0.1:9")
    tell_everything(db)
    calls = claimed(db)
    assert {(call.group[0].channel, call.words[0].key) for call in calls} == {
        (channel, sku) for channel in ("shop", "shop2") for sku in ("CANDLE", "SOAP")
    }
    assert claimed(db) == [], "nobody else gets them"
    at = db.now() - 3.0
    ended = [
        Ended(call, [Answer("204") if call.group[0].channel == "shop" else failed(Away("away"))], at) for call in calls
    ]
    with transaction(db, BOSS, "test") as tx:
        telling.report_in(tx, ended)
    with db.read() as connection:
        tried = {(r.channel_id, r.key, r.ok, r.answer, r.at, r.after) for r in connection.execute(select(_d))}
        left = {(r.channel_id, r.key, r.state, r.attempts, r.told) for r in connection.execute(select(_o))}
    ids = {call.group[0].channel: call.group[0].channel_id for call in calls}
    units = {"CANDLE": 10, "SOAP": 10}
    assert tried == {(ids["shop"], sku, True, "204", at, str(n)) for sku, n in units.items()} | {
        (ids["shop2"], sku, False, "away", at, str(n)) for sku, n in units.items()
    }
    assert left == {(ids["shop"], sku, "sent", 0, n) for sku, n in units.items()} | {
        (ids["shop2"], sku, "waiting", 1, None) for sku in units
    }


def test_what_is_told_again_while_the_channel_answers_the_number_before_still_looks_first(sqlite_db: Database) -> None:
    open_book(sqlite_db, url="http://127.0.0.1:9")
    tell_everything(sqlite_db)
    calls = claimed(sqlite_db)
    with transaction(sqlite_db, BOSS, "test") as tx:
        jobs.tell_again(tx, calls[0].group[0].channel_id, ["CANDLE"], None)
    with transaction(sqlite_db, BOSS, "test") as tx:
        telling.report_in(tx, [Ended(call, [Answer("204")], tx.now) for call in calls])
    assert [(call.words[0].key, call.group[0].tried) for call in claimed(sqlite_db)] == [("CANDLE", True)]


def test_what_cannot_be_written_down_of_one_channel_keeps_no_other_back(
    sqlite_db: Database, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_book(sqlite_db, channels=2, url=shop.url)
    real = telling.report_in

    def broken(tx: Transaction, ended: Sequence[Ended]) -> None:
        assert all(each.call.group[0].channel != "shop2" for each in ended), "cannot be written down"
        real(tx, ended)

    monkeypatch.setattr(telling, "report_in", broken)
    with capture_logs() as logs, working(sqlite_db):
        until(lambda: {shop.number("CANDLE", f"/{n}") for n in (1, 2)} == {10}, "both were called")
        until(lambda: count_rows(sqlite_db, _o, _o.c.state == "sent") == 2, "the first is written down")
        assert count_rows(sqlite_db, _d) == 2
    assert any(each["event"] == "a delivery could not be written down" for each in logs)


def test_a_number_that_failed_once_leaves_at_once_when_a_newer_one_comes(sqlite_db: Database) -> None:
    open_book(sqlite_db, url="http://127.0.0.1:9")
    tell_everything(sqlite_db)
    [first] = [call for call in claimed(sqlite_db) if call.words[0].key == "CANDLE"]
    with transaction(sqlite_db, BOSS, "test") as tx:
        telling.report_in(tx, [Ended(first, [failed(Away("another number there", orders_first=True))], tx.now)])
    assert claimed(sqlite_db) == [], "it waits for the sale behind it"
    sell(sqlite_db, "S-1", ("CANDLE", 1))
    tell_everything(sqlite_db)
    assert [call.words[0].data["available"] for call in claimed(sqlite_db)] == [9]
    with sqlite_db.engine.begin() as connection:
        connection.execute(update(_o).values(attempts=2, claimed_until=0, next_at=sqlite_db.now() + 60))
    sell(sqlite_db, "S-2", ("CANDLE", 1))
    tell_everything(sqlite_db)
    assert claimed(sqlite_db) == [], "a channel that goes on failing is left alone"


@pytest.fixture
def street(sqlite_db: Database) -> Iterator[Street]:
    """One platform that is polled."""
    made = Street(sqlite_db, ["woocommerce"])
    made.open(CANDLE=50)
    yield made
    made.lines.close()


def test_an_order_that_is_shown_again_as_it_was_is_not_followed_again(street: Street) -> None:
    shop = street.shops["woocommerce"]
    sale = shop.market.sell(("CANDLE", 1))
    street.settle(120, by=60)
    with street.db.read() as connection:
        [before] = connection.execute(select(_i)).all()
    street.settle(120, by=60)
    with street.db.read() as connection:
        [after] = connection.execute(select(_i)).all()
    assert (before.state, before.version, before.done_at) == ("done", after.version, after.done_at)
    with transaction(street.db, BOSS, "test") as tx:
        inbox.put(tx, before.channel_id, [inbox.Item("order", sale.ref)])
    shop.market.cancel(sale.ref)
    street.settle(120, by=60)
    with street.db.read() as connection:
        assert set(connection.execute(select(tables.order.c.status)).scalars()) == {"cancelled"}


def test_orders_of_a_platform_far_away_are_fetched_at_the_same_time(street: Street) -> None:
    street.lines.fetches = 3
    shop = street.shops["woocommerce"]
    together, route = threading.Barrier(3, timeout=10), shop.route

    def far(ask: Ask) -> Said:
        if "/wc/v3/orders/" in ask.path:
            together.wait()
        return route(ask)

    shop.route = far  # type: ignore[method-assign]
    for _ in range(3):
        shop.market.sell(("CANDLE", 1))
    street.deliver("woocommerce")
    street.step()
    assert count_rows(street.db, tables.order) == 3


def test_a_platform_on_loopback_says_in_its_messages_where_its_orders_are() -> None:
    etsy = simulated("etsy", lambda: NINE)
    etsy.settings("http://127.0.0.1:8465")
    etsy.market.offer("CANDLE", 5)
    etsy.market.sell(("CANDLE", 1))
    assert b'"http://127.0.0.1:8465/' in etsy.outgoing[0].body
