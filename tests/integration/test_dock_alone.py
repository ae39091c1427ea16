"""Two docks of which one had no network: what their late scans say together of where a parcel is."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from server import wire
from server.db import tables
from server.domain.benchwork.reasons import Reason
from server.domain.dock.values import DockMode, Load
from server.domain.errors import DomainError
from server.usecases.loading.pallets import put_on_pallet
from server.usecases.sales.cancel import cancel_order
from tests.floor import BOSS as OFFICE
from tests.floor import Bench, Dock, Floor, one_engine
from tests.integration.test_dock_loads import manifest_of, told
from tests.ready_parcels import ready

pytestmark = one_engine
SSCC = "340123450000000017"


def late(dock: Dock, raw: str, reason: Reason, seconds: float = 60.0, **said: Any) -> Load:
    """A scan that was made so long ago and comes only now; the load that the server put it on."""
    now, person = dock.bench.floor.db.now(), dock.bench.floor.people["dock"]
    same: dict[str, Any] = {"person_id": person, "raw": raw, "reason": reason, "mode": dock.load.mode}
    event = wire.DockEvent(seq=len(dock.events) + 1, at=now - seconds, **(same | said))
    dock.events.append(event)
    return dock.send([event]).load


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


def test_a_load_that_a_dock_began_alone_leaves_on_its_own_manifest_beside_one_opened_meanwhile(floor: Floor) -> None:
    mine, theirs = ready(floor), ready(floor)
    bench, other = floor.bench("Dock 1"), Dock.at(floor.bench("Dock 2"))
    yard = bench.ask("GET", "/api/dock/yard", wire.YardAnswer)
    assert {p.parcel_id for p in yard.load.parcels} == {mine.parcel_id, theirs.parcel_id}
    assert [each.load_id for each in yard.load.others] == [other.load.load_id]
    assert bench.call("GET", f"/api/dock/yard?seen={yard.version}").status_code == 304
    other.scan(theirs.tracking)
    began = floor.db.now() - 600.0
    # Whoever began it has left the house since: what stands in the vehicle is there all the same.
    request = wire.LoadRequest(carrier="own-van", person_id=4711, client_id="of its own", begun_at=began)
    first, again = (bench.ask("POST", "/api/loads", wire.LoadAnswer, request).load for _ in range(2))
    assert first.load_id == again.load_id != other.load.load_id
    late(Dock(bench, first), mine.tracking, Reason.OK, 590.0)
    bench.close_load(first.load_id, 1, closed_at=began + 60.0, cancels_known_at=began)
    with floor.db.read() as connection:
        rows = {row.id: row for row in connection.execute(select(tables.load))}
    assert [line["tracking"] for line in rows[first.load_id].manifest["lines"]] == [mine.tracking]
    assert rows[first.load_id].opened_at == began
    assert rows[other.load.load_id].closed_at is None
    assert floor.incidents("verdicts_differ") == []


def test_what_a_dock_scanned_on_to_a_load_that_left_meanwhile_is_on_a_manifest_of_its_own_and_told(
    floor: Floor,
) -> None:
    both, mine, gone, (one, two) = ready(floor), ready(floor), ready(floor), two_docks(floor)
    one.scan(both.tracking)
    two.bench.close_load(two.load.load_id, 1)
    cancel_order(floor.db, OFFICE, floor.order_id(gone.number))
    left = one.load.load_id
    # What the other dock scanned too is on the manifest that left, and told: nobody need look for it.
    late(one, both.tracking, Reason.ALREADY_LOADED)
    assert late(one, mine.tracking, Reason.OK).load_id != left
    [cause] = floor.incidents("verdicts_differ")
    own = late(one, gone.tracking, Reason.OK).load_id
    assert left in cause and own in cause
    assert one.send(one.events).load.load_id == own, "told again it is the same"
    assert manifest_of(floor, left)["lines"][0]["tracking"] == both.tracking
    now = floor.db.now()
    closed = one.bench.close_load(own, 3, closed_at=now, cancels_known_at=now - 700.0)
    assert [p.parcel_id for p in closed.load.loaded] == [mine.parcel_id]
    assert told(floor) == {both.parcel_id, mine.parcel_id}
    [cause] = floor.incidents("verdicts_differ")
    assert gone.tracking in cause, "it left, and what the dock counted is not held against it"
    [intercept] = floor.incidents("intercept")
    assert gone.tracking in intercept


def test_a_lane_whose_only_load_follows_one_that_left_asks_before_anything_is_added_to_it(floor: Floor) -> None:
    mine, (one, two) = ready(floor), two_docks(floor)
    two.bench.close_load(two.load.load_id, 0)
    own = late(one, mine.tracking, Reason.OK)
    with pytest.raises(DomainError, match=own.load_id) as asked:
        two.bench.open_load()
    assert asked.value.code == Reason.WHICH_LOAD
    request = wire.LoadRequest(load_id=own.load_id, person_id=floor.people["dock"])
    joined = Dock(two.bench, two.bench.ask("POST", "/api/loads", wire.LoadAnswer, request).load)
    joined.scan("PPC-UNLOAD")
    assert joined.scan(mine.tracking).reason is Reason.UNLOADED, "what still stands at the dock comes off"


def test_a_parcel_taken_off_with_no_network_from_a_load_that_left_with_it_is_looked_into(floor: Floor) -> None:
    gone, mine, (one, two) = ready(floor), ready(floor), two_docks(floor)
    one.scan(gone.tracking)
    two.bench.close_load(two.load.load_id, 1)
    late(one, mine.tracking, Reason.OK)
    one.load = replace(one.load, mode=DockMode.UNLOAD)
    late(one, gone.tracking, Reason.UNLOADED)
    assert [cause for cause in floor.incidents("verdicts_differ") if gone.tracking in cause]


def test_a_scan_that_comes_in_the_moment_of_the_close_is_refused_and_set_aside(floor: Floor) -> None:
    mine, (one, two) = ready(floor), two_docks(floor)
    two.bench.close_load(two.load.load_id, 0)
    assert late(one, mine.tracking, Reason.OK, 1.0).load_id == two.load.load_id
    assert floor.parcel_state(mine.parcel_id) == "ready"
    [cause] = floor.incidents("verdicts_differ")
    assert mine.tracking in cause


def test_a_load_that_a_dock_joined_alone_is_that_load_also_where_it_has_left(floor: Floor) -> None:
    mine, bench, other = ready(floor), floor.bench("Dock 1"), Dock.at(floor.bench("Dock 2"))
    joined = other.load.load_id
    assert begun(bench, "while it stands here", load_id=joined).load_id == joined
    other.bench.close_load(joined, 0)
    here = Dock(bench, begun(bench, "it has left", load_id=joined))
    assert here.load.load_id == joined and here.load.closed
    assert late(here, mine.tracking, Reason.OK, 590.0).loaded[0].load_id != joined


def test_what_a_supervisor_assumed_on_a_load_that_another_dock_had_closed_is_looked_into(floor: Floor) -> None:
    unseen, (one, two) = ready(floor), two_docks(floor)
    two.bench.close_load(two.load.load_id, 0)
    now, named = floor.db.now(), (unseen.parcel_id,)
    said = {"assume": True, "assumed": 1, "assumed_ids": named, "supervisor": floor.people["supervisor"]}
    one.bench.close_load(one.load.load_id, 0, closed_at=now, cancels_known_at=now, **said)
    [cause] = floor.incidents("verdicts_differ")
    assert unseen.tracking in cause


def test_what_a_dock_took_and_nobody_knows_here_is_looked_into(floor: Floor) -> None:
    mine, (one, _) = ready(floor), two_docks(floor)
    late(one, "1Z999AA10123456784", Reason.OK)
    load = late(one, f"00{SSCC}", Reason.OK, parcels=("PCL9999999", mine.parcel_id))
    assert [p.parcel_id for p in load.loaded] == [mine.parcel_id], "the rest of that pallet leaves"
    codes = ("1Z999AA10123456784", "PCL9999999")
    assert all(code in cause for code, cause in zip(codes, floor.incidents("verdicts_differ"), strict=True))


def test_a_pallet_built_with_no_network_loads_by_its_scan_whatever_the_server_knew_of_it(floor: Floor) -> None:
    on, off, swapped, (one, _) = ready(floor), ready(floor), ready(floor, state="blocked"), two_docks(floor)
    put_on_pallet(floor.db, OFFICE, SSCC, [off.tracking])
    load = late(one, f"00{SSCC}", Reason.OK, parcels=(on.parcel_id, swapped.parcel_id))
    assert [p.parcel_id for p in load.loaded] == [on.parcel_id], "the other stays, and that it was taken is looked into"
    assert any(swapped.tracking in cause for cause in floor.incidents("verdicts_differ"))


def test_a_pallet_that_is_told_late_stands_unless_somebody_said_something_newer(floor: Floor) -> None:
    on, moved, bench = ready(floor), ready(floor), floor.bench("Dock 1")
    now, other = floor.db.now(), "340123450000000024"

    def build(sscc: str, *ids: str, built_at: float) -> int:
        # Whoever built it may have left the house since; what stands on it may have been blocked.
        request = wire.PalletRequest(person_id=4711, sscc=sscc, parcels=ids, built_at=built_at)
        return bench.ask("POST", "/api/pallets", wire.PalletAnswer, request).parcels

    put_on_pallet(floor.db, OFFICE, other, [moved.tracking])
    assert build(SSCC, on.parcel_id, moved.parcel_id, "PCL9999999", built_at=now - 600.0) == 1
    assert {p.sscc: p.parcel_ids for p in Dock.at(bench).load.pallets} == {
        SSCC: (on.parcel_id,),
        other: (moved.parcel_id,),
    }
    assert build(other, on.parcel_id, built_at=now - 600.0) == 0, "it was built anew since"
    elsewhere = ready(floor, site=2)
    put_on_pallet(floor.db, OFFICE, "340123450000000031", [elsewhere.tracking])
    assert build("340123450000000031", on.parcel_id, built_at=now) == 0
    assert "340123450000000031" in floor.incidents("verdicts_differ")[0]


def test_a_joined_load_that_the_server_does_not_have_or_that_is_elsewhere_becomes_a_load_of_its_own(
    floor: Floor,
) -> None:
    bench, elsewhere = floor.bench("Dock 1"), Dock.at(floor.bench("Dock W", "WEST"))
    for joined in ("LOAD000999", elsewhere.load.load_id):
        own = begun(bench, f"joined {joined}", load_id=joined)
        assert own.load_id != joined and not own.closed
        assert begun(bench, f"joined {joined}", load_id=joined).load_id == own.load_id, "asked again it is the same"


def test_what_a_dock_scanned_before_it_closed_leaves_also_where_its_clock_fell_back(floor: Floor) -> None:
    mine, theirs, bench = ready(floor), ready(floor), floor.bench("Dock 1")
    own, now = begun(bench, "its own"), floor.db.now()
    late(Dock(bench, own), mine.tracking, Reason.OK, 500.0)
    late(Dock(floor.bench("Dock 2"), own), theirs.tracking, Reason.OK, 10.0)
    answer = bench.close_load(own.load_id, 1, closed_at=now - 4_000.0, cancels_known_at=now - 700.0)
    assert [p.parcel_id for p in answer.load.loaded] == [mine.parcel_id]
    [cause] = floor.incidents("verdicts_differ")
    assert theirs.tracking in cause and mine.tracking not in cause


def begun(bench: Bench, key: str, load_id: str = "") -> Load:
    """What the server says of a load that a dock began ten minutes ago, or joined, with no network."""
    person, began = bench.floor.people["dock"], bench.floor.db.now() - 600.0
    request = wire.LoadRequest(carrier="own-van", person_id=person, load_id=load_id, client_id=key, begun_at=began)
    return bench.ask("POST", "/api/loads", wire.LoadAnswer, request).load
