"""What we will not send: all of an order by its status, a part of it by a refund; and refunds of what has left.

The shop puts the stock of a cancelled order back by itself; a refund is told not to, and the next number we push is
right in either case. Money moves only where ``gateway_refunds`` says so.
"""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Away, Refused
from server.channels.woocommerce import fields
from server.channels.woocommerce.asking import ask, code_of, row_of
from server.channels.woocommerce.orders import fetch
from server.channels.woocommerce.parcels import parcels_of
from server.channels.woocommerce.reading import CLOSED, REFUNDS, handed_over, refunded, wanted
from server.trade.words import Answer, Word

MARK = "_packproof_cancel"
_REASONS = {
    "customer": "cancelled at the customer's wish",
    "pricing_error": "wrong price",
    "seller": "cancelled by the shop",
}


def cancel(line: Line, word: Word) -> Answer:
    """The order is read first, every time: a status or a marked refund of an earlier try is found there."""
    order_id = str(word.data["order_id"])
    raw = fetch(line, order_id, "cancels")
    if raw is None:
        raise Refused(f"order {order_id[:40]}: the shop has none under this number")
    before = _told(raw, word.id)
    if handed_over(raw) and not before:
        raise Refused(f"order {order_id}: all of it left")
    if handed_over(raw) or raw.get("status") in CLOSED:
        return Answer("cancelled before")
    still = _open(raw)
    units = Counter[str]() if before else _units(word, still)
    path = f"/wc/v3/orders/{order_id}"
    if units and units == still and not parcels_of(raw):
        row_of(ask(line, "cancels", "PUT", path, body={"status": "cancelled"}))
        return Answer("cancelled")
    if not before:
        if not units:
            raise Refused(f"order {order_id}: nothing of these lines is open")
        _refund(line, raw, word, units)
    if units == still and parcels_of(raw):
        row_of(ask(line, "cancels", "PUT", path, body={"status": "completed"}))
    return Answer("cancelled before" if before else f"{units.total()} units cancelled")


def refund(line: Line, word: Word) -> Answer:
    """Units that have left are paid back; an earlier try is found by its mark."""
    order_id = str(word.data["order_id"])
    raw = fetch(line, order_id, "cancels")
    if raw is None:
        raise Refused(f"order {order_id[:40]}: the shop has none under this number")
    moved = "paid back" if _pays(line) else "written down as refunded: pay it back by hand, gateway_refunds is no"
    if not _told(raw, word.id):
        units = _left(raw) & _asked(word)
        if not units or units != _asked(word):
            raise Refused(f"order {order_id}: expected units that left and were not refunded")
        _refund(line, raw, word, units)
    return Answer(moved)


def _left(raw: Mapping[str, Any]) -> Counter[str]:
    """Units by line id that left and were not refunded since."""
    found: Counter[str] = Counter()
    for row in fields.rows(raw, "line_items"):
        line_id, ordered = fields.identity(row), fields.number(row, "quantity")
        gone = sum(parcel.units.get(line_id, 0) for parcel in parcels_of(raw))
        back = sum(units for _, units in refunded(raw, line_id))
        found[line_id] = max(0, min(ordered, ordered if handed_over(raw) else gone) - back)
    return +found


def _open(raw: Mapping[str, Any]) -> Counter[str]:
    """Units by line id that are wanted and have not left."""
    left: Counter[str] = Counter()
    for parcel in parcels_of(raw):
        left.update(parcel.units)
    lines = {fields.identity(row): wanted(raw, row) for row in fields.rows(raw, "line_items")}
    return +Counter({line_id: count - left[line_id] for line_id, count in lines.items()})


def _units(word: Word, still: Counter[str]) -> Counter[str]:
    """What of it is to be cancelled; a word without lines means all."""
    rows = word.data.get("lines")
    if not rows:
        return still
    return _asked(word) & still


def _asked(word: Word) -> Counter[str]:
    asked: Counter[str] = Counter()
    for row in word.data.get("lines") or ():
        asked[str(row.get("line_id"))] += int(row.get("quantity") or 0)
    return asked


def _told(raw: Mapping[str, Any], word_id: str) -> bool:
    return any((MARK, word_id) in fields.meta(refund) for refund in fields.rows(raw, REFUNDS))


def _refund(line: Line, raw: Mapping[str, Any], word: Word, units: Counter[str]) -> None:
    currency = fields.text(raw, "currency")
    lines = {fields.identity(row): row for row in fields.rows(raw, "line_items")}
    rows = [_share(raw, lines[line_id], count, currency) for line_id, count in units.items()]
    amount = sum(
        (row["refund_total"] + sum(tax["refund_total"] for tax in row["refund_tax"]) for row in rows), Decimal(0)
    )
    reason = str(word.data.get("reason") or "")
    body = {
        "amount": str(amount),
        "reason": _REASONS.get(reason, reason.replace("_", " ") or "cancelled"),
        # Both are true where nothing is said: they would move money, and count the units twice.
        "api_refund": _pays(line),
        "api_restock": False,
        "line_items": rows,
        "meta_data": [{"key": MARK, "value": word.id}],
    }
    path = f"/wc/v3/orders/{fields.identity(raw)}/refunds"
    reply = ask(line, "cancels", "POST", path, body=body, allow=(500,))
    if reply.status == 500:
        # WooCommerce answers 500 to a refund that its rules do not allow; any other 500 is a broken shop.
        if code_of(reply) == "woocommerce_rest_cannot_create_order_refund":
            raise Refused(reply.text())
        raise Away(reply.text(), maybe_done=True)
    row_of(reply)


def _pays(line: Line) -> bool:
    return str(line.settings.get("gateway_refunds") or "no") == "yes"


def _share(raw: Mapping[str, Any], row: Mapping[str, Any], count: int, currency: str) -> dict[str, Any]:
    """The money of so many units, so that the shares of all units are the line's amount to the cent."""
    ordered = fields.number(row, "quantity", 1)
    before = sum(units for _, units in refunded(raw, fields.identity(row)))

    def part(total: Decimal) -> Decimal:
        upto = min(ordered, before + count)
        return fields.rounded(total * upto / ordered, currency) - fields.rounded(total * before / ordered, currency)

    taxes = [
        {"id": tax.get("id"), "refund_total": part(fields.money(tax, "total"))} for tax in fields.rows(row, "taxes")
    ]
    return {
        "id": int(fields.identity(row)),
        "quantity": count,
        "refund_total": part(fields.money(row, "total")),
        "refund_tax": taxes,
    }
