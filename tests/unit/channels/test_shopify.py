"""Shopify's adapter against its simulation; every request and answer is held against the official schema."""

import base64
import hashlib
import hmac
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.calls.line import Line
from server.calls.pace import Pace
from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.channels import shopify
from server.channels.shopify import questions
from server.channels.shopify.asking import Question, ask
from server.domain.channels.deviations import UNCOUNTED
from server.domain.errors import DomainError
from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.faults import Fault
from server.simulated.platforms.market import Sale
from server.simulated.platforms.shopify import API, TOKENS, Shopify
from server.simulated.platforms.shopify.changing import moved
from server.simulated.platforms.shopify.graphql import Answering, Reader
from server.simulated.platforms.shopify.showing import OTHER_PLACE, SERVICE
from server.simulated.platforms.transport import transport
from server.trade.orders import ChannelOrder
from server.trade.words import Kind, Listing, Ref, Word
from tests.described import description
from tests.sparing import Sparing
from tests.unit.channels.shopify_described import Described

START = 1_793_500_000.0
QUESTIONS = [each for each in vars(questions).values() if isinstance(each, Question)]
_sparing = Sparing()


@cache
def _described() -> Described:
    return Described(description("shopify", "admin-2026-10.graphql"), [each.text for each in QUESTIONS])


@pytest.fixture(scope="module")
def described() -> Described | None:
    """None where the description is not here: the test of the documents is skipped then and says so."""
    try:
        return _described()
    except pytest.skip.Exception:
        return None


@dataclass
class Rig:
    """A shop, a line to it and a clock. ``strange``: messages of errors that it answered with status 200."""

    described: Described | None
    at: float = START
    strange: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.shop = Shopify(self.now)
        self.line = self.connected()

    def now(self) -> float:
        return self.at

    def connected(self, **settings: Any) -> Line:
        client = httpx.Client(transport=transport([self.shop], self.watch))
        given = {**self.shop.settings(), **settings}
        return Line("shop", given, client, self.now, Pace(shopify.LIMITS, self.now))

    def watch(self, ask: Ask, said: Said) -> None:
        if ask.path != API or said.status != 200 or not said.body.startswith(b"{"):
            return
        self.strange += [error["message"] for error in json.loads(said.body).get("errors", [])]
        if self.described and _sparing.due(ask, said):
            self.described.check(ask, said)

    def asked(self, name: str) -> int:
        return sum(path.endswith(f"#{name}") for _, path, _ in self.shop.asked)

    def once(self, fault: Fault, name: str) -> None:
        self.shop.faults.once(fault, path=f"#{name}")

    def order(self, sale: Sale) -> ChannelOrder:
        found = shopify.order(self.line, sale.ref)
        assert found is not None
        return found

    def listings(self) -> dict[str, Listing]:
        found, cursor = {}, ""
        while True:
            page = shopify.listings(self.line, cursor)
            found.update({listing.sku: listing for listing in page.listings})
            if not (cursor := page.cursor):
                return found

    def stock(self, sku: str, available: int, *listings: Listing, **more: Any) -> Word:
        data = {"sku": sku, "available": available, "version": 1}
        return Word(id=f"stock-{sku}", kind="stock", key=sku, data=data, listings=listings, **more)

    def tell(self, *words: Word) -> list[Any]:
        return [answer.text if answer.ok else type(answer.trouble) for answer in shopify.tell(self.line, words)]


@pytest.fixture
def rig(described: Described | None) -> Rig:
    return Rig(described)


def lines(sale: Sale, *units: int) -> list[dict[str, Any]]:
    return [
        {"line_id": line.line_id, "sku": line.sku, "quantity": each}
        for line, each in zip(sale.lines, units, strict=False)
        if each
    ]


def word(kind: Kind, sale: Sale, *units: int, tried: bool = False, more_seconds: float = 0, **data: Any) -> Word:
    given = {"order_id": sale.ref, "lines": lines(sale, *units), "carrier": "ups", "reason": "out_of_stock", **data}
    key = f"{kind}-{sale.ref}-{data.get('tracking_number', '')}"
    return Word(
        id=key,
        kind=kind,
        key=key,
        data=given,
        tried=tried,
        timestamp=datetime.fromtimestamp(START + more_seconds, UTC).isoformat(),
    )


def shown(found: ChannelOrder) -> list[tuple[str, int]]:
    return [(line.sku, line.quantity) for line in found.order.lines]


# --- the documents -----------------------------------------------------------------------------------------------


def test_every_question_is_one_of_the_official_schema_and_uses_nothing_deprecated() -> None:
    described = _described()
    for each in QUESTIONS:
        described.validate(each.text)


def test_no_question_costs_more_than_the_shop_allows_and_each_knows_its_cost() -> None:
    first = {"Orders": questions.ORDERS_A_PAGE, "Listings": questions.LISTINGS_A_PAGE}
    for each in QUESTIONS:
        document = Reader(each.text).document()
        kind, _, selection = document.operations[each.name]
        given = {"first": first.get(each.name, 0), "ids": ["x"] * questions.ROWS_MAX}
        cost = Answering(document, given).cost(selection) + (10 if kind == "mutation" else 0)
        assert cost <= each.cost <= 1000, (each.name, cost)


# --- signing in --------------------------------------------------------------------------------------------------


def test_a_token_is_renewed_before_it_ends_and_not_before_that(rig: Rig) -> None:
    assert shopify.who(rig.line).places["70000000001"] == "Main warehouse"
    for hours, tokens in ((10, 1), (9, 1), (1, 2), (19, 2), (1, 3)):
        rig.at += hours * 3600
        shopify.who(rig.line)
        assert sum(path.startswith(TOKENS) for _, path, _ in rig.shop.asked) == tokens


def test_a_refresh_token_is_used_once_and_the_newest_is_kept(rig: Rig) -> None:
    line = rig.connected(refresh_token=rig.shop.keys.refresh)
    first = rig.shop.keys.refresh
    for _ in range(4):
        assert shopify.who(line).expires_at == rig.at + 7_776_000
        rig.at += 3600
    assert line.memory.get("refresh")["token"] == rig.shop.keys.refresh != first
    connected_again = rig.connected(refresh_token=rig.shop.keys.refresh)
    connected_again.memory = line.memory
    rig.shop.keys.refresh = "put in by a person"
    connected_again.settings = {**connected_again.settings, "refresh_token": "put in by a person"}
    rig.at += 3600
    assert shopify.who(connected_again).name == "Simulated shop"


