"""A label prints once: with real files, real sockets, real kills."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from printing.printers import Printer, PrinterStatus, open_printer, talking
from printing.printers.virtual import VirtualPrinter
from printing.spool import Job, JobState, Pace, Spool, SpoolInUse

QUICK = Pace(retry_first=0.01, retry_last=0.02, confirm_first=0.01, confirm_every=0.01, confirm_for=0.2, ask_every=0.02)


def label(number: int) -> bytes:
    return f"^XA^FO10,10^A0N,40,40^FDlabel {number}^FS^XZ".encode()


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path / "labels") as printer:
        yield printer


class Opened:
    """Spools of one file, closed at the end; `told` is what `on_change` heard."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: list[Job] = []
        self._spools: list[Spool] = []

    def __call__(self, printer: str | Printer, *, start: bool = True) -> Spool:
        printer = open_printer(printer) if isinstance(printer, str) else printer
        spool = Spool(self.path, {"printer": printer}, self.told.append, pace=QUICK)
        self._spools.append(spool)
        if start:
            spool.start()
        return spool

    def states(self, job_id: str) -> list[str]:
        return [job.state for job in self.told if job.job_id == job_id]

    def way(self, job_id: str) -> list[str]:
        """Its states one after the other; a quick sender may be ahead of the news that it was requested."""
        told = list(dict.fromkeys(self.states(job_id)))
        return told if told[:1] == ["requested"] else ["requested", *told]

    def close(self) -> None:
        for spool in self._spools:
            spool.close()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    opened = Opened(tmp_path / "spool.sqlite")
    yield opened
    opened.close()


def state(spool: Spool, job_id: str) -> JobState:
    job = spool.job(job_id)
    assert job is not None
    return job.state


def is_in(spool: Spool, job_id: str, wanted: JobState) -> Callable[[], bool]:
    return lambda: state(spool, job_id) is wanted


def test_a_label_goes_from_request_to_printed_and_every_step_is_told(printer: VirtualPrinter, opened: Opened) -> None:
    spool = opened(printer.spec)
    asked = spool.request("P1", "label", "order 7", label(1))
    assert (asked.job_id, asked.kind, asked.reference) == ("P1", "label", "order 7")
    until(is_in(spool, "P1", JobState.PRINTED))
    assert printer.jobs == [label(1)]
    until(lambda: opened.way("P1") == ["requested", "sending", "sent", "printed"])
    assert opened.told[-1].sent_at is not None
    assert spool.waiting() == ()


