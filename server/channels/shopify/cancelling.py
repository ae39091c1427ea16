"""Cancels and refunds. All that is left of an order is cancelled as a whole; some of its units are refunded."""

import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Refused, Trouble
from server.channels.shopify import questions
from server.channels.shopify.asking import ask, gid, number_of, said
from server.channels.shopify.flags import flag
from server.channels.shopify.parts import lines_of
from server.channels.shopify.reading import more, part, parts, text, whole
from server.channels.shopify.shelf import place_of
from server.trade.words import Answer, Word, failed

_REASONS = {
    "out_of_stock": "INVENTORY",
    "damaged": "INVENTORY",
    "customer": "CUSTOMER",
    "fraud": "FRAUD",
    "payment": "DECLINED",
    "pricing_error": "STAFF",
    "seller": "STAFF",
    "duplicate": "STAFF",
}
_OURS = uuid.UUID("6f0a7b0e-6d8f-4b41-9d5e-2f1f3c1f7a55")


def tell(line: Line, word: Word) -> Answer:
    """Cancel what the word names, once."""
    try:
        return _told(line, word)
    except Trouble as trouble:
        return failed(trouble)


def _told(line: Line, word: Word) -> Answer:
    order = gid("Order", str(word.data["order_id"]))
    found = part(ask(line, questions.CANCELLED, id=order), "order")
    if not found:
        raise Refused("order: the shop has none under this id")
    if found.get("cancelledAt"):
        return Answer("cancelled there already")
    if _marked(found, word):
        return Answer("refunded there already")
    units = _units(word)
    return _refunded(line, word, order, units) if _some(line, found, units) else _cancelled(line, word, order)


def tell_refund(line: Line, word: Word) -> Answer:
    """Pay back what has left, once."""
    try:
        order = gid("Order", str(word.data["order_id"]))
        found = part(ask(line, questions.CANCELLED, id=order), "order")
        if not found:
            raise Refused("order: the shop has none under this id")
        if _marked(found, word):
            return Answer("refunded there already")
        return _refunded(line, word, order, _units(word), left=True)
    except Trouble as trouble:
        return failed(trouble)


def _units(word: Word) -> Counter[str]:
    units: Counter[str] = Counter()
    for each in word.data.get("lines") or ():
        units[str(each["line_id"])] += int(each["quantity"])
    return units


def _marked(found: Mapping[str, Any], word: Word) -> bool:
    return any(_mark(word) in text(refund, "note") for refund in parts(found, "refunds"))


def _some(line: Line, found: Mapping[str, Any], units: Counter[str]) -> bool:
    """Whether something of the order is left beside these units, or has gone."""
    if not units:
        return False
    if any(parcel.get("status") != "CANCELLED" for parcel in parts(found, "fulfillments")):
        return True
    items = [*parts(found, "lineItems"), *lines_of(line, text(found, "id"), more(found, "lineItems"))]
    return any(whole(item, "unfulfilledQuantity") > units[number_of(text(item, "id"))] for item in items)


def _cancelled(line: Line, word: Word, order: str) -> Answer:
    """The numbers there are ours to set, so that the shop puts nothing back by itself."""
    refund = flag(line.settings, "refund_on_cancel", True)
    data = ask(
        line,
        questions.CANCEL,
        id=order,
        reason=_REASONS.get(str(word.data.get("reason")), "OTHER"),
        refund={"originalPaymentMethodsRefund": refund},
        notify=flag(line.settings, "notify_customer", True),
        note=f"{word.data.get('reason')} {_mark(word)}"[:255],
    )
    errors = parts(part(data, "orderCancel"), "orderCancelUserErrors")
    if not errors:
        return Answer("the shop cancels it")
    again = part(ask(line, questions.CANCELLED, id=order), "order")
    if again.get("cancelledAt"):
        return Answer("cancelled there already")
    raise Refused(f"cancel: {said(errors)}")


def _refunded(line: Line, word: Word, order: str, units: Counter[str], *, left: bool = False) -> Answer:
    """The key is the word's own: the same refund twice is one refund. ``left``: these units are no stock of ours."""
    how = {"restockType": "NO_RESTOCK"} if left else {"restockType": "CANCEL", "locationId": place_of(line)}
    lines = [{"lineItemId": gid("LineItem", line_id), "quantity": each} | how for line_id, each in units.items()]
    plan = _plan(line, order, lines) if left or flag(line.settings, "refund_on_cancel", True) else []
    refund: dict[str, Any] = {
        "orderId": order,
        "note": f"{word.data.get('reason')} {_mark(word)}",
        "notify": flag(line.settings, "notify_customer", True),
        "refundLineItems": lines,
        "transactions": [_transaction(order, each) for each in plan],
    }
    if plan:
        refund["currency"] = text(part(part(plan[0], "amountSet"), "presentmentMoney"), "currencyCode")
    data = ask(line, questions.REFUND, input=refund, key=str(uuid.uuid5(_OURS, word.id)))
    made = part(data, "refundCreate")
    if errors := parts(made, "userErrors"):
        raise Refused(f"cancel: {said(errors)}")
    return Answer(f"refund {number_of(text(part(made, 'refund'), 'id'))}")


def _plan(line: Line, order: str, lines: list[dict[str, Any]]) -> list[Mapping[str, Any]]:
    """How the shop would pay these units back; empty where nothing was paid."""
    shown = part(part(ask(line, questions.REFUND_PLAN, id=order, lines=lines), "order"), "suggestedRefund")
    return parts(shown, "suggestedTransactions")


def _transaction(order: str, planned: Mapping[str, Any]) -> dict[str, Any]:
    """Money goes back in the currency that the buyer paid with."""
    return {
        "orderId": order,
        "kind": "REFUND",
        "gateway": text(planned, "gateway"),
        "amount": text(part(part(planned, "amountSet"), "presentmentMoney"), "amount"),
        "parentId": text(part(planned, "parentTransaction"), "id") or None,
    }


def _mark(word: Word) -> str:
    """How we find our own refund again; only the shop's people see it."""
    return f"[{word.id}]"
