"""A parcel that crosses a border: customs are told what is in it, and what nobody said is asked for by name."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from server.calls.troubles import Refused
from server.carriers import Account, capabilities
from server.carriers.easypost.rating import shipment_of
from server.trade.customs import CustomsItem, crosses, lacking
from tests.easypost_stand import AWAY, PARCEL, Stand

SOAP = CustomsItem(
    sku="SOAP",
    units=3,
    text="Soap bar",
    value=Decimal("4.50"),
    currency="USD",
    grams=120,
    origin="DE",
    hs_code="340111",
)
ABROAD = replace(PARCEL, ship_to=replace(AWAY, country="CA", postcode="V6B 1A1", region="BC"), customs=(SOAP,))
SIGNED = {"customs_signer": "Ana Roth"}


@pytest.mark.parametrize(
    ("ends", "border"),
    [
        (("US", "us "), False),
        (("US", "CA"), True),
        (("DE", "FR"), False),
        (("DE", "CH"), True),
        (("GB", "IE"), True),
        (("", "US"), False),
        (("US", "PR"), False),
        (("US", "VI"), True),
        (("FR", "MC"), False),
    ],
)
def test_customs_look_at_what_leaves_a_country_or_the_union(ends: tuple[str, str], border: bool) -> None:
    assert crosses(*ends) is border


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"hs_code": ""},
            r"expected hs_code of SOAP \(6 to 10 digits\), found none: packproof sku set SOAP",
        ),
        ({"hs_code": "3401"}, "hs_code of SOAP .* found '3401'"),
        ({"origin": "Germany"}, r"origin_country of SOAP \(two letters\), found 'Germany'"),
        ({"value": None}, "customs_value of SOAP .*as 4.50 USD"),
        ({"value": Decimal("NaN")}, "customs_value of SOAP"),
        ({"currency": ""}, "customs_value of SOAP"),
        ({"grams": 0}, "weight of SOAP .* give the product a weight"),
        ({"text": " "}, "customs_text of SOAP"),
    ],
)
def test_what_customs_want_and_nobody_said_is_named_before_anybody_is_called(
    changes: dict[str, Any], says: str
) -> None:
    stand = Stand(settings=SIGNED)
    with pytest.raises(Refused, match=says):
        stand.carrier.quote(replace(ABROAD, customs=(SOAP, replace(SOAP, **changes))))
    assert stand.easypost.asked == []


def test_values_of_several_currencies_and_an_empty_parcel_are_no_declaration() -> None:
    assert lacking((SOAP, replace(SOAP, currency="EUR"))) == "customs: expected values in one currency, found EUR, USD"
    assert "found nothing" in lacking(())
    assert lacking((SOAP,)) == ""


def test_easypost_tells_customs_what_is_inside_and_the_label_is_bought() -> None:
    stand = Stand(settings=SIGNED)
    bought = stand.buy(ship_to=ABROAD.ship_to, customs=(SOAP,))
    info = stand.easypost.shipments[bought.shipment_id]["customs_info"]
    assert (info["customs_signer"], info["customs_certify"], info["eel_pfc"]) == ("Ana Roth", True, "NOEEI 30.37(a)")
    assert info["customs_items"] == [
        {
            "description": "Soap bar",
            "quantity": 3,
            "value": 13.5,
            "currency": "USD",
            "weight": 12.7,
            "hs_tariff_number": "340111",
            "origin_country": "DE",
            "code": "SOAP",
        }
    ]
    assert "customs_info" not in shipment_of(SIGNED, PARCEL)["shipment"]


def test_goods_of_one_number_worth_more_than_2500_usd_need_a_filing() -> None:
    many = replace(SOAP, units=556)
    with pytest.raises(Refused, match=r"worth 2502.00 USD leave the US with a filing \(AES\) only"):
        shipment_of(SIGNED, replace(ABROAD, customs=(many,)))
    info = shipment_of(SIGNED | {"eel_pfc": "X20260302123456"}, replace(ABROAD, customs=(many,)))
    assert info["shipment"]["customs_info"]["eel_pfc"] == "X20260302123456"
    two = (replace(SOAP, units=300), replace(SOAP, sku="MUG", hs_code="691200", units=300))
    assert shipment_of(SIGNED, replace(ABROAD, customs=two)), "each number counts by itself"


def test_only_an_account_with_somebody_who_signs_takes_parcels_over_a_border_and_own_vans_never_do() -> None:
    def abroad(provider: str, **settings: object) -> bool:
        return capabilities(Account("a", "A", provider, settings=settings)).customs

    assert not abroad("own_van")
    assert not abroad("easypost", api_key="k")
    assert abroad("easypost", api_key="k", **SIGNED)
