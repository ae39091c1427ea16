"""The server's picture of the open load: what this dock has of it, what it asks for, and what an answer makes of it."""

import time
from dataclasses import replace

from server import wire
from server.domain.benchwork.handoff import Load
from server.domain.dock.groups import renewed, unsure

CLOSELY_SECONDS, WHOLE_SECONDS = 30.0, 600.0
"""A name that was changed anywhere is here after the first, a scan or a cancel at once; all of it comes again after the
second, though nothing should ask for it."""


class LoadNews:
    """Fields are read and written with the workplace's lock held."""

    def __init__(self) -> None:
        self._load: Load | None = None
        self._version = ""
        self._asked = ""
        self._whole_at = self._closely_at = float("-inf")

    def question(self) -> str:
        """The version that need not come again; empty where all of it is wanted."""
        now, version = time.monotonic(), self._version
        if now - self._whole_at > WHOLE_SECONDS:
            version = ""
        elif now - self._closely_at > CLOSELY_SECONDS:
            version, self._closely_at = unsure(version), now
        self._asked = version
        return version

    def completed(self, answer: wire.LoadAnswer) -> wire.LoadAnswer | None:
        """The answer with every parcel; None where it builds on what is not here: all of it must be asked for."""
        if not answer.base:
            self._whole_at = self._closely_at = time.monotonic()
            return answer
        if self._load is None or answer.base != self._asked:
            self._version = ""
            return None
        parcels = renewed(self._load.parcels, answer.groups, answer.load.parcels)
        return replace(answer, load=replace(answer.load, parcels=parcels), base="", groups=())

    def took(self, answer: wire.LoadAnswer) -> None:
        """This picture, with every parcel, is what the dock works by now."""
        self._load, self._version = answer.load, answer.version
