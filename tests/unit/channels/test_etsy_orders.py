"""Receipts of an Etsy shop become orders, each of them, whatever moves while they are read."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from server.channels import etsy
from server.domain.errors import DomainError
from server.simulated.platforms.faults import Fault
from server.simulated.platforms.market import Sale
from server.trade.orders import ShipTo
from server.trade.words import OrderPage
from tests.described import description, document
from tests.unit.channels.etsy_shop import NINE, Shop, parcel

TEXTS = [
    "Zoë Nuñez 张",
    'O\'Connell & Söhne <"GmbH">',
    "typed &amp; by hand &#39;so&#39;",
    "AT&T, R&D, &copy, &notanentity;",
    "שלום עולם · مرحبا",
    "👩‍👩‍👧‍👦 e\u0301 \u00e9 \u2028",
    "two\nlines\tand a tab",
    "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 \U0010fffd",
]


def sold(shop: Shop, **more: Any) -> Sale:
    if "MUG" not in {item.sku for item in shop.sim.market.items.values()}:
        shop.sim.market.offer("MUG", 5000, title="Mug", cents=1999)
        shop.sim.market.offer("PDF", 5000, title="Pattern", cents=500)
    return shop.sim.market.sell(*more.pop("wanted", [("MUG", 2)]), **more)


def raw_of(shop: Shop, sale: Sale, **changes: Any) -> dict[str, Any]:
    return shop.sim.sales.receipt(sale) | changes


def pages(
    shop: Shop, cursor: Mapping[str, Any], between: Callable[[int], None] = lambda nth: None
) -> tuple[set[str], Any]:
    """Everything of one look; ``between`` is called after each page with its number."""
    seen: set[str] = set()
    for nth in range(60):
        page: OrderPage = etsy.changed_orders(shop.line, cursor)
        seen |= {each.order.order_id for each in page.orders}
        cursor = json.loads(json.dumps(page.cursor))
        if not page.more:
            return seen, cursor
        between(nth)
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("text", TEXTS)
def test_what_people_wrote_arrives_to_the_letter(text: str) -> None:
    shop = Shop()
    buyer = {"name": text, "lines": (text, "2nd " + text), "city": text, "region": text, "postcode": "1 & 2"}
    sale = sold(shop, buyer=buyer, note=text, gift_message=text, personal=text)
    seen = shop.order(sale).order
    to = seen.ship_to
    assert (to.name, to.lines, to.city, to.region, to.postcode) == (text, (text, "2nd " + text), text, text, "1 & 2")
    assert (seen.note, seen.gift_message, seen.lines[0].personalisation) == (text, text, text)
    assert seen.raw == shop.sim.sales.receipt(sale)


@pytest.mark.parametrize(
    ("raw", "meant"),
    [
        ("13 O&#39;Connell Street", "13 O'Connell Street"),
        ("&lt;b&gt; &quot;x&quot; &amp; &#039;y&#039;", "<b> \"x\" & 'y'"),
        ("&amp;lt;", "&lt;"),
        ("R&copy B &eacute; AT&T &#8364; &", "R&copy B &eacute; AT&T &#8364; &"),
    ],
)
def test_what_etsy_writes_as_entities_is_read_and_nothing_else_is_touched(raw: str, meant: str) -> None:
    shop = Shop()
    seen = etsy.read_order(raw_of(shop, sold(shop), first_line=raw)).order
    assert seen.ship_to.lines[0] == meant


def test_an_order_has_all_that_the_receipt_says() -> None:
    shop = Shop()
    sale = sold(shop, wanted=[("MUG", 2)], ship_by=NINE + 90_000, service="USPS Priority")
    seen = shop.order(sale)
    assert seen.order.order_id == "3100000001"
    assert (seen.order.placed_at, seen.order.ship_by, seen.changed_at) == (NINE, NINE + 90_000, NINE)
    assert (seen.order.currency, seen.order.amount_due, seen.order.amount_paid) == ("USD", 3998, 3998)
    assert (seen.order.payment, seen.order.paid, seen.order.service) == ("paid", True, "USPS Priority")
    [line] = seen.order.lines
    assert (line.sku, line.quantity, line.line_id, line.title, line.price) == (
        "MUG", 2, sale.lines[0].line_id, "Mug", "19.99",
    )  # fmt: skip
    assert not seen.handed_over
    assert not seen.tracking


def test_the_simulated_shop_shows_every_field_of_the_description() -> None:
    schemas = document(description("etsy", "etsy-openapi-v3.json"))["components"]["schemas"]
    shop = Shop()
    sale = sold(shop, personal="Ida")
    etsy.tell(shop.line, [parcel(sale)])
    raw = shop.sim.sales.receipt(sale)
    shown = {
        "ShopReceipt": raw,
        "ShopReceiptTransaction": raw["transactions"][0],
        "ShopReceiptShipment": raw["shipments"][0],
        "TransactionVariations": raw["transactions"][0]["variations"][0],
    }
    for name, found in shown.items():
        assert set(found) == set(schemas[name]["properties"]), name


def test_an_unpaid_order_is_nobody_s_to_ship_until_the_money_is_there() -> None:
    shop = Shop()
    sale = sold(shop, paid="unpaid")
    before = shop.order(sale).order
    assert (before.paid, before.payment, before.amount_due, before.amount_paid) == (False, "unpaid", 3998, 0)
    assert before.ship_to == ShipTo()
    shop.at += 60
    shop.sim.market.change(sale.ref, paid="paid")
    after = shop.order(sale).order
    assert (after.paid, after.payment, after.amount_paid, after.ship_to.city) == (True, "paid", 3998, "Portland")


def test_a_refund_before_it_is_shipped_is_asked_of_a_person_as_etsy_names_no_lines() -> None:
    shop = Shop()
    sale, quiet = sold(shop), sold(shop)
    asks = "Etsy shows a refund of this receipt before it was shipped: see there which lines"
    shop.sim.market.change(sale.ref, refunds=[{"cents": 500}])
    assert (shop.order(sale).asks, shop.order(quiet).asks) == (asks, "")
    assert {each.order.order_id: each.asks for each in etsy.changed_orders(shop.line, {}).orders} == {
        sale.ref: asks,
        quiet.ref: "",
    }
    raw = raw_of(shop, sale)
    failed = [each | {"status": "failed"} for each in raw["refunds"]]
    assert etsy.read_order(raw | {"status": "Paid", "refunds": failed}).asks == ""
    for over in ({"is_shipped": True}, {"status": "canceled"}, {"status": "fully refunded"}):
        assert etsy.read_order(raw | over).asks == ""


def test_a_receipt_that_cannot_be_read_is_named_and_one_without_an_id_is_skipped() -> None:
    shop = Shop(held=False)
    nameless, bad, good = (sold(shop) for _ in range(3))
    shop.sim.spoil(nameless.ref, {"receipt_id": None})
    shop.sim.spoil(bad.ref, {"is_paid": "yes"})
    for cursor in ({}, {"by": "updated", "since": int(NINE) - 60}):
        page = etsy.changed_orders(shop.line, cursor)
        assert [each.order.order_id for each in page.orders] == [good.ref]
        assert page.unread == (bad.ref,)


def test_a_shop_whose_addresses_are_hidden_still_has_orders() -> None:
    shop = Shop()
    sale = sold(shop)
    shop.sim.sales.partner = False
    assert shop.order(sale).order.ship_to == ShipTo(name="Zoë Nuñez 张")


def test_a_download_is_etsy_s_own_to_deliver() -> None:
    shop = Shop()
    sale = sold(shop, wanted=[("PDF", 1)], fulfilled_by="channel")
    seen = shop.order(sale).order
    assert seen.fulfilment == "channel"
    assert [line.sku for line in seen.lines] == ["PDF"]
    both = raw_of(shop, sold(shop, wanted=[("MUG", 1), ("PDF", 1)]))
    both["transactions"][1]["is_digital"] = True
    mixed = etsy.read_order(both).order
    assert (mixed.fulfilment, [line.sku for line in mixed.lines]) == ("own", ["MUG"])


@pytest.mark.parametrize(
    ("changes", "cancelled", "wanted", "gone"),
    [
        ({"status": "canceled"}, True, 0, False),
        ({"status": "fully refunded"}, True, 0, False),
        ({"status": "fully refunded", "is_shipped": True}, False, 2, True),
        ({"status": "partially refunded"}, False, 2, False),
        ({"status": "completed", "is_shipped": True}, False, 2, True),
        ({"status": "Paid"}, False, 2, False),
        ({"status": "a word of next year"}, False, 2, False),
    ],
    ids=str,
)
def test_a_cancel_leaves_nothing_to_ship_and_a_late_refund_changes_nothing(
    changes: dict[str, Any], cancelled: bool, wanted: int, gone: bool
) -> None:
    shop = Shop()
    seen = etsy.read_order(raw_of(shop, sold(shop), **changes))
    assert (seen.cancelled, sum(line.quantity for line in seen.order.lines), seen.handed_over) == (
        cancelled,
        wanted,
        gone,
    )


def test_a_cancel_on_the_platform_is_seen() -> None:
    shop = Shop()
    sale = sold(shop)
    shop.sim.market.cancel(sale.ref)
    assert shop.order(sale).cancelled


@pytest.mark.parametrize(
    ("change", "field", "expected"),
    [
        ({"quantity": 0}, "lines", ()),
        ({"sku": ""}, "sku", "1000"),
        ({"sku": None, "product_data": [{"property_id": 200, "value_ids": [7]}]}, "sku", "1000:200=7"),
        ({"price": {"amount": 500, "divisor": 1, "currency_code": "JPY"}}, "price", "500"),
        ({"price": {"amount": 123456, "divisor": 1000, "currency_code": "KWD"}}, "price", "123.456"),
        ({"variations": [{"property_id": 1, "formatted_name": "Size", "formatted_value": "L"}]}, "personalisation", ""),
        (
            {"variations": [
                {"property_id": 54, "question_id": 1, "formatted_name": "Name", "formatted_value": "Ida"},
                {"property_id": 0, "question_id": 2, "formatted_name": "Font", "formatted_value": "Gothic"},
            ]},
            "personalisation", "Name: Ida\nFont: Gothic",
        ),
    ],
    ids=str,
)  # fmt: skip
def test_a_line_is_read_as_it_is_meant(change: dict[str, Any], field: str, expected: Any) -> None:
    shop = Shop()
    raw = raw_of(shop, sold(shop))
    raw["transactions"][0] |= change
    lines = etsy.read_order(raw).order.lines
    assert (lines if field == "lines" else getattr(lines[0], field)) == expected


@pytest.mark.parametrize(
    ("money", "units"),
    [((1999, 100, "USD"), 1999), ((500, 1, "JPY"), 500), ((50000, 100, "JPY"), 500), ((1999, 1000, "KWD"), 1999)],
)
def test_money_is_counted_in_the_currency_s_own_coins(money: tuple[int, int, str], units: int) -> None:
    shop = Shop()
    total = dict(zip(("amount", "divisor", "currency_code"), money, strict=True))
    seen = etsy.read_order(raw_of(shop, sold(shop), grandtotal=total)).order
    assert (seen.amount_due, seen.currency) == (units, money[2])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"receipt_id": "31"}, "receipt_id"),
        ({"receipt_id": None}, "receipt_id"),
        ({"receipt_id": True}, "receipt_id"),
        ({"first_line": ["12 Secret Street"]}, "first_line"),
        ({"name": 7}, "name"),
        ({"is_paid": "yes"}, "is_paid"),
        ({"grandtotal": {"amount": 1.5, "divisor": 100}}, "grandtotal"),
        ({"grandtotal": {"amount": 1, "divisor": 0}}, "grandtotal"),
        ({"transactions": "none"}, "transactions"),
        ({"transactions": [{"quantity": -1}]}, "quantity"),
        ({"transactions": [{"quantity": 1}]}, "transaction_id"),
        ({"shipments": [3]}, "shipments"),
        ({"created_timestamp": -5}, "created_timestamp"),
        ({"updated_timestamp": 10**15}, "updated_timestamp"),
        ({"message_from_buyer": {"a secret": 1}}, "message_from_buyer"),
    ],
    ids=str,
)
def test_a_receipt_that_cannot_be_read_names_the_field_and_nobody(change: dict[str, Any], field: str) -> None:
    shop = Shop()
    with pytest.raises(DomainError, match=f"{field}: expected .*, found") as said:
        etsy.read_order(raw_of(shop, sold(shop), **change))
    assert said.value.code == "malformed"
    assert "secret" not in said.value.detail.lower()


@pytest.mark.parametrize("ref", ["", "abc", "3100000099", "-1", "0", "１２", "9" * 30, "../../users/me"])
def test_an_order_nobody_has_is_none(ref: str) -> None:
    assert etsy.order(Shop().line, ref) is None


@pytest.mark.parametrize("seconds", [0.0, 1.0], ids=["all in one second", "one a second"])
def test_no_open_order_is_lost_while_others_are_shipped_between_the_pages(
    seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.channels.etsy.orders.PAGE", 25)
    shop = Shop(held=False)
    sales = []
    for _ in range(60):
        sales.append(sold(shop))
        shop.at += seconds

    def leave(nth: int) -> None:
        for sale in sales[nth * 5 : nth * 5 + 5]:
            etsy.tell(shop.line, [parcel(sale, f"1Z{sale.number}")])

    seen, cursor = pages(shop, {}, leave)
    later, _ = pages(shop, cursor)
    assert seen | later == {sale.ref for sale in sales}


@pytest.mark.parametrize("seconds", [0.0, 0.01, 1.0], ids=["one second", "a hundred a second", "one a second"])
def test_no_change_is_lost_while_others_change_again_between_the_pages(
    seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.channels.etsy.orders.PAGE", 25)
    shop = Shop(held=False)
    _, cursor = pages(shop, {})
    shop.at += 1000
    sales = []
    for _ in range(60):
        sales.append(sold(shop))
        shop.at += seconds
    shop.at += 5

    def change(nth: int) -> None:
        shop.at += 1
        for sale in sales[nth::7]:
            shop.sim.market.change(sale.ref, note=f"changed after page {nth}")

    seen, cursor = pages(shop, cursor, change)
    assert seen == {sale.ref for sale in sales}
    shop.at += 600
    shop.sim.market.change(sales[5].ref, note="once more")
    assert (sales[5].ref in pages(shop, cursor)[0]) is True


def test_a_change_that_shows_late_is_seen_by_the_next_look() -> None:
    shop = Shop()
    _, cursor = pages(shop, {})
    sale = sold(shop)
    sale.changed_at = sale.placed_at = shop.at - 60
    assert pages(shop, cursor)[0] == {sale.ref}


def test_the_first_look_is_for_what_is_open_and_not_for_history() -> None:
    shop = Shop()
    shipped, cancelled, unpaid, still = sold(shop), sold(shop), sold(shop, paid="unpaid"), sold(shop)
    etsy.tell(shop.line, [parcel(shipped)])
    shop.sim.market.cancel(cancelled.ref)
    shop.at += 3600
    seen, cursor = pages(shop, {})
    assert seen == {unpaid.ref, still.ref}
    assert pages(shop, cursor)[0] == set()


def test_a_page_that_failed_is_asked_again_from_the_same_place() -> None:
    shop = Shop(held=False)
    for _ in range(150):
        sold(shop)
        shop.at += 1
    first = etsy.changed_orders(shop.line, {})
    shop.sim.faults.once(Fault.GARBLED, path="/receipts")
    with pytest.raises(Exception, match="expected JSON"):
        etsy.changed_orders(shop.line, first.cursor)
    assert etsy.changed_orders(shop.line, first.cursor) == etsy.changed_orders(shop.line, first.cursor)
    assert len(pages(shop, first.cursor)[0]) == 51
