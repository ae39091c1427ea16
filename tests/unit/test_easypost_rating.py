"""What EasyPost is told of a parcel: exact units, rounded up, and nothing it cannot take (RAT-03, RAT-06)."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from server.calls.line import Line
from server.calls.troubles import Refused
from server.carriers import Account, capabilities, carrier, settings_of
from server.carriers.easypost.rating import quotes, shipment_of
from server.carriers.easypost.units import inches, ounces
from server.domain.errors import DomainError
from tests.easypost_stand import AWAY, PARCEL, Stand


@pytest.mark.parametrize(
    ("grams", "expected"), [(1, "0.1"), (28, "1.0"), (29, "1.1"), (453, "16.0"), (454, "16.1"), (31752, "1120.1")]
)
def test_grams_become_ounces_rounded_up_to_a_tenth(grams: int, expected: str) -> None:
    assert ounces(grams) == Decimal(expected)


@pytest.mark.parametrize(("mm", "expected"), [(254, "10.0"), (255, "10.1"), (1, "0.1"), (300, "11.9")])
def test_millimetres_become_inches_rounded_up_to_a_tenth(mm: int, expected: str) -> None:
    assert inches(mm) == Decimal(expected)


def test_what_easypost_would_bill_is_never_less_than_what_the_parcel_weighs() -> None:
    for grams in range(1, 3000):
        over = ounces(grams) * Decimal("28.349523125") - grams
        assert 0 <= over < Decimal("2.84")


def test_the_body_is_what_easypost_reads() -> None:
    told = shipment_of({"carrier_accounts": ["ca_1"]}, replace(PARCEL, size_mm=(300, 200, 150)), "1042")["shipment"]
    assert told["parcel"] == {"weight": 17.7, "length": 11.9, "width": 7.9, "height": 6.0}
    assert (told["carrier_accounts"], told["reference"]) == (["ca_1"], "1042")
    assert told["options"] == {"label_format": "ZPL", "label_size": "4x6"}
    assert told["to_address"]["zip"] == "94107"
    json.dumps(told)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"weight_grams": None}, "expected a weight above 0 g"),
        ({"weight_grams": -5}, "expected a weight above 0 g"),
        ({"ship_to": replace(AWAY, country="CA")}, "customs_signer: expected who signs for customs in the settings"),
        ({"ship_to": replace(AWAY, lines=())}, "expected a street in the address of the buyer"),
        ({"ship_from": replace(AWAY, postcode="")}, "expected a postcode in the address of the site"),
        ({"hazmat": True}, "dangerous goods"),
    ],
)
def test_a_parcel_that_cannot_go_is_refused_before_anybody_is_called(changes: dict[str, Any], says: str) -> None:
    stand = Stand()
    with pytest.raises(Refused, match=says):
        stand.buy(**changes)
    assert stand.easypost.asked == []


def test_dangerous_goods_are_declared_in_the_word_of_the_settings() -> None:
    told = shipment_of({"hazmat": "LITHIUM"}, replace(PARCEL, hazmat=True))
    assert told["shipment"]["options"]["hazmat"] == "LITHIUM"


def test_quotes_name_every_service_with_its_days_and_only_of_the_accounts_that_are_asked() -> None:
    every = {each.service: each for each in Stand().carrier.quote(PARCEL)}
    assert (every["USPS.GroundAdvantage"].days, every["UPS.2ndDayAir"].days) == (5, 2)
    assert every["UPS.NextDayAir"].guaranteed
    only = Stand(settings={"carrier_accounts": ["ca_ups"]}).carrier.quote(PARCEL)
    assert {each.service.partition(".")[0] for each in only} == {"UPS"}


def test_a_service_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(Refused, match=r"no rate for 'USPS.Media'; there are UPS.2ndDayAir, UPS.Ground"):
        Stand().buy(service="USPS.Media")
    with pytest.raises(Refused, match=r"UPS.NextDayAir \(USPS: the parcel is too heavy\)"):
        Stand().buy(weight_grams=40_000)


def test_broken_rates_are_left_out_and_the_cheaper_of_two_accounts_counts() -> None:
    good = {"id": "rate_1", "carrier": "UPS", "service": "Ground", "rate": "9.00", "currency": "USD"}
    cheaper = good | {"id": "rate_2", "rate": "8.50", "delivery_days": True}
    broken = [good | {"service": None}, good | {"rate": "NaN"}, good | {"rate": 7}, good | {"rate": "-1"}, "x"]
    [only] = quotes({"rates": [good, cheaper, *broken]}, "shp_1")
    assert (only.quote_id, only.price, only.days) == ("shp_1", Decimal("8.50"), None)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({}, "api_key: expected it, or api_key_file"),
        ({"api_key": "k", "api_url": "http://api.easypost.com"}, "api_url: expected https"),
        ({"api_key": "k", "carrier_accounts": "ca_1"}, "carrier_accounts: expected a list"),
        ({"api_key": "k", "services": {"standard": "Ground"}}, "services: expected a table"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], says: str) -> None:
    line: Line = None  # type: ignore[assignment] # nobody is called
    with pytest.raises(DomainError, match=says):
        carrier(Account("easypost", "EasyPost", "easypost", settings=settings), line)


def test_no_setting_anywhere_adds_to_a_price() -> None:
    names = {each.name for each in settings_of("easypost") or ()}
    assert not [name for name in names if any(word in name for word in ("margin", "markup", "fee", "percent"))]


def test_it_is_heard_only_with_a_secret_and_prints_nothing_without_internet() -> None:
    can = capabilities(Account("e", "E", "easypost", settings={"api_key": "k"}))
    assert (can.hear, can.allot, can.offline) == (False, False, False)
    assert capabilities(Account("e", "E", "easypost", settings={"webhook_secret_file": "f"})).hear
