"""The WooCommerce adapter against its simulated shop, every call held to what a real shop describes."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.calls.line import Forgetful, Line
from server.calls.pace import Pace
from server.calls.troubles import Away, Denied, Refused, Throttled
from server.channels import woocommerce as woo
from server.channels.woocommerce import reading
from server.domain.channels.deviations import UNCOUNTED
from server.domain.errors import DomainError
from server.simulated.platforms.base import Message
from server.simulated.platforms.faults import Fault
from server.simulated.platforms.market import Sale
from server.simulated.platforms.transport import transport
from server.simulated.platforms.woocommerce import WooCommerce, shipments
from server.trade.orders import ChannelOrder
from server.trade.words import Answer, Listing, Word
from tests.unit.channels.woocommerce_described import Watch, described

NINE = 1_795_338_000.0


@dataclass
class Stand:
    """A shop, a line to it, and somebody who checks every call."""

    at: float = NINE
    scheme: str = "https"
    shop: WooCommerce = field(init=False)
    line: Line = field(init=False)
    watch: Watch = field(default_factory=Watch)

    def __post_init__(self) -> None:
        self.shop = WooCommerce(lambda: self.at)
        self.line = self.connect()

    def connect(self, **changes: Any) -> Line:
        settings = self.shop.settings(f"{self.scheme}://{self.shop.HOST}") | changes
        client = httpx.Client(trust_env=False, transport=transport([self.shop], self.watch))
        pace = Pace(woo.LIMITS, lambda: self.at)
        return Line("shop", settings, client, lambda: self.at, pace, Forgetful(), patience=0.0)

    def order(self, sale: Sale) -> ChannelOrder:
        found = woo.order(self.line, sale.ref)
        assert found is not None
        return found

    def listings(self) -> list[Listing]:
        found: list[Listing] = []
        cursor = ""
        while True:
            page = woo.listings(self.line, cursor)
            found += page.listings
            cursor = page.cursor
            self.at += 0.1
            if not cursor:
                return found

    def changed(self, cursor: Mapping[str, Any]) -> tuple[dict[str, ChannelOrder], Mapping[str, Any], int]:
        found: dict[str, ChannelOrder] = {}
        for calls in range(1, 60):
            page = woo.changed_orders(self.line, cursor)
            found |= {each.order.order_id: each for each in page.orders}
            cursor = page.cursor
            if not page.more:
                return found, cursor, calls
        raise AssertionError("the pages never end")

    def insist(self, word: Word) -> Answer:
        for _ in range(12):
            answer = woo.tell(self.line, [word])[0]
            if not isinstance(answer.trouble, Away | Throttled):
                return answer
            word = replace(word, tried=True)
            self.at += 60
        raise AssertionError(answer.text)

    def sale(self, *, candles: int = 2, soap: int = 1, **more: Any) -> Sale:
        market = self.shop.market
        if not market.items:
            market.offer("CANDLE", 1000, title="Candle", cents=1999)
            market.offer("SOAP", 1000, title="Soap", cents=333)
        return market.sell(("CANDLE", candles), ("SOAP", soap), **more)


@pytest.fixture(params=["https", "http"])
def either(request: pytest.FixtureRequest) -> Iterator[Stand]:
    made = Stand(scheme=request.param)
    yield made
    made.line.client.close()


@pytest.fixture
def stand() -> Iterator[Stand]:
    made = Stand()
    yield made
    made.line.client.close()


def stock(units: int, *listings: Listing, sku: str = "SKU") -> Word:
    data = {"sku": sku, "available": units, "version": 1}
    return Word(id=f"msg_{sku}_{units}", kind="stock", key=sku, data=data, listings=listings)


def parcel(sale: Sale, tracking: str, *units: int, **changes: Any) -> Word:
    data = {
        "order_id": sale.ref,
        "parcel_id": f"PCL-{tracking[-3:]}",
        "tracking_number": tracking,
        "carrier": "ups",
        "carrier_name": "UPS",
        "service": "standard",
        "shipped_at": "2026-11-22T09:30:00Z",
        "lines": [
            {"line_id": line.line_id, "sku": line.sku, "quantity": n}
            for line, n in zip(sale.lines, units, strict=False)
            if n
        ],
    }
    return Word(id=f"msg_{tracking}", kind="shipment", key=tracking, data=data | changes)


def cancel(sale: Sale, *units: int, word: str = "msg_c1") -> Word:
    lines = [
        {"line_id": line.line_id, "sku": line.sku, "quantity": n}
        for line, n in zip(sale.lines, units, strict=False)
        if n
    ]
    data = {"order_id": sale.ref, "cancelled_at": "2026-11-22T09:10:00Z", "reason": "out_of_stock", "lines": lines}
    return Word(id=word, kind="cancel", key=word, data=data)


# --- signing in ---------------------------------------------------------------------------------------------------


def test_the_keys_are_believed_over_https_and_signed_over_plain_http(either: Stand) -> None:
    assert woo.who(either.line).name == "Zoë's Candles"
    for name in ("consumer_key", "consumer_secret"):
        with pytest.raises(Denied):
            woo.who(either.connect(**{name: "ck_wrong"}))


def test_a_whole_day_passes_every_check_of_the_description_whatever_the_address(either: Stand) -> None:
    described()
    sale, lost = either.sale(), either.sale()
    either.shop.offer_variation(88_001, "SHIRT-L", 4)
    woo.who(either.connect(delivery_url="https://us.example/hook"))
    either.changed({})
    words = [stock(90 + n, each, sku=each.sku) for n, each in enumerate(either.listings())]
    assert all(answer.ok for answer in woo.tell(either.line, words))
    woo.live_stock(either.line, either.listings())
    for way in ("notes", "fulfillments", "plugin"):
        either.shop.way = way
        line = either.connect(shipments=way)
        assert woo.tell(line, [parcel(sale, f"1Z99{way[0]}", 1)])[0].ok or way == "plugin"
        sale = either.sale()
    assert either.insist(cancel(lost, 1)).ok
    assert either.order(lost).order.lines[0].quantity == 1
    assert either.insist(cancel(lost, 1, 1, word="msg_c2")).ok
    assert either.order(lost).cancelled
    assert set(either.watch.checked) == {
        "GET /wc/v3/orders", "GET /wc/v3/orders/*", "PUT /wc/v3/orders/*", "GET /wc/v3/orders/*/refunds",
        "POST /wc/v3/orders/*/refunds", "POST /wc/v3/orders/*/notes", "GET /wc/v3/products",
        "GET /wc/v3/products/*/variations", "POST /wc/v3/products/batch", "POST /wc/v3/products/*/variations/batch",
        "GET /wc/v3/webhooks", "POST /wc/v3/webhooks",
    }  # fmt: skip
    assert {name.split("/")[-1] for name in either.watch.unknown} == {"", "fulfillments", "shipment-trackings"}


def test_a_signature_of_plain_http_holds_once_for_these_words_and_for_a_quarter_of_an_hour() -> None:
    stand = Stand(scheme="http")
    sent: list[httpx.Request] = []
    asking = transport([stand.shop])

    def keep(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return asking.handle_request(request)

    line = replace(stand.line, client=httpx.Client(trust_env=False, transport=httpx.MockTransport(keep)))
    woo.changed_orders(line, {"after": 1_795_338_000, "seen": [7001, 7002]})
    [request] = sent
    assert b"exclude=7001%2C7002" in request.url.query
    assert "authorization" not in request.headers

    def again(url: str) -> int:
        stand.shop.nonces.clear()
        return asking.handle_request(httpx.Request("GET", url)).status_code

    url = str(request.url)
    assert asking.handle_request(httpx.Request("GET", url)).status_code == 401
    assert again(url) == 200
    assert again(url.replace("7002", "7003")) == 401
    assert again(url.replace("oauth_signature=", "oauth_signature=A")) == 401
    stand.at += 16 * 60
    assert again(url) == 401


def test_a_shop_that_sends_us_elsewhere_is_not_followed(stand: Stand) -> None:
    there = {"location": "https://elsewhere.example/wp-json/wc/v3/orders?secret=1"}
    moved = httpx.Client(trust_env=False, transport=httpx.MockTransport(lambda _: httpx.Response(301, headers=there)))
    with pytest.raises(Denied, match=r"elsewhere\.example/wp-json/wc/v3/orders;"):
        woo.who(replace(stand.line, client=moved))


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"site_url": ""}, "site_url"),
        ({"site_url": "ftp://shop.example"}, "site_url"),
        ({"site_url": "https://shop.example/?x=1"}, "site_url"),
        ({"site_url": "https://ck:cs@shop.example"}, "site_url"),
        ({"consumer_key": ""}, "consumer_key"),
        ({"consumer_secret": ""}, "consumer_secret"),
        ({"shipments": "pigeon"}, "shipments"),
        ({"gateway_refunds": "perhaps"}, "gateway_refunds"),
        ({"carriers": {"ups": 7}}, "carriers"),
        ({"carriers": "ups"}, "carriers"),
        ({"delivery_url": "example"}, "delivery_url"),
        ({"delivery_url": "https://us.example/hook", "webhook_secret": ""}, "webhook_secret"),
    ],
)
def test_settings_that_cannot_work_are_named(stand: Stand, changes: dict[str, Any], named: str) -> None:
    woo.check(stand.shop.settings())
    with pytest.raises(DomainError, match=named):
        woo.check(stand.shop.settings() | changes)


def test_the_example_names_every_setting() -> None:
    path = Path(__file__).parents[3] / "deploy" / "channels" / "woocommerce.example.toml"
    text = path.read_text(encoding="utf-8")
    settings = tomllib.loads(text)["settings"]
    woo.check(settings)
    for each in woo.SETTINGS:
        assert each.name in text
    known = {each.name for each in woo.SETTINGS}
    assert {name.removesuffix("_file") for name in settings} <= known


# --- orders -------------------------------------------------------------------------------------------------------


def test_every_byte_of_an_order_arrives(stand: Stand) -> None:
    buyer = {
        "name": "Ⓩoë  O’Brien-Ñuñez 张伟 👩‍👩‍👧",
        "company": "Æther & Söhne <GmbH>",
        "lines": ("5 rue de l'Église", "بوابة ٣"),
        "city": "Île-de-Bréhat",
        "phone": "+33 2 96 20 00 01",
    }
    note, gift, typed = "Ring twice\r\nthen \t wait é", "Alles Gute, Opa! 🎂", "„Für Zoë“ e\u0301 vs \u00e9"
    sale = stand.sale(buyer=buyer, note=note, gift_message=gift, personal=typed)
    seen = stand.order(sale).order
    to = seen.ship_to
    assert (to.name, to.company, to.lines, to.city, to.phone) == tuple(
        buyer[key] for key in ("name", "company", "lines", "city", "phone")
    )
    assert (to.region, to.postcode, to.country, to.email) == ("OR", "97205", "US", "zoe@example.com")
    assert (seen.note, seen.gift_message) == (note, gift)
    assert {line.personalisation for line in seen.lines} == {f"Engraving: {typed}"}
    assert [(line.sku, line.title, line.price) for line in seen.lines] == [
        ("CANDLE", "Candle", "19.99"),
        ("SOAP", "Soap", "3.33"),
    ]
    assert [line.line_id for line in seen.lines] == [line.line_id for line in sale.lines]
    assert (seen.currency, seen.amount_due, seen.amount_paid, seen.service) == ("USD", 4764, 4764, "Standard")
    assert seen.raw["order_key"]


@pytest.mark.parametrize(
    ("status", "paid", "expected"),
    [
        # (payment, lines left, cancelled, handed over)
        ("pending", False, ("unpaid", 3, False, False)),
        ("on-hold", True, ("unpaid", 3, False, False)),
        ("failed", False, ("failed", 3, False, False)),
        ("processing", False, ("paid", 3, False, False)),  # Cash on delivery is never dated as paid.
        ("completed", True, ("paid", 3, False, True)),
        ("cancelled", False, ("unpaid", 0, True, False)),
        ("cancelled", True, ("paid", 0, True, False)),
        ("refunded", True, ("paid", 0, True, False)),
        ("trash", True, ("paid", 0, True, False)),
        ("wc-at-the-engraver", True, ("paid", 3, False, False)),
        ("wc-at-the-engraver", False, ("unpaid", 3, False, False)),
    ],
)
def test_each_status_means_what_the_shop_means(
    stand: Stand, status: str, paid: bool, expected: tuple[str, int, bool, bool]
) -> None:
    raw = dict(stand.order(stand.sale()).order.raw)
    raw |= {"status": status, "date_paid_gmt": "2026-11-22T08:00:00" if paid else None}
    seen = woo.read_order(raw)
    units = sum(line.quantity for line in seen.order.lines)
    assert (seen.order.payment, units, seen.cancelled, seen.handed_over) == expected
    assert seen.order.paid == (seen.order.payment == "paid")


def _refund(line_id: str, units: int, at: str) -> dict[str, Any]:
    meta = [{"key": "_refunded_item_id", "value": line_id}]
    return {"date_created_gmt": at, "line_items": [{"quantity": -units, "meta_data": meta}]}


@pytest.mark.parametrize(
    ("refunds", "left", "completed", "wanted"),
    [
        ([], [], None, 5),
        ([(2, "09:00")], [], None, 3),
        ([(2, "09:00"), (1, "09:30")], [], None, 2),
        ([(9, "09:00")], [], None, 0),
        ([(0, "09:00")], [], None, 5),
        # What had left comes back: no cancel.
        ([(2, "11:00")], [], "10:00", 5),
        ([(2, "09:00")], [], "10:00", 3),
        ([(2, "10:00")], [], "10:00", 3),
        ([(4, "11:00")], [(3, "10:00")], None, 3),
        ([(4, "09:00")], [(1, "10:00")], None, 1),
    ],
)
def test_a_refund_cancels_what_had_not_left_and_no_more(
    stand: Stand,
    refunds: list[tuple[int, str]],
    left: list[tuple[int, str]],
    completed: str | None,
    wanted: int,
) -> None:
    sale = stand.sale(candles=5)
    raw = dict(stand.order(sale).order.raw)
    line_id = sale.lines[0].line_id
    raw[reading.REFUNDS] = [_refund(line_id, units, f"2026-11-22T{at}:00") for units, at in refunds]
    parcels = []
    for nth, (units, at) in enumerate(left):
        hours, minutes = map(int, at.split(":"))
        told = {"lines": [{"line_id": int(line_id), "quantity": units}], "tracking_number": f"T{nth}", "at": 0}
        told["at"] = int(NINE) + (hours - 9) * 3600 + minutes * 60
        parcels.append({"key": f"_packproof_shipment_{nth}", "value": told})
    raw["meta_data"] = parcels
    if completed:
        raw |= {"status": "completed", "date_completed_gmt": f"2026-11-22T{completed}:00"}
    found = {line.line_id: line.quantity for line in woo.read_order(raw).order.lines}
    assert found.get(line_id, 0) == wanted


def test_lines_cancelled_on_the_shop_s_pages_are_not_wanted(stand: Stand) -> None:
    sale = stand.sale()
    stand.shop.market.cancel(sale.ref, {sale.lines[0].line_id: 1})
    seen = stand.order(sale)
    assert [(line.sku, line.quantity) for line in seen.order.lines] == [("CANDLE", 1), ("SOAP", 1)]
    assert seen.order.amount_due == 4764 - 2199
    found, _, _ = stand.changed({})
    assert found[sale.ref] == seen


def test_a_sale_of_a_till_is_handed_over_already(stand: Stand) -> None:
    assert stand.order(stand.sale(fulfilled_by="channel")).handed_over


def test_a_shop_without_shipping_addresses_ships_to_the_billing_address(stand: Stand) -> None:
    raw = dict(stand.order(stand.sale()).order.raw)
    raw["shipping"] = dict.fromkeys(raw["shipping"], "")
    assert woo.read_order(raw).order.ship_to.lines == ("12 Orchard Lane", "Apt 4")
    # PHP shows an empty object as a list.
    assert woo.read_order(raw | {"billing": [], "shipping": []}).order.ship_to.name == ""


def test_products_without_a_sku_go_by_their_number_on_both_sides(stand: Stand) -> None:
    item = stand.shop.market.offer("", 5, title="Nameless")
    sale = stand.shop.market.sell(("", 1))
    assert stand.order(sale).order.lines[0].sku == stand.listings()[0].sku == f"#{item.ref}"


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ({"id": "7001"}, "id"),
        ({"id": True}, "id"),
        ({"status": None}, "status"),
        ({"date_modified_gmt": "yesterday"}, "date_modified_gmt"),
        ({"date_modified_gmt": None, "date_created_gmt": None}, "date_modified_gmt"),
        ({"total": "47,64"}, "total"),
        ({"total": 47.64}, "total"),
        ({"line_items": {"a": 1}}, "line_items"),
        ({"line_items": [{"id": 1, "quantity": 1.5}]}, "quantity"),
        ({"line_items": [{"id": 1, "quantity": 0}, {"id": 2, "quantity": -1}]}, "quantity"),
        ({"shipping": {"first_name": ["Secret Person"]}}, "first_name"),
        ({"customer_note": 7}, "customer_note"),
        ({"billing": "Secret Person"}, "billing"),
    ],
)
def test_a_malformed_order_names_the_field_and_shows_nobody(stand: Stand, broken: dict[str, Any], named: str) -> None:
    raw = dict(stand.order(stand.sale()).order.raw)
    with pytest.raises(DomainError) as caught:
        woo.read_order(raw | broken)
    assert caught.value.code == "malformed"
    assert caught.value.detail.startswith(f"{named}: expected ")
    assert "Secret" not in caught.value.detail


@pytest.mark.parametrize(
    ("currency", "text", "units"), [("JPY", "1999", 1999), ("KWD", "1.999", 1999), ("EUR", "9.995", 1000)]
)
def test_money_is_counted_in_the_currency_s_own_units(stand: Stand, currency: str, text: str, units: int) -> None:
    raw = dict(stand.order(stand.sale()).order.raw)
    assert woo.read_order(raw | {"currency": currency, "total": text}).order.amount_due == units


def test_one_order_that_cannot_be_read_is_named_and_one_without_an_id_is_skipped(stand: Stand) -> None:
    sales = [stand.sale() for _ in range(4)]
    sales[1].lines[0].quantity = -5
    stand.shop.spoil(sales[3].ref, {"id": 0})
    stand.watch.blind = True
    page = woo.changed_orders(stand.line, {})
    assert {each.order.order_id for each in page.orders} == {sales[0].ref, sales[2].ref}
    assert page.unread == (sales[1].ref,)
    with pytest.raises(DomainError, match="quantity"):
        woo.order(stand.line, sales[1].ref)


def test_all_of_one_second_are_read_while_they_move_away(stand: Stand) -> None:
    """More than a page within one second of the shop's clock, and orders of it change between the pages."""
    cursor: Mapping[str, Any] = stand.changed({})[1]
    stand.at += 10
    sales = [stand.sale(candles=1) for _ in range(270)]
    stand.at += 5
    seen: set[str] = set()
    more = True
    while more:
        page = woo.changed_orders(stand.line, cursor)
        seen |= {each.order.order_id for each in page.orders}
        cursor, more = page.cursor, page.more
        unseen = [sale for sale in sales if sale.ref not in seen]
        for sale in [*sales[:5], *unseen[:5]]:
            stand.shop.market.change(sale.ref, note="moved")
        stand.at += 1
    found, _, _ = stand.changed(cursor)
    assert seen | set(found) == {sale.ref for sale in sales}


