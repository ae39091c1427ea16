"""A shop that scans nothing at its dock: the screen shows what a driver takes, and a pickup takes exactly that."""

from server import wire
from server.usecases.loading.pickup import set_no_dock_scan
from server.usecases.loading.planning import Plan, plan_load
from tests.floor import BOSS, Bench, Dock, Floor, one_engine
from tests.integration.test_dock_loads import told
from tests.ready_parcels import parcel_of, ready

pytestmark = one_engine


def shown(bench: Bench) -> dict[str, int]:
    """How many parcels of each lane the screen names."""
    return bench.ask("GET", "/api/dock", wire.DockAnswer).pickups


def pick_up(bench: Bench) -> wire.LoadAnswer:
    """A driver takes what the screen shows."""
    request = wire.PickupRequest(
        carrier="own-van", person_id=bench.floor.people["dock"], count=shown(bench).get("own-van", 0)
    )
    return bench.ask("POST", "/api/pickup", wire.LoadAnswer, request)


def test_a_pickup_takes_the_parcels_on_an_open_load_and_those_beside_it(floor: Floor) -> None:
    bench, parcels = floor.bench("Counter"), [ready(floor) for _ in range(3)]
    assert shown(bench) == {}, "a site that scans has no pickups"
    set_no_dock_scan(floor.db, BOSS, "EAST", on=True)
    ready(floor, "city-bikes")
    floor.set_order(parcel_of(floor, floor.order(("SOAP", 2))).number, status="packing")
    Dock.at(bench).scan(parcels[0].tracking)
    assert shown(bench) == {"own-van": 3, "city-bikes": 1}
    assert pick_up(bench).load.closed
    assert told(floor) == {p.parcel_id for p in parcels}
    assert shown(bench) == {"city-bikes": 1}


def test_a_pickup_leaves_a_planned_load_and_its_parcels_to_their_own_vehicle(floor: Floor) -> None:
    bench, loose, planned = floor.bench("Counter"), ready(floor), ready(floor)
    set_no_dock_scan(floor.db, BOSS, "EAST", on=True)
    plan_load(floor.db, BOSS, Plan(site="EAST", carrier="own-van", services=("air",)))
    by_plan = plan_load(floor.db, BOSS, Plan(site="EAST", carrier="own-van", orders=(planned.number,)))
    answer = pick_up(bench)
    assert [p.parcel_id for p in answer.load.loaded] == [loose.parcel_id]
    assert answer.load.load_id != by_plan
    assert (shown(bench), floor.parcel_state(planned.parcel_id)) == ({}, "ready")