def test_a_token_speaks_only_for_the_credentials_that_got_it(rig: Rig) -> None:
    shopify.who(rig.line)
    changed = rig.connected(client_secret="wrong")
    changed.memory = rig.line.memory
    with pytest.raises(Denied):
        shopify.who(changed)
    shopify.who(rig.line)


def test_a_lasting_token_needs_no_renewal(rig: Rig) -> None:
    line = rig.connected(access_token=rig.shop.keys.lasting, client_id="")
    assert shopify.who(line).expires_at is None
    assert all(path.startswith(API) for _, path, _ in rig.shop.asked)


@pytest.mark.parametrize(
    "settings",
    [
        {"client_secret": "wrong"},
        {"client_secret": ""},
        {"client_id": "wrong"},
        {"access_token": "wrong"},
        {"refresh_token": "wrong"},
        {"api_version": "2019-01"},
    ],
)
def test_wrong_credentials_are_denied(rig: Rig, settings: dict[str, str]) -> None:
    with pytest.raises(Denied):
        shopify.who(rig.connected(**settings))


def test_an_app_that_may_too_little_is_told_what_it_lacks(rig: Rig) -> None:
    rig.shop.scopes = "read_orders,read_products"
    with pytest.raises(Denied, match="read_locations, write_inventory, write_merchant"):
        shopify.who(rig.line)


def test_a_revoked_app_is_denied_and_asks_twice_at_most(rig: Rig) -> None:
    shopify.who(rig.line)
    rig.shop.uninstall()
    before = len(rig.shop.asked)
    with pytest.raises(Denied):
        shopify.changed_orders(rig.line, {})
    assert len(rig.shop.asked) - before <= 3


@pytest.mark.parametrize(
    "settings",
    [
        {"shop": "example.com"},
        {"shop": "evil.com/x.myshopify.com"},
        {"client_secret": ""},
        {"client_id": "", "refresh_token": "x"},
        {"api_url": "ftp://x"},
        {"location_id": "main"},
        {"carriers": "ups"},
    ],
)
def test_settings_that_cannot_work_are_refused(rig: Rig, settings: dict[str, Any]) -> None:
    shopify.check(rig.shop.settings())
    with pytest.raises(DomainError, match="invalid"):
        shopify.check(rig.shop.settings() | settings)


# --- orders ------------------------------------------------------------------------------------------------------


def test_an_order_arrives_byte_for_byte(rig: Rig) -> None:
    rig.shop.market.offer("MUG", 9, title="Tasse «é»")
    rig.shop.market.offer("CAP", 9)
    name, note = "Zoë \u202e张 O’Neil 👩‍🚀", 'Ring\n2×, „bitte“ \\" </note>'
    sale = rig.shop.market.sell(
        ("MUG", 2),
        ("CAP", 1),
        buyer={"name": name, "company": "Ünï & Co"},
        personal="Für Łucja ♥",
        note=note,
        gift_message="Hüpf!",
        service="Express",
        ship_by=START + 86_400,
        extra={"deliver_by": START + 200_000, "risk": "CANCEL"},
    )
    found = rig.order(sale)
    order = found.order
    assert (order.order_id, order.ship_to.name, order.ship_to.company) == (sale.ref, name, "Ünï & Co")
    assert (order.note, order.gift_message, order.service) == (note, "Hüpf!", "Express")
    assert order.ship_to.lines == sale.buyer["lines"]
    assert (order.ship_to.country, order.ship_to.region, order.ship_to.email) == ("US", "OR", "zoe@example.com")
    assert (order.ship_by, order.deliver_by, order.placed_at) == (START + 86_400, START + 200_000, START)
    assert (order.paid, order.payment, order.currency) == (True, "paid", "USD")
    assert (order.amount_due, order.amount_paid, order.fraud) == (5700, 5700, True)
    assert [(line.sku, line.quantity, line.line_id, line.price) for line in order.lines] == [
        ("MUG", 2, sale.lines[0].line_id, "19.00"),
        ("CAP", 1, sale.lines[1].line_id, "19.00"),
    ]
    assert order.lines[0].personalisation == "Für Łucja ♥"
    assert order.lines[0].title == "Tasse «é»"
    assert order.raw["name"] == "#1001"
    assert shopify.read_order(order.raw) == found


@pytest.mark.parametrize(
    ("paid", "payment"),
    [
        ("unpaid", "unpaid"),
        ("authorized", "unpaid"),
        ("part_paid", "part_paid"),
        ("paid", "paid"),
        ("failed", "failed"),
        ("refunded", "paid"),
    ],
)
def test_the_state_of_the_money_is_carried(rig: Rig, paid: str, payment: str) -> None:
    rig.shop.market.offer("A", 9)
    sale = rig.shop.market.sell(("A", 1), paid=paid, extra={"paid_cents": 500})
    order = rig.order(sale).order
    assert (order.payment, order.paid, order.amount_due, order.amount_paid) == (payment, payment == "paid", 1900, 500)


def test_an_order_without_an_address_has_none(rig: Rig) -> None:
    rig.shop.market.offer("A", 9)
    sale = rig.shop.market.sell(("A", 1), buyer={"name": "", "lines": ()}, paid="unpaid")
    assert rig.order(sale).order.ship_to.lines == ()
    rig.shop.market.change(sale.ref, buyer={"name": "Ann", "lines": ("1 Road",)}, paid="paid")
    assert rig.order(sale).order.ship_to.name == "Ann"
    assert rig.order(sale).order.paid


@dataclass(frozen=True)
class Case:
    """What happens to an order of 3 A and 2 B, and what is wanted of us afterwards."""

    happens: Callable[[Rig, Sale], object]
    wanted: tuple[tuple[str, int], ...]
    cancelled: bool = False
    handed_over: bool = False
    fulfilment: str = "own"


