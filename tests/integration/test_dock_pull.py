"""What may no longer leave is found before its vehicle closes: blocked, relabelled beside, pulled and loaded again."""

import pytest
from sqlalchemy import update

from server import wire
from server.db import tables
from server.domain.benchwork.reasons import Reason
from server.domain.dock.values import Load
from server.domain.errors import DomainError
from server.usecases.sales.cancel import cancel_order
from server.usecases.sales.payments import flag_fraud
from server.usecases.shipping.relabelling import relabel
from station.desks.load_book import LoadBook
from tests.floor import BOSS, SOAP, Bench, Dock, Floor, one_engine
from tests.integration.test_dock_loads import asked, code_of, manifest_of, told
from tests.ready_parcels import Ready, parcel_of, ready

pytestmark = one_engine


def fresh(bench: Bench, dock: Dock) -> Load:
    """The load as the server sees it now."""
    return bench.ask("GET", f"/api/loads/{dock.load.load_id}", wire.LoadAnswer).load


def answers(load: Load) -> dict[str, str]:
    """What was said of each parcel that must come off the vehicle."""
    return {each.parcel_id: each.answer for each in load.cancelled_on}


def two_boxes(floor: Floor) -> tuple[Ready, Ready]:
    """An order that is packed in two."""
    number = floor.order(("SOAP", 2))
    first, second = parcel_of(floor, number, box_no=1), parcel_of(floor, number, box_no=2)
    floor.set_order(number, status="packed")
    return first, second


