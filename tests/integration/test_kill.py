"""kill -9 in the middle of scanning: the same place afterwards, nothing shown is lost, nothing is doubled."""

import os
import random
import time
from pathlib import Path

import pytest

from server.wire import PackEvent
from tests import builders, warm
from tests.bench_floor import OneBench
from tests.fakes import FakeServer, until


def word(event: PackEvent) -> str:
    return f"scan {event.reason}" if event.kind == "scan" else event.kind


def scan_and_kill(folder: Path, url: str, seed: int) -> list[str]:
    """The verdicts a bench showed before it was killed."""
    begin = "import sys; from tests.integration.scanning_bench import main; main(*sys.argv[1:])"
    reading, writing = os.pipe()
    with os.fdopen(reading) as shown:
        try:
            child = warm.start(begin, str(folder), url, str(seed), imports=warm.STATION, stdout=writing)
        finally:
            os.close(writing)
        try:
            assert shown.readline() == "open\n"
            # The moment of the kill is what is random here; no condition is waited for.
            time.sleep(random.Random(seed).uniform(0.02, 0.35))
        finally:
            child.kill()
        return shown.read().splitlines()


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_bench_comes_back_with_exactly_the_verdicts_it_showed(tmp_path: Path, seed: int) -> None:
    server = FakeServer([builders.order("1043", [("CANDLE", 100_000)])])
    shown: list[str] = []
    with server.listening() as url:
        for life in range(2):
            before = len(shown)
            shown += scan_and_kill(tmp_path, url, 10 * seed + life)
            assert len(shown) > before, "the bench was killed before it scanned anything"
            with OneBench(tmp_path, server, url=url) as floor:
                stored = floor.journal.sessions()[0]
                kept = [word(entry.event) for entry in stored.entries]
                # One more may be on disk than was shown: killed after the fsync and before the screen.
                assert kept[: len(shown)] == shown
                assert len(kept) - len(shown) <= 1
                shown = kept
                until(lambda: floor.journal.unsent == 0, "the scans to arrive")
                assert [word(e) for e in server.log("1043")] == kept
                box = floor.bench._boxes.find(stored.session_id)
                assert box is not None
                assert server.replayed(stored.session_id) == box.session
                if floor.bench._boxes.parked:
                    floor.scan("PPO-1043")
                    shown.append("resume")
                    until(lambda: floor.journal.unsent == 0)
