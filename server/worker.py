"""Takes what waits in the outbox to the channels and runs the jobs. Any number of workers may run over one database."""

import threading
import time
from collections.abc import Sequence

import httpx
import structlog

from server.db.jobs import Job
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.jobs import JOBS, REST, Periodic, Pulse, Runner
from server.usecases.outward import outbox

POLL = 1.0
"""Seconds between looks when nobody says that something was committed: retries and leases have times of their own."""

PER_CHANNEL = 4
"""Requests in flight to one channel; a channel that fails gets one at a time."""

_FAILING = outbox.UNREACHABLE_AFTER
_TIMEOUT = httpx.Timeout(8.0, connect=3.0)
_TRY_MAX = 15.0
_ANSWER_MAX = 500

log = structlog.get_logger("worker")


class Worker:
    """One dispatcher, and a thread for each request in flight, so that a dead channel never delays another."""

    def __init__(self, db: Database, also: Sequence[Periodic] = ()) -> None:
        self._db = db
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._flights: dict[int, set[threading.Thread]] = {}
        self._dispatcher = threading.Thread(target=self._run, name="outbox", daemon=True)
        self._runners = [Runner(db, job, self._stopping) for job in (*JOBS, *also)]
        self._pulse = Pulse(db, self._stopping, self._committed)
        # A redirect would send a signed body to an address nobody configured.
        self._client = httpx.Client(timeout=_TIMEOUT, follow_redirects=False)

    def start(self) -> None:
        """Begin to send; commits of this process are heard at once."""
        self._db.on_commit.append(self._committed)
        self._dispatcher.start()
        self._pulse.thread.start()
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
            *(runner.thread for runner in self._runners),
            *self._in_flight(),
        ):
            thread.join(max(0.0, deadline - time.monotonic()))
        left = len(self._in_flight())
        if left:
            log.warning("abandoned", requests=left)
        else:
            self._client.close()

    def _committed(self) -> None:
        self._wake.set()
        for runner in self._runners:
            if runner.job.follows:
                runner.wake.set()

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
        for channel_id, failures in outbox.due(self._db):
            with self._lock:
                busy = len(self._flights.setdefault(channel_id, set()))
            free = (1 if failures >= _FAILING else PER_CHANNEL) - busy
            if free <= 0 or self._stopping.is_set():
                continue
            for job in outbox.claim(self._db, channel_id, free):
                self._fly(job)

    def _fly(self, job: Job) -> None:
        thread = threading.Thread(target=self._deliver, args=(job,), name=f"to {job.channel}", daemon=True)
        with self._lock:
            self._flights[job.channel_id].add(thread)
        thread.start()

    def _deliver(self, job: Job) -> None:
        try:
            ok, answer = self._send(job)
            outbox.report(self._db, job, ok, answer)
            log.info("told", channel=job.channel, kind=job.kind, key=job.key, version=job.version, ok=ok)
        except Exception:
            # Nothing is lost: the lease ends and the row is taken again.
            log.exception("a delivery could not be written down", channel=job.channel)
        finally:
            with self._lock:
                self._flights[job.channel_id].discard(threading.current_thread())
            self._wake.set()

    def _send(self, job: Job) -> tuple[bool, str]:
        """(taken, what it answered). Only 2xx is taken; every trouble on the way is an answer too."""
        try:
            out = outbox.message(job, self._db.now())
            with self._client.stream("POST", out.url, content=out.body, headers=dict(out.headers)) as response:
                text = _beginning(response)
                return response.is_success, f"{response.status_code} {text}".strip()
        except DomainError as error:
            return False, error.detail
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            return False, f"{type(error).__name__}: {error}"


def _beginning(response: httpx.Response) -> str:
    """The first characters of the answer, printable; a receiver that drips is left alone."""
    deadline, found = time.monotonic() + _TRY_MAX, b""
    for chunk in response.iter_raw():
        found += chunk
        if len(found) >= _ANSWER_MAX or time.monotonic() > deadline:
            break
    text = found[:_ANSWER_MAX].decode("utf-8", "replace")
    return "".join(c if c.isprintable() else " " for c in text)
