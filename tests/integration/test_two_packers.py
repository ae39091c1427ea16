"""Two packers at one table: two stations on one machine, each with its own scanner. Real pseudo-terminals."""

import os
import pty
import subprocess
import sys
import tty
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from scanners.reader import Reader, Scan
from scanners.sources import open_source
from server.domain.benchwork.reasons import Reason
from station.views import PackView
from tests import builders
from tests.bench_floor import OneBench
from tests.fakes import FakeServer, until

pytestmark = pytest.mark.usefixtures("quick_bench")

EACH = 50
"""Units of each of two products in each of two boxes: two hundred scans."""


class Lane:
    """One packer: a scanner in the hand under its own stable name, and a station that reads this device alone."""

    def __init__(self, folder: Path, server: FakeServer, by_id: str) -> None:
        self.gun, device = pty.openpty()
        tty.setraw(device)
        self.device = folder.parent / "by-id" / by_id
        self.device.parent.mkdir(exist_ok=True)
        self.device.symlink_to(os.ttyname(device))
        self._held = device
        folder.mkdir()
        self.floor = OneBench(folder, server)
        # A machine that is busy with tests pauses for longer than a scanner does within a code.
        source = open_source(f"serial:{self.device}?idle_ms=5000")
        self.reader = Reader([source], self._scanned, self.floor.bench.note_source)

    def _scanned(self, scan: Scan) -> None:
        self.floor.bench.scan(scan)

    def start(self) -> None:
        """Open the device and begin to work."""
        self.floor.begin()
        self.reader.start()
        until(lambda: self.reader.statuses[0].state == "connected", "the scanner")

    def pull(self, code: str) -> None:
        """Pull the trigger."""
        os.write(self.gun, code.encode() + b"\r")

    def stop(self) -> None:
        """Leave; a box that is open stays in the journal."""
        self.reader.stop()
        self.floor.__exit__(None, None, None)
        os.close(self.gun)
        os.close(self._held)

    @property
    def counts(self) -> tuple[int, ...]:
        """Of the open box."""
        view = self.floor.bench.view
        return view.session.counts if isinstance(view, PackView) else ()


@pytest.fixture
def table(tmp_path: Path) -> Iterator[tuple[FakeServer, Lane, Lane]]:
    """Ana packs candles and soap, Ben soap and mugs; one product is in both boxes."""
    server = FakeServer(
        [
            builders.order("1043", [("CANDLE", EACH), ("SOAP", EACH + 1)]),
            builders.order("1044", [("SOAP", EACH), ("MUG", EACH + 1)]),
        ]
    )
    lanes = Lane(tmp_path / "left", server, "usb-Left-if00"), Lane(tmp_path / "right", server, "usb-Right-if00")
    with ExitStack() as stack:
        for lane in lanes:
            stack.callback(lane.stop)
            lane.start()
        yield server, *lanes


def test_of_two_hundred_interleaved_scans_none_crosses_over(table: tuple[FakeServer, Lane, Lane]) -> None:
    server, left, right = table
    for lane, badge, number in ((left, builders.BADGE_ANA, "1043"), (right, builders.BADGE_BEN, "1044")):
        lane.pull(badge)
        lane.pull(f"PPO-{number}")
    until(lambda: left.counts and right.counts, "both orders")
    assert (left.floor.bench.status.person, right.floor.bench.status.person) == ("Ana", "Ben")
    for turn in range(2 * EACH):
        left.pull(builders.SOAP if turn % 2 else builders.CANDLE)
        right.pull(builders.MUG if turn % 2 else builders.SOAP)
    until(lambda: sum(left.counts) == sum(right.counts) == 2 * EACH, "two hundred scans", 30)
    assert left.counts == right.counts == (EACH, EACH)

    def told(number: str) -> list[tuple[int, str, str, Reason]]:
        return [(e.person_id, e.source, e.raw, e.reason) for e in server.log(number) if e.kind == "scan"]

    until(lambda: len(told("1043")) == len(told("1044")) == 2 * EACH, "the server to have them", 30)
    assert Counter(told("1043")) == {
        (1, f"serial:{left.device}", code, Reason.OK): EACH for code in (builders.CANDLE, builders.SOAP)
    }
    assert Counter(told("1044")) == {
        (2, f"serial:{right.device}", code, Reason.OK): EACH for code in (builders.SOAP, builders.MUG)
    }


def test_a_badge_changes_who_works_at_its_own_scanner_alone(table: tuple[FakeServer, Lane, Lane]) -> None:
    _, left, right = table
    left.pull(builders.BADGE_ANA)
    right.pull(builders.BADGE_DORA)
    until(lambda: left.floor.bench.status.person == "Ana" and right.floor.bench.status.person == "Dora", "both")
    left.pull(builders.BADGE_BEN)
    until(lambda: left.floor.bench.status.person == "Ben", "the hand-over")
    assert right.floor.bench.status.person == "Dora"


def test_a_scanner_of_one_station_cannot_be_taken_by_another_process(table: tuple[FakeServer, Lane, Lane]) -> None:
    _, left, right = table
    code = """
import sys, time
from scanners.reader import Reader
from scanners.sources import open_source
reader = Reader([open_source("serial:" + sys.argv[1])], lambda scan: print("TAKEN", scan.text), lambda status: None)
reader.start()
deadline = time.monotonic() + 20
while reader.statuses[0].detail == "not started" and time.monotonic() < deadline:
    time.sleep(0.01)
print(reader.statuses[0].state)
reader.stop()
"""
    other = subprocess.run(
        [sys.executable, "-c", code, str(left.device)], capture_output=True, text=True, timeout=60, check=True
    )
    assert other.stdout.split() == ["busy"]
    left.pull(builders.BADGE_ANA)
    until(lambda: left.floor.bench.status.person == "Ana", "the scan at its own station")
    assert right.floor.bench.status.person == ""
