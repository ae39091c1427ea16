"""Drawing on a ZPL label: rules, text which stays in its place, barcodes whose width is known.

Everything is measured in units of 1/8 mm, so that a layout is the same on printers of 8 and 12 dots/mm. Text from
outside enters only through `field`, which leaves it no byte that could start a command (ZPL II Programming Guide, ^FH).
"""

from dataclasses import dataclass
from typing import Literal

from printing import code128
from printing.plain_text import clean
from printing.text_fit import Fitted, width_of

UNITS_PER_MM = 8
Align = Literal["left", "centre", "right"]
_NARROWEST_BAR_MM = 0.25
_JOB_ID_MAX = 60


def field(text: str) -> str:
    """Field data for use after ^FH_: one line, and ^ ~ _ as hexadecimal."""
    return _escaped(clean(text))


@dataclass(frozen=True, slots=True)
class Code:
    """A Code 128 fitted to a place: bar width in dots, width over all bars in units."""

    data: str
    bar_dots: int
    width: int


class ZplPage:
    """One label, written command by command; `finished` gives the bytes."""

    def __init__(self, width: int, height: int, dots_per_mm: int, job_id: str) -> None:
        """Size in units. Raises ValueError for a printer that is neither 8 nor 12 dots/mm."""
        if dots_per_mm not in (8, 12):
            raise ValueError(f"dots_per_mm: expected 8 or 12, found {dots_per_mm}")
        self._dots_per_mm = dots_per_mm
        self._commands = [
            # Settings outlive a label in the printer's memory, so each label sets its own.
            f"^XA^CI28^LH0,0^LRN^PON^FWN^PW{self._dots(width)}^LL{self._dots(height)}",
            f"^FX job {_comment(job_id)}^FS",
        ]

    def finished(self) -> bytes:
        """The label, to be printed once."""
        return "\n".join([*self._commands, "^PQ1", "^XZ", ""]).encode()

    def box(self, x: int, y: int, width: int, height: int, thickness: int = 3) -> None:
        """A frame; a thickness of half the height or more makes it solid black."""
        self._add(x, y, f"^GB{self._dots(width)},{self._dots(height)},{self._dots(thickness)}^FS")

    def solid(self, x: int, y: int, width: int, height: int) -> None:
        """A black area or a rule."""
        self.box(x, y, width, height, min(width, height))

    def text(
        self, x: int, y: int, height: int, text: str, *, align: Align = "left", white: bool = False, width: int = 0
    ) -> None:
        """One line at its upper left corner; `width` is the place it is aligned in; `white` on black."""
        spare = max(0, width - width_of(text, height))
        x += {"left": 0, "centre": spare // 2, "right": spare}[align]
        size = self._dots(height)
        self._add(x, y, f"^A0N,{size},{size}{'^FR' if white else ''}^FH_^FD{field(text)}^FS")

    def lines(
        self, x: int, y: int, fitted: Fitted, *, align: Align = "left", white: bool = False, width: int = 0
    ) -> int:
        """Lines below each other; returns the y below the last one."""
        for line in fitted.lines:
            self.text(x, y, fitted.height, line, align=align, white=white, width=width)
            y += fitted.pitch
        return y

    def code_fitting(self, text: str, width: int, bar_dots_max: int) -> Code | None:
        """The widest Code 128 with quiet zones in `width`; None if its bars would be too narrow to print well."""
        plan = code128.plan(text)
        bar_dots = min(bar_dots_max, self._dots(width) // (plan.modules + 2 * code128.QUIET_ZONE))
        if bar_dots / self._dots_per_mm < _NARROWEST_BAR_MM:
            return None
        return Code(_code128_data(plan), bar_dots, plan.modules * bar_dots * UNITS_PER_MM // self._dots_per_mm)

    def code128(self, x: int, y: int, height: int, code: Code) -> None:
        """Bars only; the text below is drawn as text, so that it can be large."""
        self._add(x, y, f"^BY{code.bar_dots}^BCN,{self._dots(height)},N,N,N,N^FH_^FD{code.data}^FS")

    def qr(self, x: int, y: int, module: int, text: str) -> None:
        """A QR code of printable ASCII, error correction level M; `module` in units, at most 6."""
        self._add(x, y, f"^BQN,2,{self._dots(module)}^FH_^FDMA,{_escaped(text)}^FS")

    def _add(self, x: int, y: int, command: str) -> None:
        self._commands.append(f"^FO{self._dots(x)},{self._dots(y)}{command}")

    def _dots(self, units: int) -> int:
        return units * self._dots_per_mm // UNITS_PER_MM


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
