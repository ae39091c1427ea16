"""A scanner's profile says how its codes arrive; a separator that is lost is never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from scanners import profile as profiles
from scanners.profile import Profile
from scanners.scan import Scan
from scanners.sources import open_source
from server import reading
from server.domain.masterdata.catalog import Catalog

GTIN = "04006381333931"
GS = "\x1d"


def understood(profile: Profile, text: str, problem: str | None = None) -> tuple[str, str | None]:
    scan = profile.understood(Scan(text, "serial:/dev/x", 1.0, 1.0, problem=problem))
    return scan.text, scan.problem


@pytest.mark.parametrize("name", profiles.shipped())
def test_every_profile_that_comes_along_opens_a_scanner(name: str) -> None:
    kind = "evdev" if name.startswith("keyboard") else "serial"
    source = open_source(f"{kind}:/dev/x?profile={name}")
    assert source.profile.name == name
    assert source.profile.title


def test_what_stands_in_the_specification_wins_over_the_profile() -> None:
    source = open_source("serial:/dev/x?profile=zebra-ssi&bounce_ms=700&feedback=bel&gs=text:%7C&aim=on")
    profile = source.profile
    assert (profile.suffix, profile.bounce_ms, profile.feedback) == ("ssi", 700, "bel")
    assert (profile.gs_as, profile.aim) == ("text:|", True)


def test_a_shop_keeps_profiles_of_its_own_by_name_or_by_path(tmp_path: Path) -> None:
    own = tmp_path / "profiles"
    own.mkdir()
    (own / "cheap.toml").write_text('layout = "de"\ngs_as = "none"\naim = true\nbounce_ms = 900\n')
    by_name = open_source("evdev:/dev/x?profile=cheap", own_profiles=own).profile
    assert (by_name.layout, by_name.gs_as, by_name.aim, by_name.bounce_ms) == ("de", "none", True, 900)
    assert open_source(f"evdev:/dev/x?profile={own}/cheap.toml").profile == by_name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('layout = "it"', "expected one of us, de, fr, found 'it'"),
        ('lay_out = "us"', "unknown option 'lay_out'"),
        ("aim = 1", "expected on or off, found '1'"),
        ('gs_as = "text:7"', "characters no lot can hold"),
        ('gs_as = "text:-"', "characters no lot can hold"),
        ('gs_as = "text:]"', "characters no lot can hold"),
        ('gs_as = "text: "', "characters no lot can hold"),
        ('gs_as = "f9"', "or text:..., found 'f9'"),
        ('feedback = "morse"', "expected one of bel, datalogic, honeywell, zebra-ssi, none"),
        ("layout =", "Invalid value"),
    ],
)
def test_a_wrong_profile_names_itself_and_what_was_expected(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"mine\.toml") as refusal:
        profiles.find(str(path))
    assert message in str(refusal.value)


def test_an_unknown_profile_is_told_with_those_there_are(tmp_path: Path) -> None:
    (tmp_path / "cheap.toml").write_text("")
    with pytest.raises(ValueError, match=r"no scanner profile 'zebar'; there are cheap, .*zebra-ssi"):
        profiles.find("zebar", tmp_path)


def test_a_profile_survives_being_written_and_read(tmp_path: Path) -> None:
    profile = Profile(name="mine", title='The "good" one', gs_as="text:\\|", aim=True, caps=True, feedback="bel")
    (tmp_path / "mine.toml").write_text(profile.toml())
    assert profiles.find("mine", tmp_path) == profile


def test_whatever_a_scanner_sends_for_a_separator_its_profile_can_be_read_again(tmp_path: Path) -> None:
    # NUL, RS, DEL and a C1 byte, which some scanners send; backslashes and letters of other tongues.
    for sent in (*map(chr, (*range(0x20), 0x7F, 0x80, 0x9F)), "\\", "\\u", "§", "<GS>", "^]", "\x1d "):
        profile = Profile(name="mine", title=f"sends {sent}", gs_as=f"text:{sent}")
        (tmp_path / "mine.toml").write_text(profile.toml(), encoding="utf-8", newline="")
        assert profiles.find("mine", tmp_path) == profile, repr(sent)


def test_text_that_stands_for_gs_is_gs_for_the_bench_and_for_the_server_alike() -> None:
    text, problem = understood(Profile(gs_as="text:{GS}"), f"]C101{GTIN}10LOT7{{GS}}21SN9")
    assert (text, problem) == (f"]C101{GTIN}10LOT7{GS}21SN9", None)
    assert reading.read(text, Catalog(), at=1.0).lot == "LOT7"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (f"]C101{GTIN}10ABC12321SN1", "separator_lost"),
        (f"01{GTIN}10A24055", "separator_lost"),
        (f"]C102{GTIN}371210123", "separator_lost"),
        (f"]C101{GTIN}21S93X", "separator_lost"),
        (f"]C101{GTIN}10ABC", None),
        (f"]C101{GTIN}17271231", None),
        (f"]E0{GTIN[1:]}", None),
        ("PPC-OK", None),
    ],
)
def test_a_scanner_without_separators_never_makes_us_guess_where_a_lot_ends(text: str, problem: str | None) -> None:
    assert understood(Profile(gs_as="none"), text) == (text, problem)
    assert understood(Profile(), text) == (text, None)


def test_a_code_without_its_symbology_has_lost_its_beginning_where_every_code_has_one() -> None:
    aim = Profile(aim=True)
    assert understood(aim, f"]E0{GTIN[1:]}") == (f"]E0{GTIN[1:]}", None)
    assert understood(aim, GTIN[5:])[1] == "dropped"
    assert understood(aim, GTIN[5:], problem="partial")[1] == "partial"


def test_letters_that_come_exchanged_are_put_right() -> None:
    assert understood(Profile(caps=True), "ppc-ok Abc")[0] == "PPC-OK aBC"
