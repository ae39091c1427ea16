"""Whether this bench's clock can be believed: against the server's, also between its answers, and by the kernel."""

import threading
import time
from collections.abc import Callable

from server.kernel_clock import clock_synchronised

OFF_SECONDS = 30.0
VOUCHED_SECONDS = 3600.0
"""For so long an answer of the server that agreed stands for a clock that no time server keeps."""


def _since_start() -> float:
    """Seconds since the machine started, which nobody can set; sleep counts where the system can tell."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


class ClockCheck:
    """Thread-safe. A clock that is set while the server is away is noticed: the time since the start goes on."""

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        synchronised: Callable[[], bool | None] = clock_synchronised,
        since_start: Callable[[], float] = _since_start,
    ) -> None:
        self._clock, self._synchronised, self._since_start = clock, synchronised, since_start
        self._lock = threading.Lock()
        self._heard: tuple[float, float] | None = None
        """The server's time, and ours since the start at that moment."""

    def ask(self) -> float:
        """Before the server is asked for its time; give the answer to ``heard``."""
        return self._since_start()

    def heard(self, server_at: float, asked_at: float) -> None:
        """The server answered just now with its time, in epoch seconds."""
        with self._lock:
            self._heard = (server_at, (asked_at + self._since_start()) / 2)

    @property
    def ahead(self) -> float:
        """Seconds this bench's clock is ahead of the server's; 0 while the server has not been heard."""
        with self._lock:
            heard = self._heard
        return self._clock() - heard[0] - (self._since_start() - heard[1]) if heard else 0.0

    @property
    def wrong(self) -> float:
        """``ahead`` in whole seconds where it is too much to be ignored, else 0."""
        ahead = self.ahead
        return round(ahead) if abs(ahead) > OFF_SECONDS else 0.0

    @property
    def unset(self) -> bool:
        """No time server keeps it, and the server has not agreed with it lately."""
        with self._lock:
            heard = self._heard
        vouched = heard is not None and self._since_start() - heard[1] <= VOUCHED_SECONDS
        return not vouched and self._synchronised() is False

    @property
    def doubtful(self) -> bool:
        """Whether nothing may be judged by it."""
        return bool(self.wrong) or self.unset
