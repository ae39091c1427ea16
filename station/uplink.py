"""Brings the journal to the server: in order per session, once, whenever the server is there; nothing is ever dropped.

A server restored from an older backup says where its log ends, and gets everything from there on again.
A batch the server refuses otherwise must not hold up the others: its session waits a minute and is shown as refused.
"""

import logging
import math
import threading
import time
from collections.abc import Callable
from functools import partial

from server import wire
from server.domain.benchwork.reasons import ENDS_SESSION, Reason
from server.domain.errors import DomainError, Unavailable
from station.jobs import Backoff
from station.journal import Journal
from station.link import Link
from station.server_client import ServerClient
from station.store import JournalFailed

IDLE_SECONDS = 1.0
REFUSED_SECONDS = 60.0
SETTLE_SECONDS = 0.05
"""After a scan the picture and the sound come first; quick scans travel together. ``flush`` does not wait."""
STOPS_FROM_SERVER = ENDS_SESSION | {Reason.STOPPED}
"""Codes of refusals after which this bench must not go on with the session."""
_log = logging.getLogger("packproof.station")


class Uplink:
    """One thread that drains; ``flush`` does the same for one session in the thread of whoever needs it now."""

    def __init__(self, journal: Journal, client: ServerClient, link: Link) -> None:
        self._journal, self._client, self._link = journal, client, link
        self.on_stop: Callable[[wire.SessionStop], None] = lambda _stop: None
        self.on_tote: Callable[[str], None] = lambda _tote: None
        """Called with the shared tote whose last order was packed."""
        self.on_idle: Callable[[], None] = lambda: None
        """Called after every drain; may raise Unavailable."""
        self.due: Callable[[], float] = lambda: math.inf
        """Seconds until ``on_idle`` has something to do again; it is called after ``IDLE_SECONDS`` at the latest."""
        self.on_sent: Callable[[], None] = lambda: None
        """Called after a drain that sent anything."""
        self.load_of: Callable[[str, str], str] = lambda _dock_session, load_id: load_id
        """The server's id of a session's load, which may have begun here; may raise Unavailable or DomainError."""
        self.on_follows: Callable[[str, str, str], None] = lambda _dock_session, _left, _follows: None
        """Called when the server put scans of a session on another load, for theirs had left: the two loads' ids."""
        self.sending = threading.RLock()
        """Held while events travel; who asks for a load under it sees every event that was marked sent."""
        self.refused: dict[str, str] = {}
        """Why the server refused a session's events, by session or dock session."""
        self._again: dict[str, float] = {}
        self._failed: dict[str, int] = {}
        self._delivered = False
        self._wake, self._stopping, self._away = threading.Event(), threading.Event(), False
        self._thread = threading.Thread(target=self._run, name="bench uplink", daemon=True)

    def start(self) -> None:
        """Begin to drain."""
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """End after the batch in hand; what is unsent stays in the journal."""
        self._stopping.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def wake(self) -> None:
        """There is something new to send. While the server is away the pauses stay as long as they are."""
        if not self._away:
            self._wake.set()

    def back(self) -> None:
        """The server answered somebody: no need to wait any longer."""
        self._wake.set()

    def flush(self, session_id: str) -> None:
        """Send all of a session now; raise Unavailable, or DomainError when the server refuses its events."""
        while self._send(session_id):
            pass

    def flush_dock(self, dock_session: str, load_id: str) -> None:
        """As flush, for a dock session."""
        while self._send_dock(dock_session, load_id):
            pass

    def _run(self) -> None:
        backoff = Backoff()
        while not self._stopping.is_set():
            pause = self._round(backoff)
            if self._wake.wait(pause):
                self._stopping.wait(SETTLE_SECONDS)
            self._wake.clear()

    def _round(self, backoff: Backoff) -> float:
        """Drain once; the seconds until the next time."""
        pause = IDLE_SECONDS
        try:
            self._drain()
            self.on_idle()
            pause = min(pause, self.due())
        except Unavailable:
            self._away = True
            return backoff.pause()
        except JournalFailed as error:
            _log.error("unsent scans cannot be read: %s", error)
        except Exception:
            _log.exception("sending failed")
            return backoff.pause()
        self._away = False
        backoff.reset()
        return pause

    def _drain(self) -> None:
        # Counting what is unsent before and after would miss a scan that came in between.
        self._delivered = False
        try:
            self._send_all()
        finally:
            if self._delivered:
                self.on_sent()

    def _send_all(self) -> None:
        """All that is unsent; what the server failed on goes last, so that it never holds up the rest."""
        sends = {s: partial(self.flush, s) for s in self._journal.unsent_sessions()}
        sends |= {dock: partial(self.flush_dock, dock, load) for dock, load in self._journal.unsent_docks()}
        for session in sorted(sends, key=lambda name: self._failed.get(name, 0)):
            self._patiently(session, sends[session])
        self._journal.purge()

    def _patiently(self, session: str, send: Callable[[], None]) -> None:
        if self._again.get(session, 0.0) > time.monotonic() or self._stopping.is_set():
            return
        try:
            send()
            self._delivered = True
        except Unavailable:
            self._failed[session] = self._failed.get(session, 0) + 1
            raise
        except DomainError as error:
            _log.error("the server refuses the events of %s: %s", session, error)
            self.refused[session] = error.detail
            self._again[session] = time.monotonic() + REFUSED_SECONDS
            if error.code in STOPS_FROM_SERVER:
                self.on_stop(stop_of(session, error))
        else:
            self.refused.pop(session, None)
            self._again.pop(session, None)
            self._failed.pop(session, None)

    def _send(self, session_id: str) -> bool:
        """Send one batch; whether there was one."""
        with self.sending:
            events = self._journal.unsent_events(session_id)
            if not events:
                return False
            try:
                with self._link.asking():
                    answer = self._client.send_events(session_id, wire.EventsRequest(events=events))
            except DomainError as error:
                return _repaired(error, lambda seq: self._journal.mark_unsent(session_id, seq))
            through = _through(answer.accepted_through, events[0].seq, events[-1].seq)
            self._journal.mark_sent(session_id, through)
        if answer.tote_done:
            self.on_tote(answer.tote_done)
        if answer.stop is not None:
            self.on_stop(
                wire.SessionStop(
                    session_id=session_id,
                    reason=answer.stop,
                    detail=answer.stop_detail,
                    says=answer.stop_says,
                    take_out=answer.take_out,
                    add=answer.add,
                )
            )
        return True

    def _send_dock(self, dock_session: str, load_id: str) -> bool:
        with self.sending:
            events = self._journal.unsent_dock_events(dock_session)
            if not events:
                return False
            request = wire.DockEventsRequest(dock_session=dock_session, events=events)
            real = self.load_of(dock_session, load_id)
            try:
                with self._link.asking():
                    answer = self._client.send_dock_events(real, request)
            except DomainError as error:
                return _repaired(error, lambda seq: self._journal.mark_dock_unsent(dock_session, seq))
            through = _through(answer.accepted_through, events[0].seq, events[-1].seq)
            if answer.load.load_id != real:
                self.on_follows(dock_session, real, answer.load.load_id)
            self._journal.mark_dock_sent(dock_session, through)
        return True


def stop_of(session_id: str, error: DomainError) -> wire.SessionStop:
    """A refusal by which the server stops a session; its code is in ``STOPS_FROM_SERVER``."""
    says = {name: str(value) for name, value in error.facts.items()}
    return wire.SessionStop(session_id=session_id, reason=Reason(error.code), detail=error.detail, says=says)


def _repaired(error: DomainError, again_from: Callable[[int], int]) -> bool:
    """True when the server, restored from an older backup, missed events that will now be sent again; else raise."""
    expected = error.facts.get("expected")
    if error.code != "gap" or not isinstance(expected, int) or not again_from(expected):
        # Also where nothing was marked anew: sending the same once more would be refused once more.
        raise error
    _log.warning("the server lost events of a session: %s; sending again", error)
    return True


def _through(accepted: int, first: int, last: int) -> int:
    """How far the server took the batch; raise DomainError when it took nothing, for then sending again is no help."""
    if accepted < first:
        raise DomainError("not_accepted", f"expected the server to accept event {first}, it stands at {accepted}")
    return min(accepted, last)
