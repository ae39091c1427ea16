"""A spare scanner is found by one code, and nobody else's device is touched meanwhile."""

from __future__ import annotations

import queue
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import cast

import pytest
import serial

from scanners import discovery, ears, spares
from scanners.layouts import LAYOUTS
from scanners.reader import Reader
from scanners.sources import open_source
from scanners.spares import Spares, candidates
from tests.pty_scanner import PtyScanner
from tests.unit.test_keys import press, typed
from tests.unit.test_reader import Bench
from tests.unit.test_sources_evdev import FakeKeyboard
from tests.unit.test_ssi import sent

CODE = "PPA-7"


@contextmanager
def looking(dev: Path, *taken: str) -> Iterator[queue.Queue[str]]:
    """Look for spares in this device folder; what is found comes out of the queue."""
    found: queue.Queue[str] = queue.Queue()
    watch = Spares(CODE, lambda: taken, found.put, dev=dev, look_seconds=0.02)
    watch.start()
    try:
        yield found
    finally:
        watch.stop()


def scanned(scanner: PtyScanner, data: bytes, found: queue.Queue[str]) -> str:
    """What is found; the code is sent until somebody listens."""
    for _ in range(200):
        scanner.send(data)
        try:
            return found.get(timeout=0.05)
        except queue.Empty:
            continue
    raise AssertionError("the spare scanner was never found")


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (b"PPA-7\r", ""),
        (b"]C0PPA-7\r\n", ""),
        (b"ppa-7\n", "?caps=on"),
        (b"\x02PPA-7\x03", "?suffix=stx-etx"),
        (sent(b"PPA-7"), "?suffix=ssi&feedback=zebra-ssi"),
    ],
)
def test_a_spare_serial_scanner_is_found_by_the_code_whatever_its_frame(
    data: bytes, options: str, tmp_path: Path
) -> None:
    spare = PtyScanner(tmp_path / "serial/by-id/usb-Maker_Scanner_2-if00")
    with looking(tmp_path) as found:
        spec = scanned(spare, data, found)
    assert spec == f"serial:{spare.path}{options}"
    bench = Bench()
    reader = Reader([open_source(spec)], bench.on_scan, bench.on_status)
    reader.start()
    bench.wait_for(lambda: reader.statuses[0].state == "connected")
    reader.stop()
    spare.unplug()


def test_other_codes_and_devices_that_have_a_use_are_left_alone(tmp_path: Path) -> None:
    spare = PtyScanner(tmp_path / "serial/by-id/usb-Maker_Scanner_2")
    taken = PtyScanner(tmp_path / "serial/by-id/usb-Maker_Scanner_3")
    with looking(tmp_path, str(taken.path)) as found:
        for _ in range(5):
            spare.send(b"PPA-8\rPPA-77\rXPPA-7\rPPA-\r")
            taken.send(b"PPA-7\r")
        assert scanned(spare, b"PPA-7\r", found) == f"serial:{spare.path}"
        assert found.empty()
    spare.unplug()
    taken.unplug()


