"""Orders 2026-01-01 and the shipment confirmation of Orders v0, over the market."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from server.simulated.platforms.amazon.doors import errors
from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.market import Line, Market, Sale, Shipment

MARKETPLACE = "ATVPDKIKX0DER"
SELLER = "A3TH9S8BH6GOGM"
YOUNG = 120.0
"""Orders that changed so lately are shown by no search."""
CARRIERS = frozenset(
    {
        "4PX", "Aramex", "Blue Package", "Canada Post", "China Post", "City Link", "DHL", "DHL eCommerce",
        "DHL Global Mail", "Fastway", "FedEx", "FedEx SmartPost", "GLS", "GO!", "Hermes Logistik Gruppe",
        "Lasership", "Newgistics", "NipponExpress", "Ninjavan", "OnTrac", "OSM", "Parcelforce", "Qxpress",
        "Royal Mail", "SagawaExpress", "SF Express", "Singapore Post", "Streamlite", "Target", "TNT", "UPS",
        "UPS Mail Innovations", "UPSMI", "USPS", "YamatoTransport", "Yanwen", "Other",
    }
)  # fmt: skip
"""Seller Central, help page 641."""


def stamp(at: float) -> str:
    """Amazon's times: milliseconds, UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment(text: str) -> float:
    """Seconds since the epoch; raise ValueError."""
    return datetime.fromisoformat(text).timestamp()


def status_of(sale: Sale) -> str:
    """Amazon's word for how far an order is."""
    if sale.status == "cancelled":
        return "CANCELLED"
    if sale.paid == "unpaid":
        return "PENDING"
    if sale.shipped:
        return "SHIPPED"
    return "PARTIALLY_SHIPPED" if any(line.shipped for line in sale.lines) else "UNSHIPPED"


def search(market: Market, ask: Ask) -> Said:
    """A page of orders; the token goes on behind the last one shown, so that none is shifted out of sight."""
    created, updated = ask.one("createdAfter"), ask.one("lastUpdatedAfter")
    before = ask.one("createdBefore") or ask.one("lastUpdatedBefore")
    latest = market.now() - YOUNG
    try:
        size = int(ask.one("maxResultsPerPage", "100"))
        since, until = moment(created or updated), moment(before) if before else latest
        behind = _behind(ask.one("paginationToken"))
    except ValueError:
        return errors(400, "InvalidInput", "Invalid Input")
    if bool(created) == bool(updated) or not 1 <= size <= 100 or until > latest or until < since:
        return errors(400, "InvalidInput", "Invalid Input")
    wanted = {
        name: frozenset(ask.one(name).split(",")) for name in ("fulfillmentStatuses", "fulfilledBy") if ask.one(name)
    }
    found = []
    with market.lock:
        for sale in market.sales.values():
            at = round(sale.placed_at if created else sale.changed_at, 3)
            fits = since <= at <= until and MARKETPLACE in ask.one("marketplaceIds", MARKETPLACE).split(",")
            if fits and _fits(sale, wanted) and (at, sale.ref) > behind:
                found.append((at, sale.ref))
        found.sort()
        shown = [order_of(market.sales[ref], ask.one("includedData").split(",")) for _, ref in found[:size]]
    said: dict[str, Any] = {"orders": shown, "createdBefore" if created else "lastUpdatedBefore": stamp(until)}
    if len(found) > size:
        said["pagination"] = {"nextToken": f"{found[size - 1][0]!r}~{found[size - 1][1]}"}
    return Said.of(said)


def one(market: Market, ref: str, ask: Ask) -> Said:
    """One order by its id."""
    if not re.fullmatch(r"\d{3}-\d{7}-\d{7}", ref):
        return errors(400, "InvalidInput", "Invalid Input")
    with market.lock:
        sale = market.sales.get(ref)
        if sale is None:
            return errors(404, "NotFound", "The requested resource doesn't exist.")
        return Said.of({"order": order_of(sale, ask.one("includedData").split(","))})


