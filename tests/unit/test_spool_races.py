"""Cancelled, parked, or with a full disk: whatever happens beside the printing, no label is lost or doubled."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from printing.printers import Fate, PrinterStatus, PrinterUnavailable, SentBytes, TakenBack
from printing.spool import JobState, Pace, Spool
from tests.fakes import until

QUICK = Pace(0.01, 0.02, 0.01, 0.01, 0.1, 0.02)
READY, OUT = PrinterStatus("ready", "", 0, False), PrinterStatus("attention", "out of labels", 1, False)


class Press:
    """A printer that does as it is told: `gate` holds a job back while it leaves, `breaks` is how that ends."""

    name = "press"

    def __init__(self) -> None:
        self.says, self.jobs = READY, list[bytes]()
        self.gate, self.leaving = threading.Event(), threading.Event()
        self.breaks: SentBytes | None = None
        self.cancelled = 0

    def status(self) -> PrinterStatus:
        return self.says

    def send(self, data: bytes) -> None:
        self.leaving.set()
        assert self.gate.wait(8)
        if self.breaks is not None:
            how, self.breaks = self.breaks, None
            raise PrinterUnavailable("cable", how)
        self.jobs.append(data)

    def recover(self, _torn: bytes) -> None:
        raise AssertionError("nothing was torn")

    remembers = False

    def fate(self, _ticket: str) -> Fate:
        raise AssertionError("it gives no tickets")

    def take_back(self, _ticket: str) -> TakenBack:
        self.cancelled += 1
        self.says = PrinterStatus("attention", "out of labels", 0, False)
        return "taken"


@pytest.fixture
def press() -> Press:
    return Press()


@pytest.fixture
def spool(tmp_path: Path, press: Press) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool.db", {"press": press}, pace=QUICK)
    spool.start()
    yield spool
    press.gate.set()
    spool.close()


def in_state(spool: Spool, job_id: str, state: JobState) -> None:
    until(lambda: (job := spool.job(job_id)) is not None and job.state is state, f"{job_id} {state}")


@pytest.mark.parametrize("parked", [False, True])
def test_an_order_cancelled_while_its_label_is_leaving_does_not_block_those_of_others(
    spool: Spool, press: Press, parked: bool
) -> None:
    press.breaks = "nothing"
    spool.request("P1", "label", "1043", b"one")
    assert press.leaving.wait(8)
    if parked:
        spool.hold("P1")
    spool.erase("1043")
    press.gate.set()
    spool.request("P2", "label", "1044", b"two")
    in_state(spool, "P2", JobState.PRINTED)
    in_state(spool, "P1", JobState.FAILED)
    assert press.jobs == [b"two"]
    assert spool.waiting() == ()


def test_the_label_of_a_cancelled_order_is_taken_out_of_a_printer_that_has_run_dry(spool: Spool, press: Press) -> None:
    press.gate.set()
    press.says = PrinterStatus("ready", "1 waiting in the printer", 1, False)
    spool.request("P1", "label", "1043", b"one")
    until(lambda: (job := spool.job("P1")) is not None and job.detail, "it is inside")
    press.says = OUT
    spool.erase("1043")
    in_state(spool, "P1", JobState.FAILED)
    assert press.cancelled == 1
    assert spool.waiting() == ()


def test_a_copy_of_a_parked_boxs_label_stays_back_too_and_comes_out_when_the_box_is_resumed(
    spool: Spool, press: Press
) -> None:
    press.gate.set()
    spool.request("P1", "label", "1043", b"one")
    in_state(spool, "P1", JobState.PRINTED)
    press.says = PrinterStatus("attention", "out of labels", 0, False)
    until(lambda: spool.printer_status("press") == press.says, "the printer's word")
    spool.reprint("P1")
    spool.hold("P1")
    press.says = READY
    spool.request("P2", "label", "1044", b"two")
    in_state(spool, "P2", JobState.PRINTED)
    assert press.jobs == [b"one", b"two"]
    spool.release("P1")
    in_state(spool, "P1#2", JobState.PRINTED)
    assert press.jobs == [b"one", b"two", b"one"]


def test_on_a_full_disk_nothing_prints_twice_and_the_light_says_why_nothing_prints(
    spool: Spool, press: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    press.gate.set()
    write, full = spool._store.transition, threading.Event()
    full.set()

    def transition(*values: Any, **more: Any) -> bool:
        if full.is_set():
            raise sqlite3.OperationalError("database or disk is full")
        return write(*values, **more)

    monkeypatch.setattr(spool._store, "transition", transition)
    spool.request("P1", "label", "1043", b"one")
    until(lambda: (said := spool.printer_status("press")) is not None and "disk is full" in said.detail, "the light")
    full.clear()
    in_state(spool, "P1", JobState.UNCERTAIN)
    spool.request("P2", "label", "1044", b"two")
    in_state(spool, "P2", JobState.PRINTED)
    assert press.jobs == [b"one", b"two"]
    assert spool.printer_status("press") == READY


def test_paper_sent_elsewhere_while_it_was_leaving_goes_there_if_it_comes_to_nothing_and_only_then(
    tmp_path: Path, press: Press
) -> None:
    home = Press()
    home.gate.set()
    spool = Spool(tmp_path / "two.db", {"there": press, "home": home}, pace=QUICK)
    spool.start()
    press.breaks = "nothing"
    spool.request("P1", "label", "1043", b"one", printer="there", cover=b"for Bench 1 ")
    assert press.leaving.wait(8)
    assert spool.move("P1", "home").wanted_at == "home"
    press.gate.set()
    in_state(spool, "P1", JobState.PRINTED)
    assert (press.jobs, home.jobs) == ([], [b"one"])
    press.leaving.clear()
    press.gate.clear()
    spool.request("P2", "label", "1044", b"two", printer="there")
    assert press.leaving.wait(8)
    spool.move("P2", "home")
    press.gate.set()
    in_state(spool, "P2", JobState.PRINTED)
    spool.close()
    assert (press.jobs, home.jobs) == ([b"two"], [b"one"])


def test_paper_caught_at_a_neighbours_printer_comes_home_once_when_that_gives_it_back(
    tmp_path: Path, press: Press
) -> None:
    home = Press()
    home.gate.set()
    press.gate.set()
    spool = Spool(tmp_path / "two.db", {"there": press, "home": home}, pace=QUICK)
    spool.start()
    press.says = PrinterStatus("ready", "1 waiting in the printer", 1, False)
    spool.request("P1", "label", "1043", b"one", printer="there", cover=b"for Bench 1 ")
    until(lambda: any(job.detail for job in spool.inside()), "it is inside")
    spool.move("P1", "home")
    spool.stop()
    assert press.cancelled == 0
    # What was wanted outlives the program.
    press.says = OUT
    spool.start()
    in_state(spool, "P1", JobState.PRINTED)
    spool.close()
    assert (press.cancelled, press.jobs, home.jobs) == (1, [b"for Bench 1 one"], [b"one"])