def _shipped(rig: Rig, sale: Sale, *units: int) -> None:
    assert rig.tell(word("shipment", sale, *units, tracking_number=f"1Z{units}"))[0].startswith("fulfilment")


def _returned(rig: Rig, sale: Sale) -> None:
    _shipped(rig, sale, 3, 1)
    rig.shop.market.change(sale.ref, extra={**sale.extra, "returned": {sale.lines[0].line_id: 2}})


def _cut_and_shipped(rig: Rig, sale: Sale) -> None:
    _shipped(rig, sale, 1, 0)
    rig.shop.market.cancel(sale.ref, {sale.lines[0].line_id: 1})


CASES = {
    "nothing": Case(lambda rig, sale: None, (("A", 3), ("B", 2))),
    "one line is cancelled": Case(lambda r, s: r.shop.market.cancel(s.ref, {s.lines[1].line_id: 2}), (("A", 3),)),
    "a unit is cancelled": Case(
        lambda r, s: r.shop.market.cancel(s.ref, {s.lines[0].line_id: 1}), (("A", 2), ("B", 2))
    ),
    "all is cancelled": Case(lambda r, s: r.shop.market.cancel(s.ref), (), cancelled=True),
    "part has left": Case(lambda r, s: _shipped(r, s, 1, 0), (("A", 3), ("B", 2))),
    "all has left": Case(lambda r, s: _shipped(r, s, 3, 2), (("A", 3), ("B", 2)), handed_over=True),
    "part has left and a unit is cancelled": Case(_cut_and_shipped, (("A", 2), ("B", 2))),
    "units came back after they had left": Case(_returned, (("A", 3), ("B", 2))),
    "another warehouse fulfils it": Case(
        lambda r, s: moved(r.shop.market, s, SERVICE), (("A", 3), ("B", 2)), fulfilment="channel"
    ),
    "a line wants no shipping": Case(
        lambda r, s: r.shop.market.change(s.ref, extra={"digital": {s.lines[1].line_id: True}}), (("A", 3),)
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_wanted_of_us_after(rig: Rig, name: str) -> None:
    case = CASES[name]
    rig.shop.market.offer("A", 9)
    rig.shop.market.offer("B", 9)
    sale = rig.shop.market.sell(("A", 3), ("B", 2))
    case.happens(rig, sale)
    found = rig.order(sale)
    assert tuple(shown(found)) == case.wanted
    assert (found.cancelled, found.handed_over) == (case.cancelled, case.handed_over)
    assert found.order.fulfilment == case.fulfilment
    assert not rig.strange


def test_a_line_that_another_warehouse_fulfils_is_not_ours(rig: Rig) -> None:
    rig.shop.market.offer("A", 9)
    rig.shop.market.offer("B", 9, extra={"place": SERVICE})
    sale = rig.shop.market.sell(("A", 3), ("B", 2))
    found = rig.order(sale)
    assert (shown(found), found.order.fulfilment) == ([("A", 3)], "own")


def test_a_marketplace_fulfilled_sale_is_told_apart(rig: Rig) -> None:
    rig.shop.market.offer("A", 0)
    sale = rig.shop.market.sell(("A", 3), fulfilled_by="channel")
    assert rig.order(sale).order.fulfilment == "channel"


def test_a_till_s_sale_arrives_handed_over(rig: Rig) -> None:
    rig.shop.market.offer("A", 9)
    found = rig.order(rig.shop.pos(("A", 2)))
    assert (found.handed_over, shown(found), found.tracking) == (True, [("A", 2)], frozenset())


def test_an_order_of_many_lines_is_read_to_its_end(rig: Rig) -> None:
    skus = [f"S{nth}" for nth in range(231)]
    for sku in skus:
        rig.shop.market.offer(sku, 5)
    sale = rig.shop.market.sell(*[(sku, 1) for sku in skus])
    assert [line.sku for line in rig.order(sale).order.lines] == skus
    assert rig.asked("Lines") == 3
    _shipped(rig, sale, *[1] * 231)
    assert rig.asked("Place") == 1
    rig.shop.market.cancel(sale.ref)
    assert rig.order(sale).handed_over


def test_what_a_shop_holds_back_is_asked_of_a_person_by_its_code_alone(rig: Rig) -> None:
    market = rig.shop.market
    market.offer("A", 9)
    sale = market.sell(("A", 2))
    assert rig.order(sale).asks == ""
    market.change(sale.ref, extra={"on_hold": "INCORRECT_ADDRESS"})
    asks = rig.order(sale).asks
    assert "(INCORRECT_ADDRESS)" in asks
    assert "Zoë" not in asks
    [page] = shopify.changed_orders(rig.line, {}).orders
    assert page.asks == asks
    market.change(sale.ref, extra={})
    assert rig.order(sale).asks == ""
    elsewhere = market.sell(("A", 1), fulfilled_by="service", extra={"on_hold": True})
    assert rig.order(elsewhere).asks == ""


def test_an_order_without_an_id_is_skipped_and_one_that_cannot_be_read_is_named() -> None:
    rig = Rig(None)
    rig.shop.market.offer("A", 9)
    nameless, bad, good = (rig.shop.market.sell(("A", 1)) for _ in range(3))
    rig.shop.spoil(nameless.ref, {"id": "gid://shopify/Order/x"})
    rig.shop.spoil(bad.ref, {"note": ["Zoë"]})
    for cursor in ({}, {"since": START - 60}):
        page = shopify.changed_orders(rig.line, cursor)
        assert [each.order.order_id for each in page.orders] == [good.ref]
        assert page.unread == (bad.ref,)


def test_an_order_nobody_has_is_none_and_a_fulfilment_order_leads_to_its_order(rig: Rig) -> None:
    rig.shop.market.offer("A", 9)
    sale = rig.shop.market.sell(("A", 1))
    place = rig.order(sale).order.raw["fulfillmentOrders"]["nodes"][0]["id"]
    found = shopify.order(rig.line, place)
    assert found is not None
    assert found.order.order_id == sale.ref
    for nobody in ("1", "no number", "", "gid://shopify/FulfillmentOrder/1", "../orders"):
        assert shopify.order(rig.line, nobody) is None


def _all(rig: Rig, cursor: Mapping[str, Any], between: Callable[[int], object] = lambda page: None) -> Any:
    found: dict[str, ChannelOrder] = {}
    pages = 0
    while True:
        page = shopify.changed_orders(rig.line, json.loads(json.dumps(cursor)))
        cursor = page.cursor
        found |= {each.order.order_id: each for each in page.orders}
        if not page.more:
            return found, cursor, pages
        pages += 1
        between(pages)


def test_no_order_is_lost_while_they_move_between_pages(rig: Rig) -> None:
    market = rig.shop.market
    market.offer("A", 10_000)
    sales = []
    for _ in range(260):
        rig.at += 1
        sales.append(market.sell(("A", 2)))
    done = market.sell(("A", 1))
    _shipped(rig, done, 1)

    def between(page: int) -> None:
        rig.at += 1
        market.change(sales[page * 13 % 260].ref, note=f"page {page}")
        sales.append(market.sell(("A", 1)))

    found, cursor, pages = _all(rig, {}, between)
    assert {sale.ref for sale in sales} <= set(found) | {each.ref for each in sales[260:]}
    assert set(found) >= {sale.ref for sale in sales[:260]}
    assert done.ref not in found
    assert pages >= 18
    again, cursor, _ = _all(rig, cursor)
    found |= again
    assert set(found) == {sale.ref for sale in sales} | {done.ref}
    assert all(found[sale.ref].order.note == sale.note for sale in sales)
    rig.at += 5000
    market.change(sales[3].ref, note="late")
    market.cancel(sales[4].ref)
    last, cursor, _ = _all(rig, cursor)
    assert {sales[3].ref, sales[4].ref} <= set(last)
    assert last[sales[4].ref].cancelled
    _, after, _ = _all(rig, cursor)
    assert after == cursor


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"id": 7}, "id"),
        ({"id": "gid://shopify/Order/x"}, "id"),
        ({"updatedAt": None}, "updatedAt"),
        ({"createdAt": "yesterday Zoë"}, "createdAt"),
        ({"note": ["Zoë"]}, "note"),
        ({"shippingAddress": "Zoë"}, "shippingAddress"),
        ({"shippingAddress": {"name": {"first": "Zoë"}}}, "name"),
        ({"lineItems": {"nodes": ["Zoë"]}}, "lineItems"),
        ({"currentTotalPriceSet": {"shopMoney": {"amount": "NaN"}}}, "currentTotalPriceSet"),
        ({"currentTotalPriceSet": {"shopMoney": {"amount": "9e99"}}}, "currentTotalPriceSet"),
    ],
)
def test_a_malformed_order_names_the_field_and_nobody(rig: Rig, change: dict[str, Any], names: str) -> None:
    rig.shop.market.offer("A", 9)
    raw = dict(rig.order(rig.shop.market.sell(("A", 1))).order.raw)
    with pytest.raises(DomainError, match=f"malformed: {names}: expected") as error:
        shopify.read_order(raw | change)
    assert "Zoë" not in str(error.value)


