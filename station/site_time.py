"""Times as the clock on the wall of the site shows them."""

from datetime import datetime
from zoneinfo import ZoneInfo


def zone_of(name: str) -> ZoneInfo:
    """The zone that the server names; UTC where this machine does not know it, as an old one may not."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def hour(at: float, time_zone: str) -> str:
    """Hours and minutes of seconds since the epoch."""
    return datetime.fromtimestamp(at, zone_of(time_zone)).strftime("%H:%M")


def minute(at: float, time_zone: str) -> str:
    """Day and time of seconds since the epoch, to the minute."""
    return datetime.fromtimestamp(at, zone_of(time_zone)).replace(tzinfo=None).isoformat(" ", "minutes")
