"""Loads that began at this dock with no server in sight, or were joined so, until the server says what they are.

The name under which a load began stands in the journal and on the screen; the server is asked with a key of the load's
own, so that asking again after a lost answer or a power cut begins nothing more. Where a load left meanwhile without
this dock, what was scanned here since is put on one that follows it: what stands in this vehicle gets a manifest.
"""

import logging
import time
import uuid
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace

from server import wire
from server.domain.benchwork.handoff import Load
from server.domain.errors import DomainError
from station.link import Link
from station.uplink import Uplink
from station.workplace import Workplace

_NOTE = "dock_begun"
REFUSED_SECONDS = 60.0
_log = logging.getLogger("packproof.station")


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A load of which the server has not heard that it is loaded here; ``load_id`` is what it is called here."""

    load_id: str
    dock_session: str
    request: wire.LoadRequest


@dataclass(frozen=True, slots=True)
class Renamed:
    """The load of a dock session is another one from now on.

    ``left``: the old one left without this dock. What the server has on it stays on it, what was scanned since is on
    the new one.
    """

    dock_session: str
    old: str
    new: str
    left: bool = False


class LoadsBegun:
    """``real`` and ``settle`` are called without the workplace's lock, everything else with it."""

    def __init__(self, place: Workplace, uplink: Uplink, link: Link) -> None:
        self._place, self._uplink, self._link = place, uplink, link
        self.unheard: tuple[Begun, ...] = ()
        self.on_real: list[Callable[[Renamed], None]] = []
        """Called with the lock held when a load that began here has its id at the server, or is followed by another."""
        self._ids: dict[str, str] = {}
        self._again: dict[str, float] = {}
        uplink.load_of, uplink.on_follows = self.real, self.follows

    def restore(self) -> None:
        """Take up what the server has not heard of."""
        kept = self._place.journal.get(_NOTE)
        self.unheard = wire.decode(kept, tuple[Begun, ...]) if kept else ()

    def begin(self, carrier: str, dock_session: str, load_id: str = "") -> str:
        """A load of this carrier begins now, or the known one is joined; its name here. Raises JournalFailed."""
        person, key = self._place.person, str(uuid.uuid4())
        # Where this dock comes back to a load it began itself, the same question asks for the same load.
        here = next((each.request for each in self.unheard if load_id == each.load_id != each.request.load_id), None)
        request = here or wire.LoadRequest(
            carrier=carrier,
            person_id=person.person_id if person else 0,
            load_id=load_id,
            client_id=key,
            begun_at=self._place.clock(),
        )
        name = load_id or f"NEW-{key[:8].upper()}"
        self._keep((*self.unheard, Begun(load_id=name, dock_session=dock_session, request=request)))
        return name

    def settle(self) -> None:
        """After every drain: begin them at the server, oldest first. Raises Unavailable."""
        for each in self.unheard:
            if self._waits(each):
                continue
            with suppress(DomainError):
                self.real(each.dock_session, each.load_id)

    def real(self, dock_session: str, load_id: str) -> str:
        """The server's id of the load of a dock session; asks for it where it began here, for earlier ones before it.

        One of those that the server refuses waits a minute and holds up nothing. Raises Unavailable, DomainError.
        """
        with self._uplink.sending:
            for each in self.unheard[: self._place_of(dock_session)]:
                mine = each.dock_session == dock_session
                if not mine and self._waits(each):
                    continue
                try:
                    with self._link.asking():
                        answer = self._place.client.open_load(each.request)
                except DomainError as error:
                    self._refused(each, error)
                    if mine:
                        raise
                else:
                    self._heard(each, answer.load.load_id)
            return self._ids.get(dock_session, load_id)

    def _waits(self, each: Begun) -> bool:
        return time.monotonic() < self._again.get(each.dock_session, 0.0)

    def _refused(self, each: Begun, error: DomainError) -> None:
        _log.error("the server does not begin %s: %s", each.load_id, error)
        self._again[each.dock_session] = time.monotonic() + REFUSED_SECONDS

    def _place_of(self, dock_session: str) -> int:
        """How many are to be begun up to this one, in their order; none where it is not among them."""
        sessions = [each.dock_session for each in self.unheard]
        return sessions.index(dock_session) + 1 if dock_session in sessions else 0

    def _heard(self, each: Begun, real: str) -> None:
        """Everywhere it has its own id from now on; only then is it no longer asked for."""
        with self._place.changing():
            self._renamed(Renamed(each.dock_session, each.load_id, real))
            self._keep(tuple(begun for begun in self.unheard if begun != each))

    def follows(self, dock_session: str, left: str, follows: str) -> None:
        """A load left without this dock: what was scanned here since is on the one that follows it."""
        with self._place.changing():
            self._renamed(Renamed(dock_session, left, follows, left=True))

    def _renamed(self, load: Renamed) -> None:
        self._place.journal.rename_load(load.dock_session, load.new)
        self._ids[load.dock_session] = load.new
        for tell in self.on_real:
            tell(load)

    def _keep(self, unheard: tuple[Begun, ...]) -> None:
        self._place.journal.put(_NOTE, wire.encode(unheard) if unheard else None)
        self.unheard = unheard


def renamed(load: Load, change: Renamed, mine: Collection[str] = ()) -> Load:
    """The load under its new name, and parcels on it; where the old one left, of those on it only ``mine``."""
    parcels = tuple(
        replace(p, load_id=change.new) if p.load_id == change.old and (not change.left or p.parcel_id in mine) else p
        for p in load.parcels
    )
    return replace(load, load_id=change.new if load.load_id == change.old else load.load_id, parcels=parcels)