@pytest.mark.parametrize(("currency", "units"), [("USD", 1234550), ("JPY", 12346), ("KWD", 12345500)])
def test_money_is_in_the_currency_s_own_units(rig: Rig, currency: str, units: int) -> None:
    rig.shop.market.offer("A", 9)
    raw = dict(rig.order(rig.shop.market.sell(("A", 1))).order.raw)
    raw |= {"currencyCode": currency, "currentTotalPriceSet": {"shopMoney": {"amount": "12345.5"}}}
    assert shopify.read_order(raw).order.amount_due in {units, units - 2 if currency == "JPY" else units}


# --- webhooks ----------------------------------------------------------------------------------------------------


def _sent(rig: Rig) -> tuple[dict[str, str], bytes]:
    rig.shop.market.offer("A", 9)
    rig.shop.market.sell(("A", 1), note="é")
    message = rig.shop.outgoing[-1]
    return dict(message.headers), message.body


def _bad(rig: Rig, headers: Mapping[str, str], body: bytes) -> None:
    with pytest.raises(DomainError, match="bad_signature"):
        shopify.heard(rig.line, headers, body)


def test_only_the_shop_s_own_bytes_are_believed(rig: Rig) -> None:
    headers, body = _sent(rig)
    name = "x-shopify-hmac-sha256"
    assert shopify.heard(rig.line, headers, body).refs == (Ref("order", "5500000001001"),)
    for nth in range(len(body)):
        _bad(rig, headers, body[:nth] + bytes([body[nth] ^ 1 << nth % 8]) + body[nth + 1 :])
        _bad(rig, headers, body[:nth])
    good = headers[name]
    for nth, letter in enumerate(good):
        for bit in range(8):
            _bad(rig, headers | {name: good[:nth] + chr(ord(letter) ^ 1 << bit) + good[nth + 1 :]}, body)
        _bad(rig, headers | {name: good[:nth]}, body)
    for strange in ("", " ", "=", "é", "\x00", good + "A", good + "\n", good + "====", good * 9, "A" * 4, good.lower()):
        _bad(rig, headers | {name: strange}, body)
    other = base64.b64encode(hmac.digest(b"another secret", body, hashlib.sha256)).decode()
    _bad(rig, headers | {name: other}, body)
    _bad(rig, {key: value for key, value in headers.items() if key != name}, body)
    _bad(rig, headers | {"x-shopify-shop-domain": "another.myshopify.com"}, body)
    _bad(rig, headers | {"x-shopify-webhook-id": ""}, body)
    _bad(rig, {}, b"")


def test_a_signed_body_that_is_no_json_is_not_believed(rig: Rig) -> None:
    for body in (b"\xff\xfe", b"{", b"[" * 100_000, b""):
        mac = base64.b64encode(hmac.digest(rig.shop.keys.client_secret.encode(), body, hashlib.sha256)).decode()
        _bad(rig, {"x-shopify-hmac-sha256": mac, "x-shopify-webhook-id": "1", "x-shopify-topic": "orders/create"}, body)


def test_after_a_rotation_both_secrets_count_and_without_any_none(rig: Rig) -> None:
    headers, body = _sent(rig)
    rig.line = rig.connected(client_secret="new", old_client_secret=rig.shop.keys.client_secret)
    assert shopify.heard(rig.line, headers, body).event == headers["x-shopify-webhook-id"]
    rig.line = rig.connected(client_secret="new")
    _bad(rig, headers, body)
    rig.line = rig.connected(client_secret="")
    _bad(rig, headers, body)


