"""Two docks of which one had no network: what their late scans say together of where a parcel is."""

from sqlalchemy import select

from server import wire
from server.db import tables
from server.domain.benchwork.reasons import Reason
from server.usecases.sales.cancel import cancel_order
from tests.floor import BOSS as OFFICE
from tests.floor import Dock, Floor, one_engine
from tests.ready_parcels import ready

pytestmark = one_engine


def late(dock: Dock, raw: str, reason: Reason, seconds: float = 60.0) -> None:
    """A scan that was made so long ago and comes only now."""
    now, person = dock.bench.floor.db.now(), dock.bench.floor.people["dock"]
    event = wire.DockEvent(seq=len(dock.events) + 1, at=now - seconds, person_id=person, raw=raw, reason=reason)
    dock.events.append(event)
    dock.send([event])


def two_docks(floor: Floor) -> tuple[Dock, Dock]:
    """At one load."""
    return Dock.at(floor.bench("Dock 1")), Dock.at(floor.bench("Dock 2"))


def test_a_parcel_taken_off_by_a_dock_that_never_knew_it_was_on_is_off(floor: Floor) -> None:
    parcel, (one, two) = ready(floor), two_docks(floor)
    late(one, parcel.tracking, Reason.OK)
    two.scan("PPC-UNLOAD")
    assert two.scan(parcel.tracking, reason=Reason.NOT_LOADED).reason is Reason.UNLOADED
    assert floor.parcel_state(parcel.parcel_id) == "ready"


def test_a_late_scan_of_a_parcel_that_was_taken_off_since_is_looked_into(floor: Floor) -> None:
    parcel, (one, two) = ready(floor), two_docks(floor)
    two.scan("PPC-UNLOAD")
    two.scan(parcel.tracking)
    late(one, parcel.tracking, Reason.OK)
    [cause] = floor.incidents("verdicts_differ")
    assert parcel.tracking in cause


def test_a_parcel_that_a_dock_thought_to_be_on_already_is_on(floor: Floor) -> None:
    parcel, (one, _) = ready(floor), two_docks(floor)
    late(one, parcel.tracking, Reason.ALREADY_LOADED)
    assert floor.parcel_state(parcel.parcel_id) == "loaded"


def test_a_cancelled_parcel_that_a_dock_thought_to_be_on_already_is_on_the_vehicle(floor: Floor) -> None:
    parcel, (one, _) = ready(floor), two_docks(floor)
    cancel_order(floor.db, OFFICE, floor.order_id(parcel.number))
    late(one, parcel.tracking, Reason.ALREADY_LOADED)
    x = tables.load_cancel
    with floor.db.read() as connection:
        assert connection.execute(select(x.c.parcel_id)).scalars().all() == [parcel.parcel_id]


def test_a_parcel_taken_off_a_load_that_was_closed_meanwhile_is_looked_into(floor: Floor) -> None:
    parcel, (one, two) = ready(floor), two_docks(floor)
    one.scan(parcel.tracking)
    two.scan("PPC-UNLOAD")
    one.bench.close_load(one.load.load_id, 1)
    two.scan(parcel.tracking, reason=Reason.UNLOADED)
    [cause] = floor.incidents("verdicts_differ")
    assert parcel.tracking in cause
