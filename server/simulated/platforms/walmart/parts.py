"""What the simulated Walmart Marketplace says: its orders and its errors, in its own JSON."""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from server.channels.walmart.carriers import METHODS
from server.simulated.platforms.base import Said
from server.simulated.platforms.market import Line, Market, Sale, Shipment

PARTNER = "10000000359"
NODE = "721407"

_THREE_LETTERS = {"US": "USA", "PR": "PRI", "CA": "CAN", "MX": "MEX"}
_NAMESPACE = uuid.UUID("2c1de0a6-7a77-4b38-9a36-3d5b8d1e1d6d")
_DAY = 86400.0


class WalmartMarket(Market):
    """Lines of a purchase order are numbered 1, 2, 3; what is sold and has not left is counted as reserved."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.reserved: Counter[str] = Counter()
        """Units by the ref of the item."""
        self._held: dict[str, Counter[str]] = {}

    # A number is written less what is reserved: the lock keeps the two of one moment.

    def sell(self, *wanted: tuple[str, int], **more: Any) -> Sale:
        """See Market."""
        with self.lock:
            return super().sell(*wanted, **more)

    def cancel(self, ref: str, units: Mapping[str, int] | None = None) -> Sale:
        """See Market."""
        with self.lock:
            return super().cancel(ref, units)

    def change(self, ref: str, **fields: Any) -> Sale:
        """See Market."""
        with self.lock:
            return super().change(ref, **fields)

    def ship(self, ref: str, shipment: Shipment) -> Sale:
        """See Market."""
        with self.lock:
            return super().ship(ref, shipment)

    def _say(self, what: str, sale: Sale) -> None:
        if what == "created":
            for nth, line in enumerate(sale.lines, 1):
                line.line_id = str(nth)
        held: Counter[str] = Counter()
        if sale.fulfilled_by == "own":
            for line in sale.lines:
                held[line.ref] += line.quantity - line.cancelled - line.shipped
        self.reserved.subtract(self._held.pop(sale.ref, Counter()))
        self.reserved.update(held)
        self._held[sale.ref] = held
        super()._say(what, sale)


def refused(status: int, code: str, description: str) -> Said:
    """An error as the pages on error codes show it."""
    error = {
        "code": code,
        "field": "",
        "description": description,
        "info": description,
        "severity": "ERROR",
        "category": "DATA",
        "causes": [],
        "errorIdentifiers": {},
    }
    return Said.of({"errors": {"error": [error]}}, status)


def order_of(sale: Sale) -> dict[str, Any]:
    """The purchase order as it is now.

    The real one shows an order of the US only once it is released, which is after its payment was authorised. Here one
    that is unpaid can be seen, without the buyer's address.
    """
    return {
        "purchaseOrderId": sale.ref,
        "customerOrderId": customer_order(sale),
        "customerEmailId": "" if sale.paid == "unpaid" else sale.buyer["email"],
        "orderType": "REGULAR",
        "orderDate": _ms(sale.placed_at),
        "buyerId": str(uuid.uuid5(_NAMESPACE, sale.buyer["email"])),
        "mart": "WALMART_US",
        "isGuest": False,
        "shippingInfo": _shipping_info(sale),
        "orderLines": {"orderLine": [_line_of(sale, line) for line in sale.lines]},
        "paymentTypes": ["CREDITCARD"],
        "orderSummary": {"totalAmount": {"currencyAmount": _total(sale), "currencyUnit": "USD"}},
        "shipNode": {"type": node_type(sale), "name": "Main", "id": NODE},
        **sale.spoilt,
    }


def customer_order(sale: Sale) -> str:
    """One customer order has one purchase order here; the numbers differ all the same."""
    return f"20001{sale.number:010d}"


def node_type(sale: Sale) -> str:
    """Who ships it."""
    return "SellerFulfilled" if sale.fulfilled_by == "own" else "WFSFulfilled"


def ship_date(sale: Sale) -> float:
    """The expected ship date: tomorrow unless the sale says."""
    return sale.ship_by if sale.ship_by is not None else sale.placed_at + _DAY


def statuses(sale: Sale) -> set[str]:
    """The statuses that units of this order are in."""
    return {status["status"] for line in sale.lines for status in _statuses(sale, line)}


def _shipping_info(sale: Sale) -> dict[str, Any]:
    buyer, lines = sale.buyer, [*sale.buyer["lines"], ""]
    address = {
        "name": buyer["name"],
        "address1": lines[0],
        "city": buyer["city"],
        "state": buyer["region"],
        "postalCode": buyer["postcode"],
        "country": _THREE_LETTERS.get(buyer["country"], buyer["country"]),
        "addressType": "RESIDENTIAL",
    }
    if lines[1]:
        address["address2"] = lines[1]
    if sale.paid == "unpaid":
        address = dict.fromkeys(address, "")
    return {
        "phone": "" if sale.paid == "unpaid" else buyer["phone"],
        "estimatedDeliveryDate": _ms(ship_date(sale) + 4 * _DAY),
        "estimatedShipDate": _ms(ship_date(sale)),
        "methodCode": _method(sale),
        "postalAddress": address,
    }


def _line_of(sale: Sale, line: Line) -> dict[str, Any]:
    charge = {
        "chargeType": "PRODUCT",
        "chargeName": "ItemPrice",
        "chargeAmount": {"currency": "USD", "amount": line.cents / 100},
        "tax": {"taxName": "Tax1", "taxAmount": {"currency": "USD", "amount": 0.0}},
    }
    shown = {
        "lineNumber": line.line_id,
        "item": {"productName": line.title, "sku": line.sku, "condition": "New"},
        "charges": {"charge": [charge]},
        "orderLineQuantity": _each(line.quantity),
        # The real one moves it with the line's status only; here every change of the order does.
        "statusDate": _ms(sale.changed_at),
        "orderLineStatuses": {"orderLineStatus": list(_statuses(sale, line))},
        "originalCarrierMethod": "22",
        "fulfillment": {
            "fulfillmentOption": "S2H",
            "shipMethod": _method(sale).upper(),
            "pickUpDateTime": _ms(ship_date(sale)),
        },
    }
    if line.personalisation:
        shown["configId"] = line.personalisation
    if line.line_id in sale.extra.get("intent_to_cancel", ()):
        shown["intentToCancel"] = "true"
    return shown


def _statuses(sale: Sale, line: Line) -> Iterator[dict[str, Any]]:
    for shipment in sale.shipments:
        units = shipment.units.get(line.line_id)
        if units:
            info = {
                "shipDateTime": _ms(shipment.shipped_at),
                "carrierName": dict(shipment.extra["carrierName"]),
                "methodCode": shipment.service,
                "trackingNumber": shipment.tracking,
                "trackingURL": shipment.extra.get("trackingURL", ""),
            }
            yield {"status": "Shipped", "statusQuantity": _each(units), "trackingInfo": info}
    if line.cancelled:
        reason = sale.extra.get("cancelled_because", "CUSTOMER_REQUESTED_SELLER_TO_CANCEL")
        yield {"status": "Cancelled", "statusQuantity": _each(line.cancelled), "cancellationReason": reason}
    left = line.quantity - line.cancelled - line.shipped
    if left:
        status = "Created" if sale.acknowledged_at is None else "Acknowledged"
        yield {"status": status, "statusQuantity": _each(left)}


def _total(sale: Sale) -> float:
    return sum(line.cents * line.quantity for line in sale.lines) / 100


def _method(sale: Sale) -> str:
    return sale.service if sale.service in METHODS else METHODS[0]


def _each(units: int) -> dict[str, str]:
    return {"unitOfMeasurement": "EACH", "amount": str(units)}


def _ms(at: float) -> int:
    return round(at * 1000)