def test_the_cursor_overlaps_and_a_quiet_shop_is_read_in_one_call(stand: Stand) -> None:
    _, cursor, _ = stand.changed({})
    sale = stand.sale()
    found, cursor, _ = stand.changed(cursor)
    assert set(found) == {sale.ref}
    # A change of the same second as the last one that was read.
    stand.shop.market.change(sale.ref, note="of the same second")
    stand.at += 3600
    found, again, calls = stand.changed(cursor)
    assert found[sale.ref].order.note == "of the same second"
    assert calls == 1
    assert stand.changed(again)[1] == again


def test_the_first_look_begins_with_what_is_open_and_not_with_history(stand: Stand) -> None:
    old = [stand.sale() for _ in range(4)]
    for sale in old[:3]:
        stand.insist(parcel(sale, f"T{sale.ref}", 2, 1))
    stand.at += 90 * 24 * 3600
    waiting = stand.sale(paid="unpaid")
    found, _, _ = stand.changed({})
    assert set(found) == {old[3].ref, waiting.ref}


@pytest.mark.parametrize("ref", ["7", "", "7001/notes", "../x", "٧٠٠١", "-1"])
def test_an_order_that_cannot_be_is_none(stand: Stand, ref: str) -> None:
    stand.sale()
    assert woo.order(stand.line, ref) is None