def confirm(market: Market, ref: str, ask: Ask) -> Said:
    """A parcel of an order; the same packageReferenceId changes the parcel it made."""
    with market.lock:
        sale = market.sales.get(ref)
        if sale is None:
            return errors(404, "NotFound", "The requested resource doesn't exist.")
        try:
            shipment = _shipment(market, sale, ask.json())
            _take(market, sale, shipment)
        except (ValueError, KeyError, TypeError) as error:
            return errors(400, "InvalidInput", str(error))
    return Said(204)


def _shipment(market: Market, sale: Sale, body: Mapping[str, Any]) -> Shipment:
    package = body["packageDetail"]
    if status_of(sale) in {"PENDING", "CANCELLED"} or sale.fulfilled_by != "own":
        raise ValueError("The order is not one that can be confirmed")
    if body["marketplaceId"] != MARKETPLACE or not re.fullmatch("[1-9][0-9]*", package["packageReferenceId"]):
        raise ValueError("packageReferenceId or marketplaceId is invalid")
    if package["carrierCode"] not in CARRIERS or (package["carrierCode"] == "Other" and not package.get("carrierName")):
        raise ValueError("carrierCode is invalid")
    if not package["trackingNumber"]:
        raise ValueError("trackingNumber is invalid")
    units = {item["orderItemId"]: int(item["quantity"]) for item in package["orderItems"]}
    if not units or units.keys() - {line.line_id for line in sale.lines} or min(units.values()) < 1:
        raise ValueError("orderItems is invalid")
    return Shipment(
        ref=package["packageReferenceId"],
        carrier=package.get("carrierName") or package["carrierCode"],
        service=package.get("shippingMethod", ""),
        tracking=package["trackingNumber"],
        units=units,
        shipped_at=moment(package["shipDate"]),
        told_at=market.now(),
    )


def _take(market: Market, sale: Sale, shipment: Shipment) -> None:
    old = next((each for each in sale.shipments if each.ref == shipment.ref), None)
    if old is not None and replace(shipment, told_at=old.told_at) == old:
        return
    lines = {line.line_id: line for line in sale.lines}
    if old is not None:
        sale.shipments.remove(old)
        for line_id, units in old.units.items():
            lines[line_id].shipped -= units
    market.ship(sale.ref, shipment)


def _fits(sale: Sale, wanted: Mapping[str, frozenset[str]]) -> bool:
    by = "MERCHANT" if sale.fulfilled_by == "own" else "AMAZON"
    mine = {"fulfillmentStatuses": status_of(sale), "fulfilledBy": by}
    return all(mine[name] in values for name, values in wanted.items())


def _behind(token: str) -> tuple[float, str]:
    at, _, ref = token.partition("~")
    return (float(at), ref) if token else (0.0, "")


def order_of(sale: Sale, data: Sequence[str]) -> dict[str, Any]:
    """The order as Amazon shows it with these data sets."""
    status, pending = status_of(sale), status_of(sale) == "PENDING"
    buyer = sale.buyer
    order: dict[str, Any] = {
        "orderId": sale.ref,
        "createdTime": stamp(sale.placed_at),
        "lastUpdatedTime": stamp(sale.changed_at),
        "programs": ["PRIME"] if sale.fulfilled_by != "own" else [],
        "salesChannel": {"channelName": "AMAZON", "marketplaceId": MARKETPLACE, "marketplaceName": "Amazon.com"},
        "orderItems": [_item(sale, line, data) for line in sale.lines],
    }
    if "BUYER" in data and not pending:
        order["buyer"] = {"buyerName": buyer["name"], "buyerEmail": buyer["email"]}
    if "RECIPIENT" in data and not pending:
        order["recipient"] = _recipient(sale)
    if "PROCEEDS" in data and not pending:
        order["proceeds"] = {"grandTotal": _money(sum(line.cents * line.quantity for line in sale.lines))}
    if "FULFILLMENT" in data:
        order["fulfillment"] = {
            "fulfillmentStatus": status,
            "fulfilledBy": "MERCHANT" if sale.fulfilled_by == "own" else "AMAZON",
            "fulfillmentServiceLevel": sale.service.upper(),
            "shipByWindow": _window(sale.placed_at, sale.ship_by or sale.placed_at + 86400),
            "deliverByWindow": _window(sale.placed_at + 86400, sale.placed_at + 5 * 86400),
        }
    if "PACKAGES" in data and sale.fulfilled_by == "own":
        order["packages"] = [_package(each) for each in sale.shipments]
    return order | sale.spoilt


