"""The order desk learns the stock book from deploy/docs/stock-book.md: each command there says what the page says."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli.group import packproof
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.domain.masterdata.catalog import Product
from server.usecases.masterdata.catalogue import put_product
from server.usecases.starting.sites import add_channel, add_site
from tests.book import BOSS

DOCS = Path(__file__).parents[2] / "deploy" / "docs"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCKS = BLOCK.findall((DOCS / "stock-book.md").read_text(encoding="utf-8"))
PRODUCTS = {
    "CANDLE": "Candle",
    "SOAP": "Soap",
    "SOAP-ROSE": "Rose soap",
    "MUG": "Mug",
    "CREAM": "Cream",
    "SPA": "Spa box",
}
MOMENTS = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d| E[SD]T)"), "TIME"),
    (re.compile(r"\b\d\d [A-Z][a-z]{2} \d\d:\d\d [A-Z+-][A-Z0-9]+ *"), "TIME "),
    (re.compile(r"\bcli:[\w.-]+ *"), "cli:you "),
    (re.compile(r"^whole: \d+ events in \d+ batches"), "whole: EVENTS"),
    (re.compile(r"^head \d+:[0-9a-f]{64}$"), "head HASH"),
)
"""What differs from run to run: when, who sits at the terminal, and how much was recorded."""


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The fresh book that the page begins with, in the folder where its commands are typed."""
    (tmp_path / "server.toml").write_text(f'data_dir = "{tmp_path}"\n', encoding="utf-8")
    monkeypatch.setenv("PACKPROOF_CONFIG", str(tmp_path / "server.toml"))
    monkeypatch.chdir(tmp_path)
    db = Database(open_engine(f"sqlite:///{tmp_path / 'packproof.db'}"))
    migrate(db.engine)
    add_site(db, BOSS, "EAST", "East warehouse", time_zone="America/New_York")
    add_site(db, BOSS, "WEST", "West warehouse", time_zone="America/Los_Angeles", rank=1)
    for code in ("shop", "portal"):
        add_channel(db, BOSS, code, code.title(), {})
    for sku, name in PRODUCTS.items():
        put_product(db, BOSS, Product(sku, name), [])
    yield tmp_path
    db.engine.dispose()


def masked(lines: list[str]) -> list[str]:
    """The lines without what differs from run to run."""
    for pattern, word in MOMENTS:
        lines = [pattern.sub(word, line.rstrip()) for line in lines]
    return lines


def typed(block: str) -> Iterator[str]:
    """Each command of a block, followed by what it says."""
    for line in block.splitlines():
        if not line.startswith("$ packproof "):
            continue
        answer = CliRunner().invoke(packproof, shlex.split(line)[2:])
        assert answer.exception is None or isinstance(answer.exception, SystemExit), line
        yield line
        yield from answer.output.splitlines()


def test_each_command_of_the_page_says_what_the_page_says_it_does(book: Path) -> None:
    shown = 0
    for kind, name, text in BLOCKS:
        if name:
            (book / name).write_text(text, encoding="utf-8")
        if kind == "console":
            assert masked(list(typed(text))) == masked(text.splitlines())
            shown += 1
    assert shown > 10


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_every_link_between_the_pages_leads_to_a_heading(page: Path) -> None:
    for name, anchor in re.findall(r"\]\(([\w-]+\.md)(?:#([\w-]+))?\)", page.read_text(encoding="utf-8")):
        headings = re.findall(r"^#+ (.+)$", (DOCS / name).read_text(encoding="utf-8"), re.MULTILINE)
        anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
        assert not anchor or anchor in anchors, f"{name}#{anchor}"
