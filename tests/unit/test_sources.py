"""A scanner is named in the config by its kind and address."""

from __future__ import annotations

import pytest

from scanners.sources import kinds, open_source


def test_every_kind_has_its_file() -> None:
    assert kinds() == ("evdev", "keyboard", "replay", "serial")


@pytest.mark.parametrize(
    ("spec", "kind", "name"),
    [
        ("serial:/dev/ttyACM0?baud=115200&suffix=cr", "serial", "serial:/dev/ttyACM0"),
        ("evdev:/dev/input/by-id/a-event-kbd?layout=de&gs=f8", "evdev", "evdev:/dev/input/by-id/a-event-kbd"),
        ("replay:/codes.txt", "replay", "replay:/codes.txt"),
        ("keyboard", "keyboard", "keyboard"),
    ],
)
def test_a_source_is_named_by_kind_and_address_without_options(spec: str, kind: str, name: str) -> None:
    source = open_source(spec)
    assert (source.kind, source.name) == (kind, name)
    assert source.threaded is (kind != "keyboard")


def test_options_can_come_from_a_table_with_numbers() -> None:
    assert open_source("serial:/dev/ttyACM0", baud=115200, suffix="lf").name == "serial:/dev/ttyACM0"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("bluetooth:1", "no scanner kind 'bluetooth' in 'bluetooth:1'; the kinds are evdev, keyboard, replay, serial"),
        ("", "the kinds are evdev, keyboard, replay, serial"),
        ("__init__:x", "no scanner kind '__init__'"),
        ("serial:", "serial: expected a path such as serial:/dev/ttyACM0, found none"),
        (
            "serial:/dev/x?speed=1",
            "serial: unknown option 'speed'; expected aim, baud, bounce_ms, caps, feedback, gs, idle_ms, profile",
        ),
        ("serial:/dev/x?baud=fast", "serial: expected a number from 50 to 4000000, found 'fast'"),
        ("serial:/dev/x?baud=" + "9" * 5000, "serial: expected a number from 50"),
        ("serial:/dev/x?suffix=tab", "serial: expected one of any, cr, lf, crlf, stx-etx, ssi, found 'tab'"),
        ("evdev:/dev/x?layout=it", "evdev: expected one of us, de, fr, found 'it'"),
        ("replay:/x?loop=1", "replay: unknown option 'loop'; expected aim, bounce_ms, caps, gs, profile"),
        ("keyboard:/dev/x", "keyboard: expected no address, found '/dev/x'"),
    ],
)
def test_a_wrong_scanner_in_a_config_is_told_with_what_is_right(spec: str, message: str) -> None:
    with pytest.raises(ValueError) as refusal:
        open_source(spec)
    assert message in str(refusal.value)
