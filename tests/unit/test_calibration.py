"""From how the calibration code arrives follows the scanner's profile, and with it every code reads right."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import product
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import cast

import pytest

from scanners import probing
from scanners.calibration import CODE, GS, PLAIN, Heard, of_bytes, of_keys, shown, shown_keys
from scanners.framing import Framer, Suffix
from scanners.keys import SEPARATOR_KEYS, KeyDecoder
from scanners.layouts import LAYOUTS
from scanners.profile import Profile
from scanners.scan import Scan
from scanners.sources import evdev
from tests.pty_scanner import PtyScanner
from tests.unit.test_keys import ALT, BRACKET, CTRL, ENTER, F8, KEYPAD, TAB, held, press, typed
from tests.unit.test_sources_evdev import FakeKeyboard
from tests.unit.test_ssi import sent

WRITTEN: dict[str, str] = {"ctrl-bracket": GS, "none": "", "text:|": "|", "text:{GS}": "{GS}", "text:^]": "^]"}
FRAMES: dict[str, tuple[bytes, bytes]] = {
    "cr": (b"", b"\r"),
    "lf": (b"", b"\n"),
    "crlf": (b"", b"\r\n"),
    "stx-etx": (b"\x02", b"\x03"),
    "any": (b"", b""),
}
PRESSED = {
    "ctrl-bracket": held(CTRL, BRACKET),
    "f8": press(F8),
    "f12": press(88),
    "alt029": held(ALT, *(KEYPAD[digit] for digit in "029")),
    "none": [],
}


def test_every_way_a_serial_scanner_can_be_set_is_told_by_its_bytes() -> None:
    for (gs_as, gs), (suffix, (before, after)), aim, caps in product(
        WRITTEN.items(), FRAMES.items(), (False, True), (False, True)
    ):
        body = (PLAIN + gs).swapcase() if caps else PLAIN + gs
        data = before + (("]C0" if aim else "") + body).encode() + after
        found = of_bytes(data)
        expected = Profile(gs_as=gs_as, aim=aim, caps=caps, suffix=suffix)
        assert found is not None and found.profile == expected, (data, found)


def test_packets_of_ssi_are_known() -> None:
    found = of_bytes(sent(CODE.encode()))
    assert found == Heard(Profile(suffix="ssi", feedback="zebra-ssi"), "packets of SSI")


def test_every_way_a_keyboard_scanner_can_be_set_is_told_by_its_keys() -> None:
    for layout, (gs_as, gs), (end, word), aim in product(
        LAYOUTS, PRESSED.items(), ((press(ENTER), "Enter"), (press(TAB), "Tab"), ([], "nothing")), (False, True)
    ):
        events = typed(("]C0" if aim else "") + PLAIN, layout) + gs + end
        found = of_keys(events)
        assert found == Heard(Profile(layout=layout, gs_as=gs_as, aim=aim), word), (layout, gs_as, aim)


@pytest.mark.parametrize("data", [b"", b"\r", b"4006381333931\r", CODE[1:].encode(), CODE[:-2].encode(), b"\xff" * 50])
def test_another_code_or_a_garbled_one_says_nothing_of_the_scanner(data: bytes) -> None:
    assert of_bytes(data) is None


@pytest.mark.parametrize("text", ["", "4006381333931", PLAIN[1:], PLAIN[:-1], PLAIN + "X" * 20])
def test_keys_that_are_not_the_code_say_nothing_either(text: str) -> None:
    assert of_keys(typed(text) + press(ENTER)) is None


def test_with_the_profile_it_asks_for_a_gs1_code_reads_right() -> None:
    code = "0104006381333931" + "10LOT7" + GS + "21SN9"
    for gs_as, gs in WRITTEN.items():
        found = of_bytes((PLAIN + gs + "\r").encode())
        assert found is not None
        suffix: Suffix = "cr"
        [frame] = Framer(suffix).feed(code.replace(GS, gs).encode() + b"\r", 1.0)
        scan = found.profile.understood(Scan(frame.text, "serial:x", 1.0, 1.0))
        assert (scan.text, scan.problem) == ((code, None) if gs else (code.replace(GS, ""), "separator_lost")), gs_as
        exchanged = of_bytes((PLAIN + gs).swapcase().encode() + b"\r")
        assert exchanged is not None
        scan = exchanged.profile.understood(replace(scan, text=code.replace(GS, gs).swapcase(), problem=None))
        assert scan.text == code.replace(GS, GS if gs else ""), gs_as
    for layout, (gs_as, keys) in product(LAYOUTS, PRESSED.items()):
        heard = of_keys(typed(PLAIN, layout) + keys + press(ENTER))
        assert heard is not None and heard.profile.gs_as in SEPARATOR_KEYS
        decoder = KeyDecoder(heard.profile.layout, separator=heard.profile.gs_as)
        before, after = code.split(GS)
        events = typed(before, layout) + keys + typed(after, layout) + press(ENTER)
        [frame] = [frame for event in events for frame in decoder.feed(*event, 1.0)]
        scan = heard.profile.understood(Scan(frame.text, "evdev:x", 1.0, 1.0))
        assert scan.problem == (None if keys else "separator_lost"), gs_as
        assert scan.text == code if keys else True


def test_a_keyboard_scanner_is_heard_without_its_keys_reaching_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    keyboard = FakeKeyboard()
    library = cast("ModuleType", SimpleNamespace(InputDevice=lambda _path: keyboard))
    monkeypatch.setattr(evdev, "evdev_library", lambda: library)
    keyboard.send(typed(PLAIN, "fr") + held(CTRL, BRACKET) + press(ENTER))
    with probing.Probe(["evdev:/dev/input/by-id/usb-x-event-kbd", "serial:/dev/not-there", "tcp:1"]) as probe:
        heard = probe.listen(10)
        assert keyboard.grabbed
        assert set(probe.problems) == {"serial:/dev/not-there", "tcp:1"}
        assert probe.problems["serial:/dev/not-there"] == "/dev/not-there is not plugged in"
        assert heard is not None and heard.heard == Heard(Profile(layout="fr"), "Enter")
        assert heard.raw.startswith("42+16 ")
        assert probe.listen(0.01) is None
    assert keyboard.closed
    keyboard.throw_away()


def test_a_scale_that_never_stops_speaking_is_not_listened_to_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "TALK_SECONDS", 0.1)
    scale, stop = PtyScanner(tmp_path / "scale"), threading.Event()

    def speak() -> None:
        while not stop.wait(0.01):
            scale.send(b"  12.3 g\r\n")

    speaking = threading.Thread(target=speak, daemon=True)
    speaking.start()
    with probing.Probe([f"serial:{scale.path}?baud=19200"]) as probe:
        heard: list[probing.Device | None] = []
        listening = threading.Thread(target=lambda: heard.append(probe.listen(10)), daemon=True)
        listening.start()
        listening.join(5)
        stop.set()
        speaking.join()
        assert [device.heard for device in heard if device] == [None]
    scale.unplug()


def test_the_speed_at_which_a_scanner_was_heard_is_in_its_profile(tmp_path: Path) -> None:
    scanner = PtyScanner(tmp_path / "gun")
    with probing.Probe([f"serial:{scanner.path}?baud=115200"]) as probe:
        scanner.send(CODE.encode() + b"\r")
        device = probe.listen(10)
        assert device is not None and device.heard is not None
        assert (device.heard.profile.baud, device.heard.profile.suffix) == (115200, "cr")
    scanner.unplug()


def test_bytes_and_keys_are_shown_as_they_came() -> None:
    assert shown(b"]C0 A\x1d\xff\r") == "]C0<20>A<1D><FF><0D>"
    assert shown_keys(typed("aA") + held(CTRL, BRACKET) + press(ENTER)) == "30 42+30 29+27 28"
