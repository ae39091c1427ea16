"""The order desk learns the stock book from deploy/docs/stock-book.md: each command there says what the page says."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.domain.masterdata.catalog import Product
from server.usecases.masterdata.catalogue import put_product
from server.usecases.starting.sites import add_channel, add_site
from tests.book import BOSS
from tests.doc_pages import DOCS, follow, fresh_book

PRODUCTS = {
    "CANDLE": "Candle",
    "SOAP": "Soap",
    "SOAP-ROSE": "Rose soap",
    "MUG": "Mug",
    "CREAM": "Cream",
    "SPA": "Spa box",
}


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The fresh book that the page begins with, in the folder where its commands are typed."""
    with fresh_book(tmp_path, monkeypatch) as db:
        add_site(db, BOSS, "EAST", "East warehouse", time_zone="America/New_York")
        add_site(db, BOSS, "WEST", "West warehouse", time_zone="America/Los_Angeles", rank=1)
        for code in ("shop", "portal"):
            add_channel(db, BOSS, code, code.title(), {})
        for sku, name in PRODUCTS.items():
            put_product(db, BOSS, Product(sku, name), [])
        yield tmp_path


def test_each_command_of_the_page_says_what_the_page_says_it_does(book: Path) -> None:
    assert follow((DOCS / "stock-book.md").read_text(encoding="utf-8"), book) > 10


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_every_link_between_the_pages_leads_to_a_heading(page: Path) -> None:
    for name, anchor in re.findall(r"\]\(([\w-]+\.md)(?:#([\w-]+))?\)", page.read_text(encoding="utf-8")):
        headings = re.findall(r"^#+ (.+)$", (DOCS / name).read_text(encoding="utf-8"), re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
        assert not anchor or anchor in anchors, f"{name}#{anchor}"
