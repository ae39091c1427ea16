"""Moments a packer waits for: the first screen after start, an order that opens, another packer at the bench, the red
screen and its sound for a wrong item (PCK-03), paper after the last unit (PCK-06)."""

import os
import re
import signal
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from station.views import LabelStage
from station.wording import say
from tests.bench import figures
from tests.bench.floor import BADGES, CODES, SHORT_ORDERS, Floor, running_floor
from tests.bench.scan_to_screen import fill_journal, p95, timed, until_shown
from tests.bench.terminal import Terminal, open_program, open_scanner, open_terminal

STARTS, SWITCHES = 20, 40
NAME = "moments"


def run() -> None:
    """Measure and print; the station is started and handed over with the long order and 2,000 scans in its journal."""
    with running_floor(Path(tempfile.mkdtemp(prefix="pp-bench-"))) as floor:
        with open_scanner() as (scanner, device), open_program(floor.station_command(device)) as terminal:
            floor.sign_in_and_open(terminal, scanner)
            fill_journal(floor, terminal, scanner, 0)
            switches = _switches(terminal, scanner)
            _settle(terminal)
            os.write(scanner, b"PPC-PARK\r")
            terminal.wait_for(say.WAITING)
            opens = _opens(terminal, scanner)
        starts = _starts(floor)
        with (
            open_scanner() as (scanner, device),
            open_program(floor.station_command(device, whole=True)) as terminal,
        ):
            terminal.wait_for(say.WAITING)
            reds, papers = boxes(floor, terminal, scanner, SHORT_ORDERS)
    p95(f"{NAME}.open_order", opens)
    p95(f"{NAME}.first_screen", starts)
    p95(f"{NAME}.switch_packer", switches)
    tell(reds, papers)


def tell(reds: list[float], papers: list[float]) -> None:
    """Print how soon a wrong item is seen and heard, and how soon a label is on paper."""
    figures.spread(f"{NAME}.wrong_item_to_red_and_sound", reds)
    figures.spread(f"{NAME}.last_scan_to_paper", papers)


def boxes(floor: Floor, terminal: Terminal, scanner: int, orders: int) -> tuple[list[float], list[float]]:
    """Pack the short orders up to their labels, with one wrong item in each."""
    reds, papers = [], []
    for n in range(orders):
        _settle(terminal)
        timed(terminal, scanner, f"PPO-{1002 + n}", _units(0))
        reds.append(_red(terminal, scanner, CODES[n + 1]))
        _settle(terminal)
        timed(terminal, scanner, "PPC-OK", _units(0))
        timed(terminal, scanner, CODES[n], _units(1))
        # The same code sooner than a person scans it twice is a trigger that bounced.
        terminal.collect(0.6, quiet=0.6)
        papers.append(_paper(floor, terminal, scanner, CODES[n]))
        terminal.wait_for(say.STAGES[LabelStage.SCAN_LABEL].title)
        timed(terminal, scanner, "PPC-PARK", lambda screen: say.WAITING in screen)
    return reds, papers


def _units(done: int) -> Callable[[str], bool]:
    return lambda screen: re.search(rf"\b{done} / 2\b", screen) is not None


def _red(terminal: Terminal, scanner: int, code: str) -> float:
    """Seconds until the stop is on the screen and its sound has begun."""
    begun, seen, heard = time.perf_counter(), None, None
    os.write(scanner, f"{code}\r".encode())
    while seen is None or heard is None:
        assert time.perf_counter() < begun + 10, f"no stop came\n{terminal.text}"
        terminal.collect(0.5)
        heard = heard or next((at for at, chunk in terminal.chunks if b"\a" in chunk), None)
        seen = terminal.shown_at(lambda screen: say.YOU_HAVE in screen) or seen
    return max(seen, heard) - begun


def _paper(floor: Floor, terminal: Terminal, scanner: int, code: str) -> float:
    """Seconds from the last unit until its label is with the printer."""
    before, begun = len(list(floor.paper.glob("*.zpl"))), time.perf_counter()
    os.write(scanner, f"{code}\r".encode())
    while len(list(floor.paper.glob("*.zpl"))) == before:
        assert time.perf_counter() < begun + 10, "no label was printed"
        terminal.collect(0.002, quiet=0.002)
    return time.perf_counter() - begun


def _switches(terminal: Terminal, scanner: int) -> list[float]:
    """Two packers take turns in the middle of the long order."""
    times = []
    for n in range(SWITCHES):
        name = ("Ann", "Ben")[n % 2]
        _settle(terminal)
        times.append(timed(terminal, scanner, BADGES[name], partial(_works_here, name)))
    return times


def _works_here(name: str, screen: str) -> bool:
    return re.search(rf"Bench 1 +{name}\b", screen) is not None


def _opens(terminal: Terminal, scanner: int) -> list[float]:
    """Each short order once, by its slip; it is parked again."""
    times = []
    for n in range(SHORT_ORDERS):
        _settle(terminal)
        times.append(
            timed(terminal, scanner, f"PPO-{1002 + n}", lambda screen: re.search(r"\b0 / 2\b", screen) is not None)
        )
        _settle(terminal)
        timed(terminal, scanner, "PPC-PARK", lambda screen: re.search(r"\b0 / 2\b", screen) is None)
    return times


def _starts(floor: Floor) -> list[float]:
    """From the start of the process to a screen that says what to do; killed each time."""
    times = []
    with open_scanner() as (_, device):
        for _ in range(STARTS):
            begun = time.perf_counter()
            terminal = open_terminal(floor.station_command(device))
            times.append(until_shown(terminal, begun, lambda screen: "Bench 1" in screen, 30))
            terminal.close(signal.SIGKILL)
    return times


def _settle(terminal: Terminal) -> None:
    terminal.collect(0.2)
    terminal.shown_at(lambda _: False)
