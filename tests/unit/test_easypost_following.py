"""Where parcels are, asked of EasyPost and heard from it (TRK-01)."""

import json
from dataclasses import replace
from typing import Any

import pytest

from server.calls.troubles import Away, Throttled
from server.carriers.easypost.following import seen_of, signature
from server.domain.errors import DomainError
from server.simulated.platforms.faults import Fault
from server.trade.shipping import Seen
from tests.easypost_stand import Stand, as_shipment


def test_what_is_asked_and_what_is_heard_are_the_same_events() -> None:
    stand = Stand()
    label = as_shipment(stand.buy())
    stand.easypost.advance(label.tracking)
    stand.at += 3600
    message = stand.easypost.advance(label.tracking)
    heard = stand.carrier.hear(message.headers, message.body)
    assert heard == stand.carrier.track([label])
    assert [(each.code, each.where) for each in heard] == [
        ("pre_transit", "PORTLAND, OR, US"),
        ("in_transit", "PORTLAND, OR, US"),
    ]
    assert heard[1].at - heard[0].at == 3600
    assert heard[0].eta is not None


@pytest.mark.parametrize("spoil", ["body", "secret", "header", "no secret"])
def test_a_message_that_easypost_did_not_sign_is_not_believed(spoil: str) -> None:
    stand = Stand(settings={"webhook_secret": ""} if spoil == "no secret" else {})
    message = stand.easypost.message("tracker.updated", {"tracking_code": "EZ1000000001", "status": "delivered"})
    if spoil == "secret":
        message = stand.easypost.message("tracker.updated", {"tracking_code": "EZ1000000001"}, "another")
    headers = {"x-hmac-signature": "\u00fc"} if spoil == "header" else message.headers
    body = message.body + b" " if spoil == "body" else message.body
    with pytest.raises(DomainError) as refused:
        stand.carrier.hear(headers, body)
    assert refused.value.code == "bad_signature"


def test_the_secret_is_normalised_before_it_signs_and_header_names_may_have_any_case() -> None:
    assert signature("caf\u00e9", b"x") == signature("cafe\u0301", b"x")
    stand = Stand()
    message = stand.easypost.message("batch.updated", {"id": "batch_1"})
    told = {name.title(): text for name, text in message.headers.items()}
    assert stand.carrier.hear(told, message.body) == ()


@pytest.mark.parametrize("body", [b"no json", b"[]", b'{"result": 1}', b"[" * 100_000])
def test_a_signed_body_that_says_nothing_of_a_parcel_brings_nothing(body: bytes) -> None:
    stand = Stand()
    signed = {"x-hmac-signature": signature(stand.easypost.settings()["webhook_secret"], body)}
    try:
        assert stand.carrier.hear(signed, body) == ()
    except DomainError as refused:
        assert refused.code == "bad_signature"


def test_a_tracker_with_odd_fields_gives_what_can_be_read_and_no_control_bytes() -> None:
    details: list[Any] = [
        {"status": "in_transit", "datetime": "yesterday"},
        {"status": 7, "datetime": "2026-01-02T00:00:00Z"},
        {
            "status": "new_status",
            "message": "at\x1b[2J dock\n",
            "datetime": "2026-01-02T00:00:00",
            "tracking_location": 3,
        },
        None,
    ]
    tracker = {"tracking_code": "EZ1000000001", "est_delivery_date": "x", "tracking_details": details}
    found = list(seen_of(tracker))
    assert found == [Seen(tracking="EZ1000000001", at=1767312000.0, code="new_status", words="at [2J dock")]
    assert list(seen_of({"status": "delivered"})) == []
    bare = {"tracking_code": "EZ1000000001", "status": "delivered", "updated_at": "2026-01-02T00:00:00Z"}
    assert [each.code for each in seen_of(bare)] == ["delivered"]


def test_many_parcels_are_asked_after_fifty_at_a_time_and_a_limit_keeps_what_came() -> None:
    stand = Stand()
    label = as_shipment(stand.buy())
    stand.easypost.advance(label.tracking)
    many = [label, *(replace(label, tracking=f"EZ{n:010d}") for n in range(70))]
    stand.easypost.asked.clear()
    assert len(stand.carrier.track(many)) == 1
    assert len(stand.easypost.asked) == 2
    # The second question is refused: the first one's answer is not lost.
    stand.easypost.faults.once(Fault.TOO_MANY, "GET", "/trackers")
    with pytest.raises(Throttled):
        stand.carrier.track([label])
    stand.at += 3
    stand.easypost.faults.down = True
    with pytest.raises(Away):
        stand.carrier.track([label])


def test_a_secret_in_a_file_is_read_from_it(tmp_path: Any) -> None:
    (tmp_path / "secret").write_text("other\n")
    stand = Stand(settings={"webhook_secret": "", "webhook_secret_file": str(tmp_path / "secret")})
    body = json.dumps({"description": "tracker.updated", "result": {"tracking_code": "EZ1"}}).encode()
    assert stand.carrier.hear({"X-Hmac-Signature": signature("other", body)}, body) == []
