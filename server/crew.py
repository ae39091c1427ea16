"""Threads that are kept for the next call: beginning one for each costs more than many a call does."""

import threading
from collections.abc import Callable
from queue import SimpleQueue

Call = Callable[[], object]


class Crew:
    """As many threads as there were calls at once. None of them keeps the process alive, whatever it waits for."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._calls: SimpleQueue[Call | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._idle = self._hands = 0

    def begin(self, call: Call) -> None:
        """Run ``call`` now, beside whatever runs; it lets nothing out."""
        with self._lock:
            fresh = self._idle == 0
            self._idle -= not fresh
            self._hands += fresh
        self._calls.put(call)
        if fresh:
            threading.Thread(target=self._run, name=self._name, daemon=True).start()

    def end(self) -> None:
        """Each thread ends when its call does; nothing may begin any more."""
        with self._lock:
            hands = self._hands
        for _ in range(hands):
            self._calls.put(None)

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
            with self._lock:
                self._idle += 1
