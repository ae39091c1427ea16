"""Amazon: sign-in, orders, numbers, parcels and cancels, each call held against Amazon's own descriptions."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import server.channels.amazon as amazon
import server.simulated.platforms.amazon.listings as platform_listings
from server.calls.troubles import Away, Denied, Refused, Throttled
from server.channels.amazon import listed
from server.channels.amazon.carriers import CODES
from server.channels.amazon.inflight import ENDS_WITHIN
from server.channels.amazon.reading import read_order
from server.channels.amazon.signing import Key, signed
from server.domain.errors import DomainError
from server.simulated.platforms.amazon.orders import CARRIERS
from server.simulated.platforms.base import Said
from server.simulated.platforms.faults import Fault
from server.trade.words import Listing, Word
from tests.described import description, document
from tests.unit.channels.amazon_stand import Stand, schema, shipment, stock

ORDERS = "orders_2026-01-01.json"


def with_goods(count: int = 3, **more: Any) -> Stand:
    stand = Stand(**more)
    for nth in range(count):
        stand.platform.market.offer(f"SKU {nth}/ü", 50, gtin="4006381333931", title=f"Thing {nth}")
    return stand


# --- sign-in --------------------------------------------------------------------------------------------------------


def test_one_token_serves_for_most_of_its_hour_and_is_renewed_early() -> None:
    stand = with_goods()
    assert amazon.who(stand.line).name == "Orchard Goods (Amazon.com)"
    stand.now += 2800
    amazon.who(stand.line)
    assert stand.platform.tokens.made == 1
    stand.now += 100
    amazon.who(stand.line)
    assert stand.platform.tokens.made == 2


def test_a_token_that_amazon_forgot_is_renewed_at_once() -> None:
    stand = with_goods()
    amazon.who(stand.line)
    stand.platform.tokens.live.clear()
    amazon.who(stand.line)
    assert stand.platform.tokens.made == 2


@pytest.mark.parametrize("wrong", ["client_secret", "refresh_token"])
def test_wrong_credentials_are_denied_and_stay_out_of_the_text(wrong: str) -> None:
    stand = with_goods()
    amazon.who(stand.line)
    with pytest.raises(Denied) as denied:
        amazon.who(stand.connect(**{wrong: "Atzr|not-this-one"}))
    assert "not-this-one" not in denied.value.detail


def test_a_refresh_token_that_rotates_is_kept_and_one_that_a_person_sets_later_wins() -> None:
    stand = with_goods()
    stand.platform.tokens.rotates = True
    for _ in range(3):
        amazon.who(stand.line)
        stand.now += 3700
    assert stand.platform.tokens.made == 3
    stand.platform.tokens.refresh = "Atzr|authorized-again"
    amazon.who(stand.connect(refresh_token="Atzr|authorized-again"))
    assert stand.platform.tokens.made == 4


def test_a_marketplace_that_the_account_does_not_sell_in_is_denied() -> None:
    with pytest.raises(Denied, match="ATVPDKIKX0DER"):
        amazon.who(with_goods().connect(marketplace_id="A1F83G8C2ARO7P"))


@pytest.mark.parametrize("missing", ["client_id", "client_secret", "refresh_token", "seller_id", "queue_secret"])
def test_settings_that_cannot_work_are_refused(missing: str) -> None:
    settings = Stand().platform.settings()
    amazon.check(settings)
    with pytest.raises(DomainError, match=missing):
        amazon.check(settings | {missing: ""})


def test_the_example_names_every_setting() -> None:
    text = (Path(__file__).parents[3] / "deploy/channels/amazon.example.toml").read_text(encoding="utf-8")
    assert not [each.name for each in amazon.SETTINGS if each.name not in text]
    assert tomllib.loads(text)["kind"] == "amazon"


# --- orders ---------------------------------------------------------------------------------------------------------


def test_a_sale_comes_by_the_queue_with_every_byte_of_it() -> None:
    stand = with_goods()
    _, cursor = stand.look({})
    sale = stand.platform.market.sell(
        ("SKU 1/ü", 2), note="Läuten ☂ 2×", gift_message="Für 张 🎁", ship_by=stand.now + 9
    )
    (found,), cursor = stand.look(cursor)
    order = found.order
    assert (order.order_id, order.note, order.gift_message) == (sale.ref, "Läuten ☂ 2×", "Für 张 🎁")
    assert (order.ship_to.name, order.ship_to.lines) == ("Zoë Nuñez 张", ("12 Orchard Lane", "Apt 4"))
    assert [(line.sku, line.quantity, line.price) for line in order.lines] == [("SKU 1/ü", 2, "19.00")]
    assert (order.amount_due, order.amount_paid, order.currency, order.payment) == (3800, 3800, "USD", "paid")
    assert order.ship_by == stand.now + 9
    assert not stand.platform.queue.messages, "what was handed over is deleted with the next call"


def test_a_message_stays_until_the_page_that_holds_it_was_taken_over() -> None:
    stand = with_goods()
    _, cursor = stand.look({})
    stand.platform.market.sell(("SKU 1/ü", 1))
    page = amazon.changed_orders(stand.line, cursor)
    assert page.orders
    assert len(stand.platform.queue.messages) == 1
    stand.now += 301
    again = amazon.changed_orders(stand.line, cursor | {"looked": stand.now})
    assert again.orders, "a page that was lost is told again"


def test_every_notification_is_what_amazon_describes_and_strange_ones_are_put_aside() -> None:
    stand = with_goods()
    _, cursor = stand.look({})
    for paid in ("paid", "unpaid"):
        stand.platform.market.sell(("SKU 1/ü", 1), paid=paid)
    for message in stand.platform.queue.messages.values():
        schema("OrderChangeNotification.json").validate(json.loads(message.body))
    other = json.loads(next(iter(stand.platform.queue.messages.values())).body)
    other["Payload"]["OrderChangeNotification"]["SellerId"] = "SOMEBODY"
    for body in ("", "[]", "{}", "\ud800".encode("utf-8", "replace").decode(), json.dumps(other)):
        stand.platform.queue.put(body)
    found, _ = stand.look(cursor)
    assert len(found) == 2
    assert len(stand.platform.queue.messages) == 1, "another seller's message is not ours to delete"


def test_the_queue_is_asked_with_a_signature_that_amazon_checks() -> None:
    stand = with_goods()
    _, cursor = stand.look({})
    with pytest.raises(Away, match="queue"):
        amazon.changed_orders(stand.connect(queue_secret="wrong"), cursor)


@pytest.mark.parametrize(
    ("headers", "body", "signature"),
    [
        ({}, b"", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        (
            {"Content-Type": "application/x-www-form-urlencoded"},
            b"Param1=value1",
            "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        ),
    ],
)
def test_signatures_are_those_of_the_published_test_suite(headers: dict[str, str], body: bytes, signature: str) -> None:
    """AWS Signature Version 4 Test Suite: post-vanilla and post-x-www-form-urlencoded."""
    key = Key("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service")
    said = signed(key, 1440938160.0, "example.amazonaws.com", body, headers)["authorization"]
    names = "content-type;host;x-amz-date" if headers else "host;x-amz-date"
    scope = "AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
    assert said == f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={signature}"


def test_polling_alone_loses_no_order_of_hundreds_that_move_while_they_are_read() -> None:
    stand = with_goods(queue=False)
    market = stand.platform.market
    market.item("SKU 1/ü").quantity = 1000
    sales = []
    for _ in range(252):
        sales.append(market.sell(("SKU 1/ü", 1)))
        stand.now += 1
    stand.now += 200
    page = amazon.changed_orders(stand.line, {})
    seen = {each.order.order_id for each in page.orders}
    assert len(seen) == 100
    for nth in (5, 150, 250):
        market.change(sales[nth].ref, buyer={"city": "Astoria"})
    more, cursor = stand.look(dict(page.cursor))
    seen |= {each.order.order_id for each in more}
    assert len(seen) == 252
    stand.now += 300
    later, _ = stand.look(cursor)
    moved = {each.order.order_id for each in later if each.order.ship_to.city == "Astoria"}
    assert moved == {sales[nth].ref for nth in (5, 150, 250)}


def test_two_looks_overlap_and_each_ends_two_minutes_in_the_past() -> None:
    stand = with_goods(queue=False)
    _, cursor = stand.look({})
    for _ in range(2):
        stand.now += 240
        _, cursor = stand.look(cursor)
    first, second = [dict(ask.query) for ask in stand.calls("GET", "/orders")][-2:]
    assert first["lastUpdatedBefore"] == "2027-01-15T08:01:30Z"
    assert second["lastUpdatedAfter"] == "2027-01-15T07:59:30Z"


def test_with_a_queue_the_search_is_still_asked_every_four_minutes() -> None:
    stand = with_goods()
    cursor: dict[str, Any] = {}
    for _ in range(60):
        _, cursor = stand.look(cursor)
        stand.now += amazon.poll(stand.line.settings)
    searches = [ask for ask in stand.calls("GET", "/orders") if ask.path.endswith("/orders")]
    assert 5 <= len(searches) <= 6, "twenty minutes"


def test_what_get_order_does_not_allow_now_waits_in_the_cursor() -> None:
    stand = with_goods(limits=True)
    stand.platform.limited = True
    _, cursor = stand.look({})
    for _ in range(40):
        stand.platform.market.sell(("SKU 1/ü", 1))
    found, cursor = stand.look(cursor)
    assert len(found) == 30
    stand.now += 30
    more, _ = stand.look(cursor)
    assert len({each.order.order_id for each in found + more}) == 40
    assert not [said for _, said in stand.seen if said.status == 429]


def test_an_unpaid_order_has_no_address_and_only_reserves() -> None:
    stand = with_goods()
    sale = stand.platform.market.sell(("SKU 1/ü", 2), paid="unpaid")
    found = amazon.order(stand.line, sale.ref)
    assert found is not None
    assert (found.order.paid, found.order.payment, found.order.ship_to.lines) == (False, "unpaid", ())
    assert found.order.lines[0].quantity == 2
    stand.platform.market.change(sale.ref, paid="paid")
    paid = amazon.order(stand.line, sale.ref)
    assert paid is not None
    assert (paid.order.payment, paid.order.ship_to.city) == ("paid", "Portland")


def test_what_amazon_ships_itself_is_told_apart() -> None:
    stand = with_goods()
    sale = stand.platform.market.sell(("SKU 1/ü", 2), fulfilled_by="channel")
    found = amazon.order(stand.line, sale.ref)
    assert found is not None
    assert found.order.fulfilment == "channel"


def test_cancelled_units_are_not_wanted_and_a_mere_wish_changes_nothing() -> None:
    stand = with_goods()
    market = stand.platform.market
    sale = market.sell(("SKU 1/ü", 3), ("SKU 2/ü", 1))
    sale.extra["cancel_wanted"] = True
    quantities: list[list[int]] = []
    steps: list[Callable[[], object]] = [
        lambda: None,
        lambda: market.cancel(sale.ref, {sale.lines[0].line_id: 1}),
        lambda: market.cancel(sale.ref, {sale.lines[1].line_id: 1}),
        lambda: market.cancel(sale.ref),
    ]
    for step in steps:
        step()
        found = amazon.order(stand.line, sale.ref)
        assert found is not None
        quantities.append([line.quantity for line in found.order.lines])
    assert quantities == [[3, 1], [2, 1], [2], []]
    assert found is not None
    assert found.cancelled


def test_a_buyer_who_asks_for_a_cancel_is_asked_of_a_person_until_it_is_cancelled() -> None:
    stand = with_goods(queue=False)
    market = stand.platform.market
    sale = market.sell(("SKU 1/ü", 3), ("SKU 2/ü", 1))

    def asks() -> str:
        found = amazon.order(stand.line, sale.ref)
        assert found is not None
        return found.asks

    assert asks() == ""
    market.change(sale.ref, extra={"cancel_wanted": True})
    assert asks() == "The buyer asks to cancel SKU 1/ü, SKU 2/ü: cancel it, or ship it all the same"
    stand.now += 300
    assert [each.asks for each in stand.look({})[0]] == [asks()]
    market.cancel(sale.ref, {sale.lines[0].line_id: 1})
    assert asks() == "The buyer asks to cancel SKU 2/ü: cancel it, or ship it all the same"
    market.cancel(sale.ref)
    assert asks() == ""


@pytest.mark.parametrize("queue", [True, False])
def test_an_order_that_cannot_be_read_is_named_and_one_without_an_id_is_skipped(queue: bool) -> None:
    stand = with_goods(queue=queue)
    _, cursor = stand.look({})
    nameless, bad, good = (stand.platform.market.sell(("SKU 1/ü", 1)) for _ in range(3))
    bad.lines[0].quantity = -1
    if not queue:
        stand.platform.spoil(nameless.ref, {"orderId": ""})
    stand.now += 300
    page = amazon.changed_orders(stand.line, cursor | ({"looked": stand.now} if queue else {}))
    assert {each.order.order_id for each in page.orders} == {good.ref} | ({nameless.ref} if queue else set())
    assert page.unread == (bad.ref,)
    if queue:
        amazon.changed_orders(stand.line, page.cursor)
        assert not stand.platform.queue.messages, "what cannot be read is named once, not told for ever"


def test_there_is_no_order_under_a_strange_id() -> None:
    stand = with_goods()
    assert amazon.order(stand.line, "nope") is None
    assert amazon.order(stand.line, "112-0000000-0000000") is None


def examples() -> list[dict[str, Any]]:
    """Every order that the description shows."""
    found: list[dict[str, Any]] = []

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "orderItems" in value and "lastUpdatedTime" in value:
                found.append(value)
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(document(description("amazon", ORDERS))["paths"])
    return found


def test_every_order_in_the_description_is_read() -> None:
    orders = [read_order(raw) for raw in examples()]
    assert len(orders) >= 6
    yen = next(each for each in orders if each.order.currency == "JPY")
    assert (yen.order.amount_due, yen.order.fulfilment, yen.handed_over) == (19940, "channel", True)
    brazil = [each.order.ship_to.lines for each in orders if each.order.ship_to.country == "BR"]
    assert ("Rua das Flores, 123", "Apartamento 45", "Vila Madalena") in brazil


@pytest.mark.parametrize(("currency", "units"), [("USD", 123_450), ("UGX", 1235), ("ISK", 1235), ("IQD", 1_234_500)])
def test_money_has_the_digits_that_iso_4217_gives_its_currency(currency: str, units: int) -> None:
    raw = next(raw for raw in examples() if (raw.get("proceeds") or {}).get("grandTotal"))
    total = {"amount": "1234.50", "currencyCode": currency}
    assert read_order({**raw, "proceeds": {**raw["proceeds"], "grandTotal": total}}).order.amount_due == units


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"orderId": None}, "orderId"),
        ({"orderId": "a\nb"}, "orderId"),
        ({"fulfillment": None}, "fulfillment"),
        ({"createdTime": "yesterday"}, "createdTime"),
        ({"lastUpdatedTime": 5}, "lastUpdatedTime"),
        ({"orderItems": {}}, "orderItems"),
        (
            {"orderItems": [{"orderItemId": "1", "quantityOrdered": "2", "product": {"sellerSku": "a"}}]},
            "quantityOrdered",
        ),
        ({"orderItems": [{"orderItemId": "1", "quantityOrdered": -2, "product": {"sellerSku": "a"}}]}, "orderItems"),
        ({"orderItems": [{"orderItemId": "1", "quantityOrdered": 2, "product": {}}]}, "sellerSku"),
        ({"proceeds": {"grandTotal": {"amount": "many", "currencyCode": "USD"}}}, "amount"),
        ({"proceeds": {"grandTotal": {"amount": "NaN", "currencyCode": "USD"}}}, "amount"),
        ({"buyer": {"buyerName": "\ud800"}}, "Unicode"),
    ],
)
def test_an_order_that_cannot_be_read_is_malformed_and_names_the_field(change: dict[str, Any], named: str) -> None:
    raw: dict[str, Any] = {
        "orderId": "123-1234567-1234567",
        "createdTime": "2026-01-01T00:00:00Z",
        "lastUpdatedTime": "2026-01-01T00:00:00Z",
        "orderItems": [],
        "fulfillment": {"fulfillmentStatus": "UNSHIPPED", "fulfilledBy": "MERCHANT"},
        "recipient": {"deliveryAddress": {"name": "Zoë Secret"}},
    }
    read_order(raw)
    with pytest.raises(DomainError, match=named) as error:
        read_order(raw | change)
    assert error.value.code == "malformed"
    assert "Secret" not in error.value.detail


def test_amazon_calls_nobody() -> None:
    line = Stand().line
    with pytest.raises(DomainError, match="not_found"):
        amazon.heard(line, {}, b"{}")
    with pytest.raises(DomainError, match="not_found"):
        amazon.greeting(line, {})


# --- listings and numbers -------------------------------------------------------------------------------------------


def test_everything_we_ship_is_listed_though_one_search_does_not_reach_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The true reach is a thousand listings."""
    for module in (listed, platform_listings):
        monkeypatch.setattr(module, "REACH", 60)
    stand = with_goods(130)
    stand.platform.market.offer("FBA", 5, extra={"channel": "AMAZON_NA"})
    found = stand.all_listings()
    assert {each.sku for each in found} == {f"SKU {nth}/ü" for nth in range(130)}
    assert (found[0].gtin, found[0].title, found[0].quantity) == ("4006381333931", "Thing 0", 50)


