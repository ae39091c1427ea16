"""A pallet is built by scans: only what may leave goes on it, and nothing is lost while the server is away."""

from dataclasses import replace
from pathlib import Path

from server.domain.benchwork.handoff import ParcelState
from server.domain.benchwork.reasons import Reason
from station.views import DockView, Note, PalletView
from tests.bench_floor import OneBench
from tests.fakes import FakeServer, until
from tests.unit.test_desks_dock import Clock, at_dock, load_view

SSCC = "340123450000000017"


def built(floor: OneBench) -> PalletView:
    view = floor.bench.view
    assert isinstance(view, PalletView), view
    return view


def done(floor: OneBench, clock: Clock) -> None:
    """DONE, a second, DONE."""
    assert floor.scan("PPC-DONE").reason is Reason.NEED_CONFIRM
    assert floor.scan("PPC-DONE").reason is Reason.REPEAT
    clock.ahead += 1.0
    floor.scan("PPC-DONE")


def test_a_pallet_is_its_code_then_its_parcels_and_done_twice(tmp_path: Path) -> None:
    clock = Clock()
    with at_dock(tmp_path, "1", "2", "3", clock=clock) as floor:
        floor.scan("PPC-PALLET")
        assert floor.scan("TRK00000001").detail == Note.PALLET_SSCC, "first which pallet"
        floor.scan(f"00{SSCC}", "TRK00000001", "TRK00000002", "TRK00000003")
        assert floor.scan("TRK00000003").detail == Note.PALLET_TWICE
        assert floor.scan("PPC-UNDO").reason is Reason.TAKEN_OUT
        assert [p.order_number for p in built(floor).parcels] == ["1", "2"]
        done(floor, clock)
        until(lambda: isinstance(floor.bench.view, DockView), "the dock again")
        assert [(p.sscc, p.parcels, p.person_id) for p in floor.server.pallets] == [(SSCC, ("P-1", "P-2"), 3)]
        assert floor.server.dock_events == [], "nothing was loaded by it"


def test_what_may_not_leave_or_goes_with_another_carrier_stays_off_the_pallet(tmp_path: Path) -> None:
    with at_dock(tmp_path, "1", "2", "3") as floor:
        floor.server.change_parcel("P-2", ParcelState.CANCELLED)
        load = floor.server.loads["L-van"]
        other = replace(load.parcels[2], carrier="post")
        floor.server.loads["L-van"] = replace(load, parcels=(*load.parcels[:2], other))
        until(lambda: floor.bench._loads.book and floor.bench._loads.book.load.parcels[2].carrier == "post", "the news")
        floor.scan("PPC-PALLET", SSCC, "TRK00000001")
        assert floor.scan("TRK00000002").reason is Reason.CANCELLED
        assert floor.scan("TRK00000003").reason is Reason.WRONG_CARRIER
        assert [p.order_number for p in built(floor).parcels] == ["1"]


def test_a_pallet_is_built_and_loaded_with_no_network_over_a_restart_and_told_later(tmp_path: Path) -> None:
    server, clock = FakeServer(), Clock()
    with at_dock(tmp_path, "1", "2", "3", server=server, clock=clock) as floor:
        server.away = True
        floor.scan("PPC-PALLET", SSCC, "TRK00000001", "TRK00000002")
        done(floor, clock)
        until(lambda: isinstance(floor.bench.view, DockView), "the dock again")
        assert (f := floor.bench.view.flash) is not None and f.detail == Note.PALLET_ALONE
    with OneBench(tmp_path, server, clock=clock) as floor:
        assert floor.scan(f"00{SSCC}").reason is Reason.OK
        assert [p.order_number for p in load_view(floor).load.loaded] == ["1", "2"]
        floor.scan("PPC-UNLOAD", "TRK00000002")
    with OneBench(tmp_path, server, clock=clock) as floor:
        assert floor.scan(SSCC).reason is Reason.ALREADY_LOADED
        assert [p.order_number for p in load_view(floor).load.loaded] == ["1"], "also after the power was gone"
        server.away = False
        floor.bench._uplink.back()
        until(lambda: not floor.bench._loads.pallets.untold and floor.journal.unsent == 0, "the server to hear of it")
        [pallet] = server.pallets
        assert (pallet.sscc, pallet.parcels, pallet.built_at is not None) == (SSCC, ("P-1",), True)
        assert server.dock_events[0].parcels == ("P-1", "P-2"), "the scan says itself what it took"


def test_a_pallet_without_a_label_says_what_to_do_while_no_server_gives_a_number(tmp_path: Path) -> None:
    with at_dock(tmp_path, "1") as floor:
        floor.server.away = True
        floor.scan("PPC-PALLET", "PPC-YES")
        until(lambda: (f := floor.bench.view.flash) is not None and f.detail == Note.PALLET_AWAY, "to be told")
        assert floor.scan(SSCC, "TRK00000001").reason is Reason.OK


def test_a_pallet_without_a_label_gets_a_number_and_one(tmp_path: Path) -> None:
    with at_dock(tmp_path, "1") as floor:
        floor.scan("PPC-PALLET", "PPC-YES")
        until(lambda: built(floor).sscc == "340123450000000024", "its number")
        until(lambda: floor.printer.jobs, "its label")
        assert b"340123450000000024" in floor.printer.jobs[0]
        assert floor.scan("TRK00000001").reason is Reason.OK


def test_a_pallet_is_done_also_where_the_clock_fell_back_since_it_was_asked(tmp_path: Path) -> None:
    clock = Clock()
    with at_dock(tmp_path, "1", clock=clock) as floor:
        floor.scan("PPC-PALLET", SSCC, "TRK00000001", "PPC-DONE")
        clock.ahead -= 3600.0
        floor.scan("PPC-DONE")
        until(lambda: [p.sscc for p in floor.server.pallets] == [SSCC], "the server to hear of it")
