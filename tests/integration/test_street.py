"""Orders come from every platform by whatever way, and every platform ends at the true number."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from server.db import tables
from server.db.transaction import Database
from server.domain.sales.orders import OrderStatus
from server.simulated.platforms import kinds
from server.simulated.platforms.faults import Fault
from tests.book import count_rows, incidents_of, level
from tests.market import Street


@pytest.fixture
def street(db: Database) -> Iterator[Street]:
    made = Street(db, kinds())
    made.open(CANDLE=50, SOAP=20)
    yield made
    made.lines.close()


def orders_of(db: Database) -> dict[tuple[str, str], tuple[str, str]]:
    """(channel, its order id) to (status, payment)."""
    o, c = tables.order, tables.channel
    query = select(c.c.code, o.c.channel_order_id, o.c.status, o.c.payment).join(c, c.c.id == o.c.channel_id)
    with db.read() as connection:
        return {(r.code, r.channel_order_id): (r.status, r.payment) for r in connection.execute(query)}


def test_a_sale_anywhere_is_one_order_here_and_one_number_less_everywhere(street: Street) -> None:
    sold = {kind: shop.market.sell(("CANDLE", 1)).ref for kind, shop in street.shops.items()}
    for kind in street.shops:
        street.deliver(kind)
    street.settle(600)
    assert set(orders_of(street.db)) == set(sold.items())
    assert {status for status, _ in orders_of(street.db).values()} == {OrderStatus.READY}
    left = 50 - len(sold)
    assert level(street.db) == (50, len(sold))
    assert street.shown("CANDLE") == dict.fromkeys(street.shops, left)


def test_messages_that_come_a_hundred_times_or_never_make_no_difference(street: Street) -> None:
    for kind, shop in street.shops.items():
        shop.market.sell(("CANDLE", 2))
        waiting = list(shop.outgoing)
        for _ in range(10):
            shop.outgoing = list(reversed(waiting))
            street.deliver(kind)
        shop.market.sell(("SOAP", 1))
        street.deliver(kind, lose=True)
    street.settle(600)
    assert len(orders_of(street.db)) == 2 * len(street.shops)
    assert level(street.db, "CANDLE") == (50, 2 * len(street.shops))
    assert street.shown("SOAP") == dict.fromkeys(street.shops, 20 - len(street.shops))


def test_a_buyer_s_changes_are_followed_wherever_they_were_made(street: Street) -> None:
    sales = {kind: shop.market.sell(("CANDLE", 2), ("SOAP", 1), paid="unpaid") for kind, shop in street.shops.items()}
    street.settle(600)
    assert {orders_of(street.db)[kind, sale.ref] for kind, sale in sales.items()} == {("on_hold", "unpaid")}
    for kind, sale in sales.items():
        street.shops[kind].market.change(sale.ref, paid="paid", buyer={"lines": ("1 New Street", "")})
        street.deliver(kind)
    street.settle(600)
    assert {orders_of(street.db)[kind, sale.ref] for kind, sale in sales.items()} == {("ready", "paid")}
    with street.db.read() as connection:
        rows = connection.execute(select(tables.recipient.c.address)).scalars().all()
    assert {row["lines"][0] for row in rows} == {"1 New Street"}
    for kind, sale in sales.items():
        street.shops[kind].market.cancel(sale.ref)
    street.settle(600)
    assert {status for status, _ in orders_of(street.db).values()} == {OrderStatus.CANCELLED}
    assert level(street.db) == (50, 0)
    assert street.shown("CANDLE") == dict.fromkeys(street.shops, 50)
    assert count_rows(street.db, tables.outbox, tables.outbox.c.kind == "cancel") == 0, "they said so themselves"


def test_an_order_that_the_marketplace_ships_itself_takes_nothing_of_ours(street: Street) -> None:
    marketplaces = [kind for kind in street.shops if kind != "woocommerce"]
    for kind in marketplaces:
        street.shops[kind].market.sell(("CANDLE", 3), fulfilled_by="channel")
    street.settle(600)
    told = orders_of(street.db)
    assert {status for status, _ in told.values()} == {OrderStatus.EXTERNAL}
    assert sorted(kind for kind, _ in told) == sorted(marketplaces)
    assert level(street.db) == (50, 0)


def test_one_platform_down_for_hours_changes_nothing_for_the_others_and_ends_at_the_newest_number(
    street: Street,
) -> None:
    down, *others = street.shops
    street.shops[down].faults.down = True
    for hour in range(4):
        for kind in others:
            street.shops[kind].market.sell(("CANDLE", 1))
        street.settle(3600, by=300)
        assert {street.shown("CANDLE")[kind] for kind in others} == {50 - (hour + 1) * len(others)}
    assert incidents_of(street.db, "channel_unreachable")
    told_before = len(street.shops[down].market.told)
    street.shops[down].faults.down = False
    street.settle(300)
    assert street.shown("CANDLE")[down] == 50 - 4 * len(others)
    told = [t for t in street.shops[down].market.told[told_before:] if t.after != t.before]
    assert len(told) == 1, "the newest number alone, no history"
    assert not incidents_of(street.db, "channel_unreachable")


def test_a_platform_that_denies_us_is_an_alert_of_its_own_and_the_rest_goes_on(street: Street) -> None:
    first, second = tuple(street.shops)[:2]
    for _ in range(40):
        street.shops[first].faults.once(Fault.DENIED)
    street.shops[second].market.sell(("CANDLE", 1))
    street.settle(300)
    assert len(incidents_of(street.db, "channel_denied")) == 1
    assert street.shown("CANDLE")[second] == 49
    street.shops[first].faults = type(street.shops[first].faults)()
    street.settle(600)
    assert not incidents_of(street.db, "channel_denied")
    assert street.shown("CANDLE")[first] == 49


def test_every_fault_at_once_loses_no_order_and_ends_true(street: Street) -> None:
    for shop in street.shops.values():
        shop.faults.share = 0.2
    sold = set()
    for n in range(20):
        for kind, shop in street.shops.items():
            if n % 5 == 0:
                sold.add((kind, shop.market.sell(("CANDLE", 1)).ref))
            street.deliver(kind, lose=n % 3 == 0)
        street.step()
        street.at += 20
    for shop in street.shops.values():
        shop.faults.share = 0.0
    street.settle(900)
    assert set(orders_of(street.db)) == sold
    assert level(street.db) == (50, len(sold))
    assert street.shown("CANDLE") == dict.fromkeys(street.shops, 50 - len(sold))
