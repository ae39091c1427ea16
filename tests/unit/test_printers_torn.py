"""A job that breaks off at any byte never mixes two orders, and a label torn by the end of the paper prints once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from printing import kinds
from printing.printers import Printer, PrinterStatus, Settings, open_printer
from printing.printers.languages import Language, language
from printing.printers.talking import TalkingPrinter
from printing.printers.virtual import VirtualPrinter
from printing.printers.virtual_press import Press
from printing.spool import Job, JobState, Pace, Spool
from tests import builders
from tests.fakes import until

QUICK = Pace(0.01, 0.02, 0.01, 0.01, 0.3, 0.02)
OURS = kinds.write("label", builders.label("P-1", "TRK1", "1043")).strip()
NEXT = kinds.write("label", builders.label("P-2", "TRK2", "1044")).strip()
# A picture in binary, as some carriers send: it holds what would be commands anywhere else.
PICTURE = b"^XA^FO0,0^GFB,36,36,4," + b"^XA^FDx^XZ~" * 3 + b"...^FS^FO9,9^A0N,9,9^FDMargaret^FS^XZ"
RECEIPT, NEXT_RECEIPT = b"Order 1043\nMargaret\n\x1dVB\x00", b"Order 1044\nBob\n\x1dVB\x00"


def cut_everywhere(job: bytes, after: bytes, name: str, *, recovered: bool = True) -> list[int]:
    """The places to cut after which the next job does not come out whole, alone and last."""
    spoken: Language = language(name)
    whole, bad = spoken.BEFORE + job, []
    for at in range(len(whole) + 1):
        press = Press(name)
        press.take(whole[:at])
        if recovered:
            press.take(spoken.recovery(job))
        press.take(spoken.BEFORE + after)
        press.work()
        *before, last = press.jobs or [b""]
        said = last.removeprefix(spoken.BEFORE)
        if said != after or any(b"1044" in piece or b"Bob" in piece for piece in before):
            bad.append(at)
    return bad


@pytest.mark.parametrize(
    ("job", "after", "name"),
    [(OURS, NEXT, "zpl"), (PICTURE, NEXT, "zpl"), (RECEIPT, NEXT_RECEIPT, "escpos")],
    ids=["our label", "a carrier's picture", "a receipt"],
)
def test_a_job_cut_at_any_byte_leaves_the_next_one_whole(job: bytes, after: bytes, name: str) -> None:
    assert cut_everywhere(job, after, name) == []


def test_the_printer_of_this_proof_does_mix_two_orders_when_nobody_cancels() -> None:
    assert len(cut_everywhere(PICTURE, NEXT, "zpl", recovered=False)) >= 20
    press = Press()
    press.take(OURS[:-4])
    press.take(NEXT)
    press.work()
    assert len(press.jobs) == 1 and b"TRK" in press.jobs[0] and b"1043" in press.jobs[0] and b"1044" in press.jobs[0]


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualPrinter]:
    with VirtualPrinter(tmp_path / "labels") as printer:
        yield printer


@pytest.fixture
def spool(tmp_path: Path, printer: VirtualPrinter) -> Iterator[Spool]:
    spool = Spool(tmp_path / "spool.db", {"printer": open_printer(printer.spec)}, pace=QUICK)
    spool.start()
    yield spool
    spool.close()


def job(spool: Spool, job_id: str) -> Job:
    found = spool.job(job_id)
    assert found is not None
    return found


def reaches(spool: Spool, job_id: str, state: JobState) -> None:
    until(lambda: job(spool, job_id).state is state, f"{job_id} {state}")


@pytest.mark.parametrize("at", [12, len(OURS) - 2])
def test_over_a_real_line_the_half_label_is_cancelled_and_never_comes_out(
    printer: VirtualPrinter, spool: Spool, at: int
) -> None:
    printer.cut_after = at
    spool.request("P-1", "label", "1043", OURS)
    spool.request("P-2", "label", "1044", NEXT)
    reaches(spool, "P-2", JobState.PRINTED)
    assert job(spool, "P-1").state is JobState.UNCERTAIN
    assert printer.jobs == [NEXT]


CHILD = """
import sys, threading
from pathlib import Path
from printing.printers import open_printer
from printing.spool import Spool
spool = Spool(Path(sys.argv[1]), {"printer": open_printer(sys.argv[2])})
spool.request("P-1", "label", "1043", b"^XA^FX" + b" " * 8_000_000 + b"^FDMargaret^XZ")
spool.start()
threading.Event().wait()
"""


def test_a_bench_killed_in_the_middle_of_a_job_cancels_the_half_label_after_its_restart(
    tmp_path: Path, printer: VirtualPrinter
) -> None:
    path = tmp_path / "spool.db"
    command = [sys.executable, "-c", CHILD, str(path), printer.spec]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2]) as child:
        until(lambda: printer.partial, "the first bytes")
        os.kill(child.pid, signal.SIGKILL)
    spool = Spool(path, {"printer": open_printer(printer.spec)}, pace=QUICK)
    spool.start()
    spool.request("P-2", "label", "1044", NEXT)
    reaches(spool, "P-2", JobState.PRINTED)
    assert job(spool, "P-1").state is JobState.UNCERTAIN
    assert printer.jobs == [NEXT]
    spool.close()


def test_half_a_label_of_somebody_else_is_waited_for_and_not_cancelled(printer: VirtualPrinter, spool: Spool) -> None:
    printer.take(b"^XA^FDtheirs^FS")
    spool.request("P-1", "label", "1043", OURS)
    until(lambda: job(spool, "P-1").detail == "half a label stuck inside")
    printer.take(b"^XZ")
    reaches(spool, "P-1", JobState.PRINTED)
    assert printer.jobs == [b"^XA^FDtheirs^FS^XZ", OURS]


class Stubborn:
    """A printer in which half a label stays, whatever it is told."""

    name = "stubborn"
    sent: list[bytes]

    def __init__(self) -> None:
        self.partial, self.sent = False, []

    def status(self) -> PrinterStatus:
        return PrinterStatus("ready", "", int(self.partial), partial=self.partial)

    def send(self, data: bytes) -> None:
        self.sent.append(data)
        if data == OURS:
            self.partial = True
            raise RuntimeError("broken driver")

    def recover(self, torn: bytes) -> None:
        assert torn == OURS


def test_while_half_a_label_cannot_be_cancelled_no_other_order_is_sent(tmp_path: Path) -> None:
    printer = Stubborn()
    stuck: Printer = printer
    spool = Spool(tmp_path / "spool.db", {"printer": stuck}, pace=QUICK)
    spool.start()
    spool.request("P-1", "label", "1043", OURS)
    spool.request("P-2", "label", "1044", NEXT)
    until(lambda: job(spool, "P-2").detail == "half a label stuck inside")
    assert printer.sent == [OURS]
    printer.partial = False
    reaches(spool, "P-2", JobState.SENT if not printer.sent[1:] else JobState.PRINTED)
    spool.close()


def three_boxes(spool: Spool) -> list[bytes]:
    labels = [kinds.write("label", builders.label(f"P-{n}", f"TRK000{n}", f"104{n}")).strip() for n in range(5)]
    for number, data in enumerate(labels):
        spool.request(f"P-{number}", "label", f"104{number}", data)
    return labels


def test_paper_that_ends_in_a_label_and_is_reloaded_gives_exactly_the_missing_labels_in_order(
    printer: VirtualPrinter, spool: Spool
) -> None:
    printer.reload(2)
    labels = three_boxes(spool)
    until(lambda: len(printer.torn) == 1 and job(spool, "P-2").detail == "out of labels")
    assert printer.jobs == labels[:2]
    assert [j.job_id for j in spool.waiting()] == ["P-3", "P-4"]
    printer.reload()
    reaches(spool, "P-4", JobState.PRINTED)
    assert [job(spool, f"P-{n}").state for n in range(5)] == [JobState.PRINTED] * 5
    # The torn one came out again whole, by the printer itself, since every job says ^JZY first; we sent it once.
    assert printer.jobs == labels
    assert printer.torn == [labels[2]]
    assert [job(spool, f"P-{n}").attempts for n in range(5)] == [1] * 5


def test_a_printer_that_does_not_repeat_a_torn_label_leaves_it_to_a_person(
    printer: VirtualPrinter, spool: Spool
) -> None:
    theirs = OURS.replace(b"^PQ1", b"^JZN^PQ1")
    assert theirs != OURS
    printer.reload(0)
    spool.request("P-1", "label", "1043", theirs)
    until(lambda: job(spool, "P-1").detail == "out of labels")
    printer.reload()
    reaches(spool, "P-1", JobState.UNCERTAIN)
    assert "look whether it is whole" in job(spool, "P-1").detail
    spool.reprint("P-1")
    reaches(spool, "P-1#2", JobState.PRINTED)
    assert (printer.torn, printer.jobs) == ([theirs], [theirs])


def test_a_bench_killed_after_a_label_left_asks_the_printer_what_became_of_it(
    tmp_path: Path, printer: VirtualPrinter
) -> None:
    path = tmp_path / "spool.db"
    spool = Spool(path, {"printer": open_printer(printer.spec)}, pace=QUICK)
    spool.request("P-1", "label", "1043", OURS)
    # As a process leaves it that is killed right after the last byte has gone.
    assert spool._store.claim("P-1", "printer")
    assert spool._store.transition("P-1", JobState.SENT, "", only_from=(JobState.SENDING,), sent_at=5.0)
    printer.paper_out = True
    open_printer(printer.spec).send(OURS)
    spool.start()
    until(lambda: job(spool, "P-1").detail == "out of labels")
    printer.reload()
    reaches(spool, "P-1", JobState.PRINTED)
    assert printer.jobs == [OURS]
    spool.close()


def test_a_label_caught_inside_is_taken_back_when_its_box_is_parked_and_comes_out_once_when_it_is_resumed(
    printer: VirtualPrinter, spool: Spool
) -> None:
    printer.reload(0)
    spool.request("P-1", "label", "1043", OURS)
    until(lambda: job(spool, "P-1").detail == "out of labels" and job(spool, "P-1").state is JobState.SENT)
    spool.hold("P-1")
    reaches(spool, "P-1", JobState.REQUESTED)
    printer.reload()
    spool.request("P-2", "label", "1044", NEXT)
    reaches(spool, "P-2", JobState.PRINTED)
    assert printer.jobs == [NEXT]
    spool.release("P-1")
    reaches(spool, "P-1", JobState.PRINTED)
    assert printer.jobs == [NEXT, OURS]


def test_with_somebody_elses_label_inside_too_nothing_is_cancelled(printer: VirtualPrinter, spool: Spool) -> None:
    printer.reload(0)
    printer.take(b"^XA^JZY^XZ^XA^FDtheirs^FS^XZ")
    until(lambda: printer.paper_out)
    printer.reload(1)
    spool.request("P-1", "label", "1043", OURS)
    until(lambda: job(spool, "P-1").detail == "out of labels")
    printer.take(b"^XA^FDtheirs too^FS^XZ")
    spool.hold("P-1")
    for _ in range(3):
        asked = spool.printer_status("printer")
        until(lambda asked=asked: spool.printer_status("printer") is not asked, "the next look")  # type: ignore[misc]
    printer.reload()
    reaches(spool, "P-1", JobState.PRINTED)
    assert printer.jobs == [b"^XA^FDtheirs^FS^XZ", OURS, b"^XA^FDtheirs too^FS^XZ"]


class Scripted:
    """A line to a printer that says these things in turn, and how often it was plugged in."""

    def __init__(self, *says: dict[str, bool | int]) -> None:
        self.says, self.plugged, self.cancelled = list(says), 0, False

    def plug_in(self) -> "Scripted":
        self.plugged += 1
        return self

    def state(self) -> None:
        """It has no status byte."""

    def push(self, data: bytes, _seconds: float) -> int:
        self.cancelled = self.cancelled or b"~JA" in data
        return len(data)

    def read(self, _seconds: float) -> bytes:
        said = self.says.pop(0)
        press = Press(paper_out=bool(said.get("out")), _open=b"^XA" if said.get("partial") else b"")
        press.inside.extend([b"label"] * said["inside"])
        return press.host_status()

    def finish(self, _seconds: float) -> None:
        """It has everything."""

    def close(self) -> None:
        """It is plugged in anew next time."""


OURS_ALONE: dict[str, bool | int] = {"out": True, "inside": 1}


@pytest.mark.parametrize(
    ("says", "how"),
    [
        ((OURS_ALONE, {"out": True, "inside": 0}), "taken"),
        # The paper was loaded meanwhile: it may be out, and somebody else's may be cancelled.
        ((OURS_ALONE, {"inside": 0}), "unsure"),
        ((OURS_ALONE, OURS_ALONE), "stays"),
        (({"out": True, "inside": 2},), "stays"),
        (({"out": True, "inside": 1, "partial": True},), "stays"),
        (({"inside": 1},), "stays"),
    ],
)
def test_a_label_is_taken_back_over_one_line_and_only_where_it_is_alone_inside_and_stands(
    says: tuple[dict[str, bool | int], ...], how: str
) -> None:
    line = Scripted(*says)
    printer = TalkingPrinter("zpl", line.plug_in, Settings())
    assert printer.take_back("") == how
    assert (line.plugged, line.says, line.cancelled) == (1, [], len(says) > 1)
