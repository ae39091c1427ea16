"""Each thing that may be wrong with an order has a code of its own (VAL-03)."""

from dataclasses import replace
from typing import Any

import pytest

from server.domain.sales.defects import DEFECT_CODES, Known, first_defect
from server.domain.sales.payments import Hindrance
from server.trade.orders import IncomingOrder, ShipTo, SoldLine

HOME = ShipTo(name="Zoe Quill", lines=("7 Hidden Lane",), city="Portland", postcode="04101", country="US")
ORDER = IncomingOrder(
    order_id="S-1",
    placed_at=None,
    paid=True,
    currency="USD",
    ship_by=None,
    carrier="own-van",
    service="standard",
    note="",
    ship_to=HOME,
    lines=(SoldLine(sku="SOAP", quantity=1),),
)
KNOWN = Known({"SOAP"}, ("own-van",), {"standard"})


def line(sku: str, quantity: int = 1) -> dict[str, Any]:
    return {"lines": (SoldLine(sku="SOAP", quantity=1), SoldLine(sku=sku, quantity=quantity))}


def home(**change: Any) -> dict[str, Any]:
    return {"ship_to": replace(HOME, **change)}


DEFECTS: dict[str, tuple[dict[str, Any], bool]] = {
    "no_lines": ({"lines": ()}, False),
    "no_sku": (line(" "), False),
    "unknown_sku": (line("NOPE"), False),
    "bad_quantity": (line("SOAP", 0), False),
    "too_many_units": (line("SOAP", 10**15), False),
    "no_name": (home(name=""), True),
    "no_street": (home(lines=()), True),
    "no_city": (home(city=""), True),
    "no_country": (home(country=""), True),
    "bad_country": (home(country="Atlantis"), True),
    "no_postcode": (home(postcode=""), True),
    "bad_postcode": (home(postcode="1"), True),
    "unknown_carrier": ({"carrier": "pigeon"}, True),
    "unknown_service": ({"service": "by dream"}, True),
}
MONEY = {"fraud": False, "payment_failed": False, "part_paid": True, "unpaid": True}


@pytest.mark.parametrize("code", DEFECTS)
def test_each_defect_is_held_with_a_code_of_its_own(code: str) -> None:
    change, keeps_units = DEFECTS[code]
    found = first_defect(replace(ORDER, **change), KNOWN)
    assert found is not None
    assert (found.code, found.keeps_units, found.told) == (code, keeps_units, True)
    assert "Zoe" not in found.cause


@pytest.mark.parametrize("code", MONEY)
def test_an_order_without_its_money_or_under_suspicion_is_held(code: str) -> None:
    found = first_defect(ORDER, KNOWN, Hindrance(code))
    assert found is not None
    assert (found.code, found.keeps_units) == (code, MONEY[code])


def test_every_code_is_listed_with_its_meaning() -> None:
    assert set(DEFECTS) | set(MONEY) == set(DEFECT_CODES)
    assert len(DEFECTS) >= 12


def test_an_order_without_defects_has_none() -> None:
    assert first_defect(ORDER, KNOWN) is None
    assert first_defect(replace(ORDER, service="anything", carrier=""), KNOWN._replace(services=None)) is None


def test_what_leaves_nothing_to_reserve_is_more_pressing_than_an_address_and_that_than_money() -> None:
    wrong = replace(ORDER, **line("NOPE"), **home(city=""))
    assert [
        getattr(first_defect(order, KNOWN, Hindrance.UNPAID), "code", None)
        for order in (wrong, replace(ORDER, **home(city="")), ORDER)
    ] == ["unknown_sku", "no_city", "unpaid"]


def test_fraud_is_not_hidden_by_a_bad_address() -> None:
    found = first_defect(replace(ORDER, **home(city="")), KNOWN, Hindrance.FRAUD)
    assert found is not None
    assert found.code == "fraud"
