"""The counters are sums of the ledger, and of the claims that live: drift 0, or every difference by name."""

import pytest

from server.db.audit_chain import snapshot
from server.db.transaction import Database
from server.domain.sharing.allocation_rules import Kind
from server.domain.warehouse.transfers import Key
from server.usecases.booking.book import run
from server.usecases.booking.hold_batch import PlaceHold
from server.usecases.record.audit_check import CHECKS, check
from server.usecases.sales.cancel import cancel_order
from server.usecases.sharing.allocation import set_rule
from server.usecases.sharing.allocation_plans import RuleWish
from server.usecases.starting.sites import add_site
from server.usecases.warehouse import transfers
from server.usecases.warehouse.goods import set_tracking
from tests.book import BOSS, open_book, receive, sell
from tests.tampering import one, tampered


@pytest.fixture
def book(db: Database) -> Database:
    """Orders, a cancelled one, checkouts, a share, and a truck on its way."""
    open_book(db, candles=100)
    add_site(db, BOSS, "WEST", "West")
    share(db)
    for n in range(1, 5):
        sell(db, f"O-{n}", ("CANDLE", n), ("SOAP", 1))
    cancel_order(db, BOSS, ("shop", "O-1"), "test")
    hold(db, "cart-1", 3)
    number = transfers.plan_transfer(db, BOSS, "EAST", "WEST", {Key("CANDLE"): 5})["transfer"]
    transfers.scan_out(db, BOSS, number, Key("CANDLE"), 5)
    transfers.depart(db, BOSS, number)
    transfers.scan_in(db, BOSS, number, Key("CANDLE"), 2)
    return db


def drift(db: Database, *statements: str) -> list[str]:
    with tampered(db, *statements) as connection:
        return [each.sentence for _, found in check(connection, db.now()) for each in found]


def test_a_busy_book_has_no_drift(book: Database) -> None:
    with snapshot(book) as connection:
        found = dict(check(connection, book.now()))
    assert found == {name: [] for name in CHECKS}
    assert one(book, "SELECT sum(reserved) FROM stock") > 0
    assert one(book, "SELECT sum(held) FROM stock") == 3
    assert one(book, "SELECT sum(in_transit) FROM stock") == 3
    assert one(book, "SELECT count(*) FROM channel_use") > 0


def test_every_counter_that_moved_without_the_ledger_is_named(book: Database) -> None:
    soap = "WHERE sku = 'SOAP'"
    assert drift(book, f"UPDATE stock SET on_hand = on_hand + 2 {soap}") == [
        "on hand of SOAP at EAST: the book says 12, the ledger comes to 10"
    ]
    assert drift(book, f"UPDATE stock SET reserved = reserved + 1 {soap}") == [
        "reserved of SOAP at EAST: the book says 4, the ledger comes to 3",
        "reserved of SOAP at EAST: the book says 4, the orders' reservations come to 3",
    ]
    assert drift(book, f"UPDATE stock SET held = held + 1 {soap}") == [
        "held of SOAP at EAST: the book says 1, the ledger comes to 0",
        "held of SOAP at EAST: the book says 1, the checkouts' holds come to 0",
    ]
    assert drift(book, f"UPDATE stock SET in_transit = 4 {soap}") == [
        "in transit of SOAP at EAST: the book says 4, the ledger comes to 0",
        "in transit of SOAP at EAST: the book says 4, the transfers come to 0",
    ]


def test_a_counter_of_a_lot_that_was_edited_moved_or_removed_is_named_with_its_lot(book: Database) -> None:
    set_tracking(book, BOSS, "MUG", lots=True)
    receive(book, "MUG", "EAST", 4, lot="L1")
    receive(book, "MUG", "WEST", 6, lot="L2")
    assert drift(book, "UPDATE stock SET on_hand = 5 WHERE lot = 'L1'") == [
        "on hand of MUG lot L1 at EAST: the book says 5, the ledger comes to 4"
    ]
    assert sorted(drift(book, "UPDATE stock SET lot = 'L3' WHERE lot = 'L2'")) == [
        "on hand of MUG lot L2 at WEST: the book says 0, the ledger comes to 6",
        "on hand of MUG lot L3 at WEST: the book says 6, the ledger comes to 0",
    ]
    moved = "UPDATE stock SET on_hand = on_hand {} 2 WHERE lot = '{}'"
    assert sorted(drift(book, moved.format("-", "L2"), moved.format("+", "L1"))) == [
        "on hand of MUG lot L1 at EAST: the book says 6, the ledger comes to 4",
        "on hand of MUG lot L2 at WEST: the book says 4, the ledger comes to 6",
    ]
    assert drift(book, "DELETE FROM stock WHERE lot = 'L2'") == [
        "on hand of MUG lot L2 at WEST: the book says 0, the ledger comes to 6"
    ]


def test_a_ledger_row_that_nobody_counted_is_named_even_where_there_is_no_shelf(book: Database) -> None:
    row = "SELECT id + 500000, at, kind, sku, 77, 'L7', 5, 0, 0, 0, NULL, NULL, NULL, actor, reason"
    assert drift(book, f"INSERT INTO ledger {row} FROM ledger WHERE id = (SELECT min(id) FROM ledger)") == [
        "on hand of CANDLE lot L7 at site 77: the book says 0, the ledger comes to 5"
    ]


def test_claims_that_no_counter_knows_are_named(book: Database) -> None:
    number = one(book, "SELECT number FROM orders WHERE status = 'ready' ORDER BY id LIMIT 1")
    first = "(SELECT min(order_id) FROM reservation WHERE state = 'reserved') AND sku = 'SOAP'"
    assert drift(book, f"UPDATE reservation SET quantity = quantity + 4 WHERE order_id = {first}") == [
        "reserved of SOAP at EAST: the book says 3, the orders' reservations come to 7",
        f"reserved of SOAP at EAST for order {number}: the book says 5, the ledger gave it 1",
    ]
    assert drift(book, "UPDATE hold SET state = 'expired' WHERE state = 'held'") == [
        "held of CANDLE at EAST: the book says 3, the checkouts' holds come to 0"
    ]
    assert drift(book, "UPDATE transfer_line SET received = received + 1") == [
        "in transit of CANDLE at WEST: the book says 3, the transfers come to 2"
    ]


def test_units_without_the_lot_they_need_are_named(book: Database) -> None:
    assert drift(book, "UPDATE product SET lot_tracked = (1 = 1) WHERE sku = 'SOAP'") == [
        "on hand of SOAP at EAST: the book says 10, expected 0 there: its lots and its tracking do not agree"
    ]


def test_a_share_that_was_counted_wrong_is_named(book: Database) -> None:
    used = one(book, "SELECT used FROM channel_use WHERE sku = 'CANDLE'")
    assert drift(book, "UPDATE channel_use SET used = used + 1000") == [
        f"taken of CANDLE by shop: the book says {used + 1000}, no run of its newest moves comes to that"
    ]
    assert drift(book, "UPDATE allocation_rule SET ended_at = 1", "UPDATE setting SET value = '900'") == [
        f"taken of CANDLE by shop: the book says {used}, it has no shares any more, so that nothing should be counted"
    ]


def share(db: Database) -> None:
    set_rule(db, BOSS, RuleWish(kind=Kind.SHARE, sku="CANDLE", channel="shop", amount=50))


def hold(db: Database, key: str, units: int) -> None:
    run(db, [PlaceHold(1, key, {"CANDLE": units}, 600.0, "f", BOSS)])
