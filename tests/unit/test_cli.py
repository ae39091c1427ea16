"""The commands say what they do, refuse in one sentence, and do not make people wait."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy.exc import OperationalError

from server.cli.group import SECTIONS, packproof
from server.cli.refusal import one_line, refusal
from server.domain.errors import DomainError, Unavailable

ROOT = Path(__file__).parents[2]


def walk(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from walk(inner, (*path, name))


COMMANDS = list(walk(packproof))


@pytest.mark.parametrize("path", [path for path, _ in COMMANDS], ids=" ".join)
def test_every_command_has_help_that_says_what_it_does(path: tuple[str, ...]) -> None:
    answer = CliRunner().invoke(packproof, [*path, "--help"], prog_name="packproof")
    assert answer.exit_code == 0, answer.output
    usage, _, told = answer.output.partition("\n\n")
    assert usage.startswith(f"Usage: {' '.join(('packproof', *path))}")
    assert told.strip()[0].isupper()


def test_a_text_in_another_encoding_is_refused_in_one_sentence() -> None:
    refused = refusal(UnicodeEncodeError("utf-8", "\udcff", 0, 1, "surrogates not allowed"))
    assert refused is not None
    assert "UTF-8" in refused.message


def test_a_number_that_no_incident_can_have_is_refused_before_the_database_is_asked() -> None:
    answer = CliRunner().invoke(packproof, ["incidents", "close", "9" * 20, "--reason", "x"])
    assert (answer.exit_code, "is not in the range" in answer.output) == (2, True)


def test_every_command_is_told_in_one_line_of_the_list() -> None:
    for path, command in COMMANDS[1:]:
        assert command.short_help, path
        assert len(command.short_help) <= 72, path


def test_every_option_says_what_it_is_for() -> None:
    silent = [
        (" ".join(path), option.opts[0])
        for path, command in COMMANDS
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert silent == []


def test_help_lists_all_the_promised_commands() -> None:
    shown = CliRunner().invoke(packproof, ["--help"]).output
    promised = "setup demo server worker station import decode timeline doctor incidents person bench wall channels"
    promised += " recheck release cancel"
    assert all(f"  {name} " in shown for name in promised.split())
    assert {name for names in SECTIONS.values() for name in names} >= set(promised.split())


def test_help_loads_nothing_heavy() -> None:
    look = (
        "import sys; from click.testing import CliRunner; from server.cli.group import packproof;"
        "CliRunner().invoke(packproof, ['--help'], catch_exceptions=False);"
        "heavy = 'sqlalchemy starlette textual biip rich httpx msgspec'.split();"
        "print([m for m in heavy if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_the_server_side_of_the_command_line_never_imports_the_station() -> None:
    for module in (ROOT / "server").rglob("*.py"):
        lines = [line.strip() for line in module.read_text(encoding="utf-8").splitlines()]
        assert not [line for line in lines if line.startswith(("import station", "from station"))], module


def test_a_refusal_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text(f'data_dir = "{tmp_path / "nothing"}"')
    answer = CliRunner().invoke(packproof, ["incidents", "--config", str(config)])
    assert answer.exit_code == 2
    assert answer.stdout == ""
    expected = "there is no database at {}; run `packproof setup` first, or give --config"
    assert answer.stderr == f"packproof: {expected.format(tmp_path / 'nothing' / 'packproof.db')}\n"


def test_a_wrong_setting_names_itself_and_its_neighbour(tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text("prot = 1")
    answer = CliRunner().invoke(packproof, ["bench", "list", "--config", str(config)])
    assert answer.exit_code == 2
    assert "there is no setting prot; did you mean port?" in answer.stderr


def test_a_bug_keeps_its_traceback_and_expected_trouble_does_not() -> None:
    assert refusal(KeyError("x")) is None
    for error in (DomainError("code", "sentence"), Unavailable("sentence"), OSError(13, "sentence")):
        found = refusal(error)
        assert found is not None
        assert found.message == "sentence"
    gone = refusal(OperationalError("SELECT 1", {}, Exception("no route")))
    assert gone is not None
    assert gone.message == "the database does not answer: no route"


def test_text_from_outside_cannot_steer_the_terminal() -> None:
    assert one_line("Ana\x1b[2J\n\x07 Silva\u202e") == "Ana\\x1b[2J \\x07 Silva\\u202e"


def test_the_version_is_told() -> None:
    assert CliRunner().invoke(packproof, ["--version"]).output == "packproof, version 0.1.0\n"
