"""The one place through which text from outside reaches the terminal: names, notes, scans, problem details."""

import re
import unicodedata
from functools import lru_cache

from rich.cells import cell_len, chop_cells

LENGTH_MAX = 1_200
"""Characters; more than anybody asks a packer to read (``usecases.benchwork.wants``). A scanner can send 4,096."""

_PLAIN = re.compile(r"[ -~]*")
_DROPPED = frozenset({"Cf", "Cs", "Me"})
_SHOWN_AS_DOT = frozenset({"Cc", "Co", "Cn"})
_BLANKS = frozenset({"Zs", "Zl", "Zp"})
_MARKS_MAX = 2


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """The text with nothing in it that a terminal obeys or two terminals measure differently.

    Control bytes (C0, C1, ESC) become a middle dot, so that a person sees that something was there. Bidirectional
    controls, joiners, variation selectors, skin tones and flags are dropped, because terminals disagree about their
    width. Line ends and tabs become blanks. A longer text ends in an ellipsis.
    """
    text = text if len(text) <= LENGTH_MAX else f"{text[: LENGTH_MAX - 1]}…"
    if _PLAIN.fullmatch(text):
        return text
    kept: list[str] = []
    marks = 0
    for character in unicodedata.normalize("NFC", text):
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= (_MARKS_MAX if kept else 0):
            kept.append(_safe(character))
    return "".join(kept)


def _safe(character: str) -> str:
    if character in "\t\r\n":
        return " "
    category = unicodedata.category(character)
    if category in _BLANKS:
        return " "
    if category in _DROPPED or _changes_neighbours(ord(character)):
        return ""
    return "·" if category in _SHOWN_AS_DOT else character


def _changes_neighbours(code: int) -> bool:
    """Variation selectors, halves of flags, skin tones and joining Hangul: drawn otherwise than measured."""
    return (
        0xFE00 <= code <= 0xFE0F
        or 0x1F1E6 <= code <= 0x1F1FF
        or 0x1F3FB <= code <= 0x1F3FF
        or 0x1160 <= code <= 0x11FF
        or 0xE0100 <= code <= 0xE01EF
    )


@lru_cache(maxsize=4096)
def fit(text: str, width: int, end: str = "…") -> str:
    """Clean text of at most ``width`` cells; what does not fit ends in ``end``, an ellipsis or nothing."""
    text = clean(text)
    if cell_len(text) <= width:
        return text
    room = width - len(end)
    return (chop_cells(text, room)[0] if room > 0 else "") + end if width > 0 else ""


def wrap(text: str, width: int, rows_max: int = 99) -> list[str]:
    """Clean text cut at blanks into rows of at most ``width`` cells; the last one allowed may end in an ellipsis.

    A word wider than a row goes on in the next one.
    """
    rows: list[str] = []
    words = clean(text).split()
    while words and len(rows) < rows_max:
        if len(rows) == rows_max - 1:
            rows.append(_last_row(words, width))
            break
        row = words.pop(0)
        if cell_len(row) > width > 1:
            row, *rest = chop_cells(row, width)
            words = ["".join(rest), *words]
        while words and cell_len(row) + 1 + cell_len(words[0]) <= width:
            row = f"{row} {words.pop(0)}"
        rows.append(fit(row, width))
    return rows


def _last_row(words: list[str], width: int) -> str:
    """Whole words and an ellipsis: the first letter of one more tells nobody anything."""
    if cell_len(" ".join(words)) <= width or cell_len(words[0]) + 2 > width:
        return fit(" ".join(words), width)
    kept = words[0]
    for word in words[1:]:
        if cell_len(f"{kept} {word} …") > width:
            break
        kept = f"{kept} {word}"
    return f"{kept} …"