def test_live_numbers_show_what_somebody_changed_and_what_is_gone() -> None:
    stand = with_goods(45)
    stand.platform.market.offer("a,b", 7)
    listings = stand.all_listings()
    stand.platform.market.tamper("SKU 3/ü", 99)
    stand.platform.gone("SKU 4/ü")
    live = amazon.live_stock(stand.line, listings)
    assert (live["SKU 3/ü"], live["SKU 4/ü"], live["a,b"], len(live)) == (99, None, 7, 46)


def test_a_few_numbers_are_patched_and_one_that_is_wrong_keeps_no_other_back() -> None:
    stand = with_goods()
    words = [stock("SKU 0/ü", 4), stock("unknown", 5), stock("SKU 2/ü", 0)]
    answers = amazon.tell(stand.line, words)
    assert [each.ok for each in answers] == [True, False, True]
    assert isinstance(answers[1].trouble, Refused)
    assert [item.quantity for item in stand.platform.market.items.values()] == [4, 50, 0]
    assert json.loads(stand.calls("PATCH", "/items")[0].body)["patches"][0]["op"] == "merge"
    assert "%2F" in stand.calls("PATCH", "/items")[0].raw_path


def test_a_word_for_two_listings_is_told_to_both() -> None:
    stand = with_goods()
    both = (Listing(ref="SKU 0/ü", sku="SKU 0/ü"), Listing(ref="SKU 1/ü", sku="SKU 1/ü"))
    assert amazon.tell(stand.line, [stock("x", 8, listings=both)])[0].ok
    assert [item.quantity for item in stand.platform.market.items.values()] == [8, 8, 50]


