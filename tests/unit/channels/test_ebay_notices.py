"""eBay's notifications: its check of our address, and signatures over the raw body."""

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from server.channels import ebay
from server.domain.errors import DomainError
from server.simulated.platforms.base import Message
from server.simulated.platforms.ebay.notices import Signer
from server.simulated.platforms.faults import Fault
from server.trade.words import Heard, Ref
from tests.described import description, document
from tests.unit.channels.ebay_seller import Seller


def _sold(seller: Seller) -> Message:
    seller.sell(("A", 2), note="☃")
    return seller.platform.outgoing[-1]


def _refused(seller: Seller, headers: Any, body: bytes) -> bool:
    try:
        ebay.heard(seller.line, headers, body)
    except DomainError as error:
        return error.code == "bad_signature"
    return False


def test_our_address_is_proved_with_the_token_and_the_address() -> None:
    seller = Seller()
    settings = seller.platform.settings()
    said = json.loads(ebay.greeting(seller.line, {"challenge_code": "a8628072-3d33"}))
    text = "a8628072-3d33" + settings["verification_token"] + settings["endpoint_url"]
    assert said == {"challengeResponse": hashlib.sha256(text.encode()).hexdigest()}


@pytest.mark.parametrize(("query", "settings"), [({}, {}), ({"challenge_code": "x"}, {"verification_token": ""})])
def test_without_a_challenge_or_a_token_nothing_is_said(query: dict[str, str], settings: dict[str, str]) -> None:
    with pytest.raises(DomainError) as error:
        ebay.greeting(Seller().new_line(**settings), query)
    assert error.value.code == "not_found"


@pytest.mark.parametrize("digest", ["SHA1", "SHA256"])
def test_a_sale_is_heard_once_for_each_line(digest: str) -> None:
    seller = Seller()
    seller.platform.signer.digest = digest
    sale = seller.sell(("A", 2), ("B", 1))
    heard = [seller.hear(message) for message in seller.platform.outgoing]
    assert [each.refs for each in heard] == [(Ref("order", sale.ref),)] * 2
    assert len({each.event for each in heard}) == 2
    assert seller.hear(seller.platform.outgoing[0]) == heard[0], "replayed, it is the same event"
    assert seller.count("GET", "public_key") == 1


def test_a_closed_account_of_a_buyer_is_taken_and_means_nothing_to_us() -> None:
    seller = Seller()
    seller.platform.close_account("somebody")
    assert seller.hear(seller.platform.outgoing[-1]) == Heard("closed_somebody", ())


@pytest.mark.parametrize(
    ("topic", "name"),
    [
        ("MARKETPLACE_ACCOUNT_DELETION", "market-account-deletion.asyncapi.yml"),
        ("AUTHORIZATION_REVOCATION", "authorization-revocation.asyncapi.yml"),
    ],
)
def test_notifications_are_as_ebay_describes_them(topic: str, name: str) -> None:
    described = document(description("ebay", name))
    payload = {"components": described["components"], "$ref": "#/components/messages/message/payload"}
    seller = Seller()
    seller.platform.revoke()
    seller.platform.close_account("somebody")
    said = [json.loads(message.body) for message in seller.platform.outgoing]
    (found,) = [each for each in said if each["metadata"]["topic"] == topic]
    jsonschema.validate(found, payload)


def test_any_flipped_bit_of_the_body_is_refused() -> None:
    seller = Seller()
    message = _sold(seller)
    assert seller.hear(message).refs
    for at in range(len(message.body)):
        body = bytearray(message.body)
        body[at] ^= 1 << at % 8
        assert _refused(seller, message.headers, bytes(body)), at


def test_any_flipped_bit_of_the_signature_is_refused() -> None:
    seller = Seller()
    message = _sold(seller)
    header = message.headers["x-ebay-signature"]
    assert seller.hear(message).refs
    for at in range(len(header)):
        for bit in range(8):
            forged = header[:at] + chr(ord(header[at]) ^ 1 << bit) + header[at + 1 :]
            assert _refused(seller, {"x-ebay-signature": forged}, message.body), (at, bit)
    assert seller.hear(message).refs, "and the genuine one is heard"


