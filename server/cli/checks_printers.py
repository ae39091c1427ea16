"""What `doctor` sees of printers."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from printing.printers import PrinterStatus, open_printer
from printing.printers.troubles import remedy
from printing.printers.usb import FOLDER, device_id
from server.cli.finding import Finding, Mark

WHILE_NOTHING_TOLD = "print a test label: packproof doctor printer"


def printers(station: dict[str, Any], folder: Path = FOLDER) -> Iterator[Finding]:
    """USB printers there are, and the state of each configured one."""
    devices = sorted(folder.glob("lp*"))
    for device in devices:
        readable = os.access(device, os.R_OK | os.W_OK)
        todo = "" if readable else "install deploy/udev/99-packproof.rules, or add this user to group lp"
        called = device_id(device) if readable else ""
        yield Finding("ok" if readable else "look", "usb printer", f"usb:{device} {called}".rstrip(), todo)
    configured = targets(station)
    if not configured and not devices:
        yield Finding(
            "look", "printers", "no USB printer, none configured", 'set [printer] target = "tcp:ADDRESS:9100"'
        )
    for name, target in configured:
        yield _configured(f"{name} ({target})" if name else target, target)


def targets(station: dict[str, Any]) -> list[tuple[str, str]]:
    """Name and target of each printer in the settings, one [printer] or several [[printer]]."""
    listed = station.get("printer", [])
    tables = [one for one in (listed if isinstance(listed, list) else [listed]) if isinstance(one, dict)]
    return [(str(one.get("name", "")), str(one.get("target", ""))) for one in tables if one.get("target")]


def of_status(subject: str, called: str, status: PrinterStatus) -> Finding:
    """A printer's own words, and what to do about them."""
    marks: dict[str, Mark] = {"ready": "ok", "unknown": "look"}
    mark = marks.get(status.state, "bad")
    todo = {"ok": "", "look": WHILE_NOTHING_TOLD}.get(mark) if mark != "bad" else remedy(status.detail)
    said = f"{called}: {status.state}, {status.detail}".removesuffix(", ")
    return Finding(mark, subject, said, todo or ("" if mark == "ok" else "look at its display"))


def _configured(called: str, target: str) -> Finding:
    try:
        printer = open_printer(target)
    except ValueError as error:
        return Finding("bad", "your printer", called, f"correct it in station.toml: {error}")
    return of_status("your printer", called, printer.status())