# --- what the shop sends ------------------------------------------------------------------------------------------


def hear(stand: Stand, message: Message, **changes: Any) -> Any:
    return woo.heard(stand.connect(**changes), dict(message.headers), message.body)


def test_a_new_order_is_heard_of_twice_and_a_moved_number_once(stand: Stand) -> None:
    sale = stand.sale()
    heard = [hear(stand, message) for message in stand.shop.outgoing]
    assert [[(ref.kind, ref.ref) for ref in each.refs] for each in heard] == [[("order", sale.ref)]] * 2
    assert len({each.event for each in heard}) == 2
    stand.shop.outgoing.clear()
    stand.shop.market.tamper("CANDLE", 3)
    [message] = stand.shop.outgoing
    assert [(ref.kind, ref.ref) for ref in hear(stand, message).refs] == [
        ("stock", stand.shop.market.item("CANDLE").ref)
    ]


def test_the_secret_before_is_believed_beside_the_new_one(stand: Stand) -> None:
    stand.sale()
    message = stand.shop.outgoing[0]
    old = stand.shop.webhook_secret
    assert hear(stand, message, webhook_secret="new", old_webhook_secret=old).refs
    for secrets in ({"webhook_secret": "new"}, {"webhook_secret": ""}, {"webhook_secret_file": "/nowhere"}):
        with pytest.raises(DomainError) as caught:
            hear(stand, message, **secrets)
        assert caught.value.code == "bad_signature"


