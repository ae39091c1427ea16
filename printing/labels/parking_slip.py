"""The slip for a box that waits, on label stock."""

from printing.documents import ParkingSlip, Place
from printing.labels.parts import BOTTOM, HEIGHT, INNER, LEFT, PAD, TOP, WIDTH, barcode, captioned
from printing.surface import Pad


def draw(pad: Pad, slip: ParkingSlip) -> None:
    """Draw it."""
    page = pad.page(WIDTH, HEIGHT, f"parking {slip.code}")
    page.box(LEFT, TOP, INNER, BOTTOM - TOP, 4)
    page.solid(LEFT, TOP, INNER, 200)
    page.text(LEFT, 46, 150, "PARKED", align="centre", white=True, width=INNER)
    page.text(LEFT, 236, 34, "not a shipping label: do not load", align="centre", width=INNER)
    page.solid(LEFT, 290, INNER, 3)
    page.text(LEFT + PAD, 306, 26, "ORDER")
    page.lines(LEFT, 340, page.fit(slip.order_number, INNER - 2 * PAD, 120, 30), align="centre", width=INNER)
    page.solid(LEFT, 490, INNER, 3)
    page.text(LEFT + PAD, 506, 26, "WHY")
    page.lines(LEFT + PAD, 540, page.fit(slip.reason, INNER - 2 * PAD, 60, 30, lines=3))
    page.solid(LEFT, 770, INNER, 6)
    barcode(page, Place("code", LEFT, 790, INNER, 290), slip.code, "SCAN TO GO ON WITH THIS BOX")
    page.solid(LEFT, 1100, INNER, 6)
    half = INNER // 2
    captioned(page, Place("bench", LEFT, 1102, half, 96), "BENCH", slip.bench)
    page.solid(LEFT + half, 1100, 3, BOTTOM - 1100)
    captioned(page, Place("since", LEFT + half, 1102, half, 96), "SINCE", slip.at)
