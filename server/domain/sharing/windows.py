"""Dated windows in local time: when exactly does "27 November, New York" begin and end?"""

from dataclasses import dataclass
from datetime import datetime
from math import inf
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from server.domain.errors import DomainError


def instant(local: str, zone: str) -> float:
    """Seconds since the epoch of a local ISO time such as ``2026-11-27 00:00``; a date alone is its midnight.

    Where clocks are put forward or back the rule is that of RFC 5545, 3.3.5: a time that does not exist is read with
    the offset before the gap (02:30 becomes 03:30), one that exists twice is the first of the two.
    Raise DomainError("invalid") for what is no time or no zone.
    """
    try:
        read = datetime.fromisoformat(local)
    except ValueError as error:
        raise DomainError("invalid", f"expected a local time like 2026-11-27 00:00, found {local[:40]!r}") from error
    if read.tzinfo is not None:
        raise DomainError("invalid", f"expected a local time without offset, found {local[:40]!r}; name the zone apart")
    return read.replace(tzinfo=time_zone(zone), fold=0).timestamp()


def time_zone(name: str) -> ZoneInfo:
    """The zone of this IANA name; raise DomainError("invalid") when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise DomainError("invalid", f"expected a time zone like Europe/Berlin, found {name[:64]!r}") from error


@dataclass(frozen=True, slots=True)
class Window:
    """From ``starts`` until just before ``ends``, both local in ``zone``; an empty one is open on that side."""

    starts: str = ""
    ends: str = ""
    zone: str = "UTC"

    @property
    def opens(self) -> float:
        """Seconds since the epoch."""
        return instant(self.starts, self.zone) if self.starts else -inf

    @property
    def closes(self) -> float:
        """Seconds since the epoch; the window no longer holds at this very moment."""
        return instant(self.ends, self.zone) if self.ends else inf

    def __str__(self) -> str:
        if not self.starts:
            return f"until {self.ends} {self.zone}"
        return f"from {self.starts}{f' until {self.ends}' if self.ends else ''} {self.zone}"


def check_window(window: Window) -> Window:
    """The window itself; raise DomainError("invalid") when it has no side or ends before it starts."""
    if not (window.starts or window.ends):
        raise DomainError("invalid", "expected a start or an end of the dated window, found neither")
    if window.closes <= window.opens:
        raise DomainError("invalid", f"the window ends before it starts: {window}")
    return window
