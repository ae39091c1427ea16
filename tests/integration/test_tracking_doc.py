"""The order desk learns to follow parcels from deploy/docs/tracking.md: each command there says what the page says."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.domain.tracking.alarms import Alarm
from server.domain.tracking.cases import Remedy
from server.domain.tracking.status import Status
from server.domain.tracking.telling import TellAt
from tests.doc_pages import DOCS, follow, fresh_book
from tests.tracked import Road

PAGE = (DOCS / "tracking.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The story of the page: one parcel that was tried at the door, one that waits on a bench."""
    with fresh_book(tmp_path, monkeypatch) as db:
        road = Road(db, at=time.time())
        road.gone("S-1", "1Z999AA10123456784", "1Z999AA10123456785")
        road.packed("S-2", "1Z999AA10123456786")
        road.said("1Z999AA10123456784", "accepted", hours=5)
        road.said("1Z999AA10123456784", "", words="Attempted delivery", where="Bonn")
        road.said("1Z999AA10123456785", "", code="zz", words="Parked in bay 4")
        yield tmp_path


def test_each_command_of_the_page_says_what_the_page_says_it_does(folder: Path) -> None:
    assert follow(PAGE, folder) == 6


@pytest.mark.parametrize("word", [*Status, *Alarm, *Remedy, *TellAt])
def test_the_page_explains_every_word(word: str) -> None:
    assert f"| `{word.value}` |" in PAGE  # type: ignore[attr-defined]
