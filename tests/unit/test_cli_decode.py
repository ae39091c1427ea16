"""`packproof decode` says what a barcode means, for people and for machines."""

import json

import pytest
from click.testing import CliRunner

from server.cli.group import packproof
from server.domain.benchwork.scans import Command
from server.reading import command_code


def decode(*arguments: str, stdin: str | None = None) -> list[dict[str, str]]:
    answer = CliRunner().invoke(packproof, ["decode", "--json", *arguments], input=stdin)
    assert answer.exit_code == 0, answer.output
    return [json.loads(line) for line in answer.output.splitlines()]


def test_a_product_number_is_told_in_its_normal_form() -> None:
    assert decode("4006381333931") == [{"text": "4006381333931", "gtin": "04006381333931"}]


@pytest.mark.parametrize("separator", ["<GS>", "\\x1d", "\x1d", "{gs}"])
def test_the_separator_may_be_written_or_real(separator: str) -> None:
    [found] = decode(f"]C101040063813339311727013110A1{separator}21S9")
    assert (found["lot"], found["serial"], found["expiry"]) == ("A1", "S9", "2027-01-31")
    assert found["symbology"] == "]C1 GS1-128"


def test_a_wrong_check_digit_is_called_doubtful() -> None:
    [found] = decode("4006381333932")
    assert "check digit" in found["bad_read"]


def test_codes_come_from_standard_input_one_a_line() -> None:
    found = decode("-", stdin="PPC-DOCK\nPPO-1001\r\nPPL-own-van\nPPX-M\n")
    assert [list(f.items())[-1] for f in found] == [
        ("command", "dock"),
        ("order", "1001"),
        ("lane", "OWN-VAN"),
        ("box_type", "M"),
    ]


@pytest.mark.parametrize("command", Command)
def test_every_command_code_of_the_product_is_understood(command: Command) -> None:
    assert decode(command_code(command))[0]["command"] == command.value


def test_a_badge_is_recognised_and_an_unknown_text_is_the_shops_own_code() -> None:
    badge, own = decode("PPB-ANA-01", "euc16")
    assert "digest" in badge["badge"]
    assert own == {"text": "euc16", "code": "EUC16"}


def test_control_characters_of_a_code_do_not_reach_the_terminal() -> None:
    shown = CliRunner().invoke(packproof, ["decode", "\x1b[2JABC", "(10)A\x1dB"]).output
    assert "\x1b" not in shown
    assert "\x1d" not in shown
    assert "<GS>" in shown
