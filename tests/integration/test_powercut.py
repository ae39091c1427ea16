"""The power goes at any moment of a shift: no acknowledged scan is lost, and none is there that was not shown."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.store import Store
from tests.powercut import vfs
from tests.powercut.history import Step, recorded
from tests.powercut.images import Truth, check, cuts

IMAGES = 2_000
MEMORY = Path("/dev/shm")

pytestmark = pytest.mark.skipif(not vfs.available(), reason="SQLite is built into this Python: nothing to record with")


@pytest.fixture
def folder() -> Iterator[Path]:
    """In memory where there is such a folder: the images are opened, not kept."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        yield Path(name)


def cut(folder: Path, steps: list[Step], images: int, seed: int) -> None:
    for moment, truth, files in cuts(steps, images, seed):
        try:
            check(folder, truth, files)
        except AssertionError as error:
            raise AssertionError(f"cut after step {moment} of seed {seed}: {error}") from error


def test_no_power_cut_loses_an_acknowledged_scan_or_makes_one_up(folder: Path) -> None:
    steps = recorded(folder / "run", 1)
    assert sum(step.what == "ack" for step in steps) > 60
    cut(folder, steps, IMAGES, 1)


def test_a_journal_that_does_not_sync_would_be_found_out(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = Store._transact
    monkeypatch.setattr(Store, "_transact", lambda self, statements, durable: honest(self, statements, durable=False))
    steps = recorded(folder / "run", 1, boxes=4)
    with pytest.raises(AssertionError, match="acknowledged and gone"):
        cut(folder, steps, 300, 1)


def test_a_scan_nobody_made_and_a_mark_nobody_earned_would_be_found_out(folder: Path) -> None:
    steps = recorded(folder / "run", 2, boxes=2)
    truth = Truth()
    for step in steps:
        truth.take(step)
    files = {name: bytes(file.durable or b"") for name, file in truth.files.items() if file.durable is not None}
    check(folder, truth, files)
    key = max(truth.begun)
    made = truth.begun.pop(key)
    truth.acknowledged.discard(key)
    for session in truth.at_server:
        truth.at_server[session] = 0
    with pytest.raises(AssertionError):
        check(folder, truth, files)
    assert made
