"""An SQS queue with ORDER_CHANGE notifications: at least once, for those who sign their requests."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from server.simulated.platforms.amazon.doors import rightly_signed
from server.simulated.platforms.amazon.orders import MARKETPLACE, SELLER, stamp, status_of
from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.market import Sale

PATH = "/123456789012/packproof"
_STATUS = {
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "PartiallyShipped",
    "SHIPPED": "Shipped",
    "CANCELLED": "Canceled",
}


@dataclass(slots=True)
class Queued:
    """One message; nobody sees it before ``seen_from``."""

    receipt: str
    body: str
    seen_from: float = 0.0


@dataclass(slots=True)
class Queue:
    """``messages`` by receipt, the oldest first."""

    now: Callable[[], float]
    messages: dict[str, Queued] = field(default_factory=dict)
    sent: int = 0

    def put(self, body: str) -> None:
        """A message arrives."""
        self.sent += 1
        receipt = f"receipt-{self.sent}"
        self.messages[receipt] = Queued(receipt, body)

    def answer(self, ask: Ask) -> Said:
        """The JSON protocol of SQS."""
        if not rightly_signed(ask):
            return _wrong(
                "com.amazon.coral.service#InvalidSignatureException", "The request signature does not match", 403
            )
        body = ask.json()
        if not str(body.get("QueueUrl")).endswith(PATH):
            return _wrong("com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.", 400)
        match ask.headers.get("x-amz-target"):
            case "AmazonSQS.ReceiveMessage":
                return self._receive(int(body.get("MaxNumberOfMessages", 1)), float(body.get("VisibilityTimeout", 30)))
            case "AmazonSQS.DeleteMessageBatch":
                return self._delete(body["Entries"])
        return _wrong("com.amazon.coral.service#UnknownOperationException", "unknown", 400)

    def _receive(self, count: int, hidden: float) -> Said:
        if not 1 <= count <= 10:
            return _wrong("com.amazonaws.sqs#ReadCountOutOfRange", "MaxNumberOfMessages must be 1 to 10", 400)
        shown = [each for each in self.messages.values() if each.seen_from <= self.now()][:count]
        for each in shown:
            each.seen_from = self.now() + hidden
        messages = [
            {
                "MessageId": each.receipt,
                "ReceiptHandle": each.receipt,
                "MD5OfBody": hashlib.md5(each.body.encode(), usedforsecurity=False).hexdigest(),
                "Body": each.body,
            }
            for each in shown
        ]
        return _json({"Messages": messages} if messages else {})

    def _delete(self, entries: list[dict[str, str]]) -> Said:
        if not 1 <= len(entries) <= 10:
            return _wrong("com.amazonaws.sqs#TooManyEntriesInBatchRequest", "1 to 10 entries", 400)
        for entry in entries:
            self.messages.pop(entry["ReceiptHandle"], None)
        return _json({"Successful": [{"Id": entry["Id"]} for entry in entries], "Failed": []})


def order_change(sale: Sale, number: int) -> dict[str, Any]:
    """The notification of a change."""
    status = _STATUS[status_of(sale)]
    at = stamp(sale.changed_at)
    ref = f"d0e9e693-c3ad-4373-979f-{number:012d}"
    summary = {
        "MarketplaceId": MARKETPLACE,
        "OrderStatus": status,
        "PurchaseDate": stamp(sale.placed_at),
        "DestinationPostalCode": None if sale.paid == "unpaid" else str(sale.buyer["postcode"]),
        "FulfillmentType": "MFN" if sale.fulfilled_by == "own" else "AFN",
        "OrderType": "StandardOrder",
        "NumberOfItemsShipped": sum(line.shipped for line in sale.lines),
        "NumberOfItemsUnshipped": sum(line.quantity - line.shipped - line.cancelled for line in sale.lines),
        "OrderItems": [
            {
                "OrderItemId": line.line_id,
                "SellerSKU": line.sku,
                "SupplySourceId": None,
                "OrderItemStatus": "Shipped" if line.shipped >= line.quantity else "Unshipped",
                "Quantity": line.quantity,
                "QuantityShipped": line.shipped,
                "IsBuyerRequestedCancel": bool(sale.extra.get("cancel_wanted")),
                "ItemEarliestDeliveryDate": at,
                "ItemLatestDeliveryDate": at,
            }
            for line in sale.lines
        ],
    }
    change = {
        "NotificationLevel": "OrderLevel",
        "SellerId": SELLER,
        "AmazonOrderId": sale.ref,
        "OrderChangeType": "OrderStatusChange",
        "OrderChangeTrigger": {"TimeOfOrderChange": at, "ChangeReason": "Order status changed"},
        "Summary": summary,
    }
    return {
        "NotificationVersion": "1.0",
        "NotificationType": "ORDER_CHANGE",
        "PayloadVersion": "1.0",
        "EventTime": at,
        "Payload": {"OrderChangeNotification": change},
        "NotificationMetadata": {
            "ApplicationId": "app-id-simulated",
            "SubscriptionId": "subscription-id-simulated",
            "PublishTime": at,
            "NotificationId": ref,
        },
    }


def encoded(sale: Sale, number: int) -> str:
    """The body of the message."""
    return json.dumps(order_change(sale, number))


def _json(value: Any, status: int = 200) -> Said:
    return Said(status, json.dumps(value).encode(), {"content-type": "application/x-amz-json-1.0"})


def _wrong(kind: str, message: str, status: int) -> Said:
    return _json({"__type": kind, "message": message}, status)
