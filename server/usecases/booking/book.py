"""Group commit: while one batch is at the database the next one collects, so that one commit serves many requests.

No timer: one request when idle, hundreds under load. Every answer is given after its commit.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NamedTuple

import structlog

from server.db.again import again
from server.db.raw import together
from server.db.transaction import Actor, Database, transaction, turn_to_write
from server.domain.errors import DomainError
from server.usecases.booking.ahead import OutdatedError, look_ahead
from server.usecases.booking.deciding import decide_all
from server.usecases.booking.hold_batch import Held, HoldBatch, PlaceHold
from server.usecases.booking.reference import reference
from server.usecases.booking.stock import begin_writing, count_use
from server.usecases.sales.order_batch import OrderBatch, TakeOrder
from server.usecases.sales.taken import Taken

BATCH_MAX = 1000
Wish = PlaceHold | TakeOrder
Outcome = Held | Taken | str | DomainError

log = structlog.get_logger("book")


def run(db: Database, wishes: Sequence[Wish]) -> list[Outcome]:
    """Decide and write all of these in one transaction; a refusal is a value. Done again after a lost race."""
    return again(lambda: _run(db, wishes))


def _run(db: Database, wishes: Sequence[Wish]) -> list[Outcome]:
    places = [w for w in wishes if isinstance(w, PlaceHold)]
    sales = [w for w in wishes if isinstance(w, TakeOrder)]
    try:
        return _decide(db, wishes, places, sales, believe=not sales)
    except OutdatedError:
        return _decide(db, wishes, places, sales, believe=False)


def _decide(
    db: Database, wishes: Sequence[Wish], places: Sequence[PlaceHold], sales: Sequence[TakeOrder], *, believe: bool
) -> list[Outcome]:
    """``believe`` that the rules are those of the last batch; raise OutdatedError when they are not."""
    with transaction(db, _actor(wishes), "book") as tx:
        ahead = look_ahead(tx, places) if believe else None
        ref = ahead.ref if ahead else reference(tx.connection, tx.now)
        holds, orders = HoldBatch(tx, ref, places), OrderBatch(tx, ref, sales)
        carts, cart_rivals = holds.look(ahead.known if ahead else None)
        asks, rivals = orders.look()
        decisions = decide_all(tx, ref, [*carts, *asks], [*cart_rivals, *rivals], ahead.rows if ahead else None)
        with together(tx.connection):
            postings = holds.write(decisions[: len(carts)]) + orders.write(decisions[len(carts) :])
            check = begin_writing(tx, postings)
            if not sales and ref.rules.claims is None:
                tx.events.send(tx.now)  # Nothing else follows: one wait less.
        check()
        count_use(tx, postings, ref)
        orders.finish()
    kept, taken = iter(holds.answers), iter(orders.answers)
    found = [next(kept) if isinstance(wish, PlaceHold) else next(taken) for wish in wishes]
    return [outcome for outcome in found if outcome is not None]


def _actor(wishes: Sequence[Wish]) -> Actor:
    first = wishes[0].actor
    return first if all(w.actor is first or w.actor == first for w in wishes) else Actor("book")


class _Waiting(NamedTuple):
    wish: Wish
    done: Callable[[Outcome | BaseException], Any]


class Book:
    """One per server process: requests go in from any thread, answers come out after the commit."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._queue: list[_Waiting] = []
        self._busy = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="book")

    def submit(self, wish: Wish, done: Callable[[Outcome | BaseException], Any]) -> None:
        """Queue a wish; ``done`` is called from the book's thread with its outcome, or with what went wrong."""
        self.submit_together([(wish, done)])

    def submit_together(self, wishes: Sequence[tuple[Wish, Callable[[Outcome | BaseException], Any]]]) -> None:
        """As ``submit`` for several that are to be decided in one batch."""
        with self._lock:
            self._queue += [_Waiting(wish, done) for wish, done in wishes]
            if self._busy:
                return
            self._busy = True
        self._thread.submit(self._serve)

    def ask(self, wishes: Sequence[Wish]) -> list[Outcome]:
        """Queue several and wait for all; raise what went wrong with the first that failed."""
        futures: list[Future[Outcome]] = [Future() for _ in wishes]
        for wish, future in zip(wishes, futures, strict=True):
            self.submit(wish, lambda found, future=future: settle(future, found))  # type: ignore[misc]
        return [future.result() for future in futures]

    def close(self) -> None:
        """Finish what is queued and stop."""
        self._thread.shutdown(wait=True)

    def _serve(self) -> None:
        while True:
            with turn_to_write(self._db.engine):
                with self._lock:
                    batch, self._queue = self._queue[:BATCH_MAX], self._queue[BATCH_MAX:]
                    if not batch:
                        self._busy = False
                        return
                outcomes = self._outcomes([waiting.wish for waiting in batch])
            for waiting, outcome in zip(batch, outcomes, strict=True):
                waiting.done(outcome)

    def _outcomes(self, wishes: Sequence[Wish]) -> Sequence[Outcome | BaseException]:
        try:
            return run(self._db, wishes)
        except BaseException as error:
            log.warning("a batch failed", size=len(wishes), why=type(error).__name__)
            return [error] if len(wishes) == 1 else [self._alone(wish) for wish in wishes]

    def _alone(self, wish: Wish) -> Outcome | BaseException:
        """One bad request must not fail those that happened to come with it."""
        try:
            return run(self._db, [wish])[0]
        except BaseException as error:
            return error


def settle(future: "Future[Outcome] | asyncio.Future[Outcome]", found: Outcome | BaseException) -> None:
    """A refusal is an outcome; what nobody expected is raised where the caller waits."""
    if isinstance(found, BaseException) and not isinstance(found, DomainError):
        future.set_exception(found)
    else:
        future.set_result(found)
