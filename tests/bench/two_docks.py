"""Two dock stations on one load of 2,000 parcels: from a scan at one of them until the other one shows it.

Real stations with their own pauses, a real server. Two people on one load must agree within two seconds.
"""

import tempfile
import time
from pathlib import Path

from station.views import DockView
from tests.bench import figures
from tests.bench.dock_to_screen import code_of, running_yard
from tests.bench.floor import BADGES
from tests.bench_floor import OneBench
from tests.fakes import until

NAME = "two_docks"
SCANS = 20


def run() -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="pp-bench-"))
    with running_yard(folder) as yard:
        url = f"http://127.0.0.1:{yard.port}"
        one, two = (OneBench(_made(folder / token[:8]), url=url, token=token, spool=False) for token in yard.docks[:2])
        one.named, two.named = "Dock 1", "Dock 2"
        with one, two:
            for station, person in ((one, "Ben"), (two, "Ann")):
                _open(station, BADGES[person])
            figures.spread(f"{NAME}.agree", [_seconds(one, two, n) for n in range(SCANS)])


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _open(station: OneBench, badge: str) -> None:
    station.sign_in(badge)
    station.scan("PPC-DOCK", "PPL-OWN-VAN")
    deadline = time.monotonic() + 20
    while not isinstance(station.bench.view, DockView) and time.monotonic() < deadline:
        time.sleep(0.2)
        if getattr(station.bench.view, "asks", ""):
            station.scan("PPC-YES")
    assert isinstance(station.bench.view, DockView), station.bench.view


def _seconds(one: OneBench, two: OneBench, number: int) -> float:
    """By turns, so that both directions count."""
    here, there = (one, two) if number % 2 else (two, one)
    begun, code = time.perf_counter(), code_of(number)
    here.scan(code)
    until(lambda: code in _shown(there), f"{code} at the other dock")
    return time.perf_counter() - begun


def _shown(station: OneBench) -> set[str]:
    view = station.bench.view
    return {p.tracking for p in view.load.loaded} if isinstance(view, DockView) else set()
