"""Small builders for domain values: each gives something valid, and a test names only what it is about."""

import time
from collections.abc import Iterable

from printing.documents import Address, ShippingLabel
from scanners.barcode import product_key
from scanners.reader import Scan as ReaderScan
from server import reading, wire
from server.domain.benchwork.handoff import DockParcel, Load, ParcelState
from server.domain.benchwork.scans import Scan
from server.domain.masterdata.catalog import BoxType, Catalog, Product, ProductCode
from server.domain.packing import rules
from server.domain.packing.order import OrderLine, PackOrder
from server.domain.packing.session import Session
from server.domain.people import Role, badge_digest

CANDLE, SOAP, MUG = "4006381333931", "5901234123457", "0012345678905"
"""Barcodes of one candle, one soap and one mug."""
CANDLE_CASE = "10012345678902"
"""Barcode of a case of six candles."""
BADGE_ANA, BADGE_BEN, BADGE_DORA = "PPB-ANA", "PPB-BEN", "PPB-DORA"


def products() -> tuple[Product, ...]:
    """Three products."""
    return (Product("CANDLE", "Candle", "LAVENDER"), Product("SOAP", "Soap", "ROSE"), Product("MUG", "Mug", "BLUE"))


def codes() -> tuple[ProductCode, ...]:
    """Their barcodes, in normal form."""
    single = {"CANDLE": CANDLE, "SOAP": SOAP, "MUG": MUG}
    units = tuple(ProductCode(product_key(code), sku) for sku, code in single.items())
    return (*units, ProductCode(product_key(CANDLE_CASE), "CANDLE", 6))


def catalog(version: int = 1) -> Catalog:
    """Three products and a case."""
    return Catalog.of(products(), codes(), (BoxType("M", "Medium"),), version)


def line(sku: str, quantity: int = 1, line_no: int = 1) -> OrderLine:
    """One line of an order for one of the three products."""
    product = next(p for p in products() if p.sku == sku)
    return OrderLine(line_no, sku, product.name, product.variant, quantity, bin="A-1")


def order(number: str = "1043", lines: Iterable[tuple[str, int]] = (("CANDLE", 2), ("SOAP", 1))) -> PackOrder:
    """An order of (sku, quantity) lines."""
    numbered = tuple(line(sku, quantity, no) for no, (sku, quantity) in enumerate(lines, start=1))
    order_id = int("".join(c for c in number if c.isdigit()) or "1")
    return PackOrder(order_id, number, "shop", 1, "van", "next day", numbered)


def session(number: str = "1043", lines: Iterable[tuple[str, int]] = (("CANDLE", 2), ("SOAP", 1))) -> Session:
    """A fresh session on such an order."""
    return rules.opened("s-1", order(number, lines))


def scan(text: str, at: float = 1000.0, *, bounce: bool = False) -> Scan:
    """What the rules see when this text is scanned."""
    return reading.read(text, catalog(), at=at, source="test", bounce=bounce)


def code(text: str, *, typed: bool = False, bounce: bool = False, problem: str | None = None) -> ReaderScan:
    """What a scanner delivers for this text, now."""
    now = time.time()
    return ReaderScan(text, "test", now, now, typed=typed, bounce=bounce, problem=problem)


def person(name: str, badge: str, *roles: Role, person_id: int = 1) -> wire.PersonCard:
    """Somebody with a badge."""
    return wire.PersonCard(person_id=person_id, name=name, roles=roles, badge_digest=badge_digest(badge))


def snapshot(version: int = 1) -> wire.Snapshot:
    """The catalogue with Ana (packer), Ben (supervisor) and Dora (dock)."""
    return wire.Snapshot(
        version=version,
        bench="Bench 1",
        site="Main",
        time_zone="Europe/Berlin",
        products=products(),
        codes=codes(),
        boxes=(BoxType("M", "Medium"),),
        people=(
            person("Ana", BADGE_ANA, Role.PACKER, person_id=1),
            person("Ben", BADGE_BEN, Role.SUPERVISOR, person_id=2),
            person("Dora", BADGE_DORA, Role.DOCK, person_id=3),
        ),
        lanes=(wire.Lane(carrier="van", name="Own van"), wire.Lane(carrier="post", name="Post")),
    )


def label(parcel_id: str, tracking: str, number: str = "1043") -> ShippingLabel:
    """A shipping label."""
    home = Address("Jo Doe", lines=("1 Road",), city="Town", postcode="12345", country="DE")
    return ShippingLabel(parcel_id, tracking, "Own van", "next day", home, home, number, 1, 1, 500, "2026-03-04")


def parcel(number: str, state: ParcelState = ParcelState.READY, carrier: str = "van") -> DockParcel:
    """A parcel as the dock knows it."""
    return DockParcel(f"P-{number}", f"TRK{number:0>8}", number, "shop", carrier, state)


def load(parcels: Iterable[DockParcel], load_id: str = "L-1", carrier: str = "van") -> Load:
    """An open load."""
    return Load(load_id, carrier, "Own van", False, tuple(parcels))
