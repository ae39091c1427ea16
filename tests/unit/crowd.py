"""A lock that knows how many threads came to it, so that a test need not guess when they wait."""

import threading
from types import TracebackType
from typing import Any

from server.calls.line import Line


class Crowd(dict[str, Any]):
    """Takes the place of the locks in the turns of a line; ``full`` is set when ``size`` threads came."""

    def __init__(self, line: Line, size: int) -> None:
        super().__init__()
        self.size, self.came, self.full = size, 0, threading.Event()
        self._lock, self._counting = threading.RLock(), threading.Lock()
        line.turns._locks = self

    def setdefault(self, name: str, default: Any = None) -> Any:
        return self

    def __enter__(self) -> None:
        with self._counting:
            self.came += 1
            if self.came >= self.size:
                self.full.set()
        self._lock.acquire()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lock.release()
