"""The body of the PUT that replaces a listing's products: everything as it was, only the quantities new.

Etsy shows more than it takes back: ids and deletion marks are left out, and the price is a number.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from server.calls.troubles import Refused
from server.channels.etsy.inventory import Shelf, offerings
from server.channels.etsy.receipts import exact
from server.domain.errors import DomainError
from server.trade.words import Answer, failed

ARRAYS = ("price_on_property", "quantity_on_property", "sku_on_property", "readiness_state_on_property")

_numbers = msgspec.json.Encoder(decimal_format="number")


def counted(shelf: Shelf, target: Mapping[str, int]) -> int:
    """Units that buyers could see: those of enabled offerings."""
    return sum(
        target[ref]
        for ref, product in shelf.products.items()
        if any(offering.get("is_enabled", True) for offering in offerings(product))
    )


def spread(
    shelf: Shelf, base: Mapping[str, int], wanted: Mapping[str, int]
) -> tuple[dict[str, int], dict[str, Answer]]:
    """The new numbers of all products, and an answer for each ref that cannot have its own.

    Products that look alike in the properties of ``quantity_on_property`` share one number on Etsy.
    """
    target, answers = dict(base), dict[str, Answer]()
    for ref in wanted:
        if ref not in target:
            answers[ref] = failed(Refused(f"listing {ref[:80]}: this variation is no longer in it"))
    for group in _sharing(shelf):
        asked = {ref: wanted[ref] for ref in group if ref in wanted}
        if not asked:
            continue
        skus = {shelf.products[ref].get("sku") for ref in group}
        if len(set(asked.values())) == 1 and (len(asked) == len(group) or len(skus) == 1):
            target |= dict.fromkeys(group, next(iter(asked.values())))
        else:
            text = "its variations share one quantity on Etsy: let the quantity vary as the SKU does"
            answers |= {ref: failed(Refused(f"listing {ref[:80]}: {text}")) for ref in asked}
    return target, answers


def body_of(shelf: Shelf, target: Mapping[str, int]) -> bytes:
    """The request; raise Refused where Etsy shows a product that it would not take back."""
    try:
        products = [_product(product, target[ref]) for ref, product in shelf.products.items()]
    except DomainError as error:
        raise Refused(error.detail) from error
    return _numbers.encode({"products": products, **{name: list(shelf.raw.get(name) or ()) for name in ARRAYS}})


def _sharing(shelf: Shelf) -> list[list[str]]:
    """Refs that have one number in common."""
    own = set(shelf.raw.get("quantity_on_property") or ())
    groups: dict[str, list[str]] = {}
    for ref, product in shelf.products.items():
        values = [v for v in product.get("property_values") or () if v.get("property_id") in own]
        look = sorted(f"{v.get('property_id')}={v.get('value_ids')}{v.get('values')}" for v in values)
        groups.setdefault("|".join(look), []).append(ref)
    return list(groups.values())


def _product(product: Mapping[str, Any], units: int) -> dict[str, Any]:
    sold = offerings(product)
    if len(sold) != 1:
        raise DomainError("malformed", f"offerings: expected one for each product, found {len(sold)}")
    offering = {
        "price": exact(sold[0].get("price"), "price"),
        "quantity": units,
        "is_enabled": bool(sold[0].get("is_enabled", True)),
        "readiness_state_id": sold[0].get("readiness_state_id"),
    }
    values = [_value(value) for value in product.get("property_values") or ()]
    return {"sku": str(product.get("sku") or ""), "property_values": values, "offerings": [offering]}


def _value(value: Mapping[str, Any]) -> dict[str, Any]:
    taken = {name: value.get(name) for name in ("property_id", "value_ids", "values", "scale_id")}
    if isinstance(value.get("property_name"), str):
        taken["property_name"] = value["property_name"]
    return taken
