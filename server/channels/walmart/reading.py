"""An order of Walmart's as ours. Its order of ours is the purchase order; a customer order may have several."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from server.domain.errors import DomainError
from server.trade.money import digits
from server.trade.orders import ChannelOrder, IncomingOrder, ShipTo, SoldLine

LEFT = frozenset({"Shipped", "Delivered", "Refund"})
"""Statuses of units that have left: Walmart refunds only what was shipped."""

_TWO_LETTERS = {
    "USA": "US", "PRI": "PR", "VIR": "VI", "GUM": "GU", "ASM": "AS", "MNP": "MP", "UMI": "UM", "CAN": "CA", "MEX": "MX",
}  # fmt: skip
_UNITS_MAX = 2_000_000_000
_LATEST = 100_000_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """So many units of a line in one status. ``tracking`` is empty until they left."""

    status: str
    units: int
    tracking: str = ""


@dataclass(frozen=True, slots=True)
class LineNow:
    """A line of a purchase order as Walmart shows it."""

    number: str
    sku: str
    ordered: int
    parts: tuple[Part, ...]
    unwanted: bool = False
    """The buyer asked for a cancel (intentToCancel); shipping must then say that it knows."""

    def units(self, *statuses: str) -> int:
        """How many units are in these statuses."""
        return sum(part.units for part in self.parts if part.status in statuses)

    @property
    def wanted(self) -> int:
        """Ordered, less cancelled: what has left included."""
        return max(0, self.ordered - self.units("Cancelled"))

    @property
    def open(self) -> int:
        """What has still to leave."""
        return max(0, self.wanted - self.units(*LEFT))

    def under(self, tracking: str) -> int:
        """Units that left under this tracking number."""
        return sum(part.units for part in self.parts if part.tracking == tracking and part.status in LEFT)


def read_order(raw: Mapping[str, Any]) -> ChannelOrder:
    """See Platform; raise DomainError("malformed") naming the field, without what a buyer wrote."""
    shown = _lines_of(raw)
    lines = [line_now(each, nth) for nth, each in enumerate(shown)]
    tracking = frozenset(part.tracking for line in lines for part in line.parts if part.tracking)
    return ChannelOrder(
        order=_order(raw, [(each, line) for each, line in zip(shown, lines, strict=True) if line.wanted]),
        changed_at=max([_time(each, "statusDate", "orderLine.") or 0.0 for each in shown] + [_placed(raw)]),
        cancelled=not any(line.wanted for line in lines),
        handed_over=any(line.wanted for line in lines) and not any(line.open for line in lines),
        acknowledged=not any(line.units("Created") for line in lines),
        asks=_asks(lines) if _is_ours(raw) else "",
        tracking=tracking,
    )


def _asks(lines: Sequence[LineNow]) -> str:
    skus = ", ".join(dict.fromkeys(line.sku for line in lines if line.unwanted and line.open))
    return f"The buyer asks to cancel {skus}: cancel it, or ship it all the same" if skus else ""


def lines_now(raw: Mapping[str, Any]) -> dict[str, LineNow]:
    """The lines by their numbers; raise DomainError("malformed")."""
    found = [line_now(each, nth) for nth, each in enumerate(_lines_of(raw))]
    return {line.number: line for line in found}


def line_now(raw: Mapping[str, Any], nth: int) -> LineNow:
    """One line; raise DomainError("malformed")."""
    where = f"orderLines.orderLine[{nth}]."
    parts = []
    for status in _list(_mapping(raw, "orderLineStatuses", where), "orderLineStatus", where):
        info = status.get("trackingInfo")
        tracking = str(info.get("trackingNumber") or "") if isinstance(info, Mapping) else ""
        units = _amount(_mapping(status, "statusQuantity", where), where + "statusQuantity.")
        parts.append(Part(_text(status, "status", where), units, tracking))
    return LineNow(
        number=_text(raw, "lineNumber", where),
        sku=_text(_mapping(raw, "item", where), "sku", where + "item."),
        ordered=_amount(_mapping(raw, "orderLineQuantity", where), where + "orderLineQuantity."),
        parts=tuple(parts),
        unwanted=str(raw.get("intentToCancel") or "").lower() not in {"", "false", "no", "none", "null"},
    )


def _order(raw: Mapping[str, Any], lines: Sequence[tuple[Mapping[str, Any], LineNow]]) -> IncomingOrder:
    info = _mapping(raw, "shippingInfo", "")
    ship_to = _ship_to(raw, info)
    # Walmart releases an order once its payment is authorised, and takes the money when it is shipped.
    paid = ship_to != ShipTo()
    total, currency = _total(raw)
    return IncomingOrder(
        order_id=_text(raw, "purchaseOrderId", ""),
        placed_at=_placed(raw),
        paid=paid,
        currency=currency or next((found for each, _ in lines for _, found in _prices(each)), ""),
        ship_by=_time(info, "estimatedShipDate", "shippingInfo."),
        deliver_by=_time(info, "estimatedDeliveryDate", "shippingInfo."),
        carrier="",
        service=str(info.get("methodCode") or ""),
        note="",
        ship_to=ship_to,
        lines=tuple(_sold(each, line) for each, line in lines),
        raw=dict(raw),
        fulfilment="own" if _is_ours(raw) else "channel",
        payment="paid" if paid else "unpaid",
        amount_due=total,
        amount_paid=(total or 0) if paid else 0,
    )


def _ship_to(raw: Mapping[str, Any], info: Mapping[str, Any]) -> ShipTo:
    address = info.get("postalAddress")
    if not isinstance(address, Mapping) or not any(address.values()):
        # Not released yet: nobody may ship it, and nobody is told where to.
        return ShipTo()

    def said(name: str) -> str:
        found = address.get(name)
        if found is not None and not isinstance(found, str):
            raise _malformed(f"shippingInfo.postalAddress.{name}", "a text", found)
        return found or ""

    country = said("country")
    return ShipTo(
        name=said("name"),
        lines=tuple(each for each in (said("address1"), said("address2")) if each),
        city=said("city"),
        region=said("state"),
        postcode=said("postalCode"),
        country=_TWO_LETTERS.get(country, country),
        phone=str(info.get("phone") or ""),
        email=str(raw.get("customerEmailId") or ""),
    )


def _sold(raw: Mapping[str, Any], line: LineNow) -> SoldLine:
    price = next((amount for amount, _ in _prices(raw)), None)
    return SoldLine(
        sku=line.sku,
        quantity=line.wanted,
        line_id=line.number,
        title=str(_mapping(raw, "item", "").get("productName") or ""),
        price="" if price is None else f"{price:f}",
        personalisation=str(raw.get("configId") or ""),
    )


def _prices(raw: Mapping[str, Any]) -> Iterator[tuple[Decimal, str]]:
    """The product's charges: amount and currency."""
    charges = raw.get("charges")
    for charge in _list(charges, "charge", "charges.") if isinstance(charges, Mapping) else []:
        amount = charge.get("chargeAmount")
        if charge.get("chargeType") == "PRODUCT" and isinstance(amount, Mapping):
            yield _decimal(amount.get("amount"), "charges.chargeAmount.amount"), str(amount.get("currency") or "")


