"""What README and deploy/ name exists, and the project has the shape it promises."""

import ast
import os
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import click
import pytest

from server.cli.group import packproof
from server.domain.benchwork.reasons import Reason

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "Makefile", *sorted((ROOT / "deploy").rglob("*.*"))]
TEXTS = [path for path in DOCUMENTS if path.suffix in {".md", ".toml", ".yaml", ".service", ".rules", ""}]
COMMAND = re.compile(r"(?:^|[`\s/])packproof ((?!packproof )(?:[a-z]+(?: |$|`))+)", re.MULTILINE)
FIRST_REASONS = (
    "ok repeat wrong_item over_quantity unknown_code bad_read not_now need_lot need_serial wrong_lot expired"
    " duplicate_serial on_hold cancelled changed not_ready already_done in_use taken_over ambiguous box_not_allowed"
    " overweight weight_mismatch hazmat no_printer wrong_label wrong_load wrong_carrier already_loaded load_closed"
    " not_packed need_confirm not_signed_in stopped"
)


def indented_commands() -> list[str]:
    """The lines of README that a person is to copy, without their comments."""
    lines = [line.strip() for line in README.splitlines() if line.startswith("    ")]
    return [line.partition("#")[0].strip() for line in lines]


def words_of_commands(text: str) -> set[str]:
    return {words.strip(" `").split()[0] for words in COMMAND.findall(text)}


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def recipe(target: str) -> list[str]:
    """The commands of a target and of the targets before it, as a person would type them."""
    made = re.search(rf"^{target}:(.*)\n((?:\t.*\n)*)", MAKEFILE, re.MULTILINE)
    assert made, target
    before = [line for name in made[1].split() if re.fullmatch("[a-z-]+", name) for line in recipe(name)]
    return before + [line.strip().replace("$(BIN)", ".venv/bin") for line in made[2].splitlines()]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_is_named_exists(path: Path) -> None:
    known = set(packproof.list_commands(click.Context(packproof)))
    named = words_of_commands(path.read_text(encoding="utf-8"))
    assert named <= known, sorted(named - known)


def test_the_commands_of_readme_are_understood_with_their_options() -> None:
    lines = [line for line in indented_commands() if line.startswith(".venv/bin/packproof")]
    assert len(lines) >= 6
    for line in lines:
        words = shlex.split(line)[1:]
        command: click.Command = packproof
        while isinstance(command, click.Group) and (words or not command.invoke_without_command):
            found = command.get_command(click.Context(command), words.pop(0))
            assert found is not None, line
            command = found
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line


def test_every_make_target_that_is_named_exists() -> None:
    named = set(re.findall(r"`make ([a-z-]+)", README)) | set(re.findall(r"^    make ([a-z-]+)", README, re.MULTILINE))
    assert {"demo", "test", "test-browser", "bench", "sim", "pictures"} <= named <= targets()


def test_the_plain_commands_of_readme_are_those_behind_make_test_and_make_demo() -> None:
    shown = indented_commands()
    behind = recipe("test")
    assert [line for line in shown if line in behind] == behind
    assert recipe("demo")[-1] in shown


def test_every_file_and_folder_that_is_named_exists() -> None:
    names = re.findall(r"[(`\"]((?:deploy|tests|server|station|scanners|printing)/[\w./-]*)[)`\"]", README)
    assert len(names) > 8
    assert [name for name in names if not (ROOT / name).exists()] == []
    for word in ("setup.example.toml", "server.example.toml", "station.example.toml", "compose.yaml"):
        assert (ROOT / "deploy" / word).is_file()


def test_every_picture_is_there_and_is_one() -> None:
    pictures = [ROOT / name for name in re.findall(r"(?:\]\(|src=\")([\w./-]+\.png)", README)]
    shown = {picture.stem.partition("-")[0] for picture in pictures}
    assert {"pack", "stop", "dock", "board", "label"} <= shown
    for picture in pictures:
        assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n", picture


def test_ci_runs_the_test_command_of_readme_and_nothing_else() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    lines = [line for line in script.splitlines() if line and not line.startswith("#")]
    assert lines == ["set -eu", 'cd "$(dirname "$0")/.."', "make test"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    assert "    make test " in README


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_with_hashes_and_no_index_is_named(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) > 20
    pinned = re.compile(r"[A-Za-z0-9._-]+(\[[\w,]+\])?==[\w.!+]+( *;[^#]+?)?( +--hash=sha256:[0-9a-f]{64})+ *")
    assert [line for line in lines if not pinned.fullmatch(line)] == []
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|(^|\s)-[if] ", text)


def test_the_library_that_needs_a_compiler_is_never_required() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[<>=; \[]", line)[0] for line in project["dependencies"]}
    assert "evdev-binary" in names
    assert "evdev" not in names
    for name in ("requirements.txt", "requirements-dev.txt"):
        [line] = re.findall(r"^evdev.*", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
        assert line.startswith("evdev-binary==")
        assert "platform_machine == 'x86_64'" in line


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert [line.strip() for line in text.splitlines()[1:3]] == ["Apache License", "Version 2.0, January 2004"]
    assert "END OF TERMS AND CONDITIONS" in text
    assert 'license = "Apache-2.0"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("package", ["scanners", "printing", "station", "server", "tests"])
def test_every_package_says_what_it_is_for(package: str) -> None:
    for path in (ROOT / package).rglob("__init__.py"):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        assert package == "tests" or docstring, path


def test_no_product_file_imports_tests() -> None:
    for package in ("scanners", "printing", "station", "server"):
        for path in (ROOT / package).rglob("*.py"):
            lines = path.read_text(encoding="utf-8").splitlines()
            assert not [line for line in lines if re.match(r"\s*(from|import) tests\b", line)], path


def test_the_first_reason_codes_are_all_there() -> None:
    assert set(FIRST_REASONS.split()) <= {reason.value for reason in Reason}


def test_make_says_what_it_would_do_for_one_benchmark_and_one_simulation() -> None:
    for target, shown in (
        (("bench", "only=reserve"), "-m tests.bench --only reserve"),
        (("sim", "only=packing", "seed=3", "size=20"), "-m tests.bench.sim --only packing --seed 3 --size 20"),
        (("bench",), "-m tests.bench --only all"),
    ):
        # The tests themselves may run under make, which would pass its flags on.
        plain = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        command = ["make", "--no-print-directory", "-n", *target]
        said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, env=plain).stdout
        assert shown in said.splitlines()[-1]