def many(count: int, available: int = 7, version: int = 1) -> list[Word]:
    return [stock(f"SKU {nth}/ü", available, version) for nth in range(count)]


def test_many_numbers_go_as_one_feed_that_amazon_describes() -> None:
    stand = with_goods(120)
    words = [*many(119), stock("unknown", 5)]
    answers = amazon.tell(stand.line, words)
    assert [each.ok for each in answers] == [True] * 119 + [False]
    assert isinstance(answers[-1].trouble, Refused)
    numbers = [item.quantity for item in stand.platform.market.items.values()]
    assert numbers == [7] * 119 + [50]
    (upload,) = stand.calls("PUT", "/documents")
    schema("listings-feed-schema-v2.json").validate(json.loads(upload.body))
    for message in json.loads(upload.body)["messages"]:
        schema("listings-feed-message-schema-v2.json").validate(message)
    (feed,) = stand.platform.feeds.feeds.values()
    schema("listings-feed-processing-report-schema-v2.json").validate(json.loads(feed.report or b""))
    assert not stand.calls("PATCH", "/items")


def test_while_a_feed_is_on_its_way_nothing_else_is_told_of_its_skus() -> None:
    stand = with_goods(60)
    stand.platform.feeds.takes = 90.0
    first = amazon.tell(stand.line, many(50))
    assert all(isinstance(each.trouble, Away) and each.trouble.maybe_done for each in first)
    (newer, free) = amazon.tell(stand.line, [stock("SKU 1/ü", 3, 2), stock("SKU 55/ü", 2)])
    assert isinstance(newer.trouble, Throttled)
    assert free.ok
    stand.now += 91
    assert all(each.ok for each in amazon.tell(stand.line, many(25)))
    assert all(each.ok for each in amazon.tell(stand.line, many(50)[25:]))
    assert amazon.tell(stand.line, [stock("SKU 1/ü", 3, 2)])[0].ok
    assert stand.platform.market.item("SKU 1/ü").quantity == 3
    assert (len(stand.platform.feeds.feeds), stand.platform.races) == (1, [])


