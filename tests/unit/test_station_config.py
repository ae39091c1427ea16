"""The station's settings: right ones are read, wrong ones name themselves."""

from pathlib import Path

import pytest

from printing.routes import BenchPrinter
from scanners.sources import open_source
from station.config import BadConfig, SoundMode, StationConfig, default_state_dir, load, parse

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
[scale]
source = "hid:0922:8003"
"""
SOUNDS = "expected one of auto, card, bell, off, true or false"


def test_a_full_file_is_read() -> None:
    assert parse(FULL) == StationConfig(
        state_dir=Path("/var/lib/packproof"),
        server_url="https://server:8765",
        name="Bench 1",
        sound=SoundMode.OFF,
        language="de",
        theme="bright",
        idle_minutes=5,
        scanners=("serial:/dev/ttyACM0", "keyboard"),
        printers=(BenchPrinter("printer 1", "tcp:192.0.2.10:9100"),),
        scale="hid:0922:8003",
    )


def test_sound_is_one_of_four_words_or_just_on_or_off() -> None:
    for text, mode in (("true", "auto"), ("false", "off"), *((f"'{mode}'", mode) for mode in SoundMode)):
        assert parse(f"[station]\nsound = {text}").sound is SoundMode(mode)
    assert parse("").sound is SoundMode.AUTO


def test_an_empty_file_means_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert parse("").state_dir == Path("/state/packproof")
    monkeypatch.delenv("XDG_STATE_HOME")
    assert default_state_dir() == Path.home() / ".local/state/packproof"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[printr]",
            "printr is not a setting; did you mean printer? Known here: printer, scale, scanner, server, station",
        ),
        (
            "[station]\nstatedir = 1",
            (
                "station.statedir is not a setting; did you mean station.state_dir? "
                "Known here: idle_minutes, language, name, pictures, sound, state_dir, theme"
            ),
        ),
        ("[station]\nsound = 1", f"station.sound: {SOUNDS}, found 1"),
        ("[station]\nsound = 'loud'", f"station.sound: {SOUNDS}, found 'loud'"),
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


SEVERAL = """
[[printer]]
name = "labels"
target = "usb:ZD421?dpi=300"
kinds = ["label", "item"]
redirect = ["bench 3"]
[[printer]]
target = "serial:/dev/ttyS0?language=escpos&baud=19200"
kinds = ["slip"]
[[printer]]
name = "bench 3"
target = "tcp:192.0.2.13?dpi=300"
bench = "Bench 3"
"""


def test_a_bench_may_have_several_printers_and_use_those_of_others() -> None:
    assert parse(SEVERAL).printers == (
        BenchPrinter("labels", "usb:ZD421?dpi=300", ("label", "item"), ("bench 3",)),
        BenchPrinter("printer 2", "serial:/dev/ttyS0?language=escpos&baud=19200", ("slip",)),
        BenchPrinter("bench 3", "tcp:192.0.2.13?dpi=300", bench="Bench 3"),
    )
    assert parse("").printers == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[printer]", "printer 1: expected a target, found none"),
        ("[[printer]]\nname = 'a'", "printer 1: expected a target, found none"),
        ("[printer]\ntarget = 'tcp:h'\nkinds = 'label'", "printer.kinds: expected a list, found 'label'"),
        ("[printer]\ntarget = 'tcp:h'\nkinds = [1]", "printer.kinds: expected a list of texts, found [1]"),
        (
            "[printer]\ntarget = 'tcp:h'\nredirects = []",
            (
                "printer.redirects is not a setting; did you mean printer.redirect? "
                "Known here: bench, kinds, name, redirect, target"
            ),
        ),
        (
            "[printer]\ntarget = 'tcp:h'\nredirect = ['x']",
            "printer: printer 1: redirect: expected another printer (none there is), found 'x'",
        ),
        (
            "[printer]\ntarget = 'tpc:h'",
            'printer: printer "tpc:h": expected one of file:..., ipp:..., serial:..., tcp:..., usb:...',
        ),
    ],
)
def test_a_wrong_printer_says_what_was_expected(text: str, sentence: str) -> None:
    with pytest.raises(BadConfig) as caught:
        parse(text)
    assert str(caught.value) == sentence


def test_the_profile_of_a_scanner_goes_with_its_source() -> None:
    settings = parse(
        '[[scanner]]\nsource = "serial:/dev/x"\nprofile = "zebra-ssi"\n'
        '[[scanner]]\nsource = "evdev:/dev/y?gs=f8"\nprofile = "/etc/pack proof/mine & yours.toml"\n'
    )
    first, second = settings.scanners
    assert open_source(first).profile.name == "zebra-ssi"
    assert second == "evdev:/dev/y?gs=f8&profile=%2Fetc%2Fpack+proof%2Fmine+%26+yours.toml"
    with pytest.raises(ValueError, match=r"/etc/pack proof/mine & yours\.toml"):
        open_source(second)
