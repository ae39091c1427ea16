"""The machine's own time zone, to offer as a default."""

import os
from pathlib import Path
from zoneinfo import ZoneInfo


def machine_time_zone() -> str:
    """Its IANA name by TZ, /etc/timezone or /etc/localtime; UTC when none of them says one."""
    link = Path("/etc/localtime")
    by_link = str(link.resolve()).partition("zoneinfo/")[2] if link.is_symlink() else ""
    for name in (os.environ.get("TZ", "").lstrip(":"), _first_line(Path("/etc/timezone")), by_link):
        if name and _is_zone(name):
            return name
    return "UTC"


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _is_zone(name: str) -> bool:
    try:
        return ZoneInfo(name).key == name
    except (KeyError, ValueError, OSError):
        return False
