"""Screens about lots, serial numbers, kits, look-alikes and quantities, each brought about by real scans."""

from dataclasses import replace

from server.domain.packing.order import Lot, OrderLine
from server.domain.packing.session import Session
from station.views import Flash, PackView, StopView, View
from tests.goods_to_pack import (
    BRUSH,
    CREAM,
    EITHER,
    KIT,
    NOON,
    PHONE,
    SOAP,
    brush,
    cream,
    gs1,
    packing,
    phone,
    scanned,
    soap,
)

_FACTS = {"carrier": "UPS", "service": "Ground", "channel": "Webshop", "number": "1043"}
_CREAM = cream(
    2,
    name="Night cream",
    bin="C-03-1",
    lots=(
        Lot("L2207A", "2027-06-30", reserved=2),
        Lot("L2309C", "2027-12-31", free=5),
        Lot("L2101B", "2027-01-14", free=3),
        Lot("L2104F", "2027-01-18", free=3),
    ),
)
_PHONE = phone(1, 2, name="Phone 64 GB", variant="BLACK", bin="SAFE-2")
_OIL = soap(4, 1, name="Bath oil", variant="200 ml", differs_by="LAVENDER", bin="A-01-3")
_SOAP = soap(12, 1, name="Guest soap", variant="20 g", typed_quantity=True, bin="A-01-1")
_PARTS = (
    soap(2, 1, name="Bath salt 500 g", variant="LAVENDER", kit_sku="SPA", kit_name="Spa box", bin="A-01-3"),
    brush(1, 2, name="Back brush", kit_sku="SPA", kit_name="Spa box", bin="B-02-1"),
    phone(1, 3, by_serial=False, name="Gift card", bin="DESK"),
)


def _pack(lines: tuple[OrderLine, ...], *texts: str, typed: bool = False) -> PackView:
    session, flash = _after(lines, texts, typed)
    return PackView(session, flash=flash)


def _stop(lines: tuple[OrderLine, ...], *texts: str) -> StopView:
    session, flash = _after(lines, texts, typed=False)
    assert session.stop is not None
    needs = tuple((n.name, n.variant, session.open_of(i)) for i, n in enumerate(lines) if session.open_of(i))
    return StopView(session.stop, "1043", needs, flash=flash)


def _after(lines: tuple[OrderLine, ...], texts: tuple[str, ...], typed: bool) -> tuple[Session, Flash | None]:
    session, flash = packing(*lines, **_FACTS), None
    for n, text in enumerate(texts):
        verdict = scanned(session, text, NOON + 3 * n, typed=typed and n == len(texts) - 1)
        session = verdict.session
        flash = Flash(
            n, verdict.reason, verdict.tone, verdict.item, verdict.detail, typed=typed and n == len(texts) - 1
        )
    return session, flash


_GOODS, _BOTH = (_CREAM, _PHONE), (replace(_SOAP, differs_by=""), brush(1, 2, name="Nail brush", bin="B-02-2"))
GOODS_VIEWS: dict[str, View] = {
    "pack-lot-needed": _pack(_GOODS, CREAM),
    "pack-lot-other": _pack(_GOODS, CREAM, "L2309C"),
    "pack-lot-unknown": _pack(_GOODS, CREAM, "L9999"),
    "pack-lot-short-life": _pack(_GOODS, CREAM, "L2104F"),
    "pack-lot-label-differs": _pack(_GOODS, gs1(CREAM, lot="L2207A", expiry="270331")),
    "pack-serial-needed": _pack(_GOODS, PHONE),
    "pack-serial-again": _pack((_CREAM, phone(2, 2)), gs1(PHONE, serial="SN-4711"), gs1(PHONE, serial="SN-4711")),
    "pack-look-alike": _pack((_OIL, _PHONE), SOAP),
    "pack-quantity": _pack((_SOAP, _PHONE), SOAP, "9", typed=True),
    "pack-quantity-refused": _pack((_SOAP, _PHONE), SOAP, "13", typed=True),
    "pack-one-by-one": _pack((_OIL, _PHONE), SOAP, "PPQ-3"),
    "pack-which": _pack(_BOTH, EITHER),
    "pack-kit": _pack(_PARTS, KIT),
    "pack-kit-parts": _pack(_PARTS, SOAP, BRUSH),
    "stop-expired": _stop(_GOODS, CREAM, "L2101B"),
    "stop-wanted": replace(
        _stop(_GOODS, SOAP), wanted=(("1039", "", ""), ("1051", "Bench 5", ""), ("1060", "", "T-12"))
    ),
}
"""By the name of the picture."""
