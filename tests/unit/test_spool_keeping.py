"""What the spool keeps, for how long, and what becomes of a file of an older version."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from printing.printers import Printer, PrinterStatus
from printing.spool import BYTES_KEPT_SECONDS, JOBS_KEPT_SECONDS, JobState, Pace, Spool
from tests.fakes import until

QUICK = Pace(0.01, 0.02, 0.01, 0.01, 0.2, 0.02)
SECRET = b"^XA^FDMargaret Whitfield^FS^XZ"
FIRST_FILE = """
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY, job_id TEXT NOT NULL UNIQUE, original TEXT NOT NULL, kind TEXT NOT NULL,
    reference TEXT NOT NULL, state TEXT NOT NULL, held INTEGER NOT NULL DEFAULT 0, attempts INTEGER NOT NULL DEFAULT 0,
    detail TEXT NOT NULL DEFAULT '', requested_at REAL NOT NULL, sent_at REAL, data BLOB
);
CREATE INDEX jobs_by_state ON jobs (state, number);
CREATE INDEX jobs_by_reference ON jobs (reference);
CREATE INDEX jobs_by_original ON jobs (original);
"""


class Paper:
    """A printer that takes everything and tells what it is set to tell."""

    def __init__(self) -> None:
        self.name, self.says = "paper", PrinterStatus("ready", "", 0, False)
        self.jobs: list[bytes] = []
        self.forgot: list[bytes] = []

    def status(self) -> PrinterStatus:
        return self.says

    def send(self, data: bytes) -> None:
        self.jobs.append(data)

    def recover(self, torn: bytes) -> None:
        self.forgot.append(torn)


class Shelf:
    """One file, opened at any time of any day."""

    def __init__(self, path: Path, opened: ExitStack) -> None:
        self.path, self.paper, self._opened = path, Paper(), opened
        self.now = 1_700_000_000.0

    def open(self, printers: dict[str, Printer] | None = None) -> Spool:
        spool = Spool(self.path, printers or {"printer 1": self.paper}, pace=QUICK, clock=lambda: self.now)
        self._opened.callback(spool.close)
        spool.start()
        return spool

    @property
    def names_the_buyer(self) -> bool:
        files = self.path.parent.glob(f"{self.path.name}*")
        return any(b"Margaret" in file.read_bytes() for file in files)


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    with ExitStack() as opened:
        yield Shelf(tmp_path / "spool.db", opened)


def in_state(spool: Spool, job_id: str, state: JobState) -> None:
    until(lambda: (job := spool.job(job_id)) is not None and job.state is state, f"{job_id} {state}")


def test_an_applied_label_can_be_reprinted_the_same_day_and_two_days_later_its_address_is_gone(shelf: Shelf) -> None:
    spool = shelf.open()
    spool.request("P1", "label", "7", SECRET)
    in_state(spool, "P1", JobState.PRINTED)
    spool.applied("P1")
    spool.close()
    shelf.now += 86_400
    spool = shelf.open()
    assert spool.reprint("P1").job_id == "P1#2"
    in_state(spool, "P1#2", JobState.PRINTED)
    spool.close()
    assert shelf.names_the_buyer
    shelf.now += BYTES_KEPT_SECONDS + 1
    spool = shelf.open()
    until(lambda: not shelf.names_the_buyer, "the address to go")
    assert not spool.keeps("P1")
    assert spool.request("P1", "label", "7", SECRET).state is JobState.APPLIED
    assert shelf.paper.jobs == [SECRET, SECRET]
    fresh = spool.reprint("P1", data=b"^XA^FDdrawn anew^FS^XZ")
    in_state(spool, fresh.job_id, JobState.PRINTED)


def test_what_has_not_left_is_kept_however_old_it_is(shelf: Shelf) -> None:
    shelf.paper.says = PrinterStatus("attention", "out of labels", 0, False)
    spool = shelf.open()
    spool.request("waits", "label", "7", SECRET)
    spool.request("held", "label", "8", SECRET)
    spool.hold("held")
    spool.close()
    shelf.now += 2 * JOBS_KEPT_SECONDS
    shelf.paper.says = PrinterStatus("ready", "", 0, False)
    spool = shelf.open()
    in_state(spool, "waits", JobState.PRINTED)
    spool.release("held")
    in_state(spool, "held", JobState.PRINTED)


def test_a_label_caught_in_a_printer_or_torn_on_its_way_in_keeps_its_bytes(shelf: Shelf) -> None:
    spool = shelf.open()
    for job_id in ("caught", "torn"):
        spool.request(job_id, "label", job_id, SECRET)
        in_state(spool, job_id, JobState.PRINTED)
    spool.close()
    with sqlite3.connect(shelf.path) as file:
        file.execute("UPDATE jobs SET state = 'sent', detail = 'out of labels' WHERE job_id = 'caught'")
        file.execute("INSERT INTO torn VALUES ('printer 1', 'torn')")
    file.close()
    shelf.now += 2 * JOBS_KEPT_SECONDS
    shelf.paper.says = PrinterStatus("attention", "out of labels", 2, True)
    spool = shelf.open()
    until(lambda: spool.printer_status("printer 1") is not None, "the printer's word")
    assert spool.keeps("caught")
    assert spool.keeps("torn")


def test_after_three_months_a_job_is_forgotten_with_its_copies_and_not_before_them(shelf: Shelf) -> None:
    spool = shelf.open()
    for job_id in ("old", "copied"):
        spool.request(job_id, "label", job_id, SECRET)
        in_state(spool, job_id, JobState.PRINTED)
    spool.close()
    shelf.now += JOBS_KEPT_SECONDS - 60
    spool = shelf.open()
    in_state(spool, spool.reprint("copied", data=SECRET).job_id, JobState.PRINTED)
    spool.close()
    shelf.now += 120
    spool = shelf.open()
    until(lambda: spool.job("old") is None, "the old job to go")
    assert spool.job("copied") is not None
    assert spool.reprint("copied", data=SECRET).job_id == "copied#3"


@pytest.mark.parametrize("killed_in", ["requested", "held", "sending", "sent", "printed", "applied", "uncertain"])
def test_a_file_of_the_first_version_opens_and_its_unsent_labels_print_once(shelf: Shelf, killed_in: str) -> None:
    state, held = ("requested", 1) if killed_in == "held" else (killed_in, 0)
    with sqlite3.connect(shelf.path) as file:
        file.executescript(FIRST_FILE)
        row = ("P1", "P1", "label", "7", state, held, shelf.now, None if state == "requested" else shelf.now, SECRET)
        file.execute(
            "INSERT INTO jobs (job_id, original, kind, reference, state, held, requested_at, sent_at, data)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
    file.close()
    spool = shelf.open()
    spool.request("P2", "label", "8", b"next")
    in_state(spool, "P2", JobState.PRINTED)
    after = {"requested": "printed", "held": "requested", "sending": "uncertain", "sent": "printed"}
    in_state(spool, "P1", JobState(after.get(killed_in, killed_in)))
    assert shelf.paper.jobs == ([SECRET, b"next"] if killed_in == "requested" else [b"next"])
    assert spool.release("P1").printer == "printer 1"
    if killed_in == "held":
        in_state(spool, "P1", JobState.PRINTED)


def test_what_waits_for_a_printer_that_is_gone_goes_where_somebody_says_or_says_so_itself(shelf: Shelf) -> None:
    shelf.paper.says = PrinterStatus("attention", "out of labels", 0, False)
    spool = shelf.open()
    for job_id in ("one", "two"):
        spool.request(job_id, "label", job_id, SECRET)
    spool.close()
    left, right = Paper(), Paper()
    spool = Spool(shelf.path, {"left": left, "right": right}, pace=QUICK, clock=lambda: shelf.now)
    spool.start(lambda job, data: "right" if (job.job_id, data) == ("one", SECRET) else "")
    in_state(spool, "one", JobState.PRINTED)
    in_state(spool, "two", JobState.FAILED)
    told = spool.job("two")
    spool.close()
    assert told is not None
    assert "no longer set up" in told.detail
    assert (left.jobs, right.jobs) == ([], [SECRET])
