"""Every way a parcel may be wrong at a load, by its own name and with what a loader needs to put it right."""

from dataclasses import replace
from typing import Any

import pytest

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.dock.figures import assumable, before_close, figures
from server.domain.dock.judging import judge
from server.domain.dock.values import (
    DockMode,
    DockParcel,
    DockVerdict,
    Load,
    LoadState,
    OnTruck,
    OtherLoad,
    Pallet,
    ParcelState,
)
from server.domain.masterdata.catalog import Catalog, Product, ProductCode
from server.reading import read

CATALOG = Catalog.of([Product("MUG", "Mug", "BLUE")], [ProductCode("MUG-1", "MUG")])
READY = DockParcel(
    "PCL1", "TRK1", "1001", "shop", "ups", ParcelState.READY, service="ground", carrier_name="UPS", ship_by=5000.0
)


def made(number: int, **columns: Any) -> DockParcel:
    """Another parcel of an order of its own."""
    return replace(READY, parcel_id=f"PCL{number}", tracking=f"TRK{number}", order_number=f"100{number}", **columns)


BIKES = made(2, carrier="bikes", carrier_name="City Bikes")
AIR = made(3, service="air")
ELSEWHERE = made(4, state=ParcelState.LOADED, load_id="LOAD000002", loaded_at=700.0, loaded_by="Ben")
PLANNED = made(5, planned_load="LOAD000003")
HERE = made(6, state=ParcelState.LOADED, load_id="LOAD000001", loaded_at=600.0, loaded_by="Ana")
BOUGHT = made(7, state=ParcelState.BOUGHT, seen_where="Bench 2", seen_at=300.0, seen_by="Cem")
VOID = made(8, state=ParcelState.CANCELLED, void=True, replaced_by="TRK99")
GONE = made(9, state=ParcelState.CANCELLED)
SWAPPED = made(10, state=ParcelState.BLOCKED)
HALF = made(13, unfinished=True)
OTHERS = (
    OtherLoad("LOAD000002", "ups", "UPS", "T9", "Dock 2"),
    OtherLoad("LOAD000003", "ups", "UPS", "T8", "Dock 3"),
    OtherLoad("LOAD000004", "bikes", "City Bikes", "", "Dock 4"),
    OtherLoad("LOAD000005", "ups", "UPS", "T5", "Dock 5", services=("air",)),
)
PARCELS = (READY, BIKES, AIR, ELSEWHERE, PLANNED, HERE, BOUGHT, VOID, GONE, SWAPPED, HALF)
LOAD = Load(
    "LOAD000001", "ups", "UPS", False, PARCELS, services=("ground",), trailer="T1", dock="Dock 1", others=OTHERS
)


def after(load: Load, *texts: str) -> DockVerdict:
    """The verdict of the last of these scans."""
    verdict = None
    for text in texts:
        verdict = judge(load, read(text, CATALOG, at=0.0))
        load = verdict.load
    assert verdict is not None
    return verdict


