"""Block letters of half-block characters: two pixels a cell, no special font. Legible from three metres."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from station.text import clean, fit
from station.widgets.glyphs import LETTERS, Bitmap
from station.widgets.strips import Row, Rows, row

_HALVES = {("#", "#"): "█", ("#", "."): "▀", (".", "#"): "▄", (".", "."): " "}


@dataclass(frozen=True, slots=True)
class Cut:
    """How often each of the five columns and seven rows of a letter is drawn, in pixels."""

    columns: tuple[int, int, int, int, int]
    rows: tuple[int, int, int, int, int, int, int]
    gap: int

    @property
    def height(self) -> int:
        """In cells."""
        return (sum(self.rows) + 1) // 2


HUGE = Cut((5, 3, 5, 3, 5), (3, 2, 3, 4, 3, 2, 3), 3)
LARGE = Cut((3, 2, 3, 2, 3), (2, 2, 2, 2, 2, 2, 2), 2)
BOLD = Cut((2, 1, 2, 1, 2), (2, 1, 1, 2, 1, 1, 2), 1)
MEDIUM = Cut((2, 1, 1, 1, 2), (1, 1, 1, 2, 1, 1, 1), 1)
THIN = Cut((1, 1, 1, 1, 1), (1, 1, 1, 1, 1, 1, 1), 1)
CUTS = (HUGE, LARGE, BOLD, MEDIUM, THIN)


@lru_cache(maxsize=512)
def letters(text: str, cut: Cut) -> Bitmap | None:
    """The text in capitals as pixels, without accents but for ÄÖÜ; None when a character has no block letter."""
    parts: list[Bitmap] = []
    for character in _capitals(text):
        glyph = LETTERS.get(character)
        if glyph is None:
            return None
        parts.append(_stretched(glyph, cut))
    if not parts:
        return None
    return tuple(("." * cut.gap).join(rows) for rows in zip(*parts, strict=True))


def _capitals(text: str) -> str:
    whole = unicodedata.normalize("NFC", clean(text).upper().strip())
    return "".join(c if c in LETTERS else _plain(c) for c in whole)


def _plain(character: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))


@lru_cache(maxsize=1024)
def _stretched(glyph: Bitmap, cut: Cut) -> Bitmap:
    columns = {1: cut.columns[:1], 2: cut.columns[:2], 3: cut.columns[::2], 5: cut.columns}[len(glyph[0])]
    return tuple(
        "".join(pixel * times for pixel, times in zip(line, columns, strict=True))
        for line, times_down in zip(glyph, cut.rows, strict=True)
        for _ in range(times_down)
    )


def drawn(bitmap: Bitmap, pen: Style) -> Rows:
    """A bitmap as rows of half blocks."""
    return list(_drawn(bitmap, pen))


@lru_cache(maxsize=512)
def _drawn(bitmap: Bitmap, pen: Style) -> tuple[Row, ...]:
    lines = [*bitmap, "." * len(bitmap[0])] if len(bitmap) % 2 else list(bitmap)
    pairs = zip(lines[::2], lines[1::2], strict=True)
    return tuple(
        Row((Segment("".join(_HALVES[cell] for cell in zip(upper, lower, strict=True)), pen),), len(upper))
        for upper, lower in pairs
    )


def fitting(text: str, width: int, height: int, cuts: Sequence[Cut] = CUTS) -> Bitmap | None:
    """The text in the largest letters that fit ``width`` by ``height`` cells; None when none do."""
    for cut in cuts:
        if cut.height <= height and (bitmap := letters(text, cut)) and len(bitmap[0]) <= width:
            return bitmap
    return None


def big(text: str, width: int, height: int, pen: Style, cuts: Sequence[Cut] = CUTS) -> Rows:
    """Block letters on one line, or on two when that makes them larger.

    When even the thinnest do not fit, words are left out at the end: the caller shows the whole text as well.
    Scripts without block letters are shown inverse.
    """
    words = clean(text).split()
    for count in range(len(words), 0, -1):
        lines = _set(words[:count], width, height, cuts)
        if lines:
            first, *second = [drawn(line, pen) for line in lines]
            return [*first, *(one for rows in second for one in [*drawn((".", "."), pen), *rows])]
    return _inverse(text, width, pen)


def _set(words: Sequence[str], width: int, height: int, cuts: Sequence[Cut]) -> list[Bitmap]:
    """One or two lines of block letters, whichever is larger; nothing when neither fits."""
    one = fitting(" ".join(words), width, height, cuts)
    two = _two_lines(words, width, height, cuts)
    if two and (one is None or len(two[0]) > len(one)):
        return two
    return [one] if one else []


def _two_lines(words: Sequence[str], width: int, height: int, cuts: Sequence[Cut]) -> list[Bitmap]:
    """The break that makes the longer line shortest, both lines in the same letters."""
    breaks = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]
    if not breaks:
        return []
    upper, lower = min(breaks, key=lambda pair: max(map(len, pair)))
    for cut in cuts:
        first, second = letters(upper, cut), letters(lower, cut)
        if first and second and 2 * cut.height + 1 <= height and max(len(first[0]), len(second[0])) <= width:
            return [first, second]
    return []


def _inverse(text: str, width: int, pen: Style) -> Rows:
    inverse = pen + Style(reverse=not pen.reverse, bold=True)
    words = f"  {fit(text, max(1, width - 4))}  "
    cells = min(width, cell_len(words))
    bar = row(cells, inverse)
    return [bar, row(cells, inverse, [(words, inverse)]), bar]
