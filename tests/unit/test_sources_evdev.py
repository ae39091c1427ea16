"""Keyboard scanners below the windows: grabbed, lost events, unplugged, and machines without the library.

The device is played at the seam of `evdev.InputDevice`: the events and errors are those measured on a real kernel (its
own library's InputEvent where it is installed), but no kernel is in these tests. That proof is `tests/vm`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any, cast

import pytest

from scanners.reader import Reader
from scanners.sources import evdev as evdev_source
from scanners.sources import open_source
from tests.unit.test_keys import ALT, KEY, KEYPAD, SHIFT, held, press, typed
from tests.unit.test_reader import Bench

PATH = "/dev/input/by-id/usb-Maker_Scanner_1-event-kbd"


@dataclass(frozen=True)
class FakeEvent:
    """What `evdev.InputEvent` has of an event."""

    type: int
    code: int
    value: int

    def timestamp(self) -> float:
        return 1000.0


def input_event(kind: int, code: int, value: int) -> Any:
    """An event of the library itself where it is installed."""
    try:
        from evdev import InputEvent
    except ImportError:
        return FakeEvent(kind, code, value)
    return InputEvent(1000, 0, kind, code, value)


class FakeKeyboard:
    """Stands in for `evdev.InputDevice` where the kernel gives us no input devices: one pipe byte for each event."""

    def __init__(self, *, open_error: int = 0, grab_error: int = 0) -> None:
        self.open_error = open_error
        self.grab_error = grab_error
        self.grabbed = self.closed = False
        self.fd, self._write_fd = os.pipe()
        os.set_blocking(self.fd, False)
        self._events: list[Any] = []
        self._gone = False

    def open(self, path: str) -> FakeKeyboard:
        assert path == PATH
        if self.open_error:
            raise OSError(self.open_error, os.strerror(self.open_error), path)
        return self

    def grab(self) -> None:
        if self.grab_error:
            raise OSError(self.grab_error, os.strerror(self.grab_error))
        self.grabbed = True

    def close(self) -> None:
        self.closed = True

    def send(self, events: list[tuple[int, int, int]]) -> None:
        self._events += [input_event(*event) for event in events]
        os.write(self._write_fd, b"x" * len(events))

    def unplug(self) -> None:
        self._gone = True
        os.write(self._write_fd, b"x")

    def plug_in(self) -> None:
        """Back under the same name; what was not read is lost."""
        os.read(self.fd, 4096)
        self._events.clear()
        self._gone = self.closed = self.grabbed = False

    def read(self) -> Iterator[Any]:
        """A generator like the real one: nothing happens before it is run through."""
        if self._gone:
            raise OSError(errno.ENODEV, "No such device")
        for _ in os.read(self.fd, 4096):
            yield self._events.pop(0)

    def throw_away(self) -> None:
        os.close(self.fd)
        os.close(self._write_fd)


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeKeyboard]:
    found = FakeKeyboard()
    library = cast("ModuleType", SimpleNamespace(InputDevice=found.open))
    monkeypatch.setattr(evdev_source, "evdev_library", lambda: library)
    yield found
    found.throw_away()


def started(bench: Bench, options: str = "?gap_ms=5000") -> Reader:
    reader = Reader([open_source(f"evdev:{PATH}{options}")], bench.on_scan, bench.on_status)
    reader.start()
    bench.wait_for(lambda: bench.statuses)
    return reader


def test_a_grabbed_scanner_gives_its_codes(keyboard: FakeKeyboard, bench: Bench) -> None:
    reader = started(bench)
    keyboard.send(typed("]E04006381333931") + press(28) + typed("B2") + press(28))
    bench.wait_for(lambda: len(bench.scans) == 2)
    assert (keyboard.grabbed, keyboard.closed) == (True, False)
    reader.stop()
    assert [(scan.text, scan.first_at) for scan in bench.scans] == [("]E04006381333931", 1000.0), ("B2", 1000.0)]
    assert keyboard.closed


def test_lost_events_are_told_as_a_dropped_code(keyboard: FakeKeyboard, bench: Bench) -> None:
    reader = started(bench)
    keyboard.send([*typed("40063"), (0, 3, 0), *typed("3931"), *press(28)])
    bench.wait_for(lambda: bench.scans)
    reader.stop()
    assert [(scan.text, scan.problem) for scan in bench.scans] == [("", "dropped")]


def test_a_code_without_an_end_comes_after_the_gap(keyboard: FakeKeyboard, bench: Bench) -> None:
    reader = started(bench, "?gap_ms=100")
    keyboard.send(typed("4006381333931"))
    bench.wait_for(lambda: bench.scans)
    reader.stop()
    assert [(scan.text, scan.problem) for scan in bench.scans] == [("4006381333931", "unterminated")]


def test_an_unplugged_scanner_is_waited_for_and_its_half_code_told(keyboard: FakeKeyboard, bench: Bench) -> None:
    reader = started(bench)
    keyboard.send([*typed("A1"), *press(28), *typed("400638")])
    bench.wait_for(lambda: bench.scans)
    keyboard.unplug()
    bench.wait_for(lambda: reader.statuses[0].state == "waiting")
    reader.stop()
    assert [(scan.text, scan.problem) for scan in bench.scans] == [("A1", None), ("400638", "partial")]
    assert keyboard.closed


def test_a_scanner_plugged_in_again_is_read_again_and_grabbed_again(keyboard: FakeKeyboard, bench: Bench) -> None:
    reader = started(bench)
    keyboard.send([(KEY, SHIFT, 1), *press(30)])
    keyboard.unplug()
    bench.wait_for(lambda: reader.statuses[0].state == "waiting")
    keyboard.plug_in()
    bench.wait_for(lambda: reader.statuses[0].state == "connected")
    # Shift was held when it went: after that it is not held any more.
    keyboard.send(typed("a1") + press(28))
    bench.wait_for(lambda: [scan.text for scan in bench.scans if not scan.problem] == ["a1"])
    assert keyboard.grabbed
    reader.stop()


def test_a_scanner_another_program_has_is_taken_as_soon_as_it_is_free(keyboard: FakeKeyboard, bench: Bench) -> None:
    keyboard.grab_error = errno.EBUSY
    reader = started(bench)
    assert reader.statuses[0].detail == f"{PATH} is in use by another program"
    keyboard.grab_error = 0
    bench.wait_for(lambda: reader.statuses[0].state == "connected")
    reader.stop()


def test_codes_that_lost_a_part_are_counted(keyboard: FakeKeyboard, bench: Bench) -> None:
    reader = started(bench)
    for _ in range(3):
        keyboard.send([*typed("40063"), (0, 3, 0), *typed("3931"), *press(28)])
    keyboard.send(typed("4006381333931") + press(28))
    bench.wait_for(lambda: len(bench.scans) == 4)
    reader.stop()
    assert [scan.problem for scan in bench.scans] == ["dropped", "dropped", "dropped", None]
    assert reader.statuses[0].dropped == 3


def test_the_profile_of_a_keyboard_scanner_says_its_layout_its_separator_and_its_capitals(
    keyboard: FakeKeyboard, bench: Bench
) -> None:
    reader = started(bench, "?profile=keyboard-de&gs=alt029&caps=on&gap_ms=5000")
    keyboard.send(typed("]c1-zy", "de") + held(ALT, *(KEYPAD[digit] for digit in "029")) + typed("X", "de") + press(28))
    bench.wait_for(lambda: bench.scans)
    reader.stop()
    assert bench.scans[0].text == "]C1-ZY\x1dx"


def test_two_scanners_of_one_model_are_told_apart_by_their_ports(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> None:
    guns = {f"/dev/input/by-path/pci-0000:00:14.0-usb-0:{port}:1.0-event-kbd": FakeKeyboard() for port in (1, 2)}
    library = cast("ModuleType", SimpleNamespace(InputDevice=lambda path: guns[path]))
    monkeypatch.setattr(evdev_source, "evdev_library", lambda: library)
    reader = Reader([open_source(f"evdev:{path}?gap_ms=5000") for path in guns], bench.on_scan, bench.on_status)
    reader.start()
    bench.wait_for(lambda: [status.state for status in reader.statuses] == ["connected"] * 2)
    halves = [typed("AAA"), typed("BBB")]
    for gun, half in zip(guns.values(), halves, strict=True):
        gun.send(half)
    for gun, half in zip(guns.values(), halves, strict=True):
        gun.send(half + press(28))
    bench.wait_for(lambda: len(bench.scans) == 2)
    reader.stop()
    assert {(scan.source, scan.text) for scan in bench.scans} == {
        (f"evdev:{path}", text) for path, text in zip(guns, ("AAAAAA", "BBBBBB"), strict=True)
    }
    for gun in guns.values():
        assert gun.grabbed
        gun.throw_away()


@pytest.mark.parametrize(
    ("open_error", "grab_error", "state", "detail"),
    [
        (0, errno.EBUSY, "busy", "in use by another program"),
        (errno.ENOENT, 0, "waiting", "not plugged in"),
        (errno.ENODEV, 0, "waiting", "not plugged in"),
        (errno.EACCES, 0, "failed", "udev rule"),
        (errno.ENOTTY, 0, "failed", "cannot be opened"),
    ],
)
def test_a_scanner_that_cannot_be_opened_says_why(
    keyboard: FakeKeyboard, bench: Bench, open_error: int, grab_error: int, state: str, detail: str
) -> None:
    keyboard.open_error, keyboard.grab_error = open_error, grab_error
    reader = started(bench)
    reader.stop()
    assert bench.statuses[0].state == state
    assert detail in bench.statuses[0].detail
    assert keyboard.closed is bool(grab_error)


def test_a_machine_without_the_library_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, bench: Bench) -> None:
    def missing() -> ModuleType:
        raise ImportError("No module named 'evdev'")

    monkeypatch.setattr(evdev_source, "evdev_library", missing)
    reader = started(bench)
    reader.stop()
    assert bench.statuses[0].state == "absent"
    assert "pip install evdev-binary" in bench.statuses[0].detail


def test_the_real_library_finds_no_such_device(bench: Bench) -> None:
    pytest.importorskip("evdev", reason="the evdev library is not installed on this kind of machine")
    reader = started(bench)
    reader.stop()
    assert bench.statuses[0].state == "waiting"
