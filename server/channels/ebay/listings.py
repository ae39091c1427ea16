"""What is on sale: inventory items that have a published offer; and the live number of each."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from server.calls.line import Line
from server.channels.ebay.access import INVENTORY, ask, error_ids, fields, rows
from server.trade.words import Listing, ListingPage

PAGE = 50
TOGETHER = 25
"""Most SKUs in one call of the bulk operations."""

_GONE = frozenset({25702, 25710})
"""eBay's errors for a SKU that it does not have."""


def listings(line: Line, cursor: str) -> ListingPage:
    """A page of listings. ``ref`` is the SKU, eBay's own key of an inventory item; ``offset`` counts pages there."""
    page = int(cursor or 0)
    query = {"limit": str(PAGE), "offset": str(page)}
    found = fields(ask(line, "inventory", "GET", f"{INVENTORY}/inventory_item", query=query, allow=(404,)))
    items = rows(found, "inventoryItems")
    listed = [_listing(item, _offers(line, item["sku"])) for item in items if isinstance(item.get("sku"), str)]
    more = (page + 1) * PAGE < int(found.get("total") or 0) and items
    return ListingPage(listings=tuple(each for each in listed if each), cursor=str(page + 1) if more else "")


def live_stock(line: Line, wanted: Sequence[Listing]) -> dict[str, int | None]:
    """The number of each listing by its ref; None where eBay has no such item; not there: it could not be read."""
    found: dict[str, int | None] = {}
    for some in batches(dict.fromkeys(each.ref for each in wanted), TOGETHER):
        found |= _live(line, some)
    return found


def _live(line: Line, refs: Sequence[str]) -> dict[str, int | None]:
    """One call. Where eBay refuses it whole, its halves are asked: a bad SKU hides no other."""
    body = {"requests": [{"sku": ref} for ref in refs]}
    reply = ask(line, "inventory", "POST", f"{INVENTORY}/bulk_get_inventory_item", json=body, allow=(400, 404))
    answer = fields(reply)
    if reply.status in (400, 404):
        if len(refs) == 1:
            return {refs[0]: None} if error_ids(answer) & _GONE else {}
        half = len(refs) // 2
        return _live(line, refs[:half]) | _live(line, refs[half:])
    found: dict[str, int | None] = {}
    for row in rows(answer, "responses"):
        ref, status = str(row.get("sku")), row.get("statusCode")
        if ref in refs and status == 200 and isinstance(row.get("inventoryItem"), dict):
            found[ref] = _quantity(row["inventoryItem"])
        elif ref in refs and (status == 404 or error_ids(row) & _GONE):
            found[ref] = None
    return found


def batches(refs: Iterable[str], size: int) -> Iterator[list[str]]:
    """So many at a time, in their order."""
    left = iter(refs)
    while some := list(islice(left, size)):
        yield some


def _offers(line: Line, sku: str) -> list[dict[str, Any]]:
    """The offers of a SKU; eBay answers 404 where there is none."""
    reply = ask(line, "inventory", "GET", f"{INVENTORY}/offer", query={"sku": sku}, allow=(404,))
    return rows(fields(reply), "offers") if reply.status != 404 else []


def _listing(item: Mapping[str, Any], offers: Sequence[Mapping[str, Any]]) -> Listing | None:
    live = [offer for offer in offers if offer.get("status") == "PUBLISHED" and offer.get("format") != "AUCTION"]
    if not live:
        return None
    product = item.get("product") or {}
    codes = [code for name in ("ean", "upc", "isbn") for code in product.get(name) or () if str(code).isdigit()]
    return Listing(
        ref=item["sku"],
        sku=item["sku"],
        gtin=codes[0] if codes else "",
        title=str(product.get("title") or ""),
        quantity=_quantity(item),
        data={
            "offers": [offer["offerId"] for offer in live],
            "listing_id": (live[0].get("listing") or {}).get("listingId", ""),
            "marketplace": live[0].get("marketplaceId", ""),
        },
    )


def _quantity(item: Mapping[str, Any]) -> int:
    """The ship-to-home number; eBay sells nothing where it is not set."""
    ship_to = (item.get("availability") or {}).get("shipToLocationAvailability") or {}
    return int(ship_to.get("quantity") or 0)