def test_the_platform_would_notice_a_patch_beside_a_feed() -> None:
    """What the tests around this one rely on."""
    stand = with_goods(60)
    stand.platform.feeds.takes = 90.0
    amazon.tell(stand.line, many(50))
    stand.memory.put("amazon:stock", None)
    amazon.tell(stand.line, [stock("SKU 1/ü", 3, 2)])
    assert stand.platform.races == ["SKU 1/ü"]


def test_empty_shelves_do_not_wait_for_a_feed() -> None:
    stand = with_goods(60)
    stand.platform.feeds.takes = 90.0
    answers = amazon.tell(stand.line, [stock("SKU 59/ü", 0), *many(50)])
    assert answers[0].ok
    assert stand.platform.market.item("SKU 59/ü").quantity == 0
    again = amazon.tell(stand.line, [stock("SKU 59/ü", 9, 2), *[stock(f"SKU {n}/ü", 1, 2) for n in range(50, 59)]])
    assert all(each.ok for each in again)
    assert stand.platform.races == []


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.BROKEN_AFTER])
def test_a_feed_whose_answer_was_lost_is_found_again_and_sent_once(fault: Fault) -> None:
    stand = with_goods(60)
    stand.platform.faults.once(fault, "POST", "/feeds/2021-06-30/feeds")
    first = amazon.tell(stand.line, many(50))
    assert all(isinstance(each.trouble, Away) and each.trouble.maybe_done for each in first)
    assert all(each.ok for each in amazon.tell(stand.line, many(50)))
    assert len(stand.platform.feeds.feeds) == 1


