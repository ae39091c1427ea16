"""What the shop sells, and its live numbers. The ref of a listing is the number of its product or variation."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Refused, Trouble
from server.channels.woocommerce.asking import ask, rows_of
from server.channels.woocommerce.reading import sku_of
from server.domain.channels.deviations import UNCOUNTED
from server.trade.words import Listing, ListingPage

PAGE = 100
_PRODUCT = "id,name,type,sku,global_unique_id,manage_stock,stock_quantity"
_VARIATION = "id,sku,global_unique_id,manage_stock,stock_quantity,attributes"
_NO_STOCK = frozenset({"grouped", "external"})
"""They sell other products, or another shop's."""


def listings(line: Line, cursor: str) -> ListingPage:
    """See Platform.listings. One request a page: products first, then the variations of those that have some."""
    here: dict[str, Any] = json.loads(cursor) if cursor else {"page": 1, "parents": []}
    if here["parents"]:
        return _variations(line, here)
    query = {"per_page": str(PAGE), "page": str(here["page"]), "orderby": "id", "order": "asc", "_fields": _PRODUCT}
    found = rows_of(ask(line, "products", "GET", "/wc/v3/products", query=query))
    parents = [[row.get("id"), str(row.get("name") or ""), 1] for row in found if row.get("type") == "variable"]
    simple = (row for row in found if row.get("type") not in {*_NO_STOCK, "variable"})
    page = here["page"] + 1 if len(found) >= PAGE else 0
    return ListingPage(
        listings=tuple(_listing(row, str(row.get("name") or "")) for row in simple), cursor=_cursor(page, parents)
    )


def live_stock(line: Line, listings: Sequence[Listing]) -> dict[str, int | None]:
    """See Platform.live_stock."""
    numbers: dict[str, int | None] = {}
    trouble: Trouble | None = None
    for parent, refs in by_parent(listings).items():
        for chunk in (refs[nth : nth + PAGE] for nth in range(0, len(refs), PAGE)):
            try:
                numbers |= _numbers(line, parent, chunk)
            except Trouble as error:
                trouble = error
    if trouble is not None and not numbers:
        raise trouble
    return numbers


def by_parent(listings: Sequence[Listing]) -> dict[str, list[str]]:
    """Refs by their variable product, those of simple products under the empty text; in the order they came."""
    found: dict[str, list[str]] = {}
    for listing in listings:
        found.setdefault(parent_of(listing), []).append(listing.ref)
    return found


def parent_of(listing: Listing) -> str:
    """The variable product of a variation, empty for all others."""
    parent = listing.data.get("parent_id")
    return str(parent) if parent else ""


def is_ref(ref: str) -> bool:
    """Whether the shop can have such a product at all."""
    return ref.isascii() and ref.isdigit() and len(ref) <= 19 and int(ref) > 0


def _numbers(line: Line, parent: str, refs: Sequence[str]) -> dict[str, int | None]:
    asked = [ref for ref in refs if is_ref(ref)]
    found: dict[str, int | None] = dict.fromkeys(refs)
    if not asked:
        return found
    path = f"/wc/v3/products/{parent}/variations" if parent else "/wc/v3/products"
    query = {
        "include": ",".join(asked),
        "per_page": str(PAGE),
        "_fields": "id,manage_stock,stock_quantity,stock_status",
    }
    reply = ask(line, "products", "GET", path, query=query, allow=(404,) if parent else ())
    if reply.status == 404:
        return found
    for row in rows_of(reply):
        ref, number = str(row.get("id")), _quantity(row)
        if number is None and row.get("manage_stock") is False:
            # Its status alone says whether it can be bought: as often as people like, or not at all.
            number = 0 if row.get("stock_status") == "outofstock" else UNCOUNTED
        if number is None:
            found.pop(ref, None)
        else:
            found[ref] = number
    return found


def _variations(line: Line, here: Mapping[str, Any]) -> ListingPage:
    (parent, name, page), *rest = here["parents"]
    query = {"per_page": str(PAGE), "page": str(page), "orderby": "id", "order": "asc", "_fields": _VARIATION}
    try:
        found = rows_of(ask(line, "products", "GET", f"/wc/v3/products/{parent}/variations", query=query))
    except Refused:
        # The product went between two pages.
        found = []
    if len(found) >= PAGE:
        rest = [[parent, name, page + 1], *rest]
    return ListingPage(
        listings=tuple(_listing(row, " - ".join((name, *_options(row))), parent) for row in found),
        cursor=_cursor(here["page"], rest),
    )


def _cursor(page: int, parents: Sequence[Any]) -> str:
    """``page`` 0: no more products after these parents."""
    return json.dumps({"page": page, "parents": parents}) if page or parents else ""


def _options(row: Mapping[str, Any]) -> Iterator[str]:
    for each in row.get("attributes") or ():
        if isinstance(each, Mapping) and each.get("option"):
            yield str(each["option"])


def _listing(row: Mapping[str, Any], title: str, parent: Any = None) -> Listing:
    ref = str(row.get("id"))
    return Listing(
        ref=ref,
        sku=sku_of(str(row.get("sku") or ""), ref),
        gtin=str(row.get("global_unique_id") or ""),
        title=title,
        quantity=_quantity(row),
        data={"parent_id": parent} if parent else {},
    )


def _quantity(row: Mapping[str, Any]) -> int | None:
    found = row.get("stock_quantity")
    counted = row.get("manage_stock") and isinstance(found, int | float) and not isinstance(found, bool)
    return int(found) if counted and found is not None else None
