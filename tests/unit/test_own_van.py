"""The fixed table and the tracking number of our own vans."""

import time
from decimal import Decimal

import httpx
import pytest

from printing.documents import Address
from scanners.barcode import parse
from server.calls.line import Line
from server.calls.pace import Pace
from server.calls.troubles import Refused
from server.carriers import BUILT_IN, Account, Carrier, capabilities, carrier
from server.carriers.own_van import check_digit, price, rates, tracking
from server.domain.errors import DomainError
from server.trade.shipping import BuyRequest, Consignment

PACE = Pace({}, time.time)


def test_the_check_digit_is_that_of_gs1() -> None:
    # GS1 General Specifications 7.9.1: GTIN-13 6291041500213, and EAN-13 4006381333931.
    assert (check_digit("629104150021"), check_digit("400638133393")) == (3, 1)


def test_tracking_numbers_are_unique_and_never_look_like_a_product() -> None:
    numbers = [tracking(n) for n in range(1, 2000)]
    assert len(set(numbers)) == len(numbers)
    assert {len(number) for number in numbers} == {13}
    assert not any(parse(number).gtin or parse(number).sscc or parse(number).bad_read for number in numbers)


@pytest.mark.parametrize("number", [0, -1, 10**10])
def test_a_number_that_does_not_fit_is_refused_rather_than_cut(number: int) -> None:
    with pytest.raises(Refused, match="at most 10 digits"):
        tracking(number)


@pytest.mark.parametrize(
    ("country", "postcode", "grams", "cost"),
    [
        ("US", "94107", 500, "3.90"),
        ("us", "10001", 500, "5.50"),
        ("US", "94107", 2001, "6.20"),
        ("FR", "75001", 500, "9.00"),
        ("GB", "SW1A 1AA", 30000, "11.90"),
    ],
)
def test_the_longest_zone_and_the_lightest_class_give_the_price(
    country: str, postcode: str, grams: int, cost: str
) -> None:
    assert price(country, postcode, grams).price == Decimal(cost)


def test_a_parcel_too_heavy_for_every_class_is_refused_with_the_limit() -> None:
    with pytest.raises(Refused, match="at most 30000 g to this destination, found 30001 g"):
        price("US", "94107", 30001)


def test_buying_twice_gives_the_same_purchase() -> None:
    to = Address(name="x", country="US", postcode="94107")
    request = BuyRequest(parcel_id="PCL0000007", number=7, service="standard", ship_from=to, ship_to=to)
    with httpx.Client() as client:
        van = carrier(BUILT_IN["own-van"], Line("own-van", {}, client, time.time, Pace({}, time.time)))
    assert van.buy(request, "PCL0000007") == van.buy(request, "PCL0000007")
    assert van.buy(request, "PCL0000007").tracking == tracking(7)


ZONE = {"country": "de", "postcode": "10", "up_to_grams": 5000, "price": "4.20", "currency": "eur"}


def van(**settings: object) -> Carrier:
    with httpx.Client() as client:
        return carrier(Account("v", "V", "own_van", settings=settings), Line("v", {}, client, time.time, PACE))


def test_an_owners_own_zones_take_the_place_of_the_table() -> None:
    ours = van(zones=[ZONE, ZONE | {"country": "DE", "postcode": "", "price": 6}], services={"same-day": 0})

    def asked(postcode: str, country: str = "DE", grams: int = 100) -> list[tuple[str, str, int | None]]:
        to = Address(name="x", country=country, postcode=postcode)
        quotes = ours.quote(Consignment(ship_from=to, ship_to=to, weight_grams=grams))
        return [(f"{each.price} {each.currency}", each.service, each.days) for each in quotes]

    assert asked("10115") == [("4.20 EUR", "same-day", 0)]
    assert asked("80331") == [("6 EUR", "same-day", 0)]
    with pytest.raises(Refused, match="expected a place in one of the zones, found US 941"):
        asked("94107", "US")
    with pytest.raises(Refused, match="at most 5000 g"):
        asked("10115", grams=5001)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"zones": []}, "zones: expected at least one table"),
        ({"zones": [ZONE, {"country": "DE"}]}, "zones: 2: expected country, postcode, up_to_grams, price, currency"),
        ({"zones": [ZONE | {"price": "4,20"}]}, "zones: 1: expected price of at least 0, found '4,20'"),
        ({"zones": [ZONE | {"country": "Germany"}]}, "zones: 1: expected country .two letters, or .*found 'Germany'"),
        ({"zones": [ZONE | {"up_to_grams": 0}]}, "expected up_to_grams above 0, found '0'"),
        ({"services": ["standard"]}, "services: expected days for each"),
    ],
)
def test_settings_of_own_vans_that_cannot_work_are_named(settings: dict[str, object], says: str) -> None:
    with pytest.raises(DomainError, match=says):
        capabilities(Account("v", "V", "own_van", settings=settings))


def test_every_price_in_the_table_is_money() -> None:
    assert all(rate.price > 0 and len(rate.currency) == 3 for rate in rates())