def test_no_changed_message_is_believed(stand: Stand) -> None:
    stand.sale()
    message = stand.shop.outgoing[0]
    name, body = "x-wc-webhook-signature", message.body
    signed = message.headers[name]
    flipped = [(body[:n] + bytes([body[n] ^ (1 << n % 8)]) + body[n + 1 :], signed) for n in range(len(body))]
    flipped += [
        (body, signed[:n] + chr(ord(signed[n]) ^ (1 << bit)) + signed[n + 1 :]) for n in range(44) for bit in range(8)
    ]
    others = [
        signed[:-1],
        signed + "=",
        signed + " ",
        " " + signed,
        "",
        "é" * 44,
        "\udc80",
        "A" * 100_000,
        signed.lower(),
    ]
    flipped += [(body, each) for each in others]
    flipped += [(each, signed) for each in (b"", body[:-1], body + b"\n", b"\xff\xfe\x00", b"webhook_id=1", body * 2)]
    for changed, signature in flipped:
        with pytest.raises(DomainError) as caught:
            woo.heard(stand.line, {**message.headers, name: signature}, changed)
        assert caught.value.code == "bad_signature"
    with pytest.raises(DomainError):
        woo.heard(stand.line, {}, body)


@pytest.mark.parametrize("body", [b"webhook_id=1&x=2", b"webhook_id=", b"webhook_id=1\n", b"Webhook_id=1", b"{}"])
def test_only_the_ping_itself_needs_no_signature(stand: Stand, body: bytes) -> None:
    assert woo.heard(stand.line, {"content-type": "application/x-www-form-urlencoded"}, b"webhook_id=1").refs == ()
    with pytest.raises(DomainError, match="bad_signature"):
        woo.heard(stand.line, {}, body)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b'{"id": "7001"}', b'{"id": true}', b'{"id": -1}', b"[" * 99_999, b"\xff"]
)
def test_a_signed_body_that_says_nothing_leads_nowhere(stand: Stand, body: bytes) -> None:
    from server.channels.woocommerce.hearing import _signature

    signature = _signature(stand.shop.webhook_secret, body).decode()
    headers = {"x-wc-webhook-signature": signature, "x-wc-webhook-resource": "order"}
    assert woo.heard(stand.line, headers, body).refs == ()


