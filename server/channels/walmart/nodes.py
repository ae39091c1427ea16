"""What Walmart shows of stock: per SKU and ship node what we put in, what is reserved, and what can be bought.

What a seller writes is ``inputQty``: it counts units that are sold and have not left. What buyers can buy is
``availToSellQty`` = inputQty - reservedQty. Our numbers are what can be bought, so that what is reserved there is added
when they are written (setting ``add_reserved``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from server.calls.line import Line
from server.calls.troubles import Away
from server.channels.walmart.client import call

PAGE = 50
FEW = 5
"""So many are asked for one by one, without a look at how many there are."""
CONFIRMED = 50
"""So many that a walk through all did not show are asked for by name: its pages move while it reads."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One SKU at our ship node, or at all of them where none is set. ``nodes``: how many it is kept at."""

    available: int
    reserved: int
    nodes: int


def shown(line: Line, skus: Sequence[str]) -> dict[str, Shown | None]:
    """What is shown of each SKU, None where Walmart has it no more; a SKU is missing where it was not asked for.

    Goes through all of them, 50 a page, where that takes fewer calls than one for each.
    """
    wanted = list(dict.fromkeys(skus))
    if len(wanted) <= FEW:
        return {sku: one(line, sku) for sku in wanted}
    page, following, total = all_of(line, "")
    if total > PAGE * len(wanted):
        return {sku: one(line, sku) for sku in wanted}
    found = dict(page)
    while following:
        page, following, _ = all_of(line, following)
        found |= page
    unseen = [sku for sku in wanted if sku not in found]
    confirmed = {sku: one(line, sku) for sku in unseen[:CONFIRMED]}
    return {sku: found[sku] for sku in wanted if sku in found} | confirmed


def one(line: Line, sku: str) -> Shown | None:
    """One SKU, None where Walmart has none."""
    node = ship_node(line.settings)
    query = {"shipNode": node} if node else None
    reply = call(line, "stock.read", "GET", f"/v3/inventories/{quote(sku, safe='')}", query=query, allow=(404,))
    if reply.status == 404:
        return None
    said = reply.json()
    if not isinstance(said, dict) or said.get("sku") is None:
        raise Away("inventories: expected one SKU, found something else")
    return _shown(said, node)


def all_of(line: Line, cursor: str) -> tuple[dict[str, Shown], str, int]:
    """A page of all SKUs, the cursor of the next one, and how many there are in all."""
    said = _page(line, cursor)
    node = ship_node(line.settings)
    elements, meta = said.get("elements") or {}, said.get("meta") or {}
    found = {str(row["sku"]): _shown(row, node) for row in elements.get("inventories") or [] if row.get("sku")}
    following = str(meta.get("nextCursor") or "") if found else ""
    return found, "" if following == cursor else following, int(meta.get("totalCount") or 0)


def places(line: Line) -> dict[str, str]:
    """The ship nodes that the first page of stock names."""
    rows = (_page(line, "").get("elements") or {}).get("inventories") or []
    return {str(node["shipNode"]): str(node["shipNode"]) for row in rows for node in row.get("nodes") or []}


def ship_node(settings: Mapping[str, Any]) -> str:
    """The node we write to; empty: the seller's own default."""
    return str(settings.get("ship_node") or "")


def _page(line: Line, cursor: str) -> Mapping[str, Any]:
    query = {"limit": str(PAGE)} | ({"nextCursor": cursor} if cursor else {})
    reply = call(line, "stock.all", "GET", "/v3/inventories", query=query, allow=(404,))
    said = {} if reply.status == 404 else reply.json()
    if not isinstance(said, dict):
        raise Away("inventories: expected elements.inventories, found something else")
    return said


def _shown(raw: Mapping[str, Any], node: str) -> Shown:
    nodes = [each for each in raw.get("nodes") or [] if not node or str(each.get("shipNode")) == node]
    return Shown(
        available=sum(_amount(each, "availToSellQty") for each in nodes),
        reserved=sum(_amount(each, "reservedQty") for each in nodes),
        nodes=len(nodes),
    )


def _amount(node: Mapping[str, Any], name: str) -> int:
    found = node.get(name)
    try:
        return int(found["amount"]) if isinstance(found, dict) else 0
    except (KeyError, TypeError, ValueError) as error:
        raise Away(f"{name}: expected a number, found something else") from error