@pytest.mark.parametrize(
    ("topic", "said", "refs"),
    [
        ("orders/create", {"id": 5500000001001}, [("order", "5500000001001")]),
        ("orders/cancelled", {"id": 5500000001001}, [("order", "5500000001001")]),
        ("refunds/create", {"id": 7, "order_id": 55}, [("order", "55")]),
        ("fulfillments/update", {"id": 7, "order_id": 55}, [("order", "55")]),
        (
            "fulfillment_orders/moved",
            {
                "original_fulfillment_order": {"id": "gid://shopify/FulfillmentOrder/1"},
                "moved_fulfillment_order": {"id": "gid://shopify/FulfillmentOrder/2"},
            },
            [("order", "gid://shopify/FulfillmentOrder/1"), ("order", "gid://shopify/FulfillmentOrder/2")],
        ),
        ("inventory_levels/update", {"inventory_item_id": 1000, "available": 5}, [("stock", "1000")]),
        ("app/uninstalled", {"id": 1}, [("account", "simulated.myshopify.com")]),
        ("products/update", {"id": 1}, []),
        ("orders/create", {"id": "../../x"}, []),
        ("orders/create", ["no object"], []),
    ],
)
def test_what_a_message_is_about(rig: Rig, topic: str, said: Any, refs: list[tuple[str, str]]) -> None:
    message = rig.shop.signed(topic, said)
    heard = shopify.heard(rig.line, message.headers, message.body)
    assert [(ref.kind, ref.ref) for ref in heard.refs] == refs
    assert heard == shopify.heard(rig.line, message.headers, message.body)


# --- stock -------------------------------------------------------------------------------------------------------


def test_listings_come_in_pages_with_what_their_numbers_need(rig: Rig) -> None:
    for nth in range(320):
        rig.shop.market.offer(f"S{nth}", nth, gtin=f"{nth:013}", title=f"Thing {nth}")
    rig.shop.market.offer("KIT", 5, extra={"bundle": True, "oversells": True})
    rig.shop.market.offer("", 5, extra={"no_sku": True, "untracked": True})
    found = rig.listings()
    assert (len(found), rig.asked("Listings")) == (322, 3)
    assert (found["S7"].gtin, found["S7"].title, found["S7"].quantity) == (f"{7:013}", "Thing 7", 7)
    assert found["KIT"].data["bundle"]
    assert found["KIT"].data["oversells"]
    nameless = next(each for sku, each in found.items() if sku.startswith("variant-"))
    assert nameless.quantity is None


def test_what_the_shop_sells_without_counting_is_seen(rig: Rig) -> None:
    rig.shop.market.offer("A", 10)
    rig.shop.market.offer("B", 10)
    found = rig.listings()
    rig.shop.market.item("A").extra["untracked"] = True
    live = shopify.live_stock(rig.line, [found["A"], found["B"]])
    assert live == {found["A"].ref: UNCOUNTED, found["B"].ref: 10}


@pytest.mark.parametrize("rows_named", [True, False])
def test_one_bad_row_never_blocks_the_rest(rig: Rig, rows_named: bool) -> None:
    rig.shop.changes.report_rows = rows_named
    for nth in range(300):
        rig.shop.market.offer(f"S{nth}", 10)
    rig.shop.market.offer("KIT", 5, extra={"bundle": True})
    rig.shop.market.offer("LATE KIT", 10)
    rig.shop.market.offer("UNTRACKED", 5, extra={"untracked": True})
    rig.shop.market.offer("NEW HERE", 0, extra={"unstocked": True})
    found = rig.listings()
    rig.shop.market.item("LATE KIT").extra["bundle"] = True
    rig.shop.gone("S77")
    words = [rig.stock(sku, 4, listing, before=10) for sku, listing in found.items()]
    words.insert(150, rig.stock("X", 4, Listing(ref="99999", sku="X"), before=10))
    words.append(rig.stock("NOWHERE", 4))
    answers = dict(zip([each.key for each in words], rig.tell(*words), strict=True))
    bad = dict.fromkeys(("S77", "KIT", "LATE KIT", "UNTRACKED", "X", "NOWHERE"), Refused)
    assert {sku: said for sku, said in answers.items() if not isinstance(said, str)} == bad
    live = shopify.live_stock(rig.line, list(found.values()))
    assert live[found["S77"].ref] is None
    assert all(live[found[f"S{nth}"].ref] == 4 for nth in range(300) if nth != 77)
    assert live[found["NEW HERE"].ref] == 4
    assert rig.asked("SetNumbers") <= (5 if rows_named else 25)


def test_a_number_that_moved_since_is_not_overwritten_before_its_order_is_known(rig: Rig) -> None:
    rig.shop.market.offer("A", 10)
    rig.shop.market.offer("B", 10)
    found = rig.listings()
    rig.shop.market.sell(("A", 1))
    first = rig.stock("A", 8, found["A"], before=10)
    stale, other = shopify.tell(rig.line, [first, rig.stock("B", 8, found["B"], before=10)])
    assert isinstance(stale.trouble, Away)
    assert stale.trouble.orders_first
    assert other.text == "10 -> 8"
    assert rig.shop.market.item("A").quantity == 9
    again = rig.stock("A", 8, found["A"], before=10, tried=True)
    assert rig.tell(again) == ["9 -> 8"]
    assert rig.tell(rig.stock("A", 8, found["A"], before=10)) == ["8 already"]


def test_the_first_number_and_every_listing_of_a_sku_are_written(rig: Rig) -> None:
    for sku in ("A", "B", "C"):
        rig.shop.market.offer(sku, 3)
    found = rig.listings()
    assert rig.tell(rig.stock("A", 7, *found.values())) == ["3 -> 7; 3 -> 7; 3 -> 7"]
    assert [item.quantity for item in rig.shop.market.items.values()] == [7, 7, 7]
    assert rig.asked("SetNumbers") == 1


