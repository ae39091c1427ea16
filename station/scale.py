"""The scale of a bench: what any reader must offer, and a weight that is steady, fresh and never the box's before.

`scanners.scales` reads the devices; nothing here talks to one.
"""

from dataclasses import dataclass
from typing import Protocol

from scanners.scales.reading import Load, Reading

__all__ = ["Load", "Reading", "Scale", "Weigher"]

EMPTY_GRAMS = 20
"""No box weighs less: at or below this the scale is empty."""
FRESH_SECONDS = 2.0
"""A reading older than this may be of anything; and one from later, when the clock was set back."""
STEADY_SECONDS = 0.2
"""For so long the scale says the same, and that it stands still."""


class Scale(Protocol):
    """A scale that is read by somebody else's thread; asking never waits."""

    @property
    def name(self) -> str:
        """What people call it."""

    def latest(self) -> Reading | None:
        """The newest reading; None while the scale says nothing."""


@dataclass(frozen=True, slots=True)
class _Steady:
    """For how long the scale has said this weight."""

    grams: int
    first_at: float
    last_at: float


class Weigher:
    """Gives each box its own weight: between two boxes the scale was empty, between two weights of one it moved."""

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        self._steady: _Steady | None = None
        self._used: tuple[str, int] | None = None
        """The box whose weight was used last, and its weight."""
        self._moved = self._emptied = True
        """What happened on the scale since then."""

    def watch(self) -> None:
        """Look at the scale; call this several times a second, also while no weight is wanted."""
        reading = self._scale.latest()
        if reading is None:
            self._steady = None
            return
        self._moved |= not reading.stable or (self._used is not None and reading.grams != self._used[1])
        self._emptied |= reading.load is Load.UNDER or (reading.grams is not None and reading.grams <= EMPTY_GRAMS)
        self._steady = _longer(self._steady, reading)

    def steady(self, box: str, since: float, now: float) -> int | None:
        """Grams of this box, which stands on the scale since; None while there is nothing to go by."""
        said = self._steady
        same = self._used is not None and self._used[0] == box
        if said is None or said.grams <= EMPTY_GRAMS or not (self._moved if same else self._emptied):
            return None
        long_enough = said.last_at - max(said.first_at, since) >= STEADY_SECONDS
        return said.grams if long_enough and abs(now - said.last_at) <= FRESH_SECONDS else None

    def used(self, box: str, grams: int) -> None:
        """This weight belongs to this box now; the next box must be another."""
        self._used = (box, grams)
        self._moved = self._emptied = False

    def left(self, box: str) -> None:
        """The bench turned from this box: one that was not weighed may lie there still, and is not the next one."""
        if self._used is None or self._used[0] != box:
            self._emptied = False


def _longer(before: _Steady | None, reading: Reading) -> _Steady | None:
    """The same weight for longer, or another from now on; None while it moves."""
    if not reading.stable or reading.grams is None:
        return None
    same = before is not None and before.grams == reading.grams and reading.at - before.last_at <= FRESH_SECONDS
    return _Steady(reading.grams, before.first_at if before and same else reading.at, reading.at)