def test_the_same_job_pressed_a_hundred_times_from_many_hands_prints_once(
    printer: VirtualPrinter, opened: Opened
) -> None:
    spool = opened(printer.spec)
    hands = [threading.Thread(target=lambda: spool.request("P1", "label", "7", label(1))) for _ in range(100)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    spool.request("P2", "label", "8", label(2))
    until(is_in(spool, "P2", JobState.PRINTED))
    assert printer.jobs == [label(1), label(2)]
    assert spool.request("P1", "label", "7", label(1)).state is JobState.PRINTED
    # None, where it began to leave before it was told.
    assert opened.states("P1").count("requested") <= 1


def test_after_reloading_paper_the_missing_labels_print_in_order_and_none_twice(
    printer: VirtualPrinter, opened: Opened
) -> None:
    spool = opened(printer.spec)
    spool.request("P1", "label", "1", label(1))
    until(is_in(spool, "P1", JobState.PRINTED))
    printer.paper_out = True
    for number in (2, 3, 4):
        spool.request(f"P{number}", "label", str(number), label(number))
    until(lambda: any(job.detail == "out of labels" for job in spool.waiting()))
    assert [job.job_id for job in spool.waiting()] == ["P2", "P3", "P4"]
    assert [job.attempts for job in spool.waiting()] == [0, 0, 0]
    printer.paper_out = False
    until(is_in(spool, "P4", JobState.PRINTED))
    assert printer.jobs == [label(n) for n in (1, 2, 3, 4)]


def test_a_label_caught_inside_by_the_end_of_the_paper_is_not_sent_again(
    printer: VirtualPrinter, opened: Opened
) -> None:
    printer.slow = 0.05
    spool = opened(printer.spec)
    spool.request("P1", "label", "1", label(1))
    until(is_in(spool, "P1", JobState.SENT))
    printer.paper_out = True
    spool.request("P2", "label", "2", label(2))
    until(lambda: any(job.detail for job in spool.waiting()))
    printer.paper_out = False
    until(is_in(spool, "P2", JobState.PRINTED))
    assert printer.jobs == [label(1), label(2)]


class RunsDry:
    """A printer whose paper ends just before it takes a label."""

    def __init__(self, printer: VirtualPrinter) -> None:
        self._printer, self.name = printer, printer.spec
        self._asks, self._takes = open_printer(printer.spec), open_printer(f"{printer.spec}?status=off")

    def status(self) -> PrinterStatus:
        return self._asks.status()

    def send(self, data: bytes) -> None:
        self._printer.paper_out = True
        self._takes.send(data)

    def recover(self, torn: bytes) -> None:
        self._takes.recover(torn)


@pytest.fixture
def caught_inside(printer: VirtualPrinter, opened: Opened) -> Spool:
    """P1 is inside the printer without paper and the spool has stopped waiting for it; P2 is held."""
    spool = opened(RunsDry(printer))
    spool.request("P1", "label", "1", label(1))
    until(tells(spool, "P1", "sent", "out of labels"))
    until(lambda: b",1245,001," in printer.host_status())
    spool.request("P2", "label", "2", label(2))
    until(tells(spool, "P2", "requested", "out of labels"))
    spool.hold("P2")
    return spool


def tells(spool: Spool, job_id: str, state: str, detail: str) -> Callable[[], bool]:
    return lambda: (job := spool.job(job_id)) is not None and (job.state, job.detail) == (state, detail)


def test_a_label_caught_inside_is_printed_when_it_comes_out_however_late(
    printer: VirtualPrinter, opened: Opened, caught_inside: Spool
) -> None:
    printer.paper_out = False
    until(is_in(caught_inside, "P1", JobState.PRINTED))
    assert printer.jobs == [label(1)]
    assert state(caught_inside, "P2") is JobState.REQUESTED
    until(lambda: opened.states("P1")[-1] == "printed")


def test_a_label_caught_inside_a_printer_that_is_switched_off_is_looked_for(
    printer: VirtualPrinter, caught_inside: Spool
) -> None:
    printer.stop()
    until(is_in(caught_inside, "P1", JobState.UNCERTAIN))
    job = caught_inside.job("P1")
    assert job is not None
    assert "look whether it came out" in job.detail


@pytest.mark.parametrize("power_cut", [True, False])
def test_a_label_caught_inside_when_the_power_fails_is_looked_for_and_one_still_inside_is_printed(
    printer: VirtualPrinter, opened: Opened, caught_inside: Spool, power_cut: bool
) -> None:
    caught_inside.close()
    if power_cut:
        printer.switch_off()
        printer.reload()
    spool = opened(printer.spec)
    if not power_cut:
        until(tells(spool, "P1", "sent", "out of labels"))
        printer.reload()
    until(is_in(spool, "P1", JobState.UNCERTAIN if power_cut else JobState.PRINTED))
    assert printer.jobs == ([] if power_cut else [label(1)])


def test_a_label_caught_inside_tells_the_trouble_of_now(printer: VirtualPrinter, caught_inside: Spool) -> None:
    printer.paused = True
    printer.paper_out = False
    until(tells(caught_inside, "P1", "sent", "paused"))


def test_a_label_that_takes_longer_than_anybody_waits_for_it_is_printed_all_the_same(
    printer: VirtualPrinter, opened: Opened
) -> None:
    printer.slow = 1000.0
    spool = opened(printer.spec)
    spool.request("P1", "label", "1", label(1))
    until(tells(spool, "P1", "sent", "1 waiting in the printer"))
    printer.inside.clear()
    until(is_in(spool, "P1", JobState.PRINTED))


def test_a_printer_with_nothing_to_do_is_still_watched(printer: VirtualPrinter, opened: Opened) -> None:
    spool = opened(printer.spec, start=False)
    assert spool.printer_status("printer") is None
    spool.start()
    until(lambda: spool.printer_status("printer") == PrinterStatus("ready", "", 0, partial=False))
    printer.paper_out = True
    until(lambda: spool.printer_status("printer") == PrinterStatus("attention", "out of labels", 0, partial=False))
    printer.paper_out = False
    until(lambda: spool.printer_status("printer") == PrinterStatus("ready", "", 0, partial=False))
    printer.stop()
    until(lambda: (status := spool.printer_status("printer")) is not None and status.state == "offline")


def test_a_printer_that_keeps_silent_is_given_nothing_and_says_what_it_needs(
    printer: VirtualPrinter, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(talking, "ANSWER_SECONDS", 0.05)
    printer.silent = True
    spool = opened(printer.spec)
    spool.request("P1", "label", "1", label(1))
    until(tells(spool, "P1", "requested", "does not answer"))
    assert spool.printer_status("printer") == PrinterStatus("attention", "does not answer")
    printer.silent = False
    until(is_in(spool, "P1", JobState.PRINTED))
    assert printer.jobs == [label(1)]


def test_labels_wait_for_a_printer_that_is_switched_off(tmp_path: Path, opened: Opened) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    spool = opened(f"tcp:127.0.0.1:{port}")
    spool.request("P1", "label", "1", label(1))
    spool.request("P2", "label", "2", label(2))
    until(lambda: "cannot be reached" in spool.waiting()[0].detail)
    with VirtualPrinter(tmp_path / "labels", port) as printer:
        until(is_in(spool, "P2", JobState.PRINTED))
        assert printer.jobs == [label(1), label(2)]


def test_a_printer_that_tells_nothing_leaves_the_label_sent(printer: VirtualPrinter, opened: Opened) -> None:
    spool = opened(f"{printer.spec}?status=off")
    spool.request("P1", "label", "1", label(1))
    spool.request("P2", "label", "2", label(2))
    until(is_in(spool, "P2", JobState.SENT))
    assert opened.way("P1") == ["requested", "sending", "sent"]


def test_a_job_cut_off_while_leaving_is_uncertain_and_the_next_one_prints(
    printer: VirtualPrinter, opened: Opened
) -> None:
    printer.cut_after = 20
    spool = opened(printer.spec)
    spool.request("P1", "label", "1", label(1))
    spool.request("P2", "label", "2", label(2))
    until(is_in(spool, "P2", JobState.PRINTED))
    job = spool.job("P1")
    assert job is not None
    assert job.state is JobState.UNCERTAIN
    assert "broke off during a job" in job.detail
    assert printer.jobs == [label(2)]


CHILD = """
import sys, threading
from pathlib import Path
from typing import Any
from printing.printers import open_printer
from printing.spool import Spool
spool = Spool(Path(sys.argv[1]), {"printer": open_printer(sys.argv[2])})
spool.request("P1", "label", "1", b"^XA" + b" " * 20_000_000 + b"^XZ")
spool.request("P2", "label", "2", b"^XA^FO10,10^A0N,40,40^FDlabel 2^FS^XZ")
if sys.argv[3] == "start":
    spool.start()
print("ready", flush=True)
threading.Event().wait()
"""


def killed_child(path: Path, spec: str, mode: str, when: Callable[[], None]) -> None:
    """A program with two jobs in its spool, killed without warning at `when`."""
    command = [sys.executable, "-c", CHILD, str(path), spec, mode]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        when()
        os.kill(child.pid, signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL


def test_a_job_killed_in_mid_send_is_uncertain_and_told_and_what_waited_prints(
    printer: VirtualPrinter, opened: Opened
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stuck:

        def first_bytes_arrive() -> None:
            # The question of the state comes over a connection of its own.
            kept.extend(stuck.accept()[0] for _ in range(2))
            assert kept[1].recv(3) == b"^XA"

        kept: list[socket.socket] = []
        killed_child(opened.path, f"tcp:127.0.0.1:{stuck.getsockname()[1]}?status=off", "start", first_bytes_arrive)
        for connection in kept:
            connection.close()
    spool = opened(printer.spec)
    until(is_in(spool, "P2", JobState.PRINTED))
    assert opened.told[0].job_id == "P1"
    assert opened.told[0].state is JobState.UNCERTAIN
    assert "look whether it came out" in opened.told[0].detail
    assert printer.jobs == [label(2)]
    assert spool.request("P1", "label", "1", label(1)).state is JobState.UNCERTAIN


def test_a_job_killed_before_its_first_byte_prints_at_the_next_start(printer: VirtualPrinter, opened: Opened) -> None:
    killed_child(opened.path, printer.spec, "stay", lambda: None)
    spool = opened(printer.spec, start=False)
    assert [job.job_id for job in spool.waiting()] == ["P1", "P2"]
    spool.hold("P1")
    spool.start()
    until(is_in(spool, "P2", JobState.PRINTED))
    assert printer.jobs == [label(2)]


def test_two_programs_cannot_print_from_one_spool(printer: VirtualPrinter, opened: Opened) -> None:
    first = opened(printer.spec)
    second = opened(printer.spec, start=False)
    with pytest.raises(SpoolInUse, match="used by another program"):
        second.start()
    first.stop()
    second.start()


def test_a_held_label_waits_until_it_is_released_and_lets_others_pass(printer: VirtualPrinter, opened: Opened) -> None:
    spool = opened(printer.spec, start=False)
    spool.request("P1", "label", "1", label(1))
    spool.request("P2", "label", "2", label(2))
    assert spool.hold("P1").held
    spool.start()
    until(is_in(spool, "P2", JobState.PRINTED))
    assert state(spool, "P1") is JobState.REQUESTED
    assert not spool.release("P1").held
    until(is_in(spool, "P1", JobState.PRINTED))
    assert printer.jobs == [label(2), label(1)]
    assert spool.hold("P1").state is JobState.PRINTED


def test_a_hold_outlives_the_program(printer: VirtualPrinter, opened: Opened) -> None:
    first = opened(printer.spec, start=False)
    first.request("P1", "label", "1", label(1))
    first.hold("P1")
    first.close()
    job = opened(printer.spec, start=False).job("P1")
    assert job is not None
    assert job.held


def test_a_reprint_is_another_job_with_the_same_bytes_and_a_number(printer: VirtualPrinter, opened: Opened) -> None:
    spool = opened(printer.spec)
    spool.request("P1", "label", "7", label(1))
    until(is_in(spool, "P1", JobState.PRINTED))
    again = spool.reprint("P1")
    assert (again.job_id, again.kind, again.reference) == ("P1#2", "label", "7")
    until(is_in(spool, "P1#2", JobState.PRINTED))
    assert spool.reprint("P1#2").job_id == "P1#3"
    until(is_in(spool, "P1#3", JobState.PRINTED))
    assert printer.jobs == [label(1)] * 3


def test_reprint_pressed_while_the_label_still_waits_does_not_print_two(
    printer: VirtualPrinter, opened: Opened
) -> None:
    printer.paper_out = True
    spool = opened(printer.spec)
    spool.request("P1", "label", "1", label(1))
    assert [spool.reprint("P1").job_id for _ in range(3)] == ["P1"] * 3
    printer.paper_out = False
    until(is_in(spool, "P1", JobState.PRINTED))
    assert printer.jobs == [label(1)]


def test_a_label_scanned_back_is_applied_and_a_waiting_copy_is_given_up(
    printer: VirtualPrinter, opened: Opened
) -> None:
    spool = opened(printer.spec)
    spool.request("P1", "label", "1", label(1))
    until(is_in(spool, "P1", JobState.PRINTED))
    printer.paper_out = True
    spool.reprint("P1")
    assert spool.applied("P1").state is JobState.APPLIED
    copy = spool.job("P1#2")
    assert copy is not None
    assert (copy.state, copy.detail) == (JobState.FAILED, "not needed: another copy was scanned back")
    printer.paper_out = False
    spool.request("P2", "label", "2", label(2))
    until(is_in(spool, "P2", JobState.PRINTED))
    assert printer.jobs == [label(1), label(2)]
    assert spool.applied("P1").state is JobState.APPLIED


def test_erased_labels_leave_no_trace_of_the_buyer_on_disk(printer: VirtualPrinter, opened: Opened) -> None:
    spool = opened(printer.spec, start=False)
    secret = b"^XA^FDMargaret Whitfield^FS^XZ"
    spool.request("P1", "label", "order 7", secret * 50)
    spool.request("P2", "label", "order 8", label(2))
    files = [path for path in opened.path.parent.iterdir() if path.name.startswith(opened.path.name)]
    assert any(b"Margaret" in path.read_bytes() for path in files)
    spool.erase("order 7")
    assert not any(b"Margaret" in path.read_bytes() for path in files)
    assert state(spool, "P1") is JobState.FAILED
    again = spool.reprint("P1")
    assert (again.state, again.detail) == (JobState.FAILED, "its content was erased")
    spool.start()
    until(is_in(spool, "P2", JobState.PRINTED))
    assert printer.jobs == [label(2)]


def test_only_the_owner_may_read_the_spool(printer: VirtualPrinter, opened: Opened) -> None:
    opened(printer.spec, start=False)
    assert opened.path.stat().st_mode & 0o077 == 0


def test_every_commit_is_forced_to_disk(
    printer: VirtualPrinter, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def watched(path: Path, **options: Any) -> sqlite3.Connection:
        connections.append(connect(path, **options))
        return connections[-1]

    monkeypatch.setattr(sqlite3, "connect", watched)
    opened(printer.spec, start=False)
    full = 2
    assert connections[0].execute("PRAGMA synchronous").fetchone() == (full,)


def test_a_job_nobody_asked_for_is_an_error(printer: VirtualPrinter, opened: Opened) -> None:
    spool = opened(printer.spec, start=False)
    assert spool.job("P9") is None
    for act in (spool.reprint, spool.hold, spool.release, spool.applied):
        with pytest.raises(KeyError, match='no print job "P9"'):
            act("P9")


class BrokenDriver:
    """A printer whose driver has a bug."""

    name = "broken"

    def status(self) -> PrinterStatus:
        return PrinterStatus("unknown", "")

    def send(self, data: bytes) -> None:
        raise RuntimeError(data)

    def recover(self, torn: bytes) -> None:
        """It forgets."""


def test_a_bug_in_a_driver_or_a_screen_leaves_the_job_uncertain_and_the_spool_alive(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def screen(job: Job) -> None:
        raise ValueError(job.job_id)

    spool = Spool(tmp_path / "spool.sqlite", {"printer": BrokenDriver()}, screen, pace=QUICK)
    spool.start()
    for job_id in ("P1", "P2"):
        spool.request(job_id, "label", "1", b"x")
    until(is_in(spool, "P2", JobState.UNCERTAIN))
    assert state(spool, "P1") is JobState.UNCERTAIN
    spool.close()
    assert "unforeseen" in caplog.text
