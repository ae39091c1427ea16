"""Loads over the real routes: how they begin, what stands in the way of their close, and what a vehicle took unseen."""

import uuid
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from server import wire
from server.db import parcels, tables
from server.db.transaction import transaction
from server.domain.benchwork.reasons import Reason
from server.domain.dock.values import DockMode, LeftReason, LoadState, ParcelState
from server.domain.errors import DomainError
from server.usecases.loading.pallets import put_on_pallet, set_prefix
from server.usecases.loading.pickup import set_no_dock_scan
from server.usecases.loading.planning import Plan, open_loads, plan_load
from server.usecases.loading.untold import watch
from server.usecases.overview.handoff import handoff_times
from server.usecases.sales.cancel import cancel_order
from tests.floor import BOSS, Bench, Dock, Floor, one_engine
from tests.ready_parcels import parcel_of, ready


def asked(bench: Bench, person: str = "dock", **said: Any) -> wire.LoadAnswer:
    """Ask for a load in these words."""
    request = wire.LoadRequest(person_id=bench.floor.people[person], **({"carrier": "own-van"} | said))
    return bench.ask("POST", "/api/loads", wire.LoadAnswer, request)


def code_of(act: object) -> str:
    """The code of the refusal in a raised context."""
    assert isinstance(act, pytest.ExceptionInfo)
    assert isinstance(act.value, DomainError)
    return act.value.code


def told(floor: Floor) -> set[str]:
    """Parcels of which a channel is told."""
    with floor.db.read() as connection:
        t = tables.outbox
        return set(connection.execute(select(t.c.key).where(t.c.kind == "shipment")).scalars())


def manifest_of(floor: Floor, load_id: str) -> dict[str, Any]:
    """The frozen list."""
    with floor.db.read() as connection:
        return dict(connection.execute(select(tables.load.c.manifest).where(tables.load.c.id == load_id)).scalar_one())


