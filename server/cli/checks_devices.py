"""What `doctor` sees of scanners and printers."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.cli.finding import Finding, Mark


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
        yield _configured(str(scanner.get("source", "")))


def _configured(spec: str) -> Finding:
    from scanners.sources import open_source

    try:
        source = open_source(spec)
    except ValueError as error:
        return Finding("bad", "your scanner", spec, f"correct it in station.toml: {error}")
    path = Path(source.name.partition(":")[2])
    if source.kind in ("serial", "evdev") and not path.exists():
        return Finding("bad", "your scanner", f"{spec} is not there", "plug it in, or write a path from the list above")
    return Finding("ok", "your scanner", spec)


def printers(station: dict[str, Any]) -> Iterator[Finding]:
    """USB printers there are, and the state of the configured one."""
    from printing.printers import open_printer

    devices = sorted(Path("/dev/usb").glob("lp*"))
    for device in devices:
        readable = os.access(device, os.R_OK | os.W_OK)
        remedy = "" if readable else "install deploy/udev/99-packproof.rules, or add this user to group lp"
        yield Finding("ok" if readable else "look", "usb printer", str(device), remedy)
    target = str(station.get("printer", {}).get("target", ""))
    if not target:
        if not devices:
            yield Finding(
                "look", "printers", "no USB printer, none configured", 'set [printer] target = "tcp:ADDRESS:9100"'
            )
        return
    try:
        status = open_printer(target).status()
    except ValueError as error:
        yield Finding("bad", "your printer", target, f"correct it in station.toml: {error}")
        return
    fine = status.state in ("ready", "unknown")
    remedy = "" if fine else "switch it on, load paper, close its cover; check the address and the cable"
    mark: Mark = "ok" if status.state == "ready" else "look" if fine else "bad"
    yield Finding(mark, "your printer", f"{target}: {status.state}, {status.detail}".rstrip(", "), remedy)
