"""EasyPost sells one label for a parcel, whatever is lost on the way (LBL-02, RAT-03)."""

from dataclasses import replace
from decimal import Decimal

import httpx
import pytest

from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.faults import Fault
from server.simulated.platforms.transport import ask_of
from tests.easypost_stand import AWAY, PARCEL, Stand, as_shipment


def test_a_label_is_bought_at_the_price_easypost_shows_and_comes_as_its_own_zpl() -> None:
    stand = Stand()
    quoted = {each.service: each.price for each in stand.carrier.quote(PARCEL)}
    bought = stand.buy()
    assert (bought.service, bought.cost, bought.currency) == ("USPS.GroundAdvantage", Decimal("5.91"), "USD")
    assert bought.cost == quoted["USPS.GroundAdvantage"] == stand.easypost.charged[0][1]
    assert bought.label is not None
    assert bought.label.format == "zpl"
    assert bought.tracking.encode() in bought.label.data


@pytest.mark.parametrize(
    "fault", [Fault.LOST_AFTER, Fault.BROKEN_AFTER, Fault.LOST_BEFORE, Fault.BROKEN, Fault.GARBLED]
)
def test_an_answer_that_is_lost_is_found_again_and_nothing_is_bought_twice(fault: Fault) -> None:
    stand = Stand()
    stand.easypost.faults.once(fault, "POST", "/buy")
    with pytest.raises(Away) as lost:
        stand.buy()
    assert lost.value.maybe_done
    stand.restart()
    done = fault in (Fault.LOST_AFTER, Fault.BROKEN_AFTER)
    found = stand.look_up()
    assert (found is not None) == done
    again = stand.buy()
    assert [tracking for tracking, _ in stand.easypost.charged] == [again.tracking]
    assert stand.look_up() == stand.buy() == again


def test_a_shipment_whose_own_answer_was_lost_is_never_bought() -> None:
    stand = Stand()
    stand.easypost.faults.once(Fault.LOST_AFTER, "POST", "/shipments")
    with pytest.raises(Away) as lost:
        stand.buy()
    # Nothing can have been bought, and the bench may say so.
    assert not lost.value.maybe_done
    assert stand.look_up() is None
    stand.buy()
    assert (len(stand.easypost.shipments), len(stand.easypost.charged)) == (2, 1)


def test_too_many_calls_and_a_revoked_key_buy_nothing_and_the_next_press_does() -> None:
    stand = Stand()
    for fault, kind in ((Fault.TOO_MANY, Throttled), (Fault.DENIED, Denied)):
        stand.easypost.faults.once(fault, "POST", "/buy")
        with pytest.raises(kind):
            stand.buy()
        asked = len(stand.easypost.asked)
        assert stand.look_up() is None
        assert len(stand.easypost.asked) == asked, "what was certainly not bought is not asked after"
        stand.at += 3
    assert stand.easypost.charged == []
    stand.buy()
    assert len(stand.easypost.charged) == 1


def test_an_address_nobody_delivers_to_is_refused_in_words_and_the_right_one_is_bought_at_once() -> None:
    stand = Stand()
    stand.easypost.refused.add("94107")
    with pytest.raises(Refused, match="Unable to deliver to this address"):
        stand.buy()
    assert stand.look_up() is None
    bought = stand.buy(ship_to=replace(AWAY, postcode="94110"))
    [there] = stand.easypost.live()
    assert (there["to_address"]["zip"], there["tracking_code"]) == ("94110", bought.tracking)
    assert len(stand.easypost.charged) == 1


def test_while_a_purchase_is_unanswered_no_other_address_is_bought_for_the_parcel() -> None:
    stand = Stand()
    stand.easypost.faults.once(Fault.LOST_BEFORE, "POST", "/buy")
    with pytest.raises(Away):
        stand.buy()
    moved = replace(AWAY, postcode="94110")
    with pytest.raises(Away, match="other particulars") as waits:
        stand.buy(ship_to=moved)
    assert waits.value.maybe_done
    stand.at += 901
    stand.buy(ship_to=moved)
    assert [each["to_address"]["zip"] for each in stand.easypost.live()] == ["94110"]


