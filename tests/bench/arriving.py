"""From a sale on any of seven channels until the order is on the list of a bench: a thousand mixed orders (ORD-06).

Real time and the real service; the shops and their buyers are a process of their own. The bench asks for its list over
HTTP as often as a station does. Arrived is when the platform's message reached us, or when we saw the order by asking;
the time from the sale itself is printed beside it.
"""

import contextlib
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from pathlib import Path

import httpx
from sqlalchemy import select

from server import wire
from server.db import tables
from server.db.transaction import Database
from station.heartbeat import QUEUE_SECONDS
from tests.bench import figures
from tests.bench.channels.pushing import SKUS, UNITS, service, wait_taken
from tests.bench.channels.shops import Bought, Order, open_shops
from tests.floor import Floor
from tests.market import open_book

ORDERS, RATE = 1000, 20.0


def run(orders: int = ORDERS, rate: float = RATE) -> None:
    """On SQLite, as a shop of this size runs it."""
    sys.setswitchinterval(0.0005)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        services, base = stack.enter_context(service(f"sqlite:///{Path(folder) / 'book.db'}"))
        remote = stack.enter_context(open_shops(Order(base, SKUS, UNITS, rate, orders / rate)))
        client = stack.enter_context(httpx.Client(base_url=base, trust_env=False, timeout=30))
        assert services.lines is not None
        shops = {code: (shop.kind, shop.settings) for code, shop in remote.shops.items()}
        open_book(services.db, shops, services.lines, {f"SKU-{n:03}": UNITS for n in range(SKUS)})
        looking = Looking(Floor(services, client))
        bought = remote.buy()
        wait_taken(services.db, len(bought.sales))
        looking.end(len(bought.sales))
        report(services.db, bought, looking.seen)


class Looking:
    """A bench that asks for its list as a station does; ``seen``: when it had the answer, and how many waited."""

    def __init__(self, floor: Floor) -> None:
        self.seen: list[tuple[float, int]] = []
        self._bench = floor.bench("Bench 1")
        self._enough = sys.maxsize
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self, orders: int) -> None:
        """Until so many are on the list."""
        self._enough = orders
        self._thread.join(60)

    def _run(self) -> None:
        while not self.seen or self.seen[-1][1] < self._enough:
            began = time.monotonic()
            waiting = self._bench.ask("GET", "/api/queue", wire.Queue).waiting
            self.seen.append((time.time(), waiting))
            time.sleep(max(0.0, QUEUE_SECONDS - (time.monotonic() - began)))


def visible_at(seen: list[tuple[float, int]], nth: int) -> float:
    """When the ``nth`` order (from 1) that came was on the list; raise IndexError where it never was."""
    return seen[bisect_left(seen, nth, key=lambda each: each[1])][0]


def report(db: Database, bought: Bought, seen: list[tuple[float, int]]) -> None:
    """Print the figures; orders are on the list in the order of their ids."""
    o, c = tables.order, tables.channel
    with db.read() as connection:
        query = select(c.c.code, o.c.channel_order_id, o.c.received_at).join(c, c.c.id == o.c.channel_id)
        rows = connection.execute(query.order_by(o.c.id)).all()
    sold = {(sale.channel, sale.ref): sale.at for sale in bought.sales}
    arrived = [visible_at(seen, nth) - row.received_at for nth, row in enumerate(rows, 1)]
    since_sold = [visible_at(seen, nth) - sold[row.code, row.channel_order_id] for nth, row in enumerate(rows, 1)]
    figures.line("arriving.orders", len(rows))
    figures.spread("arriving.to_bench", arrived)
    figures.spread("arriving.sale_to_bench", since_sold)
