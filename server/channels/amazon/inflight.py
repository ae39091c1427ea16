"""Which numbers are on their way to Amazon: what keeps a feed and a patch for one SKU apart.

Kept in the line's memory, so that a restart, or the next try, knows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from server.calls.line import Line

_KEY = "amazon:stock"
_KNOWN_MAX = 50
_KEPT = 86400.0
ENDS_WITHIN = 4 * 3600.0
"""Seconds after which a feed that has not ended is given up: its numbers are written again, the newest of each."""
SETTLING = 60.0
"""Seconds for which a patch counts as on its way, and after which a feed that Amazon does not show was never made."""


@dataclass(slots=True)
class Row:
    """One message of a feed. ``said``: None on its way, empty accepted, else why not."""

    word: str
    message: int
    said: str | None = None


@dataclass(slots=True)
class Feed:
    """One feed; ``id`` is empty while only Amazon knows it. ``rows`` by SKU. ``over``: its report is read."""

    id: str
    at: float
    rows: dict[str, Row]
    over: bool = False


@dataclass(slots=True)
class Flight:
    """All that is on its way. ``known``: feeds of ours, the oldest first. ``patched``: SKU to when."""

    feeds: list[Feed] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    patched: dict[str, float] = field(default_factory=dict)

    def of(self, sku: str) -> Feed | None:
        """The feed that has this SKU: one on its way before one that is over."""
        having = [feed for feed in self.feeds if sku in feed.rows]
        return next((feed for feed in having if not feed.over), having[0] if having else None)

    def lately(self, sku: str, now: float) -> float:
        """Seconds until a patch of this SKU no longer counts as on its way."""
        return max(0.0, self.patched.get(sku, -SETTLING) + SETTLING - now)

    def forget(self, sku: str) -> None:
        """A newer number goes out: what was said of an older one means nothing now."""
        for feed in self.feeds:
            if feed.over:
                feed.rows.pop(sku, None)

    def named(self, feed: Feed, feed_id: str) -> None:
        """Amazon told its id."""
        feed.id = feed_id
        self.known = [*self.known, feed_id][-_KNOWN_MAX:]


def load(line: Line) -> Flight:
    """As it was saved."""
    kept: Mapping[str, Any] = line.memory.get(_KEY) or {}
    feeds = [
        Feed(one["id"], one["at"], {sku: Row(*row) for sku, row in one["rows"].items()}, one["over"])
        for one in kept.get("feeds", ())
    ]
    return Flight(feeds, list(kept.get("known", ())), dict(kept.get("patched", {})))


def save(line: Line, flight: Flight) -> None:
    """Without what is of no use any more."""
    now = line.now()
    flight.feeds = [feed for feed in flight.feeds if feed.rows and not (feed.over and now - feed.at > _KEPT)]
    flight.patched = {sku: at for sku, at in flight.patched.items() if now - at < SETTLING}
    feeds = [
        {
            "id": feed.id,
            "at": feed.at,
            "rows": {sku: [row.word, row.message, row.said] for sku, row in feed.rows.items()},
            "over": feed.over,
        }
        for feed in flight.feeds
    ]
    now_known = {"feeds": feeds, "known": list(flight.known), "patched": dict(flight.patched)}
    if line.memory.get(_KEY) != now_known:
        line.memory.put(_KEY, now_known)
