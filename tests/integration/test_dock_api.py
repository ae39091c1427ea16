"""Loading vehicles over the real routes, on both engines (HND-01, HND-02, HND-04)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import select, update

from server import wire
from server.db import tables
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.usecases.sales.cancel import cancel_order
from tests.book import publish
from tests.floor import BOSS, BRUSH, MUG, SOAP, Bench, Dock, Floor, one_engine

ITEMS = {"SOAP": SOAP, "MUG": MUG, "BRUSH": BRUSH}


def packed(floor: Floor, bench: Bench, sku: str = "SOAP", carrier: str = "own-van") -> wire.LabelAnswer:
    """A parcel that is ready for its vehicle."""
    return bench.pack(floor.order((sku, 1), carrier=carrier), ITEMS[sku])


def outbox(floor: Floor, kind: str) -> list[tuple[str, dict[str, object]]]:
    with floor.db.read() as connection:
        t = tables.outbox
        rows = connection.execute(select(t).where(t.c.kind == kind).order_by(t.c.key))
        return [(row.key, row.payload["data"]) for row in rows]


def test_a_load_takes_what_is_ready_and_closing_it_ships_and_tells(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    labels = [packed(floor, bench, sku) for sku in ("SOAP", "MUG")]
    dock = Dock.at(floor.bench("Dock"))
    assert [dock.scan(code).reason for code in (labels[0].tracking, labels[1].parcel_id)] == [Reason.OK, Reason.OK]
    assert len(dock.load.loaded) == 2
    answer = dock.bench.close_load(dock.load.load_id, 2)
    assert answer.load.closed
    assert [(t.channel, t.told, t.total) for t in answer.told] == [("shop", 0, 2)]
    assert not answer.stock_told
    for label in labels:
        assert floor.status(label.label.order_number) == "shipped"
    assert (floor.stock("SOAP"), floor.stock("MUG")) == ((99, 0), (99, 0))
    told = dict(outbox(floor, "shipment"))
    assert {parcel: data["tracking_number"] for parcel, data in told.items()} == {
        label.parcel_id: label.tracking for label in labels
    }
    assert floor.audited("load.closed") == [("Dock Person", "Dock")]
    assert floor.audited("parcel.loaded") == [("Dock Person", "Dock")] * 2


@one_engine
def test_the_channels_count_as_told_once_their_rows_are_sent(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    label = packed(floor, bench)
    dock = Dock.at(bench)
    dock.scan(label.tracking)
    bench.close_load(dock.load.load_id, 1)
    with floor.db.engine.begin() as connection:
        connection.execute(update(tables.outbox).values(state="sent"))
    assert not bench.ask("GET", f"/api/loads/{dock.load.load_id}", wire.LoadAnswer).stock_told, "not worked out yet"
    publish(floor.db)
    with floor.db.engine.begin() as connection:
        connection.execute(update(tables.outbox).values(state="sent"))
    answer = bench.ask("GET", f"/api/loads/{dock.load.load_id}", wire.LoadAnswer)
    assert [(t.channel, t.told, t.total) for t in answer.told] == [("shop", 1, 1)]
    assert answer.stock_told


def test_each_kind_of_wrong_parcel_is_told_apart(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    good, bikes, gone = packed(floor, bench), packed(floor, bench, carrier="city-bikes"), packed(floor, bench)
    cancel_order(floor.db, BOSS, floor.order_id(gone.label.order_number))
    bench.open(floor.order(("SOAP", 1)))
    bench.scan(SOAP)
    unscanned = bench.buy()
    other = Dock.at(floor.bench("Dock 2"), "city-bikes")
    dock = Dock.at(floor.bench("Dock 1"))
    said = [
        dock.scan(code).reason
        for code in (good.tracking, good.tracking, bikes.tracking, unscanned.tracking, MUG, "PV9999999999")
    ]
    assert said == ["ok", "already_loaded", "wrong_carrier", "label_not_confirmed", "item_not_parcel", "unknown_code"]
    assert dock.scan(good.tracking, bounce=True).reason is Reason.REPEAT
    assert dock.scan(gone.tracking).reason is Reason.CANCELLED
    assert dock.scan(good.tracking).reason is Reason.STOPPED
    assert dock.scan("PPC-OK").reason is Reason.OK
    assert other.scan(bikes.tracking).reason is Reason.OK
    view = dock.bench.ask("GET", f"/api/loads/{dock.load.load_id}", wire.LoadAnswer).load
    assert [p.tracking for p in view.loaded] == [good.tracking]
    assert set(view.set_aside) == {unscanned.parcel_id, gone.parcel_id}, "the other one is where it belongs"
    assert dock.scan(bikes.tracking).reason is Reason.WRONG_LOAD


@one_engine
def test_a_parcel_ready_after_the_load_was_opened_is_missing_until_it_is_loaded(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    dock = Dock.at(floor.bench("Dock"))
    late = packed(floor, bench)
    load = dock.bench.open_load().load
    assert load.load_id == dock.load.load_id
    assert [p.tracking for p in load.missing] == [late.tracking]


def test_what_is_left_behind_is_one_incident_and_goes_on_the_next_load(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    first, second, third = (packed(floor, bench) for _ in range(3))
    packed(floor, bench, carrier="city-bikes")
    dock = Dock.at(bench)
    dock.scan(first.tracking)
    for _ in range(2):
        bench.close_load(dock.load.load_id, 1)
    (cause,) = floor.incidents("left_behind")
    assert second.tracking in cause
    assert third.tracking in cause
    assert "without 2 parcels" in cause
    assert dock.scan(second.tracking).reason is Reason.LOAD_CLOSED
    later = Dock.at(bench)
    assert later.load.load_id != dock.load.load_id
    assert later.scan(second.tracking).reason is Reason.OK


def test_a_closed_manifest_never_changes(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    label, late = packed(floor, bench), packed(floor, bench)
    dock = Dock.at(bench)
    dock.scan(label.tracking)
    path = f"/api/loads/{dock.load.load_id}/manifest.pdf"
    assert bench.call("GET", path).status_code == 409
    bench.close_load(dock.load.load_id, 1)
    papers = [bench.call("GET", path).content]
    dock.scan(late.tracking)
    bench.close_load(dock.load.load_id, 1)
    papers.append(bench.call("GET", path).content)
    assert papers[0].startswith(b"%PDF")
    assert papers[0] == papers[1]
    with floor.db.read() as connection:
        (manifest,) = connection.execute(select(tables.load.c.manifest).where(tables.load.c.closed_at > 0)).scalars()
    assert [line["tracking"] for line in manifest["lines"]] == [label.tracking]
    assert (manifest["left_behind"], manifest["closed_by"]) == ([late.tracking], "Dock Person")


def test_closing_twice_ships_once_and_tells_once(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    dock = Dock.at(bench)
    for _ in range(3):
        dock.scan(packed(floor, bench).tracking)
    gate = Barrier(4)

    def close(_: int) -> wire.LoadAnswer:
        gate.wait()
        return bench.close_load(dock.load.load_id, 3)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(close, range(4)))
    assert {answer.load.load_id for answer in answers} == {dock.load.load_id}
    assert floor.stock("SOAP") == (97, 0)
    assert len(outbox(floor, "shipment")) == 3
    assert len(floor.audited("load.closed")) == 1


def test_a_count_that_is_not_what_is_on_the_load_refuses_to_close(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    dock = Dock.at(bench)
    dock.scan(packed(floor, bench).tracking)
    for counted in (0, 2):
        with pytest.raises(DomainError) as refusal:
            bench.close_load(dock.load.load_id, counted)
        assert (refusal.value.code, refusal.value.facts["loaded"]) == ("changed", 1)
    bench.close_load(dock.load.load_id, 1)
    with pytest.raises(DomainError, match="was closed"):
        bench.close_load(dock.load.load_id, 2)


def test_a_cancel_takes_a_parcel_off_the_open_load(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    stays, goes = packed(floor, bench), packed(floor, bench)
    dock = Dock.at(bench)
    for label in (stays, goes):
        dock.scan(label.tracking)
    cancel_order(floor.db, BOSS, floor.order_id(goes.label.order_number))
    with pytest.raises(DomainError) as refusal:
        bench.close_load(dock.load.load_id, 2)
    assert (refusal.value.code, refusal.value.facts["loaded"]) == ("changed", 1)
    (cause,) = floor.incidents("cancelled_after_packing")
    assert "on the truck" in cause
    assert dock.scan(goes.tracking).reason is Reason.CANCELLED
    for code in ("PPC-OK", "PPC-ASIDE-DONE", goes.tracking):
        dock.scan(code)
    bench.close_load(dock.load.load_id, 1)
    assert floor.status(goes.label.order_number) == "cancelled"
    assert floor.stock("SOAP") == (99, 1), "until its goods are scanned back"


def test_a_cancel_racing_the_close_either_ships_or_cancels_never_both(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    for _ in range(4):
        label = packed(floor, bench)
        dock = Dock.at(bench)
        dock.scan(label.tracking)
        number, gate, (before, reserved) = label.label.order_number, Barrier(2), floor.stock("SOAP")

        def cancel(number: str = number, gate: Barrier = gate) -> None:
            gate.wait()
            cancel_order(floor.db, BOSS, floor.order_id(number))

        def close(load_id: str = dock.load.load_id, gate: Barrier = gate) -> None:
            gate.wait()
            bench.close_load(load_id, 1)

        with ThreadPoolExecutor(2) as pool:
            ends = [pool.submit(cancel), pool.submit(close)]
        lost = [end.exception() for end in ends if end.exception()]
        assert [error.code for error in lost if isinstance(error, DomainError)] in (["already_shipped"], ["changed"])
        shipped = floor.status(number) == "shipped"
        assert floor.stock("SOAP") == ((before - 1, reserved - 1) if shipped else (before, reserved))
        if not shipped:
            for code in (label.tracking, "PPC-OK", "PPC-ASIDE-DONE", label.tracking):
                dock.scan(code)
            bench.close_load(dock.load.load_id, 0)


def test_two_docks_load_a_parcel_exactly_once(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    labels = [packed(floor, bench) for _ in range(6)]
    docks = [Dock.at(floor.bench(f"Dock {n}")) for n in range(2)]
    assert docks[0].load.load_id == docks[1].load.load_id
    gate = Barrier(2)

    def load(dock: Dock) -> list[Reason | None]:
        gate.wait()
        mine = labels if dock is docks[0] else labels[::-1]
        return [dock.scan(label.tracking).reason for label in mine]

    with ThreadPoolExecutor(2) as pool:
        said = [reason for reasons in pool.map(load, docks) for reason in reasons]
    assert sorted(str(reason) for reason in said) == ["already_loaded"] * 6 + ["ok"] * 6
    assert floor.count("load_parcel") == 6
    assert docks[0].bench.close_load(docks[0].load.load_id, 6).load.closed


def test_many_docks_opening_one_lane_at_once_share_one_load(floor: Floor) -> None:
    docks = [floor.bench(f"Dock {n}") for n in range(4)]
    gate = Barrier(4)

    def open_it(dock: Bench) -> str:
        gate.wait()
        return dock.open_load().load.load_id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(open_it, docks))) == 1
    assert floor.count("load") == 1


def test_dock_scans_sent_twice_count_once_and_a_gap_is_refused(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    label = packed(floor, bench)
    dock = Dock.at(bench)
    dock.scan(label.tracking)
    assert dock.send(dock.events).accepted_through == 1
    assert dock.send(dock.events).reason is Reason.OK
    assert floor.count("dock_event") == 1
    with pytest.raises(DomainError) as refusal:
        dock.send([replace(dock.events[0], seq=3)])
    assert (refusal.value.code, refusal.value.facts["expected"]) == ("gap", 2)


@one_engine
def test_a_dock_that_takes_what_must_not_leave_is_overruled_with_an_incident(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    bikes = packed(floor, bench, carrier="city-bikes")
    dock = Dock.at(bench)
    answer = dock.scan(bikes.tracking, reason=Reason.OK)
    assert answer.reason is Reason.WRONG_CARRIER
    assert answer.load.loaded == ()
    (cause,) = floor.incidents("verdicts_differ")
    assert bikes.tracking in cause


@one_engine
def test_a_cancel_the_dock_has_not_heard_of_stops_that_parcel_and_no_other(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    gone, good = packed(floor, bench), packed(floor, bench)
    cancel_order(floor.db, BOSS, floor.order_id(gone.label.order_number))
    dock = Dock.at(bench)
    assert dock.scan(gone.tracking, reason=Reason.OK).reason is Reason.CANCELLED
    dock.load = replace(dock.load, stop=None)
    answer = dock.scan(good.tracking)
    assert (answer.reason, [p.tracking for p in answer.load.loaded]) == (Reason.OK, [good.tracking])


@one_engine
def test_a_parcel_the_dock_refused_is_not_loaded_behind_its_back(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    label = packed(floor, bench)
    dock = Dock.at(bench)
    answer = dock.scan(label.tracking, reason=Reason.UNKNOWN_CODE)
    assert (answer.reason, answer.load.loaded) == (Reason.UNKNOWN_CODE, ())
    assert dock.scan(label.tracking).reason is Reason.OK


@one_engine
def test_a_load_of_another_site_is_not_there(floor: Floor) -> None:
    dock = Dock.at(floor.bench("Bench 1"))
    west = floor.bench("Bench W", "WEST")
    for method, path in (("GET", ""), ("GET", "/manifest.pdf")):
        assert west.call(method, f"/api/loads/{dock.load.load_id}{path}").status_code == 404
    assert west.open_load().load.load_id != dock.load.load_id


@one_engine
def test_a_parcel_of_another_site_is_unknown_here(floor: Floor) -> None:
    label = packed(floor, floor.bench("Bench 1"))
    west = Dock.at(floor.bench("Bench W", "WEST"))
    assert west.scan(label.tracking).reason is Reason.UNKNOWN_CODE


@one_engine
def test_only_people_who_load_may_open_or_close(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    dock = Dock.at(bench)
    packer = floor.people["packer"]
    for path, message in (
        ("/api/loads", wire.LoadRequest(carrier="own-van", person_id=packer)),
        (f"/api/loads/{dock.load.load_id}/close", wire.CloseRequest(person_id=packer, loaded=0)),
    ):
        answer = bench.call("POST", path, message)
        assert (answer.status_code, answer.json()["code"]) == (409, "not_signed_in")


@one_engine
def test_an_unknown_lane_lists_the_carriers_there_are(floor: Floor) -> None:
    with pytest.raises(DomainError, match="own-van, city-bikes"):
        floor.bench("Bench 1").open_load("pigeons")


@one_engine
def test_a_blocked_parcel_stays_off_the_truck(floor: Floor) -> None:
    one, two = floor.bench("Bench 1"), floor.bench("Bench 2")
    other = packed(floor, two)
    dock = Dock.at(two)
    dock.scan(other.tracking)
    one.open(floor.order(("MUG", 1)))
    one.scan(MUG)
    one.buy()
    one.scan(other.tracking)
    one.send()
    assert floor.parcel_state(other.parcel_id) == "blocked"
    dock.load = two.open_load().load
    assert dock.load.loaded == ()
    assert dock.scan(other.tracking).reason is Reason.WRONG_LABEL


def test_a_parcel_scanned_by_somebody_who_may_not_load_is_not_on_the_load(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    label = packed(floor, bench)
    dock = Dock.at(bench)
    for seq, person in enumerate((floor.people["packer"], 999_999), start=1):
        event = wire.DockEvent(seq=seq, at=floor.db.now(), person_id=person, raw=label.tracking)
        answer = dock.send([event])
        assert (answer.reason, answer.load.loaded) == (Reason.NOT_SIGNED_IN, ())
    assert floor.parcel_state(label.parcel_id) == "ready"
    (cause,) = floor.incidents("verdicts_differ")
    assert "not_signed_in" in cause
