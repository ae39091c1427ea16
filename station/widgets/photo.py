"""A product's picture among the cells: blanks as wide as it is, and behind them what draws it over them."""

from rich.segment import ControlCode, ControlType, Segment
from rich.style import Style

from station.widgets.sheet import Sheet
from station.widgets.strips import Row, Rows, blank

_MOVES: list[ControlCode] = [(ControlType.CURSOR_FORWARD, 0)]
"""Says that a segment takes no cells of its own."""


def photo(sheet: Sheet, sku: str, size: tuple[int, int], pen: Style) -> Rows | None:
    """Rows of this width and height; blank while it is being prepared; None where nothing can be shown."""
    ground = pen.bgcolor.triplet if pen.bgcolor else None
    if sheet.pictures is None or ground is None or not sku:
        return None
    drawn = sheet.pictures(sku, size, (ground.red, ground.green, ground.blue))
    if drawn is None:
        return None
    width, height = size
    blanks = Segment(" " * width, pen)
    return [Row((blanks, _over(one, width)), width) for one in drawn] if drawn else blank(width, height, pen)


def without(row: Row, was: Row) -> Row:
    """What is to be written of a row, where its pictures stand on the screen already."""
    there = {(x, over.text) for x, _, over in _pictures(was)}
    segments = list(row.segments)
    for x, at, over in _pictures(row):
        if (x, over.text) in there:
            stepped = f"\x1b[{len(segments[at - 1].text)}C"
            segments[at - 1 : at + 1] = [Segment("", None), Segment(stepped, None, _MOVES)]
    return Row(tuple(segments), row.width)


def _over(drawing: str, width: int) -> Segment:
    """Back over the blanks, the picture, and on behind it; where a picture leaves the cursor, terminals differ."""
    return Segment(f"\x1b[{width}D\x1b7{drawing}\x1b8\x1b[{width}C", None, _MOVES)


def _pictures(row: Row) -> list[tuple[int, int, Segment]]:
    """Column, place in the row, and segment of each."""
    found, x = [], 0
    for at, segment in enumerate(row.segments):
        if segment.control:
            found.append((x, at, segment))
        else:
            x += segment.cell_length
    return found
