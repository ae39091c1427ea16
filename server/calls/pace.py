"""Rate limits: a token bucket for each operation, preset from the platform's pages and corrected by its answers."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """``rate`` tokens a second come back, up to ``burst``."""

    rate: float
    burst: float


_NO_LIMIT = Limit(1e9, 1e9)
"""Of an operation that nobody published a limit for."""


@dataclass(slots=True)
class _Bucket:
    limit: Limit
    tokens: float
    at: float
    shut_until: float = 0.0


class Pace:
    """The buckets of one channel. Safe from any thread; the clock is the caller's.

    ``learns``: answers correct the limits; a measurement with no limits in the way does without.
    """

    def __init__(self, limits: Mapping[str, Limit], now: Callable[[], float], *, learns: bool = True) -> None:
        self._limits, self._now, self._learns = dict(limits), now, learns
        self._buckets: dict[str, _Bucket] = {}
        self._lock = threading.Lock()

    def take(self, operation: str, cost: float = 1.0) -> float:
        """Take ``cost`` tokens and return 0.0, or take none and return the seconds until they are there."""
        with self._lock:
            now = self._now()
            bucket = self._bucket(operation, now)
            if bucket is None:
                return 0.0
            wait = max(_missing(bucket, cost), bucket.shut_until - now)
            if wait <= 0:
                bucket.tokens -= cost
            return max(0.0, wait)

    def wait(self, operation: str, cost: float = 1.0) -> float:
        """As ``take`` without taking."""
        with self._lock:
            now = self._now()
            bucket = self._bucket(operation, now)
            return 0.0 if bucket is None else max(0.0, _missing(bucket, cost), bucket.shut_until - now)

    def learn(
        self, operation: str, *, left: float | None = None, rate: float | None = None, burst: float | None = None
    ) -> None:
        """What the platform says of this bucket: tokens ``left`` now, its ``rate`` and its ``burst``."""
        if not self._learns:
            return
        with self._lock:
            now = self._now()
            bucket = self._bucket(operation, now)
            if bucket is None:
                bucket = self._buckets.setdefault(operation, _Bucket(_NO_LIMIT, _NO_LIMIT.burst, now))
            bucket.limit = Limit(rate or bucket.limit.rate, burst or bucket.limit.burst)
            bucket.tokens = min(bucket.tokens if left is None else left, bucket.limit.burst)

    def shut(self, operation: str, seconds: float) -> None:
        """The platform said "too many": nothing more of this for so long, and the bucket is empty."""
        with self._lock:
            now = self._now()
            bucket = self._bucket(operation, now)
            if bucket is None:
                bucket = self._buckets.setdefault(operation, _Bucket(_NO_LIMIT, 0.0, now))
            bucket.tokens = min(bucket.tokens, 0.0)
            bucket.shut_until = max(bucket.shut_until, now + seconds)

    def _bucket(self, operation: str, now: float) -> _Bucket | None:
        bucket = self._buckets.get(operation)
        if bucket is None:
            limit = self._limits.get(operation)
            if limit is None:
                return None
            bucket = self._buckets[operation] = _Bucket(limit, limit.burst, now)
        bucket.tokens = min(bucket.limit.burst, bucket.tokens + (now - bucket.at) * bucket.limit.rate)
        bucket.at = now
        return bucket


def _missing(bucket: _Bucket, cost: float) -> float:
    return (min(cost, bucket.limit.burst) - bucket.tokens) / bucket.limit.rate
