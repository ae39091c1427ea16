"""A strip of receipt paper, written command by command (Epson ESC/POS)."""

from collections.abc import Iterator
from typing import Literal

from printing import code128
from printing.documents import Bitmap
from printing.escpos.letters import encoded, printable

_DOTS_A_COLUMN = 12
_BAR_HEIGHT = 90
_CUT = b"\x1dVB\x00"
Align = Literal["left", "centre", "right"]
_ALIGN = {"left": 0, "centre": 1, "right": 2}


class Strip:
    """`columns` of the printer's own font fit on a line: 42 on paper of 80 mm, 32 on 58 mm."""

    def __init__(self, columns: int) -> None:
        """Raises ValueError for a strip too narrow to read or wider than any."""
        if not 24 <= columns <= 64:
            raise ValueError(f"columns: expected 24 to 64, found {columns}")
        self.columns = columns
        # Settings outlive a slip in the printer's memory: reset, American signs, the western page.
        self._data = bytearray(b"\x1b@\x1bR\x00\x1bt\x10")

    def finished(self) -> bytes:
        """The strip, fed and cut."""
        return bytes(self._data) + _CUT

    def line(self, text: str = "", *, size: int = 1, bold: bool = False, align: Align = "left") -> None:
        """Running text in as many lines as it needs; `size` 1 to 4 multiplies the letters."""
        scale = bytes([(size - 1) * 17])
        self._data += b"\x1ba" + bytes([_ALIGN[align]]) + b"\x1bE" + bytes([bold]) + b"\x1d!" + scale
        for row in list(wrapped(text, self.columns // size)) or [""]:
            self._data += encoded(row) + b"\n"
        self._data += b"\x1d!\x00\x1bE\x00\x1ba\x00"

    def pair(self, left: str, right: str, *, bold: bool = False) -> None:
        """A text and what stands at the right edge of its first line; the text goes on below.

        Where both find no room on a line, what stands right follows on lines of its own: of a number no digit is lost.
        """
        beside = printable(right)
        room = self.columns - len(beside) - 1
        if len(beside) > self.columns // 2 and len(printable(left)) > room:
            rows = [*wrapped(left, self.columns), *(row.rjust(self.columns) for row in wrapped(right, self.columns))]
        else:
            first, *more = list(wrapped(left, room)) or [""]
            rows = [first.ljust(self.columns - len(beside)) + beside, *more]
        self._data += b"\x1bE" + bytes([bold])
        for row in rows:
            self._data += encoded(row) + b"\n"
        self._data += b"\x1bE\x00"

    def rule(self) -> None:
        """A line across."""
        self._data += b"-" * self.columns + b"\n"

    def bars(self, text: str) -> None:
        """The code over its text; a QR code where bars of two dots find no room."""
        plan = code128.plan(text)
        dots = self.columns * _DOTS_A_COLUMN
        bar = min(3, dots // (plan.modules + 2 * code128.QUIET_ZONE))
        self._data += b"\x1ba\x01"
        if bar < 2:
            self._qr(text)
        else:
            data = _code128_data(plan)
            self._data += b"\x1dH\x00\x1dh" + bytes([_BAR_HEIGHT]) + b"\x1dw" + bytes([bar])
            self._data += b"\x1dkI" + bytes([len(data)]) + data
        self._data += b"\x1ba\x00"
        self.line(text, align="centre")

    def picture(self, bitmap: Bitmap) -> None:
        """A bitmap in the middle, as large as the strip allows but not more than doubled."""
        dots = self.columns * _DOTS_A_COLUMN
        if bitmap.width > dots:
            return
        size = bytes([bitmap.row_bytes % 256, bitmap.row_bytes // 256, bitmap.height % 256, bitmap.height // 256])
        scale = b"\x03" if 2 * bitmap.width <= dots // 2 else b"\x00"
        self._data += b"\x1ba\x01\x1dv0" + scale + size + bitmap.rows + b"\x1ba\x00\n"

    def _qr(self, text: str) -> None:
        data = text.encode("ascii")
        for function in (b"1A2\x00", b"1C\x06", b"1E1", b"1P0" + data, b"1Q0"):
            self._data += b"\x1d(k" + len(function).to_bytes(2, "little") + function


def wrapped(text: str, columns: int) -> Iterator[str]:
    """Printable lines of at most so many letters; a word that is wider goes on in the next line."""
    line = ""
    for word in printable(text).split(" "):
        longer = f"{line} {word}" if line else word
        if len(longer) <= columns:
            line = longer
            continue
        if line:
            yield line
        line = word
        while len(line) > columns:
            yield line[:columns]
            line = line[columns:]
    if line:
        yield line


def _code128_data(plan: code128.Plan) -> bytes:
    """{B and {C name the subset; in C each byte is a pair of digits (GS k, function B)."""
    data = b""
    for subset, text in plan.runs:
        if subset == "C":
            data += b"{C" + bytes(int(text[at : at + 2]) for at in range(0, len(text), 2))
        else:
            data += b"{B" + text.replace("{", "{{").encode("ascii")
    return data