def test_webhooks_are_made_and_switched_on_again(stand: Stand) -> None:
    url = "https://us.example/hook"
    line = stand.connect(delivery_url=url)
    woo.who(line)
    ours = [each for each in stand.shop.hooks if each["delivery_url"] == url]
    assert len(ours) == 5
    pings = [message for message in stand.shop.outgoing if message.body.startswith(b"webhook_id=")]
    assert len(pings) == 5
    assert all(not woo.heard(line, dict(ping.headers), ping.body).refs for ping in pings)
    ours[1]["status"] = "disabled"
    woo.who(line)
    assert {each["status"] for each in stand.shop.hooks} == {"active"}
    assert len(stand.shop.hooks) == 10
    with pytest.raises(DomainError, match="not_found"):
        woo.greeting(line, {})


# --- stock --------------------------------------------------------------------------------------------------------


def test_products_and_variations_are_listed_and_written_each_in_their_own_batch(stand: Stand) -> None:
    shop = stand.shop
    for n in range(130):
        shop.market.offer(f"S-{n:03}", 5, title=f"Thing {n}")
    for n in range(230):
        shop.offer_variation(88_000 + n % 2, f"V-{n:03}", 6, option=f"No {n}", gtin="4006381333931")
    found = {each.sku: each for each in stand.listings()}
    assert len(found) == 360
    assert (found["V-007"].title, found["V-007"].gtin) == ("Product 88001 - No 7", "4006381333931")
    words = [stock(n, each, sku=each.sku) for n, each in enumerate(found.values())]
    shop.asked.clear()
    for begin in range(0, len(words), 100):
        assert all(answer.ok for answer in woo.tell(stand.line, words[begin : begin + 100]))
    assert len(shop.asked) <= 6
    live: dict[str, int | None] = woo.live_stock(stand.line, list(found.values()))
    assert live == {word.listings[0].ref: n for n, word in enumerate(words)}


def test_bad_rows_are_named_and_the_others_written(stand: Stand) -> None:
    shop = stand.shop
    for n in range(5):
        shop.market.offer(f"S-{n}", 9)
    shop.offer_variation(88_000, "V", 9)
    shop.gone("S-1")
    listing = {item.sku: Listing(ref=item.ref, sku=item.sku, data={}) for item in shop.market.items.values()}
    words = [
        stock(0, listing["S-0"], sku="a"),
        stock(1, listing["S-1"], sku="binned"),
        stock(2, Listing(ref="999999", sku="X"), sku="unknown"),
        stock(3, Listing(ref="gid://x", sku="X"), sku="of another platform"),
        stock(4, listing["V"], sku="variation without its parent"),
        stock(5, sku="without a listing"),
        stock(-6, listing["S-2"], sku="oversold"),
        stock(7, listing["S-3"], listing["S-1"], sku="half"),
        stock(8, listing["S-4"], replace(listing["V"], data={"parent_id": "88000"}), sku="both"),
    ]
    answers = woo.tell(stand.line, words)
    assert [word.key for word, answer in zip(words, answers, strict=True) if answer.ok] == ["a", "oversold", "both"]
    assert all(isinstance(answer.trouble, Refused) for answer in answers if not answer.ok)
    numbers = {sku: shop.market.item(sku).quantity for sku in listing}
    assert numbers == {"S-0": 0, "S-1": 9, "S-2": 0, "S-3": 7, "S-4": 8, "V": 8}


