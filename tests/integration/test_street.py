"""Orders come from every platform by whatever way, and every platform ends at the true number."""

from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from server.calls.line import Line
from server.channels import etsy
from server.db import inbox, tables
from server.db.transaction import Database, transaction
from server.domain.sales.orders import OrderStatus
from server.simulated.platforms import kinds
from server.simulated.platforms.faults import Fault
from server.trade.words import Answer, Word
from server.usecases.benchwork.benches import add_bench
from server.usecases.benchwork.snapshot import read_queue
from server.usecases.connecting.resending import replay
from server.usecases.sharing.publishing import tell_everything
from server.usecases.starting.sites import change_channel
from server.usecases.talking.lines import Lines
from server.usecases.warehouse.counting import count_on_hand
from station.heartbeat import QUEUE_SECONDS
from tests import telling
from tests.book import BOSS, count_rows, incidents_of, level
from tests.market import Street, send_off


@pytest.fixture
def street(sqlite_db: Database) -> Iterator[Street]:
    yield from opened(sqlite_db)


@pytest.fixture
def street_on_both(db: Database) -> Iterator[Street]:
    yield from opened(db)


def opened(db: Database) -> Iterator[Street]:
    """All platforms, and every number told."""
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


def test_a_sale_anywhere_is_one_order_here_and_one_number_less_everywhere(street_on_both: Street) -> None:
    street = street_on_both
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
        street.settle(3600, by=900)
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


def test_an_order_nobody_can_read_waits_for_a_person_and_holds_no_other_up(street: Street) -> None:
    kind, shop = next(iter(street.shops.items()))
    good = shop.market.sell(("CANDLE", 1))
    with transaction(street.db, BOSS, "test") as tx:
        inbox.put(tx, street.row(kind).id, [inbox.Item("order", good.ref[:-1] + "x")])
    street.settle(300, by=30)
    assert set(orders_of(street.db)) == {(kind, good.ref)}
    [cause] = incidents_of(street.db, "bad_order")
    assert good.ref[:-1] + "x" in cause
    assert count_rows(street.db, tables.inbox, tables.inbox.c.state == "parked") == 1


def test_a_row_that_a_platform_refuses_for_ever_waits_for_a_person_while_the_others_are_told(street: Street) -> None:
    gone = next(iter(street.shops))
    street.shops[gone].gone("CANDLE")  # type: ignore[attr-defined]
    other = next(kind for kind in street.shops if kind != gone)
    street.shops[other].market.sell(("CANDLE", 1), ("SOAP", 1))
    street.settle(600)
    assert street.shops[gone].market.item("SOAP").quantity == 19
    assert {street.shops[kind].market.item("CANDLE").quantity for kind in street.shops if kind != gone} == {49}


