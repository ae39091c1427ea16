"""What leaves on a load that closes, and what a dock that closed it with no network got wrong."""

from typing import Any

import pytest
from sqlalchemy import event, update

from server import wire
from server.db import tables
from server.domain.benchwork.reasons import Reason
from server.domain.dock.values import DockMode
from server.domain.errors import DomainError
from server.usecases.loading.pallets import put_on_pallet
from server.usecases.sales.cancel import cancel_order
from tests.floor import BOSS, Dock, Floor, one_engine
from tests.integration.test_dock_loads import manifest_of, told
from tests.ready_parcels import ready


def alone(floor: Floor, at: float, **said: Any) -> dict[str, Any]:
    """The words of a close that a dock made with no network."""
    return {"closed_at": at, "cancels_known_at": at, "supervisor": floor.people["supervisor"]} | said


@one_engine
def test_a_close_with_no_network_assumes_what_the_dock_named_and_nothing_packed_since(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    scanned, unseen, gone = ready(floor), ready(floor), ready(floor)
    dock = Dock.at(bench)
    dock.scan(scanned.tracking)
    named = (unseen.parcel_id, gone.parcel_id)
    left = alone(floor, floor.db.now(), assume=True, assumed=2, assumed_ids=named)
    cancel_order(floor.db, BOSS, floor.order_id(gone.number))
    later = ready(floor)
    answer = bench.close_load(dock.load.load_id, 1, **left)
    assert {p.parcel_id: p.assumed for p in answer.load.loaded} == {scanned.parcel_id: False, unseen.parcel_id: True}
    assert told(floor) == {scanned.parcel_id, unseen.parcel_id}
    assert floor.parcel_state(later.parcel_id) == "ready"
    [cause] = floor.incidents("verdicts_differ")
    assert f"{gone.tracking} (cancelled)" in cause
    assert floor.incidents("left_behind") == [], "it was not packed when the vehicle left"


@one_engine
def test_what_is_assumed_is_what_was_on_the_screen_and_not_only_as_many(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    dock, seen, gone = Dock.at(bench), ready(floor), ready(floor)
    cancel_order(floor.db, BOSS, floor.order_id(gone.number))
    fresh = ready(floor)
    hurry = {"assume": True, "assumed": 2, "supervisor": floor.people["supervisor"]}
    with pytest.raises(DomainError, match="others are ready"):
        bench.close_load(dock.load.load_id, 0, assumed_ids=(seen.parcel_id, gone.parcel_id), **hurry)
    answer = bench.close_load(dock.load.load_id, 0, assumed_ids=(seen.parcel_id, fresh.parcel_id), **hurry)
    assert all(p.assumed for p in answer.load.loaded)
    assert len(answer.load.loaded) == 2


@one_engine
def test_what_another_dock_scans_on_to_a_load_that_has_left_is_ready_again(floor: Floor) -> None:
    first, second = floor.bench("Dock 1"), floor.bench("Dock 2")
    early, late = ready(floor), ready(floor)
    dock = Dock.at(first)
    dock.scan(early.tracking)
    left = alone(floor, floor.db.now())
    other = Dock.at(second)
    assert other.load.load_id == dock.load.load_id, "nobody but the first dock knows that it has left"
    assert other.scan(late.tracking).reason is Reason.OK
    answer = first.close_load(dock.load.load_id, 1, **left)
    assert [p.parcel_id for p in answer.load.loaded] == [early.parcel_id]
    assert told(floor) == {early.parcel_id}
    assert floor.parcel_state(late.parcel_id) == "ready"
    [cause] = floor.incidents("verdicts_differ")
    assert late.tracking in cause
    assert early.tracking not in cause
    next_load = Dock.at(second)
    assert next_load.scan(late.tracking).reason is Reason.OK


@one_engine
def test_a_vehicle_that_left_is_closed_also_by_a_supervisor_who_may_no_longer_assume(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    scanned, unseen = ready(floor), ready(floor)
    dock = Dock.at(bench)
    dock.scan(scanned.tracking)
    person = tables.person
    with floor.db.engine.begin() as connection:
        mine = person.c.id == floor.people["supervisor"]
        connection.execute(update(person).where(mine).values(active=False))
    said: dict[str, Any] = {"assume": True, "assumed": 1, "assumed_ids": (unseen.parcel_id,)}
    with pytest.raises(DomainError, match="supervisor"):
        bench.close_load(dock.load.load_id, 1, supervisor=floor.people["supervisor"], **said)
    answer = bench.close_load(dock.load.load_id, 1, **alone(floor, floor.db.now(), **said))
    assert [p.parcel_id for p in answer.load.loaded] == [scanned.parcel_id]
    causes = " ".join(floor.incidents("verdicts_differ"))
    assert "expected a supervisor" in causes
    assert unseen.tracking in causes


@one_engine
def test_of_a_pallet_that_a_dock_took_with_no_news_what_may_leave_is_told(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    good, gone, swapped = ready(floor), ready(floor), ready(floor, state="blocked")
    sscc = "340123450000000017"
    put_on_pallet(floor.db, BOSS, sscc, [good.tracking, gone.tracking, swapped.tracking])
    dock = Dock.at(bench)
    cancel_order(floor.db, BOSS, floor.order_id(gone.number))
    at, person = floor.db.now(), floor.people["dock"]
    answer = dock.send([wire.DockEvent(seq=1, at=at, person_id=person, raw=f"00{sscc}", mode=DockMode.LOAD)])
    assert answer.reason is Reason.CANCELLED
    assert [p.parcel_id for p in answer.load.loaded] == [good.parcel_id]
    closed = bench.close_load(dock.load.load_id, 3, **alone(floor, at))
    assert [p.parcel_id for p in closed.load.loaded] == [good.parcel_id]
    assert told(floor) == {good.parcel_id}
    assert manifest_of(floor, dock.load.load_id)["cancelled"] == [gone.tracking]
    [cause] = floor.incidents("intercept")
    assert gone.tracking in cause
    assert any(swapped.tracking in each for each in floor.incidents("verdicts_differ"))


@one_engine
def test_a_pallet_that_a_dock_refused_is_looked_for_parcel_by_parcel(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    good, swapped = ready(floor), ready(floor, state="blocked")
    sscc = "340123450000000017"
    put_on_pallet(floor.db, BOSS, sscc, [good.tracking, swapped.tracking])
    dock = Dock.at(bench)
    answer = dock.scan(f"00{sscc}")
    assert answer.reason is Reason.PALLET_REFUSED
    assert [p.seen_at_dock for p in answer.load.parcels] == [True, True]
    assert dock.scan(good.tracking).reason is Reason.OK
    assert [p.tracking for p in dock.load.loaded] == [good.tracking]


@one_engine
def test_a_large_load_closes_with_as_many_statements_as_a_small_one(floor: Floor) -> None:
    bench = floor.bench("Dock 1")

    def closes_with(parcels: int) -> int:
        dock = Dock.at(bench)
        named = [ready(floor).parcel_id for _ in range(parcels)]
        dock.scan(named[0])
        statements = 0

        def count(*_: object) -> None:
            nonlocal statements
            statements += 1

        rest: dict[str, Any] = {"assume": True, "supervisor": floor.people["supervisor"], "assumed": parcels - 1}
        event.listen(floor.db.engine, "before_cursor_execute", count)
        try:
            answer = bench.close_load(dock.load.load_id, 1, **rest)
        finally:
            event.remove(floor.db.engine, "before_cursor_execute", count)
        assert len(answer.load.loaded) == parcels
        assert told(floor) >= set(named)
        return statements

    assert closes_with(12) == closes_with(3)
