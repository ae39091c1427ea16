"""Doing a whole transaction again after a race that only the database can see."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError

T = TypeVar("T")
_PASSING = {"40001", "40P01", "55P03"}
"""PostgreSQL's serialization failure, deadlock and lock timeout (its manual, appendix A)."""


def again(work: Callable[[], T], tries: int = 6) -> T:
    """The result of ``work``, a function of one transaction; repeated when it lost a race for a unique key or lock.

    Safe only for work that looks before it writes: the second look finds what the winner wrote.
    """
    for attempt in range(1, tries + 1):
        try:
            return work()
        except DBAPIError as error:
            if attempt == tries or not _lost_a_race(error):
                raise
            time.sleep(random.uniform(0, 0.01) * 2**attempt)  # noqa: S311 - spreads the losers, guards nothing
    raise AssertionError("unreachable")


def _lost_a_race(error: DBAPIError) -> bool:
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in _PASSING
