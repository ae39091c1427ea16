"""The decision window: orders for SKUs that people marked scarce wait a moment, so that a better one may still arrive.

All other orders leave at once. A window begins with its first order and ends after the policy's seconds; everything in
it is decided in one batch, by rank.
"""

import threading
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from server.db.transaction import Database
from server.domain.booking.conflicts import Policy
from server.usecases.booking.book import Book, Outcome, settle
from server.usecases.booking.reference import last_read
from server.usecases.sales.order_batch import TakeOrder

Decide = Callable[[Sequence[TakeOrder]], list[Outcome]]
"""Takes orders in, and says after the commit what became of each."""

_windows: "weakref.WeakKeyDictionary[Book, DecisionWindow]" = weakref.WeakKeyDictionary()
_NONE = Policy()


class DecisionWindow:
    """One per book."""

    def __init__(self, db: Database, book: Book) -> None:
        self._db, self._book = db, weakref.proxy(book)
        self._lock = threading.Lock()
        self._held: list[tuple[TakeOrder, Future[Outcome]]] = []

    def take(self, wishes: Sequence[TakeOrder]) -> list[Outcome]:
        """Hold back those that want something scarce; the outcome of each, after the last of them is decided."""
        known = last_read(self._db.engine)
        policy = known.policy if known else _NONE
        futures: list[Future[Outcome]] = [Future() for _ in wishes]
        at_once = []
        for wish, future in zip(wishes, futures, strict=True):
            delay = policy.delay(line.sku for line in wish.order.lines)
            if delay:
                self._hold(wish, future, delay)
            else:
                at_once.append((wish, future))
        self._submit(at_once)
        return [future.result() for future in futures]

    def _hold(self, wish: TakeOrder, future: Future[Outcome], delay: float) -> None:
        with self._lock:
            self._held.append((wish, future))
            first = len(self._held) == 1
        if first:
            threading.Timer(delay, self._close).start()

    def _close(self) -> None:
        with self._lock:
            held, self._held = self._held, []
        self._submit(held)

    def _submit(self, wishes: Sequence[tuple[TakeOrder, Future[Outcome]]]) -> None:
        self._book.submit_together([(wish, lambda found, f=future: settle(f, found)) for wish, future in wishes])


def window_of(db: Database, book: Book) -> DecisionWindow:
    """The window of this book."""
    return _windows.setdefault(book, DecisionWindow(db, book))
