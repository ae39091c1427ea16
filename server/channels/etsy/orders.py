"""Receipts that changed.

Etsy pages by offset over a set that moves while it is read: a receipt that changes leaves its place, those behind it
move up, and the next offset would jump over them. So each page begins at the time of the last row before it, offset 0.
Only where one second holds more than a page are offsets used, within that second, by receipt id and from the last one
back: whatever leaves then moves rows towards what is still to be read.
"""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from server.calls.line import Line, Reply
from server.channels.etsy.receipts import read_order
from server.channels.etsy.sign_in import call, results, thing
from server.trade.orders import ChannelOrder
from server.trade.pages import each_read
from server.trade.words import OrderPage

PAGE = 100
OVERLAP = 120
"""Seconds read again by the next look: a change may show later than its own time says."""
BEGINNING = 946_684_800
"""2000-01-01, the earliest time Etsy takes."""

_NOT_FOUND = 404
_PROBE = -1
_FIELDS = {"created": ("created_timestamp", "create_timestamp"), "updated": ("updated_timestamp", "update_timestamp")}
_NAMES = {"created": "created", "updated": "last_modified"}


def order(line: Line, ref: str) -> ChannelOrder | None:
    """One order as it is now; None where Etsy has none under this id."""
    raw = receipt(line, ref)
    return None if raw is None else read_order(raw)


def receipt(line: Line, ref: str) -> dict[str, Any] | None:
    """One receipt in Etsy's JSON."""
    if not (ref.isascii() and ref.isdigit() and 0 < int(ref) < 2**63):
        return None
    reply = call(line, "GET", f"{_shop(line)}/receipts/{int(ref)}", allow=(_NOT_FOUND,))
    return None if reply.status == _NOT_FOUND else thing(reply)


def changed_orders(line: Line, cursor: Mapping[str, Any]) -> OrderPage:
    """See Platform. The cursor: ``by`` created (open orders, at first) or updated, ``since``, ``began``, ``crowd``."""
    by = "updated" if cursor.get("by") == "updated" else "created"
    since, crowd = int(cursor.get("since", BEGINNING)), cursor.get("crowd")
    reply = call(line, "GET", f"{_shop(line)}/receipts", query=_query(by, since, crowd))
    rows = results(reply)
    began = int(cursor.get("began") or _their_time(line, reply))
    if crowd is None:
        last = max((_at(by, row) for row in rows), default=since)
        if len(rows) < PAGE:
            after: dict[str, Any] | None = None
        elif last > since:
            after = {"since": last}
        else:
            after = {"since": since, "crowd": _PROBE}
    else:
        after = _after_crowd(since, int(crowd), thing(reply).get("count"), len(rows))
    orders, unread = each_read(line.channel, rows, read_order, lambda row: row.get("receipt_id"))
    if after is None:
        resting = {"by": "updated", "since": max(BEGINNING, began - OVERLAP)}
        return OrderPage(orders=orders, cursor=resting, unread=unread)
    return OrderPage(orders=orders, cursor={"by": by, "began": began, **after}, more=True, unread=unread)


def _after_crowd(since: int, crowd: int, count: Any, rows: int) -> dict[str, Any]:
    """The page before in a crowded second; after its first, the next second."""
    many = count if isinstance(count, int) else crowd + rows
    if crowd == _PROBE and many > PAGE:
        return {"since": since, "crowd": (many - 1) // PAGE * PAGE}
    if crowd > 0:
        return {"since": since, "crowd": crowd - PAGE}
    return {"since": since + 1}


def _query(by: str, since: int, crowd: Any) -> list[tuple[str, str]]:
    name = _NAMES[by]
    query = [("limit", str(PAGE)), (f"min_{name}", str(since))]
    if by == "created":
        query += [("was_shipped", "false"), ("was_canceled", "false")]
    if crowd is None:
        return [*query, ("offset", "0"), ("sort_on", by), ("sort_order", "asc")]
    offset = str(max(0, int(crowd)))
    return [*query, (f"max_{name}", str(since)), ("offset", offset), ("sort_on", "receipt_id"), ("sort_order", "desc")]


def _at(by: str, row: Mapping[str, Any]) -> int:
    found = next((row[name] for name in _FIELDS[by] if isinstance(row.get(name), int)), 0)
    return int(found)


def _their_time(line: Line, reply: Reply) -> int:
    """Etsy's own clock, which its timestamps are of; ours where it does not say."""
    try:
        return int(parsedate_to_datetime(reply.headers.get("date", "")).timestamp())
    except (TypeError, ValueError):
        return int(line.now())


def _shop(line: Line) -> str:
    return f"/shops/{str(line.settings.get('shop_id', '')).strip()}"