def test_another_program_can_take_a_spare_at_any_time_and_keeps_what_it_reads(tmp_path: Path) -> None:
    spare = PtyScanner(tmp_path / "serial/by-id/usb-Maker_Scanner_2")
    ear = ears.SerialEar(str(spare.path), CODE)
    with serial.Serial(str(spare.path), timeout=10, exclusive=True) as other:
        spare.send(b"PPA-7\r")
        with pytest.raises(BlockingIOError):
            ear.hear()
        assert other.read(6) == b"PPA-7\r"
        ear.close()
        with looking(tmp_path) as found:
            spare.send(b"PPA-7\r")
            assert other.read(6) == b"PPA-7\r"
            other.close()
            assert scanned(spare, b"PPA-7\r", found)
    spare.unplug()


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_a_spare_that_plays_a_keyboard_is_found_with_its_layout_and_not_grabbed(
    layout: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyboard = FakeKeyboard()
    link = tmp_path / "input/by-id/usb-Maker_Barcode_Scanner-event-kbd"
    link.parent.mkdir(parents=True)
    (tmp_path / "input/event7").touch()
    link.symlink_to(tmp_path / "input/event7")
    library = cast("ModuleType", SimpleNamespace(InputDevice=lambda _path: keyboard))
    monkeypatch.setattr(ears, "evdev_library", lambda: library)
    keyboard.send(typed("4006381333931") + press(28) + typed("PPA-7", layout) + press(28))
    with looking(tmp_path) as found:
        assert found.get(timeout=10) == f"evdev:{link}?layout={layout}"
    assert (keyboard.grabbed, keyboard.closed) == (False, True)
    keyboard.throw_away()


def test_a_spare_that_plays_a_keyboard_is_not_taken_before_it_let_go_of_its_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyboard = FakeKeyboard()
    library = cast("ModuleType", SimpleNamespace(InputDevice=lambda _path: keyboard))
    monkeypatch.setattr(ears, "evdev_library", lambda: library)
    ear = ears.KeyEar("/dev/input/event7", CODE)
    pressed, released = press(28)[:-2], press(28)[-2:]
    keyboard.send(typed("PPA-7") + pressed)
    assert ear.hear() is None, "grabbed now, every window would think that Enter is held down"
    keyboard.send(released)
    assert ear.hear() == "layout=us"
    keyboard.throw_away()


def test_a_strange_device_does_not_keep_the_others_from_being_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    strange = PtyScanner(tmp_path / "serial/by-id/usb-A_strange")
    deaf = PtyScanner(tmp_path / "serial/by-id/usb-B_deaf")
    spare = PtyScanner(tmp_path / "serial/by-id/usb-C_Scanner")

    class Ear(ears.SerialEar):
        def __init__(self, path: str, code: str) -> None:
            if path.endswith("A_strange"):
                raise termios.error(5, "Input/output error")
            super().__init__(path, code)
            self._deaf = path.endswith("B_deaf")
            if self._deaf:
                deaf.send(b"x")

        def hear(self) -> str | None:
            if self._deaf:
                raise UnicodeError("no text")
            return super().hear()

    monkeypatch.setattr(spares, "SerialEar", Ear)
    with looking(tmp_path) as found:
        assert scanned(spare, b"PPA-7\r", found) == f"serial:{spare.path}"
    assert "failed" not in caplog.text
    for one in (strange, deaf, spare):
        one.unplug()


def test_looking_can_be_stopped_twice_and_closes_nobody_elses_file(tmp_path: Path) -> None:
    watch = Spares(CODE, lambda: (), lambda _spec: None, dev=tmp_path, look_seconds=0.02)
    watch.start()
    watch.stop()
    with (tmp_path / "other").open("w") as one, (tmp_path / "another").open("w") as two:
        watch.stop()
        one.write("kept")
        two.write("kept")


def test_an_ordinary_keyboard_a_scale_and_a_printer_are_no_candidates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = {
        "input/by-id/usb-Logitech_Keyboard_K120-event-kbd": "input/event1",
        "input/by-id/usb-Honeywell_Scanner_H1-event-kbd": "input/event2",
        "input/by-path/pci-0-usb-0:3-event-kbd": "input/event3",
        "serial/by-id/usb-Mettler_Scale": "ttyUSB0",
        "serial/by-id/usb-Zebra_Label_Printer": "ttyACM1",
        "serial/by-id/usb-FTDI_Serial": "ttyUSB1",
        "serial/by-path/platform-serial8250": "ttyS0",
    }
    for link, node in links.items():
        path = tmp_path / link
        path.parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / node).touch()
        path.symlink_to(tmp_path / node)
    names = {"event3": "Symbol Bar Code Scanner"}
    monkeypatch.setattr(discovery, "_device_name", lambda device, link, _sys: names.get(device.name, link.name))
    assert sorted(spec for spec, _ in candidates(tmp_path)) == [
        f"evdev:{tmp_path}/input/by-id/usb-Honeywell_Scanner_H1-event-kbd",
        f"evdev:{tmp_path}/input/by-path/pci-0-usb-0:3-event-kbd",
        f"serial:{tmp_path}/serial/by-id/usb-FTDI_Serial",
    ]
