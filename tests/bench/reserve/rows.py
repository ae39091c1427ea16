"""The rows of the table: each takes a workload into a fresh database and says how fast it was."""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from server.usecases.booking.hold_wishes import HoldWish
from tests.bench.http_load import LoadResult
from tests.bench.reserve import in_process, over_http
from tests.bench.reserve.checking import check
from tests.bench.reserve.conditional import conditional
from tests.bench.reserve.ground import Field, Ground
from tests.bench.reserve.limit import limit
from tests.bench.reserve.workloads import Workload, commands, workload


class Measured(NamedTuple):
    """``rate`` in orders a second (0: not there), the seconds each took where that is known, and what was wrong."""

    rate: float
    times: Sequence[float] = ()
    oversold: int = 0
    drift: int = 0
    failed: int = 0
    """Answers that were neither taken nor refused for want of stock."""
    cpu: float = 0.0
    """CPU seconds an order cost our process (the server's, over HTTP; with the database's on SQLite): it says more than
    the rate on a machine that does other things too."""


def bare(ground: Ground, work: Workload) -> Measured:
    """(a) the raw driver, the same rows."""
    wishes = commands(work.wishes)
    return _timed(ground, work, lambda field: limit(field.raw, wishes))


def one_statement(ground: Ground, work: Workload) -> Measured:
    """(b) counters only, so that there is nothing to compare them with but what was promised."""
    wishes = commands(work.wishes)
    with ground.fresh(work.on_hand) as field:
        sold = conditional(field.raw, wishes)
        with field.db.read() as connection:
            on_hand, held = connection.exec_driver_sql("SELECT sum(on_hand), sum(held) FROM stock").one()
    over, drift = max(0, sold.units - int(on_hand)), abs(sold.units - int(held))
    return Measured(len(wishes) / sold.seconds, sold.times, over, drift)


def queue(ground: Ground, work: Workload) -> Measured:
    """(c) the book with many requests outstanding."""
    wishes = commands(work.wishes)
    return _timed(ground, work, lambda field: in_process.book(field.db, wishes))


def batches(ground: Ground, work: Workload) -> Measured:
    """(c) the book in batches."""
    wishes = commands(work.wishes)
    return _timed(ground, work, lambda field: in_process.chunks(field.db, wishes))


def _timed(ground: Ground, work: Workload, measure: Callable[[Field], float]) -> Measured:
    with ground.fresh(work.on_hand) as field:
        begun, orders = time.process_time(), len(work.wishes)
        seconds = measure(field)
        cpu = time.process_time() - begun
        return _checked(field)._replace(rate=orders / seconds, cpu=cpu / orders)


def over_the_network(ground: Ground, which: str, orders: int, seed: int) -> dict[str, Measured]:
    """(d) one server takes all of these rows in turn; each has wishes and, in W3, a hot SKU of its own."""
    works = [workload(which, orders, seed=100 * (seed + 1) + n, hot=n) for n in range(len(SENT))]
    found: dict[str, Measured] = {}
    with ground.fresh(works[0].on_hand) as field:
        with over_http.server_of(field) as (pid, port):
            for (row, send), work in zip(SENT.items(), works, strict=True):
                begun = over_http.cpu_seconds(pid)
                told = _told(send(port, work.wishes), orders)
                found[row] = told._replace(cpu=(over_http.cpu_seconds(pid) - begun) / orders)
        wrong = _checked(field)
    return {row: found[row]._replace(oversold=wrong.oversold, drift=wrong.drift) for row in SENT}


def _told(result: LoadResult, wishes: int) -> Measured:
    answered = sum(result.statuses.get(status, 0) for status in (200, 201, 409))
    rate = wishes / result.seconds if answered else 0.0
    return Measured(rate, result.times, failed=len(result.times) - answered)


def _checked(field: Field) -> Measured:
    found = check(field.db)
    return Measured(0.0, (), found.oversold, found.drift)


HERE: dict[str, Callable[[Ground, Workload], Measured]] = {
    "limit": bare,
    "conditional": one_statement,
    "in_process": queue,
    "batches": batches,
}
SENT: dict[str, Callable[[int, Sequence[HoldWish]], LoadResult]] = {
    "http16": lambda port, wishes: over_http.holds(port, wishes, 16),
    "http256": lambda port, wishes: over_http.holds(port, wishes, 256),
    "http_batch": over_http.hold_batches,
    "orders16": lambda port, wishes: over_http.orders(port, wishes, 16),
}
"""Whole orders with a buyer's address are printed beside the holds."""
