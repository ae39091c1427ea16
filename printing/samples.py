"""One document of each kind with invented people and goods: for previews, test prints and tests."""

from dataclasses import replace
from typing import Any

from printing.documents import (
    Address,
    BoxContents,
    BoxLabel,
    CodeGroup,
    CodeLabel,
    CodeSheet,
    FetchSlip,
    GiftSlip,
    LoadManifest,
    ManifestLine,
    PackingSlip,
    PalletSlip,
    ParkingSlip,
    PickGive,
    PickList,
    PickSlip,
    PickStop,
    PrintedCode,
    PullSlip,
    ReturnSlip,
    ShippingLabel,
    SlipLine,
    TestSlip,
)
from printing.documents.look import PLAIN, Look

_FROM = Address("Northside Outfitters LLC", "", ("4100 Industrial Pkwy",), "Columbus", "OH", "43217", "US")
_TO = Address(
    "Margaret Álvarez-Whitfield", "", ("1872 Old Mill Creek Road", "Apt 14B"), "Asheville", "NC", "28801", "US"
)
_ORDER, _CODE, _TRACKING = "WEB-10482", "PPO-WEB-10482", "PPV0000012345678"
_LINES = (
    SlipLine("Beeswax candle", "Lavender, 200 g", "CANDLE-LAV-200", 2, "lot L2409 best before 2027-01-31"),
    SlipLine("Olive soap", "Rose", "SOAP-ROSE", 1),
    SlipLine("Enamel mug with a name that does not end where others do", "Ocean blue, 350 ml", "MUG-BLU", 12),
)
_MESSAGE = "Happy birthday, dear Margaret! We hope the candles last longer than the cake did. Love, Tomás and Ülkü"

_ALL: dict[str, Any] = {
    "label": ShippingLabel(
        "P-000123", _TRACKING, "Own van", "Next day", _FROM, _TO, _ORDER, 1, 2, 1840, "2026-03-04", "COL-3"
    ),
    "parking": ParkingSlip(_ORDER, _CODE, "Bench 3", "The printer is out of labels", "14:32"),
    "box": BoxLabel(_ORDER, _TRACKING, _TO, 1, 3),
    "item": CodeLabel(PrintedCode("4006381333931", "Beeswax candle", "Lavender, 200 g", "ean13")),
    "shelf": CodeLabel(PrintedCode("A-07-3", "A-07-3", "Aisle A")),
    "tote": CodeLabel(PrintedCode("PPT-017", "Tote 17", "hand back empty")),
    "badge": CodeLabel(PrintedCode("PPB-9F3K2Q7XW4MA", "Ana Lindqvist", "packer")),
    "pallet": PalletSlip("00340123450000000017", "Dock 2", "2026-03-04 15:10"),
    "slip": PackingSlip(
        *(_ORDER, _CODE, "2026-03-04", _FROM, _TO, _LINES),
        prices=("29.80 USD", "7.50 USD", "143.40 USD"),
        total="Total 180.70 USD",
        channel="Web shop",
        channel_order="#55120",
    ),
    "gift-slip": GiftSlip(_ORDER, _CODE, _MESSAGE, _FROM, _TO, _LINES),
    "box-contents": BoxContents(_ORDER, _TRACKING, "P-000123", _TO, 1, 3, _LINES, 1840),
    "pull": PullSlip(
        *(_ORDER, _TRACKING, "The order was cancelled by its buyer", "Dock lane 2"),
        *("Bring it to the returns table and scan it there.", "2026-03-04 15:10"),
    ),
    "fetch": FetchSlip("Bench 3", _ORDER),
    "test": TestSlip("tcp:192.0.2.10:9100", "2026-03-04 14:32", "PPTEST-4711"),
    "return": ReturnSlip(
        *(_ORDER, _CODE, _FROM, _LINES),
        ("It does not fit", "It is broken", "Something else was sent", "I changed my mind"),
        "Send it back within 30 days, in the box it came in if you still have it.",
    ),
    "pick-list": PickList(
        *("W-12", "Columbus", "Own van", "Wed 4 Mar 17:00"),
        (
            PickStop(
                "A-01-2",
                "CANDLE-LAV-200",
                "Beeswax candle",
                "Lavender, 200 g",
                "L2409",
                5,
                (PickGive(1, 2), PickGive(2, 3)),
            ),
            PickStop("B-07-1", "MUG-BLU", "Enamel mug", "Ocean blue", "", 12, (PickGive(1, 12),)),
        ),
        (PickSlip(1, _ORDER, _CODE, 14, "Wed 4 Mar 17:00"), PickSlip(2, "WEB-10483", "PPO-WEB-10483", 3)),
        2,
    ),
    "manifest": LoadManifest(
        *("LD-20260304-1", "Own van", "Columbus", "2026-03-04 14:00", "2026-03-04 16:47", "Dora"),
        tuple(
            ManifestLine(f"P-{n:06}", f"PPV{n:013}", f"WEB-{n}", 1200 + n, "2026-03-04 15:01", "Dora", n == 3)
            for n in range(1, 6)
        ),
        ("PPV0000000000099",),
    ),
    "driver": LoadManifest(
        *("LD-20260304-1", "Own van", "Columbus", "2026-03-04 14:00", "2026-03-04 16:47", "Dora"),
        tuple(
            ManifestLine(f"P-{n:06}", f"PPV{n:013}", f"WEB-{n}", 1200 + n, "2026-03-04 15:01", "Dora", n == 3)
            for n in range(1, 16)
        ),
        trailer="Trailer 7",
        cancels_known_at="2026-03-04 16:12",
        provisional=True,
    ),
    "command-sheet": CodeSheet(
        "Bench codes",
        (
            CodeGroup(
                "Commands",
                "For every bench.",
                (PrintedCode("PPC-OK", "OK", "clears a stop"), PrintedCode("PPC-PARK", "PARK", "put this box aside")),
            ),
        ),
    ),
}


def sample(kind: str, look: Look = PLAIN) -> Any:
    """A document of this kind, as it looks on a channel. Raise ValueError for a kind there is not."""
    if kind not in _ALL:
        raise ValueError(f"expected a kind of document ({', '.join(_ALL)}), found {kind!r}")
    document = _ALL[kind]
    return replace(document, look=look) if hasattr(document, "look") else document
