"""What the machine can see, and what to do where it may not look."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from serial.tools import list_ports

from scanners import discovery
from scanners.discovery import FoundDevice, evdev_devices, evdev_library_problem, serial_ports


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    """A device folder with two keyboards, the second without a name of its own, and a serial scanner."""
    root = tmp_path / "dev"
    for folder in ("input/by-id", "input/by-path", "serial/by-id"):
        (root / folder).mkdir(parents=True)
    for device in ("input/event3", "input/event4", "ttyACM0"):
        (root / device).touch()
    links = {
        "input/by-id/usb-Maker_Scanner_1-event-kbd": "input/event3",
        "input/by-id/usb-Maker_Scanner_1-event-mouse": "input/event4",
        "input/by-path/usb-0:1-event-kbd": "input/event3",
        "input/by-path/usb-0:2-event-kbd": "input/event4",
        "serial/by-id/usb-Maker_Scanner_2": "ttyACM0",
    }
    for link, device in links.items():
        (root / link).symlink_to(root / device)
    return root


def _library_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "evdev_library", lambda: None)


def test_keyboards_are_found_by_their_most_stable_path(
    dev: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _library_is_there(monkeypatch)
    name = tmp_path / "sys/class/input/event3/device/name"
    name.parent.mkdir(parents=True)
    name.write_text("Maker Scanner\n")
    by_id, by_path = dev / "input/by-id/usb-Maker_Scanner_1-event-kbd", dev / "input/by-path/usb-0:2-event-kbd"
    assert evdev_devices(dev, tmp_path / "sys") == [
        FoundDevice(f"evdev:{by_id}", str(dev / "input/event3"), "Maker Scanner", None),
        FoundDevice(f"evdev:{by_path}", str(dev / "input/event4"), by_path.name, None),
    ]


def test_serial_ports_are_found_by_their_most_stable_path(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ports = [SimpleNamespace(device=str(dev / name), description="Scanner", name=name) for name in ("ttyS9", "ttyACM0")]
    monkeypatch.setattr(list_ports, "comports", lambda: ports)
    found = serial_ports(dev)
    assert [device.spec for device in found] == [
        f"serial:{dev}/serial/by-id/usb-Maker_Scanner_2",
        f"serial:{dev}/ttyS9",
    ]
    assert [device.problem is None for device in found] == [True, False]


def test_a_device_this_user_may_not_read_comes_with_the_remedy(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _library_is_there(monkeypatch)
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    port = SimpleNamespace(device=str(dev / "ttyACM0"), description="Scanner", name="ttyACM0")
    monkeypatch.setattr(list_ports, "comports", lambda: [port])
    assert "usermod -aG" in (serial_ports(dev)[0].problem or "")
    assert "udev rule" in (evdev_devices(dev)[0].problem or "")


def test_a_machine_without_the_library_says_so_once_for_each_keyboard(
    dev: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise ImportError

    monkeypatch.setattr(discovery, "evdev_library", missing)
    assert "pip install" in (evdev_library_problem() or "")
    assert [device.problem for device in evdev_devices(dev)] == [evdev_library_problem()] * 2


def test_this_machine_can_be_looked_at() -> None:
    assert all(device.spec.startswith("serial:") for device in serial_ports())
    assert all(device.spec.startswith("evdev:") for device in evdev_devices())
