"""Dock stations with their own journals at the real routes: two on one vehicle, and one whose network is away."""

import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.domain.benchwork.reasons import Reason
from server.domain.errors import Unavailable
from station import uplink
from station.desks import load_closes, load_opening, loads
from station.server_client import ServerClient
from station.views import DockLobbyView, DockView, LoadSummaryView
from tests.bench_floor import OneBench
from tests.fakes import until
from tests.floor import Floor, one_engine
from tests.integration.test_dock_loads import told
from tests.ready_parcels import ready
from tests.unit.test_desks_dock import Clock


def on_it(station: OneBench) -> set[str]:
    """What this dock shows as loaded."""
    view = station.bench.view
    return {p.tracking for p in view.load.loaded} if isinstance(view, DockView) else set()


@one_engine
def test_two_people_on_one_load_see_the_same_through_the_server(
    floor: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How soon with the pauses of a real station, the benchmark ``two_docks`` measures: within two seconds."""
    for module, name in ((uplink, "IDLE_SECONDS"), (loads, "REFRESH_SECONDS")):
        monkeypatch.setattr(module, name, 0.05)
    first, second = ready(floor), ready(floor)
    benches = floor.bench("Bench 1"), floor.bench("Bench 2")
    benches[0].open_load()
    folders = (tmp_path / "one", tmp_path / "two")
    url = str(floor.http.base_url)
    one, two = (OneBench(folder, url=url, token=b.token) for folder, b in zip(folders, benches, strict=True))
    two.named = "Bench 2"
    with one, two:
        for station, badge in ((one, "PPB-DOCK-0001"), (two, "PPB-SUPERVISOR-0001")):
            station.sign_in(badge).scan("PPC-DOCK", "PPL-OWN-VAN")
            until(lambda s=station: isinstance(s.bench.view, DockView), "the load")  # type: ignore[misc]
        # Both scan at once, each another parcel, then each the other's.
        one.scan(first.tracking)
        two.scan(second.tracking)
        both = {first.tracking, second.tracking}
        until(lambda: on_it(one) == on_it(two) == both, "both to see both")
        assert (one.scan(second.tracking).reason, two.scan(first.tracking).reason) == (Reason.ALREADY_LOADED,) * 2
        two.scan("PPC-UNLOAD", first.tracking)
        until(lambda: on_it(one) == {second.tracking}, "the other to see it taken off")
        assert floor.incidents("verdicts_differ") == []


@one_engine
def test_a_load_that_begins_and_leaves_with_no_network_is_closed_and_told_when_it_is_back(
    floor: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded, bench, cut = ready(floor), floor.bench("Bench 1"), threading.Event()
    answer, clock = ServerClient._answer, Clock()

    def asked(client: ServerClient, *request: Any) -> httpx.Response:
        if cut.is_set():
            raise Unavailable("the cable is out")
        return answer(client, *request)

    monkeypatch.setattr(ServerClient, "_answer", asked)
    for module in (load_opening, load_closes):
        monkeypatch.setattr(module, "PATIENCE_SECONDS", 0.05)
    url = str(floor.http.base_url)
    with OneBench(tmp_path, url=url, token=bench.token, clock=clock).sign_in("PPB-DOCK-0001") as station:
        until(lambda: station.bench._loads.yard.known is not None, "the dock to be known")
        cut.set()
        station.scan("PPL-OWN-VAN")
        until(lambda: isinstance(v := station.bench.view, DockLobbyView) and v.known_at is not None, "the question")
        station.scan("PPC-YES", loaded.tracking, "PPC-CLOSE")
        clock.ahead += 1.0
        station.scan("PPC-CLOSE")
        until(lambda: isinstance(v := station.bench.view, LoadSummaryView) and v.alone, "the other question")
        assert station.scan("PPC-YES").reason is Reason.OK
        folder = tmp_path / "manifests"
        until(lambda: any("provisional" in path.name for path in folder.glob("NEW-*")), "the driver's paper")
        cut.clear()
        station.bench._uplink.back()
        until((folder / "LOAD000001.pdf").exists, "the manifest")
    assert floor.parcel_state(loaded.parcel_id) == "loaded"
    assert told(floor) == {loaded.parcel_id}
    assert floor.incidents("verdicts_differ") == []
