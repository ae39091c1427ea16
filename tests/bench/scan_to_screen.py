"""From bytes written into a scanner's pseudo-terminal until the verdict is on the bench's terminal, beside a bare app.

Three programs in turn: a bare Textual app that shows the bytes, the station with its server, and the station with its
server gone. The station's figures include the journal's fsync.
"""

import os
import sys
import tempfile
import time
import tty
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from tests.bench import figures
from tests.bench.floor import CODES, Floor, running_floor
from tests.bench.terminal import Terminal, open_terminal

SCANS = 200
PAUSE = 0.15
"""Seconds between scans; a quick packer needs more."""
NAME = "scan_to_screen"


def run() -> None:
    """Measure and print."""
    bare = _bare()
    figures.spread(f"{NAME}.bare", bare)
    with ExitStack() as stack:
        floor = stack.enter_context(running_floor(Path(tempfile.mkdtemp(prefix="pp-bench-")), units=SCANS * 4))
        ours = _station(floor, cut=False)
        figures.spread(f"{NAME}.station", ours)
        away = _station(floor, cut=True)
        figures.spread(f"{NAME}.server_away", away)
    for p in (50, 99):
        base = figures.percentile(bare, p)
        figures.line(f"{NAME}.ratio_p{p}", figures.percentile(ours, p) / base)
        figures.line(f"{NAME}.ratio_away_p{p}", figures.percentile(away, p) / base)


def _bare() -> list[float]:
    with _scanner() as (scanner, device), _terminal([sys.executable, "-m", "tests.bench.bare_app", device]) as terminal:
        terminal.wait_for("scan 0")
        return _measure(terminal, scanner, lambda n, screen: f"scan {n} " in screen)


def _station(floor: Floor, *, cut: bool) -> list[float]:
    with _scanner() as (scanner, device), _terminal(floor.station_command(device)) as terminal:
        floor.sign_in_and_open(terminal, scanner)
        if cut:
            floor.stop_server()
        before = floor.verified(terminal.text)
        return _measure(terminal, scanner, lambda n, screen: floor.verified(screen) == before + n)


def _measure(terminal: Terminal, scanner: int, shown: Callable[[int, str], bool]) -> list[float]:
    times: list[float] = []
    for n in range(1, SCANS + 1):
        terminal.collect(PAUSE)
        terminal.shown_at(lambda _: False)
        begun = time.perf_counter()
        os.write(scanner, f"{CODES[n % 2]}\r".encode())
        at = None
        while at is None and time.perf_counter() < begun + 5:
            terminal.collect(1.0)
            at = terminal.shown_at(partial(shown, n))
        if at is None:
            raise AssertionError(f"scan {n} is not on the screen\n{terminal.text}")
        times.append(at - begun)
    return times


@contextmanager
def _scanner() -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        yield master, os.ttyname(slave)
    finally:
        os.close(master)
        os.close(slave)


@contextmanager
def _terminal(command: Sequence[str]) -> Iterator[Terminal]:
    terminal = open_terminal(command)
    try:
        yield terminal
    finally:
        terminal.close()
