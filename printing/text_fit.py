"""Fitting text into a place on a label with the printer's own font 0: shrink, wrap, and at last cut visibly.

Sizes are in any one unit, for instance 1/8 mm. Widths are per height of the font, as ^A0N,h,h prints it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from printing.plain_text import clean

ELLIPSIS = "…"
# Widths of the printer's font 0 (CG Triumvirate Condensed Bold) in hundredths of its height, rounded up.
_CLASSES = {
    25: "ijl",
    29: " !'(),./:;I[]`ft",
    35: "r",
    38: "z",
    44: "?Jckvxys",
    47: '"#$*0123456789L\\ae',
    50: "EFTZ^_bdghnopqu{|}",
    54: "CSV",
    57: "ABKOPQXY",
    60: "DGR",
    63: "HNU&",
    66: "w",
    75: "Mm",
    82: "W",
    91: "%+-=@",
}
_WIDTHS = {character: width for width, characters in _CLASSES.items() for character in characters}
_OTHER = 100
_LONGEST = 600
"""No place on a label holds more characters."""


def width_of(text: str, height: int) -> int:
    """An upper bound of the width of one line."""
    return -(-_hundredths(text) * height // 100)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lines to draw below each other at one height; `whole` is false if something had to be cut."""

    lines: tuple[str, ...]
    height: int
    whole: bool

    @property
    def pitch(self) -> int:
        """From one line to the next."""
        return self.height * 6 // 5

    @property
    def depth(self) -> int:
        """From the top of the first line to below the last."""
        return self.pitch * len(self.lines)


def fit(text: str, width: int, height: int, height_min: int, lines: int = 1) -> Fitted:
    """The largest height at which the text takes at most so many lines; at the smallest it ends in "…" if it must."""
    text = clean(text[:_LONGEST]) + (ELLIPSIS if len(text) > _LONGEST else "")
    if not text:
        return Fitted((), height, whole=True)
    hundredths = _hundredths(text)
    for size in (*range(height, height_min, -2), height_min):
        if hundredths * size > width * lines * 100:
            continue
        wrapped = tuple(_wrap(text, width, size))
        if len(wrapped) <= lines:
            return Fitted(wrapped, size, whole=True)
    return _cut(text, width, height_min, lines)


def _cut(text: str, width: int, height: int, lines: int) -> Fitted:
    kept = tuple(islice(_wrap(text, width, height), lines))
    last = kept[-1]
    while last and width_of(last + ELLIPSIS, height) > width:
        last = last[:-1]
    return Fitted((*kept[:-1], last.rstrip() + ELLIPSIS), height, whole=False)


def _hundredths(text: str) -> int:
    return sum(_WIDTHS.get(character, _OTHER) for character in text)


def _wrap(text: str, width: int, height: int) -> Iterator[str]:
    line = ""
    for word in text.split(" "):
        candidate = f"{line} {word}" if line else word
        if width_of(candidate, height) <= width:
            line = candidate
            continue
        if line:
            yield line
        *full, line = _broken(word, width, height)
        yield from full
    yield line


def _broken(word: str, width: int, height: int) -> list[str]:
    """A word in pieces none of which is too wide; usually one."""
    pieces, piece = [], ""
    for character in word:
        if piece and width_of(piece + character, height) > width:
            pieces.append(piece)
            piece = ""
        piece += character
    return [*pieces, piece]
