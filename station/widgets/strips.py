"""Rows of a picture. Every text goes through ``clean`` here, so no screen can forget it, and every row is exactly as
wide as it was asked to be.

A row is Textual's Strip without its seven caches: a picture has forty rows, and a scan has a few milliseconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from station.text import clean, fit

Piece = tuple[str, Style]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a picture, ``width`` cells wide."""

    segments: tuple[Segment, ...]
    width: int

    @property
    def text(self) -> str:
        """What it says, without its pens."""
        return "".join(segment.text for segment in self.segments if not segment.control)

    def widened(self, width: int, ground: Style) -> "Row":
        """This row with ground to the right, or cut."""
        if self.width == width:
            return self
        if self.width < width:
            return Row((*self.segments, Segment(" " * (width - self.width), ground)), width)
        plain = ((one.text, one.style or ground) for one in self.segments if not one.control)
        laid, used = _laid(plain, width, cut=True)
        return Row((*laid, *_ground(width - used, ground)), width)


Rows = list[Row]


def row(width: int, ground: Style, pieces: Iterable[Piece] = (), right: Sequence[Piece] = ()) -> Row:
    """Pieces from the left, and pieces at the right edge that keep their room; what does not fit ends in …."""
    width = max(0, width)
    tail, tail_width = _laid(right, width) if right else ([], 0)
    head, head_width = _laid(pieces, width - tail_width - (1 if tail_width else 0))
    return Row((*head, *_ground(width - tail_width - head_width, ground), *tail), width)


def _ground(cells: int, ground: Style) -> tuple[Segment, ...]:
    return (Segment(" " * cells, ground),) if cells > 0 else ()


def _laid(pieces: Iterable[Piece], room: int, *, cut: bool = False) -> tuple[list[Segment], int]:
    """Segments of at most ``room`` cells and how many they take. ``cut`` leaves out the ellipsis."""
    laid: list[Segment] = []
    used = 0
    for text, style in pieces:
        if used >= room:
            break
        shown = fit(text, room - used, "" if cut else "…")
        cells = cell_len(shown)
        if cells < room - used and shown != clean(text):
            shown, cells = shown + " " * (room - used - cells), room - used
        if shown:
            laid.append(Segment(shown, style))
            used += cells
    return laid, used


def joined(parts: Iterable[Row]) -> Row:
    """Rows end to end."""
    rows = list(parts)
    return Row(tuple(segment for part in rows for segment in part.segments), sum(part.width for part in rows))


def centred(width: int, ground: Style, pieces: Sequence[Piece]) -> Row:
    """One row with its pieces in the middle."""
    used = sum(cell_len(clean(text)) for text, _ in pieces)
    return row(width, ground, [(" " * max(0, (width - used) // 2), ground), *pieces])


def blank(width: int, height: int, ground: Style) -> Rows:
    """Empty rows."""
    return [row(width, ground)] * max(0, height)


def block(rows: Rows, width: int, height: int, ground: Style) -> Rows:
    """The rows made exactly ``width`` by ``height``: cut or filled up below."""
    same = [one.widened(width, ground) for one in rows[: max(0, height)]]
    return same + blank(width, height - len(same), ground)


def beside(*columns: Rows) -> Rows:
    """Columns of equal height, left to right."""
    return [joined(parts) for parts in zip(*columns, strict=True)]


def indented(rows: Rows, left: int, width: int, ground: Style) -> Rows:
    """The rows moved right and made ``width`` wide."""
    pad = row(left, ground)
    return [joined((pad, one)).widened(width, ground) for one in rows]


def middle(rows: Rows, height: int, width: int, ground: Style) -> Rows:
    """The rows half way down."""
    above = max(0, (height - len(rows)) // 2)
    return block(blank(width, above, ground) + rows, width, height, ground)
