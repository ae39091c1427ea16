"""Money and labels as carriers write them: exact where they are right, nothing where they are not."""

import base64
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from server.carriers.karrio.answers import label, price, quotes, sentences


@pytest.mark.parametrize(
    ("amount", "currency", "found"),
    [
        (9.9, "USD", Decimal("9.90")),
        ("12.345", "usd", Decimal("12.34")),
        (0.1 + 0.2, "EUR", Decimal("0.30")),
        (1200.0, "JPY", Decimal(1200)),
        (1.5, "KWD", Decimal("1.500")),
    ],
)
def test_money_has_the_digits_of_its_currency(amount: Any, currency: str, found: Decimal) -> None:
    told = price(amount, currency)
    assert told is not None
    assert (str(told.amount), told.currency) == (str(found), currency.upper())


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(float("nan"), "USD"), (float("inf"), "USD"), (-1, "USD"), (None, "USD"), ("", "USD"), (1, None), (1e12, "USD")],
)
def test_what_is_no_money_is_no_price_and_no_offer(amount: Any, currency: Any) -> None:
    assert price(amount, currency) is None
    rate = SimpleNamespace(service="s", total_charge=amount, currency=currency, meta={}, transit_days=None)
    assert quotes([rate], None) == []


@pytest.mark.parametrize(
    ("encoded", "kind"),
    [
        (base64.b64encode(b"^XA^FS^XZ").decode(), "zpl"),
        ("^XA^FS^XZ", "zpl"),
        (base64.b64encode(b"%PDF-1.7 ...").decode(), "pdf"),
        (base64.b64encode(b"^XA cut in the middle").decode(), None),
        (base64.b64encode(b"GIF89a").decode(), None),
        ("not base64 at all!", None),
        (None, None),
    ],
)
def test_only_what_a_printer_could_take_is_a_label(encoded: Any, kind: str | None) -> None:
    found = label(encoded)
    assert (found.format if found else None) == kind


def test_what_a_carrier_says_is_said_once_and_without_control_bytes() -> None:
    message = SimpleNamespace(message="No\x1b[31m such\nstreet", code="7")
    assert sentences([message, message]) == "No [31m such street (7)"
    assert sentences([]) == "the carrier said nothing"
