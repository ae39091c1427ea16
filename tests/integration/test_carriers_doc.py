"""A person learns to keep carriers from deploy/docs/carriers.md: each command there says what the page says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.carriers import providers
from server.simulated.carriers.easypost import SimulatedEasyPost
from server.simulated.platforms.serve import serve_one, settings_toml
from server.usecases.starting.sites import add_site
from tests.book import BOSS
from tests.doc_pages import DOCS, follow, fresh_book

PAGE = (DOCS / "carriers.md").read_text(encoding="utf-8")
HOME = {"lines": ["1 Dock Road"], "city": "Portland", "region": "OR", "postcode": "97201", "country": "US"}


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A site in Portland, and a simulated EasyPost as `packproof carriers simulate` runs it."""
    with fresh_book(tmp_path, monkeypatch) as db:
        add_site(db, BOSS, "PDX", "Portland", address=HOME)
        served = serve_one(SimulatedEasyPost(db.now))
        try:
            (tmp_path / "carriers-data").mkdir()
            path = tmp_path / "carriers-data" / "easypost.toml"
            path.write_text(settings_toml(served.settings), encoding="utf-8")
            yield tmp_path
        finally:
            served.stop()


def test_each_command_of_the_page_says_what_the_page_says_it_does(book: Path) -> None:
    assert follow(PAGE, book) == 3


def test_the_page_says_of_every_provider_what_works_without_internet() -> None:
    table = PAGE.split("| what still works without internet |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(providers())
