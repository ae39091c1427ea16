"""Starting a station that cannot start: one sentence, exit code 2, and nothing half done."""

from pathlib import Path

import pytest

from scanners.sources.keyboard import KeyboardSource
from station.__main__ import main, scan_sources


def config(folder: Path, text: str = "") -> str:
    """A settings file whose state lies in the folder."""
    path = folder / "station.toml"
    path.write_text(f'[station]\nstate_dir = "{folder / "state"}"\n{text}', encoding="utf-8")
    return str(path)


def test_a_bench_without_a_token_says_that_it_must_be_enrolled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--config", config(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("packproof station: ") and "enrol it with a join code first" in said
    assert said.count("\n") == 1


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
