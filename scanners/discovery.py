"""What this machine can see: for `packproof doctor`, and to write the right path into a config."""

from __future__ import annotations

import grp
import os
from dataclasses import dataclass
from pathlib import Path

from serial.tools import list_ports

from scanners.sources.evdev import LIBRARY_REMEDY, PERMISSION_REMEDY, evdev_library

_DEV = Path("/dev")
_SYS = Path("/sys")


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A device that may be a scanner."""

    spec: str
    """What to give `--scanner`, with the most stable path there is."""

    device: str
    """The path of the kernel; it can change at every start."""

    name: str
    problem: str | None
    """None when this user can read it, else what to do about it."""


def serial_ports(dev: Path = _DEV) -> list[FoundDevice]:
    """Serial ports of this machine, in the order of their specs."""
    stable = stable_ports(dev)
    found = [
        FoundDevice(
            spec=f"serial:{stable.get(Path(port.device), port.device)}",
            device=port.device,
            name=port.description or port.name,
            problem=_permission_problem(Path(port.device)),
        )
        for port in list_ports.comports()
    ]
    return sorted(found, key=lambda device: device.spec)


def evdev_devices(dev: Path = _DEV, sys: Path = _SYS) -> list[FoundDevice]:
    """Keyboards of this machine, and scanners that play one: which is which only their names tell."""
    return [
        FoundDevice(
            spec=f"evdev:{link}",
            device=str(device),
            name=name,
            problem=evdev_library_problem() or _evdev_problem(device),
        )
        for device, (link, name) in sorted(stable_keyboards(dev, sys).items(), key=lambda item: item[1])
    ]


def stable_ports(dev: Path = _DEV) -> dict[Path, Path]:
    """Serial ports that have a stable name, and that name, by their devices of the kernel."""
    return _links(dev / "serial" / "by-path") | _links(dev / "serial" / "by-id")


def stable_keyboards(dev: Path = _DEV, sys: Path = _SYS) -> dict[Path, tuple[Path, str]]:
    """Keyboards with their stable path and the name they give themselves, by their devices of the kernel."""
    by_id = _links(dev / "input" / "by-id", "*-event-kbd")
    # Two scanners of one model without serial numbers share a name by id; then the USB port tells them apart.
    stable = _links(dev / "input" / "by-path", "*-event-kbd") | by_id
    return {device: (link, _device_name(device, link, sys)) for device, link in stable.items()}


def evdev_library_problem() -> str | None:
    """None, or what to do so that keyboard scanners can be read at all."""
    try:
        evdev_library()
    except ImportError:
        return LIBRARY_REMEDY
    return None


def _links(folder: Path, pattern: str = "*") -> dict[Path, Path]:
    """The stable link of each device it leads to."""
    return {link.resolve(): link for link in sorted(folder.glob(pattern), reverse=True)}


def _device_name(device: Path, link: Path, sys: Path) -> str:
    try:
        return (sys / "class" / "input" / device.name / "device" / "name").read_text().strip()
    except OSError:
        return link.name


def _evdev_problem(device: Path) -> str | None:
    return None if os.access(device, os.R_OK) else PERMISSION_REMEDY.format(path=device)


def _permission_problem(device: Path) -> str | None:
    if os.access(device, os.R_OK | os.W_OK):
        return None
    return f"no permission for {device}: sudo usermod -aG {_group(device)} $USER, then sign in again"


def _group(device: Path) -> str:
    try:
        return grp.getgrgid(device.stat().st_gid).gr_name
    except (OSError, KeyError):
        return "dialout"
