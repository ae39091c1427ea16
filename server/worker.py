"""Takes what waits in the outbox to the channels and runs the jobs. Any number of workers may run over one database."""

import threading
import time
import uuid
from collections.abc import Sequence

import structlog

from server.channels import platform_of
from server.conversations import Conversations
from server.db.jobs import Job
from server.db.transaction import Database
from server.jobs import JOBS, REST, Periodic, Pulse, Runner
from server.usecases.talking import telling
from server.usecases.talking.lines import Lines
from server.usecases.talking.turn import hold

POLL = 1.0
"""Seconds between looks when nobody says that something was committed: retries and leases have times of their own."""

PER_CHANNEL = 4
"""Requests in flight to one channel; a channel that fails gets one at a time."""

LINGER = 0.05
"""Seconds until the next call where one had room left: numbers gather, and the next call tells them all."""

log = structlog.get_logger("worker")


class Worker:
    """One dispatcher, and a thread for each request in flight, so that a dead channel never delays another."""

    def __init__(self, db: Database, also: Sequence[Periodic] = (), lines: Lines | None = None) -> None:
        self.name = f"worker-{uuid.uuid4().hex[:12]}"
        self._db = db
        self._lines = lines or Lines(db)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._flights: dict[int, set[threading.Thread]] = {}
        self._dispatcher = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._runners = [Runner(db, job, self._stopping) for job in (*JOBS, *also)]
        self._pulse = Pulse(db, self._stopping, self._heard_elsewhere)
        self._conversations = Conversations(db, self._lines, self.name, self._stopping)

    def start(self) -> None:
        """Begin to send; commits of this process are heard at once."""
        self._db.on_commit.append(self._committed)
        self._dispatcher.start()
        self._pulse.thread.start()
        self._conversations.start()
        for runner in self._runners:
            runner.thread.start()

    def stop(self, within: float = 5.0) -> None:
        """Send nothing new and wait ``within`` seconds for what is in flight.

        What is abandoned keeps its lease and is sent again after it, under the same message id.
        """
        deadline = time.monotonic() + within
        self._stopping.set()
        self._committed()
        if self._committed in self._db.on_commit:
            self._db.on_commit.remove(self._committed)
        for thread in (
            self._dispatcher,
            self._pulse.thread,
            *self._conversations.threads(),
            *(runner.thread for runner in self._runners),
            *self._in_flight(),
        ):
            thread.join(max(0.0, deadline - time.monotonic()))
        left = len(self._in_flight())
        if left:
            log.warning("abandoned", requests=left)
        else:
            self._lines.close()

    def _committed(self) -> None:
        self._wake.set()
        for runner in self._runners:
            if runner.job.follows:
                runner.wake.set()

    def _heard_elsewhere(self) -> None:
        self._committed()
        self._conversations.wake()

    def _in_flight(self) -> list[threading.Thread]:
        with self._lock:
            return [thread for threads in self._flights.values() for thread in threads]

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                self._dispatch()
            except Exception:
                log.exception("the outbox could not be read")
            self._stopping.wait(REST)
            self._wake.wait(POLL)

    def _dispatch(self) -> None:
        for channel_id, kind, failures in telling.due(self._db):
            with self._lock:
                busy = len(self._flights.setdefault(channel_id, set()))
            free = telling.at_once(kind, failures, PER_CHANNEL) - busy
            if free <= 0 or self._stopping.is_set() or not self._mine(channel_id, kind):
                continue
            for group in self._claim(channel_id, kind, free):
                self._fly(group)

    def _claim(self, channel_id: int, kind: str, calls: int) -> list[list[Job]]:
        return self._lines.writes.do(lambda tx: telling.claim_in(tx, channel_id, kind, calls))

    def _mine(self, channel_id: int, kind: str) -> bool:
        """Limits of a platform are counted by the one worker that holds its line."""
        return platform_of(kind) is None or hold(self._db, channel_id, self.name)

    def _fly(self, group: Sequence[Job]) -> None:
        name = f"to {group[0].channel}"
        thread = threading.Thread(target=self._deliver, args=(group,), name=name, daemon=True)
        with self._lock:
            self._flights[group[0].channel_id].add(thread)
        thread.start()

    def _deliver(self, group: Sequence[Job]) -> None:
        """Tell this group, and what is due of the same channel after it, until nothing is."""
        channel_id, kind = group[0].channel_id, group[0].channel_kind
        waiting: Sequence[Sequence[Job]] = [group]
        try:
            while waiting:
                telling.tell(self._db, self._lines, waiting[0])
                if not telling.is_full(waiting[0]):
                    self._stopping.wait(LINGER)
                go_on = not self._stopping.is_set() and self._mine(channel_id, kind)
                waiting = self._claim(channel_id, kind, 1) if go_on else []
        except Exception:
            # Nothing is lost: the lease ends and the rows are taken again.
            log.exception("a delivery could not be written down", channel=group[0].channel)
        finally:
            with self._lock:
                self._flights[channel_id].discard(threading.current_thread())
            self._wake.set()