def test_a_shop_that_takes_fewer_rows_is_given_fewer(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.simulated.platforms.woocommerce.products.BATCH_MAX", 20)
    for n in range(100):
        stand.shop.market.offer(f"S-{n:02}", 5)
    words = [stock(n, each, sku=each.sku) for n, each in enumerate(stand.listings())]
    assert all(answer.ok for answer in woo.tell(stand.line, words))
    assert [item.quantity for item in stand.shop.market.items.values()] == list(range(100))


def test_the_most_urgent_word_goes_in_the_first_call(stand: Stand) -> None:
    stand.shop.market.offer("S", 5)
    stand.shop.offer_variation(88_000, "V", 5)
    found = {each.sku: each for each in stand.listings()}
    stand.shop.asked.clear()
    woo.tell(stand.line, [stock(0, found["V"], sku="V"), stock(9, found["S"], sku="S")])
    assert [path.endswith("/88000/variations/batch") for _, path, _ in stand.shop.asked] == [True, False]


def test_what_is_gone_is_none_and_what_is_not_counted_sells_without_end_or_not_at_all(stand: Stand) -> None:
    market = stand.shop.market
    for sku in ("GONE", "UNCOUNTED", "NOT-SOLD", "BELOW"):
        market.offer(sku, 5)
    stand.shop.offer_variation(88_000, "V-GONE", 5)
    found = {each.sku: each for each in stand.listings()}
    stand.shop.gone("GONE")
    stand.shop.gone("V-GONE")
    market.item("UNCOUNTED").extra["manage_stock"] = False
    market.item("NOT-SOLD").extra |= {"manage_stock": False, "stock_status": "outofstock"}
    market.tamper("BELOW", -51)
    live = woo.live_stock(stand.line, [*found.values(), Listing(ref="12", sku="", data={"parent_id": "5"})])
    gone = {found["GONE"].ref: None, found["V-GONE"].ref: None, "12": None}
    sold = {found["UNCOUNTED"].ref: UNCOUNTED, found["NOT-SOLD"].ref: 0, found["BELOW"].ref: -51}
    assert live == gone | sold


def test_a_host_that_says_too_many_is_left_alone(stand: Stand) -> None:
    shop = stand.shop
    for n in range(40):
        shop.offer_variation(88_000 + n, f"V-{n:02}", 5)
    words = [stock(7, each, sku=each.sku) for each in stand.listings()]
    stand.at += 10
    shop.limited = True
    shop.asked.clear()
    answers = woo.tell(stand.line, words)
    assert [status for _, _, status in shop.asked] == [200] * 5 + [429]
    assert sum(answer.ok for answer in answers) == 5
    assert all(isinstance(answer.trouble, Throttled) for answer in answers if not answer.ok)
    for _ in range(40):
        stand.at += 2.1
        words = [word for word, answer in zip(words, answers, strict=True) if not answer.ok]
        if not words:
            break
        answers = woo.tell(stand.line, words)
    assert {item.quantity for item in shop.market.items.values()} == {7}
    refused = [status for _, _, status in shop.asked if status == 429]
    assert len(refused) <= 8


@pytest.mark.parametrize(
    ("fault", "kind"), [(Fault.GARBLED, Away), (Fault.BROKEN_AFTER, Away), (Fault.DENIED, Denied)], ids=str
)
def test_a_call_that_fails_whole_is_trouble_of_each_of_its_words(
    stand: Stand, fault: Fault, kind: type[Exception]
) -> None:
    stand.sale()
    words = [stock(3, each, sku=each.sku) for each in stand.listings()]
    stand.shop.faults.once(fault, "POST", "batch")
    assert all(isinstance(answer.trouble, kind) for answer in woo.tell(stand.line, words))
    assert all(answer.ok for answer in woo.tell(stand.line, words))


# --- shipments ----------------------------------------------------------------------------------------------------

WAYS = ("fulfillments", "plugin", "notes")


def told(sale: Sale, way: str) -> list[str]:
    """What the buyer was told, by each way's own account."""
    if way == "fulfillments":
        metas = [{row["key"]: row["value"] for row in each["meta_data"]} for each in sale.extra.get(way, [])]
        return [str(meta["_tracking_number"]) for meta in metas]
    if way == "plugin":
        return [each["tracking_number"] for each in sale.extra.get("trackings", [])]
    return [each["note"].rpartition(" ")[2] for each in sale.extra.get("notes", [])]


@pytest.mark.parametrize("way", WAYS)
def test_parcels_are_told_once_each_and_the_last_completes_the_order(stand: Stand, way: str) -> None:
    stand.shop.way = way
    sale = stand.sale()
    assert stand.insist(parcel(sale, "1ZA1", 1)).ok
    seen = stand.order(sale)
    assert (seen.handed_over, seen.tracking) == (False, frozenset({"1ZA1"}))
    assert stand.insist(parcel(sale, "1ZA11", 1, 1)).ok
    seen = stand.order(sale)
    assert (seen.handed_over, seen.tracking) == (True, frozenset({"1ZA1", "1ZA11"}))
    assert told(sale, way) == ["1ZA1", "1ZA11"]
    assert [dict(each.units) for each in sale.shipments] == [
        {sale.lines[0].line_id: 1},
        {sale.lines[0].line_id: 1, sale.lines[1].line_id: 1},
    ]
    for tried in (True, False):
        assert stand.insist(replace(parcel(sale, "1ZA1", 1), tried=tried)).ok
    assert told(sale, way) == ["1ZA1", "1ZA11"]
    assert sum(line.quantity for line in stand.order(sale).order.lines) == 3


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("method", "fault", "nth"),
    [
        *((method, fault, 1) for method in ("POST", "PUT") for fault in Fault if fault is not Fault.DENIED),
        ("POST", Fault.LOST_AFTER, 2),
        ("PUT", Fault.BROKEN_AFTER, 2),
        ("GET", Fault.LOST_AFTER, 2),
        ("GET", Fault.GARBLED, 1),
    ],
)
def test_whatever_answer_is_lost_the_shop_has_each_parcel_once(
    stand: Stand, way: str, method: str, fault: Fault, nth: int
) -> None:
    stand.shop.way = way
    sale = stand.sale()
    assert stand.insist(parcel(sale, "1ZA1", 2)).ok
    for _ in range(nth):
        stand.shop.faults.once(fault, method, sale.ref)
    assert stand.insist(parcel(sale, "1ZA2", 0, 1)).ok
    assert sorted(told(sale, way)) == ["1ZA1", "1ZA2"]
    assert sorted(each.tracking for each in sale.shipments) == ["1ZA1", "1ZA2"]
    assert stand.order(sale).handed_over


