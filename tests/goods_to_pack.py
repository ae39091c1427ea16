"""Goods kept by lot and by serial number, and sessions of orders for them, for tests of the packing rules."""

from dataclasses import replace

from server.domain.masterdata.catalog import Catalog, Product, ProductCode
from server.domain.packing.order import Lot, OrderLine, PackOrder
from server.domain.packing.rules import judge, opened
from server.domain.packing.session import Session, Verdict
from server.reading import read

NOON = 1_800_000_000.0
"""2027-01-15T08:00:00Z."""
TODAY = "2027-01-15"
CREAM, PHONE, SOAP, BRUSH = "4006381333931", "5901234123457", "0012345678905", "BRUSH-1"
CREAM_CASE, KIT, EITHER = "10012345678902", "SPA-KIT", "EITHER-1"
CATALOG = Catalog.of(
    [Product("CREAM", "Cream", "50 ml"), Product("PHONE", "Phone"), Product("SOAP", "Soap"), Product("BRUSH", "Brush"),
     Product("SPA", "Spa box")],
    [ProductCode(f"{CREAM:0>14}", "CREAM"), ProductCode(CREAM_CASE, "CREAM", 6), ProductCode(f"{PHONE:0>14}", "PHONE"),
     ProductCode(f"{SOAP:0>14}", "SOAP"), ProductCode(BRUSH, "BRUSH"), ProductCode(KIT, "SPA"),
     ProductCode(EITHER, "SOAP"), ProductCode(EITHER, "BRUSH")],
)  # fmt: skip
LOTS = (Lot("A1", "2027-06-30", reserved=2), Lot("B2", "2027-12-31", free=5), Lot("OLD", "2027-01-14", free=3))


def cream(quantity: int = 2, line_no: int = 1, **facts: object) -> OrderLine:
    """A line of cream, which is kept by lot: two of lot A1 are promised, five of B2 are free, lot OLD has expired."""
    line = OrderLine(line_no, "CREAM", "Cream", "50 ml", quantity, by_lot=True, lots=LOTS, codes=(f"{CREAM:0>14}",))
    return replace(line, **facts)  # type: ignore[arg-type]


def phone(quantity: int = 2, line_no: int = 1, **facts: object) -> OrderLine:
    """A line of phones, which have serial numbers."""
    line = OrderLine(line_no, "PHONE", "Phone", "", quantity, by_serial=True, codes=(f"{PHONE:0>14}",))
    return replace(line, **facts)  # type: ignore[arg-type]


def soap(quantity: int = 5, line_no: int = 1, **facts: object) -> OrderLine:
    """A line of soap, which is kept by nothing."""
    line = OrderLine(line_no, "SOAP", "Soap", "", quantity, codes=(f"{SOAP:0>14}",))
    return replace(line, **facts)  # type: ignore[arg-type]


def brush(quantity: int = 1, line_no: int = 2, **facts: object) -> OrderLine:
    """A line of brushes."""
    return replace(OrderLine(line_no, "BRUSH", "Brush", "", quantity, codes=(BRUSH,)), **facts)  # type: ignore[arg-type]


def packing(*lines: OrderLine, **facts: object) -> Session:
    """A fresh session; ``facts`` are of the order."""
    order = PackOrder(1, "1001", "shop", 1, "van", "standard", lines, time_zone="Europe/Berlin", day=TODAY)
    return opened("s", replace(order, **facts))  # type: ignore[arg-type]


def scanned(session: Session, text: str, at: float = NOON, *, typed: bool = False, clock_off: bool = False) -> Verdict:
    """The verdict of one scan."""
    return judge(session, read(text, CATALOG, at=at, typed=typed, clock_off=clock_off))


def after(session: Session, *texts: str) -> Verdict:
    """The verdict of the last of these scans, three seconds between them."""
    verdict = None
    for n, text in enumerate(texts):
        verdict = scanned(session, text, NOON + 3 * n)
        session = verdict.session
    assert verdict is not None
    return verdict


def gs1(gtin: str, *, lot: str = "", serial: str = "", expiry: str = "") -> str:
    """A GS1 DataMatrix; ``expiry`` is YYMMDD."""
    parts = [f"]d201{gtin:0>14}", f"17{expiry}" if expiry else ""]
    tail = "\x1d".join(part for part in (f"10{lot}" if lot else "", f"21{serial}" if serial else "") if part)
    return "".join(parts) + tail
