"""What customs want to know of a parcel that crosses a border, in the words of no carrier. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

_TERRITORIES = (
    frozenset(
        "AT BE BG HR CY CZ DE DK EE ES FI FR GR HU IE IT LT LU LV MT NL PL PT RO SE SI SK MC".split()  # noqa: SIM905
    ),
    frozenset({"US", "PR"}),
)
"""Countries of one customs territory. That of the EU are its members and Monaco (Regulation (EU) 952/2013, article 4);
that of the United States are the states, the District of Columbia and Puerto Rico (19 CFR 101.1)."""
_HS = re.compile(r"[0-9]{6,10}")
TEXT_MAX = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomsItem:
    """Units of one product in a parcel. ``value`` and ``grams`` are of one unit; what nobody knows is empty."""

    sku: str
    units: int
    text: str = ""
    value: Decimal | None = None
    currency: str = ""
    grams: int | None = None
    origin: str = ""
    """The country it was made in, two letters (ISO 3166)."""
    hs_code: str = ""
    """Its number in the Harmonized System: 6 digits, or more where a country adds some."""


def crosses(origin: str, destination: str) -> bool:
    """Whether customs look at a parcel between these countries; not where one of both is not known."""
    ends = {origin.strip().upper(), destination.strip().upper()}
    return "" not in ends and len(ends) == 2 and not any(ends <= territory for territory in _TERRITORIES)


def lacking(items: Iterable[CustomsItem]) -> str:
    """The first thing that is missing or wrong, with what was expected and how it is put right; "" for nothing."""
    found = list(items)
    if not found:
        return "customs: expected what is in the parcel, found nothing"
    for item in found:
        for name, said, good, expected in _asked(item):
            if not good:
                was = repr(said)[:40] if said else "none"
                return f"customs: expected {name} of {item.sku} ({expected}), found {was}: {_mend(item.sku, name)}"
    if len({item.currency for item in found}) > 1:
        listed = ", ".join(sorted({item.currency for item in found}))
        return f"customs: expected values in one currency, found {listed}"
    return ""


def _asked(item: CustomsItem) -> Iterable[tuple[str, object, bool, str]]:
    value = item.value
    priced = value is not None and value.is_finite() and value > 0 and bool(re.fullmatch("[A-Z]{3}", item.currency))
    yield "hs_code", item.hs_code, bool(_HS.fullmatch(item.hs_code)), "6 to 10 digits"
    yield "origin_country", item.origin, bool(re.fullmatch("[A-Z]{2}", item.origin)), "two letters"
    yield "customs_value", item.value, priced, "of one unit, as 4.50 USD"
    yield "weight", item.grams, bool(item.grams and item.grams > 0), "of one unit, above 0 g"
    yield "customs_text", item.text, bool(item.text.strip()), "what it is, in words"


def _mend(sku: str, name: str) -> str:
    if name == "weight":
        return "give the product a weight"
    return f"packproof sku set {sku} --attribute {name}=..."