def test_a_load_with_a_blocked_parcel_closes_only_when_somebody_has_pulled_it(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    bad, good = ready(floor), ready(floor)
    dock = Dock.at(bench)
    dock.scan(bad.tracking)
    dock.scan(good.tracking)
    flag_fraud(floor.db, BOSS, floor.order_id(bad.number), True, "stolen card")
    assert answers(fresh(bench, dock)) == {bad.parcel_id: ""}
    with pytest.raises(DomainError) as refusal:
        bench.close_load(dock.load.load_id, 1)
    assert code_of(refusal) == Reason.PULL_FIRST
    assert dock.scan(bad.tracking).reason is Reason.WRONG_LABEL
    assert answers(dock.load) == {bad.parcel_id: "pulled"}
    dock.scan("PPC-ASIDE-DONE")
    assert dock.scan(bad.tracking).reason is Reason.ASIDE_DONE
    assert bench.close_load(dock.load.load_id, 1).load.closed
    assert told(floor) == {good.parcel_id}


def test_a_blocked_parcel_that_left_is_stopped_at_its_carrier_and_one_that_may_leave_again_is_only_missing(
    floor: Floor,
) -> None:
    bench = floor.bench("Dock 1")
    bad, fine = ready(floor), ready(floor)
    dock = Dock.at(bench)
    for each in (bad, fine):
        dock.scan(each.tracking)
        flag_fraud(floor.db, BOSS, floor.order_id(each.number), True, "looks odd")
    flag_fraud(floor.db, BOSS, floor.order_id(fine.number), False, "it is fine")
    load = fresh(bench, dock)
    assert (answers(load), [p.parcel_id for p in load.missing]) == ({bad.parcel_id: ""}, [fine.parcel_id])
    bench.close_load(dock.load.load_id, 0, unreachable=(bad.parcel_id,))
    [cause] = floor.incidents("intercept")
    assert f"must not leave as it is and its parcel {bad.tracking} left" in cause


def test_a_label_swap_that_a_bench_finds_is_told_at_the_dock_that_has_the_other_box_on_its_vehicle(
    floor: Floor,
) -> None:
    bench, dock = floor.bench("Bench 1"), Dock.at(floor.bench("Dock 1"))
    gone = bench.pack(floor.order(("SOAP", 1)), SOAP)
    dock.scan(gone.tracking)
    book = LoadBook(fresh(dock.bench, dock), "s")
    assert [p.parcel_id for p in book.load.loaded] == [gone.parcel_id]
    bench.open(floor.order(("SOAP", 1)))
    bench.scan(SOAP)
    own = bench.buy()
    assert bench.scan(gone.tracking) is Reason.WRONG_LABEL
    bench.send()
    parcel, reason = book.merge(fresh(dock.bench, dock), frozenset())
    assert (parcel.parcel_id if parcel else "", reason) == (gone.parcel_id, Reason.WRONG_LABEL)
    assert (book.load.loaded, answers(book.load)) == ((), {gone.parcel_id: ""})
    with pytest.raises(DomainError) as refusal:
        dock.bench.close_load(dock.load.load_id, 0)
    assert code_of(refusal) == Reason.PULL_FIRST
    for label in (gone, own):
        assert dock.scan(label.tracking).reason is Reason.WRONG_LABEL, "neither of the two boxes may load"


def test_unloading_by_a_scan_asks_nobody_to_pull_anything(floor: Floor) -> None:
    bench, parcel = floor.bench("Dock 1"), ready(floor)
    dock = Dock.at(bench)
    for code in (parcel.tracking, "PPC-UNLOAD", parcel.tracking):
        dock.scan(code)
    assert (floor.parcel_state(parcel.parcel_id), dock.load.cancelled_on) == ("ready", ())


def test_the_other_box_of_a_relabelled_order_comes_off_and_waits_until_the_order_is_packed_again(floor: Floor) -> None:
    bench, other = floor.bench("Dock 1"), ready(floor)
    torn, sound = two_boxes(floor)
    dock = Dock.at(bench)
    dock.scan(other.tracking)
    dock.scan(sound.tracking)
    relabel(floor.db, BOSS, torn.tracking, "label torn")
    load = fresh(bench, dock)
    assert (answers(load), [p.parcel_id for p in load.missing]) == ({sound.parcel_id: ""}, [])
    assert dock.scan(sound.tracking).reason is Reason.NOT_PACKED
    assert answers(dock.load) == {sound.parcel_id: "pulled"}
    floor.set_order(sound.number, status="packed")
    assert dock.scan(sound.tracking).reason is Reason.OK
    assert not dock.load.set_aside
    bench.close_load(dock.load.load_id, 2)
    assert (floor.status(sound.number), told(floor)) == ("shipped", {other.parcel_id, sound.parcel_id})


def test_the_rest_of_a_vehicle_leaves_without_a_parcel_whose_order_is_open_at_a_bench(floor: Floor) -> None:
    bench, other, parcel = floor.bench("Dock 1"), ready(floor), ready(floor)
    dock = Dock.at(bench)
    dock.scan(other.tracking)
    dock.scan(parcel.tracking)
    floor.set_order(parcel.number, status="packing")
    with pytest.raises(DomainError, match=f"parcel {parcel.tracking} is on load .* is not packed by now") as refusal:
        bench.close_load(dock.load.load_id, 2)
    assert code_of(refusal) == Reason.CHANGED
    now = floor.db.now()
    assert bench.close_load(dock.load.load_id, 2, closed_at=now, cancels_known_at=now).load.closed
    assert [line["parcel_id"] for line in manifest_of(floor, dock.load.load_id)["lines"]] == [other.parcel_id]
    assert (told(floor), floor.status(parcel.number)) == ({other.parcel_id}, "packing")
    assert any(parcel.tracking in cause for cause in floor.incidents("verdicts_differ"))


def test_a_pulled_parcel_that_a_dock_without_news_loads_again_stops_the_close_once_more(floor: Floor) -> None:
    bench, gone = floor.bench("Dock 1"), ready(floor)
    dock, blind = Dock.at(bench), Dock.at(floor.bench("Dock 2"))
    dock.scan(gone.tracking)
    cancel_order(floor.db, BOSS, floor.order_id(gone.number))
    for code in (gone.tracking, "PPC-OK", "PPC-ASIDE-DONE", gone.tracking, "PPC-OK"):
        dock.scan(code)
    assert answers(dock.load) == {gone.parcel_id: "pulled"}
    loaded = wire.DockEvent(seq=1, at=floor.db.now(), person_id=floor.people["dock"], raw=gone.tracking)
    assert answers(blind.send([loaded]).load) == {gone.parcel_id: ""}
    with pytest.raises(DomainError) as refusal:
        bench.close_load(dock.load.load_id, 0)
    assert code_of(refusal) == Reason.PULL_FIRST


def test_what_somebody_loaded_who_may_not_any_more_is_set_aside_and_what_they_took_off_is_asked_about(
    floor: Floor,
) -> None:
    bench, kept, parcel = floor.bench("Dock 1"), ready(floor), ready(floor)
    dock, who = Dock.at(bench), floor.people["dock"]
    dock.scan(kept.tracking)
    with floor.db.engine.begin() as connection:
        connection.execute(update(tables.person).where(tables.person.c.id == who).values(active=False))
    assert dock.scan(parcel.tracking).reason is Reason.NOT_SIGNED_IN
    assert (dock.load.set_aside, len(dock.load.loaded)) == ((parcel.parcel_id,), 1)
    dock.scan("PPC-UNLOAD")
    dock.scan(kept.tracking)
    assert (dock.load.set_aside, len(dock.load.loaded)) == ((parcel.parcel_id,), 1)
    assert any("somebody who may not load took it off" in cause for cause in floor.incidents("verdicts_differ"))


def test_the_scans_of_a_dock_go_to_the_load_and_the_bench_that_began_them(floor: Floor) -> None:
    bench, parcel = floor.bench("Dock 1"), ready(floor)
    dock = Dock.at(bench)
    dock.scan(parcel.tracking)
    other = asked(bench, another=True).load.load_id
    event = wire.DockEvent(seq=2, at=floor.db.now(), person_id=floor.people["dock"], raw="PPC-OK")
    request = wire.DockEventsRequest(dock_session=dock.dock_session, events=(event,))
    for sender, load_id in ((bench, other), (floor.bench("Dock 2"), dock.load.load_id)):
        with pytest.raises(DomainError, match=f"expected scans for load {dock.load.load_id} of the dock"):
            sender.ask("POST", f"/api/loads/{load_id}/events", wire.DockEventsAnswer, request)
