"""A person learns to connect a channel from deploy/docs/channels.md: each command there says what the page says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.cli.channels_text import health_lines
from server.domain.masterdata.catalog import Product
from server.simulated.demo.goods import GOODS
from server.simulated.platforms.serve import serving, settings_toml, stocked
from server.usecases.masterdata.catalogue import CodeEntry, put_product
from server.usecases.starting.sites import add_site
from server.usecases.warehouse.counting import count_on_hand
from tests.book import BOSS
from tests.doc_pages import DOCS, follow, fresh_book

PAGE = (DOCS / "channels.md").read_text(encoding="utf-8")


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The demo's goods, and a simulated Shopify as `packproof platforms shopify` runs it."""
    with fresh_book(tmp_path, monkeypatch) as db, serving(["shopify"]) as [shop]:
        add_site(db, BOSS, "PDX", "Portland", time_zone="America/New_York")
        for good in GOODS:
            codes = [CodeEntry(code, units, gtin=code.isdecimal()) for code, units in good.codes.items()]
            put_product(db, BOSS, Product(good.sku, good.name, good.variant), codes)
            count_on_hand(db, BOSS, good.sku, "PDX", good.stock)
        stocked(shop.platform)
        shop.platform.market.tamper("TIN", 9)
        (tmp_path / "platforms-data").mkdir()
        (tmp_path / "platforms-data" / "shopify.toml").write_text(settings_toml(shop.settings), encoding="utf-8")
        yield tmp_path


def test_each_command_of_the_page_says_what_the_page_says_it_does(book: Path) -> None:
    assert follow(PAGE, book) == 4


def test_the_page_shows_the_columns_that_are_printed() -> None:
    [head] = health_lines([], 0.0)
    assert head in PAGE


@pytest.mark.parametrize("state", ["not live", "paused", "denied", "failing", "parked", "late", "healthy"])
def test_the_page_explains_every_state(state: str) -> None:
    assert f"| {state} |" in PAGE
