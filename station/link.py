"""How the server is: from every question this bench asks it, in one word and a shape."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from server.domain.errors import DomainError, Unavailable
from station.server_client import NotAdmitted
from station.views import Light

SLOW_SECONDS = 1.0
CLOCK_OFF_SECONDS = 30.0


class Link:
    """Thread-safe memory of the last answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answered_at = time.monotonic()
        self._seconds = 0.0
        self._open: dict[int, float] = {}
        self._trouble = "never reached"
        self.clock_off = 0.0
        """Seconds this bench's clock is ahead of the server's."""

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Time one question. A refusal is an answer too."""
        began, me = time.monotonic(), threading.get_ident()
        with self._lock:
            self._open[me] = began
        try:
            yield
        except Unavailable as error:
            self._note(me, began, "not admitted" if isinstance(error, NotAdmitted) else "off")
            raise
        except DomainError:
            self._note(me, began, "")
            raise
        else:
            self._note(me, began, "")

    def _note(self, me: int, began: float, trouble: str) -> None:
        now = time.monotonic()
        with self._lock:
            self._open.pop(me, None)
            self._trouble = trouble
            if not trouble:
                self._answered_at, self._seconds = now, now - began

    def light(self) -> tuple[Light, str]:
        """Ok, slow or off; with how long it has been off."""
        now = time.monotonic()
        with self._lock:
            waiting = max((now - began for began in self._open.values()), default=0.0)
            if self._trouble:
                return Light.OFF, f"{self._trouble} {_spoken(now - self._answered_at)}"
            if max(waiting, self._seconds) >= SLOW_SECONDS:
                return Light.LOOK, f"slow {max(waiting, self._seconds):.0f} s"
        return Light.OK, "ok"

    @property
    def clock_text(self) -> str:
        """Empty, or by how much this bench's clock is wrong."""
        if abs(self.clock_off) <= CLOCK_OFF_SECONDS:
            return ""
        return f"clock {_spoken(abs(self.clock_off))} {'fast' if self.clock_off > 0 else 'slow'}"


def _spoken(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"
