"""What a picture is drawn on: its size, its pens, the time, and the words of the bottom rows."""

from collections.abc import Callable
from dataclasses import dataclass

from station.views import StatusLine
from station.widgets.look import DARK, Look

Pictures = Callable[[str, tuple[int, int], tuple[int, int, int]], tuple[str, ...] | None]
"""Of a SKU, at a size in cells, on a ground: what to send for each row; () for not yet, None for no picture."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All a screen needs beside its view. ``width`` and ``height`` in cells, ``now`` in seconds since the epoch."""

    width: int
    height: int
    now: float
    status: StatusLine
    look: Look = DARK
    typed: str = ""
    """Keys that were pressed and not ended yet."""
    hint: str = ""
    """Guide mode: what to type or scan next."""
    notice: str = ""
    """A word of the program itself, such as how to stop it."""
    pictures: Pictures | None = None
    """None for a terminal that shows none."""

    @property
    def wide(self) -> bool:
        """Room for two columns."""
        return self.width >= 100

    @property
    def tall(self) -> bool:
        """Room for large letters in every part."""
        return self.height >= 32