def test_a_feed_that_never_arrived_is_sent_again_once_amazon_shows_none() -> None:
    stand = with_goods(60)
    stand.platform.faults.once(Fault.LOST_BEFORE, "POST", "/feeds/2021-06-30/feeds")
    assert not any(each.ok for each in amazon.tell(stand.line, many(50)))
    assert not any(each.ok for each in amazon.tell(stand.line, many(50)))
    stand.now += 61
    assert all(each.ok for each in amazon.tell(stand.line, many(50)))


def test_a_feed_that_amazon_gave_up_is_told_and_then_sent_again() -> None:
    stand = with_goods(60)
    stand.platform.feeds.fatal = True
    first = amazon.tell(stand.line, many(50))
    assert all("given up" in each.text for each in first)
    assert all(each.ok for each in amazon.tell(stand.line, many(50)))


def stuck(stand: Stand) -> None:
    """The feeds that are on their way never end; later ones do at once."""
    for feed in stand.platform.feeds.feeds.values():
        feed.status = "IN_PROGRESS"
    stand.platform.feeds.takes = 0.0


def test_a_feed_that_never_ends_is_given_up_and_its_numbers_are_sent_again() -> None:
    stand = with_goods(60)
    stand.platform.feeds.takes = 1e9
    amazon.tell(stand.line, many(50))
    stuck(stand)
    stand.now += ENDS_WITHIN
    assert all("in progress" in each.text for each in amazon.tell(stand.line, many(50)))
    stand.now += 1
    assert all("given up" in each.text for each in amazon.tell(stand.line, many(50)))
    assert all(each.ok for each in amazon.tell(stand.line, many(50)))
    assert len(stand.platform.feeds.feeds) == 2


