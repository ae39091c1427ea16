"""What many shops do: one conditional statement per line, one transaction per order, and nothing else is written.

No hold, no ledger, no key: all that it leaves is a counter. PostgreSQL gets 16 connections, each with one order in
flight, driven through libpq itself; SQLite, which has one writer, one connection.
"""

import selectors
import sqlite3
import time
from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from psycopg import pq

from server.usecases.booking.hold_batch import PlaceHold

CLIENTS = 16


class Sold(NamedTuple):
    """How long it took, how long each order took, and the units that were promised."""

    seconds: float
    times: list[float]
    units: int


def conditional(raw: str, wishes: Sequence[PlaceHold]) -> Sold:
    """Take them all; ``raw`` is a file of SQLite or an address of PostgreSQL."""
    return _postgres(raw, wishes) if "://" in raw else _sqlite(raw, wishes)


_SQLITE_TAKE = "UPDATE stock SET held = held + ?1 WHERE sku = ?2 AND on_hand - reserved - held >= ?1"


def _sqlite(path: str, wishes: Sequence[PlaceHold]) -> Sold:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    times, units, begun = [], 0, time.perf_counter()
    for wish in wishes:
        started = time.perf_counter()
        connection.execute("BEGIN IMMEDIATE")
        taken = [connection.execute(_SQLITE_TAKE, (n, sku)).rowcount for sku, n in sorted(wish.units.items())]
        if all(taken):
            connection.execute("COMMIT")
            units += sum(wish.units.values())
        else:
            connection.execute("ROLLBACK")
        times.append(time.perf_counter() - started)
    seconds = time.perf_counter() - begun
    connection.close()
    return Sold(seconds, times, units)


_POSTGRES_TAKE = b"UPDATE stock SET held = held + $1 WHERE sku = $2 AND on_hand - reserved - held >= $1"


class _Client:
    """One connection with one order at a time: BEGIN, its lines in one lock order, COMMIT; one line needs no BEGIN."""

    def __init__(self, address: str) -> None:
        self.connection = pq.PGconn.connect(address.encode())
        self.connection.prepare(b"take", _POSTGRES_TAKE)
        self.connection.nonblocking = 1
        self.units = 0
        self._steps: deque[tuple[str, int]] = deque()
        self._ending = b""
        self._single = True

    def start(self, wish: PlaceHold) -> None:
        """Send the first statement of an order."""
        self._steps, self._wanted = deque(sorted(wish.units.items())), sum(wish.units.values())
        self._single, self._ending = len(self._steps) == 1, b""
        if self._single:
            self._take()
        else:
            self._send(b"BEGIN")

    def _take(self) -> None:
        sku, n = self._steps.popleft()
        self.connection.send_query_prepared(b"take", [str(n).encode(), sku.encode()])
        self.connection.flush()

    def _send(self, statement: bytes) -> None:
        self.connection.send_query(statement)
        self.connection.flush()

    def done(self) -> bool:
        """Take what came and send what follows; True when the order is over."""
        self.connection.consume_input()
        if self.connection.is_busy():
            return False
        moved = None
        while (result := self.connection.get_result()) is not None:
            if result.status != pq.ExecStatus.COMMAND_OK:
                raise RuntimeError(result.get_error_message())
            moved = result.command_tuples
        return self._over(moved)

    def _over(self, moved: int | None) -> bool:
        short = moved == 0
        if self._ending or self._single:
            self.units += 0 if self._ending == b"ROLLBACK" or short else self._wanted
            return True
        if self._steps and not short:
            self._take()
            return False
        self._ending = b"ROLLBACK" if short else b"COMMIT"
        self._send(self._ending)
        return False


def _postgres(address: str, wishes: Sequence[PlaceHold]) -> Sold:
    clients = [_Client(address) for _ in range(CLIENTS)]
    with selectors.EpollSelector() as ready:
        for client in clients:
            ready.register(client.connection.socket, selectors.EVENT_READ, client)
        begun = time.perf_counter()
        times = list(_drive(ready, clients, iter(wishes)))
        seconds = time.perf_counter() - begun
    for client in clients:
        client.connection.finish()
    return Sold(seconds, times, sum(client.units for client in clients))


def _drive(ready: selectors.BaseSelector, clients: list[_Client], todo: Iterator[PlaceHold]) -> Iterator[float]:
    since: dict[_Client, float] = {}

    def begin(client: _Client) -> None:
        wish = next(todo, None)
        if wish is not None:
            since[client] = time.perf_counter()
            client.start(wish)

    for client in clients:
        begin(client)
    while since:
        for key, _ in ready.select():
            client = key.data
            if client in since and client.done():
                yield time.perf_counter() - since.pop(client)
                begin(client)
