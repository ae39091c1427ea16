"""Serial scanners on real pseudo-terminals: the kernel's own line discipline, locks and hang-ups."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from scanners.reader import Reader
from scanners.sources import open_source
from tests.pty_scanner import PtyScanner
from tests.unit.test_reader import Bench


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[PtyScanner]:
    found = PtyScanner(tmp_path / "usb-Maker_Scanner_1")
    yield found
    found.unplug()


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def reader(scanner: PtyScanner, bench: Bench) -> Iterator[Reader]:
    # A busy test machine may pause for longer than a scanner does within a code.
    found = Reader([open_source(f"serial:{scanner.path}?idle_ms=5000")], bench.on_scan, bench.on_status)
    found.start()
    bench.wait_for(lambda: [status.state for status in found.statuses] == ["connected"])
    yield found
    found.stop()


def test_a_code_in_pieces_with_cr_and_lf_is_one_scan_with_its_separators(
    scanner: PtyScanner, bench: Bench, reader: Reader
) -> None:
    before = time.time()
    for piece in (b"]C1010400638", b"133393110LOT\x1d", b"21SN 9\r", b"\n", b"B2\r\n"):
        scanner.send(piece)
    bench.wait_for(lambda: len(bench.scans) == 2)
    first, second = bench.scans
    assert (first.text, second.text) == ("]C1010400638133393110LOT\x1d21SN 9", "B2")
    assert first.source == f"serial:{scanner.path}"
    assert before <= first.first_at <= first.last_at <= second.first_at <= time.time()
    assert (first.typed, first.bounce, first.problem) == (False, False, None)
    assert reader.statuses[0].last_scan_at == second.last_at


@pytest.mark.parametrize(
    ("suffix", "pieces"),
    [
        ("cr", (b"A1\r", b"\nB", b"2\r")),
        ("lf", (b"A1\n", b"B2\r", b"\n")),
        ("crlf", (b"A1\r", b"\nB\r2\r\n")),
        ("stx-etx", (b"\x02A", b"1\x03\r\n\x02", b"B2\x03")),
    ],
)
def test_each_frame_a_scanner_can_be_set_to_is_read_however_the_line_splits_it(
    suffix: str, pieces: tuple[bytes, ...], scanner: PtyScanner, bench: Bench
) -> None:
    source = open_source(f"serial:{scanner.path}?suffix={suffix}&idle_ms=5000")
    reader = Reader([source], bench.on_scan, bench.on_status)
    reader.start()
    bench.wait_for(lambda: reader.statuses[0].state == "connected")
    for piece in pieces:
        scanner.send(piece)
    bench.wait_for(lambda: len(bench.scans) == 2)
    reader.stop()
    kept = {"cr": "\nB2", "lf": "B2\r", "crlf": "B\r2", "stx-etx": "B2"}
    assert [(scan.text, scan.problem) for scan in bench.scans] == [("A1", None), (kept[suffix], None)]


def test_every_byte_but_the_frame_arrives(scanner: PtyScanner, bench: Bench, reader: Reader) -> None:
    everything = bytes(byte for byte in range(256) if byte not in b"\r\n")
    scanner.send(everything + b"\r")
    bench.wait_for(lambda: bench.scans)
    assert bench.scans[0].text == everything.decode("latin-1")


def test_a_scanner_pulled_out_and_plugged_in_again_is_read_again(
    scanner: PtyScanner, bench: Bench, reader: Reader
) -> None:
    scanner.send(b"A1\r")
    bench.wait_for(lambda: bench.scans)
    scanner.unplug()
    bench.wait_for(lambda: reader.statuses[0].state == "waiting")
    scanner.plug_in()
    bench.wait_for(lambda: reader.statuses[0].state == "connected")
    scanner.send(b"B2\r")
    bench.wait_for(lambda: len(bench.scans) == 2)
    assert [scan.text for scan in bench.scans] == ["A1", "B2"]
    assert "was unplugged" in bench.statuses[1].detail


def test_a_code_cut_off_by_the_plug_is_told_as_partial(scanner: PtyScanner, bench: Bench, reader: Reader) -> None:
    # One write is read as one: the half code is with the reader when the whole one has arrived.
    scanner.send(b"A1\r400638")
    bench.wait_for(lambda: bench.scans)
    scanner.unplug()
    bench.wait_for(lambda: len(bench.scans) == 2)
    assert [(scan.text, scan.problem) for scan in bench.scans] == [("A1", None), ("400638", "partial")]


def test_silence_in_the_middle_of_a_code_is_told_and_the_next_code_is_good(scanner: PtyScanner, bench: Bench) -> None:
    reader = Reader([open_source(f"serial:{scanner.path}?idle_ms=20")], bench.on_scan, bench.on_status)
    reader.start()
    bench.wait_for(lambda: reader.statuses[0].state == "connected")
    scanner.send(b"400638")
    bench.wait_for(lambda: bench.scans)
    scanner.send(b"B2\r")
    bench.wait_for(lambda: len(bench.scans) == 2)
    reader.stop()
    assert [(scan.text, scan.problem) for scan in bench.scans] == [("400638", "partial"), ("B2", None)]


def test_a_port_another_program_has_is_busy_until_it_lets_go(
    scanner: PtyScanner, bench: Bench, reader: Reader, tmp_path: Path
) -> None:
    second_bench = Bench()
    alias = tmp_path / "alias"
    alias.symlink_to(scanner.path)
    second = Reader([open_source(f"serial:{alias}")], second_bench.on_scan, second_bench.on_status)
    second.start()
    second_bench.wait_for(lambda: second.statuses[0].state == "busy")
    assert "in use by another program" in second.statuses[0].detail
    reader.stop()
    second_bench.wait_for(lambda: second.statuses[0].state == "connected")
    second.stop()


def test_a_port_that_is_not_there_is_waited_for(tmp_path: Path, bench: Bench) -> None:
    scanner_path = tmp_path / "later"
    reader = Reader([open_source(f"serial:{scanner_path}")], bench.on_scan, bench.on_status)
    reader.start()
    bench.wait_for(lambda: reader.statuses[0].state == "waiting" and bench.statuses)
    assert reader.statuses[0].detail == f"{scanner_path} is not plugged in"
    scanner = PtyScanner(scanner_path)
    bench.wait_for(lambda: reader.statuses[0].state == "connected")
    reader.stop()
    scanner.unplug()


def test_a_file_is_no_serial_port(tmp_path: Path, bench: Bench) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("no scanner")
    reader = Reader([open_source(f"serial:{path}")], bench.on_scan, bench.on_status)
    reader.start()
    bench.wait_for(lambda: reader.statuses[0].state == "failed")
    reader.stop()
    assert "cannot be opened" in reader.statuses[0].detail
