"""Types that msgspec reads into, learnt by one thread at a time.

msgspec looks at a dataclass when it first meets it; two threads that do so at once end the whole process with a
segmentation fault (seen with 0.22 and 64 connections right after a start).
"""

import threading
from typing import TypeVar

import msgspec

T = TypeVar("T")
_lock = threading.Lock()
_learnt: set[type] = set()


def learnt(kind: type[T]) -> type[T]:
    """The same type, safe to be read into from any thread."""
    if kind not in _learnt:
        with _lock:
            msgspec.json.Decoder(kind)
            _learnt.add(kind)
    return kind
