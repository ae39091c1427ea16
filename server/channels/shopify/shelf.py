"""What is on sale, at which location, and the numbers that the shop has for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Refused, Trouble
from server.channels.shopify import questions
from server.channels.shopify.asking import ask, gid, number_of
from server.channels.shopify.reading import more, part, parts, text
from server.domain.channels.deviations import UNCOUNTED
from server.trade.words import Listing, ListingPage


def place_of(line: Line) -> str:
    """The global id of the location whose numbers are ours; raise Refused when nobody has said which of several."""
    if chosen := str(line.settings.get("location_id") or ""):
        return gid("Location", chosen)
    if kept := line.memory.get("place"):
        return str(kept)
    active = [
        text(each, "id")
        for each in parts(ask(line, questions.SHOP), "locations")
        if each.get("isActive") and not each.get("isFulfillmentService")
    ]
    if len(active) != 1:
        raise Refused(f"location_id: expected which of the shop's {len(active)} locations is ours, found nothing")
    line.memory.put("place", active[0])
    return active[0]


def listings(line: Line, cursor: str) -> ListingPage:
    """See Platform. ``ref`` is the number of the inventory item: webhooks of stock name it."""
    data = ask(line, questions.LISTINGS, first=questions.LISTINGS_A_PAGE, after=cursor or None, place=place_of(line))
    found = tuple(_listing(variant) for variant in parts(data, "productVariants"))
    return ListingPage(listings=found, cursor=more(data, "productVariants") or "")


def live_stock(line: Line, listings: Sequence[Listing]) -> dict[str, int | None]:
    """See Platform. Where the shop stops answering, what it has said is all there is.

    What is not kept at this location shows 0 there: it is on sale, and telling its number puts it there.
    """
    place = place_of(line)
    found: dict[str, int | None] = {}
    for start in range(0, len(listings), questions.ROWS_MAX):
        refs = [listing.ref for listing in listings[start : start + questions.ROWS_MAX]]
        try:
            live = numbers(line, place, refs, counted=False)
        except Trouble:
            if not found:
                raise
            break
        found |= {ref: (live[ref] or 0) if ref in live else None for ref in refs}
    return found


def numbers(line: Line, place: str, items: Sequence[str], *, counted: bool = True) -> dict[str, int | None]:
    """Numbers by item; None: not kept at this location; missing: gone.

    ``counted`` False: UNCOUNTED for an item that the shop sells whatever its number is.
    """
    ids = [gid("InventoryItem", item) for item in items]
    nodes = ask(line, questions.NUMBERS, ids=ids, place=place).get("nodes")
    found: dict[str, int | None] = {}
    for node in nodes if isinstance(nodes, list) else ():
        if isinstance(node, Mapping) and "id" in node:
            sold_anyway = not counted and node.get("tracked") is False
            number = UNCOUNTED if sold_anyway else number_at(part(node, "inventoryLevel"))
            found[number_of(text(node, "id"))] = number
    return found


def number_at(level: Mapping[str, Any]) -> int | None:
    """What can be sold, of an inventory level."""
    for quantity in parts(level, "quantities"):
        if quantity.get("name") == "available" and isinstance(quantity.get("quantity"), int):
            return int(quantity["quantity"])
    return None


def _listing(variant: Mapping[str, Any]) -> Listing:
    item = part(variant, "inventoryItem")
    number = number_of(text(variant, "id"))
    level = number_at(part(item, "inventoryLevel"))
    return Listing(
        ref=number_of(text(item, "id")),
        sku=text(variant, "sku") or f"variant-{number}",
        gtin=text(variant, "barcode"),
        title=text(variant, "displayName"),
        quantity=level if item.get("tracked") is True else None,
        data={
            "variant": number,
            "bundle": variant.get("requiresComponents") is True,
            "tracked": item.get("tracked") is True,
            "oversells": variant.get("inventoryPolicy") == "CONTINUE",
        },
    )
