"""The station's settings: right ones are read, wrong ones name themselves."""

from pathlib import Path

import pytest

from station.config import BadConfig, StationConfig, default_state_dir, load, parse

FULL = """
[server]
url = "https://server:8765/"
[station]
state_dir = "/var/lib/packproof"
name = "Bench 1"
sound = false
language = "de"
theme = "bright"
idle_minutes = 5
[[scanner]]
source = "serial:/dev/ttyACM0"
[[scanner]]
source = "keyboard"
[printer]
target = "tcp:192.0.2.10:9100"
"""


def test_a_full_file_is_read() -> None:
    assert parse(FULL) == StationConfig(
        state_dir=Path("/var/lib/packproof"),
        server_url="https://server:8765",
        name="Bench 1",
        sound=False,
        language="de",
        theme="bright",
        idle_minutes=5,
        scanners=("serial:/dev/ttyACM0", "keyboard"),
        printer="tcp:192.0.2.10:9100",
    )


def test_an_empty_file_means_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert parse("").state_dir == Path("/state/packproof")
    monkeypatch.delenv("XDG_STATE_HOME")
    assert default_state_dir() == Path.home() / ".local/state/packproof"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[printr]", "printr is not a setting; did you mean printer? Known here: printer, scanner, server, station"),
        (
            "[station]\nstatedir = 1",
            (
                "station.statedir is not a setting; did you mean station.state_dir? "
                "Known here: idle_minutes, language, name, sound, state_dir, theme"
            ),
        ),
        ("[station]\nsound = 1", "station.sound: expected true or false, found 1"),
        ("[station]\nidle_minutes = true", "station.idle_minutes: expected a whole number, found True"),
        ("[station]\nidle_minutes = -1", "station.idle_minutes: expected 0 (never) to 1440, found -1"),
        ("[station]\nlanguage = 'fr'", "station.language: expected one of en, de, found 'fr'"),
        ("[station]\ntheme = 'pink'", "station.theme: expected one of dark, bright, contrast, plain, found 'pink'"),
        ("printer = 1", "printer: expected a table [printer], found int"),
        ("[scanner]\nsource = 'x'", "scanner: expected [[scanner]] (two brackets), found one table"),
        ("[[scanner]]", "scanner 1: expected a source, found none"),
    ],
)
def test_a_wrong_setting_names_itself_and_its_neighbours(text: str, sentence: str) -> None:
    with pytest.raises(BadConfig) as caught:
        parse(text)
    assert str(caught.value) == sentence


def test_the_file_is_named_when_it_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"absent\.toml: cannot be read: No such file"):
        load(tmp_path / "absent.toml")
    (tmp_path / "bad.toml").write_text("[server")
    with pytest.raises(BadConfig, match=r"bad\.toml: expected TOML"):
        load(tmp_path / "bad.toml")
    (tmp_path / "latin.toml").write_bytes(b"\xe9")
    with pytest.raises(BadConfig, match="expected UTF-8 text, found byte 0xe9"):
        load(tmp_path / "latin.toml")
