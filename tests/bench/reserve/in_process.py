"""Ours without the network: the book's group commit with many requests outstanding, and its batches."""

import threading
import time
from collections.abc import Sequence
from typing import Any

from server.db.transaction import Database
from server.usecases.booking.book import Book, Wish, run

AHEAD = 400
"""Requests that are submitted before the answer to the first is awaited."""
CHUNK = 100


def book(db: Database, wishes: Sequence[Wish]) -> float:
    """Seconds for all of them through the queue."""
    ours, room = Book(db), threading.Semaphore(AHEAD)
    wrong: list[BaseException] = []

    def done(outcome: Any) -> None:
        if isinstance(outcome, BaseException):
            wrong.append(outcome)
        room.release()

    begun = time.perf_counter()
    for wish in wishes:
        room.acquire()
        ours.submit(wish, done)
    ours.close()
    seconds = time.perf_counter() - begun
    if wrong:
        raise wrong[0]
    return seconds


def chunks(db: Database, wishes: Sequence[Wish]) -> float:
    """Seconds for all of them in batches, as the batch endpoint hands them over."""
    begun = time.perf_counter()
    for start in range(0, len(wishes), CHUNK):
        run(db, wishes[start : start + CHUNK])
    return time.perf_counter() - begun
