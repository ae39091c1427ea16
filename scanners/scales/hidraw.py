"""USB scales there are. Their /dev/hidrawN changes at every start, so that they are found by maker and product."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SYSFS = Path("/sys/class/hidraw")
_SCALE_PAGE = b"\x05\x8d"
"""Begins the report descriptor of a device whose usage page is that of scales."""
_ID = re.compile(r"^HID_ID=[0-9A-Fa-f]{4}:0{4}([0-9A-Fa-f]{4}):0{4}([0-9A-Fa-f]{4})$", re.MULTILINE)
_NAME = re.compile(r"^HID_NAME=(.*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class UsbScale:
    """One that is plugged in; ``identity`` as `lsusb` shows it, such as 0922:8003."""

    path: str
    identity: str
    name: str


def usb_scales(sysfs: Path = SYSFS) -> Iterator[UsbScale]:
    """All of them, whether this user may read them or not."""
    for folder in sorted(sysfs.glob("hidraw*")) if sysfs.is_dir() else ():
        try:
            about = (folder / "device" / "uevent").read_text("utf-8", "replace")
            page = (folder / "device" / "report_descriptor").read_bytes()[:2]
        except OSError:
            # Unplugged while we looked.
            continue
        identity, name = _ID.search(about), _NAME.search(about)
        if identity and page == _SCALE_PAGE:
            called = f"{identity[1]}:{identity[2]}".lower()
            yield UsbScale(f"/dev/{folder.name}", called, name[1] if name else "")


def find(identity: str, sysfs: Path = SYSFS) -> str | None:
    """Where this scale is now; None when it is not plugged in."""
    return next((scale.path for scale in usb_scales(sysfs) if scale.identity == identity.lower()), None)