def test_a_cancel_whose_feed_never_ends_is_sent_again() -> None:
    stand = with_goods()
    sale = stand.platform.market.sell(("SKU 1/ü", 2))
    stand.platform.feeds.takes = 1e9
    word = cancel(sale)
    assert "in progress" in amazon.tell(stand.line, [word])[0].text
    stuck(stand)
    stand.now += ENDS_WITHIN + 1
    assert "given up" in amazon.tell(stand.line, [word])[0].text
    assert amazon.tell(stand.line, [word])[0].ok
    assert sale.status == "cancelled"


def test_accepted_with_errors_is_refused_and_a_warning_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    stand = with_goods()
    for severity, ok in (("ERROR", False), ("WARNING", True)):
        issue = platform_listings.issue("90220", "'size' is required but not supplied.") | {"severity": severity}
        body = {"sku": "SKU 1/ü", "status": "ACCEPTED", "submissionId": "s", "issues": [issue]}
        monkeypatch.setattr(stand.platform, "_patched", lambda sku, ask, said=body: Said.of(said))
        (answer,) = amazon.tell(stand.line, [stock("SKU 1/ü", 3)])
        assert (answer.ok, isinstance(answer.trouble, Refused)) == (ok, not ok)


def test_a_word_without_a_listing_is_refused() -> None:
    assert isinstance(amazon.tell(with_goods().line, [stock("SKU 1/ü", 3, listings=())])[0].trouble, Refused)


