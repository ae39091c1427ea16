"""A queue over IPP: what it takes, what it says of its printer, and what it cannot know."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from printing.printers import PrinterStatus, PrinterUnavailable, ipp, open_printer
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


def test_jobs_that_wait_in_the_queue_are_counted_and_an_empty_queue_is_no_proof_of_paper(
    queue: FakeQueue, spec: str, tmp_path: Path
) -> None:
    queue.waiting = 2
    assert open_printer(spec).status() == PrinterStatus("ready", "2 waiting in the queue", 2)
    queue.waiting = 0
    spool = Spool(tmp_path / "spool.db", {"queue": open_printer(spec)}, pace=Pace(0.01, 0.02, 0.01, 0.01, 0.2, 0.02))
    spool.start()
    spool.request("P-1", "label", "1043", b"^XA^XZ")
    until(lambda: (job := spool.job("P-1")) is not None and job.state is JobState.SENT)
    spool.close()


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
