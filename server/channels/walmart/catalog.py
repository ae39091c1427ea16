"""What is on sale there, and who we are. Source of GET /v3/items: Walmart's Item Management description."""

from collections.abc import Mapping
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Away, Denied
from server.channels.walmart import nodes
from server.channels.walmart.client import call
from server.trade.words import Account, Listing, ListingPage

PAGE = 50
FIRST = "*"
NUMBERS = "listed"
"""Under this the numbers of all SKUs are kept while the pages of items are read."""


def who(line: Line) -> Account:
    """See Platform. The token is fetched anew, so that changed credentials are really tried."""
    line.forget("access")
    said = call(line, "token", "GET", "/v3/token/detail", content_type="application/json").json()
    if not isinstance(said, dict) or "is_valid" not in said:
        raise Away("token detail: expected is_valid, found something else")
    if not said["is_valid"]:
        raise Denied("Walmart says that the access token is not valid")
    scopes = said.get("scopes") or {}
    missing = [name for name in ("orders", "inventory") if scopes.get(name, "full_access") != "full_access"]
    if missing:
        raise Denied(f"expected full access to orders and inventory, found less for {' and '.join(missing)}")
    partner = str(line.settings.get("partner_id") or "")
    return Account(name=f"Walmart Marketplace {partner}".strip(), places=nodes.places(line))


def listings(line: Line, cursor: str) -> ListingPage:
    """See Platform. Items carry no numbers: those of all SKUs are read once, before the first page."""
    if not cursor:
        line.memory.put(NUMBERS, _numbers(line))
    numbers: Mapping[str, int] = line.memory.get(NUMBERS) or {}
    query = {"nextCursor": cursor or FIRST, "limit": str(PAGE), "lifecycleStatus": "ACTIVE"}
    reply = call(line, "items", "GET", "/v3/items", query=query, allow=(404,))
    said = {} if reply.status == 404 else reply.json()
    rows = said.get("ItemResponse") if isinstance(said, dict) else None
    if not isinstance(rows, list) and reply.status != 404:
        raise Away("items: expected ItemResponse, found something else")
    # The cursor may stay the same from page to page: the end is a page without items, or without a cursor.
    following = str(said.get("nextCursor") or "") if rows else ""
    if not following:
        line.memory.put(NUMBERS, None)
    return ListingPage(listings=tuple(_listing(row, numbers) for row in rows or ()), cursor=following)


def _numbers(line: Line) -> dict[str, int]:
    page, following, _ = nodes.all_of(line, "")
    found = {sku: state.available for sku, state in page.items()}
    while following:
        page, following, _ = nodes.all_of(line, following)
        found |= {sku: state.available for sku, state in page.items()}
    return found


def _listing(row: Mapping[str, Any], numbers: Mapping[str, int]) -> Listing:
    sku = str(row.get("sku") or "")
    return Listing(
        ref=sku,
        sku=sku,
        gtin=str(row.get("gtin") or row.get("upc") or ""),
        title=str(row.get("productName") or ""),
        quantity=numbers.get(sku),
        data={"wpid": str(row.get("wpid") or ""), "published": str(row.get("publishedStatus") or "")},
    )
