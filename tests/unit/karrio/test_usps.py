"""USPS through the library: the price of our own box, labels in parts, the closing form."""

from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from printing.documents import Address
from server.calls.troubles import Away, Refused
from server.carriers import Account, capabilities
from server.carriers.karrio.choices import choices_of, services_of
from server.carriers.karrio.library import provider
from server.carriers.karrio.usps import Kind, kind_of, service_of
from server.trade.shipping import Shipment, VoidState
from tests.karrio_here import needs_karrio
from tests.unit.karrio.places import FEDEX, UPS, USPS, cheap_mail, fedex, parcel, request, usps

needs_karrio("karrio-usps")

LABEL, NUMBER = "/labels/v3/label", "9400100000000000000001"


def test_each_mail_class_is_offered_once_at_the_price_of_our_own_box() -> None:
    place = usps()
    found = {q.service: (q.price, q.name, q.days) for q in place.carrier(USPS).quote(parcel())}
    assert found == {
        "usps_ground_advantage": (Decimal("6.40"), "USPS Ground Advantage", 3),
        "usps_priority_mail": (Decimal("8.35"), "USPS Priority Mail", 3),
        "usps_priority_mail_express": (Decimal("30.00"), "USPS Priority Mail Express", 3),
    }
    (asked,) = place.bodies("/shipments/v3/options/search")
    assert asked["pricingOptions"][0]["priceType"] == "COMMERCIAL"


SPECIAL = ("LIBRARY_MAIL", "MEDIA_MAIL", "BOUND_PRINTED_MATTER", "DOMESTIC_MATTER_FOR_THE_BLIND", "PARCEL_SELECT")


def test_mail_for_some_goods_or_senders_is_only_offered_and_bought_where_the_owner_named_it() -> None:
    place = usps()
    options = [cheap_mail(each) for each in (*SPECIAL, "USPS_CONNECT_LOCAL", "USPS_GROUND_ADVANTAGE")]
    place.says("/shipments/v3/options/search", {"pricingOptions": [{"shippingOptions": options}]})
    assert [q.service for q in place.carrier(USPS).quote(parcel())] == ["usps_ground_advantage"]
    with pytest.raises(Refused, match=r"expected one of usps_ground_advantage, .*, found 'usps_media_mail'"):
        place.carrier(USPS).buy(request("usps_media_mail"), "P-7")
    assert LABEL not in place.paths()
    named = place.carrier(USPS, services=["usps_media_mail"])
    assert [q.service for q in named.quote(parcel())] == ["usps_media_mail"]


def test_what_we_call_ordinary_is_what_the_library_sells() -> None:
    known = services_of(provider("usps"))
    assert set(choices_of(Account("a", "A", "karrio", settings=USPS)).services_for(parcel()) or ()) < set(known)


@pytest.mark.parametrize(
    ("size", "grams", "mail_class", "kind"),
    [
        ((300, 200, 100), 700, "USPS_GROUND_ADVANTAGE", Kind("SP", "MACHINABLE")),
        ((300, 200, 100), 11_341, "PRIORITY_MAIL", Kind("SP", "NONSTANDARD")),
        ((600, 100, 100), 700, "PRIORITY_MAIL", Kind("SP", "NONSTANDARD")),
        ((400, 300, 300), 700, "USPS_GROUND_ADVANTAGE", Kind("DR", "MACHINABLE")),
        ((300, 300, 400), 700, "PRIORITY_MAIL_EXPRESS", Kind("PA", "MACHINABLE")),
        ((1_200, 400, 400), 700, "USPS_GROUND_ADVANTAGE", Kind("OS", "NONSTANDARD")),
    ],
)
def test_the_kind_of_a_box_follows_from_its_size(
    size: tuple[int, int, int], grams: int, mail_class: str, kind: Kind
) -> None:
    assert kind_of(parcel(size_mm=size, weight_grams=grams), mail_class) == kind


def test_what_was_quoted_is_what_is_bought() -> None:
    place = usps()
    place.carrier(USPS).buy(request("usps_ground_advantage"), "P-7")
    (body,) = place.bodies(LABEL)
    package = body["packageDescription"]
    assert (package["mailClass"], package["rateIndicator"]) == ("USPS_GROUND_ADVANTAGE", "SP")
    assert package["processingCategory"] == "MACHINABLE"
    assert "girth" not in package
    assert service_of(package["mailClass"]) == "usps_ground_advantage"


def test_a_label_that_comes_in_parts_is_bought_with_all_that_it_cost() -> None:
    place = usps()
    bought = place.carrier(USPS).buy(request("usps_ground_advantage"), "P-7")
    assert (bought.tracking, bought.cost, bought.currency) == (NUMBER, Decimal("9.95"), "USD")
    assert bought.label is not None
    assert (bought.label.format, bought.label.data) == ("zpl", b"^XA^FDa --Cut that ends nothing^FS^XZ")


