"""An eBay order in our words. Nothing here asks anybody; personal data never gets into an error."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote

from server.domain.errors import DomainError
from server.trade.moments import seconds_of
from server.trade.money import digits
from server.trade.orders import ChannelOrder, IncomingOrder, ShipTo, SoldLine

_WAITING = frozenset({"REQUESTED", "CANCEL_REQUESTED", "APPROVAL_PENDING"})
_MANY = 1_000_000


def read_order(raw: Mapping[str, Any]) -> ChannelOrder:
    """The order in eBay's own JSON (getOrder, getOrders); raise DomainError("malformed") naming the field."""
    try:
        json.dumps(raw, ensure_ascii=False).encode()
    except (UnicodeEncodeError, TypeError, ValueError, RecursionError) as error:
        raise DomainError("malformed", "order: expected JSON in Unicode, found half a character") from error
    status = _text(raw, "orderFulfillmentStatus")
    shown = [(line, _wanted(line)) for line in _list(raw, "lineItems")]
    cancelled = _text(_dict(raw, "cancelStatus"), "cancelState") == "CANCELED"
    refunded = _text(raw, "orderPaymentStatus") == "FULLY_REFUNDED" and status == "NOT_STARTED"
    left = () if cancelled or refunded else tuple((line, units) for line, units in shown if units)
    changed_at = _time(raw, "lastModifiedDate")
    if changed_at is None:
        raise DomainError("malformed", "lastModifiedDate: expected a time, found none")
    fulfilled = [_text(line, "lineItemFulfillmentStatus") == "FULFILLED" for line, _ in left]
    handed_over = status == "FULFILLED" or (bool(fulfilled) and all(fulfilled))
    return ChannelOrder(
        order=_order(raw, left),
        changed_at=changed_at,
        cancelled=not left and status != "FULFILLED",
        handed_over=handed_over,
        asks=_asks(raw) if left and not handed_over and not _fulfilled_by_ebay(raw) else "",
        tracking=frozenset(_tracking(raw)),
        paid_back=handed_over and bool(_list(_dict(raw, "paymentSummary"), "refunds")),
    )


