"""Which orders changed, and one order as it is now."""

from collections.abc import Mapping
from typing import Any

from server.calls.line import Line
from server.channels.woocommerce import fields
from server.channels.woocommerce.asking import ask, row_of, rows_of
from server.channels.woocommerce.reading import REFUNDS, read_order
from server.domain.errors import DomainError
from server.trade.orders import ChannelOrder
from server.trade.pages import each_read
from server.trade.words import OrderPage

PAGE = 100
OVERLAP = 30
"""Seconds that are read again: the clock has whole seconds, and a slow checkout commits some after its stamp."""

EXCLUDED_MAX = 500
SKEW = 900
"""Seconds that the shop's clock may be behind ours when we first meet."""

_DRAFTS = frozenset({"checkout-draft", "auto-draft"})


def changed_orders(line: Line, cursor: Mapping[str, Any]) -> OrderPage:
    """See Platform.changed_orders. Ordered by the time of the change, beginning at the last one seen.

    Page numbers are of no use: an order that changes meanwhile moves to the end, and one of the next page slips into
    the page before, unread. Every request asks for the first page after a time, without those read of that second.
    """
    here = dict(cursor) or {"after": 0, "open": True, "began": line.now() - SKEW}
    found = rows_of(ask(line, "orders", "GET", "/wc/v3/orders", query=_query(line, here)))
    orders, unread = each_read(line.channel, found, lambda raw: _read(line, raw), lambda raw: raw.get("id"))
    times = [at for raw in found if (at := _changed(raw)) is not None]
    newest = max([*times, here.get("newest", 0)])
    if len(found) >= PAGE and times:
        further = _further(here, found, int(times[-1]), int(newest))
        return OrderPage(orders=orders, cursor=further, more=True, unread=unread)
    if here.get("open"):
        return OrderPage(orders=orders, cursor={"after": int(here["began"])}, more=True, unread=unread)
    after = max(0, int(newest) - OVERLAP) if newest else int(here["after"])
    return OrderPage(orders=orders, cursor={"after": after, "newest": int(newest)}, unread=unread)


def order(line: Line, ref: str) -> ChannelOrder | None:
    """See Platform.order."""
    raw = fetch(line, ref)
    return None if raw is None or raw.get("status") in _DRAFTS else read_order(raw)


def fetch(line: Line, ref: str, operation: str = "orders") -> dict[str, Any] | None:
    """The order's JSON with its refunds; None where there is none."""
    if not ref.isascii() or not ref.isdigit():
        return None
    reply = ask(line, operation, "GET", f"/wc/v3/orders/{ref}", allow=(404,))
    return None if reply.status == 404 else with_refunds(line, row_of(reply))


def with_refunds(line: Line, raw: dict[str, Any]) -> dict[str, Any]:
    """The order shows only sums of its refunds; their lines take a call of their own."""
    if not raw.get("refunds"):
        return raw
    path = f"/wc/v3/orders/{fields.identity(raw)}/refunds"
    return raw | {REFUNDS: rows_of(ask(line, "refunds", "GET", path, query={"per_page": "100"}))}


def _query(line: Line, here: Mapping[str, Any]) -> dict[str, str]:
    query = {
        "orderby": "modified",
        "order": "asc",
        "per_page": str(PAGE),
        # Without a zone: WordPress turns one into the shop's own before it compares with GMT.
        "dates_are_gmt": "true",
        "modified_after": fields.gmt(here["after"]),
    }
    if here.get("open"):
        query["status"] = str(line.settings.get("open_statuses") or "pending,processing,on-hold").replace(" ", "")
    if seen := here.get("seen"):
        query["exclude"] = ",".join(str(each) for each in seen)
    if here.get("page", 1) > 1:
        query["page"] = str(here["page"])
    return query


def _further(here: Mapping[str, Any], found: list[dict[str, Any]], last: int, newest: int) -> dict[str, Any]:
    """The cursor after a full page: the last second once more, without those of it that were read."""
    cursor = {**here, "after": last - 1, "newest": newest, "page": 1}
    seen = list(here.get("seen", ())) if here["after"] == last - 1 else []
    if len(seen) >= EXCLUDED_MAX:
        # More in one second than an address can name: from here on by page numbers.
        return cursor | {"seen": seen, "page": here.get("page", 1) + 1}
    return cursor | {"seen": seen + [raw.get("id") for raw in found if _changed(raw) == last]}


def _changed(raw: Mapping[str, Any]) -> float | None:
    try:
        return fields.moment(raw, "date_modified_gmt")
    except DomainError:
        return None


def _read(line: Line, raw: dict[str, Any]) -> ChannelOrder | None:
    return None if raw.get("status") in _DRAFTS else read_order(with_refunds(line, raw))
