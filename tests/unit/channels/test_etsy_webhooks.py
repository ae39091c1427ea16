"""Only what Etsy signed is heard, and all it can do is make us read an order."""

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from server.channels import etsy
from server.domain.errors import DomainError
from server.simulated.platforms.base import Message
from server.trade.words import Heard, Ref
from tests.unit.channels.etsy_shop import Shop

RECEIPT = "/v3/application/shops/12345678/receipts/3100000001"
SIGNED = ("webhook-id", "webhook-timestamp", "webhook-signature")


def hear(shop: Shop, headers: Mapping[str, str], body: bytes) -> Heard:
    return etsy.heard(shop.line, headers, body)


def refused(shop: Shop, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        hear(shop, headers, body)
    except DomainError as error:
        return error.code == "bad_signature"
    return False


def paid(shop: Shop) -> Message:
    shop.sim.market.offer("MUG", 5)
    shop.sim.market.sell(("MUG", 1))
    [message] = shop.sim.outgoing
    return message


def test_a_paid_order_is_heard_by_its_number() -> None:
    shop = Shop()
    message = paid(shop)
    heard = hear(shop, message.headers, message.body)
    assert heard == Heard(message.headers["webhook-id"], (Ref("order", "3100000001"),))
    assert hear(shop, message.headers, message.body) == heard
    assert not shop.sim.asked


def test_etsy_speaks_once_of_each_order_and_only_when_it_is_paid() -> None:
    shop = Shop()
    shop.sim.market.offer("MUG", 5)
    sale = shop.sim.market.sell(("MUG", 1), paid="unpaid")
    assert not shop.sim.outgoing
    shop.sim.market.change(sale.ref, paid="paid")
    shop.sim.market.change(sale.ref, note="hurry")
    assert [message.about for message in shop.sim.outgoing] == [sale.ref]


def test_no_byte_of_a_message_can_change() -> None:
    shop = Shop()
    message = paid(shop)
    for nth in range(len(message.body)):
        for bit in (1, 128):
            body = bytearray(message.body)
            body[nth] ^= bit
            assert refused(shop, message.headers, bytes(body))
        assert refused(shop, message.headers, message.body[:nth])
    assert refused(shop, message.headers, message.body + b" ")
    for name in SIGNED:
        text = message.headers[name]
        for nth, letter in enumerate(text):
            for bit in (1, 2, 4, 8, 16, 32, 64, 128):
                flipped = text[:nth] + chr(ord(letter) ^ bit) + text[nth + 1 :]
                assert refused(shop, {**message.headers, name: flipped}, message.body), (name, flipped)
            assert refused(shop, {**message.headers, name: text[:nth]}, message.body)
        assert refused(shop, {k: v for k, v in message.headers.items() if k != name}, message.body)
        for strange in (text + "0", " " + text, text * 50, "\udc80", "ü", "\0", "1e9", "9" * 400):
            assert refused(shop, {**message.headers, name: strange}, message.body), (name, strange)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"{", b"null", b"[" * 5000])
def test_a_forged_message_is_never_more_than_a_bad_signature(body: bytes) -> None:
    shop = Shop()
    message = paid(shop)
    assert refused(shop, message.headers, body)
    assert refused(shop, {}, body)


@pytest.mark.parametrize(
    ("secrets", "heard"),
    [
        ({"webhook_secret": "whsec_" + base64.b64encode(b"another").decode()}, False),
        ({"webhook_secret": ""}, False),
        ({"webhook_secret": "", "old_webhook_secret": ""}, False),
        ({"webhook_secret": "whsec_"}, False),
        ({"webhook_secret": "whsec_a"}, False),
        ({"webhook_secret": "whsec_" + base64.b64encode(b"another").decode(), "old_webhook_secret": "good"}, True),
        ({"old_webhook_secret": "whsec_" + base64.b64encode(b"another").decode()}, True),
    ],
    ids=str,
)
def test_only_the_secret_and_the_one_before_it_count(secrets: dict[str, str], heard: bool) -> None:
    shop = Shop()
    message = paid(shop)
    good = shop.settings["webhook_secret"]
    shop.line = shop.connect(settings={name: good if text == "good" else text for name, text in secrets.items()})
    assert refused(shop, message.headers, message.body) is not heard


@pytest.mark.parametrize(
    ("api_url", "url", "refs"),
    [
        ("https://openapi.etsy.com", f"https://openapi.etsy.com{RECEIPT}", 1),
        ("https://openapi.etsy.com", f"https://api.etsy.com{RECEIPT}", 1),
        ("https://api.etsy.com/", f"https://openapi.etsy.com{RECEIPT}", 1),
        ("https://openapi.etsy.com", f"https://openapi.etsy.com.evil.example{RECEIPT}", None),
        ("https://openapi.etsy.com", f"https://evil.example{RECEIPT}", None),
        ("https://openapi.etsy.com", f"https://openapi.etsy.com@evil.example{RECEIPT}", None),
        ("https://openapi.etsy.com", f"//{RECEIPT}", None),
        ("https://openapi.etsy.com", "http://[::1", None),
        ("http://127.0.0.1:4511", f"http://127.0.0.1:4511{RECEIPT}", 1),
        ("http://127.0.0.1:4511", f"https://openapi.etsy.com{RECEIPT}", None),
        ("https://openapi.etsy.com", "https://openapi.etsy.com/v3/application/shops/42/receipts/3100000001", 0),
        ("https://openapi.etsy.com", "https://openapi.etsy.com/v3/application/shops/12345678/listings/1", 0),
        ("https://openapi.etsy.com", f"https://openapi.etsy.com{RECEIPT}/../../../users/me", 0),
    ],
)
def test_an_address_that_is_not_etsy_s_is_no_message_of_etsy_s(api_url: str, url: str, refs: int | None) -> None:
    shop = Shop()
    shop.line = shop.connect(settings={"api_url": api_url})
    message = shop.sim.message({"event_type": "order.paid", "resource_url": url, "shop_id": 12345678})
    if refs is None:
        assert refused(shop, message.headers, message.body)
    else:
        assert len(hear(shop, message.headers, message.body).refs) == refs


@pytest.mark.parametrize("body", [{}, {"event_type": "ping"}, {"resource_url": None}, {"resource_url": 7}], ids=str)
def test_a_signed_message_about_nothing_is_a_ping(body: dict[str, Any]) -> None:
    shop = Shop()
    message = shop.sim.message(body)
    assert hear(shop, message.headers, message.body) == Heard(message.headers["webhook-id"])


def test_a_message_that_comes_hours_late_still_makes_us_look() -> None:
    shop = Shop()
    message = paid(shop)
    shop.at += 6 * 3600
    assert hear(shop, message.headers, message.body).refs


def test_etsy_greets_nobody() -> None:
    with pytest.raises(DomainError, match="not_found"):
        etsy.greeting(Shop().line, {"challenge": "x"})
