"""eBay: signing in, orders, what is on sale."""

import copy
import json
import random
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.calls.line import Line
from server.calls.pace import Pace
from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.channels import ebay, kinds, platform_of
from server.domain.errors import DomainError
from server.simulated.platforms import simulated
from server.simulated.platforms.ebay.selling import CARRIERS as TAKEN
from server.simulated.platforms.ebay.shown import order_of
from server.simulated.platforms.faults import Fault
from server.trade.orders import ShipTo
from server.trade.words import Listing
from tests.unit.channels.ebay_seller import NOON, Clock, Seller, cancel, contracts, shipment, stock

HOUR = 3600.0


def test_ebay_is_found_by_its_kind() -> None:
    assert "ebay" in kinds()
    assert platform_of("ebay") is ebay
    assert simulated("ebay", Clock()).KIND == "ebay"


def test_every_request_and_every_answer_is_as_ebay_describes_it() -> None:
    contracts()
    seller = Seller(described=True)
    listings = seller.offer(3)
    ebay.who(seller.line)
    unknown = Listing(ref="none", sku="none")
    seller.tell(*(stock(each, 3) for each in [*listings, unknown]))
    assert ebay.live_stock(seller.line, [*listings, unknown])["none"] is None
    sale = seller.platform.market.sell((listings[0].sku, 2), (listings[1].sku, 1), note="n", gift_message="g")
    seller.platform.market.cancel(sale.ref, {sale.lines[1].line_id: 1})
    seller.tell(shipment(sale, {listings[0].sku: 1}))
    seller.tell(shipment(sale, {listings[0].sku: 1}, tried=True), shipment(sale, {listings[0].sku: 9}))
    seller.sell(("FBE", 1), fulfilled_by="channel")
    seller.tell(cancel(seller.platform.market.sell((listings[2].sku, 1)), {listings[2].sku: 1}))
    ebay.changed_orders(seller.line, {})
    ebay.changed_orders(seller.line, {"from": NOON - 60})
    seller.order(seller.platform.ask_cancel(sale.ref))
    seller.hear(seller.platform.outgoing[0])
    called = {(ask.method, ask.path.split("/v1/")[-1].split("/")[0]) for ask in seller.asked}
    assert len(called) >= 9


# --- signing in -----------------------------------------------------------------------------------------------------


def test_a_token_lives_its_time_and_is_renewed_before_its_end() -> None:
    seller = Seller()
    for minute in range(0, 240, 2):
        seller.clock.at = NOON + minute * 60
        ebay.changed_orders(seller.line, {"from": NOON})
    assert seller.count("POST", "token") == 3, "one at the start, and one for every 96 of its 120 minutes"
    assert all(status == 200 for _, _, status in seller.platform.asked)


def test_a_token_that_ebay_forgot_is_replaced_and_the_call_made_again() -> None:
    seller = Seller()
    ebay.who(seller.line)
    seller.platform._tokens.clear()
    assert ebay.changed_orders(seller.line, {}).orders == ()
    assert seller.count("POST", "token") == 2


@pytest.mark.parametrize("wrong", [{"client_secret": "wrong"}, {"refresh_token": "wrong"}, {"client_id": "wrong"}])
def test_wrong_credentials_are_denied_and_not_written_down(wrong: dict[str, str]) -> None:
    seller = Seller()
    with pytest.raises(Denied) as denied:
        ebay.who(seller.new_line(**wrong))
    assert "packproof-secret" not in denied.value.detail
    assert "simulated-refresh" not in denied.value.detail


def test_a_seller_who_takes_the_permission_back_is_noticed_though_a_token_was_still_good() -> None:
    seller = Seller()
    ebay.who(seller.line)
    seller.platform.refresh_token = "of another connection"
    ebay.changed_orders(seller.line, {})
    with pytest.raises(Denied):
        ebay.who(seller.line)
    seller.platform.revoke()
    with pytest.raises(Denied):
        ebay.changed_orders(seller.line, {})
    assert [ref.kind for ref in seller.hear(seller.platform.outgoing[-1]).refs] == ["account"]


