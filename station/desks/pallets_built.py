"""Pallets that were built here with no server in sight: known at this dock at once, and told when it answers again."""

import logging
import time
from dataclasses import replace

from server import wire
from server.domain.benchwork.handoff import Load
from server.domain.dock.values import Pallet, standing
from server.domain.errors import DomainError
from station.workplace import Workplace

_NOTE = "pallets_built"
REFUSED_SECONDS = 60.0
_log = logging.getLogger("packproof.station")


class PalletsBuilt:
    """Call everything with the workplace's lock held; ``settle`` is the exception.

    What was scanned by the code of a pallet does not wait for this: each of those scans says itself what it took.
    """

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self.untold: tuple[wire.PalletRequest, ...] = ()
        self._again: dict[str, float] = {}
        """When a pallet that the server refused is told again, by its SSCC."""

    def restore(self) -> None:
        """Take up what the server has not heard of."""
        kept = self._place.journal.get(_NOTE)
        self.untold = wire.decode(kept, tuple[wire.PalletRequest, ...]) if kept else ()

    def add(self, request: wire.PalletRequest) -> None:
        """It stands here; one of the same number that was not told is this one now. Raises JournalFailed."""
        built = replace(request, built_at=self._place.clock())
        self._keep((*(each for each in self.untold if each.sscc != built.sscc), built))

    def by_itself(self, parcel_id: str) -> None:
        """This parcel was scanned off its pallet. Raises JournalFailed."""
        rest = (replace(each, parcels=tuple(c for c in each.parcels if c != parcel_id)) for each in self.untold)
        if any(parcel_id in each.parcels for each in self.untold):
            self._keep(tuple(rest))

    def on_top(self, load: Load) -> Load:
        """The load with the pallets that the server has not heard of, the newest last."""
        pallets = load.pallets
        for each in self.untold:
            others = (old for old in pallets if old.sscc != each.sscc)
            pallets = standing((*standing(others, each.parcels), Pallet(each.sscc, each.parcels)), ())
        return replace(load, pallets=pallets) if self.untold else load

    def settle(self) -> None:
        """After every drain: tell them, oldest first; one that is refused waits a minute. Raises Unavailable."""
        for each in self.untold:
            if time.monotonic() < self._again.get(each.sscc, 0.0):
                continue
            try:
                self._place.client.build_pallet(each)
            except DomainError as error:
                _log.error("the server refuses pallet %s: %s", each.sscc, error)
                self._again[each.sscc] = time.monotonic() + REFUSED_SECONDS
                continue
            with self._place.changing():
                self._keep(tuple(one for one in self.untold if one != each))

    def _keep(self, untold: tuple[wire.PalletRequest, ...]) -> None:
        self._place.journal.put(_NOTE, wire.encode(untold) if untold else None)
        self.untold = untold