def test_two_parcels_told_at_the_same_moment_complete_the_order(stand: Stand) -> None:
    """The second is told between the first one's reading and writing."""
    sale = stand.sale()
    between: list[Answer] = []
    asking = transport([stand.shop])

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "PUT" and not between:
            between.append(stand.insist(parcel(sale, "1ZB", 0, 1)))
        return asking.handle_request(request)

    line = replace(
        stand.line, client=httpx.Client(trust_env=False, transport=httpx.MockTransport(handle)), memory=Forgetful()
    )
    stand.shop.way = "notes"
    assert woo.tell(line, [parcel(sale, "1ZA", 2)])[0].ok
    assert between[0].ok
    assert stand.order(sale).handed_over
    assert stand.order(sale).tracking == {"1ZA", "1ZB"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("changes", "settings", "shown"),
    [
        ({}, {}, {"fulfillments": "ups", "plugin": "UPS", "notes": "UPS"}),
        (
            {"carrier": "fedex", "carrier_name": "FedEx"},
            {},
            {"fulfillments": "fedex", "plugin": "Fedex", "notes": "Fedex"},
        ),
        ({"carrier": "own-van", "carrier_name": "Own van"}, {}, dict.fromkeys(WAYS, "Own van")),
        ({"carrier": "x", "carrier_name": "x"}, {"carriers": {"x": "Zoë's van"}}, dict.fromkeys(WAYS, "Zoë's van")),
        ({"carrier": "pigeon", "carrier_name": "pigeon"}, {}, None),
        ({"carrier": "", "carrier_name": ""}, {}, None),
    ],
)
def test_a_carrier_goes_under_the_shop_s_name_or_its_own_and_never_under_none(
    stand: Stand, way: str, changes: dict[str, Any], settings: dict[str, Any], shown: dict[str, str] | None
) -> None:
    stand.shop.way = way
    sale = stand.sale()
    answer = woo.tell(stand.connect(**settings), [parcel(sale, "1ZA", 2, 1, **changes)])[0]
    if shown is None:
        assert isinstance(answer.trouble, Refused)
        assert answer.text.startswith("carrier: ")
        assert not sale.shipments
        return
    assert answer.ok
    found = sale.shipments[0].carrier if way == "fulfillments" else sale.extra.get("trackings", [{}])[0].get(
        "tracking_provider"
    ) or sale.extra["notes"][0]["note"]  # fmt: skip
    assert shown[way] in found


def test_a_note_says_it_in_the_shop_s_own_words_and_to_the_buyer(stand: Stand) -> None:
    stand.shop.way = "notes"
    sale = stand.sale()
    line = stand.connect(note_text="Mit {carrier} unterwegs: {tracking}")
    assert woo.tell(line, [parcel(sale, "1ZA", 2, 1)])[0].ok
    assert [(each["note"], each["customer_note"]) for each in sale.extra["notes"]] == [("Mit UPS unterwegs: 1ZA", True)]


@pytest.mark.parametrize("way", WAYS)
def test_a_second_box_of_a_kit_and_a_parcel_without_number_are_told_too(stand: Stand, way: str) -> None:
    stand.shop.way = way
    sale = stand.sale()
    assert stand.insist(parcel(sale, "1ZA", 2, 1)).ok
    assert stand.insist(parcel(sale, "1ZB", 2, 1)).ok
    assert stand.order(sale).tracking == {"1ZA", "1ZB"}
    other = stand.sale()
    unnumbered = parcel(other, "", 2, 1, parcel_id="PCL-9")
    assert stand.insist(unnumbered).ok
    assert stand.insist(replace(unnumbered, tried=True)).ok
    assert len(other.shipments) == 1
    assert stand.order(other).handed_over


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (lambda sale: parcel(sale, "1ZA", 1, order_id="999"), "none under this number"),
        (lambda sale: parcel(sale, "1ZA", lines=[{"line_id": "42", "quantity": 1}]), "no line 42"),
        (lambda sale: parcel(sale, "1ZA", lines=[{"line_id": "x", "quantity": 1}]), "line numbers"),
        (lambda sale: parcel(sale, "1ZA", lines=[{"line_id": "1", "quantity": 0}]), "units from 1"),
    ],
)
def test_a_parcel_that_fits_no_order_is_refused(stand: Stand, word: Any, said: str) -> None:
    sale = stand.sale()
    answer = woo.tell(stand.line, [word(sale)])[0]
    assert isinstance(answer.trouble, Refused)
    assert said in answer.text
    assert not sale.shipments


def test_a_parcel_of_a_cancelled_order_is_refused(stand: Stand) -> None:
    sale = stand.sale()
    stand.shop.market.cancel(sale.ref)
    assert isinstance(woo.tell(stand.line, [parcel(sale, "1ZA", 2)])[0].trouble, Refused)


