"""How the server is: from every question this bench asks it, as one lamp."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from server.domain.errors import DomainError, Unavailable
from station.server_client import NotAdmitted
from station.views import Lamp, Light, State

SLOW_SECONDS = 1.0


class Link:
    """Thread-safe memory of the last answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answered_at = time.monotonic()
        self._seconds = 0.0
        self._open: dict[int, float] = {}
        self._trouble: State | None = State.NEVER
        self.outside: tuple[str, ...] = ()
        """Channels and carriers that do not answer the server: it is here, and the internet may be away."""

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Time one question. A refusal is an answer too."""
        began, me = time.monotonic(), threading.get_ident()
        with self._lock:
            self._open[me] = began
        try:
            yield
        except Unavailable as error:
            self._note(me, began, State.NOT_ADMITTED if isinstance(error, NotAdmitted) else State.AWAY)
            raise
        except DomainError:
            self._note(me, began, None)
            raise
        else:
            self._note(me, began, None)

    def _note(self, me: int, began: float, trouble: State | None) -> None:
        now = time.monotonic()
        with self._lock:
            self._open.pop(me, None)
            self._trouble = trouble
            if trouble is None:
                self._answered_at, self._seconds = now, now - began

    @property
    def away(self) -> bool:
        """The last question had no answer that decides anything."""
        with self._lock:
            return self._trouble in (State.AWAY, State.NEVER)

    @property
    def not_admitted(self) -> bool:
        """The server does not want to hear of this bench."""
        with self._lock:
            return self._trouble is State.NOT_ADMITTED

    def lamp(self) -> Lamp:
        """Ok, slow or off; with how many seconds it has been so."""
        now = time.monotonic()
        with self._lock:
            waiting = max((now - began for began in self._open.values()), default=0.0)
            if self._trouble:
                return Lamp(Light.OFF, self._trouble, now - self._answered_at)
            if max(waiting, self._seconds) >= SLOW_SECONDS:
                return Lamp(Light.LOOK, State.SLOW, max(waiting, self._seconds))
        return Lamp(Light.OK, State.OK)
