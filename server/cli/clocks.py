"""Moments as people read them; never without the zone they are told in."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def when(at: float | None, time_zone: str = "") -> str:
    """22 Nov 04:59 EST, in the named zone or in this machine's own; "-" for no moment."""
    if at is None:
        return "-"
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment.astimezone(ZoneInfo(time_zone) if time_zone else None):%d %b %H:%M %Z}"
