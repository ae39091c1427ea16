"""What is on sale at Amazon, and the live numbers of it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from server.calls.line import Line
from server.calls.troubles import Away, Refused, Trouble
from server.channels.amazon.api import answer, ask, things
from server.channels.amazon.setup import marketplace, seller
from server.trade.words import Listing, ListingPage

OURS = "DEFAULT"
"""The fulfilment channel of a seller who ships himself; every other one is a warehouse of Amazon."""
PAGE = 20
REACH = 1000
"""Listings that one search can page through; the next search begins where it ended."""
_GTINS = frozenset({"ean", "upc", "gtin", "isbn", "jan"})


def path_of(line: Line, sku: str = "") -> str:
    """The path of a listing, or of all of them. A SKU may hold anything, slashes included."""
    path = f"/listings/2021-08-01/items/{quote(seller(line.settings), safe='')}"
    return f"{path}/{quote(sku, safe='')}" if sku else path


def listings(line: Line, cursor: str) -> ListingPage:
    """See Platform. What Amazon ships from its own warehouses is left out: no number of ours goes there.

    The cursor: ``after`` (searches begin at this time of creation), ``token``, ``seen`` (listings of this search).
    """
    at: dict[str, Any] = json.loads(cursor) if cursor else {"after": "", "token": "", "seen": 0}
    query = {
        "marketplaceIds": marketplace(line.settings),
        "includedData": "summaries,attributes,fulfillmentAvailability",
        "sortBy": "createdDate",
        "sortOrder": "ASC",
        "pageSize": str(PAGE),
        **({"createdAfter": at["after"]} if at["after"] else {}),
        **({"pageToken": at["token"]} if at["token"] else {}),
    }
    found = answer(ask(line, "searchListingsItems", "GET", path_of(line), query=query))
    if not isinstance(found.get("items"), list):
        raise Away("searchListingsItems: expected items", maybe_done=True)
    items = things(found["items"])
    token = (found.get("pagination") or {}).get("nextToken")
    seen = int(at["seen"]) + len(items)
    following = ""
    if items and token and seen < REACH:
        following = json.dumps({"after": at["after"], "token": token, "seen": seen})
    elif items and int(found.get("numberOfResults") or 0) > seen:
        following = _beyond(line, items, str(at["after"]))
    return ListingPage(listings=tuple(_listing(line, each) for each in items if _own(each)), cursor=following)


def live_stock(line: Line, listings: Sequence[Listing]) -> Mapping[str, int | None]:
    """See Platform. Trouble after the first answers leaves the rest out."""
    found: dict[str, int | None] = {}
    # A comma parts the SKUs of one search; those that hold one are asked for by themselves.
    plain = [each for each in listings if "," not in each.sku]
    try:
        for at in range(0, len(plain), PAGE):
            found |= _searched(line, plain[at : at + PAGE])
        for each in listings:
            if "," in each.sku:
                found |= _single(line, each)
    except Trouble:
        if not found:
            raise
    return found


def _searched(line: Line, listings: Sequence[Listing]) -> dict[str, int | None]:
    query = {
        "marketplaceIds": marketplace(line.settings),
        "includedData": "fulfillmentAvailability",
        "identifiersType": "SKU",
        "identifiers": ",".join(each.sku for each in listings),
        "pageSize": str(PAGE),
    }
    found = answer(ask(line, "searchListingsItems", "GET", path_of(line), query=query))
    if not isinstance(found.get("items"), list):
        raise Away("searchListingsItems: expected items", maybe_done=True)
    items = {str(each.get("sku")): each for each in things(found["items"])}
    live: dict[str, int | None] = {}
    for each in listings:
        # The search lags behind: only the listing itself can say that it is gone.
        live |= _number(each, items[each.sku]) if each.sku in items else _single(line, each)
    return live


def _single(line: Line, listing: Listing) -> dict[str, int | None]:
    query = {"marketplaceIds": marketplace(line.settings), "includedData": "fulfillmentAvailability"}
    reply = ask(line, "getListingsItem", "GET", path_of(line, listing.sku), query=query, allow=(404,))
    return {listing.ref: None} if reply.status == 404 else _number(listing, answer(reply))


def _number(listing: Listing, item: Mapping[str, Any]) -> dict[str, int | None]:
    """The number we keep; nothing where there is none, or Amazon ships it by now."""
    if not _own(item):
        return {}
    count = _quantity(item)
    return {} if count is None else {listing.ref: count}


def _own(item: Mapping[str, Any]) -> bool:
    codes = {str(each.get("fulfillmentChannelCode")) for each in things(item.get("fulfillmentAvailability"))}
    return not codes or OURS in codes


def _quantity(item: Mapping[str, Any]) -> int | None:
    for each in things(item.get("fulfillmentAvailability")):
        if each.get("fulfillmentChannelCode") == OURS and isinstance(each.get("quantity"), int):
            return int(each["quantity"])
    return None


def _listing(line: Line, item: Mapping[str, Any]) -> Listing:
    summary = next(
        (s for s in things(item.get("summaries")) if s.get("marketplaceId") == marketplace(line.settings)), {}
    )
    sku = str(item.get("sku") or "")
    return Listing(
        ref=sku,
        sku=sku,
        gtin=_gtin(item),
        title=str(summary.get("itemName") or ""),
        quantity=_quantity(item),
        data={"product_type": str(summary.get("productType") or "PRODUCT"), "asin": str(summary.get("asin") or "")},
    )


def _gtin(item: Mapping[str, Any]) -> str:
    attributes = item.get("attributes")
    known = attributes.get("externally_assigned_product_identifier") if isinstance(attributes, dict) else None
    return next((str(each["value"]) for each in things(known) if each.get("type") in _GTINS and each.get("value")), "")


def _beyond(line: Line, items: Sequence[Mapping[str, Any]], before: str) -> str:
    """The cursor of a new search, from the creation of the last listing on."""
    summaries = [s for s in things(items[-1].get("summaries")) if s.get("marketplaceId") == marketplace(line.settings)]
    after = str(summaries[0].get("createdDate") or "") if summaries else ""
    if not after or after == before:
        raise Refused(f"listings: expected at most {REACH} made at one moment, found more at {after or 'no time'}")
    return json.dumps({"after": after, "token": "", "seen": 0})