def test_a_plugin_that_was_removed_is_noticed(stand: Stand) -> None:
    stand.shop.way = "plugin"
    first, second = stand.sale(), stand.sale()
    assert stand.insist(parcel(first, "1ZA", 2, 1)).ok
    stand.shop.way = "notes"
    assert stand.insist(parcel(second, "1ZB", 2, 1)).ok
    assert told(second, "notes") == ["1ZB"]
    assert "UPS" in shipments.PROVIDERS


def test_what_the_shop_s_people_fulfilled_by_hand_counts(stand: Stand) -> None:
    sale = stand.sale()
    by_hand = {"item_id": int(sale.lines[0].line_id), "qty": 2}
    meta = [{"key": "_items", "value": [by_hand]}, {"key": "_tracking_number", "value": "HAND"}]
    body = {"status": "fulfilled", "is_fulfilled": True, "meta_data": meta}
    client = httpx.Client(trust_env=False, transport=transport([stand.shop]), auth=(stand.shop.key, stand.shop.secret))
    url = f"https://{stand.shop.HOST}/wp-json/wc/v3/orders/{sale.ref}/fulfillments"
    assert client.post(url, json=body).status_code == 201
    assert stand.insist(parcel(sale, "1ZB", 0, 1)).ok
    assert stand.order(sale).handed_over


# --- cancels ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [None, Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.LOST_BEFORE, Fault.TOO_MANY])
def test_all_of_an_order_is_cancelled_by_its_status(stand: Stand, fault: Fault | None) -> None:
    sale = stand.sale()
    if fault:
        stand.shop.faults.once(fault, "PUT")
    assert stand.insist(cancel(sale, 2, 1)).ok
    assert sale.status == "cancelled"
    assert not sale.refunds
    assert stand.order(sale).cancelled
    assert stand.shop.market.item("CANDLE").quantity == 1000


@pytest.mark.parametrize("fault", [None, Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.LOST_BEFORE, Fault.TOO_MANY])
@pytest.mark.parametrize("gateway", ["no", "yes"])
def test_part_of_a_line_is_refunded_once_without_restocking(stand: Stand, fault: Fault | None, gateway: str) -> None:
    stand.line = stand.connect(gateway_refunds=gateway)
    sale = stand.sale(candles=3)
    if fault:
        stand.shop.faults.once(fault, "POST", "refunds")
    assert stand.insist(cancel(sale, 1)).ok
    [refund] = sale.refunds
    assert (refund["cents"], refund["api_refund"], refund["reason"]) == (2199, gateway == "yes", "out of stock")
    assert stand.shop.market.item("CANDLE").quantity == 997
    assert stand.order(sale).order.lines[0].quantity == 2
    # The same word again is nothing new; another one is.
    assert stand.insist(replace(cancel(sale, 1), tried=True)).ok
    assert stand.insist(cancel(sale, 1, word="msg_c2")).ok
    assert [each["cents"] for each in sale.refunds] == [2199, 2199]


def test_the_shares_of_a_line_are_its_amount_to_the_cent(stand: Stand) -> None:
    stand.shop.market.offer("ODD", 100, cents=333)
    stand.shop.market.offer("REST", 100)
    sale = stand.shop.market.sell(("ODD", 7), ("REST", 1))
    for nth, units in enumerate((1, 2, 1, 3)):
        assert stand.insist(cancel(sale, units, word=f"msg_{nth}")).ok
    assert sum(each["cents"] for each in sale.refunds) == 7 * 333 + 233
    assert [line.sku for line in stand.order(sale).order.lines] == ["REST"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", [None, Fault.LOST_AFTER, Fault.LOST_BEFORE])
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_the_rest_of_an_order_that_left_in_part_is_refunded_and_the_order_completed(
    stand: Stand, way: str, fault: Fault | None, method: str
) -> None:
    stand.shop.way = way
    sale = stand.sale()
    assert stand.insist(parcel(sale, "1ZA", 2)).ok
    if fault:
        stand.shop.faults.once(fault, method)
    assert stand.insist(cancel(sale, 0, 1)).ok
    seen = stand.order(sale)
    assert seen.handed_over
    assert [(line.sku, line.quantity) for line in seen.order.lines] == [("CANDLE", 2)]
    assert len(sale.refunds) == 1


def test_what_left_or_is_not_there_is_not_cancelled(stand: Stand) -> None:
    sale = stand.sale()
    assert stand.insist(parcel(sale, "1ZA", 2)).ok
    for word, said in ((cancel(sale, 1), "nothing of these"), (replace(cancel(sale), data={"order_id": "9"}), "none")):
        answer = woo.tell(stand.line, [word])[0]
        assert isinstance(answer.trouble, Refused)
        assert said in answer.text
    assert stand.insist(parcel(sale, "1ZB", 0, 1)).ok
    assert isinstance(woo.tell(stand.line, [cancel(sale)])[0].trouble, Refused)


def test_a_refund_the_shop_s_rules_forbid_is_refused_and_not_tried_for_ever(stand: Stand) -> None:
    sale = stand.sale(candles=3)
    # Goodwill that the shop paid already, without lines: less is left than the unit's share.
    sale.refunds.append({"id": 5, "at": stand.at, "units": {}, "cents": 6000, "reason": "sorry", "meta": []})
    answer = woo.tell(stand.line, [cancel(sale, 1)])[0]
    assert isinstance(answer.trouble, Refused)
    assert "Invalid refund amount" in answer.text


def test_words_a_shop_has_no_ear_for_are_refused(stand: Stand) -> None:
    for kind in ("ack", "split", "poem"):
        answers = woo.tell(stand.line, [Word(id="m", kind=kind, key="k", data={})] * 2)
        assert [type(answer.trouble) for answer in answers] == [Refused, Refused]
    assert woo.tell(stand.line, []) == []
