"""An order in Amazon's JSON, read into our words."""

import json
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Literal

import msgspec

from server.channels.amazon.shapes import Address, Item, Money, Order, Window
from server.domain.errors import DomainError
from server.trade.moments import seconds_of
from server.trade.money import digits
from server.trade.orders import ChannelOrder, IncomingOrder, ShipTo, SoldLine
from server.typed import learnt

_UNPAID = frozenset({"PENDING", "PENDING_AVAILABILITY"})
_OVER = frozenset({"CANCELLED", "SHIPPED"})
_ID_MAX = 120
_MINOR_MAX = 2_000_000_000


def read_order(raw: Mapping[str, Any]) -> ChannelOrder:
    """See Platform."""
    try:
        order = msgspec.convert(raw, learnt(Order))
        json.dumps(raw, ensure_ascii=False).encode()
    except (msgspec.ValidationError, RecursionError) as error:
        raise DomainError("malformed", f"order: {error}") from error
    except (UnicodeEncodeError, TypeError, ValueError):
        raise DomainError("malformed", "order: expected Unicode text, found half a character") from None
    status = order.fulfillment.fulfillment_status
    unpaid = status in _UNPAID
    total = order.proceeds.grand_total if order.proceeds else None
    minor = _minor(total) if total else None
    lines = tuple(_line(item, status, at) for at, item in enumerate(order.order_items))
    incoming = IncomingOrder(
        order_id=_id(order.order_id, "orderId"),
        placed_at=seconds_of(order.created_time, "createdTime"),
        # Amazon takes the money before it asks for a parcel, or at the door: either way we may ship.
        paid=not unpaid,
        payment="unpaid" if unpaid else "paid",
        amount_due=minor,
        amount_paid=0 if unpaid else minor or 0,
        currency=_currency(order),
        ship_by=_latest(order.fulfillment.ship_by_window, "shipByWindow"),
        deliver_by=_latest(order.fulfillment.deliver_by_window, "deliverByWindow"),
        carrier="",
        service=order.fulfillment.fulfillment_service_level or "",
        note=_note(order),
        gift_message=_gift(order),
        # Amazon gives no address before the money is there; an unfinished one must not reach a label.
        ship_to=ShipTo() if unpaid else _ship_to(order),
        lines=tuple(line for line in lines if line.quantity > 0),
        fulfilment=_fulfilment(order),
        raw=raw,
    )
    tracking = frozenset(each.tracking_number for each in order.packages or () if each.tracking_number)
    return ChannelOrder(
        order=incoming,
        changed_at=seconds_of(order.last_updated_time, "lastUpdatedTime"),
        cancelled=status == "CANCELLED",
        handed_over=status == "SHIPPED",
        asks="" if status in _OVER or incoming.fulfilment == "channel" else _asks(order, status),
        tracking=tracking,
    )


def _asks(order: Order, status: str) -> str:
    """Requests that nobody has carried out, of lines that have not left."""
    asked = [item for item in order.order_items if _is_asked(item, status)]
    skus = ", ".join(dict.fromkeys(item.product.seller_sku or item.product.asin or "" for item in asked))
    return f"The buyer asks to cancel {skus}: cancel it, or ship it all the same" if asked else ""


def _is_asked(item: Item, status: str) -> bool:
    said, left = item.cancellation, (item.fulfillment and item.fulfillment.quantity_fulfilled) or 0
    open_ = bool(said and said.cancellation_request and not said.cancellation_execution)
    return open_ and wanted(item, status) > left


def wanted(item: Item, status: str) -> int:
    """Units wanted of us in all. Amazon shows no number of cancelled units, only what left and what is open."""
    units = item.fulfillment
    gone = bool(item.cancellation and item.cancellation.cancellation_execution)
    left = units.quantity_fulfilled if units else None
    still = units.quantity_unfulfilled if units else None
    if status == "CANCELLED":
        return left or 0
    if left is None or still is None:
        return 0 if gone else item.quantity_ordered
    if left + still == 0 and not gone:
        # An order that waits for its payment may show no open units; nobody cancelled it, so it must reserve.
        return item.quantity_ordered
    return min(item.quantity_ordered, left + still)


