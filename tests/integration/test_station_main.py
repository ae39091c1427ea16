"""Starting a station that cannot start: one sentence, exit code 2, and nothing half done."""

import errno
import logging
import os
import pty
import sqlite3
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from scanners.sources.keyboard import KeyboardSource
from server import wire
from station import __main__ as program
from station.__main__ import main, scan_sources
from station.enrol import Enrolment

ROOT = Path(__file__).parents[2]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if this were a terminal; nothing here comes as far as drawing on it."""
    monkeypatch.setattr(program, "_need_terminal", lambda: None)


def config(folder: Path, text: str = "") -> str:
    """A settings file whose state lies in the folder."""
    path = folder / "station.toml"
    path.write_text(f'[station]\nstate_dir = "{folder / "state"}"\n{text}', encoding="utf-8")
    return str(path)


@pytest.mark.usefixtures("terminal")
def test_a_bench_without_a_token_says_that_it_must_be_enrolled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", config(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("packproof station: ") and "enrol it with a join code first" in said
    assert said.count("\n") == 1


def enrolled(folder: Path) -> None:
    """The state folder of a bench whose server is away."""
    (folder / "state").mkdir()
    enrolment = Enrolment(bench_id=1, bench="Bench 1", site="Main", token="token", url="http://127.0.0.1:9")
    (folder / "state" / "bench.json").write_bytes(wire.encode(enrolment))


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    ("trouble", "remedy"),
    [
        (sqlite3.OperationalError("database or disk is full"), "free space on its disk"),
        (sqlite3.OperationalError("disk I/O error"), "free space on its disk or make it writable"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "make it writable"),
        (sqlite3.OperationalError("unable to open database file"), "make it writable"),
        (OSError(errno.ENOSPC, "No space left on device"), "free space on its disk"),
        (OSError(errno.EROFS, "Read-only file system"), "make it writable"),
    ],
    ids=str,
)
@pytest.mark.parametrize("part", ["journal", "spool"])
def test_a_folder_that_takes_nothing_is_named_with_what_to_do(
    part: str,
    trouble: Exception,
    remedy: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise trouble

    enrolled(tmp_path)
    if part == "spool":
        monkeypatch.setattr("printing.spool.SpoolStore", fails)
    else:
        monkeypatch.setattr("station.store.sqlite3.connect", fails)
    assert main(["--config", config(tmp_path, f'[printer]\ntarget = "file:{tmp_path / "paper"}"\n')]) == 2
    said = capsys.readouterr().err
    assert str(tmp_path / "state") in said
    assert said.endswith(f"; {remedy}, then start it again\n")
    assert said.count("\n") == 1


@pytest.mark.usefixtures("terminal")
def test_a_folder_that_cannot_be_made_is_named_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "station.toml"
    path.write_text('[station]\nstate_dir = "/sys/packproof"\n', encoding="utf-8")
    assert main(["--config", str(path)]) == 2
    said = capsys.readouterr().err
    assert "cannot keep anything in /sys/packproof" in said
    assert "make it writable, then start it again" in said


def test_a_log_that_cannot_be_written_says_nothing_on_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    handler = program._LogFile("/dev/full")
    handler.handle(logging.makeLogRecord({"msg": "the disk is full"}))
    handler.close()
    assert capsys.readouterr().err == ""


def test_the_log_holds_no_line_for_each_request(tmp_path: Path) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        with ExitStack() as opened:
            root.handlers[:] = []
            program._log_to(tmp_path / "station.log", opened)
            logging.getLogger("packproof.station").warning("no heartbeat")
            with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client:
                client.get("http://server/api/heartbeat")
            logging.getLogger("httpcore.http11").info("receive_response_body.started")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    [line] = (tmp_path / "station.log").read_text(encoding="utf-8").splitlines()
    assert line.endswith("no heartbeat")


def test_without_a_terminal_the_station_says_so_where_it_can_be_seen(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "station", "--config", config(tmp_path)]
    outer, inner = pty.openpty()
    try:
        nothing = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        with (tmp_path / "errors").open("wb") as errors:
            half = subprocess.run(command, cwd=ROOT, stdin=inner, stdout=inner, stderr=errors, check=False)
        seen = os.read(outer, 4096).decode()
    finally:
        os.close(inner)
        os.close(outer)
    assert (nothing.returncode, half.returncode) == (2, 2)
    assert nothing.stderr.decode().startswith("packproof station: expected a terminal, but standard input is none")
    assert seen.startswith("packproof station: expected a terminal, but standard error is none")
    assert not (tmp_path / "state").exists()


def test_an_unknown_scanner_names_the_kinds_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", config(tmp_path), "--scanner", "telepathy:1"]) == 2
    assert "no scanner kind 'telepathy'" in capsys.readouterr().err
    assert not (tmp_path / "state").exists()


def test_settings_with_a_wrong_key_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", config(tmp_path, "colour = true\n")]) == 2
    assert "colour" in capsys.readouterr().err


def test_the_keyboard_is_always_there_and_no_scanner_twice() -> None:
    names = [source.name for source in scan_sources(["serial:/dev/a", "keyboard", "serial:/dev/a"])]
    assert names == ["serial:/dev/a", "keyboard"]
    assert any(isinstance(source, KeyboardSource) for source in scan_sources([]))