@pytest.mark.parametrize(
    ("parcel", "reason", "facts"),
    [
        (BIKES, Reason.WRONG_CARRIER, {"carrier": "City Bikes", "dock": "Dock 4", "load_id": "LOAD000004"}),
        (AIR, Reason.WRONG_SERVICE, {"service": "air", "trailer": "T5", "dock": "Dock 5"}),
        (ELSEWHERE, Reason.WRONG_LOAD, {"trailer": "T9", "dock": "Dock 2", "by": "Ben", "at": 700.0}),
        (PLANNED, Reason.PLANNED_ELSEWHERE, {"load_id": "LOAD000003", "trailer": "T8"}),
        (HERE, Reason.ALREADY_LOADED, {"at": 600.0, "by": "Ana", "trailer": "T1"}),
        (BOUGHT, Reason.LABEL_NOT_CONFIRMED, {"dock": "Bench 2", "at": 300.0, "by": "Cem"}),
        (VOID, Reason.VOID_LABEL, {"other": "TRK99"}),
        (SWAPPED, Reason.WRONG_LABEL, {}),
        (HALF, Reason.NOT_PACKED, {}),
        (GONE, Reason.CANCELLED, {}),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "",
)
def test_a_refusal_names_what_is_wrong_and_where_it_belongs(
    parcel: DockParcel, reason: Reason, facts: dict[str, object]
) -> None:
    verdict = after(LOAD, parcel.tracking)
    assert verdict.reason is reason
    assert {key: getattr(verdict.facts, key) for key in facts} == facts
    assert verdict.put_on == ()
    refused = reason is not Reason.ALREADY_LOADED
    assert (parcel.parcel_id in verdict.load.set_aside) == refused
    assert (verdict.load.stop is not None) == (reason is Reason.CANCELLED), "only a cancelled parcel stops the work"


def test_a_load_with_a_list_takes_what_is_on_it_and_calls_the_rest_extra() -> None:
    listed = replace(LOAD, services=(), listed=True, parcels=(READY, replace(AIR, planned_load=LOAD.load_id)))
    assert after(listed, "TRK1").reason is Reason.NOT_PLANNED
    assert after(listed, "TRK3").reason is Reason.OK
    assert [p.tracking for p in listed.missing] == ["TRK3"]


def test_a_wrong_carrier_without_a_load_is_sent_to_its_lane() -> None:
    facts = after(replace(LOAD, others=()), "TRK2").facts
    assert (facts.carrier, facts.load_id, facts.dock) == ("City Bikes", "", "")


def test_the_load_takes_a_parcel_again_after_it_was_unloaded_and_only_one_comes_off() -> None:
    verdict = after(LOAD, "PPC-UNLOAD", "TRK6")
    assert (verdict.reason, verdict.taken_off[0].state) == (Reason.UNLOADED, ParcelState.READY)
    assert verdict.load.mode is DockMode.LOAD
    assert after(verdict.load, "TRK6").reason is Reason.OK
    assert after(LOAD, "PPC-UNLOAD", "TRK1").reason is Reason.NOT_LOADED
    assert after(LOAD, "PPC-UNLOAD", "TRK4").facts.trailer == "T9"
    assert after(LOAD, "PPC-UNLOAD", "PPC-UNLOAD", "TRK1").reason is Reason.OK


def test_what_is_set_aside_is_settled_by_a_scan_after_the_code_or_by_loading_it_right() -> None:
    aside = after(LOAD, "TRK7", "TRK2").load
    assert aside.set_aside == ("PCL7", "PCL2")
    done = after(aside, "PPC-ASIDE-DONE", "TRK7")
    assert (done.reason, done.load.set_aside) == (Reason.ASIDE_DONE, ("PCL2",))
    assert after(done.load, "TRK7").reason is Reason.NOT_ASIDE
    assert after(done.load, "PPC-OK", "TRK1").reason is Reason.OK, "OK goes back to loading"


def test_the_remaining_are_scanned_and_everything_else_may_be_assumed_loaded() -> None:
    more = replace(LOAD, parcels=(READY, made(11), made(12), HERE))
    verdict = after(more, "PPC-REMAINING", "TRK11", "TRK6")
    assert verdict.reason is Reason.REMAINS
    assert [p.parcel_id for p in verdict.taken_off] == ["PCL6"], "it is in a hand, so it is not on the vehicle"
    assert [p.tracking for p in assumable(verdict.load)] == ["TRK1", "TRK12"]
    assert after(more, "PPC-REMAINING", "TRK11", "PPC-OK", "TRK11").load.remaining == ()


def test_a_pallet_goes_on_whole_or_not_at_all() -> None:
    sscc = "340123450000000017"
    pallet = Pallet(sscc, ("PCL1", "PCL11"))
    load = replace(LOAD, parcels=(*PARCELS, made(11)), pallets=(pallet,))
    verdict = after(load, f"00{sscc}")
    assert (verdict.reason, verdict.tone, len(verdict.put_on)) == (Reason.OK, Tone.BOX_DONE, 2)
    mixed = replace(load, pallets=(Pallet(sscc, ("PCL1", "PCL2", "PCL77")),))
    refused = after(mixed, sscc)
    assert (refused.reason, refused.put_on) == (Reason.PALLET_REFUSED, ())
    assert refused.facts.other == "TRK2, PCL77"
    assert refused.load.set_aside == ("PCL2",)
    gone = after(replace(load, pallets=(Pallet(sscc, ("PCL1", "PCL9")),)), sscc)
    assert (gone.reason, gone.load.stop_item) == (Reason.CANCELLED, "TRK9")
    rest = after(gone.load, "PPC-OK", "PPC-ASIDE-DONE", "TRK9", "PPC-OK", sscc)
    assert [p.tracking for p in rest.put_on] == ["TRK1"], "what was scanned off the pallet no longer holds it up"


def test_a_parcel_that_was_taken_off_or_stays_is_not_loaded_again_by_the_code_of_its_pallet() -> None:
    sscc = "340123450000000017"
    load = replace(LOAD, parcels=(*PARCELS, made(11)), pallets=(Pallet(sscc, ("PCL1", "PCL11")),))
    for code in ("PPC-UNLOAD", "PPC-REMAINING"):
        again = after(load, sscc, code, "TRK11", "PPC-OK", sscc)
        assert (again.reason, again.put_on) == (Reason.ALREADY_LOADED, ())
        assert "TRK11" not in [p.tracking for p in again.load.loaded]


def test_an_item_is_told_apart_from_a_parcel_nobody_knows() -> None:
    assert after(LOAD, "MUG-1").reason is Reason.ITEM_NOT_PARCEL
    assert after(LOAD, "WHATEVER").reason is Reason.UNKNOWN_CODE


def test_the_numbers_of_a_load_are_what_the_dock_must_always_see() -> None:
    sibling = replace(made(13, seen_at_dock=True, ship_by=9000.0), order_number=HERE.order_number)
    today, never = made(14, ship_by=2000.0, channel="b"), made(15, ship_by=None)
    load = replace(
        LOAD, parcels=(HERE, sibling, today, replace(today, parcel_id="PCL16", channel="a"), never, BOUGHT),
        cut_off=1000.0, day_ends=8000.0,
    )  # fmt: skip
    found = figures(load, 400.0)
    assert (found.loaded, len(found.left), found.minutes, found.not_ready) == (1, 4, 10, 1)
    assert [p.parcel_id for p in found.left] == ["PCL16", "PCL14", "PCL13", "PCL15"], "by ship-by, then by channel"
    assert [p.parcel_id for p in found.leave_today] == ["PCL16", "PCL14"]
    assert [p.parcel_id for p in found.at_dock] == ["PCL13"]
    assert [(p.order_number, p.loaded, p.parcels) for p in found.partly] == [(HERE.order_number, 1, 2)]
    assert figures(load, 1030.0).minutes == -1


def test_a_load_closes_only_when_every_question_is_answered() -> None:
    gone = OnTruck("PCL9", "TRK9", "1009", 212, 640, 0.0)
    load = replace(LOAD, set_aside=("PCL2",), cancelled_on=(gone,))
    assert before_close(load) == (Reason.PULL_FIRST, Reason.SET_ASIDE, Reason.NEED_REASON)
    assert before_close(load, unreachable=["PCL9"]) == (Reason.SET_ASIDE, Reason.NEED_REASON)
    pulled = replace(load, cancelled_on=(replace(gone, answer="pulled"),), set_aside=())
    assert before_close(pulled) == (Reason.NEED_REASON,)
    assert before_close(pulled, reason_given=True) == ()
    assert before_close(pulled, assume=True) == (), "nothing stays behind when the rest is assumed"
    assert before_close(replace(pulled, remaining=("PCL1",)), assume=True) == (Reason.NEED_REASON,)


def test_a_load_says_where_it_stands() -> None:
    assert replace(LOAD, planned=True).state is LoadState.PLANNED
    assert LOAD.state is LoadState.OPEN
    assert replace(LOAD, closing=True).state is LoadState.CLOSING
    assert replace(LOAD, closing=True, closed=True).state is LoadState.CLOSED
    assert not after(replace(LOAD, closing=True), "TRK1").load.closing, "a scan goes back to loading"
