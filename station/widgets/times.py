"""Ship-by times as time left."""

from datetime import UTC, datetime
from functools import lru_cache

SOON_SECONDS = 30 * 60
"""From here on the time left is shown as a warning."""


@lru_cache(maxsize=1024)
def moment(text: str) -> float | None:
    """Seconds since the epoch of an ISO 8601 time, UTC where it names no zone; None when it is none."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def left(ship_by: str | None, now: float) -> float | None:
    """Seconds from ``now`` to the cut-off, negative when it has passed; None when it is not known."""
    at = moment(ship_by) if ship_by else None
    return None if at is None else at - now
