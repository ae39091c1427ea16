"""Refunds of what has left: money for lines, by ``issueRefund`` of the Fulfillment API.

eBay refunds amounts and has no key for a request: which refunds the order had is remembered before each one is asked
for. After a try of which nobody knows what came of it, one refund of just that amount that came since, and that no
other word made, is ours; where others came since, a person looks. Sellers in the EU and the UK must sign this call
with a key of their own, which is not done here: eBay then refuses.
"""

from collections import Counter
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from urllib.parse import quote

from server.calls.line import Line
from server.calls.troubles import Away, Refused, Trouble
from server.channels.ebay.access import FULFILMENT, ask, fields, rows
from server.channels.ebay.orders import raw_order
from server.domain.errors import DomainError
from server.trade.money import digits
from server.trade.words import Answer, Word, failed

_WHOLE = {"lost": "ITEM_NOT_RECEIVED", "returned": "BUYER_RETURN"}
_ANY = {"damaged": "ITEM_NOT_AS_DESCRIBED", "wrong": "ITEM_NOT_AS_DESCRIBED"}
"""Our words to eBay's ReasonForRefundEnum; those of ``_WHOLE`` are for all of a line only."""
_OTHERWISE = "OTHER_ADJUSTMENT"
_DONE = "done"


def tell_refund(line: Line, word: Word) -> Answer:
    """Pay back what the word names, once."""
    try:
        return _told(line, word)
    except DomainError as error:
        return failed(Refused(error.detail))
    except Trouble as trouble:
        return failed(trouble)


def _told(line: Line, word: Word) -> Answer:
    raw = raw_order(line, str(word.data["order_id"]))
    if raw is None:
        raise Refused("eBay has no such order")
    lines = {str(each.get("lineItemId")): each for each in rows(raw, "lineItems")}
    units = _units(word, lines)
    key, made = f"refund:{word.id}", _made([lines[line_id] for line_id in units])
    amounts = {line_id: _amount(lines[line_id], count) for line_id, count in units.items()}
    before = line.memory.get(key)
    if before == _DONE:
        return Answer("paid back before")
    if before is None:
        for line_id, amount in amounts.items():
            _check_room(lines[line_id], Decimal(amount["value"]))
        line.memory.put(key, sorted(made))
    elif since := {ref: made[ref] for ref in made.keys() - set(before) if line.memory.get(_by_word(ref)) is None}:
        if list(since.values()) != [sum(Decimal(amount["value"]) for amount in amounts.values())]:
            raise Refused("other refunds came since the first try: see in Seller Hub whether this one is among them")
        return _done(line, key, "it was paid back by an earlier try", *since)
    whole = all(units[line_id] == lines[line_id].get("quantity") for line_id in units)
    reason = str(word.data.get("reason"))
    body = {
        "reasonForRefund": _ANY.get(reason) or (_WHOLE.get(reason) if whole else None) or _OTHERWISE,
        "refundItems": [{"lineItemId": line_id, "refundAmount": amount} for line_id, amount in amounts.items()],
    }
    try:
        said = _asked(line, str(word.data["order_id"]), body)
    except Trouble as trouble:
        if before is None and not (isinstance(trouble, Away) and trouble.maybe_done):
            line.memory.put(key, None)  # Nothing was paid: what comes from now is not this word's.
        raise
    return _done(line, key, f"refund {said[:60]}", said)


def _asked(line: Line, order_id: str, body: Mapping[str, Any]) -> str:
    """The refund's id."""
    path = f"{FULFILMENT}/order/{quote(order_id, safe='')}/issue_refund"
    said = fields(ask(line, "refund", "POST", path, json=body, headers={"content-type": "application/json"}))
    if said.get("refundStatus") == "FAILED":
        raise Refused("eBay could not pay it back: see Seller Hub")
    if not said.get("refundId"):
        raise Away("issueRefund: expected a refundId", maybe_done=True)
    return str(said["refundId"])


def _units(word: Word, lines: Mapping[str, Mapping[str, Any]]) -> Counter[str]:
    units: Counter[str] = Counter()
    for each in word.data.get("lines") or ():
        units[str(each.get("line_id"))] += int(each.get("quantity") or 0)
    for line_id, count in units.items():
        if line_id not in lines or not 0 < count <= int(lines[line_id].get("quantity") or 0):
            raise Refused(f"line {line_id[:40]!r}: expected units that eBay sold, found {count}")
    if not units:
        raise Refused("lines: expected what is paid back, found nothing")
    return units


def _made(lines: list[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Refunds that these lines have: their amounts by their ids."""
    made: dict[str, Decimal] = {}
    for refund in (refund for each in lines for refund in each.get("refunds") or ()):
        ref = str(refund.get("refundId") or refund.get("refundReferenceId") or refund.get("refundDate") or "")
        made[ref] = made.get(ref, Decimal()) + Decimal(str((refund.get("amount") or {}).get("value") or 0))
    return made


def _by_word(ref: str) -> str:
    return f"refund-made:{ref}"


def _check_room(row: Mapping[str, Any], asked: Decimal) -> None:
    """Raise Refused where a line was paid back already, by a case of the buyer or in Seller Hub."""
    cost, amounts = _cost(row), [each.get("amount") or {} for each in row.get("refunds") or ()]
    back = sum((Decimal(str(amount.get("value") or 0)) for amount in amounts), Decimal())
    if back and back + asked > Decimal(str(cost.get("value") or 0)):
        whole = f"{cost.get('value')} {cost.get('currency')}"
        raise Refused(f"{back} of {whole} were paid back before, {asked} more is wanted")


def _cost(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return row.get("discountedLineItemCost") or row.get("lineItemCost") or {}


def _amount(row: Mapping[str, Any], count: int) -> dict[str, str]:
    """The price of so many units; taxes that eBay collected it pays back by itself."""
    cost = _cost(row)
    currency, ordered = str(cost.get("currency") or ""), int(row.get("quantity") or 1)
    share = Decimal(str(cost.get("value") or 0)) * count / ordered
    return {"value": str(share.quantize(Decimal(1).scaleb(-digits(currency)), ROUND_HALF_UP)), "currency": currency}


def _done(line: Line, key: str, text: str, *refs: str) -> Answer:
    line.memory.put_all({key: _DONE} | {_by_word(ref): key for ref in refs})
    return Answer(text)
