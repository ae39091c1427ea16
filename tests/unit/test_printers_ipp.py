"""A queue over IPP: what it takes, what it says of its printer, and what it cannot know."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing.printers import Follows, PrinterStatus, PrinterUnavailable, Settings, ipp, open_printer
from printing.spool import JobState, Pace, Spool
from tests.fake_queue import FakeQueue
from tests.fakes import until


@pytest.fixture
def queue() -> FakeQueue:
    return FakeQueue()


@pytest.fixture
def spec(queue: FakeQueue) -> Iterator[str]:
    with queue.listening() as spec:
        yield spec


@pytest.mark.parametrize(("language", "called"), [("zpl", "application/vnd.cups-raw"), ("pdf", "application/pdf")])
def test_a_job_arrives_whole_and_called_what_it_is(queue: FakeQueue, spec: str, language: str, called: str) -> None:
    open_printer(f"{spec}?language={language}").send(b"^XA\x03\x00\xff^XZ")
    assert (queue.jobs, queue.formats) == ([b"^XA\x03\x00\xff^XZ"], [called])


@pytest.mark.parametrize(
    ("state", "reasons", "said"),
    [
        (3, ("none",), PrinterStatus("ready", "")),
        (4, ("toner-low-report",), PrinterStatus("ready", "")),
        (5, ("paused",), PrinterStatus("attention", "paused", 0)),
        (5, ("none",), PrinterStatus("attention", "paused", 0)),
        (5, ("media-empty-error", "media-needed"), PrinterStatus("attention", "out of labels", 0)),
        (3, ("cover-open", "marker-supply-empty-error"), PrinterStatus("attention", "cover open, out of ribbon", 0)),
        (4, ("connecting-to-device",), PrinterStatus("attention", "cannot be reached", 0)),
        (3, ("spool-area-full",), PrinterStatus("attention", "memory full", 0)),
    ],
)
def test_what_the_queue_says_of_its_printer_is_said_to_the_packer(
    queue: FakeQueue, spec: str, state: int, reasons: tuple[str, ...], said: PrinterStatus
) -> None:
    queue.state, queue.reasons = state, reasons
    assert open_printer(spec).status() == said


def test_a_queue_that_takes_no_jobs_or_is_none_needs_a_look(queue: FakeQueue, spec: str) -> None:
    queue.accepting = False
    assert open_printer(spec).status() == PrinterStatus("attention", "stopped with an error", 0)
    elsewhere = open_printer(spec.replace("bench", "nobody"))
    assert elsewhere.status() == PrinterStatus("attention", "answers strangely: HTTP 404 for /printers/nobody")


def test_jobs_that_wait_in_the_queue_are_counted(queue: FakeQueue, spec: str) -> None:
    queue.waiting = 2
    assert open_printer(spec).status() == PrinterStatus("ready", "2 waiting in the queue", 2)


@contextmanager
def spool_of(folder: Path, spec: str) -> Iterator[Spool]:
    """A spool that prints in this queue."""
    pace = Pace(0.01, 0.02, 0.01, 0.01, 0.2, 0.02)
    with closing(Spool(folder / "spool.db", {"queue": open_printer(spec)}, pace=pace)) as spool:
        spool.start()
        yield spool


def reaches(spool: Spool, state: JobState, detail: str = "") -> None:
    until(lambda: (job := spool.job("P-1")) is not None and (job.state, job.detail) == (state, detail), str(state))


def is_left(spool: Spool, state: JobState) -> None:
    """How it stands when the next one has left: one job of a printer at a time is waited for."""
    spool.request("P-2", "label", "1044", b"^XA^XZ")
    until(lambda: (job := spool.job("P-2")) is not None and job.sent_at is not None, "the next one")
    reaches(spool, state)


@pytest.mark.parametrize("device", ["", "ipp://printer/ipp/print", "dnssd://Office._ipps._tcp.local/"])
def test_what_a_printer_itself_calls_completed_lies_in_its_tray(
    queue: FakeQueue, spec: str, tmp_path: Path, device: str
) -> None:
    queue.device = device
    with spool_of(tmp_path, spec) as spool:
        spool.request("P-1", "label", "1043", b"^XA^XZ")
        reaches(spool, JobState.PRINTED)


@pytest.mark.parametrize(
    ("device", "reasons"),
    [
        ("usb://Zebra/ZD421", "job-completed-successfully"),
        ("socket://10.0.0.7", "none"),
        ("", "queued-in-device"),
        ("ipp://printserver.local:631/printers/Zebra_USB", "none"),
        ("https://printserver.local/classes/labels", "none"),
        ("dnssd://Zebra%20%40%20printserver._ipp._tcp.local/cups?uuid=1", "none"),
    ],
)
def test_a_queue_that_has_passed_the_bytes_on_is_no_proof_of_paper(
    queue: FakeQueue, spec: str, tmp_path: Path, device: str, reasons: str
) -> None:
    queue.device, queue.job_reasons = device, reasons
    with spool_of(tmp_path, spec) as spool:
        spool.request("P-1", "label", "1043", b"^XA^XZ")
        is_left(spool, JobState.SENT)


@pytest.mark.parametrize("given_up", [7, 8])
def test_a_job_the_queue_gave_up_is_looked_for_and_never_taken_for_paper(
    queue: FakeQueue, spec: str, tmp_path: Path, given_up: int
) -> None:
    queue.job_state = given_up
    with spool_of(tmp_path, spec) as spool:
        spool.request("P-1", "label", "1043", b"^XA^XZ")
        reaches(spool, JobState.UNCERTAIN, "the printer gave it up: look whether it came out")


def test_a_job_stuck_in_the_queue_is_followed_over_a_restart_and_an_outage_until_it_is_out(
    queue: FakeQueue, spec: str, tmp_path: Path
) -> None:
    queue.job_state = 5
    with spool_of(tmp_path, spec) as spool:
        spool.request("P-1", "label", "1043", b"^XA^XZ")
        reaches(spool, JobState.SENT, "taken and not printed yet")
    with spool_of(tmp_path, spec) as spool:
        queue.loses_answers = True
        until(lambda: (said := spool.printer_status("queue")) is not None and said.state == "offline", "the outage")
        queue.job_state, queue.loses_answers = 9, False
        reaches(spool, JobState.PRINTED)
    assert len(queue.jobs) == 1


def test_a_parked_boxs_job_is_taken_out_of_the_queue_before_it_begins_and_prints_once_later(
    queue: FakeQueue, spec: str, tmp_path: Path
) -> None:
    queue.job_state = 3
    with spool_of(tmp_path, spec) as spool:
        spool.request("P-1", "label", "1043", b"^XA^XZ")
        reaches(spool, JobState.SENT, "taken and not printed yet")
        spool.hold("P-1")
        reaches(spool, JobState.REQUESTED)
        assert queue.cancelled == [1]
        queue.job_state = 9
        spool.release("P-1")
        reaches(spool, JobState.PRINTED)
    assert len(queue.jobs) == 2


def test_a_job_that_has_begun_is_not_taken_back_for_a_part_may_be_on_paper(queue: FakeQueue, spec: str) -> None:
    printer = open_printer(spec)
    ticket = printer.send(b"^XA^XZ")
    assert ticket == "1" and isinstance(printer, Follows)
    queue.job_state = 5
    assert (printer.take_back(ticket), queue.cancelled) == ("stays", [])
    queue.job_state, queue.begins_meanwhile = 3, True
    assert (printer.take_back(ticket), queue.cancelled) == ("unsure", [1])
    queue.forgets_jobs = True
    assert (printer.take_back(ticket), printer.fate(ticket)) == ("stays", "forgotten")


def test_a_stuck_job_that_somebody_removed_from_the_queue_is_looked_for(
    queue: FakeQueue, spec: str, tmp_path: Path
) -> None:
    queue.job_state = 5
    with spool_of(tmp_path, spec) as spool:
        spool.request("P-1", "label", "1043", b"^XA^XZ")
        reaches(spool, JobState.SENT, "taken and not printed yet")
        queue.forgets_jobs = True
        until(lambda: (job := spool.job("P-1")) is not None and job.state is JobState.UNCERTAIN, "a person's look")


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_answer_about_a_job_is_an_exception_or_proof_of_paper(noise: bytes, cut: int) -> None:
    queue = FakeQueue(jobs=[b"x"])
    whole = queue.answer(ipp.request(0x0009, [(0x21, "job-id", (1).to_bytes(4, "big"))]))
    for body in (noise, whole[:8] + noise, whole[: cut % len(whole)] + noise):
        printer = ipp.QueuePrinter("127.0.0.1", 1, "/x", Settings())
        with patch.object(ipp.QueuePrinter, "_call", lambda *_asked, said=body: ipp.Answer(said)):
            assert printer.fate("1") in ("printed", "gone", "waits", "unknown", "forgotten")
            assert printer.take_back("1") in ("stays", "unsure")
    with patch.object(ipp.QueuePrinter, "_call", lambda *_asked: ipp.Answer(noise)):
        assert printer.fate("1") != "printed"


def test_a_refused_job_can_be_tried_again_and_a_lost_answer_cannot(queue: FakeQueue, spec: str) -> None:
    queue.refuses = 0x0506
    with pytest.raises(PrinterUnavailable, match="refused the job") as refused:
        open_printer(spec).send(b"x")
    assert (refused.value.sent_bytes, queue.jobs) == ("nothing", [])
    queue.refuses, queue.loses_answers = 0, True
    with pytest.raises(PrinterUnavailable) as lost:
        open_printer(spec).send(b"x")
    assert (lost.value.sent_bytes, queue.jobs) == ("all", [b"x"])


def test_a_queue_out_of_reach_is_offline_and_nothing_was_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    gone = open_printer(f"ipp:127.0.0.1:{port}/printers/x")
    assert gone.status().state == "offline"
    assert gone.status().detail == f"ipp:127.0.0.1:{port}/printers/x cannot be reached: Connection refused"
    with pytest.raises(PrinterUnavailable) as refused:
        gone.send(b"x")
    assert refused.value.sent_bytes == "nothing"


def test_an_answer_cut_off_anywhere_is_never_ready(queue: FakeQueue, spec: str) -> None:
    whole = queue.answer(ipp.request(0x000B, []))
    for length in range(1, len(whole)):
        with pytest.raises(ValueError, match="cut off"):
            ipp.Answer(whole[:length])
    queue.garbled = whole[:-5]
    assert open_printer(spec).status().state == "attention"
