"""A buyer at the checkout keeps units for a while: from the first click to the order, or until the time is over."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from server.app import create_app
from server.config import ServerConfig
from server.db import tables
from server.db.transaction import Actor, Database
from server.domain.errors import DomainError
from server.jobs import JOBS, Runner
from server.usecases.booking import book, holds
from server.usecases.booking.hold_batch import Held
from server.usecases.booking.hold_wishes import HoldLine, HoldWish, command
from tests.book import count_rows, incoming, ledger_sums, level, open_book, sell, serving, signed, until

SHOP = Actor("channel:shop")


def place(db: Database, key: str, units: int = 1, sku: str = "CANDLE", ttl: float = 900) -> Held | DomainError:
    wish = command(1, HoldWish(key, [HoldLine(sku, units)], ttl), SHOP)
    [outcome] = book.run(db, [wish])
    assert isinstance(outcome, Held | DomainError)
    return outcome


def state(db: Database, key: str) -> str:
    return holds.find_hold(db, 1, key).state


def held_units(db: Database, sku: str = "CANDLE") -> int:
    with db.read() as connection:
        t = tables.stock
        return int(connection.execute(t.select().where(t.c.sku == sku)).one().held)


def test_units_at_a_checkout_are_not_for_sale_to_anybody_else(db: Database) -> None:
    open_book(db, candles=3)
    answer = place(db, "cart-1", 2)
    assert isinstance(answer, Held)
    assert (answer.state, answer.status) == ("held", 201)
    assert held_units(db) == 2
    assert sell(db, "S-1", ("CANDLE", 2)).status == "conflict"
    assert sell(db, "S-2", ("CANDLE", 1)).status == "ready"


def test_a_hold_that_finds_too_little_is_refused_and_keeps_nothing(db: Database) -> None:
    open_book(db, candles=1)
    answer = place(db, "cart-1", 2)
    assert isinstance(answer, Held)
    assert json.loads(answer.body)["shortages"] == [{"sku": "CANDLE", "wanted": 2, "available": 1}]
    assert (answer.status, held_units(db)) == (409, 0)


def test_the_same_key_has_one_effect_and_one_answer(db: Database) -> None:
    open_book(db)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: place(db, "cart-1", 2), range(16)))
    assert len({a.body for a in answers if isinstance(a, Held)}) == 1
    assert held_units(db) == 2
    assert count_rows(db, tables.hold) == 1


def test_a_refusal_is_remembered_as_well(db: Database) -> None:
    open_book(db, candles=1)
    first = place(db, "cart-1", 2)
    sell(db, "S-1", ("SOAP", 1))
    assert place(db, "cart-1", 2) == first


def test_a_key_that_comes_with_another_content_is_refused(db: Database) -> None:
    open_book(db)
    place(db, "cart-1", 2)
    other = place(db, "cart-1", 3)
    assert isinstance(other, DomainError)
    assert other.code == "key_reused"
    assert held_units(db) == 2


def test_two_of_one_key_in_one_batch_are_one_hold(db: Database) -> None:
    open_book(db)
    wish = command(1, HoldWish("cart-1", [HoldLine("CANDLE", 2)]), SHOP)
    other = command(1, HoldWish("cart-1", [HoldLine("CANDLE", 1)]), SHOP)
    first, second, third = book.run(db, [wish, wish, other])
    assert first == second
    assert isinstance(third, DomainError)
    assert held_units(db) == 2


def test_when_the_time_is_over_the_units_are_for_sale_again(db: Database) -> None:
    open_book(db, candles=2)
    now = db.now()
    db.now = lambda: now
    place(db, "cart-1", 2, ttl=10)
    db.now = lambda: now + 9.9
    assert holds.expire_holds(db) == 0
    db.now = lambda: now + 10.1
    assert holds.expire_holds(db) == 1
    assert (state(db, "cart-1"), held_units(db)) == ("expired", 0)
    assert sell(db, "S-1", ("CANDLE", 2)).status == "ready"
    assert ledger_sums(db, "CANDLE") == level(db)


def test_within_a_second_of_its_end_a_running_server_has_freed_the_units(db: Database) -> None:
    [expiry] = [job for job in JOBS if job.name == "hold expiry"]
    open_book(db, candles=2)
    began = time.time()
    place(db, "cart-1", 2, ttl=60)
    db.now = lambda: time.time() + 59.5
    stopping = threading.Event()
    runner = Runner(db, expiry, stopping)
    runner.thread.start()
    try:
        until(lambda: held_units(db) == 0, "the units are free", within=10)
        freed = time.time()
    finally:
        stopping.set()
        runner.thread.join(5)
    assert began + 0.5 <= freed <= began + 0.5 + 1.0 + SLACK
    assert sell(db, "S-1", ("CANDLE", 2)).status == "ready"


SLACK = 0.5
"""Seconds for a machine that is busy with other tests; the promise is one second (RSV-03)."""


def test_a_paid_hold_does_not_end_and_becomes_the_order(db: Database) -> None:
    open_book(db, candles=2)
    now = db.now()
    place(db, "cart-1", 2, ttl=10)
    assert holds.confirm_hold(db, SHOP, 1, "cart-1").state == "confirmed"
    db.now = lambda: now + 1000
    assert holds.expire_holds(db) == 0
    assert sell(db, "S-1", ("CANDLE", 2), hold="cart-1").status == "ready"
    assert (held_units(db), level(db), state(db, "cart-1")) == (0, (2, 2), "used")
    assert '"state":"used"' in holds.find_hold(db, 1, "cart-1").body


def test_an_order_takes_the_units_of_its_checkout_before_it_is_confirmed(db: Database) -> None:
    open_book(db, candles=2)
    place(db, "cart-1", 2)
    assert sell(db, "S-0", ("CANDLE", 1)).status == "conflict"
    assert sell(db, "S-1", ("CANDLE", 2), hold="cart-1").status == "ready"
    assert (held_units(db), level(db)) == (0, (2, 2))


def test_an_order_that_differs_from_its_checkout_takes_what_it_says(db: Database) -> None:
    open_book(db, candles=5)
    place(db, "cart-1", 2)
    assert sell(db, "S-1", ("CANDLE", 3), ("SOAP", 1), hold="cart-1").status == "ready"
    assert (held_units(db), level(db), level(db, "SOAP")) == (0, (5, 3), (10, 1))


def test_an_order_whose_checkout_expired_is_checked_against_the_stock_again(db: Database) -> None:
    open_book(db, candles=2)
    now = db.now()
    place(db, "cart-1", 2, ttl=1)
    db.now = lambda: now + 2
    holds.expire_holds(db)
    assert sell(db, "S-0", ("CANDLE", 1)).status == "ready"
    assert sell(db, "S-1", ("CANDLE", 2), hold="cart-1").status == "conflict"


def test_a_payment_for_an_expired_hold_is_good_only_while_there_is_stock(db: Database) -> None:
    open_book(db, candles=2)
    now = db.now()
    place(db, "cart-1", 2, ttl=1)
    place(db, "cart-2", 3, ttl=1, sku="SOAP")
    db.now = lambda: now + 2
    holds.expire_holds(db)
    sell(db, "S-1", ("CANDLE", 1))
    assert holds.confirm_hold(db, SHOP, 1, "cart-1").state == "refused"
    assert holds.confirm_hold(db, SHOP, 1, "cart-2").state == "confirmed"
    assert (held_units(db), held_units(db, "SOAP")) == (0, 3)


def test_a_buyer_who_leaves_gives_the_units_back_once(db: Database) -> None:
    open_book(db)
    place(db, "cart-1", 4)
    for _ in range(2):
        assert holds.release_hold(db, SHOP, 1, "cart-1").state == "released"
    assert held_units(db) == 0
    with pytest.raises(DomainError, match="released"):
        holds.confirm_hold(db, SHOP, 1, "cart-1")


def test_units_that_became_an_order_are_not_given_back_by_the_checkout(db: Database) -> None:
    open_book(db)
    place(db, "cart-1", 4)
    sell(db, "S-1", ("CANDLE", 4), hold="cart-1")
    with pytest.raises(DomainError) as refused:
        holds.release_hold(db, SHOP, 1, "cart-1")
    assert refused.value.code == "hold_used"
    assert level(db) == (10, 4)


def test_the_last_unit_is_held_or_sold_but_never_both(db: Database) -> None:
    open_book(db, candles=20)

    def buy(n: int) -> bool:
        if n % 2:
            return sell(db, f"S-{n}", ("CANDLE", 1)).status == "ready"
        outcome = place(db, f"cart-{n}")
        return isinstance(outcome, Held) and outcome.state == "held"

    with ThreadPoolExecutor(16) as pool:
        won = sum(pool.map(buy, range(80)))
    assert won == 20
    assert level(db)[1] + held_units(db) == 20


def test_a_group_commit_answers_each_caller_with_its_own_outcome(db: Database) -> None:
    open_book(db, candles=50)
    group = book.Book(db)
    with ThreadPoolExecutor(16) as pool:
        wishes = [command(1, HoldWish(f"cart-{n}", [HoldLine("CANDLE", 1)]), SHOP) for n in range(120)]
        answers = list(pool.map(lambda wish: group.ask([wish])[0], wishes))
    group.close()
    assert [a.key for a in answers if isinstance(a, Held)] == [w.key for w in wishes]
    assert sum(a.state == "held" for a in answers if isinstance(a, Held)) == 50
    assert held_units(db) == 50


def post(client: object, path: str, body: object, message: str) -> tuple[int, dict[str, object]]:
    raw = json.dumps(body).encode()
    answer = client.post(f"/channels/shop/{path}", content=raw, headers=signed(raw, message))  # type: ignore[attr-defined]
    return answer.status_code, answer.json()


def test_a_shop_holds_confirms_and_releases_over_http(db: Database) -> None:
    open_book(db, candles=3)
    app = create_app(ServerConfig(worker=False), db)
    wish = {"key": "cart-1", "lines": [{"sku": "CANDLE", "quantity": 2}], "ttl_seconds": 60}
    with serving(app) as client:
        status, answer = post(client, "holds", wish, "m1")
        assert (status, answer["state"]) == (201, "held")
        assert post(client, "holds", wish | {"key": "cart-2"}, "m2")[0] == 409
        assert post(client, "holds:confirm", {"key": "cart-1"}, "m3") == (200, {"hold": "cart-1", "state": "confirmed"})
        assert post(client, "holds:release", {"key": "cart-1"}, "m4")[1]["state"] == "released"
        assert post(client, "holds:show", {"key": "cart-9"}, "m5")[0] == 404
        many = {"holds": [wish | {"key": f"many-{n}"} for n in range(3)]}
        status, answer = post(client, "holds:batch", many, "m6")
        assert (status, [each["state"] for each in answer["answers"]]) == (200, ["held", "refused", "refused"])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"key": "a"}',
        b'{"key": "", "lines": [{"sku": "A", "quantity": 1}]}',
        b'{"key": "a", "lines": []}',
        b'{"key": "a", "lines": [{"sku": "A", "quantity": 0}]}',
        b'{"key": "a", "lines": [{"sku": "A", "quantity": -1}]}',
        b'{"key": "a", "lines": [{"sku": "A\\u0000", "quantity": 1}]}',
        b'{"key": "a", "lines": [{"sku": "A", "quantity": 1e99}]}',
        b'{"key": "a", "lines": [{"sku": "A", "quantity": 1}], "ttl_seconds": 0}',
        b'{"key": "a", "lines": [{"sku": "A", "quantity": 1}], "ttl_seconds": 1e9}',
    ],
)
def test_a_hold_that_cannot_be_is_refused_with_what_was_expected(sqlite_db: Database, body: bytes) -> None:
    open_book(sqlite_db)
    with serving(create_app(ServerConfig(worker=False), sqlite_db)) as client:
        answer = client.post("/channels/shop/holds", content=body, headers=signed(body, "m1"))
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
        unsigned = client.post("/channels/shop/holds", content=body, headers=signed(b"{}", "m1"))
        assert unsigned.status_code == 401
    assert count_rows(sqlite_db, tables.hold) == 0


def test_an_order_names_its_hold_in_the_documented_body(sqlite_db: Database) -> None:
    open_book(sqlite_db)
    assert incoming("S-1", ("CANDLE", 1), hold="cart-1").hold == "cart-1"