def test_a_rotated_refresh_token_is_kept_until_a_person_sets_another() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/token"):
            return httpx.Response(200, json={})
        asked.append(dict(httpx.QueryParams(request.read().decode()))["refresh_token"])
        return httpx.Response(200, json={"access_token": "t", "expires_in": 7200, "refresh_token": f"new{len(asked)}"})

    clock, seller = Clock(), Seller()
    client = httpx.Client(transport=httpx.MockTransport(answer))
    for refresh in ("first", "first", "second"):
        line = Line("ebay", seller.platform.settings() | {"refresh_token": refresh}, client, clock, Pace({}, clock))
        line.memory = seller.memory
        line.forget("user")
        ebay.listings(line, "")
    assert asked == ["first", "new1", "second"]


def test_who_names_the_seller_the_places_and_the_end_of_the_connection() -> None:
    seller = Seller(settings={"connected_until": "2028-05-21"})
    assert ebay.who(seller.line).name == "eBay"
    seller.sell(("A", 1))
    account = ebay.who(seller.line)
    assert account.name == "packproof_seller"
    assert account.places == {"main": "Main warehouse"}
    assert account.expires_at == 1842480000.0


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"client_id": ""}, "client_id"),
        ({"client_secret": ""}, "client_secret"),
        ({"refresh_token": None}, "refresh_token"),
        ({"api_url": "ftp://x"}, "api_url"),
        ({"auth_url": "nowhere"}, "auth_url"),
        ({"verification_token": "short"}, "verification_token"),
        ({"verification_token": "x" * 81}, "verification_token"),
        ({"carriers": {"ours": 1}}, "carriers"),
        ({"carriers": "UPS"}, "carriers"),
        ({"connected_until": "soon"}, "connected_until"),
    ],
)
def test_settings_that_cannot_work_are_named(change: dict[str, Any], named: str) -> None:
    good = Seller().platform.settings()
    ebay.check(good)
    with pytest.raises(DomainError) as error:
        ebay.check(good | change)
    assert (error.value.code, error.value.detail.split(":")[0]) == ("invalid", named)


# --- an order in our words ------------------------------------------------------------------------------------------


def test_an_order_arrives_byte_for_byte() -> None:
    seller = Seller()
    buyer: dict[str, Any] = {
        "name": "Ẓalgo ̷́ Ω 张伟 🧦",
        "company": "Ø & Søn",
        "lines": ("Straße 1\u00a0b", "\u200fשלום"),
        "city": "Łódź",
        "postcode": "90-001",
        "country": "PL",
        "region": "",
    }
    sale = seller.sell(("A/1 é", 2), ("B", 1), buyer=buyer, note="Ring twice 🔔\nplease", gift_message="Grüße ❤️")
    found = seller.order(sale).order
    assert found.ship_to == ShipTo(**buyer, phone="+1 503 555 0142", email="zoe@example.com")
    assert (found.note, found.gift_message) == ("Ring twice 🔔\nplease", "Grüße ❤️")
    assert [(line.sku, line.quantity, line.price) for line in found.lines] == [("A/1 é", 2, "19.00"), ("B", 1, "19.00")]
    assert [line.line_id for line in found.lines] == [line.line_id for line in sale.lines]
    assert (found.currency, found.amount_due, found.amount_paid, found.payment) == ("USD", 5700, 5700, "paid")
    assert (found.placed_at, found.ship_by, found.deliver_by) == (NOON, NOON + 48 * HOUR, NOON + 144 * HOUR)
    assert found.raw["salesRecordReference"] == str(sale.number), "what nobody asked for is kept as it came"


def _raw(**more: Any) -> dict[str, Any]:
    seller = Seller()
    sale = seller.sell(("A", 4), ("B", 1), **more)
    return copy.deepcopy(order_of(sale, "https://ebay.test", whole=True))


def _refund(raw: dict[str, Any], *amounts: str, **named: str) -> None:
    raw["lineItems"][0] |= named
    raw["lineItems"][0]["refunds"] = [{"amount": {"value": each, "currency": "USD"}} for each in amounts]


