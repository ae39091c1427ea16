"""UPS, USPS and FedEx on a shelf: they answer in the shapes that those answer in, and can misbehave."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from printing.documents import Address
from server.calls.line import Forgetful, Line
from server.calls.pace import Pace
from server.carriers import Account, Carrier, carrier
from server.trade.shipping import BuyRequest, Consignment

WAREHOUSE = Address("Packing", "Candle Co", ("1 Dock Road",), "Reno", "NV", "89502", "US", "775 555 0100")
BUYER = Address("Ana Ruiz", "", ("9 Hill Street", "Flat 4"), "San Francisco", "CA", "94107", "US", "415 555 0199")
BOX = (300, 200, 100)
ZPL = base64.b64encode(b"^XA^FO50,50^FD1Z999^FS^XZ").decode()
UPS = {"carrier": "ups", "client_id": "ups-id", "client_secret": "ups-secret", "account_number": "A1B2C3", "test": True}
USPS = {
    "carrier": "usps",
    "client_id": "usps-id",
    "client_secret": "usps-secret",
    "CRID": "100",
    "MID": "200",
    "manifest_MID": "300",
    "account_number": "400",
    "options": {"usps_price_type": "COMMERCIAL"},
    "origin": {"name": "Packing Dock", "street": "1 Dock Road", "city": "Reno", "postcode": "89502", "country": "US"},
}
FEDEX = {"carrier": "fedex", "api_key": "k", "secret_key": "s", "account_number": "7"}

Answer = httpx.Response | Callable[[httpx.Request], httpx.Response]


@dataclass(slots=True)
class Place:
    """Answers by the end of a path; the newest answer for it counts. ``asked`` is every request, in order."""

    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)
    memory: Forgetful = field(default_factory=Forgetful)
    now: float = 1_800_000_000.0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        for path, answer in self.answers.items():
            if request.url.path.startswith(path):
                return answer if isinstance(answer, httpx.Response) else answer(request)
        return httpx.Response(404, json={})

    def says(self, path: str, body: Any, status: int = 200) -> None:
        self.answers[path] = lambda _: httpx.Response(status, json=body)

    def fails(self, path: str, error: type[httpx.TransportError]) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            raise error("cut", request=request)

        self.answers[path] = answer

    def paths(self) -> list[str]:
        return [request.url.path for request in self.asked]

    def bodies(self, path: str) -> list[Any]:
        return [json.loads(each.content) for each in self.asked if each.url.path.startswith(path)]

    def line(self, settings: Mapping[str, Any]) -> Line:
        client = httpx.Client(transport=httpx.MockTransport(self))
        return Line("acme", settings, client, lambda: self.now, Pace({}, lambda: self.now), self.memory)

    def carrier(self, settings: Mapping[str, Any], **own: Any) -> Carrier:
        account = Account("acme", "Acme", "karrio", settings={**settings, **own})
        return carrier(account, self.line(account.settings))


def parcel(**own: Any) -> Consignment:
    facts = {"ship_from": WAREHOUSE, "ship_to": BUYER, "weight_grams": 700, "size_mm": BOX}
    return Consignment(**{**facts, **own})


def request(service: str, parcel_id: str = "P-7", **own: Any) -> BuyRequest:
    facts = {"ship_from": WAREHOUSE, "ship_to": BUYER, "weight_grams": 700, "size_mm": BOX, "reference": "1043"}
    return BuyRequest(**{**facts, **own}, parcel_id=parcel_id, number=7, service=service)


def ups() -> Place:
    place = Place()
    place.says("/security/v1/oauth/token", {"access_token": "T1", "issued_at": "1700000000000", "expires_in": "14399"})
    place.says("/api/rating/", {"RateResponse": {"RatedShipment": [_rated("03", "9.87", 4), _rated("02", "21.4", 2)]}})
    place.says("/api/shipments/v2409/ship", {"ShipmentResponse": {"ShipmentResults": UPS_BOUGHT}})
    done = {"Response": {"ResponseStatus": {"Code": "1", "Description": "Success"}}}
    place.says("/api/shipments/v2409/void/", {"VoidShipmentResponse": done})
    place.says("/api/track/", UPS_TRACKED)
    return place


def _rated(service: str, price: str, days: int) -> dict[str, Any]:
    money = {"CurrencyCode": "USD", "MonetaryValue": price}
    return {
        "Service": {"Code": service},
        "TransportationCharges": {"CurrencyCode": "USD", "MonetaryValue": "99.00"},
        "BaseServiceCharge": money,
        "ServiceOptionsCharges": {"CurrencyCode": "USD", "MonetaryValue": "0.00"},
        "TotalCharges": {"CurrencyCode": "USD", "MonetaryValue": "99.00"},
        "NegotiatedRateCharges": {"TotalCharge": money, "BaseServiceCharge": money},
        "TimeInTransit": {"ServiceSummary": {"EstimatedArrival": {"BusinessDaysInTransit": str(days)}}},
    }


UPS_BOUGHT: Mapping[str, Any] = {
    "ShipmentCharges": {"TotalCharges": {"CurrencyCode": "USD", "MonetaryValue": "14.10"}},
    "NegotiatedRateCharges": {"TotalCharge": {"CurrencyCode": "USD", "MonetaryValue": "9.9"}},
    "ShipmentIdentificationNumber": "1Z999AA10123456784",
    "PackageResults": [
        {
            "TrackingNumber": "1Z999AA10123456784",
            "ShippingLabel": {"ImageFormat": {"Code": "ZPL"}, "GraphicImage": ZPL},
        }
    ],
}
UPS_TRACKED = {
    "trackResponse": {
        "shipment": [
            {
                "package": [
                    {
                        "trackingNumber": "1Z999AA10123456784",
                        "deliveryDate": [{"type": "SDD", "date": "20270118"}],
                        "deliveryInformation": {"location": "DEL"},
                        "weight": {"unitOfMeasurement": "LBS", "weight": "1.6"},
                        "activity": [
                            {
                                "location": {"address": {"city": "Oakland", "stateProvince": "CA", "country": "US"}},
                                "status": {"type": "I", "code": "DP", "description": "Departed from Facility"},
                                "date": "20270115",
                                "time": "231500",
                                "gmtDate": "20270116",
                                "gmtTime": "07:15:00",
                                "gmtOffset": "-08:00",
                            },
                            {
                                "status": {"type": "M", "code": "MP", "description": "Shipper created a label"},
                                "date": "20270114",
                                "time": "100000",
                            },
                        ],
                    }
                ]
            }
        ]
    }
}


def usps() -> Place:
    place = Place()
    place.says("/oauth2/v3/token", {"access_token": "T1", "expires_in": 28_799, "token_type": "Bearer"})
    place.says("/payments/v3/payment-authorization", {"paymentAuthorizationToken": "PAY"})
    options = [
        _mail("USPS_GROUND_ADVANTAGE", "SP", "MACHINABLE", 6.4),
        _mail("USPS_GROUND_ADVANTAGE", "SP", "NONSTANDARD", 10.4),
        _mail("USPS_GROUND_ADVANTAGE", "DR", "NONSTANDARD", 31.0),
        _mail("PRIORITY_MAIL", "FE", "MACHINABLE", 5.1),
        _mail("PRIORITY_MAIL", "SP", "MACHINABLE", 8.35),
        _mail("PRIORITY_MAIL_EXPRESS", "PA", "NON_MACHINABLE", 30.0),
    ]
    place.says("/shipments/v3/options/search", {"pricingOptions": [{"shippingOptions": options}]})
    place.answers["/labels/v3/label"] = in_parts
    place.says("/tracking/v3/tracking/", USPS_TRACKED)
    place.says(
        "/scan-forms/v3/scan-form",
        {
            "SCANFormMetadata": {"manifestNumber": "9275000000", "trackingNumbers": ["9400100000000000000001"]},
            "SCANFormImage": base64.b64encode(b"%PDF-1.7 form").decode(),
        },
    )
    return place


def _mail(mail_class: str, indicator: str, category: str, price: float) -> dict[str, Any]:
    rate = {
        "description": f"{mail_class} {category} {indicator}",
        "mailClass": mail_class,
        "processingCategory": category,
        "rateIndicator": indicator,
    }
    option = {
        "commitment": {"name": "3 Days", "scheduleDeliveryDate": "2027-01-18"},
        "totalPrice": price,
        "totalBasePrice": price,
        "rates": [rate],
        "extraServices": [],
    }
    return {"mailClass": mail_class, "rateOptions": [option]}


def cheap_mail(mail_class: str) -> dict[str, Any]:
    """A price of this class for a box such as ours."""
    return _mail(mail_class, "SP", "MACHINABLE", 3.1)


def in_parts(request: httpx.Request) -> httpx.Response:
    """A label as USPS sends it: its facts and its picture in one answer; the label holds the boundary's dashes."""
    if request.method == "DELETE":
        return httpx.Response(200, json={"trackingNumber": "9400100000000000000001", "status": "CANCELED"})
    facts = {
        "trackingNumber": "9400100000000000000001",
        "postage": 6.4,
        "extraServices": [{"name": "Signature", "price": 3.45, "SKU": "x"}],
        "fees": [{"name": "Nonstandard", "price": 0.1, "SKU": "y"}],
    }
    lines = [
        "--Cut",
        "Content-Type: application/json",
        'Content-Disposition: form-data; name="labelMetadata"',
        "",
        json.dumps(facts),
        "--Cut",
        "Content-Type: application/octet-stream",
        'Content-Disposition: form-data; filename="labelImage.zpl"; name="labelImage"',
        "",
        "^XA^FDa --Cut that ends nothing^FS^XZ",
        "--Cut--",
        "",
    ]
    kind = {"content-type": "multipart/form-data; boundary=Cut"}
    return httpx.Response(200, headers=kind, content="\r\n".join(lines).encode())


USPS_TRACKED = {
    "trackingNumber": "9400100000000000000001",
    "status": "Out for Delivery",
    "statusCategory": "Out for Delivery",
    "expectedDeliveryTimeStamp": "2027-01-18T20:00:00Z",
    "trackingEvents": [
        {
            "eventType": "Out for Delivery",
            "eventTimestamp": "2027-01-18T06:10:00",
            "GMTTimestamp": "2027-01-18T14:10:00Z",
            "eventCity": "SAN FRANCISCO",
            "eventState": "CA",
            "eventCode": "OF",
        }
    ],
}


def fedex() -> Place:
    place = Place()
    place.says("/oauth/token", {"access_token": "T1", "expires_in": 3599})
    rated = {"rateType": "ACCOUNT", "totalNetCharge": 12.3, "totalBaseCharge": 10.0, "currency": "USD"}
    rated |= {"shipmentRateDetail": {"surCharges": [], "taxes": []}, "totalDiscounts": 0}
    reply = {"serviceType": "FEDEX_GROUND", "serviceName": "FedEx Ground", "ratedShipmentDetails": [rated]}
    place.says("/rate/v1/rates/quotes", {"output": {"rateReplyDetails": [reply]}})
    return place