def test_a_voided_label_is_not_found_and_its_parcel_gets_a_new_one() -> None:
    stand = Stand()
    first = stand.buy()
    stand.carrier.void(as_shipment(first))
    assert stand.look_up() is None
    second = stand.buy()
    assert second.tracking != first.tracking
    assert [each["tracking_code"] for each in stand.easypost.live()] == [second.tracking]


def test_a_cut_off_label_is_never_printed_and_the_purchase_is_not_repeated() -> None:
    stand = Stand()
    stand.easypost.bad_labels = 1
    with pytest.raises(Away, match="no whole ZPL label") as cut:
        stand.buy()
    assert cut.value.maybe_done
    stand.buy()
    assert len(stand.easypost.charged) == 1


def test_a_label_is_fetched_without_the_key_and_only_from_hosts_of_the_settings() -> None:
    stand = Stand()
    fetched: list[httpx.Request] = []
    elsewhere = {"label_url": "https://files.evil.test/x.zpl", "label_file_type": "application/zpl"}

    def answer(request: httpx.Request) -> httpx.Response:
        fetched.append(request)
        said = stand.easypost.answer(ask_of(request))
        body = said.body
        if request.url.path.endswith("/buy"):
            shipment = next(iter(stand.easypost.shipments.values()))
            shipment["postage_label"] = elsewhere
            body = Said.of(shipment).body
        return httpx.Response(said.status, content=body)

    stand.restart(httpx.MockTransport(answer))
    with pytest.raises(Away, match=r"files\.evil\.test") as strange:
        stand.buy()
    assert strange.value.maybe_done
    assert all(request.url.host == "easypost.test" for request in fetched)
    next(iter(stand.easypost.shipments.values()))["postage_label"] = dict.fromkeys(elsewhere, None)
    stand.buy()
    assert fetched[-1].url.path.startswith("/files/")
    assert "authorization" not in fetched[-1].headers


def test_old_rates_are_asked_for_again_before_one_is_bought() -> None:
    stand = Stand()
    stand.easypost.faults.once(Fault.TOO_MANY, "POST", "/buy")
    with pytest.raises(Throttled):
        stand.buy()
    stand.at += 4000
    stand.buy()
    assert [path.rsplit("/", 1)[1] for _, path, _ in stand.easypost.asked if "rerate" in path] == ["rerate"]
    assert len(stand.easypost.shipments) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        (402, b'{"error": {"code": "BILLING.LOW", "message": "Insufficient funds."}}', Denied, "Insufficient funds."),
        (403, b"<html>no</html>", Denied, "403"),
        (
            422,
            b'{"error": {"code": "X", "message": "No.", "errors": [{"field": "zip", "message": "bad\\u001b[2J"}]}}',
            Refused,
            r"^No.; zip: bad \[2J$",
        ),
        (422, b'{"error": {"message": ["a", "b"], "errors": ["c"]}}', Refused, r'^\["a", "b"\]; c$'),
        (200, b"[]", Away, "expected an object"),
    ],
)
def test_what_easypost_says_becomes_one_printable_sentence(
    status: int, body: bytes, kind: type[Trouble], says: str
) -> None:
    stand = Stand()
    stand.restart(httpx.MockTransport(lambda _: httpx.Response(status, content=body)))
    with pytest.raises(kind, match=says):
        stand.buy()


def test_a_purchase_that_is_under_way_is_not_called_refused() -> None:
    stand = Stand()
    busy = b'{"error": {"code": "SHIPMENT.PURCHASE.IN_PROGRESS", "message": "Purchase in progress."}}'

    def answer(request: httpx.Request) -> httpx.Response:
        ask: Ask = ask_of(request)
        if ask.path.endswith("/buy"):
            return httpx.Response(422, content=busy)
        said = stand.easypost.answer(ask)
        return httpx.Response(said.status, content=said.body)

    stand.restart(httpx.MockTransport(answer))
    with pytest.raises(Away, match="in progress") as unsure:
        stand.buy()
    assert unsure.value.maybe_done
