"""Loaders learn the dock from deploy/docs/dock.md: each command there says what the page says."""

import time
from pathlib import Path

import pytest

from server.usecases.overview.day_end import TITLES
from server.usecases.staff.sheets import AT_DOCK
from tests.doc_pages import DOCS, follow, fresh_book
from tests.tracked import Road

PAGE = (DOCS / "dock.md").read_text(encoding="utf-8")


def test_each_command_of_the_page_says_what_the_page_says_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_book(tmp_path, monkeypatch) as db:
        road = Road(db, at=time.time())
        road.packed("S-1", "1Z999AA10123456784", "1Z999AA10123456785")
        road.packed("S-2", "1Z999AA10123456786")
        assert follow(PAGE, tmp_path) == 5


def test_the_page_explains_every_code_of_the_dock_and_every_kind_of_open_end() -> None:
    assert [words for words, _ in AT_DOCK.values() if words not in PAGE] == []
    assert [title for title in TITLES if title.lower() not in PAGE.lower()] == []