def _envelope(message: Message, **change: Any) -> str:
    found = json.loads(base64.b64decode(message.headers["x-ebay-signature"])) | change
    return base64.b64encode(json.dumps(found, separators=(",", ":")).encode()).decode()


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "MD5"},
        {"digest": "SHA1"},
        {"digest": None},
        {"digest": ["SHA256"]},
        {"alg": "none"},
        {"alg": None},
        {"kid": ""},
        {"kid": "../../sell/fulfillment/v1/order"},
        {"kid": 5},
        {"kid": "x" * 65},
        {"kid": "another"},
        {"signature": ""},
        {"signature": None},
        {"signature": "AAAA"},
        {"signature": "é"},
        {"signature": "*"},
    ],
)
def test_a_changed_envelope_is_refused(change: dict[str, Any]) -> None:
    seller = Seller()
    message = _sold(seller)
    assert _refused(seller, {"x-ebay-signature": _envelope(message, **change)}, message.body)


def test_forged_key_ids_neither_use_up_the_days_calls_nor_keep_us_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    seller = Seller()
    message = _sold(seller)
    assert seller.hear(message).refs
    seller.line.patience = 60.0
    monkeypatch.setattr("time.sleep", lambda _: pytest.fail("a forged message may not keep us waiting"))
    for nth in range(300):
        assert _refused(seller, {"x-ebay-signature": _envelope(message, kid=f"forged-{nth}")}, message.body)
    assert seller.count("GET", "public_key") == 200
    seller.clock.at += 3601
    assert seller.hear(message).refs


@pytest.mark.parametrize(
    "header",
    [
        "",
        "x",
        "é",
        "e30=",
        "W10=",
        "bnVsbA==",
        "MQ==",
        "/////w==",
        "A" * 5000,
        "eyJhbGciOiAiZWNkc2EifQ==",
        "W1tb" * 900,
    ],
)
def test_a_malformed_header_is_refused(header: str) -> None:
    seller = Seller()
    message = _sold(seller)
    assert _refused(seller, {"x-ebay-signature": header}, message.body)
    assert _refused(seller, {}, message.body)


def test_a_cut_message_and_another_signer_are_refused() -> None:
    seller = Seller()
    message = _sold(seller)
    for size in range(0, len(message.body), 7):
        assert _refused(seller, message.headers, message.body[:size])
    stranger = Signer(kid=seller.platform.signer.kid)
    assert _refused(seller, {"x-ebay-signature": stranger.header(message.body)}, message.body)
    assert _refused(seller, message.headers, message.body + b" ")


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"metadata":{"topic":1},"notification":{}}', b"[" * 50_000]
)
def test_signed_nonsense_is_refused_all_the_same(body: bytes) -> None:
    seller = Seller()
    assert _refused(seller, {"x-ebay-signature": seller.platform.signer.header(body)}, body)


@pytest.mark.parametrize("data", [None, [], {}, {"order": []}, {"order": {"orderId": 5}}, {"orderId": ""}])
def test_a_notification_that_names_no_order_is_taken_and_leads_to_nothing(data: Any) -> None:
    seller = Seller()
    said = {"metadata": {"topic": "SOMETHING_NEW"}, "notification": {"notificationId": "n1", "data": data}}
    body = json.dumps(said).encode()
    assert ebay.heard(seller.line, {"x-ebay-signature": seller.platform.signer.header(body)}, body) == Heard("n1", ())


def test_the_key_is_asked_for_once_an_hour_and_used_on_while_ebay_is_away() -> None:
    seller = Seller()
    message = _sold(seller)
    for minute in range(0, 59, 5):
        seller.clock.at += minute
        seller.hear(message)
    assert seller.count("GET", "public_key") == 1
    seller.clock.at += 3600
    seller.hear(message)
    assert seller.count("GET", "public_key") == 2
    seller.clock.at += 3601
    seller.platform.faults.down = True
    assert seller.hear(message).refs


def test_a_message_whose_key_cannot_be_had_is_refused_and_heard_when_ebay_sends_it_again() -> None:
    seller = Seller()
    message = _sold(seller)
    for fault in (Fault.BROKEN, Fault.GARBLED, Fault.LOST_BEFORE, Fault.TOO_MANY):
        seller.platform.faults.once(fault, "GET", "public_key")
        assert _refused(seller, message.headers, message.body)
        seller.clock.at += 60
    assert seller.hear(message).refs


def test_a_new_key_of_ebays_is_fetched_by_its_id() -> None:
    seller = Seller()
    seller.hear(_sold(seller))
    seller.platform.signer = Signer(kid="new-key", digest="SHA1")
    body = seller.platform.outgoing[0].body
    assert seller.hear(
        replace(seller.platform.outgoing[0], headers={"x-ebay-signature": seller.platform.signer.header(body)})
    )
