"""Once a second: how this bench is, and what the server wants to say. In a thread of its own, so that a long drain
never delays a stop (a cancelled order must stop its bench within two seconds)."""

import logging
import threading
import time
from collections.abc import Callable

from server import wire
from server.domain.errors import DomainError, Unavailable
from station.clock import ClockCheck
from station.link import Link
from station.store import JournalFailed
from station.workplace import Workplace

BEAT_SECONDS = 1.0
QUEUE_SECONDS = 2.0
_log = logging.getLogger("packproof.station")


class Heartbeat:
    """``beat`` makes the message; ``on_stop`` hears of sessions that must stop; ``on_back`` of every answer."""

    def __init__(self, place: Workplace, link: Link, clock: ClockCheck, beat: Callable[[], wire.Heartbeat]) -> None:
        self._place, self._link, self._clock, self._beat = place, link, clock, beat
        self.on_stop: Callable[[wire.SessionStop], None] = lambda _stop: None
        self.on_back: Callable[[], None] = lambda: None
        self.on_answered: Callable[[], None] = lambda: None
        """Called when somebody answered this bench's call on the supervisor's page."""
        self.on_paper: Callable[[wire.HeartbeatAnswer], None] = lambda _answer: None
        """Called with every answer: where paper is to come out, and whose comes out here."""
        self.on_elsewhere: Callable[[int, str], None] = lambda _person_id, _bench: None
        """Called with a person who has signed in at that other bench since."""
        self._queue_at = 0.0
        self._stopping, self._soon = threading.Event(), threading.Event()
        self._was_away = False
        self._thread = threading.Thread(target=self._run, name="bench heartbeat", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """Fall silent."""
        self._stopping.set()
        self._soon.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def soon(self) -> None:
        """Something the server's pages should show at once, or a queue that should be fresh."""
        self._queue_at = 0.0
        self._soon.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._once()
            except (Unavailable, JournalFailed, DomainError) as error:
                self._note_away(error)
            except Exception:
                _log.exception("the heartbeat failed")
            self._soon.wait(max(0.05, BEAT_SECONDS - (time.monotonic() - began)))
            self._soon.clear()

    def _note_away(self, error: Exception) -> None:
        if not self._was_away:
            _log.warning("no heartbeat: %s", error)
            self._was_away = True
            self._place.on_change()

    def _once(self) -> None:
        with self._link.asking():
            beat, asked_at = self._beat(), self._clock.ask()
            answer = self._place.client.heartbeat(beat)
            self._clock.heard(answer.at, asked_at)
            self._link.outside = answer.unreachable
        if self._was_away:
            self._was_away = False
            self._place.on_change()
        self.on_back()
        self.on_paper(answer)
        if answer.signed_in_elsewhere and beat.person_id is not None:
            self.on_elsewhere(beat.person_id, answer.signed_in_elsewhere)
        if answer.call_answered:
            self.on_answered()
        for stop in answer.stops:
            self.on_stop(stop)
        snapshot = self._place.snapshot
        if snapshot is None or snapshot.version != answer.snapshot_version:
            self._place.keep(self._place.client.snapshot())
            self._place.on_change()
        self._refresh_queue()

    def _refresh_queue(self) -> None:
        if time.monotonic() - self._queue_at < QUEUE_SECONDS or self._place.person is None:
            return
        self._queue_at = time.monotonic()
        queue = self._place.client.queue()
        if queue != self._place.queue:
            self._place.queue = queue
            self._place.on_change()