@pytest.mark.parametrize(
    ("change", "units"),
    [
        (_refund, {"A": 4, "B": 1}),
        (lambda raw: _refund(raw, "19.00"), {"A": 4, "B": 1}),
        (lambda raw: _refund(raw, "38.00", "38.00"), {"B": 1}),
        (lambda raw: _refund(raw, "76.00", lineItemFulfillmentStatus="IN_PROGRESS"), {"A": 4, "B": 1}),
        (lambda raw: _refund(raw, "76.00"), {"B": 1}),
        (lambda raw: _refund(raw, "80.00"), {"B": 1}),
        (lambda raw: _refund(raw, "5.00"), {"A": 4, "B": 1}),
        (lambda raw: _refund(raw, "76.00", lineItemFulfillmentStatus="FULFILLED"), {"A": 4, "B": 1}),
        (lambda raw: raw["cancelStatus"].update(cancelState="CANCELED"), {}),
        (lambda raw: raw["cancelStatus"].update(cancelState="IN_PROGRESS"), {"A": 4, "B": 1}),
        (lambda raw: raw.update(orderPaymentStatus="FULLY_REFUNDED"), {}),
    ],
)
def test_only_units_that_are_still_wanted_are_shown(change: Callable[[Any], None], units: dict[str, int]) -> None:
    raw = _raw()
    change(raw)
    found = ebay.read_order(raw)
    assert {line.sku: line.quantity for line in found.order.lines} == units
    assert found.cancelled is (not units)


def test_money_that_went_back_in_part_takes_no_unit_off_and_asks_a_person() -> None:
    raw = _raw()
    _refund(raw, "19.00")
    found = ebay.read_order(raw)
    assert found.order.lines[0].quantity == 4
    assert "money that went back" in found.asks
    _refund(raw, "76.00")
    assert not ebay.read_order(raw).asks


def test_a_refund_of_the_whole_price_after_a_promotion_takes_the_line_off() -> None:
    raw = _raw()
    raw["lineItems"][0]["discountedLineItemCost"] = {"value": "60.00", "currency": "USD"}
    assert ebay.read_order(raw).order.lines[0].price == "15.00"
    _refund(raw, "60.00")
    assert [line.sku for line in ebay.read_order(raw).order.lines] == ["B"]


@pytest.mark.parametrize(
    ("status", "money_came", "payment"),
    [
        ("PENDING", False, "unpaid"),
        ("FAILED", False, "failed"),
        ("PAID", True, "paid"),
        ("PARTIALLY_REFUNDED", True, "paid"),
        ("PENDING", True, "paid"),
        ("FAILED", True, "paid"),
    ],
)
def test_a_refund_under_way_does_not_make_a_paid_order_unpaid(status: str, money_came: bool, payment: str) -> None:
    raw = _raw(paid="paid" if money_came else "unpaid")
    raw["orderPaymentStatus"] = status
    found = ebay.read_order(raw).order
    assert (found.payment, found.paid) == (payment, payment == "paid")


def test_an_unpaid_order_has_no_address_yet_and_gets_one_when_it_is_paid() -> None:
    seller = Seller()
    sale = seller.sell(("A", 1), paid="unpaid")
    before = seller.order(sale).order
    assert (before.ship_to, before.payment, before.amount_paid) == (ShipTo(), "unpaid", 0)
    seller.clock.at += 5
    seller.platform.market.change(sale.ref, paid="paid")
    after = seller.order(sale)
    assert (after.order.payment, after.order.ship_to.city, after.changed_at) == ("paid", "Portland", NOON + 5)
    assert [message.about for message in seller.platform.outgoing] == [sale.ref], "eBay confirms what is paid"


def test_what_ebay_ships_from_its_own_warehouse_is_not_ours() -> None:
    seller = Seller()
    assert seller.order(seller.sell(("A", 1), fulfilled_by="channel")).order.fulfilment == "channel"
    assert seller.order(seller.sell(("B", 1))).order.fulfilment == "own"


def test_the_reference_of_the_global_shipping_program_stands_above_the_street() -> None:
    seller = Seller()
    sale = seller.sell(("A", 1), extra={"gsp": "1234567890123456"})
    assert seller.order(sale).order.ship_to.lines == ("Reference #1234567890123456", "12 Orchard Lane", "Apt 4")


