"""Orders that changed, and one order. A closed window of time, read from its end: nothing that moves is lost."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from server.calls.line import Line, Reply
from server.calls.troubles import Away, Refused
from server.channels.ebay.access import FULFILMENT, ask, error_ids, fields, instant, rows
from server.channels.ebay.reading import cancel_is_asked, read_order
from server.trade.orders import ChannelOrder
from server.trade.pages import each_read
from server.trade.words import OrderPage

LIMIT = 200
OVERLAP = 300.0
"""Seconds that a look begins before the end of the last: eBay's index is behind its clock."""
FIRST = 90 * 86400.0
"""How far back the first look for unshipped orders goes; eBay's own default."""

_IN_THE_FUTURE = 30850
_INVALID_ORDER_ID = 32100
_BEHIND = 300.0


def changed_orders(line: Line, cursor: Mapping[str, Any]) -> OrderPage:
    """A page of the window. An order that changes while we read leaves it, and those behind it move up.

    So the first page tells how many there are, and the others are read from the last to the first: what moves up is
    seen twice at worst. What left is in the next window. No order enters a window that has ended.
    """
    window = _window(line, cursor)
    offset = int(window.get("offset") or 0)
    reply = _orders(line, window, offset)
    if reply.status == 400:
        window = {**window, "to": _their_now(line, reply)}
        if window["to"] <= window["from"]:
            return OrderPage(orders=(), cursor=cursor)
        reply = _orders(line, window, offset)
    if reply.status == 400:
        raise Refused(reply.text())
    found = fields(reply)
    orders, unread = each_read(line.channel, rows(found, "orders"), lambda raw: _read(line, raw), _id_of)
    read = tuple(sorted(orders, key=lambda order: order.changed_at))
    following = _offset_after(window, offset, found)
    if following is None:
        return OrderPage(orders=read, cursor={"from": window["to"] - OVERLAP}, unread=unread)
    return OrderPage(orders=read, cursor={**window, "offset": following}, more=True, unread=unread)


def order(line: Line, ref: str) -> ChannelOrder | None:
    """One order with its cancel requests; None where eBay has none under this id."""
    raw = raw_order(line, ref)
    return None if raw is None else read_order(raw)


def raw_order(line: Line, ref: str) -> dict[str, Any] | None:
    """As ``order``, in eBay's own JSON."""
    reply = ask(line, "order", "GET", f"{FULFILMENT}/order/{quote(ref, safe='')}", allow=(400, 404))
    if reply.status == 400 and _INVALID_ORDER_ID not in error_ids(fields(reply)):
        raise Refused(reply.text())
    return None if reply.status in (400, 404) else fields(reply)


def _read(line: Line, raw: dict[str, Any]) -> ChannelOrder:
    """An order of a page; one whose cancel is under way is fetched, as only getOrder shows who asks for it."""
    if not cancel_is_asked(raw):
        return read_order(raw)
    try:
        return read_order(raw_order(line, str(raw.get("orderId"))) or raw)
    except Refused:
        return read_order(raw)


def _id_of(raw: Mapping[str, Any]) -> object:
    return raw.get("orderId")


def _window(line: Line, cursor: Mapping[str, Any]) -> dict[str, Any]:
    if "to" in cursor:
        return dict(cursor)
    if "from" in cursor:
        # Never from our future: the clock may have been set back since.
        begin = min(float(cursor["from"]), line.now() - OVERLAP)
        return {"from": begin, "to": line.now(), "open": False}
    return {"from": line.now() - FIRST, "to": line.now(), "open": True}


def _orders(line: Line, window: Mapping[str, Any], offset: int) -> Reply:
    """One page; 400 comes back where our clock is ahead of eBay's: a window may not end in its future."""
    wanted = f"lastmodifieddate:[{instant(window['from'])}..{instant(window['to'])}]"
    if window["open"]:
        wanted += ",orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}"
    query = {"filter": wanted, "limit": str(LIMIT), "offset": str(offset)}
    reply = ask(line, "orders", "GET", f"{FULFILMENT}/order", query=query, allow=(400,))
    if reply.status == 400 and _IN_THE_FUTURE not in error_ids(fields(reply)):
        raise Refused(reply.text())
    return reply


def _their_now(line: Line, reply: Reply) -> float:
    try:
        return parsedate_to_datetime(reply.headers.get("date", "")).timestamp() - 1.0
    except (TypeError, ValueError):
        return line.now() - _BEHIND


def _offset_after(window: Mapping[str, Any], offset: int, found: Mapping[str, Any]) -> int | None:
    """Where the next page begins; None when all was read."""
    if "offset" in window:
        return offset - LIMIT if offset > 0 else None
    total = found.get("total")
    if not isinstance(total, int):
        raise Away("total: expected a number of orders")
    return (total - 1) // LIMIT * LIMIT if total > LIMIT else None
