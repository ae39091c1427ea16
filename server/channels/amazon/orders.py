"""Which orders changed: by the queue within seconds, by searchOrders every few minutes; and one order by its id."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from server.calls.line import Line
from server.calls.troubles import Away, Denied, Refused, Throttled, Trouble
from server.channels.amazon import queue
from server.channels.amazon.api import answer, ask, things
from server.channels.amazon.reading import read_order
from server.channels.amazon.setup import POLL, has_queue, marketplace
from server.domain.errors import DomainError
from server.trade.moments import stamp
from server.trade.orders import ChannelOrder
from server.trade.pages import each_read
from server.trade.words import Account, OrderPage

PATH = "/orders/2026-01-01/orders"
DATA = "BUYER,RECIPIENT,PROCEEDS,CANCELLATION,FULFILLMENT,PACKAGES,PAYMENT"
OPEN = "PENDING_AVAILABILITY,PENDING,UNSHIPPED,PARTIALLY_SHIPPED"
BEHIND = 150.0
"""``...Before`` must be two minutes old by Amazon's clock; half a minute more is for ours."""
OVERLAP = 120.0
"""Seconds that each look goes back behind the last one: an update may show late."""
HISTORY = 180 * 86400.0
"""How old an order may be that still wants shipping when we are connected."""
_EARLY = 15.0
_ORDER_ID = re.compile(r"\d{3}-\d{7}-\d{7}")

log = structlog.get_logger("amazon")


def who(line: Line) -> Account:
    """See Platform."""
    found = answer(ask(line, "getMarketplaceParticipations", "GET", "/sellers/v1/marketplaceParticipations"))
    ours, ids = marketplace(line.settings), []
    for each in things(found.get("payload")):
        at = each.get("marketplace") or {}
        ids.append(str(at.get("id")))
        if at.get("id") == ours and (each.get("participation") or {}).get("isParticipating"):
            return Account(name=f"{each.get('storeName') or ''} ({at.get('name') or ours})".strip())
    raise Denied(f"marketplace_id: expected one that this account sells in ({', '.join(ids)}), found {ours}")


def order(line: Line, ref: str) -> ChannelOrder | None:
    """See Platform."""
    if not _ORDER_ID.fullmatch(ref):
        return None
    reply = ask(line, "getOrder", "GET", f"{PATH}/{ref}", query={"includedData": DATA}, allow=(404,))
    if reply.status == 404:
        return None
    raw = answer(reply).get("order")
    if not isinstance(raw, dict):
        raise Away("getOrder: expected an order", maybe_done=True)
    return read_order(raw)


def changed_orders(line: Line, cursor: Mapping[str, Any]) -> OrderPage:
    """See Platform.

    The cursor: ``since`` (all changes before it are known) and ``looked`` (when the last look began); of an unfinished
    look ``began``, its bounds, and ``token`` of its next page; of the queue ``waiting`` [[order id, receipt]], and
    ``taken``: receipts whose orders were in the page that this cursor came with.
    """
    if not has_queue(line.settings):
        return _searched(line, cursor)
    _let_go(line, cursor.get("taken") or ())
    rest = {name: value for name, value in cursor.items() if name != "taken"}
    if "began" in rest or line.now() - float(rest.get("looked", 0)) >= POLL - _EARLY:
        page = _searched(line, rest)
        return replace(page, more=True)
    return _queued(line, rest)


def _searched(line: Line, cursor: Mapping[str, Any]) -> OrderPage:
    kept = {"waiting": cursor["waiting"]} if cursor.get("waiting") else {}
    look = _look(cursor, line.now())
    token = str(cursor.get("token") or "")
    try:
        found = answer(ask(line, "searchOrders", "GET", PATH, query=_query(line, look, token)))
    except Refused:
        if not token:
            raise
        # A token lives for 24 hours; after a longer pause the same look begins anew.
        return OrderPage(orders=(), cursor=kept | look, more=True)
    if not isinstance(found.get("orders"), list):
        raise Away("searchOrders: expected orders", maybe_done=True)
    following = (found.get("pagination") or {}).get("nextToken")
    done = {"since": look.get("until", look["began"] - BEHIND), "looked": look["began"]}
    after = look | {"token": str(following)} if following else done
    orders, unread = each_read(line.channel, things(found["orders"]), read_order, lambda raw: raw.get("orderId"))
    orders = tuple(sorted(orders, key=lambda each: each.changed_at))
    return OrderPage(orders=orders, cursor=kept | after, more=bool(following), unread=unread)


def _look(cursor: Mapping[str, Any], now: float) -> dict[str, Any]:
    """The bounds of a look: the same for all its pages, so that orders which change meanwhile come with the next."""
    if "began" in cursor:
        return {name: cursor[name] for name in ("began", "since", "until", "after") if name in cursor}
    if "since" in cursor:
        since = float(cursor["since"])
        return {"began": now, "since": since, "until": max(since, now - BEHIND)}
    return {"began": now, "after": now - HISTORY}


def _query(line: Line, look: Mapping[str, float], token: str) -> dict[str, str]:
    if "since" in look:
        when = {"lastUpdatedAfter": stamp(look["since"] - OVERLAP), "lastUpdatedBefore": stamp(look["until"])}
    else:
        when = {"createdAfter": stamp(look["after"]), "fulfillmentStatuses": OPEN}
    usual = {"marketplaceIds": marketplace(line.settings), "maxResultsPerPage": "100", "includedData": DATA}
    return {**when, **usual, **({"paginationToken": token} if token else {})}


def _queued(line: Line, cursor: Mapping[str, Any]) -> OrderPage:
    """The orders of up to ten messages. What getOrder's limit does not allow now waits in the cursor."""
    waiting = [(str(ref), str(receipt)) for ref, receipt in cursor.get("waiting") or ()] or queue.receive(line)
    found: dict[str, ChannelOrder] = {}
    taken: list[str] = []
    unread: list[str] = []
    for ref, receipt in waiting:
        try:
            if ref not in found and (now := order(line, ref)) is not None:
                found[ref] = now
        except DomainError:
            unread.append(ref)
        except Throttled:
            break
        except Trouble:
            if not taken:
                raise
            break
        taken.append(receipt)
    left = [[ref, receipt] for ref, receipt in waiting[len(taken) :]]
    rest = {name: value for name, value in cursor.items() if name != "waiting"} | ({"waiting": left} if left else {})
    orders = tuple(sorted(found.values(), key=lambda each: each.changed_at))
    cursor = rest | {"taken": taken} if taken else rest
    return OrderPage(orders=orders, cursor=cursor, more=bool(taken) and not left, unread=tuple(dict.fromkeys(unread)))


def _let_go(line: Line, receipts: Any) -> None:
    try:
        queue.delete(line, [str(receipt) for receipt in receipts])
    except Trouble as trouble:
        # They come again, and the same order is fetched once more: no harm.
        log.warning("queue.kept", why=trouble.detail)
