"""A disk that is full, read-only or dying: nothing is said to be saved that is not, and the bench stops."""

import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason
from station.journal import Journal, JournalFailed
from station.views import Note, StopView
from tests import builders
from tests.bench_floor import OneBench, orders
from tests.fakes import FakeServer, until
from tests.powercut import vfs
from tests.powercut.history import History, Step, watched
from tests.powercut.images import check, cuts

pytestmark = pytest.mark.skipif(not vfs.available(), reason="SQLite is built into this Python: nothing to fail with")

TROUBLES = {
    "the disk is full": ("write", vfs.FULL, "full"),
    "the disk became read-only": ("write", vfs.READONLY, "readonly"),
    "a write fails": ("write", vfs.IOERR_WRITE, "disk I/O error"),
    "a sync fails": ("sync", vfs.IOERR_FSYNC, "disk I/O error"),
}


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    """A disk that does what it is told."""
    disk = History(tmp_path)
    with vfs.on(disk):
        yield disk


def failing(what: str, code: int) -> Callable[[str, str], int]:
    """Refuse this to the journal, and to copies of it on the same disk."""
    return lambda asked, name: code if asked == what and name.startswith("journal.db") else vfs.OK


def after_a_kill(copy: Path) -> list[wire.PackEvent]:
    """What a station would find that is started now, on a copy of the files as every program sees them."""
    copy.mkdir()
    for name in ("journal.db", "journal.db-wal"):
        shutil.copy(copy.parent / name, copy / name)
    journal = Journal(copy / "journal.db")
    try:
        return [entry.event for session in journal.sessions() for entry in session.entries]
    finally:
        journal.close()


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_scan_that_was_not_saved_is_refused_and_stays_refused_after_a_restart(
    tmp_path: Path, history: History, trouble: str
) -> None:
    what, code, words = TROUBLES[trouble]
    with OneBench(tmp_path).open() as floor:
        floor.scan(builders.CANDLE)
        until(lambda: floor.journal.unsent == 0)
        history.refuse = failing(what, code)
        refused = floor.scan(builders.CANDLE)
        assert (refused.reason, refused.detail) == (Reason.STOPPED, Note.JOURNAL)
        assert words in refused.words
        view = floor.bench.view
        assert isinstance(view, StopView)
        assert view.stop.not_counted == ("Candle LAVENDER",)
        assert [e.raw for e in after_a_kill(tmp_path / "now")] == [builders.CANDLE], "one candle, as the screen said"
        assert floor.scan("PPC-OK").reason is Reason.STOPPED, "it still cannot be saved"
        assert [e.raw for e in after_a_kill(tmp_path / "later")] == [builders.CANDLE]
        history.refuse = lambda _what, _name: vfs.OK
        assert floor.scan("PPC-OK").reason is Reason.OK
        assert floor.pack_view.session.counts == (1, 0)
        assert floor.scan(builders.CANDLE).reason is Reason.OK
        until(lambda: floor.journal.unsent == 0)
        assert len(floor.server.log("1043")) == 2


def test_a_bench_whose_disk_takes_nothing_cannot_begin_an_order_of_its_lease(tmp_path: Path, history: History) -> None:
    server = FakeServer([builders.order()])
    server.leased = ["1043"]
    with OneBench(tmp_path, server).sign_in() as floor:
        until(floor.journal.leased, "the lease")
        server.away = True
        until(lambda: floor.bench._link.away)
        history.refuse = failing("sync", vfs.IOERR_FSYNC)
        assert floor.scan("PPO-1043").reason is Reason.STOPPED
        history.refuse = lambda _what, _name: vfs.OK
        assert floor.scan("PPC-OK").reason is Reason.OK
        assert floor.journal.sessions() == ()
        floor.scan("PPO-1043", builders.CANDLE)
        assert floor.pack_view.session.counts == (1, 0)


FULL_AT = 400_000
"""Bytes; room for some dozens of scans."""
UNTIL_FULL = """
import os, resource, sys
from pathlib import Path
from server import wire
from station.journal import Journal, JournalFailed
from tests import builders
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
journal = Journal(Path(sys.argv[1]) / "journal.db")
journal.open_session("s-1", builders.order(), 1.0)
seq = 0
try:
    while True:
        event = wire.PackEvent(seq=seq + 1, at=1.5, kind="scan", person_id=1, raw=builders.CANDLE)
        journal.append("s-1", event, builders.scan(builders.CANDLE))
        seq += 1
except JournalFailed as error:
    print(seq, error, flush=True)
os._exit(0)
"""


def test_a_file_that_may_not_grow_any_more_holds_exactly_what_was_acknowledged(tmp_path: Path) -> None:
    """The limit is the kernel's own, and the program ends with no goodbye."""
    command = [sys.executable, "-c", UNTIL_FULL, str(tmp_path), str(FULL_AT)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    acknowledged, words = said.split(" ", 1)
    assert "journal.db" in words
    journal = Journal(tmp_path / "journal.db")
    assert len(journal.sessions()[0].entries) == int(acknowledged) > 20
    journal.probe()
    journal.close()


def unsteady(history: History, folder: Path, chance: random.Random) -> list[Step]:
    """Scans and marks on a disk whose syncs fail now and then; the bench goes on once it says that it can."""
    server = FakeServer(orders("1043"))
    with watched(history, server):
        journal, seq = Journal(folder / "journal.db"), 0
        journal.open_session("s-1", builders.order(), 1.0)
        for _ in range(60):
            history.refuse = failing("sync", vfs.IOERR_FSYNC) if chance.random() < 0.15 else lambda _w, _n: vfs.OK
            with suppress(JournalFailed):
                event = wire.PackEvent(seq=seq + 1, at=1.5, kind="scan", person_id=1, raw=builders.CANDLE)
                journal.append("s-1", event, builders.scan(builders.CANDLE))
                seq += 1
            if chance.random() < 0.3 and seq:
                history.steps.append(Step("server", "s-1", seq))
                with suppress(JournalFailed):
                    journal.mark_sent("s-1", seq)
            mended = False
            while not mended:
                history.refuse = failing("sync", vfs.IOERR_FSYNC) if chance.random() < 0.3 else lambda _w, _n: vfs.OK
                with suppress(JournalFailed):
                    journal.probe()
                    mended = True
        history.refuse = lambda _what, _name: vfs.OK
        journal.close()
    return history.steps


@pytest.mark.parametrize("seed", range(6))
def test_after_a_sync_that_failed_what_was_lost_with_it_is_written_anew_before_anything_counts(seed: int) -> None:
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        folder = Path(name) / "run"
        folder.mkdir()
        disk = History(folder)
        with vfs.on(disk):
            steps = unsteady(disk, folder, random.Random(seed))
        assert any(step.what == "failed" for step in steps)
        for _, truth, files in cuts(steps, 100, seed):
            check(Path(name), truth, files)
