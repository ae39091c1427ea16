"""Moments a packer waits for: the first screen after start, an order that opens, another packer at the bench."""

import os
import re
import signal
import tempfile
import time
from functools import partial
from pathlib import Path

from station.wording import say
from tests.bench.floor import BADGES, SHORT_ORDERS, Floor, running_floor
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
            terminal.wait_for(say.NEXT_ORDERS)
            opens = _opens(terminal, scanner)
        starts = _starts(floor)
    p95(f"{NAME}.open_order", opens)
    p95(f"{NAME}.first_screen", starts)
    p95(f"{NAME}.switch_packer", switches)


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
