"""`python -m tests.pictures`: every screen at 80x24 and 120x40 as PNG in deploy/docs/pictures/.

Block characters and frames are drawn as rectangles, so that a picture looks like a good terminal whatever the font.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont
from rich.cells import cell_len
from rich.style import Style

from printing.documents import Address, ShippingLabel
from printing.kinds import write
from printing.pictures import zpl_png
from station.screens.guide import guide
from station.screens.picture import picture
from station.views import SignInView
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows
from tests.scenes import GUIDE, NOBODY, NOW, SIZES, STATUS, TROUBLED, VIEWS

FOLDER = Path(__file__).parent.parent / "deploy" / "docs" / "pictures"
CELL = (10, 20)
FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono{bold}.ttf",
    "/usr/share/fonts/TTF/DejaVuSansMono{bold}.ttf",
    "/Library/Fonts/DejaVuSansMono{bold}.ttf",
)
# Parts of a cell as left, top, right, bottom.
PARTS = {"█": (0, 0, 1, 1), "▀": (0, 0, 1, 0.5), "▄": (0, 0.5, 1, 1), "▌": (0, 0, 0.5, 1), "▏": (0, 0, 0.15, 1)}

Cell = tuple[int, int, int, str, str, str, bool]
"""Column, row, width in cells, character, ink, ground, bold."""


def cells(rows: Rows) -> Iterator[Cell]:
    """Every character of a picture with its place and colours."""
    for y, strip in enumerate(rows):
        x = 0
        for segment in strip.segments:
            ink, ground = colours(segment.style or Style())
            bold = bool(segment.style and segment.style.bold)
            for character in segment.text:
                width = cell_len(character)
                if width:
                    yield x, y, width, character, ink, ground, bold
                x += width


def colours(style: Style) -> tuple[str, str]:
    """Ink and ground as #rrggbb."""
    ink = style.color.triplet.hex if style.color and style.color.triplet else "#ffffff"
    ground = style.bgcolor.triplet.hex if style.bgcolor and style.bgcolor.triplet else "#000000"
    return (ground, ink) if style.reverse else (ink, ground)


def png(rows: Rows, path: Path) -> None:
    """Draw with the first monospaced font found, or the one Pillow brings."""
    width, height = CELL
    image = Image.new("RGB", (max(s.width for s in rows) * width, len(rows) * height))
    draw = ImageDraw.Draw(image)
    fonts = {bold: font(bold) for bold in (False, True)}
    for x, y, span, character, ink, ground, bold in cells(rows):
        left, top = x * width, y * height
        draw.rectangle((left, top, left + span * width - 1, top + height - 1), fill=ground)
        part = PARTS.get(character)
        if part:
            x0, y0, x1, y1 = (part[0] * width, part[1] * height, part[2] * width, part[3] * height)
            draw.rectangle((left + x0, top + y0, left + x1 - 1, top + y1 - 1), fill=ink)
        elif character != " ":
            draw.text((left, top + height * 0.78), character, fill=ink, font=fonts[bold], anchor="ls")
    image.quantize(48, dither=Image.Dither.NONE).save(path, optimize=True)


def font(bold: bool) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """DejaVu Sans Mono where it is installed."""
    for pattern in FONTS:
        path = Path(pattern.format(bold="-Bold" if bold else ""))
        if path.exists():
            return ImageFont.truetype(str(path), 16.6)
    return ImageFont.load_default(16)


def pictures() -> Iterator[tuple[str, Rows]]:
    """Name and rows of all of them."""
    for width, height in SIZES:
        for name, view in VIEWS.items():
            status = NOBODY if isinstance(view, SignInView) else TROUBLED if name == "pack-long" else STATUS
            sheet = Sheet(width, height, NOW, status)
            yield f"{name}-{width}", picture(view, sheet)
        yield f"guide-{width}", guide(GUIDE, Sheet(width, height, NOW, NOBODY))
        hinted = Sheet(width, height, NOW, STATUS, typed="PPC-CL", hint="scan 4006381333931, an item it does not want")
        yield f"pack-guided-{width}", picture(VIEWS["pack"], hinted)


def label() -> bytes:
    """A shipping label as the printer would draw it."""
    home = Address(name="Packproof demo", lines=("1 Wharf Lane",), city="Portland", region="ME", postcode="04101")
    buyer = Address(
        name="Zoe Quill",
        lines=("12 Harbour Street", "Apt 4"),
        city="Portland",
        region="ME",
        postcode="04102",
        country="US",
    )
    document = ShippingLabel(
        parcel_id="PCL-17",
        tracking="PV00000000178",
        carrier="Own van",
        service="standard",
        ship_from=home,
        ship_to=buyer,
        order_number="1043",
        box=1,
        boxes=1,
        weight_grams=1240,
        ship_date="2026-11-21",
    )
    return zpl_png(write("label", document))


def main() -> None:
    """Write them all, or those whose name begins with the argument."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "label.png").write_bytes(label())
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    for name, rows in pictures():
        if name.startswith(wanted):
            png(rows, FOLDER / f"{name}.png")
            print(FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