def test_too_many_calls_are_held_back_before_they_are_made() -> None:
    stand = with_goods(30, limits=True)
    stand.platform.limited = True
    done = 0
    for _ in range(100):
        left = many(30)[done:]
        answers = amazon.tell(stand.line, left) if left else []
        assert all(each.ok or isinstance(each.trouble, Throttled) for each in answers)
        done += sum(each.ok for each in answers)
        stand.now += 0.5
    assert done == 30
    assert not [said for _, said in stand.seen if said.status == 429], "no storm"


def test_after_a_429_nothing_is_asked_for_a_while() -> None:
    stand = with_goods(30, limits=True)
    stand.platform.faults.once(Fault.TOO_MANY, "PATCH")
    answers = amazon.tell(stand.line, many(30))
    assert not any(each.ok for each in answers)
    assert len(stand.calls("PATCH", "/items")) == 1


def test_the_rate_that_amazon_tells_is_kept() -> None:
    stand = with_goods(limits=True)
    stand.platform.limited = True
    amazon.who(stand.line)
    assert stand.line.pace.wait("getMarketplaceParticipations", 15) == pytest.approx(1 / 0.016)


# --- parcels --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [None, Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.LOST_BEFORE, Fault.TOO_MANY])
def test_parts_of_an_order_are_confirmed_once_each_whatever_happens_to_the_answer(fault: Fault | None) -> None:
    stand = with_goods()
    sale = stand.platform.market.sell(("SKU 1/ü", 3))
    line_id = sale.lines[0].line_id
    for parcel, units in (("P1", 1), ("P2", 2)):
        if fault:
            stand.platform.faults.once(fault, "POST", "shipmentConfirmation")
            assert not amazon.tell(stand.line, [shipment(sale, parcel, {line_id: units})])[0].ok
            stand.now += 6
        assert amazon.tell(stand.line, [shipment(sale, parcel, {line_id: units}, tried=True)])[0].ok
        stand.now += 6
    assert [(each.tracking, dict(each.units)) for each in sale.shipments] == [
        ("1ZP1", {line_id: 1}),
        ("1ZP2", {line_id: 2}),
    ]
    found = amazon.order(stand.line, sale.ref)
    assert found is not None
    assert (found.handed_over, found.tracking) == (True, frozenset({"1ZP1", "1ZP2"}))


@pytest.mark.parametrize(
    ("ours", "table", "theirs"),
    [
        ("ups", {}, "UPS"),
        ("fedex", {}, "FedEx"),
        ("royal_mail", {}, "Royal Mail"),
        ("van", {"van": "GLS"}, "GLS"),
        ("city-bikes", {"city-bikes": "Other: City Bikes"}, "City Bikes"),
        ("city-bikes", {}, None),
        ("city-bikes", {"city-bikes": "Other"}, None),
        ("other", {}, None),
        ("", {}, None),
    ],
)
def test_a_carrier_is_one_of_amazons_or_the_parcel_is_held(
    ours: str, table: dict[str, str], theirs: str | None
) -> None:
    stand = with_goods(changes={"carriers": table})
    sale = stand.platform.market.sell(("SKU 1/ü", 1))
    (answer,) = amazon.tell(stand.line, [shipment(sale, "P1", {sale.lines[0].line_id: 1}, ours)])
    if theirs is None:
        assert isinstance(answer.trouble, Refused)
        assert answer.text.startswith("carrier:")
        assert not stand.seen
    else:
        assert answer.ok
        assert sale.shipments[0].carrier == theirs


def test_every_code_we_map_to_is_in_amazons_list() -> None:
    assert set(CODES) | {"Other"} == set(CARRIERS)


def test_more_than_is_open_is_refused_but_what_a_person_typed_in_before_is_fine() -> None:
    stand = with_goods()
    sale = stand.platform.market.sell(("SKU 1/ü", 1))
    units = {sale.lines[0].line_id: 1}
    assert amazon.tell(stand.line, [shipment(sale, "P1", units)])[0].ok
    assert isinstance(amazon.tell(stand.line, [shipment(sale, "P2", units)])[0].trouble, Refused)
    # P3 stands for a second try that Amazon refuses although it carried out the first.
    typed = shipment(sale, "P3", units)
    assert amazon.tell(
        stand.line, [Word(id="P3", kind="shipment", key="P3", data={**typed.data, "tracking_number": "1ZP1"})]
    )[0].ok
    assert len(sale.shipments) == 1


