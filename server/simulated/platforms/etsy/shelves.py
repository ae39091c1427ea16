"""Listings of the simulated shop. One item of the market is one product; products with the same ``listing`` are one."""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.etsy.sales import escaped, money
from server.simulated.platforms.market import Item, Market

MOST = 999
ARRAYS = ("price_on_property", "quantity_on_property", "sku_on_property", "readiness_state_on_property")
READINESS = 4_400_001
BEGAN = 1_700_000_000

_PRODUCT = {"sku", "property_values", "offerings"}
_OFFERING = {"price", "quantity", "is_enabled", "readiness_state_id"}


class Shelves:
    """A listing is active, sold_out when the last unit is bought, or inactive when the seller says so.

    ``conflicts`` next writes meet a 409. ``renewed`` are the listings that cost a fee. ``commas``: ids of a batch are
    believed only when they come as one parameter.
    """

    def __init__(self, market: Market, shop_id: int, user_id: int) -> None:
        self.market, self.shop_id, self.user_id = market, shop_id, user_id
        self.conflicts, self.commas = 0, False
        self.renewed: list[int] = []
        self.puts: list[tuple[int, dict[str, Any]]] = []
        self._off: set[int] = set()
        self._arrays: dict[int, dict[str, list[int]]] = {}
        self._written: dict[int, int] = {}

    def offer(
        self,
        listing: int,
        products: Mapping[str, tuple[int, Mapping[int, str]]],
        *,
        arrays: Sequence[str] = ARRAYS[1:3],
        cents: int = 1900,
    ) -> list[Item]:
        """A listing with variations: SKU -> (units, {property: value}); ``arrays`` vary with all its properties."""
        items = []
        for nth, (sku, (units, picked)) in enumerate(products.items()):
            values = [
                {
                    "property_id": number,
                    "property_name": f"Property {number}",
                    "scale_id": None,
                    "value_ids": [number * 10**6 + zlib.crc32(value.encode()) % 10**6],
                    "values": [value],
                }
                for number, value in picked.items()
            ]
            extra = {"listing": listing, "values": values}
            items.append(self.market.offer(sku, units, ref=f"{listing}.{nth}", cents=cents, title="Mug", extra=extra))
        ids = sorted({number for _, picked in products.values() for number in picked})
        self._arrays[listing] = {name: ids if name in arrays else [] for name in ARRAYS}
        return items

    def listing_id(self, item: Item) -> int:
        """The number of the listing this item is in."""
        return int(
            item.extra.get("listing")
            or (item.ref if item.ref.isdigit() else 5_000_000 + zlib.crc32(item.ref.encode()) % 10**6)
        )

    def listed(self, ask: Ask) -> Said:
        """getListingsByShop."""
        limit, offset = int(ask.one("limit", "25")), int(ask.one("offset", "0"))
        if not 1 <= limit <= 100:
            return Said.of({"error": "limit must be between 1 and 100"}, 400)
        inside = "Inventory" in [value for name, value in ask.query if name == "includes"]
        groups = self._groups()
        found = [i for i in sorted(groups, reverse=True) if self.state(i, groups[i]) == ask.one("state", "active")]
        rows = [self._row(i, groups[i], inside=inside) for i in found[offset : offset + limit]]
        return Said.of({"count": len(found), "results": rows})

    def batch(self, ask: Ask) -> Said:
        """getListingsInventoryByListingIds: all of them, or none."""
        given = [value for name, value in ask.query if name == "listing_ids"]
        ids = [text for value in (given[-1:] if self.commas else given) for text in value.split(",")]
        if not ids or len(ids) > 100 or not all(text.isdigit() for text in ids):
            return Said.of({"error": "listing_ids: expected 1 to 100 numbers"}, 400)
        groups = self._groups()
        if any(int(text) not in groups for text in ids):
            return Said.of({"error": "Could not find one or more listings"}, 404)
        rows = [self._row(int(text), groups[int(text)], inside=True) for text in ids]
        return Said.of({"count": len(rows), "results": rows})

    def inventory(self, ask: Ask, listing: str) -> Said:
        """getListingInventory."""
        items = self._groups().get(int(listing))
        if items is None:
            return Said.of({"error": "Listing not found"}, 404)
        inside = {"listing": self._row(int(listing), items)} if ask.one("includes") == "Listing" else {}
        return Said.of(self._inventory(int(listing), items) | inside)

    def replaced(self, ask: Ask, listing: str) -> Said:
        """updateListingInventory: what is not sent is gone."""
        number, items = int(listing), self._groups().get(int(listing))
        if items is None:
            return Said.of({"error": "Listing not found"}, 404)
        if self.conflicts:
            self.conflicts -= 1
            return Said.of({"error": "The listing is being edited"}, 409)
        body = json.loads(ask.body, parse_float=Decimal)
        if why := self._wrong(body, items):
            return Said.of({"error": why}, 400)
        self.puts.append((number, body))
        sent = {_look(product.get("property_values") or ()): product for product in body["products"]}
        live = self.state(number, items) == "active"
        for item in items:
            product = sent.get(_look(item.extra.get("values", ())))
            if product is None:
                del self.market.items[item.ref]
            else:
                self._take(item, product, live=live)
        self._arrays[number] = {name: list(body.get(name) or ()) for name in ARRAYS}
        self._written[number] = self._written.get(number, 0) + 1
        return Said.of(self._inventory(number, self._groups().get(number, [])))

    def patched(self, ask: Ask, listing: str) -> Said:
        """updateListing, as far as the state goes."""
        number, items = int(listing), self._groups().get(int(listing))
        if items is None:
            return Said.of({"error": "Listing not found"}, 404)
        before, wanted = self.state(number, items), ask.form().get("state", "")
        if wanted == "inactive" and before == "sold_out":
            return Said.of({"error": "There was a problem with /quantity : cannot be empty"}, 400)
        if wanted == "inactive" and before == "active":
            for item in items:
                item.extra["kept"] = item.quantity
                self.market.write(item.ref, 0)
            self._off.add(number)
        if wanted == "active" and before == "inactive":
            self._off.discard(number)
            for item in items:
                self.market.write(item.ref, item.extra.pop("kept", 0))
        if wanted == "active" and before == "sold_out":
            self.renewed.append(number)
            for item in items:
                item.extra.pop("kept", None)
            self.market.write(items[0].ref, 1)
        return Said.of(self._row(number, items))

    def state(self, listing: int, items: Sequence[Item]) -> str:
        """Of the listing."""
        if any(item.quantity for item in items):
            return "active"
        return "inactive" if listing in self._off else "sold_out"

    def _take(self, item: Item, product: Mapping[str, Any], *, live: bool) -> None:
        offering = product["offerings"][0]
        item.sku, item.cents = str(product.get("sku") or ""), int(offering["price"] * 100)
        item.extra["is_enabled"] = offering["is_enabled"]
        if not live:
            item.extra["kept"] = offering["quantity"]
        elif item.quantity != offering["quantity"]:
            self.market.write(item.ref, offering["quantity"])

    def _wrong(self, body: Any, items: Sequence[Item]) -> str:
        """What Etsy finds wrong with a body; empty when nothing is."""
        products = body.get("products") if isinstance(body, dict) else None
        if not products:
            return "products: expected at least one"
        for product in products:
            strange = set(product) - _PRODUCT | {n for o in product.get("offerings", ()) for n in set(o) - _OFFERING}
            if strange:
                return f"Unexpected fields: {', '.join(sorted(strange))}"
            if len(product.get("offerings", ())) != 1 or set(product["offerings"][0]) != _OFFERING:
                return "offerings: expected one with price, quantity, is_enabled and readiness_state_id"
            if not 0 <= product["offerings"][0]["quantity"] <= MOST:
                return f"quantity: must be between 0 and {MOST}"
        if not any(p["offerings"][0]["quantity"] for p in products):
            return "One offering must have quantity greater than 0"
        looks = [_look(product.get("property_values") or ()) for product in products]
        if len(set(looks)) < len(looks) or (len(items) > 1 and "" in looks):
            return "Property values can't be empty"
        return _incompatible(body, products)

    def _groups(self) -> dict[int, list[Item]]:
        groups: dict[int, list[Item]] = {}
        for item in self.market.items.values():
            groups.setdefault(self.listing_id(item), []).append(item)
        return groups

    def _inventory(self, listing: int, items: Sequence[Item]) -> dict[str, Any]:
        arrays = self._arrays.get(listing) or {name: [] for name in ARRAYS}
        # A write makes new products: their ids are others after it.
        first, live = (
            listing * 10_000 + self._written.get(listing, 0) % 90 * 100,
            self.state(listing, items) == "active",
        )
        products = [_product(item, first + nth, _shown(item, live=live)) for nth, item in enumerate(items, 1)]
        return {"products": products, **arrays}

    def _row(self, listing: int, items: Sequence[Item], *, inside: bool = False) -> dict[str, Any]:
        state = self.state(listing, items)
        row = {
            "listing_id": listing,
            "user_id": self.user_id,
            "shop_id": self.shop_id,
            "title": escaped(items[0].title or items[0].sku),
            "description": "Made by hand.",
            "state": state,
            "creation_timestamp": BEGAN,
            "created_timestamp": BEGAN,
            "ending_timestamp": BEGAN + 10_368_000,
            "original_creation_timestamp": BEGAN,
            "last_modified_timestamp": BEGAN,
            "updated_timestamp": BEGAN,
            "quantity": sum(_shown(item, live=state == "active") for item in items),
            "shop_section_id": None,
            "featured_rank": -1,
            "url": f"https://www.etsy.com/listing/{listing}",
            "num_favorers": 3,
            "non_taxable": False,
            "is_taxable": True,
            "is_customizable": False,
            "is_personalizable": True,
            "listing_type": "physical",
            "tags": [],
            "materials": [],
            "is_private": False,
            "style": [],
            "has_variations": any(item.extra.get("values") for item in items),
            "should_auto_renew": False,
            "price": money(min(item.cents for item in items)),
            "who_made": "i_did",
            "when_made": "made_to_order",
            "readiness_state_id": READINESS,
        }
        return row | (
            {"inventory": self._inventory(listing, items), "skus": [item.sku for item in items]} if inside else {}
        )


