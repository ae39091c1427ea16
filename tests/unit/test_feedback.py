"""The scanner in the hand says good and bad itself, and one that is deaf delays nobody."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from scanners import feedback
from scanners.reader import Reader, Scan
from scanners.sources import open_source
from tests.pty_scanner import PtyScanner
from tests.unit.test_reader import Bench
from tests.unit.test_ssi import sent

MANUALS = {
    "zebra-ssi": ("05 E6 04 00 00 FF 11", "05 E6 04 00 07 FF 0A", "00"),
    "honeywell": ("1B 37 2C", "1B 38 2C", ""),
    "datalogic": ("42", "46", ""),
    "bel": ("07", "07 07 07", ""),
}


@pytest.fixture
def scanner(tmp_path: Path) -> Iterator[PtyScanner]:
    found = PtyScanner(tmp_path / "usb-Maker_Scanner_1")
    yield found
    found.unplug()


class Judging(Bench):
    """A bench that finds every code with an A good, and says so at the scanner."""

    reader: Reader

    def has(self, scans: int) -> bool:
        return len(self.scans) == scans

    def on_scan(self, scan: Scan) -> None:
        super().on_scan(scan)
        self.reader.answer(scan.source, good="A" in scan.text)


def started(scanner: PtyScanner, options: str) -> Judging:
    bench = Judging()
    bench.reader = Reader([open_source(f"serial:{scanner.path}?{options}")], bench.on_scan, bench.on_status)
    bench.reader.start()
    bench.wait_for(lambda: bench.reader.statuses[0].state == "connected")
    return bench


def test_every_dialect_has_the_bytes_of_its_manual() -> None:
    assert set(feedback.names()) == {*MANUALS, "none"}
    assert feedback.dialect("none") is None
    for name, (good, bad, wake) in MANUALS.items():
        found = feedback.dialect(name)
        assert found == feedback.Dialect(bytes.fromhex(good), bytes.fromhex(bad), bytes.fromhex(wake)), name
    with pytest.raises(ValueError, match="bel, datalogic, honeywell, zebra-ssi, none, found 'morse'"):
        feedback.dialect("morse")


@pytest.mark.parametrize("dialect", ["honeywell", "datalogic", "bel"])
def test_the_scanner_that_scanned_hears_how_it_was(scanner: PtyScanner, dialect: str, tmp_path: Path) -> None:
    other = PtyScanner(tmp_path / "other")
    bench = started(scanner, f"feedback={dialect}")
    assert bench.reader.add(open_source(f"serial:{other.path}?feedback={dialect}"))
    good, bad, _ = (bytes.fromhex(text) for text in MANUALS[dialect])
    for code, expected in ((b"A1\r", good), (b"B2\r", bad)):
        scanner.send(code)
        assert scanner.hears(len(expected)) == expected
    assert other.hears(1, 0.05) == b""
    bench.reader.stop()
    other.unplug()


def test_a_zebra_scanner_is_acknowledged_woken_and_beeps(scanner: PtyScanner) -> None:
    bench = started(scanner, "profile=zebra-ssi&idle_ms=5000")
    good, bad, wake = (bytes.fromhex(text) for text in MANUALS["zebra-ssi"])
    for code, beep in ((b"A1", good), (b"B2", bad)):
        scanner.send(sent(code))
        assert scanner.hears(6 + 1 + 7) == bytes.fromhex("04 D0 04 00 FF 28") + wake + beep
    assert [scan.text for scan in bench.scans] == ["A1", "B2"]
    bench.reader.stop()


def test_a_scanner_that_never_listens_slows_no_scan_and_holds_nothing_up(scanner: PtyScanner) -> None:
    bench = started(scanner, "feedback=honeywell&idle_ms=5000")
    host_end = os.open(scanner.path, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    with pytest.raises(BlockingIOError):
        # Until nothing fits in between any more: a pseudo-terminal takes some kilobytes.
        while True:
            os.write(host_end, b"." * 4096)
    began, slowest = time.monotonic(), 0.0
    for number in range(200):
        at = time.monotonic()
        scanner.send(f"A{number}\r".encode())
        bench.wait_for(partial(bench.has, number + 1))
        slowest = max(slowest, time.monotonic() - at)
    took = time.monotonic() - began
    print(f"200 scans in {took:.3f} s, the slowest in {slowest * 1000:.1f} ms")
    began = time.monotonic()
    bench.reader.stop()
    os.close(host_end)
    # Waiting for it would take 300 ms each: a minute.
    assert took < 10
    assert time.monotonic() - began < 1


def test_an_answer_to_a_scanner_that_is_gone_is_lost_without_a_word(scanner: PtyScanner) -> None:
    bench = started(scanner, "feedback=bel")
    name = bench.reader.statuses[0].name
    scanner.unplug()
    bench.wait_for(lambda: bench.reader.statuses[0].state == "waiting")
    bench.reader.answer(name, good=True)
    bench.reader.answer("serial:/dev/nobody", good=True)
    bench.reader.stop()
