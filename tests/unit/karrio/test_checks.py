"""What the library would let through and we do not: parcels, services, options, settings."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from printing.documents import Address
from server.calls.troubles import Denied, Refused
from server.domain.errors import DomainError
from tests.karrio_here import needs_karrio
from tests.unit.karrio.places import UPS, USPS, parcel, request, ups, usps

needs_karrio()

EXAMPLES = Path(__file__).parents[3] / "deploy" / "carriers"
HILL = ("9 Hill Street",)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"weight_grams": -500}, "at least 1 g, found -500"),
        ({"weight_grams": 0}, "at least 1 g, found 0"),
        ({"weight_grams": None}, "at least 1 g, found None"),
        ({"weight_grams": 68_039}, "at most 68038 g, found 68039 g"),
        ({"size_mm": None}, "known length, width and height"),
        ({"size_mm": (300, 0, 100)}, "known length, width and height"),
        ({"size_mm": (2_744, 10, 10)}, "at most 2743 mm, found 2744 mm"),
        ({"size_mm": (2_000, 800, 800)}, "length and girth of at most 4191 mm, found 5200 mm"),
        ({"ship_to": Address("A", "", HILL, "Reno", "NV", "", "US")}, "postcode of the buyer: expected one"),
        ({"ship_to": Address("A", "", HILL, "Reno", "NV", "89502", "America")}, "country of the buyer: expected two"),
        ({"ship_to": Address("A", "", (), "Reno", "NV", "89502", "US")}, "street of the buyer: expected one"),
        ({"ship_to": Address("", "", HILL, "Reno", "NV", "89502", "US")}, "name of the buyer: expected one"),
        ({"ship_to": Address("A", "", ("x" * 36,), "Reno", "NV", "89502", "US")}, "two lines of 35 characters"),
        ({"hazmat": True}, "dangerous goods: no service"),
    ],
)
def test_a_parcel_that_cannot_travel_is_refused_before_anybody_is_asked(wrong: dict[str, Any], words: str) -> None:
    place = ups()
    with pytest.raises(Refused, match=words):
        place.carrier(UPS).quote(parcel(**wrong))
    with pytest.raises(Refused, match=words):
        place.carrier(UPS).buy(request("ups_ground", **wrong), "P-7")
    assert place.asked == []


def test_a_long_street_is_broken_between_words_and_never_cut() -> None:
    place = ups()
    street = "1209 North Orange Blossom Boulevard, Building 7"
    place.carrier(UPS).quote(parcel(ship_to=Address("A", "", (street,), "Reno", "NV", "89502", "US")))
    lines = place.bodies("/api/rating/")[0]["RateRequest"]["Shipment"]["ShipTo"]["Address"]["AddressLine"]
    assert " ".join(lines) == street


def test_dangerous_goods_go_only_with_the_services_the_owner_named() -> None:
    place = ups()
    carrier = place.carrier(UPS, hazmat_services=["ups_ground"])
    assert [q.service for q in carrier.quote(parcel(hazmat=True))] == ["ups_ground"]
    with pytest.raises(Refused, match="service for dangerous goods: expected one of ups_ground, found 'ups_2nd_day"):
        carrier.buy(request("ups_2nd_day_air", hazmat=True), "P-7")
    assert carrier.buy(request("ups_ground", hazmat=True), "P-8").tracking


def test_a_service_that_is_not_the_carriers_or_not_allowed_is_not_bought() -> None:
    place = ups()
    with pytest.raises(Refused, match="found 'ups_teleport'"):
        place.carrier(UPS).buy(request("ups_teleport"), "P-7")
    with pytest.raises(Refused, match="expected one of ups_ground, found 'ups_2nd_day_air'"):
        place.carrier(UPS, services=["ups_ground"]).buy(request("ups_2nd_day_air"), "P-7")
    assert place.asked == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"carrier": "pigeon"}, "carrier: expected one of .*ups, usps, found 'pigeon'"),
        ({"carrier": ""}, "carrier: expected the name of a carrier"),
        ({"clientid": "x"}, "settings: expected one of this carrier's, as .*client_id.*, found 'clientid'"),
        ({"client_secret": None, "client_id": "x"}, "client_secret"),
        ({"options": {"signature": True}}, "options: expected one of this carrier's, as .*, found 'signature'"),
        ({"services": ["ups_grond"]}, "services: expected one of this carrier's, as ups_ground.*, found 'ups_grond'"),
        ({"hazmat_services": ["x"]}, "services: expected one of this carrier's"),
        ({"label": "png"}, 'label: expected "zpl" or "pdf", found'),
        ({"test": "yes"}, "test: expected true or false, found 'yes'"),
    ],
)
def test_settings_that_cannot_work_name_what_is_wrong(wrong: dict[str, Any], words: str) -> None:
    settings = {name: value for name, value in {**UPS, **wrong}.items() if value is not None}
    with pytest.raises(DomainError, match=words) as told:
        ups().carrier({}, **settings)
    assert told.value.code == "invalid"


def test_a_secret_in_a_file_is_read_for_every_call(tmp_path: Any) -> None:
    kept = tmp_path / "secret"
    settings = {name: value for name, value in UPS.items() if name != "client_secret"}
    carrier = ups().carrier(settings, client_secret_file=str(kept))
    with pytest.raises(Denied, match="client_secret_file: expected a readable file"):
        carrier.quote(parcel())
    kept.write_text("from-the-file\n")
    assert carrier.quote(parcel())


def test_options_of_the_account_reach_the_carrier() -> None:
    place = usps()
    place.carrier(USPS, options={"usps_signature_confirmation": True}).buy(request("usps_priority_mail"), "P-7")
    assert place.bodies("/labels/v3/label")[0]["packageDescription"]["extraServices"] == [921]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("karrio-*.example.toml")), ids=lambda path: path.name)
def test_the_examples_that_people_copy_are_settings_that_work(path: Path) -> None:
    settings = tomllib.loads(path.read_text(encoding="utf-8"))
    assert ups().carrier(settings)
