"""The printed command sheet: everything is on it, eight codes within reach, the dangerous ones apart."""

import pytest

from server.domain.benchwork.scans import Command, Trouble
from server.domain.masterdata.catalog import Catalog
from server.reading import PREFIXES, is_site_code, read
from server.usecases.staff import sheets
from station.wording import say


def test_every_command_is_printed_once() -> None:
    printed = [*sheets.AT_BENCH, *sheets.APART, *sheets.COMING, *sheets.AT_DOCK, *sheets.GOODS]
    assert sorted(printed) == sorted(Command)


def test_at_most_eight_lie_on_the_bench_and_the_dangerous_ones_lie_apart() -> None:
    assert len(sheets.AT_BENCH) <= 8
    assert not {Command.EMPTY, Command.HOLD, Command.TAKE_OVER, Command.FORCE, Command.ATTACH} & set(sheets.AT_BENCH)


@pytest.mark.parametrize("code", [code for group in sheets.commands() for code in group.codes], ids=lambda c: c.caption)
def test_every_printed_code_means_what_stands_beside_it_and_can_be_no_product(code: object) -> None:
    text, caption = code.text, code.caption  # type: ignore[attr-defined]
    scan = read(text, Catalog(), at=0.0)
    assert scan.command is not None or scan.trouble is not None
    meant = scan.command.name.replace("_", " ") if scan.command else scan.trouble.name  # type: ignore[union-attr]
    assert caption == meant
    assert text.startswith(PREFIXES) and is_site_code(text)


def test_the_problem_list_has_every_trouble() -> None:
    assert len(sheets.problems().codes) == len(Trouble)


def test_the_help_has_words_for_every_command() -> None:
    assert set(say.HELP_CODES) == set(Command)
    assert all(len(words) <= 60 for words in say.HELP_CODES.values())


def test_every_digit_is_printed_for_whoever_has_no_keyboard() -> None:
    codes = sheets.numbers().codes
    assert [code.caption for code in codes] == list("0123456789")
    assert [read(code.text, Catalog(), at=0.0).quantity for code in codes] == list("0123456789")
    assert all(is_site_code(code.text) for code in codes)
