"""Fitting text into a place on a label with the printer's own font 0: shrink, wrap, and at last cut visibly.

Sizes are in any one unit, for instance 1/8 mm. Widths are per height of the font, as ^A0N,h,h prints it.
"""

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
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
_BLANK = 29
_LONGEST = 600
"""No place on a label holds more characters."""
Words = list[tuple[str, int]]
"""Each with its width in hundredths of the height."""


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


def fit(
    text: str, width: int, height: int, height_min: int, lines: int = 1, *, printable: Callable[[str], str] = clean
) -> Fitted:
    """The largest height at which the text takes at most so many lines; at the smallest it ends in "…" if it must.

    `printable` makes of any text what the sink can print.
    """
    shown = printable(text[:_LONGEST])
    if not shown:
        return Fitted((), height, whole=True)
    too_long = len(text) > _LONGEST or len(shown) > _LONGEST
    words = _words(shown[:_LONGEST] + (ELLIPSIS if too_long else ""))
    total, widest = sum(word for _, word in words) + _BLANK * (len(words) - 1), max(word for _, word in words)
    # Smaller letters read better than a word broken in two.
    for unbroken in (widest, 0) if lines > 1 else (0,):
        for size in (*range(height, height_min, -2), height_min):
            room = width * 100 // size
            if total > room * lines or unbroken > room:
                continue
            wrapped = tuple(islice(_wrap(words, room), lines + 1))
            if len(wrapped) <= lines:
                return Fitted(wrapped, size, whole=not too_long)
    return _cut(words, width, height_min, lines)


def _cut(words: Words, width: int, height: int, lines: int) -> Fitted:
    kept = tuple(islice(_wrap(words, width * 100 // height), lines))
    last = kept[-1]
    while last and width_of(last + ELLIPSIS, height) > width:
        last = last[:-1]
    return Fitted((*kept[:-1], last.rstrip() + ELLIPSIS), height, whole=False)


def _words(text: str) -> Words:
    return [(word, _hundredths(word)) for word in text.split(" ")]


def _hundredths(text: str) -> int:
    return sum(_WIDTHS.get(character) or _of_base(character) for character in text)


@lru_cache(maxsize=1024)
def _of_base(character: str) -> int:
    """An accent makes no letter wider."""
    return _WIDTHS.get(unicodedata.normalize("NFD", character)[0], _OTHER)


def _wrap(words: Words, room: int) -> Iterator[str]:
    """Lines of at most `room` hundredths of the height."""
    line, used = "", -_BLANK
    for word, wide in words:
        if used + _BLANK + wide <= room:
            line, used = f"{line} {word}" if line else word, used + _BLANK + wide
            continue
        if line:
            yield line
        *full, line = _broken(word, room) if wide > room else [word]
        yield from full
        used = _hundredths(line) if full else wide
    yield line


def _broken(word: str, room: int) -> list[str]:
    """A word in pieces none of which is too wide."""
    pieces, piece, used = [], "", 0
    for character in word:
        wide = _hundredths(character)
        if piece and used + wide > room:
            pieces.append(piece)
            piece, used = "", 0
        piece, used = piece + character, used + wide
    return [*pieces, piece]