# --- cancels --------------------------------------------------------------------------------------------------------


def cancel(sale: Any, units: dict[str, int] | None = None, reason: str = "customer", **more: Any) -> Word:
    lines = [{"line_id": ref, "sku": "", "quantity": count} for ref, count in (units or {}).items()]
    data = {"order_id": sale.ref, "cancelled_at": "", "reason": reason, "lines": lines}
    return Word(id=f"c{sale.ref}", kind="cancel", key=sale.ref, data=data, **more)


@pytest.mark.parametrize(("reason", "left"), [("customer", 50), ("out_of_stock", 48)])
def test_a_whole_order_is_cancelled_by_the_feed(reason: str, left: int) -> None:
    stand = with_goods()
    sale = stand.platform.market.sell(("SKU 1/ü", 2))
    assert amazon.tell(stand.line, [cancel(sale, {sale.lines[0].line_id: 2}, reason)])[0].ok
    assert (sale.status, stand.platform.market.item("SKU 1/ü").quantity) == ("cancelled", left)
    assert amazon.tell(stand.line, [cancel(sale, tried=True)])[0].ok
    assert len(stand.platform.feeds.feeds) == 1


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.BROKEN_AFTER])
def test_a_cancel_whose_answer_was_lost_is_not_sent_twice(fault: Fault) -> None:
    stand = with_goods()
    sale = stand.platform.market.sell(("SKU 1/ü", 2))
    stand.platform.faults.once(fault, "POST", "/feeds/2021-06-30/feeds")
    assert isinstance(amazon.tell(stand.line, [cancel(sale)])[0].trouble, Away)
    assert amazon.tell(stand.line, [cancel(sale, tried=True)])[0].ok
    assert len(stand.platform.feeds.feeds) == 1


def test_a_cancel_is_waited_for_while_its_feed_is_worked_on() -> None:
    stand = with_goods()
    stand.platform.feeds.takes = 60.0
    sale = stand.platform.market.sell(("SKU 1/ü", 2))
    for _ in range(2):
        assert "in progress" in amazon.tell(stand.line, [cancel(sale)])[0].text
    stand.now += 61
    assert amazon.tell(stand.line, [cancel(sale, tried=True)])[0].ok
    assert len(stand.platform.feeds.feeds) == 1


def test_what_the_feed_cannot_do_honestly_is_refused_with_a_reason() -> None:
    stand = with_goods()
    market = stand.platform.market
    part, left, fba = (market.sell(("SKU 1/ü", 2), fulfilled_by=by) for by in ("own", "own", "channel"))
    assert amazon.tell(stand.line, [shipment(left, "P1", {left.lines[0].line_id: 1})])[0].ok
    words = [cancel(part, {part.lines[0].line_id: 1}), cancel(left), cancel(fba)]
    said = amazon.tell(stand.line, words)
    assert [type(each.trouble) for each in said] == [Refused] * 3
    assert [word in each.text for word, each in zip(("whole order", "has left", "itself"), said, strict=True)] == [
        True
    ] * 3


def test_an_acknowledgement_is_nothing_that_amazon_asks_for() -> None:
    assert amazon.ACK_WITHIN is None
    (said,) = amazon.tell(Stand().line, [Word(id="a", kind="ack", key="a", data={"order_id": "1"})])
    assert isinstance(said.trouble, Refused)


@pytest.mark.parametrize("fault", [Fault.TOO_MANY, Fault.BROKEN, Fault.LOST_BEFORE, Fault.GARBLED])
def test_a_platform_in_trouble_is_away_or_throttled_and_never_empty(fault: Fault) -> None:
    stand = with_goods()
    sale = stand.platform.market.sell(("SKU 1/ü", 1))
    asks: list[Callable[[], object]] = [
        lambda: amazon.who(stand.connect()),
        lambda: amazon.order(stand.connect(), sale.ref),
        lambda: amazon.changed_orders(stand.connect(), {}),
        lambda: amazon.listings(stand.connect(), ""),
        lambda: amazon.live_stock(stand.connect(), [Listing(ref="SKU 1/ü", sku="SKU 1/ü")]),
    ]
    amazon.who(stand.line)
    stand.seen.clear()
    for ask in asks:
        stand.platform.faults.once(fault)
        with pytest.raises((Away, Throttled)):
            ask()