@pytest.mark.parametrize(
    "fault", [Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.LOST_BEFORE, Fault.GARBLED, Fault.BROKEN]
)
def test_a_number_whose_answer_was_lost_is_written_once(rig: Rig, fault: Fault) -> None:
    rig.shop.market.offer("A", 10)
    found = rig.listings()
    rig.once(fault, "SetNumbers")
    assert rig.tell(rig.stock("A", 8, found["A"], before=10)) == [Away]
    assert rig.tell(rig.stock("A", 8, found["A"], before=10, tried=True))[0] in {"8 already", "10 -> 8"}
    assert [(each.before, each.after) for each in rig.shop.market.told] == [(10, 8)]


def test_a_shop_with_one_location_needs_no_setting_and_one_with_several_does(rig: Rig) -> None:
    rig.line = rig.connected(location_id="")
    rig.shop.market.offer("A", 10)
    listing = Listing(ref="1000", sku="A")
    assert rig.tell(rig.stock("A", 8, listing)) == [Refused]
    rig.line.memory.put("place", "gid://shopify/Location/70000000001")
    assert rig.tell(rig.stock("A", 8, listing)) == ["10 -> 8"]


def test_a_tampered_number_is_seen_and_heard_of(rig: Rig) -> None:
    rig.shop.market.offer("A", 10)
    found = rig.listings()
    rig.shop.market.tamper("A", 99)
    assert shopify.live_stock(rig.line, [found["A"]]) == {found["A"].ref: 99}
    message = rig.shop.outgoing[-1]
    assert shopify.heard(rig.line, message.headers, message.body).refs == (Ref("stock", found["A"].ref),)


# --- limits and faults -------------------------------------------------------------------------------------------


def test_a_short_bucket_makes_no_storm(rig: Rig) -> None:
    rig.shop.limited = True
    rig.line.patience = 0.0
    rig.shop.market.offer("A", 10_000)
    for _ in range(120):
        rig.shop.market.sell(("A", 1))
    done: set[str] = set()
    cursor: dict[str, Any] = {}
    tries = 0
    while tries < 500:
        tries += 1
        try:
            page = shopify.changed_orders(rig.line, cursor)
        except Throttled as throttled:
            assert 0 < throttled.after <= 60
            rig.at += throttled.after + 0.01
            continue
        done |= {each.order.order_id for each in page.orders}
        cursor = dict(page.cursor)
        if not page.more:
            break
    assert len(done) == 120
    assert not rig.strange
    assert len(rig.shop.asked) <= 12


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (Fault.TOO_MANY, Throttled),
        (Fault.BROKEN, Away),
        (Fault.LOST_BEFORE, Away),
        (Fault.GARBLED, Away),
        (Fault.DENIED, None),
    ],
)
def test_every_fault_is_a_trouble_of_its_kind(rig: Rig, fault: Fault, trouble: type[Trouble] | None) -> None:
    shopify.who(rig.line)
    for _ in range(2):
        rig.once(fault, "Orders")
        before = len(rig.shop.asked)
        if trouble is None:
            shopify.changed_orders(rig.line, {})
            continue
        with pytest.raises(trouble):
            shopify.changed_orders(rig.line, {})
        assert len(rig.shop.asked) - before <= 1
        rig.at += 60


def test_too_many_in_either_dress_shuts_the_bucket(rig: Rig) -> None:
    shopify.who(rig.line)
    for _ in range(4):
        rig.once(Fault.TOO_MANY, "Shop")
        with pytest.raises(Throttled):
            shopify.who(rig.line)
        before = len(rig.shop.asked)
        rig.line.patience = 0.0
        with pytest.raises(Throttled):
            shopify.who(rig.line)
        assert len(rig.shop.asked) == before
        rig.at += 60


@pytest.mark.parametrize(
    ("said", "trouble"),
    [
        ({"errors": [{"message": "x", "extensions": {"code": "ACCESS_DENIED"}}]}, Denied),
        ({"errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}]}, Away),
        ({"errors": [{"message": "x", "extensions": {"code": "undefinedField"}}]}, Refused),
        ({"errors": [{"message": "Throttled"}]}, Throttled),
        ({"errors": "no"}, Away),
        ({"data": None}, Away),
        ([], Away),
        ({}, Away),
    ],
)
def test_errors_beside_the_data_are_troubles_too(rig: Rig, said: Any, trouble: type[Trouble]) -> None:
    line = rig.connected(access_token="x")
    line.client = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, json=said)))
    with pytest.raises(trouble):
        shopify.who(line)


# --- shipments ---------------------------------------------------------------------------------------------------


def _sold(rig: Rig, **more: Any) -> Sale:
    rig.shop.market.offer("A", 9)
    rig.shop.market.offer("B", 9)
    return rig.shop.market.sell(("A", 3), ("B", 2), **more)


def _held(sale: Sale) -> list[tuple[str, dict[str, int]]]:
    return [(each.tracking, dict(each.units)) for each in sale.shipments]


def test_parcels_go_one_by_one_to_the_last_unit(rig: Rig) -> None:
    sale = _sold(rig)
    a, b = (line.line_id for line in sale.lines)
    for units, number in (((1, 0), "1Z1"), ((2, 1), "1Z2"), ((0, 1), "1Z3")):
        assert rig.tell(word("shipment", sale, *units, tracking_number=number))[0].startswith("fulfilment 8")
    assert _held(sale) == [("1Z1", {a: 1}), ("1Z2", {a: 2, b: 1}), ("1Z3", {b: 1})]
    found = rig.order(sale)
    assert (found.handed_over, found.tracking) == (True, frozenset({"1Z1", "1Z2", "1Z3"}))
    assert rig.tell(word("shipment", sale, 1, tracking_number="1Z4")) == [Refused]
    assert [each.carrier for each in sale.shipments] == ["UPS"] * 3


