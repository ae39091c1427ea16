"""A surface that becomes ZPL II.

Text from outside enters only through `field`, which leaves it no byte that could start a command (ZPL II Programming
Guide, ^FH).
"""

from functools import lru_cache

from printing import code128
from printing.documents import Bitmap, Place
from printing.plain_text import clean, transliterate
from printing.surface import UNITS_PER_MM, Align, Code, Surface, scaled
from printing.zpl.graphics import graphic_field

_JOB_ID_MAX = 60
# What font 0 (CG Triumvirate) holds on every printer: code page 1252. Newer ones hold more, but a letter that is
# missing prints as nothing at all, so the rest is spelt.
_LETTERS = frozenset("".join(bytes([n]).decode("cp1252", "ignore") for n in (*range(32, 127), *range(128, 256))))


@lru_cache(maxsize=2048)
def printable(text: str) -> str:
    """One line of what font 0 holds."""
    return transliterate(clean(text), _LETTERS.__contains__)


def field(text: str) -> str:
    """Field data for use after ^FH_: one line, and ^ ~ _ as hexadecimal."""
    return _escaped(printable(text))


class ZplPage(Surface):
    """One label, written command by command."""

    def __init__(self, width: int, height: int, dots_per_mm: int, job_id: str) -> None:
        """Size in units. Raises ValueError for a printer that is neither 8 nor 12 dots/mm."""
        super().__init__(width, height, dots_per_mm)
        self._commands = [
            # Settings outlive a label in the printer's memory, so each label sets its own.
            f"^XA^CI28^LH0,0^LRN^PON^FWN^PW{self._dots(width)}^LL{self._dots(height)}",
            f"^FX job {_comment(job_id)}^FS",
        ]

    def printable(self, text: str) -> str:
        """What font 0 holds."""
        return printable(text)

    def finished(self) -> bytes:
        """The label, to be printed once."""
        return "\n".join([*self._commands, "^PQ1", "^XZ", ""]).encode()

    def box(self, x: int, y: int, width: int, height: int, thickness: int = 3) -> None:
        """A frame."""
        self._add(x, y, f"^GB{self._dots(width)},{self._dots(height)},{self._dots(thickness)}^FS")

    def text(
        self, x: int, y: int, height: int, text: str, *, align: Align = "left", white: bool = False, width: int = 0
    ) -> None:
        """One line."""
        shown = printable(text)
        size = self._dots(height)
        x = self._aligned(x, width, shown, height, align)
        self._add(x, y, f"^A0N,{size},{size}{'^FR' if white else ''}^FH_^FD{_escaped(shown)}^FS")

    def bars(self, x: int, y: int, height: int, code: Code) -> None:
        """Bars only."""
        self._add(x, y, f"^BY{code.bar_dots}^BCN,{self._dots(height)},N,N,N,N^FH_^FD{_code128_data(code.plan)}^FS")

    def qr(self, x: int, y: int, module: int, text: str) -> None:
        """A QR code."""
        # Printers put ten dots more above the symbol than asked for; the layouts leave them room.
        self._add(x, y, f"^BQN,2,{self._dots(module)}^FH_^FDMA,{_escaped(text)}^FS")

    def ean13(self, x: int, y: int, height: int, digits: str) -> None:
        """Bars only."""
        self._add(x, y, f"^BY{self._ean_dots}^BEN,{self._dots(height)},N,N^FH_^FD{_escaped(digits)}^FS")

    def picture(self, place: Place, bitmap: Bitmap) -> None:
        """A bitmap, in the printer's dots."""
        width, height = scaled(place, bitmap)
        x, y = place.x + int(place.width - width) // 2, place.y + int(place.height - height) // 2
        dots = self.dots_per_mm / UNITS_PER_MM
        self._add(x, y, graphic_field(bitmap, max(1, int(width * dots)), max(1, int(height * dots))))

    def _add(self, x: int, y: int, command: str) -> None:
        self._commands.append(f"^FO{self._dots(x)},{self._dots(y)}{command}")


def _code128_data(plan: code128.Plan) -> str:
    """Subset codes of ^BC: >: and >; start in B and C, >6 and >5 switch to them, >0 is the sign itself."""
    data = ""
    for index, (subset, text) in enumerate(plan.runs):
        shift = {"B": ">6", "C": ">5"} if index else {"B": ">:", "C": ">;"}
        data += shift[subset] + _escaped(text).replace(">", ">0")
    return data


def _escaped(text: str) -> str:
    return text.replace("_", "_5F").replace("^", "_5E").replace("~", "_7E")


def _comment(job_id: str) -> str:
    """A comment knows no escapes, so only harmless characters pass."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-.:#/") else "-" for c in job_id[:_JOB_ID_MAX])


class ZplPad:
    """Labels that are sent together."""

    def __init__(self, dots_per_mm: int = UNITS_PER_MM) -> None:
        self._dots_per_mm = dots_per_mm
        self._pages: list[ZplPage] = []

    def page(self, width: int, height: int, job_id: str) -> ZplPage:
        """The next label. Raises ValueError for a printer that is neither 8 nor 12 dots/mm."""
        self._pages.append(ZplPage(width, height, self._dots_per_mm, job_id))
        return self._pages[-1]

    def finished(self) -> bytes:
        """All of them."""
        return b"".join(page.finished() for page in self._pages)