def _item(sale: Sale, line: Line, data: Sequence[str]) -> dict[str, Any]:
    product: dict[str, Any] = {
        "asin": f"B0{int(line.ref) % 10**8:08d}" if line.ref.isdecimal() else "B000000000",
        "title": line.title,
        "sellerSku": line.sku,
        "condition": {"conditionType": "NEW", "conditionSubtype": "NEW"},
        "price": {"unitPrice": _money(line.cents)},
    }
    if line.personalisation:
        product["customization"] = {"customizedUrl": f"https://zme-caps.amazon.com/t/{line.line_id}"}
    item: dict[str, Any] = {"orderItemId": line.line_id, "quantityOrdered": line.quantity, "product": product}
    if "FULFILLMENT" in data:
        left = line.quantity if sale.fulfilled_by != "own" and sale.extra.get("left") else line.shipped
        item["fulfillment"] = {
            "quantityFulfilled": left,
            "quantityUnfulfilled": line.quantity - line.cancelled - left,
        }
        if sale.gift_message:
            gift = {"giftMessage": sale.gift_message, "giftWrapLevel": "STANDARD"}
            item["fulfillment"]["packing"] = {"giftOption": gift}
    if "CANCELLATION" in data:
        item["cancellation"] = _cancellation(sale, line)
    return item


def _cancellation(sale: Sale, line: Line) -> dict[str, Any]:
    said: dict[str, Any] = {}
    if line.cancelled:
        said["cancellationExecution"] = {"cancelledBy": "BUYER", "cancelReason": "NO_LONGER_NEEDED"}
    elif sale.extra.get("cancel_wanted"):
        said["cancellationRequest"] = {"requester": "BUYER", "cancelReason": "Ordered by mistake"}
    return said


def _recipient(sale: Sale) -> dict[str, Any]:
    buyer = sale.buyer
    lines = [*buyer["lines"], "", "", ""]
    address = {
        "name": buyer["name"],
        "companyName": buyer["company"],
        "addressLine1": lines[0],
        "addressLine2": lines[1],
        "addressLine3": lines[2],
        "city": buyer["city"],
        "districtOrCounty": "",
        "stateOrRegion": buyer["region"],
        "municipality": "",
        "postalCode": buyer["postcode"],
        "countryCode": buyer["country"],
        "phone": buyer["phone"],
        "addressType": "RESIDENTIAL",
    }
    recipient: dict[str, Any] = {"deliveryAddress": address}
    if sale.note:
        recipient["deliveryPreference"] = {"addressInstruction": sale.note}
    return recipient


def _package(shipment: Shipment) -> dict[str, Any]:
    return {
        "packageReferenceId": shipment.ref,
        "createdTime": stamp(shipment.told_at),
        "packageStatus": {"status": "SHIPPED"},
        "carrier": shipment.carrier,
        "shipTime": stamp(shipment.shipped_at),
        "shippingService": shipment.service,
        "trackingNumber": shipment.tracking,
        "packageItems": [{"orderItemId": ref, "quantity": units} for ref, units in shipment.units.items()],
    }


def _window(earliest: float, latest: float) -> dict[str, str]:
    return {"earliestDateTime": stamp(earliest), "latestDateTime": stamp(latest)}


def _money(cents: int) -> dict[str, str]:
    return {"amount": f"{cents // 100}.{cents % 100:02d}", "currencyCode": "USD"}