def cancel_requests(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The requests to cancel that nobody has answered; only getOrder shows any."""
    asked = _list(_dict(raw, "cancelStatus"), "cancelRequests")
    return [each for each in asked if each.get("cancelRequestState") in _WAITING]


def cancel_is_asked(raw: Mapping[str, Any]) -> bool:
    """Whether eBay says that a cancel is under way, and not who asks for it."""
    status = _dict(raw, "cancelStatus")
    return _text(status, "cancelState") == "IN_PROGRESS" and not _list(status, "cancelRequests")


def _asks(raw: Mapping[str, Any]) -> str:
    by_the_buyer = [each for each in cancel_requests(raw) if _text(each, "cancelInitiator").lower() != "seller"]
    if by_the_buyer:
        return "The buyer asks to cancel this order: cancel it, or decline at eBay"
    if any(refunded_in_part(line) for line in _list(raw, "lineItems")):
        return "eBay shows money that went back before all of it left: see there whether units are off"
    return ""


def _order(raw: Mapping[str, Any], left: tuple[tuple[Mapping[str, Any], int], ...]) -> IncomingOrder:
    order_id = _text(raw, "orderId")
    if not order_id:
        raise DomainError("malformed", "orderId: expected text, found none")
    total = _dict(_dict(raw, "pricingSummary"), "total")
    currency = _text(total, "currency")
    payment = _payment(raw)
    steps = [_dict(each, "shippingStep") for each in _list(raw, "fulfillmentStartInstructions")]
    step = next((each for each in steps if each), {})
    promises = [_dict(line, "lineItemFulfillmentInstructions") for line, _ in left]
    gifts = [_text(_dict(line, "giftDetails"), "message") for line, _ in left]
    return IncomingOrder(
        order_id=order_id,
        placed_at=_time(raw, "creationDate"),
        paid=payment == "paid",
        currency=currency,
        ship_by=_earliest(promises, "shipByDate"),
        deliver_by=_earliest(promises, "maxEstimatedDeliveryDate"),
        carrier="",
        service=_text(step, "shippingServiceCode"),
        note=_text(raw, "buyerCheckoutNotes"),
        gift_message="\n".join(gift for gift in gifts if gift),
        ship_to=_ship_to(step),
        lines=tuple(_line(line, units) for line, units in left),
        raw=raw,
        fulfilment="channel" if _fulfilled_by_ebay(raw) else "own",
        payment=payment,
        amount_due=_minor(total, "pricingSummary.total") if total else None,
        amount_paid=sum(_minor(_dict(p, "amount"), "payments.amount") for p in _payments(raw)),
    )


def _wanted(line: Mapping[str, Any]) -> int:
    """Units that are wanted of us: eBay refunds money and not units, so only a line that is refunded whole is off.

    What was refunded after it began to leave was wanted all the same; any other amount is for a person to judge.
    """
    quantity = line.get("quantity")
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 0 < quantity < _MANY:
        found = quantity if isinstance(quantity, int) else type(quantity).__name__
        raise DomainError("malformed", f"lineItems.quantity: expected a number of units, found {found}")
    refunds = _list(line, "refunds")
    if not refunds or _text(line, "lineItemFulfillmentStatus") != "NOT_STARTED":
        return quantity
    return 0 if _all_back(line, refunds) else quantity


def _all_back(line: Mapping[str, Any], refunds: Sequence[Any]) -> bool:
    back = sum((_amount(_dict(each, "amount"), "refunds.amount") for each in refunds), Decimal())
    costs = [_dict(line, name) for name in ("discountedLineItemCost", "lineItemCost", "total")]
    return any(cost and back >= cost for cost in (_amount(each, "lineItems.cost") for each in costs if each))


def refunded_in_part(line: Mapping[str, Any]) -> bool:
    """Money went back of what has not left, and not for all of it: eBay does not say for how many units, if any."""
    refunds = _list(line, "refunds")
    unshipped = _text(line, "lineItemFulfillmentStatus") != "FULFILLED"
    return bool(refunds) and unshipped and _wanted(line) != 0


def _line(line: Mapping[str, Any], units: int) -> SoldLine:
    line_id = _text(line, "lineItemId")
    if not line_id:
        raise DomainError("malformed", "lineItems.lineItemId: expected text, found none")
    # Old listings have no SKU: then the listing itself is what can be mapped.
    listed = "/".join(filter(None, (_text(line, "legacyItemId"), _text(line, "legacyVariationId"))))
    return SoldLine(
        sku=_text(line, "sku") or listed,
        quantity=units,
        line_id=line_id,
        title=_text(line, "title"),
        price=_unit_price(line),
    )


def _unit_price(line: Mapping[str, Any]) -> str:
    cost = _dict(line, "discountedLineItemCost") or _dict(line, "lineItemCost")
    if not cost:
        return ""
    each = _amount(cost, "lineItemCost") / line["quantity"]
    return str(each.quantize(Decimal(1).scaleb(-digits(_text(cost, "currency")))))


def _ship_to(step: Mapping[str, Any]) -> ShipTo:
    who = _dict(step, "shipTo")
    at = _dict(who, "contactAddress")
    reference = _text(step, "shipToReferenceId")
    # The Global Shipping Program's hub finds the parcel by this line right above the street.
    above = f"Reference #{reference}" if reference and not reference.startswith("Reference") else reference
    lines = (above, _text(at, "addressLine1"), _text(at, "addressLine2"))
    return ShipTo(
        name=_text(who, "fullName"),
        company=_text(who, "companyName"),
        lines=tuple(each for each in lines if each),
        city=_text(at, "city"),
        region=_text(at, "stateOrProvince"),
        postcode=_text(at, "postalCode"),
        country=_text(at, "countryCode"),
        phone=_text(_dict(who, "primaryPhone"), "phoneNumber"),
        email=_text(who, "email"),
    )


def _payment(raw: Mapping[str, Any]) -> str:
    """PENDING and FAILED are said of the payment and of a refund alike: money that came tells them apart."""
    status = _text(raw, "orderPaymentStatus")
    if status in {"PAID", "PARTIALLY_REFUNDED", "FULLY_REFUNDED"} or _payments(raw):
        return "paid"
    return "failed" if status == "FAILED" else "unpaid"


def _payments(raw: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [p for p in _list(_dict(raw, "paymentSummary"), "payments") if _text(p, "paymentStatus") == "PAID"]


def _fulfilled_by_ebay(raw: Mapping[str, Any]) -> bool:
    return _text(_dict(_dict(raw, "program"), "fulfillmentProgram"), "fulfilledBy") == "EBAY"


def _tracking(raw: Mapping[str, Any]) -> list[str]:
    """A fulfilment's id is its tracking number, and the last part of its address."""
    found = raw.get("fulfillmentHrefs") or []
    return [unquote(each.rstrip("/").rpartition("/")[2]) for each in found if isinstance(each, str)]


def _earliest(parts: list[Mapping[str, Any]], name: str) -> float | None:
    return min((at for at in (_time(part, name) for part in parts) if at is not None), default=None)


def _minor(amount: Mapping[str, Any], name: str) -> int:
    return int(_amount(amount, name).scaleb(digits(_text(amount, "currency"))))


def _amount(amount: Mapping[str, Any], name: str) -> Decimal:
    text = amount.get("value")
    try:
        value = Decimal(text) if isinstance(text, str) else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) > 10**12:
        raise DomainError("malformed", f"{name}: expected an amount as text, found {str(text)[:40]!r}")
    return value


def _time(part: Mapping[str, Any], name: str) -> float | None:
    text = _text(part, name)
    return seconds_of(text, name) if text else None


def _text(part: Mapping[str, Any], name: str) -> str:
    found = part.get(name)
    if found is not None and not isinstance(found, str):
        raise DomainError("malformed", f"{name}: expected text, found {type(found).__name__}")
    return found or ""


def _dict(part: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = part.get(name)
    if found is not None and not isinstance(found, Mapping):
        raise DomainError("malformed", f"{name}: expected an object, found {type(found).__name__}")
    return found or {}


def _list(part: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = part.get(name)
    if found is not None and (not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found)):
        raise DomainError("malformed", f"{name}: expected a list of objects, found {type(found).__name__}")
    return found or []