@one_engine
def test_a_lane_asks_before_it_begins_a_load_and_asks_which_where_there_are_several(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    with pytest.raises(DomainError) as refusal:
        asked(bench, yes=False)
    assert code_of(refusal) == Reason.NEED_CONFIRM
    first = asked(bench, trailer="T1").load
    assert asked(bench, yes=False).load.load_id == first.load_id
    second = asked(bench, another=True, trailer="T2").load
    assert second.load_id != first.load_id
    with pytest.raises(DomainError) as refusal:
        asked(bench)
    assert (code_of(refusal), refusal.value.facts["loads"]) == (
        Reason.WHICH_LOAD, f"{first.load_id} (T1), {second.load_id} (T2)"
    )  # fmt: skip
    assert asked(bench, load_id=second.load_id).load.trailer == "T2"
    seen = bench.ask("GET", "/api/dock", wire.DockAnswer)
    assert [(each.load_id, each.trailer, each.dock) for each in seen.loads] == [
        (first.load_id, "T1", "Dock 1"), (second.load_id, "T2", "Dock 1")
    ]  # fmt: skip


@one_engine
def test_a_planned_load_is_opened_by_its_lane_and_takes_what_its_plan_names(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    mine, other, extra, air = (ready(floor) for _ in range(4))
    with floor.db.engine.begin() as connection:
        p = tables.parcel
        connection.execute(update(p).where(p.c.id == air.parcel_id).values(service="air"))
    leaves = floor.db.now() + 600.0
    plan = Plan(site="EAST", carrier="own-van", trailer="T1", cut_off=leaves, orders=(mine.number,))
    planned = plan_load(floor.db, BOSS, plan)
    second = plan_load(floor.db, BOSS, Plan(site="EAST", carrier="own-van", trailer="T2", parcels=(other.tracking,)))
    third = plan_load(floor.db, BOSS, Plan(site="EAST", carrier="own-van", services=("standard",)))
    assert [each.load_id for each in open_loads(floor.db)["EAST"]] == [planned, second, third]
    assert asked(bench, load_id=third).load.state is LoadState.OPEN
    dock = Dock(bench, asked(bench, load_id=planned).load)
    assert (dock.load.trailer, dock.load.listed, dock.load.cut_off is not None) == ("T1", True, True)
    assert dock.scan(other.tracking).reason is Reason.PLANNED_ELSEWHERE
    assert dock.scan(extra.tracking).reason is Reason.NOT_PLANNED
    assert dock.scan(mine.tracking).reason is Reason.OK
    third_dock = Dock(bench, asked(bench, load_id=third).load)
    assert third_dock.scan(air.tracking).reason is Reason.WRONG_SERVICE
    assert third_dock.scan(extra.tracking).reason is Reason.OK
    with pytest.raises(DomainError, match=f"some of load {planned}"):
        plan_load(floor.db, BOSS, Plan(site="EAST", carrier="own-van", orders=(mine.number,)))


@one_engine
def test_a_parcel_comes_off_the_load_again_and_two_people_see_the_same(floor: Floor) -> None:
    parcel = ready(floor)
    one, two = Dock.at(floor.bench("Dock 1")), Dock.at(floor.bench("Dock 2"))
    one.scan(parcel.tracking)
    assert two.scan(parcel.tracking).reason is Reason.ALREADY_LOADED
    [seen] = two.load.loaded
    assert seen.loaded_by == "Dock Person"
    two.scan("PPC-UNLOAD")
    assert two.scan(parcel.tracking).reason is Reason.UNLOADED
    fresh = one.bench.ask("GET", f"/api/loads/{one.load.load_id}", wire.LoadAnswer).load
    assert (fresh.loaded, [p.seen_at_dock for p in fresh.missing]) == ((), [True])
    assert floor.parcel_state(parcel.parcel_id) == "ready"
    assert one.scan(parcel.tracking).reason is Reason.OK


@one_engine
def test_a_void_number_a_blocked_parcel_and_a_pallet_with_one_of_them_stay_at_the_dock(floor: Floor) -> None:
    good, swapped = ready(floor), ready(floor, state="blocked")
    number = floor.order(("SOAP", 1))
    old = parcel_of(floor, number, state="cancelled", cancelled_at=floor.db.now(), box_no=1)
    new = parcel_of(floor, number, box_no=1)
    floor.set_order(number, status="packed")
    sscc = "340123450000000017"
    assert put_on_pallet(floor.db, BOSS, sscc, [good.tracking, swapped.tracking]) == 2
    dock = Dock.at(floor.bench("Dock 1"))
    assert dock.scan(old.tracking).reason is Reason.VOID_LABEL
    [void] = [p for p in dock.load.parcels if p.parcel_id == old.parcel_id]
    assert void.replaced_by == new.tracking
    assert dock.scan(f"00{sscc}").reason is Reason.PALLET_REFUSED
    assert not dock.load.loaded
    assert set(dock.load.set_aside) == {old.parcel_id, swapped.parcel_id}
    put_on_pallet(floor.db, BOSS, sscc, [good.tracking, new.tracking])
    assert dock.scan(f"00{sscc}").reason is Reason.OK
    assert {p.parcel_id for p in dock.load.loaded} == {good.parcel_id, new.parcel_id}


@one_engine
def test_a_load_does_not_close_before_what_was_refused_is_settled_and_somebody_said_why(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    on, left, wrong = ready(floor), ready(floor), ready(floor, "city-bikes")
    dock = Dock.at(bench)
    dock.scan(on.tracking)
    dock.scan(wrong.tracking)
    load_id = dock.load.load_id
    refused: list[tuple[dict[str, Any], str]] = [({}, "set_aside"), ({"waive_aside": True}, "not_signed_in")]
    for said, code in refused:
        with pytest.raises(DomainError) as refusal:
            bench.close_load(load_id, 1, **said)
        assert code_of(refusal) == code
    assert asked(bench).load.closing is False
    closing = wire.ClosingRequest(person_id=floor.people["dock"])
    assert bench.ask("POST", f"/api/loads/{load_id}/closing", wire.LoadAnswer, closing).load.state == "closing"
    dock.scan("PPC-ASIDE-DONE")
    assert dock.scan(wrong.tracking).reason is Reason.ASIDE_DONE
    with pytest.raises(DomainError) as refusal:
        bench.close_load(load_id, 1, left_reason=None)
    assert (code_of(refusal), refusal.value.facts["left"]) == ("need_reason", 1)
    bench.close_load(load_id, 1, left_reason=LeftReason.NO_SPACE, left_words="second trip at five")
    [cause] = floor.incidents("left_behind")
    assert left.tracking in cause
    assert "no space: second trip at five" in cause
    assert floor.audited("parcel.put_aside") == [("Dock Person", "Dock 1")]


@one_engine
def test_a_supervisor_settles_the_list_with_a_badge(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    dock = Dock.at(bench)
    dock.scan(ready(floor, "city-bikes").tracking)
    supervisor = floor.people["supervisor"]
    assert bench.close_load(dock.load.load_id, 0, waive_aside=True, supervisor=supervisor).load.closed
    assert floor.audited("load.aside_waived") == [("Dock Person", "Dock 1")]


@one_engine
def test_a_driver_in_a_hurry_leaves_with_what_was_not_scanned_as_remaining(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    scanned, unseen, stays = ready(floor), ready(floor), ready(floor)
    dock = Dock.at(bench)
    for code in (scanned.tracking, "PPC-REMAINING", stays.tracking):
        dock.scan(code)
    assert dock.load.remaining == (stays.parcel_id,)
    load_id, hurry = dock.load.load_id, dict[str, Any](assume=True, assumed=1)
    with pytest.raises(DomainError) as refusal:
        bench.close_load(load_id, 1, **hurry, supervisor=floor.people["dock"])
    assert code_of(refusal) == "not_signed_in"
    answer = bench.close_load(load_id, 1, **hurry, supervisor=floor.people["supervisor"])
    assert {p.parcel_id: p.assumed for p in answer.load.loaded} == {scanned.parcel_id: False, unseen.parcel_id: True}
    frozen = manifest_of(floor, load_id)
    assert [line["assumed"] for line in frozen["lines"]] == [False, True]
    assert (frozen["assumed_by"], frozen["left_behind"]) == ("Supervisor Person", [stays.tracking])
    assert told(floor) == {scanned.parcel_id, unseen.parcel_id}
    assert bench.close_load(load_id, 1).load.closed, "the same answer again"


@one_engine
def test_a_cancelled_parcel_on_the_vehicle_is_found_by_its_place_or_intercepted(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    deep, near, last = ready(floor), ready(floor), ready(floor)
    dock = Dock.at(bench)
    for parcel in (deep, near, last):
        dock.scan(parcel.tracking)
    for parcel in (deep, near):
        cancel_order(floor.db, BOSS, floor.order_id(parcel.number))
    fresh = bench.ask("GET", f"/api/loads/{dock.load.load_id}", wire.LoadAnswer).load
    assert [(c.tracking, c.position, c.of) for c in fresh.cancelled_on] == [
        (deep.tracking, 1, 3),
        (near.tracking, 2, 3),
    ]
    assert {p.state for p in fresh.parcels if p.parcel_id in {deep.parcel_id, near.parcel_id}} == {"cancelled"}
    with pytest.raises(DomainError) as refusal:
        bench.close_load(dock.load.load_id, 1)
    assert code_of(refusal) == Reason.PULL_FIRST
    for code in (near.tracking, "PPC-OK", "PPC-ASIDE-DONE", near.tracking):
        dock.scan(code)
    bench.close_load(dock.load.load_id, 1, unreachable=(deep.parcel_id,))
    [cause] = floor.incidents("intercept")
    assert deep.tracking in cause
    assert "(1 of 3)" in cause
    assert "before anything is paid back" in cause
    assert manifest_of(floor, dock.load.load_id)["cancelled"] == [deep.tracking]
    assert told(floor) == {last.parcel_id}
    assert floor.audited("parcel.pulled") == [("Dock Person", "Dock 1")]


@one_engine
def test_a_parcel_that_got_a_new_label_on_the_open_load_counts_as_pulled_once_its_box_is_scanned(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    first, second = ready(floor), ready(floor)
    dock = Dock.at(bench)
    for parcel in (first, second):
        dock.scan(parcel.tracking)
        with transaction(floor.db, BOSS, "relabel") as tx:
            row = parcels.lock(tx, [parcel.parcel_id])[parcel.parcel_id]
            parcels.set_state(tx, row, ParcelState.CANCELLED, "relabelled", cancelled_at=tx.now)
    newer = parcel_of(floor, first.number)
    assert dock.scan(newer.tracking).reason is Reason.OK
    with pytest.raises(DomainError) as refusal:
        bench.close_load(dock.load.load_id, 1)
    assert code_of(refusal) == Reason.PULL_FIRST, "the other one is still in the vehicle"
    for code in (second.tracking, "PPC-ASIDE-DONE", second.tracking):
        dock.scan(code)
    assert bench.close_load(dock.load.load_id, 1).load.closed


def test_nothing_of_a_closed_load_changes(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    on, late = ready(floor), ready(floor)
    dock = Dock.at(bench)
    dock.scan(on.tracking)
    load_id = dock.load.load_id
    bench.close_load(load_id, 1)
    before = _rows(floor, load_id)
    for code in (late.tracking, "PPC-UNLOAD", on.tracking, "PPC-REMAINING", on.tracking):
        assert dock.scan(code).reason in (Reason.LOAD_CLOSED, Reason.NOT_NOW)
    with pytest.raises(DomainError, match="left"):
        cancel_order(floor.db, BOSS, floor.order_id(on.number))
    with pytest.raises(DomainError):
        bench.close_load(load_id, 2)
    with pytest.raises(DomainError) as refusal:
        asked(bench, load_id=load_id)
    assert code_of(refusal) == Reason.LOAD_CLOSED
    back = wire.ClosingRequest(person_id=floor.people["dock"], back=True)
    assert bench.ask("POST", f"/api/loads/{load_id}/closing", wire.LoadAnswer, back).load.closed
    assert _rows(floor, load_id) == before
    later = Dock.at(bench)
    assert later.load.load_id != load_id, "what is late goes on a new manifest"
    assert later.scan(late.tracking).reason is Reason.OK


def _rows(floor: Floor, load_id: str) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = []
    with floor.db.read() as connection:
        for table in (tables.load, tables.load_parcel, tables.load_mark, tables.load_close):
            key = table.c.id if table is tables.load else table.c.load_id
            found += [tuple(row) for row in connection.execute(select(table).where(key == load_id))]
    return found


@one_engine
def test_a_dock_that_closed_with_no_network_settles_later(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    good, gone, wrong = ready(floor), ready(floor), ready(floor, "city-bikes")
    client = {"client_id": str(uuid.uuid4())}
    load = asked(bench, **client).load
    assert asked(bench, **client).load.load_id == load.load_id, "sent twice, one load"
    dock = Dock(bench, load)
    known = floor.db.now()
    cancel_order(floor.db, BOSS, floor.order_id(gone.number))
    for parcel in (good, gone, wrong):
        seq = len(dock.events) + 1
        event = wire.DockEvent(
            seq=seq, at=known, person_id=floor.people["dock"], raw=parcel.tracking, mode=DockMode.LOAD
        )
        dock.events.append(event)
    dock.send(dock.events)
    said: dict[str, Any] = {"closed_at": known + 60.0, "cancels_known_at": known, "left_reason": None}
    answer = bench.close_load(load.load_id, 3, **said)
    assert [p.parcel_id for p in answer.load.loaded] == [good.parcel_id]
    frozen = manifest_of(floor, load.load_id)
    assert (frozen["cancelled"], bool(frozen["cancels_known_at"])) == ([gone.tracking], True)
    assert told(floor) == {good.parcel_id}
    [cause] = floor.incidents("intercept")
    assert gone.tracking in cause
    differing = floor.incidents("verdicts_differ")
    assert any(wrong.tracking in each for each in differing)
    assert any("counted 3 scanned" in each for each in differing)
    assert bench.close_load(load.load_id, 3, **said).load.closed, "sent twice, closed once"
    assert len(floor.audited("load.closed")) == 1


@one_engine
def test_a_shop_without_dock_scans_hands_everything_over_with_one_scan(floor: Floor) -> None:
    bench = floor.bench("Counter")
    parcels = [ready(floor) for _ in range(2)]
    bikes = ready(floor, "city-bikes")
    request = wire.PickupRequest(carrier="own-van", person_id=floor.people["dock"], count=2)

    def pick_up(count: int) -> wire.LoadAnswer:
        return bench.ask("POST", "/api/pickup", wire.LoadAnswer, replace(request, count=count))

    with pytest.raises(DomainError) as refusal:
        pick_up(2)
    assert code_of(refusal) == "not_ready"
    set_no_dock_scan(floor.db, BOSS, "EAST", on=True)
    assert bench.ask("GET", "/api/dock", wire.DockAnswer).no_dock_scan
    with pytest.raises(DomainError) as refusal:
        pick_up(3)
    assert code_of(refusal) == "changed"
    answer = pick_up(2)
    assert answer.load.closed
    assert all(p.assumed for p in answer.load.loaded)
    assert told(floor) == {p.parcel_id for p in parcels}
    assert floor.parcel_state(bikes.parcel_id) == "ready"


@one_engine
def test_what_must_leave_is_told_by_ship_by_and_what_is_packed_and_untold_warns(floor: Floor) -> None:
    now = floor.db.now()
    soon, later = ready(floor, ship_by=now + 3600.0), ready(floor, ship_by=now + 86_400.0)
    bench = floor.bench("Dock 1")
    due = bench.ask("GET", "/api/dock", wire.DockAnswer).due
    assert [(line.ship_by, line.parcels) for line in due] == [(now + 3600.0, 1), (now + 86_400.0, 1)]
    assert not watch(floor.db)
    assert not watch(floor.db)
    [cause] = floor.incidents("untold")
    assert soon.number in cause
    assert later.number not in cause
    dock = Dock.at(bench)
    dock.scan(soon.tracking)
    bench.close_load(dock.load.load_id, 1)
    watch(floor.db)
    assert floor.incidents("untold") == []


def test_the_time_from_receipt_to_handoff_is_told_by_channel(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    parcels = [ready(floor) for _ in range(3)]
    dock = Dock.at(bench)
    for hours, parcel in zip((2, 10, 30), parcels, strict=True):
        floor.set_order(parcel.number, received_at=floor.db.now() - hours * 3600.0)
        dock.scan(parcel.tracking)
    now = floor.db.now()
    assert handoff_times(floor.db, now - 60, now + 60) == (), "nothing has left yet"
    bench.close_load(dock.load.load_id, 3)
    [found] = handoff_times(floor.db, now - 60, now + 60)
    assert (found.channel, found.orders, round(found.p50), round(found.p90)) == ("shop", 3, 10, 30)


@one_engine
def test_a_pallet_built_at_the_dock_loads_whole_and_holds_only_what_may_leave(floor: Floor) -> None:
    bench, one, two, gone = floor.bench("Dock 1"), ready(floor), ready(floor), ready(floor)
    cancel_order(floor.db, BOSS, floor.order_id(gone.number))
    sscc, person = "340123450000000017", floor.people["dock"]

    def build(*parcels: str) -> int:
        request = wire.PalletRequest(person_id=person, sscc=sscc, parcels=parcels)
        return bench.ask("POST", "/api/pallets", wire.PalletAnswer, request).parcels

    with pytest.raises(
        DomainError, match=rf"^not_ready: expected parcels that are ready, found {gone.tracking}: cancelled"
    ):
        build(one.parcel_id, gone.parcel_id)
    assert [build(one.parcel_id, two.parcel_id) for _ in range(2)] == [2, 2]
    dock = Dock.at(bench)
    assert dock.scan(sscc).reason is Reason.OK
    assert {floor.parcel_state(p.parcel_id) for p in (one, two)} == {"loaded"}
    for code in ("PPC-UNLOAD", two.tracking, sscc):
        answer = dock.scan(code)
    assert (answer.reason, floor.parcel_state(two.parcel_id)) == (Reason.ALREADY_LOADED, "ready"), "it stands alone now"


@one_engine
def test_a_site_with_a_prefix_numbers_its_pallets_and_gives_no_number_twice(floor: Floor) -> None:
    bench, request = floor.bench("Dock 1"), wire.NewPalletRequest(person_id=floor.people["dock"])

    def number() -> str:
        return bench.ask("POST", "/api/pallets/new", wire.PalletCode, request).sscc

    with pytest.raises(DomainError, match=r"^not_ready: East house has no GS1 prefix"):
        number()
    with pytest.raises(DomainError, match=r"^invalid: GS1 company prefix"):
        set_prefix(floor.db, BOSS, "EAST", "40A")
    set_prefix(floor.db, BOSS, "EAST", "0614141")
    first = [number(), number()]
    set_prefix(floor.db, BOSS, "EAST", "")
    set_prefix(floor.db, BOSS, "EAST", "0614141")
    assert [*first, number()] == ["006141410000000005", "006141410000000012", "006141410000000029"]


@one_engine
def test_two_sites_with_one_prefix_never_give_a_pallet_the_same_number_nor_take_the_others_apart(floor: Floor) -> None:
    benches, one = {"EAST": floor.bench("Dock E"), "WEST": floor.bench("Dock W", "WEST")}, ready(floor)
    person, numbers = floor.people["dock"], []

    def build(site: str, sscc: str, *parcels: str) -> int:
        request = wire.PalletRequest(person_id=person, sscc=sscc, parcels=parcels)
        return benches[site].ask("POST", "/api/pallets", wire.PalletAnswer, request).parcels

    for site, bench in benches.items():
        set_prefix(floor.db, BOSS, site, "0614141")
        request = wire.NewPalletRequest(person_id=person)
        numbers.append(bench.ask("POST", "/api/pallets/new", wire.PalletCode, request).sscc)
    assert numbers == ["006141410000000005", "006141410000000012"]
    build("EAST", numbers[0], one.parcel_id)
    with pytest.raises(DomainError, match=rf"^not_ready: .* {numbers[0]} is one at East house"):
        build("WEST", numbers[0])
    dock = Dock.at(benches["EAST"])
    assert dock.scan(numbers[0]).reason is Reason.OK
    dock.bench.close_load(dock.load.load_id, 1)
    assert build("WEST", numbers[0]) == 0, "once it has left, its number may come again"
