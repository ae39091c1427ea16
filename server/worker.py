"""Takes what waits in the outbox to the channels and runs the jobs. Any number of workers may run over one database."""

import threading
import time
import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Row

from server.channels import platform_of
from server.conversations import Conversations
from server.crew import Crew
from server.db import jobs
from server.db.transaction import Database, Transaction
from server.jobs import JOBS, Periodic, Pulse, Runner
from server.usecases.talking import telling
from server.usecases.talking.lines import Lines
from server.usecases.talking.telling import Call, Ended

POLL = 1.0
"""Seconds between looks when nobody says that something was committed: retries and leases have times of their own."""

PER_CHANNEL = 8
"""Requests in flight to one channel; a channel that fails gets one at a time."""

TICK = 0.05
"""Seconds between two rounds in which something was written: numbers and answers gather, and go together."""

GLANCE = 0.01
"""The same after a round that found nothing to do."""

log = structlog.get_logger("worker")


class Worker:
    """One thread for the outbox, and one for each call in flight, so that a dead channel never delays another."""

    def __init__(self, db: Database, also: Sequence[Periodic] = (), lines: Lines | None = None) -> None:
        self.name = f"worker-{uuid.uuid4().hex[:12]}"
        self._db = db
        self._lines = lines or Lines(db)
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._flights: dict[int, int] = {}
        """Calls in flight by channel id."""
        self._ended: list[Ended] = []
        self._crew = Crew("telling")
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
            *self._conversations.threads(),
            *(runner.thread for runner in self._runners),
            self._pulse.thread,
            self._dispatcher,
        ):
            thread.join(max(0.0, deadline - time.monotonic()))
        self._crew.end()
        if self._dispatcher.is_alive():
            log.warning("abandoned", requests=self._in_flight())
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

    def _run(self) -> None:
        while not self._stopping.is_set() or self._in_flight() or self._ended:
            self._wake.clear()
            busy = False
            try:
                busy = self._round()
            except Exception:
                log.exception("the outbox could not be read")
            self._stopping.wait(TICK if busy else GLANCE)
            self._wake.wait(TICK if self._stopping.is_set() else POLL)

    def _round(self) -> bool:
        """Write down the calls that ended and take up the next ones, in one transaction; False when there are none."""
        free = [] if self._stopping.is_set() else self._free()
        ended = self._take_ended()
        if not ended and not free:
            return False
        try:
            calls = self._lines.writes.do(lambda tx: self._turn_over(tx, ended, free))
        except Exception:
            log.exception("a round of the outbox failed", calls=len(ended))
            calls = self._one_by_one(ended)
        for each in ended:
            telling.note_told(each)
        for call in calls:
            self._fly(call)
        return True

    @staticmethod
    def _turn_over(tx: Transaction, ended: Sequence[Ended], free: Sequence[tuple[Row[Any], int]]) -> list[Call]:
        if ended:
            telling.report_in(tx, ended)
        return telling.claim_in(tx, free) if free else []

    def _one_by_one(self, ended: Sequence[Ended]) -> list[Call]:
        """One that cannot be written down keeps no other back; its lease ends, and it is taken again."""
        for each in ended:
            try:
                self._lines.writes.do(partial(telling.report_in, ended=[each]))
            except Exception:
                log.exception("a delivery could not be written down", channel=each.call.group[0].channel)
        return []

    def _take_ended(self) -> list[Ended]:
        with self._lock:
            ended, self._ended = self._ended, []
        return ended

    def _free(self) -> list[tuple[Row[Any], int]]:
        """Channels for which something waits and that may be called, each with how many calls it may have now."""
        with self._db.read() as connection:
            due = jobs.due(connection, self._db.now())
        found = []
        for channel in due:
            with self._lock:
                busy = self._flights.get(channel.id, 0)
            calls = telling.at_once(channel.kind, channel.failures, PER_CHANNEL) - busy
            if calls > 0 and self._mine(channel.id, channel.kind):
                found.append((channel, calls))
        return found

    def _mine(self, channel_id: int, kind: str) -> bool:
        """Limits of a platform are counted by the one worker that holds its line."""
        return platform_of(kind) is None or self._lines.hold(channel_id, self.name)

    def _in_flight(self) -> int:
        with self._lock:
            return sum(self._flights.values())

    def _fly(self, call: Call) -> None:
        job = call.group[0]
        with self._lock:
            self._flights[job.channel_id] = self._flights.get(job.channel_id, 0) + 1
        self._crew.begin(partial(self._call, call))

    def _call(self, call: Call) -> None:
        channel_id, ended = call.group[0].channel_id, list[Ended]()
        try:
            ended.append(telling.made(self._db, self._lines, call))
        finally:
            with self._lock:
                self._ended += ended
                self._flights[channel_id] -= 1
            self._wake.set()
