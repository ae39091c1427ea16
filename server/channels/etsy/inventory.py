"""What a shop sells: listings with their products, as Etsy shows them.

A listing holds products, one for each variation a buyer can pick; the number is the product's offering's. A product is
one Listing of ours; its ref is made by receipts.ref_of.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from server.calls.line import Line
from server.channels.etsy.receipts import plain, ref_of
from server.channels.etsy.sign_in import call, results
from server.trade.words import Listing, ListingPage

PAGE = 100
BATCH = 100
UNITS_MOST = 999
"""More than this Etsy does not take for a product: https://github.com/etsy/open-api/issues/214."""
STATES = ("active", "sold_out", "inactive")
"""What is or can again be on sale; drafts and expired listings want a person first."""

_BAD_REQUEST, _NOT_FOUND = 400, 404


@dataclass(frozen=True, slots=True)
class Shelf:
    """A listing's inventory. ``products`` by our ref, in Etsy's JSON; ``state`` of the listing, "" where not told."""

    raw: Mapping[str, Any]
    state: str
    products: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def numbers(self) -> dict[str, int]:
        """Units by ref."""
        return {ref: sum(_units(o) for o in offerings(product)) for ref, product in self.products.items()}

    @property
    def variations(self) -> int:
        """By how many properties its products differ."""
        return max((len(product.get("property_values") or ()) for product in self.products.values()), default=0)


def shelf_of(listing_id: str, raw: Any, state: Any) -> Shelf:
    """The inventory in Etsy's JSON, without what was deleted."""
    raw = raw if isinstance(raw, Mapping) else {}
    kept = [p for p in raw.get("products") or () if isinstance(p, Mapping) and not p.get("is_deleted")]
    by_ref = {ref_of(listing_id, product.get("property_values")): product for product in kept}
    return Shelf(raw, str(state or ""), by_ref)


def offerings(product: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The product's offerings without deleted ones."""
    return [o for o in product.get("offerings") or () if isinstance(o, Mapping) and not o.get("is_deleted")]


def listing_of(ref: str) -> str:
    """The number of the listing in a ref of ours; empty when there is none."""
    number = ref.partition(":")[0]
    return number if number.isascii() and number.isdigit() and 0 < int(number) < 2**63 else ""


def off_key(listing_id: str) -> str:
    """Where we remember that a listing is off sale because nothing is left: see stock."""
    return f"off:{listing_id}"


def sellable(line: Line, listing_id: str, shelf: Shelf) -> dict[str, int]:
    """What can be sold of each product: nothing of a listing that is sold out, or that we took off sale."""
    hidden = shelf.state == "sold_out" or (shelf.state == "inactive" and line.memory.get(off_key(listing_id)))
    return dict.fromkeys(shelf.products, 0) if hidden else shelf.numbers


def listings(line: Line, cursor: str) -> ListingPage:
    """A page of one state after the other; see Platform."""
    state, _, text = (cursor or f"{STATES[0]}:0").partition(":")
    offset = int(text)
    query = [("state", state), ("limit", str(PAGE)), ("offset", str(offset)), ("includes", "Inventory")]
    shop = str(line.settings.get("shop_id", "")).strip()
    rows = results(call(line, "GET", f"/shops/{shop}/listings", query=query, patient=True))
    found = [listing for row in rows for listing in _of_row(line, row)]
    if len(rows) == PAGE:
        return ListingPage(listings=tuple(found), cursor=f"{state}:{offset + PAGE}")
    rest = STATES[STATES.index(state) + 1 :]
    return ListingPage(listings=tuple(found), cursor=f"{rest[0]}:0" if rest else "")


def live_stock(line: Line, listings: Sequence[Listing]) -> Mapping[str, int | None]:
    """See Platform. One unknown listing makes Etsy refuse the whole batch: it is halved until it is found."""
    wanted: dict[str, list[str]] = {}
    found: dict[str, int | None] = {}
    for listing in listings:
        if listing_id := listing_of(listing.ref):
            wanted.setdefault(str(int(listing_id)), []).append(listing.ref)
        else:
            found[listing.ref] = None
    ids = list(wanted)
    for start in range(0, len(ids), BATCH):
        for listing_id, shelf in _shelves(line, ids[start : start + BATCH]).items():
            live = {} if shelf is None else sellable(line, listing_id, shelf)
            found |= {ref: live.get(ref) for ref in wanted[listing_id]}
    return found


def _shelves(line: Line, ids: Sequence[str]) -> dict[str, Shelf | None]:
    """By listing id, None where it is gone; those that could not be read are not there."""
    rows = _batch(line, ids)
    if rows is not None:
        shown = {str(row.get("listing_id")): row for row in rows}
        return {i: shelf_of(i, shown[i].get("inventory"), shown[i].get("state")) for i in ids if i in shown}
    if len(ids) == 1:
        return {ids[0]: None}
    half = len(ids) // 2
    return _shelves(line, ids[:half]) | _shelves(line, ids[half:])


def _batch(line: Line, ids: Sequence[str]) -> list[dict[str, Any]] | None:
    """The rows; None when one of the ids is unknown.

    The description asks for the parameter once for each id, running clients send one with commas. Where the first is
    answered with less than was asked, the second is tried, and remembered when it gives more.
    """
    if line.memory.get("ids_with_commas"):
        return _asked(line, [("listing_ids", ",".join(ids))])
    rows = _asked(line, [("listing_ids", each) for each in ids])
    if rows is not None and len(rows) < len(ids):
        more = _asked(line, [("listing_ids", ",".join(ids))], allow=(_BAD_REQUEST,))
        if more is None or len(more) > len(rows):
            line.memory.put("ids_with_commas", True)
            return more
    return rows


def _asked(line: Line, query: list[tuple[str, str]], allow: Iterable[int] = ()) -> list[dict[str, Any]] | None:
    reply = call(line, "GET", "/listings/batch/inventory", query=query, allow=(_NOT_FOUND, *allow), patient=True)
    if reply.status == _NOT_FOUND:
        return None
    return [] if reply.status == _BAD_REQUEST else results(reply)


def _of_row(line: Line, row: Mapping[str, Any]) -> list[Listing]:
    """The products of one listing; a download has none that anybody packs."""
    listing_id = str(row.get("listing_id", ""))
    if row.get("listing_type") == "download" or not listing_of(listing_id):
        return []
    shelf = shelf_of(listing_id, row.get("inventory"), row.get("state"))
    live, title = sellable(line, listing_id, shelf), plain(str(row.get("title") or ""))
    return [
        Listing(
            ref=ref,
            sku=plain(str(product.get("sku") or "")) or ref,
            title=" / ".join([title, *_picked(product)]),
            quantity=live[ref],
            data={"listing_id": listing_id, "product_id": product.get("product_id"), "state": shelf.state},
        )
        for ref, product in shelf.products.items()
    ]


def _picked(product: Mapping[str, Any]) -> list[str]:
    values = product.get("property_values") or ()
    return [plain(" ".join(map(str, v.get("values") or ()))) for v in values if isinstance(v, Mapping)]


def _units(offering: Mapping[str, Any]) -> int:
    found = offering.get("quantity")
    return found if isinstance(found, int) else 0