def _line(item: Item, status: str, at: int) -> SoldLine:
    where, product = f"orderItems[{at}]", item.product
    units = item.fulfillment
    counts = [item.quantity_ordered]
    if units is not None:
        counts += [count for count in (units.quantity_fulfilled, units.quantity_unfulfilled) if count is not None]
    if any(not 0 <= count <= _MINOR_MAX for count in counts):
        raise DomainError("malformed", f"{where}: expected quantities of 0 or more, found {counts}")
    price = product.price.unit_price if product.price else None
    if price is not None:
        _minor(price)
    return SoldLine(
        sku=_id(product.seller_sku or product.asin or "", f"{where}.product.sellerSku"),
        quantity=wanted(item, status),
        line_id=_id(item.order_item_id, f"{where}.orderItemId"),
        title=product.title or "",
        price=price.amount if price else "",
        personalisation=(product.customization and product.customization.customized_url) or "",
    )


def _ship_to(order: Order) -> ShipTo:
    at = (order.recipient and order.recipient.delivery_address) or Address()
    buyer = order.buyer
    return ShipTo(
        name=at.name or (buyer and buyer.buyer_name) or "",
        company=at.company_name or "",
        lines=_street(at),
        city=at.city or "",
        region=at.state_or_region or "",
        postcode=at.postal_code or "",
        country=at.country_code or "",
        phone=at.phone or "",
        email=(buyer and buyer.buyer_email) or "",
    )


def _street(at: Address) -> tuple[str, ...]:
    """The lines of the street, and the district where letters need it: in the United States it is only the county."""
    lines = [line for line in (at.address_line1, at.address_line2, at.address_line3) if line]
    more = at.extended_fields
    if more and not lines:
        street = " ".join(part for part in (more.street_name, more.street_number) if part)
        lines = [line for line in (street, more.complement) if line]
    districts = [more.neighborhood if more else None, at.district_or_county, at.municipality]
    if at.country_code != "US":
        lines += [name for name in districts if name and name not in (*lines, at.city, at.state_or_region)]
    return tuple(lines)


def _note(order: Order) -> str:
    wish = order.recipient and order.recipient.delivery_preference
    return "; ".join(part for part in (wish.drop_off_location, wish.address_instruction) if part) if wish else ""


def _gift(order: Order) -> str:
    """The messages of all lines, each once."""
    said = [
        item.fulfillment.packing.gift_option.gift_message
        for item in order.order_items
        if item.fulfillment and item.fulfillment.packing and item.fulfillment.packing.gift_option
    ]
    return "\n".join(dict.fromkeys(message for message in said if message))


def _fulfilment(order: Order) -> Literal["own", "channel"]:
    return "channel" if order.fulfillment.fulfilled_by == "AMAZON" else "own"


def _currency(order: Order) -> str:
    if order.proceeds and order.proceeds.grand_total:
        return order.proceeds.grand_total.currency_code
    prices = [item.product.price.unit_price for item in order.order_items if item.product.price]
    return next((price.currency_code for price in prices if price), "")


def _minor(money: Money) -> int:
    try:
        units = Decimal(money.amount).scaleb(digits(money.currency_code))
        minor = int(units.quantize(Decimal(1), ROUND_HALF_UP))
    except (InvalidOperation, ValueError, OverflowError):
        raise DomainError("malformed", f"amount: expected a decimal number, found {money.amount[:20]!r}") from None
    if not -_MINOR_MAX <= minor <= _MINOR_MAX:
        raise DomainError(
            "malformed", f"amount: expected at most {_MINOR_MAX} minor units, found {money.amount[:20]!r}"
        )
    return max(0, minor)


def _latest(window: Window | None, name: str) -> float | None:
    found = window and window.latest_date_time
    return seconds_of(found, f"{name}.latestDateTime") if found else None


def _id(text: str, name: str) -> str:
    if not 0 < len(text) <= _ID_MAX or not text.isprintable() or text != text.strip():
        raise DomainError("malformed", f"{name}: expected 1 to {_ID_MAX} printable characters, found {text[:40]!r}")
    return text