def test_both_tokens_of_usps_are_remembered() -> None:
    place = usps()
    for parcel_id in ("P-1", "P-2"):
        place.carrier(USPS).buy(request("usps_ground_advantage", parcel_id), parcel_id)
    paths = place.paths()
    assert (paths.count("/oauth2/v3/token"), paths.count("/payments/v3/payment-authorization")) == (1, 1)
    assert place.asked[-1].headers["x-payment-authorization-token"] == "PAY"


def test_a_lost_answer_of_usps_is_not_bought_again() -> None:
    place = usps()
    place.fails(LABEL, httpx.ReadTimeout)
    for _ in range(2):
        with pytest.raises(Away) as told:
            place.carrier(USPS).buy(request("usps_ground_advantage"), "P-7")
        assert told.value.maybe_done
    assert place.paths().count(LABEL) == 1


def test_an_answer_that_is_no_label_is_not_taken_for_a_refusal() -> None:
    place = usps()
    place.answers[LABEL] = httpx.Response(200, text="<html>Service busy</html>")
    with pytest.raises(Away) as told:
        place.carrier(USPS).buy(request("usps_ground_advantage"), "P-7")
    assert told.value.maybe_done


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Ana Maria Ruiz", {"firstName": "Ana Maria", "lastName": "Ruiz"}),
        ("Cher", {"firm": "Cher"}),
    ],
)
def test_the_whole_name_of_a_buyer_is_on_the_label(name: str, parts: dict[str, str]) -> None:
    place = usps()
    to = Address(name, "", ("9 Hill Street",), "Reno", "NV", "89502", "US")
    place.carrier(USPS).buy(request("usps_ground_advantage", ship_to=to), "P-7")
    (body,) = place.bodies(LABEL)
    assert {each: body["toAddress"].get(each) for each in ("firstName", "lastName", "firm")} == {
        **dict.fromkeys(("firstName", "lastName", "firm")),
        **parts,
    }


def test_a_label_of_usps_is_voided_by_its_number() -> None:
    place = usps()
    told = place.carrier(USPS).void(Shipment("P-7", NUMBER))
    assert told.state is VoidState.VOIDED
    assert (place.asked[-1].method, place.asked[-1].url.path) == ("DELETE", f"{LABEL}/{NUMBER}")


def test_tracking_of_usps_is_in_the_time_of_the_world() -> None:
    (seen,) = usps().carrier(USPS).track([Shipment("P-7", NUMBER)])
    assert datetime.fromtimestamp(seen.at, UTC) == datetime(2027, 1, 18, 14, 10, tzinfo=UTC)
    assert (seen.code, seen.words) == ("OF", "Out for Delivery")


def test_a_number_usps_does_not_know_yet_is_no_news() -> None:
    place = usps()
    place.says("/tracking/v3/tracking/", {"error": {"code": "404", "message": "not found", "errors": []}}, 404)
    assert place.carrier(USPS).track([Shipment("P-7", NUMBER)]) == []


def test_a_closing_form_names_what_is_not_on_it() -> None:
    place = usps()
    gone = place.carrier(USPS).manifest([Shipment("P-7", NUMBER), Shipment("P-8", "9400100000000000000002")], "L-1")
    assert (gone.state, gone.reference, gone.left_out) == ("closed", "9275000000", ("9400100000000000000002",))
    assert gone.paper is not None
    assert gone.paper.format == "pdf"
    (body,) = place.bodies("/scan-forms/v3/scan-form")
    assert body["shipment"]["trackingNumbers"] == [NUMBER, "9400100000000000000002"]
    assert body["fromAddress"]["ZIPCode"] == "89502"


def test_a_closing_form_that_usps_refuses_says_why() -> None:
    place = usps()
    error = {"code": "160", "message": "no", "errors": [{"code": "160004", "detail": "already on a SCAN form"}]}
    place.says("/scan-forms/v3/scan-form", {"error": error}, 400)
    told = place.carrier(USPS).manifest([Shipment("P-7", NUMBER)], "L-1")
    assert (told.state, "already on a SCAN form" in told.text) == ("refused", True)


def test_only_usps_wants_a_closing_form_and_none_gives_numbers_beforehand() -> None:
    can = {each["carrier"]: capabilities(Account("a", "A", "karrio", settings=each)) for each in (UPS, USPS, FEDEX)}
    assert {name: each.manifest for name, each in can.items()} == {"ups": False, "usps": True, "fedex": False}
    assert all(each.quote and each.void and each.track and each.look_up for each in can.values())
    assert not any(each.allot or each.offline for each in can.values())


def test_a_parcel_abroad_is_refused_in_words() -> None:
    to = request("x").ship_to
    abroad = type(to)(to.name, "", to.lines, "Lyon", "", "69001", "FR")
    with pytest.raises(Refused, match="Destination address 'FR' is not serviced"):
        usps().carrier(USPS).quote(parcel(ship_to=abroad))


def test_fedex_quotes_over_the_same_line() -> None:
    place = fedex()
    (found,) = place.carrier(FEDEX).quote(parcel())
    assert (found.service, found.price) == ("fedex_ground", Decimal("12.30"))
    assert {each.url.host for each in place.asked} == {"apis.fedex.com"}