def _total(raw: Mapping[str, Any]) -> tuple[int | None, str]:
    """The order's total in minor units and its currency, where the answer has a summary."""
    summary = raw.get("orderSummary")
    total = summary.get("totalAmount") if isinstance(summary, Mapping) else None
    if not isinstance(total, Mapping) or total.get("currencyAmount") is None:
        return None, ""
    amount = _decimal(total["currencyAmount"], "orderSummary.totalAmount.currencyAmount")
    currency = str(total.get("currencyUnit") or "")
    return int(amount.scaleb(digits(currency)).to_integral_value()), currency


def _is_ours(raw: Mapping[str, Any]) -> bool:
    """Whether the seller ships it, and not Walmart."""
    node = raw.get("shipNode")
    return not isinstance(node, Mapping) or str(node.get("type") or "") in {"", "SellerFulfilled"}


def _lines_of(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return _list(_mapping(raw, "orderLines", ""), "orderLine", "orderLines.")


def _placed(raw: Mapping[str, Any]) -> float:
    found = _time(raw, "orderDate", "")
    if found is None:
        raise _malformed("orderDate", "milliseconds since 1970", None)
    return found


def _time(raw: Mapping[str, Any], name: str, where: str) -> float | None:
    found = raw.get(name)
    if found is None:
        return None
    if isinstance(found, str):
        # Milliseconds in every example; one schema of the description has them as a text.
        try:
            return datetime.fromisoformat(found).timestamp()
        except (ValueError, OverflowError):
            raise _malformed(where + name, "milliseconds since 1970", found) from None
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= _LATEST * 1000:
        raise _malformed(where + name, "milliseconds since 1970", found)
    return found / 1000


def _amount(raw: Mapping[str, Any], where: str) -> int:
    amount = _decimal(raw.get("amount"), where + "amount")
    if amount != amount.to_integral_value() or not 0 <= amount <= _UNITS_MAX:
        raise _malformed(where + "amount", "a whole number of units", raw.get("amount"))
    return int(amount)


def _decimal(found: Any, where: str) -> Decimal:
    """Exact: a number of JSON has as many digits as it was written with."""
    try:
        amount = Decimal(str(found))
    except InvalidOperation:
        raise _malformed(where, "a number", found) from None
    if isinstance(found, bool) or not amount.is_finite() or abs(amount) > _UNITS_MAX:
        raise _malformed(where, "a number", found)
    return amount


def _mapping(raw: Mapping[str, Any], name: str, where: str) -> Mapping[str, Any]:
    found = raw.get(name)
    if not isinstance(found, Mapping):
        raise _malformed(where + name, "an object", found)
    return found


def _list(raw: Mapping[str, Any], name: str, where: str) -> list[Mapping[str, Any]]:
    found = raw.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise _malformed(where + name, "a list of objects", found)
    return found


def _text(raw: Mapping[str, Any], name: str, where: str) -> str:
    found = raw.get(name)
    if not isinstance(found, str) or not found:
        raise _malformed(where + name, "a text", found)
    return found


def _malformed(where: str, expected: str, found: Any) -> DomainError:
    """Only the kind of what was found: a field of an order may be somebody's name."""
    return DomainError("malformed", f"{where}: expected {expected}, found {_KINDS.get(type(found), 'something else')}")


_KINDS = {
    type(None): "nothing",
    str: "another text",
    int: "another number",
    float: "another number",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}