@pytest.mark.parametrize(
    "fault", [Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.LOST_BEFORE, Fault.GARBLED, Fault.BROKEN]
)
@pytest.mark.parametrize("number", ["1Z9", ""])
def test_a_shipment_whose_answer_was_lost_is_there_once(rig: Rig, fault: Fault, number: str) -> None:
    sale = _sold(rig)
    _shipped(rig, sale, 1, 0)
    rig.once(fault, "Ship")
    assert rig.tell(word("shipment", sale, 1, 1, tracking_number=number)) == [Away]
    for _ in range(3):
        assert isinstance(rig.tell(word("shipment", sale, 1, 1, tracking_number=number, tried=True))[0], str)
    assert [units for _, units in _held(sale)] == [
        {sale.lines[0].line_id: 1},
        {sale.lines[0].line_id: 1, sale.lines[1].line_id: 1},
    ]


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
def test_parcels_without_a_number_are_told_apart_by_their_time_and_their_units(rig: Rig, fault: Fault) -> None:
    sale = _sold(rig)
    rig.tell(word("shipment", sale, 1))
    rig.at += 600
    rig.once(fault, "Ship")
    assert rig.tell(word("shipment", sale, 1, more_seconds=600)) == [Away]
    rig.tell(word("shipment", sale, 1, more_seconds=600, tried=True))
    rig.tell(word("shipment", sale, 0, 2, more_seconds=600, tried=True))
    a, b = (line.line_id for line in sale.lines)
    assert _held(sale) == [("", {a: 1}), ("", {a: 1}), ("", {b: 2})]


@pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.LOST_BEFORE])
def test_a_parcel_from_two_locations_is_two_calls_and_each_is_made_once(rig: Rig, fault: Fault) -> None:
    rig.shop.market.offer("A", 9)
    rig.shop.market.offer("B", 9, extra={"place": OTHER_PLACE})
    sale = rig.shop.market.sell(("A", 3), ("B", 2))
    a, b = (line.line_id for line in sale.lines)
    seen: list[str] = []

    def second_fails(ask: Ask, said: Said) -> None:
        rig.watch(ask, said)
        if b'"operationName":"Ship"' in ask.body and not seen:
            seen.append("first")
            rig.once(fault, "Ship")

    rig.line.client = httpx.Client(transport=transport([rig.shop], second_fails))
    assert rig.tell(word("shipment", sale, 2, 2, tracking_number="1Z1")) == [Away]
    rig.tell(word("shipment", sale, 2, 2, tracking_number="1Z1", tried=True))
    assert _held(sale) == [("1Z1", {a: 2}), ("1Z1", {b: 2})]


def test_fulfilment_orders_that_moved_since_are_read_again(rig: Rig) -> None:
    sale = _sold(rig)
    rig.order(sale)
    moved(rig.shop.market, sale, OTHER_PLACE)
    _shipped(rig, sale, 3, 2)
    assert rig.order(sale).handed_over


@pytest.mark.parametrize(
    ("settings", "data", "company"),
    [
        ({}, {"carrier": "ups"}, "UPS"),
        ({}, {"carrier": "dhl_express"}, "DHL Express"),
        ({}, {"carrier": "Royal-Mail"}, "Royal Mail"),
        ({}, {"carrier": "zeppelin", "carrier_name": "Zeppelin"}, None),
        ({}, {"carrier": ""}, None),
        ({"any_carrier": "false"}, {"carrier": "zeppelin"}, None),
        ({"any_carrier": True}, {"carrier": "zeppelin", "carrier_name": "Zeppelin NT"}, "Zeppelin NT"),
        ({"carriers": {"zeppelin": "Luftpost", "ups": "UPS Freight"}}, {"carrier": "zeppelin"}, "Luftpost"),
        ({"carriers": {"ups": "UPS Freight"}}, {"carrier": "ups"}, "UPS Freight"),
    ],
)
def test_a_carrier_goes_there_under_a_name_somebody_chose(
    rig: Rig, settings: dict[str, Any], data: dict[str, Any], company: str | None
) -> None:
    sale = _sold(rig)
    rig.line = rig.connected(**settings)
    answer = shopify.tell(rig.line, [word("shipment", sale, 1, tracking_number="1", **data)])[0]
    if company is None:
        assert isinstance(answer.trouble, Refused)
        assert answer.text.startswith("carrier: ")
        assert not rig.shop.asked
    else:
        assert sale.shipments[0].carrier == company


@pytest.mark.parametrize(
    "happens",
    [
        lambda rig, sale: rig.shop.market.change(sale.ref, extra={"on_hold": True}),
        lambda rig, sale: rig.shop.market.cancel(sale.ref),
        lambda rig, sale: moved(rig.shop.market, sale, SERVICE),
        lambda rig, sale: rig.shop.market.cancel(sale.ref, {sale.lines[0].line_id: 1}),
    ],
)
def test_units_that_are_not_open_there_are_refused_whole(rig: Rig, happens: Callable[[Rig, Sale], object]) -> None:
    sale = _sold(rig)
    happens(rig, sale)
    assert rig.tell(word("shipment", sale, 3, 2, tracking_number="1Z1")) == [Refused]
    assert sale.shipments == []


@pytest.mark.parametrize(("setting", "told"), [(None, True), ("", True), (False, False), ("no", False)])
def test_the_buyer_hears_of_it_as_the_setting_says(rig: Rig, setting: Any, told: bool) -> None:
    sale = _sold(rig)
    rig.line = rig.connected(notify_customer=setting)
    _shipped(rig, sale, 1)
    assert sale.shipments[0].extra["notify"] is told


# --- cancels -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [None, Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.LOST_BEFORE])
@pytest.mark.parametrize("units", [(3, 2), ()])
def test_a_whole_order_is_cancelled_once(rig: Rig, units: tuple[int, ...], fault: Fault | None) -> None:
    sale = _sold(rig)
    numbers = [item.quantity for item in rig.shop.market.items.values()]
    if fault:
        rig.once(fault, "Cancel")
        assert rig.tell(word("cancel", sale, *units)) == [Away]
    assert isinstance(rig.tell(word("cancel", sale, *units, tried=bool(fault)))[0], str)
    assert rig.order(sale).cancelled
    assert (sale.paid, sale.extra["cancel_reason"]) == ("refunded", "INVENTORY")
    assert [item.quantity for item in rig.shop.market.items.values()] == numbers
    assert rig.tell(word("cancel", sale, *units)) == ["cancelled there already"]


