"""What this dock knew last of its site, so that a load can begin with no server in sight."""

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from server import wire
from server.domain.benchwork.handoff import Load
from server.domain.dock.values import DockMode, LoadState, OtherLoad
from server.domain.errors import DomainError
from station.workplace import Workplace

_NOTE = "yard"
LOOK_SECONDS = 20.0
"""So old a dock with no load open lets its knowledge become."""
_log = logging.getLogger("packproof.station")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A load of nobody with every parcel of the site, and up to when its cancels are known, by the server's clock."""

    load: Load
    as_of: float


class Yard:
    """Fields are read and written with the workplace's lock held; ``look`` is the exception."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self.known: Known | None = None
        self._seen, self._looked_at = "", float("-inf")

    def restore(self) -> None:
        """Take up what was known; what an older version of this program kept is asked for anew."""
        kept = self._place.journal.get(_NOTE)
        try:
            self.known = wire.decode(kept, Known) if kept else None
        except DomainError as error:
            _log.warning("what was known of the dock is not understood: %s", error)

    def soon(self) -> None:
        """Ask at the next round."""
        self._looked_at = float("-inf")

    def look(self) -> None:
        """On the uplink's thread, while no load is open: ask for it when it is old. Raises Unavailable."""
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        answer = self._place.client.yard(self._seen)
        with self._place.lock:
            if isinstance(answer, float):
                self.known = replace(self.known, as_of=answer) if self.known else None
                return
            self._seen = answer.version
            self._keep(Known(load=answer.load, as_of=answer.as_of))

    def leave(self, load: Load, as_of: float) -> None:
        """A load was worked on here: what it showed, and what was scanned on to it, is what is known now."""
        self._seen, self._looked_at = "", float("-inf")
        own = () if load.closed else (_other(load),)
        self._keep(Known(load=replace(_bare(load), others=(*own, *load.others)), as_of=as_of))

    def loads(self, carrier: str) -> tuple[OtherLoad, ...]:
        """Planned and open loads of a carrier."""
        return tuple(each for each in self._others if each.carrier == carrier)

    def find(self, load_id: str) -> OtherLoad | None:
        """The load with this code."""
        return next((each for each in self._others if each.load_id == load_id), None)

    def begun(self, which: OtherLoad) -> Load:
        """This load with all that is known, ready to be loaded; call it where something is known."""
        known = self.known.load if self.known else Load("", "", "", False, ())
        named = any(p.planned_load == which.load_id for p in known.parcels)
        return replace(
            known,
            load_id=which.load_id,
            carrier=which.carrier,
            carrier_name=which.carrier_name,
            planned=which.state is LoadState.PLANNED,
            services=which.services,
            trailer=which.trailer,
            dock=which.dock,
            cut_off=which.cut_off,
            listed=named if which.listed is None else which.listed,
            others=tuple(each for each in known.others if each.load_id != which.load_id),
        )

    @property
    def _others(self) -> Iterable[OtherLoad]:
        return self.known.load.others if self.known else ()

    def _keep(self, known: Known) -> None:
        self.known = known
        self._place.journal.put(_NOTE, wire.encode(known), durable=False)


def _bare(load: Load) -> Load:
    """Its parcels and pallets, and nothing of the load itself."""
    return replace(
        load,
        load_id="",
        carrier="",
        carrier_name="",
        closed=False,
        set_aside=(),
        stop=None,
        stop_item="",
        not_counted=(),
        mode=DockMode.LOAD,
        planned=False,
        closing=False,
        driver="",
        remaining=(),
        cancelled_on=(),
    )


def _other(load: Load) -> OtherLoad:
    return OtherLoad(
        load_id=load.load_id,
        carrier=load.carrier,
        carrier_name=load.carrier_name,
        trailer=load.trailer,
        dock=load.dock,
        services=load.services,
        state=load.state,
        cut_off=load.cut_off,
        loaded=len(load.loaded),
        listed=load.listed,
    )