def test_a_word_that_breaks_its_adapter_waits_for_a_person_while_the_others_are_told(
    sqlite_db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    street = Street(sqlite_db, ["etsy"])
    street.open(CANDLE=50, SOAP=20, MUG=10)
    tell = etsy.tell

    def breaks(line: Line, words: Sequence[Word]) -> Sequence[Answer]:
        if any(word.key == "CANDLE" for word in words):
            raise KeyError("offerings")
        return tell(line, words)

    monkeypatch.setattr(etsy, "tell", breaks)
    count_on_hand(sqlite_db, BOSS, "CANDLE", "EAST", 7)
    with capture_logs():
        for units in range(1, 6):
            for sku in ("MUG", "SOAP"):
                count_on_hand(sqlite_db, BOSS, sku, "EAST", units)
            street.settle(61, by=61)
    shown = street.shops["etsy"].market
    assert [shown.item(sku).quantity for sku in ("CANDLE", "MUG", "SOAP")] == [50, 5, 5]
    [cause] = incidents_of(sqlite_db, "channel_refuses")
    assert cause == "channel etsy refuses the stock CANDLE: KeyError in the adapter"
    monkeypatch.undo()
    replay(sqlite_db, BOSS, "etsy")
    street.step()
    assert shown.item("CANDLE").quantity == 7
    assert not incidents_of(sqlite_db, "channel_refuses")


def test_a_worker_that_wakes_after_another_took_its_channel_over_says_nothing_twice(sqlite_db: Database) -> None:
    street = Street(sqlite_db, ["ebay"])
    street.open(CANDLE=50)
    [shop] = street.shops.values()
    sale = shop.market.sell(("CANDLE", 1))
    street.settle(120)
    send_off(sqlite_db, 1, "1Z999AA10123450001")
    channel = street.row("ebay")
    [frozen] = telling.claim(sqlite_db, channel.id, 1)
    street.at += 61
    other = Lines(sqlite_db, street.lines.client, patience=0.0, limited=False)
    assert other.hold(channel.id, "worker-2")
    telling.tell_due(sqlite_db, other, channel.id)
    assert len(sale.shipments) == 1
    asked = len(shop.asked)
    telling.tell(sqlite_db, street.lines, frozen)
    assert (len(sale.shipments), len(shop.asked)) == (1, asked)
    assert not street.lines.hold(channel.id, "worker-1")


def test_a_parcel_that_left_is_told_to_its_platform_once_although_answers_are_lost(street: Street) -> None:
    for shop in street.shops.values():
        shop.market.sell(("CANDLE", 1))
    street.settle(600)
    with street.db.read() as connection:
        ids = connection.execute(select(tables.order.c.id).order_by(tables.order.c.id)).scalars().all()
    for number, order_id in enumerate(ids, 1):
        send_off(street.db, order_id, f"1Z999AA1012345{number:04}")
    for shop in street.shops.values():
        shop.faults.share = 0.5
    street.settle(1800)
    for shop in street.shops.values():
        shop.faults.share = 0.0
    street.settle(900)
    for kind, shop in street.shops.items():
        [sale] = shop.market.sales.values()
        assert len(sale.shipments) == 1, kind
        assert sale.shipped, kind


def test_half_a_character_in_an_order_stops_nothing(street: Street) -> None:
    sold = set()
    for kind, shop in street.shops.items():
        sale = shop.market.sell(("CANDLE", 1))
        sale.buyer["name"] = "Zo\ud83d"
        sold |= {(kind, sale.ref), (kind, shop.market.sell(("SOAP", 1)).ref)}
        shop.outgoing.clear()
    street.settle(600)
    assert set(orders_of(street.db)) == sold
    with street.db.read() as connection:
        names = {row["name"] for row in connection.execute(select(tables.recipient.c.address)).scalars()}
    assert names <= {"Zo\ufffd", "Zoë Nuñez 张"}


def test_a_paused_channel_is_told_nothing_more_at_once(street: Street) -> None:
    kind = next(iter(street.shops))
    count_on_hand(street.db, BOSS, "SOAP", "EAST", 7)
    tell_everything(street.db)
    row = street.row(kind)
    change_channel(street.db, BOSS, kind, row.settings, active=False)
    assert telling.claim(street.db, row.id, 4) == []


def test_an_order_that_arrived_is_on_every_bench_s_list_by_its_next_look(street: Street) -> None:
    bench = add_bench(street.db, BOSS, "Bench 1", "EAST")
    arriving = [kind for kind, shop in street.shops.items() if shop.market.sell(("CANDLE", 1)) and shop.outgoing]
    for kind in arriving:
        street.deliver(kind)
    assert read_queue(street.db, bench).waiting == 0
    street.step(*arriving)
    at_once = read_queue(street.db, bench)
    assert {item.channel for item in at_once.items} == set(arriving)
    assert len(arriving) >= 4
    street.at += 60
    street.step()
    assert read_queue(street.db, bench).waiting == len(street.shops)
    assert QUEUE_SECONDS <= 3, "of the five seconds that there are from arriving to being seen"


def test_a_connection_that_ends_in_a_week_is_told_until_it_is_renewed(sqlite_db: Database) -> None:
    street = Street(sqlite_db, ["ebay"])
    street.open(CANDLE=50)

    def connected_until(day: str) -> list[str]:
        row = street.row("ebay")
        change_channel(sqlite_db, BOSS, "ebay", {**row.settings, "connected_until": day})
        street.at += 3601
        street.step()
        return incidents_of(sqlite_db, "channel_denied")

    assert connected_until("2026-12-15") == []
    assert connected_until("2026-11-28") == [
        "the connection to channel ebay ends on 2026-11-28: connect it again before that"
    ]
    assert connected_until("2028-05-21") == []