@pytest.mark.parametrize("fault", [None, Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.LOST_BEFORE])
def test_some_units_are_refunded_once(rig: Rig, fault: Fault | None) -> None:
    sale = _sold(rig)
    if fault:
        rig.once(fault, "Refund")
        assert rig.tell(word("cancel", sale, 1)) == [Away]
    assert isinstance(rig.tell(word("cancel", sale, 1, tried=bool(fault)))[0], str)
    assert shown(rig.order(sale)) == [("A", 2), ("B", 2)]
    assert [refund["amounts"] for refund in sale.refunds] == [["19.00"]]
    assert rig.tell(word("cancel", sale, 1, tried=True)) == ["refunded there already"]


def test_what_is_left_of_a_shipped_order_is_refunded(rig: Rig) -> None:
    sale = _sold(rig)
    _shipped(rig, sale, 3)
    rig.line = rig.connected(refund_on_cancel=False)
    assert rig.tell(word("cancel", sale, 0, 2))[0].startswith("refund")
    found = rig.order(sale)
    assert (shown(found), found.cancelled, found.handed_over) == ([("A", 3)], False, True)
    assert [refund["amounts"] for refund in sale.refunds] == [[]]


def test_what_the_shop_does_not_know_is_refused(rig: Rig) -> None:
    sale = _sold(rig)
    _shipped(rig, sale, 3, 2)
    assert rig.tell(word("cancel", sale, 1)) == [Refused]
    assert rig.tell(word("cancel", sale, 1, order_id="1")) == [Refused]
    assert rig.tell(word("ack", sale), word("ack", sale)) == [Refused, Refused]
    assert rig.tell(word("split", sale)) == [Refused]
    assert rig.tell() == []


# --- the simulation's own rules -------------------------------------------------------------------------------------


def _rows(*rows: tuple[str, int, int | None]) -> dict[str, Any]:
    quantities = [
        {
            "inventoryItemId": f"gid://shopify/InventoryItem/{item}",
            "locationId": "gid://shopify/Location/70000000001",
            "quantity": quantity,
            "changeFromQuantity": before,
        }
        for item, quantity, before in rows
    ]
    return {"name": "available", "reason": "correction", "quantities": quantities}


@pytest.mark.parametrize(
    ("rows", "code", "index"),
    [
        ([("1000", 5, 8)], "CHANGE_FROM_QUANTITY_STALE", "0"),
        ([("1001", 5, 10), ("9", 5, None)], "INVALID_INVENTORY_ITEM", "1"),
        ([("1000", -1, None)], "INVALID_QUANTITY_NEGATIVE", "0"),
        ([("1000", 2_000_000_000, None)], "INVALID_QUANTITY_TOO_HIGH", "0"),
        ([("1000", 5, None), ("1000", 6, None)], "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR", "1"),
    ],
)
def test_a_call_with_a_bad_row_changes_nothing(rig: Rig, rows: Any, code: str, index: str) -> None:
    rig.shop.market.offer("A", 10)
    rig.shop.market.offer("B", 10)
    said = ask(rig.line, questions.SET_NUMBERS, input=_rows(*rows), key="k")["inventorySetQuantities"]["userErrors"]
    assert [(each["code"], each["field"][2]) for each in said] == [(code, index)]
    assert not rig.shop.market.told


def test_a_key_is_for_one_request_and_must_be_there(rig: Rig) -> None:
    rig.shop.market.offer("A", 10)
    for _ in range(3):
        assert not ask(rig.line, questions.SET_NUMBERS, input=_rows(("1000", 5, 10)), key="k")[
            "inventorySetQuantities"
        ]["userErrors"]
    assert len(rig.shop.market.told) == 1
    other = ask(rig.line, questions.SET_NUMBERS, input=_rows(("1000", 6, 5)), key="k")["inventorySetQuantities"]
    assert other["userErrors"][0]["code"] == "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"
    without = _rows(("1000", 6, 5))
    del without["quantities"][0]["changeFromQuantity"]
    for rows, key, message in (
        (_rows(("1000", 6, 5)), " ", "@idempotent directive is required"),
        (_rows(*[("1000", 6, 5)] * 251), "l", "greater than 250"),
        (without, "m", "changeFromQuantity must be given"),
    ):
        with pytest.raises(Refused, match=message):
            ask(rig.line, questions.SET_NUMBERS, input=rows, key=key)


def test_one_fulfilment_is_of_one_order_and_one_location(rig: Rig) -> None:
    rig.shop.market.offer("A", 9)
    rig.shop.market.offer("B", 9, extra={"place": OTHER_PLACE})
    sale = rig.shop.market.sell(("A", 3), ("B", 2))
    places = [place["id"] for place in rig.order(sale).order.raw["fulfillmentOrders"]["nodes"]]
    both = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": each} for each in places]}
    assert ask(rig.line, questions.SHIP, fulfillment=both)["fulfillmentCreate"]["userErrors"]
    one = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": places[0]}]}
    assert not ask(rig.line, questions.SHIP, fulfillment=one)["fulfillmentCreate"]["userErrors"]
    assert [line.shipped for line in sale.lines] == [3, 0]


def test_a_question_the_shop_cannot_answer_is_refused(rig: Rig) -> None:
    rig.described = None
    for text in ("query X { shop { colour } }", "query X { shop { name }", "query X { shop(", "nonsense §"):
        with pytest.raises((Refused, Away)):
            ask(rig.line, Question("X", text, 1))
    with pytest.raises(Refused, match="exceeds 1000"):
        ask(rig.line, questions.ORDERS, first=250, after=None, query="", sort="ID")


def test_the_example_has_every_setting() -> None:
    text = (Path(__file__).parents[3] / "deploy/channels/shopify.example.toml").read_text(encoding="utf-8")
    given = tomllib.loads(text)
    assert given["location_id"].isdigit()
    missing = [each.name for each in shopify.SETTINGS if not re.search(rf"^(# )?{each.name}(_file)? = ", text, re.M)]
    assert not missing
    everything = tomllib.loads(re.sub(r"^# (?=\w+ = |\[)", "", text, flags=re.MULTILINE))
    shopify.check(everything)


def test_no_address_is_checked_with_a_get() -> None:
    with pytest.raises(DomainError, match="not_found"):
        shopify.greeting(None, {})  # type: ignore[arg-type]