def _shown(item: Item, *, live: bool) -> int:
    return item.quantity if live else int(item.extra.get("kept", 0))


def _product(item: Item, product_id: int, units: int) -> dict[str, Any]:
    offering = {
        "offering_id": product_id * 10 + 1,
        "quantity": units,
        "is_enabled": item.extra.get("is_enabled", True),
        "is_deleted": False,
        "price": money(item.cents),
        "readiness_state_id": READINESS,
    }
    return {
        "product_id": product_id,
        "sku": item.sku,
        "is_deleted": False,
        "offerings": [offering],
        "property_values": [value | {"scale_name": None} for value in item.extra.get("values", ())],
    }


def _look(values: Sequence[Mapping[str, Any]]) -> str:
    return ";".join(sorted(f"{value['property_id']}={value['value_ids']}" for value in values))


def _incompatible(body: Mapping[str, Any], products: Sequence[Mapping[str, Any]]) -> str:
    """Products that are alike in an array's properties must be alike in what the array is about."""
    about: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
        "price_on_property": lambda p: p["offerings"][0]["price"],
        "quantity_on_property": lambda p: p["offerings"][0]["quantity"],
        "sku_on_property": lambda p: p.get("sku"),
    }
    for name, what in about.items():
        if not isinstance(body.get(name), list):
            return f"{name}: expected a list"
        seen: dict[str, Any] = {}
        for product in products:
            own = [v for v in product.get("property_values") or () if v["property_id"] in body[name]]
            if seen.setdefault(_look(own), what(product)) != what(product):
                return f"Supplied values are incompatible with {name.replace('_', ' ')}"
    return ""
