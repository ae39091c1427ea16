"""Pages of deploy/docs whose commands are typed as they stand there, in a fresh book."""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli.group import packproof
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database

DOCS = Path(__file__).parents[1] / "deploy" / "docs"
_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_DIFFERS = (
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d| E[SD]T)"), "TIME"),
    (re.compile(r"\b\d\d [A-Z][a-z]{2} \d\d:\d\d [A-Z+-][A-Z0-9]+ *"), "TIME "),
    (re.compile(r"\bcli:[\w.-]+ *"), "cli:you "),
    (re.compile(r"^whole: \d+ events in \d+ batches"), "whole: EVENTS"),
    (re.compile(r"^head \d+:[0-9a-f]{64}$"), "head HASH"),
    (re.compile(r"\bPP[BJ]\S+"), "CODE"),
    (re.compile(r"\b\d{4}-\d\d-\d\d\b"), "DAY"),
)
"""What differs from run to run: when, who sits at the terminal, how much was recorded, and secrets."""


@contextmanager
def fresh_book(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The empty book of a page, and ``folder`` as the place where its commands are typed."""
    (folder / "server.toml").write_text(f'data_dir = "{folder}"\n', encoding="utf-8")
    patch.setenv("PACKPROOF_CONFIG", str(folder / "server.toml"))
    patch.chdir(folder)
    db = Database(open_engine(f"sqlite:///{folder / 'packproof.db'}"))
    migrate(db.engine)
    yield db
    db.engine.dispose()


def follow(page: str, folder: Path, answers: str = "") -> int:
    """Do what the page says from top to bottom, in ``folder``; how many blocks of commands said what is written there.

    ``answers`` is typed to every command that asks.
    """
    shown = 0
    for kind, name, text in _BLOCK.findall(page):
        if name:
            (folder / name).write_text(text, encoding="utf-8")
        if kind == "console":
            assert _plain(_typed(text, answers)) == _plain(text.splitlines())
            shown += 1
    return shown


def _typed(block: str, answers: str) -> Iterator[str]:
    for line in block.splitlines():
        if line.startswith("$ packproof "):
            answer = CliRunner().invoke(packproof, shlex.split(line)[2:], input=answers)
            assert answer.exception is None or isinstance(answer.exception, SystemExit), line
            yield line
            yield from answer.output.splitlines()


def _plain(lines: Iterable[str]) -> Sequence[str]:
    return [_without_what_differs(line.rstrip()) for line in lines]


def _without_what_differs(line: str) -> str:
    for pattern, word in _DIFFERS:
        line = pattern.sub(word, line)
    return line
