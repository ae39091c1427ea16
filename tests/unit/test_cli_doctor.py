"""`packproof doctor` says what is there, what is not, and what to do about it."""

import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner

from printing.printers.virtual import VirtualPrinter
from scanners import discovery
from server.cli import checks_machine
from server.cli.finding import Finding
from server.cli.group import packproof
from tests.fake_scale import PtyScale, mt_sics


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def doctor(tmp_path: Path, station: str = "") -> tuple[int, dict[str, dict[str, str]]]:
    server, bench = tmp_path / "server.toml", tmp_path / "station.toml"
    server.write_text(f'data_dir = "{tmp_path}"\nport = {free_port()}')
    bench.write_text(f'[station]\nstate_dir = "{tmp_path}"\n{station}')
    arguments = ["doctor", "--json", "--config", str(server), "--station", str(bench)]
    answer = CliRunner().invoke(packproof, arguments)
    assert answer.exception is None or isinstance(answer.exception, SystemExit)
    found = [json.loads(line) for line in answer.stdout.splitlines()]
    assert all(f["remedy"] for f in found if f["mark"] == "bad")
    return answer.exit_code, {f["subject"]: f for f in found}


def test_a_server_that_does_not_answer_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    code, found = doctor(tmp_path)
    assert code == 1
    assert found["server"]["mark"] == "bad"
    assert "packproof server" in found["server"]["remedy"]
    assert found["database"]["mark"] == "look"


def test_a_missing_evdev_library_is_reported_with_the_remedy_and_is_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent() -> None:
        raise ImportError

    monkeypatch.setattr(discovery, "evdev_library", absent)
    _, found = doctor(tmp_path)
    assert found["evdev library"]["mark"] == "look"
    assert "evdev-binary" in found["evdev library"]["remedy"]


def test_a_printer_that_listens_is_well_and_one_that_does_not_is_an_error(tmp_path: Path) -> None:
    with VirtualPrinter(tmp_path / "labels") as printer:
        _, found = doctor(tmp_path, f'[printer]\ntarget = "{printer.spec}"')
        assert found["your printer"]["mark"] == "ok"
    code, found = doctor(tmp_path, f'[printer]\ntarget = "{printer.spec}"')
    assert (code, found["your printer"]["mark"]) == (1, "bad")


def test_a_scanner_that_is_not_plugged_in_is_named(tmp_path: Path) -> None:
    _, found = doctor(tmp_path, f'[[scanner]]\nsource = "serial:{tmp_path}/gone"')
    assert found["your scanner"]["mark"] == "bad"
    _, found = doctor(tmp_path, '[[scanner]]\nsource = "telepathy:x"')
    assert "the kinds are" in found["your scanner"]["remedy"]


def test_a_scale_is_read_and_one_that_is_not_there_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with PtyScale(lambda _asked: mt_sics(620)) as scale:
        _, found = doctor(tmp_path, f'[scale]\nsource = "mt-sics:serial:{scale.path}"')
        assert (found["your scale"]["mark"], found["your scale"]["found"][-9:]) == ("ok", "620 g, ok")
        scale.says = lambda _asked: b"S +\r\n"
        _, found = doctor(tmp_path, f'[scale]\nsource = "mt-sics:serial:{scale.path}"')
        assert (found["your scale"]["mark"], found["your scale"]["remedy"]) == ("look", "take everything off it")
    code, found = doctor(tmp_path, '[scale]\nsource = "mt-sics:usb:x"')
    assert (code, found["your scale"]["mark"]) == (1, "bad")
    assert "expected a scale at serial:/dev/... or tcp:HOST:PORT" in found["your scale"]["remedy"]


def test_a_closer_look_at_the_scale_shows_each_weight_as_it_comes(tmp_path: Path) -> None:
    weights = iter([0.0, 0.0, 300.0])
    with PtyScale(lambda _asked: mt_sics(next(weights, 620.0))) as scale:
        (tmp_path / "station.toml").write_text(f'[scale]\nsource = "mt-sics:serial:{scale.path}"')
        more = ["--station", str(tmp_path / "station.toml"), "--seconds", "1"]
        answer = CliRunner().invoke(packproof, ["doctor", "scale", *more])
    assert answer.exit_code == 0
    assert [line.strip() for line in answer.stdout.splitlines()[:-1]] == ["0 g, ok", "300 g, ok", "620 g, ok"]
    answer = CliRunner().invoke(packproof, ["doctor", "scale", f"nci:serial:{tmp_path}/gone", "--seconds", "0.5"])
    assert answer.exit_code == 1
    assert "is not plugged in" in answer.stdout
    assert "expected a scale such as" in CliRunner().invoke(packproof, ["doctor", "scale"]).stderr


def test_a_clock_nobody_keeps_right_is_worth_a_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks_machine, "clock_synchronised", lambda: False)
    _, found = doctor(tmp_path)
    assert found["clock"]["mark"] == "look"
    monkeypatch.setattr(checks_machine, "clock_synchronised", lambda: True)
    _, found = doctor(tmp_path)
    assert found["clock"]["mark"] == "ok"


def test_a_line_says_its_mark_without_colour() -> None:
    assert Finding("bad", "server", "gone", "start it").line() == "✗ server         gone\n                 → start it"
    assert Finding("ok", "server", "here").line() == "✓ server         here"
