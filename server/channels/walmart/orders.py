"""Looking for changed orders.

Two traps of GET /v3/orders: without ``createdStartDate`` it shows the last 7 days only, and without ``shipNodeType``
only what the seller ships. Its cursor is an offset, so that no query here filters by what changes while it is read:
the first look goes by the day of creation and drops what is closed by itself.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from server.calls.line import Line
from server.calls.troubles import Away
from server.channels.walmart import reading
from server.channels.walmart.client import call
from server.trade.moments import stamp
from server.trade.orders import ChannelOrder
from server.trade.pages import each_read
from server.trade.words import OrderPage

NODE_TYPES = "SellerFulfilled,WFSFulfilled"
PAGE = 200
OVERLAP = 300.0
"""Seconds that two looks share: Walmart's time of a change may be older than its appearance."""

DAY = 86400.0
HISTORY = 179 * DAY
"""Orders older than 180 days cannot be asked for."""
WINDOW = 30 * DAY
"""Days of creation in one query of the first look: no more than 20,000 orders come back from one."""


def changed_orders(line: Line, cursor: Mapping[str, Any]) -> OrderPage:
    """See Platform. A cursor at rest is {"since": epoch}; while it reads: {"since", "started", "step", "next"}."""
    started = float(cursor.get("started") or line.now())
    since, step, more = cursor.get("since"), int(cursor.get("step") or 0), str(cursor.get("next") or "")
    queries = _queries(line.settings, since, started)
    step = min(step, len(queries) - 1)
    raws, following = _page(line, queries[step], more)
    orders, unread = each_read(line.channel, raws, _read, lambda raw: raw.get("purchaseOrderId"))
    orders = tuple(sorted(orders, key=lambda each: each.changed_at))
    kept = tuple(order for order in orders if since is not None or not (order.cancelled or order.handed_over))
    if following:
        return OrderPage(orders=kept, cursor=_reading(since, started, step, following), more=True, unread=unread)
    if step + 1 < len(queries):
        return OrderPage(orders=kept, cursor=_reading(since, started, step + 1, ""), more=True, unread=unread)
    return OrderPage(orders=kept, cursor={"since": started}, unread=unread)


def order(line: Line, ref: str) -> ChannelOrder | None:
    """See Platform."""
    raw = fetch(line, ref)
    return None if raw is None else reading.read_order(raw)


def fetch(line: Line, ref: str) -> Mapping[str, Any] | None:
    """One purchase order in Walmart's own JSON."""
    if not ref or ref != ref.strip() or "/" in ref:
        return None
    reply = call(line, "order", "GET", f"/v3/orders/{quote(ref, safe='')}", allow=(404,))
    if reply.status == 404:
        return None
    said = reply.json()
    # The description's example has it under "order", its schema without.
    found = said.get("order", said) if isinstance(said, dict) else None
    if not isinstance(found, dict) or "purchaseOrderId" not in found:
        raise Away("order: expected an order, found none")
    return found


def _queries(settings: Mapping[str, Any], since: float | None, started: float) -> list[dict[str, str]]:
    types = [each.strip() for each in str(settings.get("ship_node_types") or NODE_TYPES).split(",") if each.strip()]
    oldest = started - HISTORY
    if since is not None:
        window = {"lastModifiedStartDate": stamp(since - OVERLAP), "createdStartDate": stamp(oldest)}
        return [_query(kind) | window for kind in types]
    windows: list[dict[str, str]] = []
    end = started
    while end > oldest:
        begin = max(oldest, end - WINDOW)
        dates = {"createdStartDate": stamp(begin)}
        # The newest window stays open: what is sold while it is read comes along.
        windows.append(dates if end == started else dates | {"createdEndDate": stamp(end)})
        end = begin
    return [_query(kind) | window for kind in types for window in windows]


def _query(kind: str) -> dict[str, str]:
    return {"shipNodeType": kind, "limit": str(PAGE), "productInfo": "false"}


def _reading(since: float | None, started: float, step: int, following: str) -> dict[str, Any]:
    return {"since": since, "started": started, "step": step, "next": following}


def _page(line: Line, query: Mapping[str, str], following: str) -> tuple[list[Any], str]:
    """The orders of a page in Walmart's own JSON, and the cursor of the next one."""
    if following:
        # As it came: it is a whole query of Walmart's own making.
        path = "/v3/orders" + (following if following.startswith("?") else "?" + following)
        reply = call(line, "orders", "GET", path, allow=(404,))
    else:
        reply = call(line, "orders", "GET", "/v3/orders", query=query, allow=(404,))
    if reply.status == 404:
        if b"CONTENT_NOT_FOUND" not in reply.body:
            raise Away("orders: 404 of somebody between Walmart and us")
        return [], ""
    try:
        shown = reply.json()["list"]
        raws, meta = (shown.get("elements") or {}).get("order") or [], shown.get("meta") or {}
    except (KeyError, TypeError, AttributeError) as error:
        raise Away("orders: expected list.elements.order, found something else") from error
    next_cursor = str(meta.get("nextCursor") or "")
    return list(raws), "" if next_cursor == following else next_cursor


def _read(raw: Any) -> ChannelOrder:
    return reading.read_order(raw if isinstance(raw, dict) else {})
