"""The scale of a bench: what any reader must offer, and a weight that is steady, fresh and never the box's before.

Readers for scales on TCP or serial lines implement ``Scale``; nothing here talks to a device.
"""

from dataclasses import dataclass
from typing import Protocol

EMPTY_GRAMS = 20
"""No box weighs less: at or below this the scale is empty."""
FRESH_SECONDS = 2.0
"""A reading older than this may be of anything."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a scale said. ``at`` in epoch seconds by the bench's clock; ``stable`` as the scale itself says."""

    grams: int
    stable: bool
    at: float


class Scale(Protocol):
    """A scale that is read by somebody else's thread; asking never waits."""

    @property
    def name(self) -> str:
        """What people call it."""

    def latest(self) -> Reading | None:
        """The newest reading; None while the scale says nothing."""


class Weigher:
    """Gives each box its own weight: between two the scale was empty, or was seen to move."""

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        self._moved = True
        """Whether something happened on the scale since the last weight was used."""

    def watch(self) -> None:
        """Look at the scale; call this several times a second, also while no weight is wanted."""
        reading = self._scale.latest()
        if reading is not None and (not reading.stable or reading.grams <= EMPTY_GRAMS):
            self._moved = True

    def steady(self, since: float, now: float) -> int | None:
        """Grams of the box on the scale, read after ``since``; None while there is nothing to go by."""
        reading = self._scale.latest()
        if reading is None or not self._moved or not reading.stable or reading.grams <= EMPTY_GRAMS:
            return None
        return reading.grams if since <= reading.at and now - reading.at <= FRESH_SECONDS else None

    def used(self) -> None:
        """This weight belongs to a box now; the next one must be another."""
        self._moved = False
