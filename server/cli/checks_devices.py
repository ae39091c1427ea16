"""What `doctor` sees of scanners."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.cli.finding import Finding


def scanners(station: dict[str, Any]) -> Iterator[Finding]:
    """Serial ports and keyboards there are, and whether each configured scanner is one of them."""
    from scanners.discovery import evdev_devices, evdev_library_problem, serial_ports

    problem = evdev_library_problem()
    yield Finding("look" if problem else "ok", "evdev library", "absent" if problem else "present", problem or "")
    ports, keyboards = serial_ports(), evdev_devices()
    for device in ports:
        yield Finding(
            "look" if device.problem else "ok", "serial port", f"{device.spec} ({device.name})", device.problem or ""
        )
    for device in keyboards:
        yield Finding(
            "look" if device.problem else "ok", "keyboard", f"{device.spec} ({device.name})", device.problem or ""
        )
    if not ports and not keyboards:
        hint = "plug one in and look again; codes can always be typed"
        yield Finding("look", "scanners", "this machine sees none", hint)
    for scanner in station.get("scanner", []):
        yield _configured(str(scanner.get("source", "")), str(scanner.get("profile", "")), state_dir(station))


def state_dir(station: dict[str, Any]) -> Path:
    """Where this machine's bench keeps its things."""
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return Path(station.get("station", {}).get("state_dir") or base / "packproof").expanduser()


def _configured(spec: str, profile: str, folder: Path) -> Finding:
    from scanners.sources import open_source

    try:
        source = open_source(spec, own_profiles=folder / "profiles", **({"profile": profile} if profile else {}))
    except ValueError as error:
        return Finding("bad", "your scanner", spec, f"correct it in station.toml: {error}")
    path = Path(source.name.partition(":")[2])
    if source.kind in ("serial", "evdev") and not path.exists():
        return Finding("bad", "your scanner", f"{spec} is not there", "plug it in, or write a path from the list above")
    return Finding("ok", "your scanner", spec)
