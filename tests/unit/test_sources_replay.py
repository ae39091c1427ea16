"""A file plays a scanner."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanners.reader import Reader
from scanners.sources import open_source
from scanners.sources.replay import replay_lines
from tests.unit.test_reader import Bench


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_comments_and_blank_lines_are_no_codes_and_separators_stay() -> None:
    text = "# a box of pens\n4006381333931\r\n\n+0.5 10A\x1d21B\n+2 #7\n+49 not a pause\n+x\n   \n A "
    assert replay_lines(text) == [
        (0.0, "4006381333931"),
        (0.5, "10A\x1d21B"),
        (2.0, "#7"),
        (49.0, "not a pause"),
        (0.0, "+x"),
        (0.0, " A "),
    ]


def test_a_file_is_played_once_and_its_end_is_told(tmp_path: Path, bench: Bench) -> None:
    path = tmp_path / "codes.txt"
    path.write_text("A1\n+0.05 B2\n")
    reader = Reader([open_source(f"replay:{path}")], bench.on_scan, bench.on_status)
    reader.start()
    bench.wait_for(lambda: len(bench.statuses) == 2)
    reader.stop()
    assert [scan.text for scan in bench.scans] == ["A1", "B2"]
    assert bench.scans[1].first_at - bench.scans[0].first_at >= 0.045
    assert [(status.state, status.detail) for status in bench.statuses] == [
        ("connected", "2 codes"),
        ("waiting", "came to its end"),
    ]


def test_a_long_pause_does_not_hold_up_the_end_of_the_day(tmp_path: Path, bench: Bench) -> None:
    path = tmp_path / "codes.txt"
    path.write_text("A1\n+3600 B2\n")
    reader = Reader([open_source(f"replay:{path}")], bench.on_scan, bench.on_status)
    reader.start()
    bench.wait_for(lambda: bench.scans)
    reader.stop()
    assert [scan.text for scan in bench.scans] == ["A1"]


@pytest.mark.parametrize(("content", "state"), [(None, "waiting"), (b"\xff\xfe", "failed")])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, bench: Bench, content: bytes | None, state: str) -> None:
    path = tmp_path / "codes.txt"
    if content is not None:
        path.write_bytes(content)
    reader = Reader([open_source(f"replay:{path}")], bench.on_scan, bench.on_status)
    reader.start()
    bench.wait_for(lambda: bench.statuses)
    reader.stop()
    assert bench.statuses[0].state == state
