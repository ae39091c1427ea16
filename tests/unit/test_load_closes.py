"""Loads that left on this dock's word: told before another is opened, and no refusal of one holds up the rest."""

from pathlib import Path

from server import wire
from server.domain.benchwork.scans import Scan
from server.domain.dock.values import DockMode
from station.desks.load_closes import Close
from station.views import DockView, LoadSummaryView
from tests import builders
from tests.bench_floor import OneBench
from tests.fakes import FakeServer, until
from tests.unit.test_desks_dock import at_dock

NOBODY_KNOWS = wire.Problem(code="not_found", detail="there is no such load at this site", status=404)


def left(load_id: str) -> Close:
    """A load that left with no network."""
    request = wire.CloseRequest(person_id=3, loaded=0, closed_at=1.0, cancels_known_at=1.0)
    return Close(dock_session=f"session of {load_id}", load_id=load_id, request=request)


def scans_of_a_load_nobody_knows(floor: OneBench) -> None:
    """The server was restored from before this load was opened."""
    event = wire.DockEvent(seq=1, at=1.0, person_id=3, raw="TRK00000009", mode=DockMode.LOAD)
    scan = Scan(raw="TRK00000009", at=1.0, payload="TRK00000009")
    floor.journal.append_dock("session of L-gone", "L-gone", event, scan)


def test_a_load_that_left_is_told_before_its_lane_is_opened_again(tmp_path: Path) -> None:
    server = FakeServer()
    server.loads["L-van"] = builders.load((), "L-van")
    with OneBench(tmp_path, server).sign_in(builders.BADGE_DORA) as floor:
        rounds: list[int] = []
        floor.bench._uplink.on_idle = lambda: rounds.append(1)
        floor.bench._uplink.back()
        until(lambda: rounds, "a round that settles nothing")
        floor.bench._closes.unsettled = (left("L-van"),)
        floor.scan("PPL-VAN")
        until(lambda: isinstance(floor.bench.view, DockView | LoadSummaryView), "the load")
        mine = [path for path in server.paths if path in ("loads", "loads/L-van/close")]
        assert mine == ["loads/L-van/close", "loads"]
        until(lambda: not floor.bench._closes.unsettled, "nothing to be left to tell")


def test_a_close_that_is_refused_holds_up_neither_the_next_one_nor_the_dock(tmp_path: Path) -> None:
    server = FakeServer()
    server.refuse["L-gone/events"] = server.refuse["L-odd/close"] = NOBODY_KNOWS
    server.loads["L-left"] = builders.load((), "L-left")
    with at_dock(tmp_path, "1", server=server) as floor:
        scans_of_a_load_nobody_knows(floor)
        gone, odd = left("L-gone"), left("L-odd")
        floor.bench._closes.unsettled = (gone, odd, left("L-left"))
        floor.bench._uplink.back()
        until(lambda: [load_id for load_id, _ in server.closes] == ["L-left"], "the one that nothing is wrong with")
        until(lambda: floor.bench._closes.unsettled == (gone, odd), "it to be done with")
        asked = server.paths.count("loads/L-van")
        floor.bench._loads.soon()
        until(lambda: server.paths.count("loads/L-van") > asked, "news of the load at this dock")


def test_scans_that_are_refused_keep_no_load_from_opening(tmp_path: Path) -> None:
    server = FakeServer()
    server.refuse["L-gone/events"] = NOBODY_KNOWS
    with OneBench(tmp_path, server).sign_in(builders.BADGE_DORA) as floor:
        scans_of_a_load_nobody_knows(floor)
        floor.scan("PPL-VAN")
        until(lambda: isinstance(floor.bench.view, DockView), "the load to open")
        assert floor.journal.unsent == 1, "they are kept, and shown as refused"
