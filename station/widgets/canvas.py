"""The one widget: it holds a picture and writes only the rows that changed."""

from rich.control import Control
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from station.widgets.photo import without
from station.widgets.strips import Row, Rows


class Canvas(Widget, can_focus=False):
    """Fills the screen. One widget, because a layout of many costs more time than a whole scan may take."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._rows: Rows = []
        self._before: Rows = []

    def show(self, rows: Rows) -> list[int] | None:
        """Hold this picture from now on; the numbers of the rows that differ, or None when it has another size."""
        old, self._rows = self._rows, rows
        self._before = old
        if len(old) != len(rows) or not rows or old[0].width != rows[0].width:
            return None
        return [y for y, (was, new) in enumerate(zip(old, rows, strict=True)) if was != new]

    def repaint(self, changed: list[int] | None) -> None:
        """Let Textual draw these rows, or all, in its own time."""
        if changed is None:
            self.refresh()
        elif changed:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in changed))

    def written(self, changed: list[int]) -> str:
        """What a terminal has to be sent to show these rows."""
        console = self.app.console
        rows = ((y, without(self._rows[y], self._before[y])) for y in changed)
        return "".join(Control.move_to(0, y).segment.text + _strip(row).render(console) for y, row in rows)

    def render_line(self, y: int) -> Strip:
        """A row of the picture."""
        return _strip(self._rows[y]) if y < len(self._rows) else Strip.blank(self.size.width)


def _strip(row: Row) -> Strip:
    return Strip(row.segments, row.width)
