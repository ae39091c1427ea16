"""Cancels, through the Post-Order API v2: whole orders only. Its words are from eBay's pages: no contract is held.

Sellers in the EU and the UK must sign these calls with a key of their own, which is not done here: eBay then refuses.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from server.calls.line import Line
from server.calls.troubles import Refused, Trouble
from server.channels.ebay.access import ask
from server.channels.ebay.orders import raw_order
from server.channels.ebay.reading import cancel_requests, read_order
from server.domain.errors import DomainError
from server.trade.orders import ChannelOrder
from server.trade.words import Answer, Word, failed

POST_ORDER = "/post-order/v2/cancellation"
REASONS: Mapping[str, str] = {"customer": "BUYER_ASKED_CANCEL", "cannot_deliver": "ADDRESS_ISSUES"}
"""Our words to what a seller may say; everything else is that we cannot fulfil it."""
_OTHERWISE = "OUT_OF_STOCK_OR_CANNOT_FULFILL"


def tell_cancel(line: Line, word: Word) -> Answer:
    """Cancel an order, or approve the buyer's own request to; the order is always read first."""
    try:
        raw = raw_order(line, str(word.data["order_id"]))
        if raw is None:
            raise Refused("eBay has no such order")
        return _cancelled(line, word, raw)
    except DomainError as error:
        return failed(Refused(error.detail))
    except Trouble as trouble:
        return failed(trouble)


def _cancelled(line: Line, word: Word, raw: Mapping[str, Any]) -> Answer:
    found = read_order(raw)
    status = raw.get("cancelStatus") or {}
    if found.cancelled:
        return Answer("it is cancelled at eBay already")
    asked = cancel_requests(raw)
    if asked and not _whole(word, found):
        raise Refused("the buyer asks eBay to cancel all of it, and we only cancel a part: answer it at eBay")
    if asked:
        path = f"{POST_ORDER}/{quote(str(asked[0].get('cancelRequestId')), safe='')}/approve"
        reply = _post(line, path, None)
        return Answer(f"{reply} approved")
    if status.get("cancelState") == "IN_PROGRESS":
        return Answer("its cancellation is under way at eBay")
    if not _whole(word, found):
        raise Refused("eBay cancels whole orders only: refund these units there, in Seller Hub")
    body = {
        "legacyOrderId": raw["orderId"],
        "cancelReason": REASONS.get(str(word.data.get("reason")), _OTHERWISE),
        "buyerPaid": found.order.paid,
    }
    if found.order.paid and (paid_at := _paid_at(raw)):
        body["buyerPaidDate"] = {"value": paid_at}
    return Answer(f"{_post(line, POST_ORDER, body)} cancelled")


def _whole(word: Word, found: ChannelOrder) -> bool:
    """Whether the word names all that is wanted; no lines means all."""
    named: Counter[str] = Counter()
    for each in word.data.get("lines") or ():
        named[str(each.get("line_id"))] += int(each["quantity"])
    return not named or all(named[line.line_id] >= line.quantity for line in found.order.lines)


def _paid_at(raw: Mapping[str, Any]) -> str:
    payments = (raw.get("paymentSummary") or {}).get("payments") or ()
    return next((str(each["paymentDate"]) for each in payments if each.get("paymentDate")), "")


def _post(line: Line, path: str, body: Any) -> int:
    marketplace = str(line.settings.get("marketplace") or "EBAY_US")
    named = {"x-ebay-c-marketplace-id": marketplace, "content-type": "application/json"}
    return ask(line, "cancel", "POST", path, json=body, scheme="IAF", headers=named).status
