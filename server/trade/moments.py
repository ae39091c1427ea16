"""Moments as platforms write them."""

from datetime import UTC, datetime

from server.domain.errors import DomainError

LATEST = 1e11
"""Seconds since the epoch; beyond it a site's own calendar overflows, and no bench could read its queue."""


def seconds_of(text: str, name: str) -> float:
    """An ISO 8601 time, UTC where it names no zone; raise DomainError("malformed") with the field's ``name``."""
    try:
        found = datetime.fromisoformat(text)
        seconds = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise DomainError("malformed", f"{name}: expected an ISO 8601 time, found {text[:40]!r}") from error
    if not 0 <= seconds <= LATEST:
        raise DomainError("malformed", f"{name}: expected a time from 1970 to 5138, found {text[:40]!r}")
    return seconds


def stamp(seconds: float) -> str:
    """The other way round, to the second: 2026-11-22T09:00:00Z."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