def test_another_address_is_shown() -> None:
    seller = Seller()
    sale = seller.sell(("A", 1))
    seller.clock.at += 60
    seller.platform.market.change(sale.ref, buyer={"lines": ("1 New Street",), "city": "Salem"})
    found = seller.order(sale)
    assert (found.order.ship_to.lines, found.order.ship_to.city) == (("1 New Street",), "Salem")
    assert found.changed_at == NOON + 60


def test_yen_have_no_cents_and_a_listing_without_a_sku_is_known_by_its_number() -> None:
    raw = _raw()
    raw["pricingSummary"]["total"] = {"value": "5700.0", "currency": "JPY"}
    line = raw["lineItems"][0]
    del line["sku"]
    line |= {"legacyVariationId": "77", "lineItemCost": {"value": "4000", "currency": "JPY"}}
    found = ebay.read_order(raw).order
    assert (found.amount_due, found.lines[0].sku, found.lines[0].price) == (5700, "11001000/77", "1000")


@pytest.mark.parametrize(
    ("currency", "value", "units"), [("HUF", "4990.0", 499_000), ("KWD", "1.250", 1250), ("UGX", "9000.00", 9000)]
)
def test_money_has_the_digits_that_iso_4217_gives_its_currency(currency: str, value: str, units: int) -> None:
    raw = _raw()
    raw["pricingSummary"]["total"] = {"value": value, "currency": currency}
    assert ebay.read_order(raw).order.amount_due == units


def _without(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda raw: raw.pop(name)


def _put(name: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda raw: raw.update({name: value})


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (_without("orderId"), "orderId"),
        (_without("lastModifiedDate"), "lastModifiedDate"),
        (_put("creationDate", "yesterday"), "creationDate"),
        (_put("creationDate", 5), "creationDate"),
        (_put("lineItems", {"a": 1}), "lineItems"),
        (_put("lineItems", ["a"]), "lineItems"),
        (_put("cancelStatus", []), "cancelStatus"),
        (_put("buyerCheckoutNotes", "half \ud83d"), "order"),
        (lambda raw: raw["lineItems"][0].update(quantity="2"), "lineItems.quantity"),
        (lambda raw: raw["lineItems"][0].update(quantity=0), "lineItems.quantity"),
        (lambda raw: raw["lineItems"][0].update(quantity=True), "lineItems.quantity"),
        (lambda raw: raw["lineItems"][0].pop("lineItemId"), "lineItems.lineItemId"),
        (lambda raw: raw["lineItems"][0]["lineItemCost"].update(value=19.0), "lineItemCost"),
        (lambda raw: raw["pricingSummary"]["total"].update(value="NaN"), "pricingSummary.total"),
    ],
)
def test_a_malformed_order_is_refused_by_the_name_of_its_field(spoil: Callable[[Any], Any], named: str) -> None:
    raw = _raw(note="Secret Street 5")
    spoil(raw)
    with pytest.raises(DomainError) as error:
        ebay.read_order(raw)
    assert (error.value.code, error.value.detail.split(":")[0]) == ("malformed", named)
    assert "Zoë" not in error.value.detail and "Orchard" not in error.value.detail


# --- orders that changed --------------------------------------------------------------------------------------------


def _all_changed(seller: Seller, cursor: Any, between: Callable[[], None] = lambda: None) -> tuple[list[Any], Any]:
    found: list[Any] = []
    while True:
        page = ebay.changed_orders(seller.line, cursor)
        found += page.orders
        cursor = json.loads(json.dumps(page.cursor))
        if not page.more:
            return found, cursor
        between()


def test_the_first_look_begins_with_what_is_not_shipped_and_the_next_sees_every_change() -> None:
    seller = Seller()
    old, new = seller.sell(("A", 1)), seller.sell(("B", 1))
    seller.tell(shipment(old, {"A": 1}))
    seller.clock.at += 400
    found, cursor = _all_changed(seller, {})
    assert [each.order.order_id for each in found] == [new.ref]
    seller.clock.at += 400
    seller.platform.market.cancel(new.ref)
    found, cursor = _all_changed(seller, cursor)
    assert [(each.order.order_id, each.cancelled) for each in found] == [(new.ref, True)]
    seller.clock.at += 400
    _, cursor = _all_changed(seller, cursor)
    assert _all_changed(seller, cursor)[0] == [], "after the overlap nothing is new"


