"""The decision window: orders for SKUs that people marked scarce wait a moment, so that a better one may still arrive.

All other orders leave at once. A window begins with its first order and ends after the policy's seconds; everything in
it is decided in one batch, by rank.
"""

import threading
import weakref
from concurrent.futures import Future

from server.db.transaction import Database
from server.domain.booking.conflicts import Policy
from server.domain.errors import DomainError
from server.usecases.booking.book import Book, Outcome
from server.usecases.booking.reference import last_read
from server.usecases.sales.order_batch import TakeOrder

_windows: "weakref.WeakKeyDictionary[Book, DecisionWindow]" = weakref.WeakKeyDictionary()
_NONE = Policy()


class DecisionWindow:
    """One per book."""

    def __init__(self, db: Database, book: Book) -> None:
        self._db, self._book = db, weakref.proxy(book)
        self._lock = threading.Lock()
        self._held: list[tuple[TakeOrder, Future[Outcome]]] = []

    def take(self, wish: TakeOrder) -> Outcome:
        """Hold the order back if it wants something scarce; its outcome after the commit."""
        known = last_read(self._db.engine)
        delay = (known.policy if known else _NONE).delay(line.sku for line in wish.order.lines)
        if not delay:
            return self._book.ask([wish])[0]  # type: ignore[no-any-return]
        future: Future[Outcome] = Future()
        with self._lock:
            self._held.append((wish, future))
            first = len(self._held) == 1
        if first:
            threading.Timer(delay, self._close).start()
        return future.result()

    def _close(self) -> None:
        with self._lock:
            held, self._held = self._held, []
        self._book.submit_together([(wish, lambda found, f=future: _settle(f, found)) for wish, future in held])


def window_of(db: Database, book: Book) -> DecisionWindow:
    """The window of this book."""
    return _windows.setdefault(book, DecisionWindow(db, book))


def _settle(future: "Future[Outcome]", found: Outcome | BaseException) -> None:
    if isinstance(found, BaseException) and not isinstance(found, DomainError):
        future.set_exception(found)
    else:
        future.set_result(found)
