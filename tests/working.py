"""A worker beside the test."""

from collections.abc import Iterator
from contextlib import contextmanager

from server.db.transaction import Database
from server.worker import Worker


@contextmanager
def working(db: Database) -> Iterator[Worker]:
    """It sends, computes and expires until the test has seen enough."""
    worker = Worker(db)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