@pytest.mark.parametrize("seed", range(2))
def test_no_order_is_lost_while_they_move_between_pages(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.channels.ebay.orders.LIMIT", 50)
    monkeypatch.setattr("server.channels.ebay.orders.OVERLAP", 0.5)  # Else the next look would find them all again.
    seller, chance = Seller(), random.Random(seed)
    market = seller.platform.market
    market.offer("A", 10_000)
    for _ in range(120):
        market.sell(("A", 1))
        seller.clock.at += chance.choice([0.0, 0.001, 1.0])

    def move() -> None:
        seller.clock.at += 0.5
        for sale in chance.sample(list(market.sales.values()), 16):
            market.change(sale.ref, note=f"again {seller.clock.at}")
        market.sell(("A", 2))

    found, cursor = _all_changed(seller, {} if seed % 2 else {"from": NOON - 10}, move)
    seller.clock.at += 1
    again, _ = _all_changed(seller, cursor)
    latest = {each.order.order_id: each for each in sorted(found + again, key=lambda each: each.changed_at)}
    assert set(latest) == set(market.sales)
    for ref, sale in market.sales.items():
        assert abs(latest[ref].changed_at - sale.changed_at) < 0.002
        assert latest[ref].order.note == sale.note


def test_a_page_is_oldest_first_and_the_cursor_stays_where_a_page_fails() -> None:
    seller = Seller()
    for nth in range(5):
        seller.clock.at += 1
        seller.sell((f"S{nth}", 1))
    found, _ = _all_changed(seller, {"from": NOON})
    assert [each.changed_at for each in found] == sorted(each.changed_at for each in found)
    seller.platform.faults.once(Fault.BROKEN, "GET", "/order")
    with pytest.raises(Away):
        ebay.changed_orders(seller.line, {"from": NOON})
    assert len(_all_changed(seller, {"from": NOON})[0]) == 5


@pytest.mark.parametrize("ahead", [0.4, 40.0, 900.0])
def test_a_clock_that_is_fast_costs_time_and_no_orders(ahead: float) -> None:
    seller = Seller(ahead=ahead)
    sale = seller.sell(("A", 1))
    cursor: Any = {"from": NOON - 3600}
    seen: set[str] = set()
    for _ in range(4):
        seller.clock.at += 2
        found, cursor = _all_changed(seller, cursor)
        seen |= {each.order.order_id for each in found}
    assert seen == {sale.ref}
    late = seller.sell(("B", 1))
    seller.clock.at += 2
    assert late.ref in {each.order.order_id for each in _all_changed(seller, cursor)[0]}


def test_a_clock_that_was_set_back_hides_no_order() -> None:
    seller = Seller()
    sale = seller.sell(("A", 1))
    found, _ = _all_changed(seller, {"from": NOON + 86400})
    assert [each.order.order_id for each in found] == [sale.ref]


def test_a_buyer_who_asks_for_a_cancel_is_asked_of_a_person_though_a_page_does_not_say_who_asks() -> None:
    seller = Seller()
    sale, quiet = seller.sell(("A", 1)), seller.sell(("B", 1))
    assert seller.order(sale).asks == ""
    seller.platform.ask_cancel(sale.ref)
    asks = "The buyer asks to cancel this order: cancel it, or decline at eBay"
    assert seller.order(sale).asks == asks
    found, _ = _all_changed(seller, {})
    assert {each.order.order_id: each.asks for each in found} == {sale.ref: asks, quiet.ref: ""}
    sale.extra["cancel"]["cancelInitiator"] = "Seller"
    assert seller.order(sale).asks == ""
    sale.extra["cancel"]["cancelInitiator"] = "Buyer"
    seller.platform.market.cancel(sale.ref)
    assert seller.order(sale).asks == ""


def test_an_order_that_cannot_be_read_is_named_and_one_without_an_id_is_skipped() -> None:
    seller = Seller()
    bad, good, nameless = (seller.sell((sku, 1)) for sku in "ABC")
    bad.lines[0].quantity = 0
    seller.platform.spoil(nameless.ref, {"orderId": None})
    page = ebay.changed_orders(seller.line, {})
    assert [each.order.order_id for each in page.orders] == [good.ref]
    assert page.unread == (bad.ref,)
    with pytest.raises(DomainError, match="malformed"):
        seller.order(bad)


@pytest.mark.parametrize("ref", ["99-99999-99999", "no such order", "../offer", "ü?&#"])
def test_there_is_no_order_under_a_strange_id(ref: str) -> None:
    assert ebay.order(Seller().line, ref) is None


# --- what is on sale ------------------------------------------------------------------------------------------------


def test_everything_on_sale_is_listed_over_several_pages() -> None:
    seller = Seller()
    listed = seller.offer(120)
    assert [each.sku for each in listed] == [f"SKU-{nth:03d}/ü" for nth in range(120)]
    first = listed[0]
    assert (first.ref, first.gtin, first.title, first.quantity) == (first.sku, "4006381333931", "Thing № 0", 10)
    assert first.data["offers"] == ["82001000"]


def test_a_live_number_is_what_ebay_sells_now_and_none_where_it_is_gone() -> None:
    seller = Seller()
    listed = seller.offer(60)
    seller.platform.market.tamper(listed[7].sku, 99)
    seller.platform.gone(listed[30].sku)
    live = ebay.live_stock(seller.line, listed)
    assert (live[listed[7].ref], live[listed[30].ref], live[listed[31].ref]) == (99, None, 10)
    assert seller.count("POST", "bulk_get") == 3
    assert len(seller.listings()) == 59


# --- trouble --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (Fault.TOO_MANY, Throttled),
        (Fault.BROKEN, Away),
        (Fault.LOST_BEFORE, Away),
        (Fault.GARBLED, Away),
    ],
)
@pytest.mark.parametrize("method", ["orders", "listings", "live", "who"])
def test_trouble_has_its_kind(fault: Fault, trouble: type[Trouble], method: str) -> None:
    seller = Seller()
    listing = Listing(ref="A", sku="A")
    calls: dict[str, Callable[[], Any]] = {
        "orders": lambda: ebay.changed_orders(seller.line, {}),
        "listings": lambda: ebay.listings(seller.line, ""),
        "live": lambda: ebay.live_stock(seller.line, [listing]),
        "who": lambda: ebay.who(seller.line),
    }
    seller.platform.faults.once(fault, path="/sell/")
    with pytest.raises(trouble):
        calls[method]()
    seller.clock.at += 10
    calls[method]()


