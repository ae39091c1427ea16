"""From bytes written into a scanner's pseudo-terminal until the verdict is on the bench's terminal, beside a bare app.

A bare Textual app that shows the bytes; then the station with an order of 200 lines, each scan on another line: with
its server, with 2,000 scans in its journal, and with as many and its server gone. The station's figures include the
journal's fsync.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from tests.bench import figures
from tests.bench.floor import CODES, Floor, running_floor
from tests.bench.terminal import Terminal, open_program, open_scanner

SCANS = 200
IN_JOURNAL = 2_000
AT_ONCE = 20
"""Scans that are on their way together while the journal is filled."""
PAUSE = 0.15
"""Seconds between scans; a quick packer needs more."""
NAME = "scan_to_screen"


def run() -> None:
    """Measure and print."""
    bare = _bare()
    figures.spread(f"{NAME}.bare", bare)
    with running_floor(Path(tempfile.mkdtemp(prefix="pp-bench-"))) as floor:
        fresh, full = _station(floor)
        figures.spread(f"{NAME}.lines_200", fresh)
        figures.spread(f"{NAME}.journal_2000", full)
        away = _away(floor)
        figures.spread(f"{NAME}.server_away", away)
    for name, ours in (("lines_200", fresh), ("journal_2000", full), ("server_away", away)):
        for p in (50, 99):
            ratio = figures.percentile(ours, p) / figures.percentile(bare, p)
            figures.line(f"{NAME}.{name}.ratio_p{p}", ratio)


def _bare() -> list[float]:
    with open_scanner() as (scanner, device), open_program(_app(device)) as terminal:
        terminal.wait_for("scan 0")
        return _measure(terminal, scanner, 0, lambda n, screen: f"scan {n} " in screen)


def _app(device: str) -> list[str]:
    return [sys.executable, "-m", "tests.bench.bare_app", device]


def _station(floor: Floor) -> tuple[list[float], list[float]]:
    """With a short journal, and with a long one."""
    with open_scanner() as (scanner, device), open_program(floor.station_command(device)) as terminal:
        floor.sign_in_and_open(terminal, scanner)
        fresh = _measure(terminal, scanner, 0, _shows(floor))
        fill_journal(floor, terminal, scanner, SCANS)
        return fresh, _measure(terminal, scanner, IN_JOURNAL, _shows(floor))


def _away(floor: Floor) -> list[float]:
    """The station again, then without its server."""
    with open_scanner() as (scanner, device), open_program(floor.station_command(device)) as terminal:
        floor.sign_in_and_open(terminal, scanner)
        floor.stop_server()
        return _measure(terminal, scanner, IN_JOURNAL + SCANS, _shows(floor))


def _shows(floor: Floor) -> Callable[[int, str], bool]:
    return lambda n, screen: floor.shows(screen, n)


def fill_journal(floor: Floor, terminal: Terminal, scanner: int, done: int) -> None:
    """Scan on without a pause until there were 2,000 of them."""
    for n in range(done + 1, IN_JOURNAL + 1):
        os.write(scanner, f"{CODES[(n - 1) % len(CODES)]}\r".encode())
        terminal.collect(0.02, quiet=0.002)
        terminal.shown_at(lambda _: False)
        if (n % AT_ONCE == 0 or n == IN_JOURNAL) and not floor.shows(terminal.text, n):
            until_shown(terminal, time.perf_counter(), partial(_has, floor, n), 60)


def _has(floor: Floor, scans: int, screen: str) -> bool:
    return floor.shows(screen, scans)


def _measure(terminal: Terminal, scanner: int, done: int, shown: Callable[[int, str], bool]) -> list[float]:
    """Seconds of each of the next scans, after so many that were done."""
    times: list[float] = []
    for n in range(done + 1, done + SCANS + 1):
        terminal.collect(PAUSE)
        terminal.shown_at(lambda _: False)
        times.append(timed(terminal, scanner, CODES[(n - 1) % len(CODES)], partial(shown, n)))
    return times


def timed(terminal: Terminal, scanner: int, code: str, shown: Callable[[str], bool], seconds: float = 10) -> float:
    """Seconds from this scan until the screen is as wanted; raise AssertionError when it never is."""
    begun = time.perf_counter()
    os.write(scanner, f"{code}\r".encode())
    return until_shown(terminal, begun, shown, seconds)


def until_shown(terminal: Terminal, begun: float, shown: Callable[[str], bool], seconds: float = 10) -> float:
    """Seconds from ``begun`` until the screen is as wanted."""
    while time.perf_counter() < begun + seconds:
        terminal.collect(1.0)
        at = terminal.shown_at(shown)
        if at is not None:
            return at - begun
    raise AssertionError(f"it never came to the screen\n{terminal.text}")


def p95(name: str, seconds: Sequence[float]) -> None:
    """Print what a person notices of a moment."""
    figures.line(f"{name}.p95", figures.percentile(seconds, 95) * 1000, "ms")
    figures.line(f"{name}.n", len(seconds))
