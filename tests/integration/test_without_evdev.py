"""On a machine where the evdev library cannot be had, one source is missing and everything else works."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A Python that finds no evdev, as on a machine with neither the wheel nor a compiler."""
    blocked = tmp_path / "blocked"
    blocked.mkdir()
    (blocked / "evdev.py").write_text('raise ImportError("No module named evdev")\n')
    return {**os.environ, "PYTHONPATH": str(blocked), "HOME": str(tmp_path)}


def packproof(environment: dict[str, str], *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, input=stdin, check=False, timeout=60
    )


def test_the_library_is_really_gone(environment: dict[str, str]) -> None:
    command = [sys.executable, "-c", "import evdev"]
    assert subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False).returncode == 1


def test_doctor_reports_it_absent_with_the_remedy_and_goes_on(environment: dict[str, str], tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text(f'data_dir = "{tmp_path}"\nport = 9\n')
    answer = packproof(environment, "doctor", "--json", "--config", str(config))
    found = {line["subject"]: line for line in map(json.loads, answer.stdout.splitlines())}
    library = found["evdev library"]
    assert (library["mark"], library["remedy"].split(":")[0]) == ("look", "the evdev library is not installed")
    assert "pip install evdev-binary" in library["remedy"]
    assert "serial" in library["remedy"]
    assert {"python", "clock", "server", "database"} <= set(found)
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("command", [("--help",), ("station", "--help"), ("demo", "--help"), ("server", "--help")])
def test_commands_that_need_no_scanner_work(environment: dict[str, str], command: tuple[str, ...]) -> None:
    answer = packproof(environment, *command)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("Usage:")


def test_codes_are_decoded(environment: dict[str, str]) -> None:
    answer = packproof(environment, "decode", "--json", "4006381333931")
    assert answer.returncode == 0, answer.stderr
    assert "04006381333931" in answer.stdout


def test_a_bench_keeps_its_other_scanners_and_says_what_the_missing_one_needs(environment: dict[str, str]) -> None:
    look = """
import queue
from scanners.reader import Reader
from scanners.sources import open_source
told = queue.Queue()
sources = [open_source("evdev:/dev/input/by-id/usb-Maker_Scanner_1-event-kbd"), open_source("keyboard")]
reader = Reader(sources, lambda scan: None, told.put)
reader.start()
seen = {}
while len(seen) < 2:
    status = told.get(timeout=10)
    seen[status.kind] = status
reader.stop()
print(seen["evdev"].state, "|", seen["evdev"].detail)
print(seen["keyboard"].state)
"""
    command = [sys.executable, "-c", look]
    answer = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=60)
    evdev, keyboard = answer.stdout.splitlines()
    assert evdev.startswith("absent | the evdev library is not installed: pip install evdev-binary")
    assert keyboard == "connected"
