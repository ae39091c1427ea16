"""Walmart: which messages are believed."""

import base64
import json
from typing import Any

import pytest

from server.channels import walmart
from server.domain.errors import DomainError
from server.simulated.platforms.base import Message
from server.trade.words import Heard, Ref
from tests.unit.channels.walmart_stand import Stand

WAYS = ("basic", "hmac", "hmac_path")
PROOFS = {
    "basic": ("authorization", "x-packproof-secret"),
    "hmac": ("authorization",),
    "hmac_path": ("wm_sec.signature", "wm_sec.timestamp"),
}


def told(way: str, **settings: Any) -> tuple[Stand, Message]:
    """A stand and the message of a sale."""
    stand = Stand(plain=True)
    stand.platform.webhook_auth = way
    stand.line = stand.connect(**settings)
    stand.market.offer("CANDLE", 9)
    stand.market.sell(("CANDLE", 1))
    return stand, stand.platform.outgoing[-1]


def refused(stand: Stand, headers: Any, body: bytes) -> None:
    with pytest.raises(DomainError) as found:
        walmart.heard(stand.line, headers, body)
    assert found.value.code == "bad_signature"


@pytest.mark.parametrize("way", WAYS)
def test_a_sale_is_heard_of_and_heard_again(way: str) -> None:
    stand, message = told(way)
    heard = walmart.heard(stand.line, message.headers, message.body)
    assert heard.refs == (Ref("order", message.about),)
    assert heard.event == json.loads(message.body)["source"]["eventId"]
    assert walmart.heard(stand.line, message.headers, message.body) == heard


@pytest.mark.parametrize("way", WAYS)
def test_one_bit_more_or_less_in_a_header_is_not_believed(way: str) -> None:
    stand, message = told(way)
    for name in PROOFS[way]:
        proof = message.headers[name]
        for at in range(len(proof)):
            for bit in range(7):
                flipped = proof[:at] + chr(ord(proof[at]) ^ (1 << bit)) + proof[at + 1 :]
                refused(stand, {**message.headers, name: flipped}, message.body)
        for other in ("", proof[:-1], proof[1:], proof + "=", proof * 2, "Bearer x", "é张", "\udcff\ud800", "x" * 9999):
            refused(stand, {**message.headers, name: other}, message.body)
        refused(stand, {each: text for each, text in message.headers.items() if each != name}, message.body)
    refused(stand, {}, message.body)


@pytest.mark.parametrize("way", ["hmac", "hmac_path"])
def test_one_bit_more_or_less_in_the_body_is_not_believed(way: str) -> None:
    stand, message = told(way)
    for at in range(len(message.body)):
        changed = bytearray(message.body)
        changed[at] ^= 1 << (at % 8)
        refused(stand, message.headers, bytes(changed))
    for body in (b"", message.body[:-1], message.body + b" ", message.body[1:], b"\xff\xfe", b"[]"):
        refused(stand, message.headers, body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"{}",
        b'{"source": 3}',
        b'{"source": {"eventId": 3, "eventType": "x"}}',
        b'{"source": {"eventId": "", "eventType": "x"}}',
        b'{"source": {"eventId": "e", "eventType": "x"}, "payload": [1]}',
        b'{"source": {"eventId": "' + b"e" * 121 + b'", "eventType": "x"}}',
        b'{"source": {"eventId": "\\ud800", "eventType": "x"}}',
        b"[" * 100_000,
    ],
    ids=range(13),
)
def test_with_a_password_alone_a_body_that_is_no_message_is_still_refused(body: bytes) -> None:
    stand, message = told("basic")
    refused(stand, message.headers, body)


@pytest.mark.parametrize(
    ("way", "secret"), [("basic", "webhook_password"), ("basic", "webhook_secret"), ("hmac", "webhook_secret")]
)
def test_the_secret_before_is_believed_while_it_changes_and_no_other(way: str, secret: str) -> None:
    stand, message = told(way)
    before = stand.platform.settings()[secret]
    stand.line = stand.connect(**{secret: "the new one"})
    refused(stand, message.headers, message.body)
    stand.line = stand.connect(**{secret: "the new one", f"old_{secret}": before})
    assert walmart.heard(stand.line, message.headers, message.body).refs
    stand.line = stand.connect(**{secret: "the new one", f"old_{secret}": "another"})
    refused(stand, message.headers, message.body)


@pytest.mark.parametrize("way", ["basic", "hmac"])
def test_without_a_secret_in_the_settings_nothing_is_believed(way: str) -> None:
    stand, message = told(way, webhook_password="", webhook_secret="")
    refused(stand, message.headers, message.body)
    empty = base64.b64encode(b"packproof:").decode()
    refused(stand, {"authorization": f"Basic {empty}"}, message.body)


def test_a_message_proven_in_one_way_is_not_believed_in_another() -> None:
    for way in WAYS:
        _, message = told(way)
        for other in set(WAYS) - {way}:
            stand, _ = told(other)
            refused(stand, message.headers, message.body)


def test_the_password_is_enough_where_no_secret_header_was_agreed_and_without_the_scheme_s_name() -> None:
    stand, message = told("basic", webhook_secret="")
    bare = message.headers["authorization"].removeprefix("Basic ")
    for proof in (bare, f"Basic {bare}"):
        assert walmart.heard(stand.line, {"authorization": proof}, message.body).refs


@pytest.mark.parametrize(
    ("kind", "payload", "refs"),
    [
        ("PO_LINE_AUTOCANCELLED", {"purchaseOrderId": "1"}, (Ref("order", "1"),)),
        ("ORDER_UPDATES", {"subEventType": "INTENT_TO_CANCEL", "order": {"purchaseOrderId": 2}}, (Ref("order", "2"),)),
        ("OFFER_UNPUBLISHED", {"sku": "CANDLE"}, (Ref("stock", "CANDLE"),)),
        ("INVENTORY_OOS", {"sku": "CANDLE"}, (Ref("stock", "CANDLE"),)),
        ("BUY_BOX_CHANGED", {"sku": "CANDLE"}, ()),
        ("REPORT_STATUS", {}, ()),
    ],
)
def test_each_event_names_what_to_look_at(kind: str, payload: dict[str, Any], refs: tuple[Ref, ...]) -> None:
    stand, message = told("basic")
    body = json.dumps({"source": {"eventId": "e-1", "eventType": kind}, "payload": payload}).encode()
    assert walmart.heard(stand.line, message.headers, body) == Heard("e-1", refs)


def test_an_order_is_announced_when_it_is_paid_and_when_walmart_cancels_it() -> None:
    stand = Stand(plain=True)
    stand.market.offer("CANDLE", 9)
    sale = stand.market.sell(("CANDLE", 1), paid="unpaid")
    assert stand.platform.outgoing == []
    stand.market.change(sale.ref, paid="paid")
    stand.market.cancel(sale.ref)
    kinds = [json.loads(message.body)["source"]["eventType"] for message in stand.platform.outgoing]
    assert kinds == ["PO_CREATED", "PO_LINE_AUTOCANCELLED"]


def test_walmart_asks_for_no_greeting() -> None:
    with pytest.raises(DomainError) as found:
        walmart.greeting(Stand(plain=True).line, {})
    assert found.value.code == "not_found"
