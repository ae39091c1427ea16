"""The one Textual screen: a canvas, painted at once."""

from textual.app import ComposeResult
from textual.screen import Screen

from station.widgets.canvas import Canvas
from station.widgets.strips import Rows


class Floor(Screen[None], inherit_bindings=False):
    """Has no bindings and nothing to focus: Tab, Escape and the mouse change nothing."""

    AUTO_FOCUS = ""
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._canvas = Canvas()

    def compose(self) -> ComposeResult:
        """One canvas."""
        yield self._canvas

    def repaint(self) -> None:
        """Write all rows again."""
        self._canvas.refresh()

    def paint(self, rows: Rows) -> bool:
        """Show these rows; whether they are on their way to the terminal already.

        The changed rows go straight to the terminal. Textual's own way, through four queues, a timer and its
        compositor, takes several milliseconds; it is kept for the first picture and for a new size. Since the canvas
        holds the same rows, both ways always show the same picture.
        """
        changed = self._canvas.show(rows)
        driver = self.app._driver
        laid_out = self._canvas.size == self.app.size == self.size
        if changed is None or driver is None or self.app.is_headless or not laid_out:
            self._canvas.repaint(changed)
            return False
        if changed:
            driver.write(self._canvas.written(changed))
            driver.flush()
        return True
