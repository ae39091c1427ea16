"""UPS through the library: what is asked, what is bought once, and what a bad day does."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from printing.documents import CarrierLabel
from server.calls.troubles import Away, Denied, Refused, Throttled
from server.carriers import Account, capabilities, who
from server.carriers.karrio.library import library, provider
from server.trade.customs import CustomsItem
from server.trade.shipping import Shipment, VoidState
from tests.karrio_here import needs_karrio
from tests.unit.crowd import Crowd
from tests.unit.karrio.places import UPS, UPS_BOUGHT, USPS, parcel, request, ups

needs_karrio()

SHIP, TOKEN = "/api/shipments/v2409/ship", "/security/v1/oauth/token"


def test_a_parcel_is_quoted_at_the_price_we_agreed_with_ups() -> None:
    place = ups()
    found = place.carrier(UPS).quote(parcel())
    assert [(q.service, q.price, q.currency, q.days) for q in found] == [
        ("ups_ground", Decimal("9.87"), "USD", 4),
        ("ups_2nd_day_air", Decimal("21.40"), "USD", 2),
    ]
    assert {request.url.host for request in place.asked} == {"wwwcie.ups.com"}


def test_weight_and_size_are_never_less_than_the_box() -> None:
    place = ups()
    place.carrier(UPS).quote(parcel(weight_grams=454, size_mm=(100, 301, 200)))
    (package,) = place.bodies("/api/rating/")[0]["RateRequest"]["Shipment"]["Package"]
    assert package["PackageWeight"]["Weight"] == "1.01"
    sides = [package["Dimensions"][name] for name in ("Length", "Width", "Height")]
    assert sides == ["11.86", "7.88", "3.94"]


def test_a_token_is_fetched_once_and_survives_a_restart() -> None:
    place = ups()
    place.carrier(UPS).quote(parcel())
    place.carrier(UPS).quote(parcel())
    assert place.paths().count(TOKEN) == 1
    assert "ups-secret" not in repr(place.memory.kept)
    place.now += 14_000
    place.carrier(UPS).quote(parcel())
    assert place.paths().count(TOKEN) == 2


def test_a_token_that_is_no_longer_believed_is_renewed_at_once() -> None:
    place = ups()
    carrier = place.carrier(UPS)
    carrier.quote(parcel())
    place.says(TOKEN, {"access_token": "T2", "issued_at": "1700000000000", "expires_in": "14399"})
    rates = place.answers["/api/rating/"]

    def only_new(asked: httpx.Request) -> httpx.Response:
        assert callable(rates)
        return rates(asked) if asked.headers["authorization"] == "Bearer T2" else httpx.Response(401)

    place.answers["/api/rating/"] = only_new
    assert len(carrier.quote(parcel())) == 2


def test_a_bought_label_is_the_carriers_own_with_its_number_and_what_it_cost() -> None:
    place = ups()
    bought = place.carrier(UPS).buy(request("ups_ground"), "P-7")
    assert (bought.tracking, bought.service) == ("1Z999AA10123456784", "ups_ground")
    assert (bought.cost, bought.currency) == (Decimal("9.90"), "USD")
    assert bought.label == CarrierLabel("zpl", b"^XA^FO50,50^FD1Z999^FS^XZ")


def test_asking_twice_under_one_key_buys_one_label_also_from_another_process() -> None:
    place = ups()
    first = place.carrier(UPS).buy(request("ups_ground"), "P-7")
    assert place.carrier(UPS).buy(request("ups_ground"), "P-7") == first
    assert place.paths().count(SHIP) == 1


@pytest.mark.parametrize("lost", [httpx.ReadTimeout, httpx.RemoteProtocolError])
def test_a_lost_answer_is_never_bought_again_until_a_person_has_said_what_is_true(
    lost: type[httpx.TransportError],
) -> None:
    place = ups()
    healthy = place.answers[SHIP]
    place.fails(SHIP, lost)
    with pytest.raises(Away) as told:
        place.carrier(UPS).buy(request("ups_ground"), "P-7")
    assert told.value.maybe_done
    place.answers[SHIP] = healthy
    with pytest.raises(Away, match="look at the carrier's own site") as again:
        place.carrier(UPS).buy(request("ups_ground"), "P-7")
    assert again.value.maybe_done
    assert place.paths().count(SHIP) == 1

    place.memory.put("bought:P-7", None)
    assert place.carrier(UPS).buy(request("ups_ground"), "P-7").tracking
    assert place.paths().count(SHIP) == 2


def test_500_after_the_label_was_made_counts_as_a_lost_answer() -> None:
    place = ups()
    place.says(SHIP, {}, 500)
    for _ in range(2):
        with pytest.raises(Away) as told:
            place.carrier(UPS).buy(request("ups_ground"), "P-7")
        assert told.value.maybe_done
    assert place.paths().count(SHIP) == 1


@pytest.mark.parametrize("broken", [{"PackageResults": None}, {"ShipmentCharges": None, "NegotiatedRateCharges": None}])
def test_a_label_that_was_bought_and_cannot_be_read_is_not_bought_again(broken: dict[str, None]) -> None:
    place = ups()
    results = {name: value for name, value in {**UPS_BOUGHT, **broken}.items() if value is not None}
    place.says(SHIP, {"ShipmentResponse": {"ShipmentResults": results}})
    for _ in range(2):
        with pytest.raises(Away) as told:
            place.carrier(UPS).buy(request("ups_ground"), "P-7")
        assert told.value.maybe_done
    assert place.paths().count(SHIP) == 1


def test_an_answer_to_a_purchase_that_the_library_stumbles_over_is_no_refusal() -> None:
    place = ups()
    place.answers[SHIP] = httpx.Response(200, text="<html>thank you</html>")
    for _ in range(2):
        with pytest.raises(Away, match="the library for ups failed on the answer 200") as told:
            place.carrier(UPS).buy(request("ups_ground"), "P-7")
        assert told.value.maybe_done
    assert place.paths().count(SHIP) == 1


@pytest.mark.parametrize("status", [401, 404, 429])
def test_where_a_label_takes_two_calls_a_no_to_the_second_does_not_undo_the_first(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ups()
    place.says("/picture", {}, status)
    proxy = provider("ups").Proxy
    first = proxy.create_shipment

    def in_two_calls(self: Any, body: Any) -> Any:
        answer = first(self, body)
        picture = library().lib.request(url=f"{self.settings.server_url}/picture", method="GET")
        return library().lib.Deserializable(picture, library().lib.to_dict, answer.ctx)

    monkeypatch.setattr(proxy, "create_shipment", in_two_calls)
    for _ in range(2):
        with pytest.raises(Away) as told:
            place.carrier(UPS).buy(request("ups_ground"), "P-7")
        assert told.value.maybe_done
    assert place.paths().count(SHIP) == 1


def test_a_label_whose_number_is_known_is_named_to_the_person_who_must_void_it() -> None:
    place = ups()
    picture = {"ImageFormat": {"Code": "ZPL"}, "GraphicImage": "AAAA"}
    result = {"TrackingNumber": "1Z999AA10123456784", "ShippingLabel": picture}
    place.says(SHIP, {"ShipmentResponse": {"ShipmentResults": {**UPS_BOUGHT, "PackageResults": [result]}}})
    for _ in range(2):
        with pytest.raises(Away, match="1Z999AA10123456784 was bought"):
            place.carrier(UPS).buy(request("ups_ground"), "P-7")


def test_what_certainly_bought_nothing_may_be_asked_again() -> None:
    place = ups()
    healthy = place.answers[SHIP]
    error = {"code": "120802", "message": "Address Validation Error on ShipTo address"}
    place.says(SHIP, {"response": {"errors": [error]}}, 400)
    with pytest.raises(Refused, match=r"Address Validation Error on ShipTo address \(120802\)"):
        place.carrier(UPS).buy(request("ups_ground"), "P-7")
    place.fails(SHIP, httpx.ConnectError)
    with pytest.raises(Away) as unreached:
        place.carrier(UPS).buy(request("ups_ground"), "P-7")
    assert not unreached.value.maybe_done
    place.says(SHIP, {}, 429)
    with pytest.raises(Throttled):
        place.carrier(UPS).buy(request("ups_ground"), "P-7")
    place.answers[SHIP] = healthy
    assert place.carrier(UPS).buy(request("ups_ground"), "P-7").tracking


def test_a_token_that_is_not_answered_has_bought_nothing() -> None:
    place = ups()
    place.fails(TOKEN, httpx.ReadTimeout)
    with pytest.raises(Away) as told:
        place.carrier(UPS).buy(request("ups_ground"), "P-7")
    assert not told.value.maybe_done
    place.says(TOKEN, {"response": {"errors": [{"code": "10401", "message": "ClientId is Invalid"}]}}, 400)
    with pytest.raises(Denied, match="ClientId is Invalid"):
        place.carrier(UPS).buy(request("ups_ground"), "P-7")
    place.answers[TOKEN] = httpx.Response(200, text="<html>Sign in to the guest network</html>")
    with pytest.raises(Away) as strange:
        place.carrier(UPS).buy(request("ups_ground"), "P-7")
    assert not strange.value.maybe_done
    assert SHIP not in place.paths()
    assert place.memory.get("bought:P-7") is None


def test_a_label_whose_picture_was_let_go_is_still_guarded_by_its_number() -> None:
    place = ups()
    carrier = place.carrier(UPS)
    carrier.buy(request("ups_ground", "P-7"), "P-7")
    assert [key for key, kept in place.memory.kept.items() if "label" in kept] == ["picture:P-7"]
    place.memory.put("picture:P-7", None)
    gone = "1Z999AA10123456784 was bought, and its picture was let go"
    with pytest.raises(Away, match=gone):
        carrier.buy(request("ups_ground", "P-7"), "P-7")
    with pytest.raises(Away, match=gone) as told:
        carrier.look_up("P-7")
    assert told.value.maybe_done
    assert place.paths().count(SHIP) == 1


def test_what_a_server_bought_before_it_died_is_found_again() -> None:
    place = ups()
    assert place.carrier(UPS).look_up("P-7") is None
    bought = place.carrier(UPS).buy(request("ups_ground"), "P-7")
    assert place.carrier(UPS).look_up("P-7") == bought
    place.fails(SHIP, httpx.ReadTimeout)
    with pytest.raises(Away):
        place.carrier(UPS).buy(request("ups_ground", "P-8"), "P-8")
    with pytest.raises(Away) as open_still:
        place.carrier(UPS).look_up("P-8")
    assert open_still.value.maybe_done


def test_of_two_benches_that_buy_one_label_at_once_one_asks_the_carrier() -> None:
    place = ups()
    healthy, other = place.answers[SHIP], place.carrier(UPS)
    told: list[Away] = []

    def meanwhile(asked: httpx.Request) -> httpx.Response:
        with pytest.raises(Away) as second:
            other.buy(request("ups_ground"), "P-7")
        told.append(second.value)
        assert callable(healthy)
        return healthy(asked)

    place.answers[SHIP] = meanwhile
    assert place.carrier(UPS).buy(request("ups_ground"), "P-7").tracking
    assert [each.maybe_done for each in told] == [True]
    assert place.paths().count(SHIP) == 1


def test_benches_that_waited_for_a_dead_token_address_do_not_wait_for_it_one_after_the_other() -> None:
    place = ups()
    carrier = place.carrier(UPS)
    crowd = Crowd(carrier.gateway.line, 4)  # type: ignore[attr-defined]

    def dead(asked: httpx.Request) -> httpx.Response:
        assert crowd.full.wait(10)
        raise httpx.ReadTimeout("dead", request=asked)

    def bought(nth: int) -> bool:
        with pytest.raises(Away) as told:
            carrier.buy(request("ups_ground", f"P-{nth}"), f"P-{nth}")
        return told.value.maybe_done

    healthy, place.answers[TOKEN] = place.answers[TOKEN], dead
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(bought, range(4))) == [False] * 4
    assert place.paths() == [TOKEN]
    place.answers[TOKEN] = healthy
    assert carrier.buy(request("ups_ground", "P-0"), "P-0").tracking, "the next one tries anew"


def test_an_account_is_checked_by_its_token_and_a_wrong_secret_is_told() -> None:
    place = ups()
    assert who(Account("acme", "Acme", "karrio", settings=UPS), place.line(UPS)) == "UPS"
    assert place.paths() == [TOKEN]
    place.memory.kept.clear()
    place.says(TOKEN, {"response": {"errors": [{"code": "10401", "message": "ClientId is Invalid"}]}}, 401)
    with pytest.raises(Denied):
        who(Account("acme", "Acme", "karrio", settings=UPS), place.line(UPS))


def test_voiding_forgets_the_purchase_and_voiding_again_is_harmless() -> None:
    place = ups()
    carrier = place.carrier(UPS)
    bought = carrier.buy(request("ups_ground"), "P-7")
    shipment = Shipment("P-7", bought.tracking, bought.shipment_id, bought.service)
    assert carrier.void(shipment).state is VoidState.VOIDED
    assert place.asked[-1].method == "DELETE"
    assert place.memory.get("bought:P-7") is None
    again = {"response": {"errors": [{"code": "190117", "message": "The shipment has already been voided."}]}}
    place.says("/api/shipments/v2409/void/", again, 400)
    assert carrier.void(shipment).state is VoidState.VOIDED


@pytest.mark.parametrize(
    "words",
    [
        "The shipment has already been tendered and cannot be cancelled",
        "Package already picked up. Shipment cannot be voided.",
        "Cancellation not possible, shipment already manifested",
        "The shipment has not already been voided",
        "Already voided or delivered",
        "It can't have been previously cancelled",
        "Already scanned; only the sender may void it",
    ],
)
def test_a_no_of_the_carriers_is_not_taken_for_a_void_because_it_says_already(words: str) -> None:
    place = ups()
    carrier = place.carrier(UPS)
    bought = carrier.buy(request("ups_ground"), "P-7")
    place.says("/api/shipments/v2409/void/", {"response": {"errors": [{"code": "1", "message": words}]}}, 400)
    told = carrier.void(Shipment("P-7", bought.tracking))
    assert (told.state, words in told.text) == (VoidState.REFUSED, True)
    assert carrier.look_up("P-7") == bought


@pytest.mark.parametrize(
    "words", ["Shipment already voided.", "The label was previously CANCELED", "Already cancelled"]
)
def test_a_label_that_was_void_before_is_void(words: str) -> None:
    place = ups()
    place.says("/api/shipments/v2409/void/", {"response": {"errors": [{"code": "1", "message": words}]}}, 400)
    assert place.carrier(UPS).void(Shipment("P-7", "1Z999AA10123456784")).state is VoidState.VOIDED


def test_a_label_that_ups_will_not_void_says_why() -> None:
    place = ups()
    no = {"response": {"errors": [{"code": "190102", "message": "No shipment found within the allowed void period"}]}}
    place.says("/api/shipments/v2409/void/", no, 400)
    told = place.carrier(UPS).void(Shipment("P-7", "1Z999AA10123456784"))
    assert told.state is VoidState.REFUSED
    assert "allowed void period" in told.text


def test_tracking_is_in_the_time_of_the_world_and_in_the_carriers_own_words() -> None:
    place = ups()
    first, *_ = place.carrier(UPS).track([Shipment("P-7", "1Z999AA10123456784")])
    assert datetime.fromtimestamp(first.at, UTC) == datetime(2027, 1, 16, 7, 15, tzinfo=UTC)
    assert (first.code, first.words, first.where) == ("I", "Departed from Facility", "Oakland, CA, US")


def test_a_parcel_that_ups_has_not_seen_does_not_hide_the_others() -> None:
    place = ups()
    tracked = place.answers["/api/track/"]

    def one_unknown(asked: httpx.Request) -> httpx.Response:
        assert callable(tracked)
        empty = {"trackResponse": {"shipment": [{"package": [{"trackingNumber": "1ZNEW", "activity": []}]}]}}
        return httpx.Response(200, json=empty) if "1ZNEW" in asked.url.path else tracked(asked)

    place.answers["/api/track/"] = one_unknown
    found = place.carrier(UPS).track([Shipment("P-1", "1ZNEW"), Shipment("P-7", "1Z999AA10123456784")])
    assert {each.tracking for each in found} == {"1Z999AA10123456784"}


def test_an_error_in_the_rates_is_told_in_the_carriers_sentences_without_control_bytes() -> None:
    place = ups()
    error = {"code": "111210", "message": "The requested service is\x1b[2J unavailable"}
    place.says("/api/rating/", {"response": {"errors": [error]}}, 400)
    with pytest.raises(Refused, match=r"The requested service is \[2J unavailable \(111210\)"):
        place.carrier(UPS).quote(parcel())


def test_an_answer_the_library_stumbles_over_is_said_in_words() -> None:
    place = ups()
    place.says("/api/rating/", {"RateResponse": {"RatedShipment": [{"Service": None}]}})
    with pytest.raises(Refused, match="the library for ups failed on the answer 200"):
        place.carrier(UPS).quote(parcel())


def test_a_parcel_over_a_border_tells_ups_what_is_inside_and_none_goes_without() -> None:
    place, signed = ups(), UPS | {"customs_signer": "Ana Roth"}
    facts = {"text": "Soap bar", "value": Decimal("4.50"), "currency": "USD", "grams": 120, "origin": "DE"}
    soap = CustomsItem(sku="SOAP", units=3, hs_code="340111", **facts)  # type: ignore[arg-type]
    to = replace(parcel().ship_to, country="CA", postcode="V6B1A1", region="BC", city="Vancouver")
    abroad: dict[str, Any] = {"ship_to": to, "customs": (soap,)}
    place.carrier(signed).quote(parcel(**abroad))
    assert place.bodies("/api/rating/")[0]["RateRequest"]["Shipment"]["InvoiceLineTotal"]["MonetaryValue"] == "13.5"
    place.carrier(signed).buy(request("ups_ground", **abroad), "P-7")
    said = place.bodies("/api/shipments/v2409/ship")[0]["ShipmentRequest"]["Shipment"]["ShipmentServiceOptions"]
    (product,) = said["InternationalForms"]["Product"]
    assert (product["CommodityCode"], product["OriginCountryCode"]) == ("340111", "DE")
    with pytest.raises(Refused, match="expected hs_code of SOAP"):
        place.carrier(signed).quote(parcel(ship_to=to, customs=(replace(soap, hs_code=""),)))
    assert not capabilities(Account("usps", "USPS", "karrio", settings=USPS | {"customs_signer": "Ana"})).customs
