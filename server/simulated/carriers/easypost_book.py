"""What the simulated EasyPost knows: prices, numbers with true check digits, labels, and a parcel's way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the simulation. ``base``, ``ounce`` and ``zone`` make its price in USD."""

    carrier: str
    account: str
    name: str
    days: int
    base: str
    ounce: str
    zone: str
    guaranteed: bool = False
    most_ounces: int = 1120


SERVICES: Sequence[Service] = (
    Service("USPS", "ca_usps", "GroundAdvantage", 5, "4.10", "0.09", "0.22"),
    Service("USPS", "ca_usps", "Priority", 2, "7.20", "0.14", "0.55"),
    Service("USPS", "ca_usps", "Express", 1, "24.00", "0.30", "1.10", guaranteed=True),
    Service("UPS", "ca_ups", "Ground", 5, "6.40", "0.07", "0.30", most_ounces=2400),
    Service("UPS", "ca_ups", "2ndDayAir", 2, "14.50", "0.20", "0.90", most_ounces=2400),
    Service("UPS", "ca_ups", "NextDayAir", 1, "29.80", "0.35", "1.60", guaranteed=True, most_ounces=2400),
)

WAY: Sequence[tuple[str, str]] = (
    ("pre_transit", "Shipping Label Created, USPS Awaiting Item"),
    ("in_transit", "Accepted at USPS Origin Facility"),
    ("in_transit", "Arrived at USPS Regional Facility"),
    ("out_for_delivery", "Out for Delivery"),
    ("delivered", "Delivered, Front Door/Porch"),
)
"""What a parcel meets, a step at each call of the control ``advance``."""


def zone(origin: str, destination: str) -> int:
    """1 to 9 by how far apart two postcodes begin: near enough to a distance for a simulation."""
    ends = [int(text[:3]) if text[:3].isdecimal() else 0 for text in (origin, destination)]
    return 1 + min(8, abs(ends[0] - ends[1]) // 100)


def price(service: Service, ounces: Decimal, zones: int) -> str:
    """Dollars and cents."""
    cost = Decimal(service.base) + Decimal(service.ounce) * ounces + Decimal(service.zone) * zones
    return str(cost.quantize(Decimal("0.01")))


def tracking_number(carrier: str, serial: int) -> str:
    """A number that scanners and other programs take for one of this carrier."""
    if carrier == "UPS":
        body = f"999AA103{serial:07d}"
        return f"1Z{body}{ups_check(body)}"
    body = f"940010010544{serial:09d}"
    return f"{body}{usps_check(body)}"


def ups_check(body: str) -> int:
    """The last digit after 1Z and 15 characters: letters count from A = 2, every second one double, modulo 10."""
    values = [int(c) if c.isdecimal() else (ord(c) - 63) % 10 for c in body]
    return -(sum(values[::2]) + 2 * sum(values[1::2])) % 10


def usps_check(body: str) -> int:
    """The last digit of 22: weights 3 and 1 from the right, modulo 10."""
    return -sum(int(c) * (3 if n % 2 == 0 else 1) for n, c in enumerate(reversed(body))) % 10


def iso(at: float) -> str:
    """A time as EasyPost writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def zpl(shipment: Mapping[str, Any]) -> bytes:
    """Its label."""
    to, number = shipment["to_address"], shipment["tracking_code"]
    name = "".join(c for c in str(to.get("name", "")) if c.isprintable() and c not in "^~")
    lines = f"^FO40,40^A0N,40,40^FD{name}^FS^FO40,100^A0N,30,30^FD{to['zip']}^FS"
    return f"^XA^CI28{lines}^FO40,300^BY2^BCN,200,Y^FD{number}^FS^XZ".encode()


def error(code: str, message: str, *problems: tuple[str, str]) -> dict[str, Any]:
    """An error as EasyPost writes it."""
    told = [{"field": field, "message": text, "suggestion": None} for field, text in problems]
    return {"error": {"code": code, "message": message, "errors": told}}