def test_once_the_day_is_used_up_ebay_is_asked_ever_less_often() -> None:
    seller = Seller()
    seller.platform.limited = True
    seller.platform.daily["fulfillment"] = 3
    until, waits = NOON + 6 * HOUR, []
    while seller.clock.at < until:
        try:
            ebay.changed_orders(seller.line, {})
            seller.clock.at += 60
        except Throttled as trouble:
            waits.append(trouble.after)
            seller.clock.at += trouble.after
    refused = [status for _, _, status in seller.platform.asked].count(429)
    assert refused == len(waits) <= 16, "six hours of refusals"
    assert waits[:3] == [5.0, 10.0, 20.0] and max(waits) == HOUR
    seller.clock.at = NOON + 12 * HOUR + 1
    seller.clock.at += HOUR
    ebay.changed_orders(seller.line, {})
    assert seller.memory.get("slow:orders") is None


def test_a_word_that_ebay_has_no_use_for_is_refused() -> None:
    seller = Seller()
    word = replace(stock(Listing(ref="A", sku="A"), 1), kind="split")
    (answer,) = seller.tell(word)
    assert isinstance(answer.trouble, Refused)
    assert ebay.tell(seller.line, []) == []


def test_the_simulation_takes_every_carrier_code_that_we_send() -> None:
    from server.channels.ebay.shipping import CARRIERS

    assert set(CARRIERS.values()) <= TAKEN
    assert "Other" not in CARRIERS.values()


def test_the_commented_example_names_every_setting_and_works() -> None:
    text = (Path(__file__).parents[3] / "deploy" / "channels" / "ebay.example.toml").read_text(encoding="utf-8")
    ebay.check(tomllib.loads(text))
    assert all(re.search(rf"^(# )?{setting.name}(_file)? = ", text, re.MULTILINE) for setting in ebay.SETTINGS)
