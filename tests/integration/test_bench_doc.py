"""A supervisor sets up benches from deploy/docs/bench.md: each command there says what the page says."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.domain.benchwork.scans import Command, Trouble
from server.domain.booking.life import DELIVERY_DAYS
from server.domain.masterdata.catalog import Product
from server.domain.packing.corrections import CONFIRM_SECONDS
from server.domain.packing.order import Mode
from server.domain.people import LANGUAGES, Role, Theme
from server.usecases.benchwork.leases import LEASE_SECONDS, USUAL_ORDERS
from server.usecases.benchwork.taking_over import IDLE_SECONDS
from server.usecases.benchwork.wants import TEXT_MAX
from server.usecases.masterdata.catalogue import put_product
from server.usecases.staff.sheets import APART, AT_BENCH
from server.usecases.starting.sites import add_channel, add_site
from station.config import StationConfig
from station.desks.pins import LOCK_SECONDS, TRIES_MAX
from tests.book import BOSS
from tests.doc_pages import DOCS, follow, fresh_book

PAGE = (DOCS / "bench.md").read_text(encoding="utf-8")


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The fresh book that the page begins with, in the folder where its commands are typed."""
    with fresh_book(tmp_path, monkeypatch) as db:
        add_site(db, BOSS, "EAST", "East warehouse", time_zone="America/New_York")
        add_channel(db, BOSS, "shop", "Shop", {})
        for sku in ("SOAP", "LAMP", "CREAM", "ACETONE"):
            put_product(db, BOSS, Product(sku, sku.title()), [])
        yield tmp_path


def test_each_command_of_the_page_says_what_the_page_says_it_does(book: Path) -> None:
    assert follow(PAGE, book, answers="4711\n4711\n") == 9


def test_the_page_names_every_code_role_mode_language_and_theme() -> None:
    codes = [name for name, _ in (*AT_BENCH.values(), *APART.values())]
    assert [name for name in codes if name not in PAGE] == []
    assert [t.value for t in Trouble if t.value not in PAGE] == []
    words = (*Mode, *(r for r in Role if r not in (Role.DESK, Role.ADMIN)), *LANGUAGES, *Theme)
    assert [str(word) for word in words if f"`{word}`" not in PAGE] == []
    assert Command.HELP in AT_BENCH


def test_the_numbers_of_the_page_are_those_of_the_rules() -> None:
    assert (USUAL_ORDERS, LEASE_SECONDS / 86_400, IDLE_SECONDS / 60) == (20, 4, 5)
    assert (TRIES_MAX, LOCK_SECONDS, StationConfig().idle_minutes, TEXT_MAX) == (5, 60, 30, 1000)
    assert (DELIVERY_DAYS, CONFIRM_SECONDS) == (7, 1)
    for said in (
        "next 20 orders whole, for four days",
        "nothing scanned for 5 minutes",
        "Five wrong PINs lock a person out of that bench for a minute",
        "After 30 minutes without a scan",
        "or 7 days after it ships",
        "UNDO again after a second",
    ):
        assert said in PAGE
