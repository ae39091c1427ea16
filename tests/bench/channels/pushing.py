"""From a sale on one channel until the last other one has accepted the new number: real time, the real worker.

The platforms are simulated in this process, without sockets and without limits; their messages reach us at once, except
those of Amazon, whose queue is asked every 20 seconds.
"""

import random
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from queue import Queue
from typing import Any

import httpx
from sqlalchemy import func, select

from server.db import publishing, tables
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.simulated.platforms import kinds, simulated
from server.simulated.platforms.base import Simulated
from server.simulated.platforms.market import Sale, SoldOut
from server.simulated.platforms.transport import transport
from server.usecases.talking import hearing
from server.usecases.talking.lines import Lines
from server.worker import Worker
from tests.bench import figures
from tests.bench.channels.own_shop import OwnShop
from tests.market import open_street
from tests.postgres import fresh_database, postgres

RATE = 50.0
SECONDS = 20.0
SKUS = 200
UNITS = 10_000


def run(seconds: float = SECONDS) -> None:
    """Both engines; threads take turns as often as in the real service."""
    sys.setswitchinterval(0.0005)
    with tempfile.TemporaryDirectory() as name:
        _measure("sqlite", f"sqlite:///{Path(name) / 'book.db'}", seconds)
    with postgres(durable=True) as server, fresh_database(server) as url:
        _measure("postgresql", url, seconds)


def _measure(engine: str, url: str, seconds: float) -> None:
    db = Database(open_engine(url))
    migrate(db.engine)
    shops: dict[str, Any] = {kind: simulated(kind, time.time) for kind in kinds()}
    shops["custom"] = OwnShop(time.time)
    lines = Lines(db, httpx.Client(transport=transport(list(shops.values()))), limited=False)
    open_street(db, shops, lines, {f"SKU-{n:03}": UNITS for n in range(SKUS)})
    worker = Worker(db, lines=lines)
    worker.start()
    _wait_told(db)
    couriers = {kind: _Courier(db, lines, kind, shop) for kind, shop in shops.items()}
    chance, sales = random.Random(1), []
    begin = time.time()
    for n in range(int(seconds * RATE)):
        while time.time() < begin + n / RATE:
            time.sleep(0.001)
        kind = chance.choice(list(shops))
        try:
            sale = shops[kind].market.sell((f"SKU-{chance.randrange(SKUS):03}", 1))
        except SoldOut:
            continue
        sales.append((kind, sale))
        couriers[kind].queue.put(sale)
    behind = time.time() - begin - seconds
    for courier in couriers.values():
        courier.end()
    _wait_taken(db, len(sales))
    _wait_told(db)
    worker.stop()
    _report(engine, db, sales, shops, behind)
    db.engine.dispose()


class _Courier:
    """Brings the messages of one platform to us, in a thread of its own."""

    def __init__(self, db: Database, lines: Lines, kind: str, shop: Any) -> None:
        self.queue: Queue[Sale | None] = Queue()
        self._db, self._lines, self._kind, self._shop = db, lines, kind, shop
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self.queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (sale := self.queue.get()) is not None:
            if isinstance(self._shop, OwnShop):
                self._shop.send(self._db, self._kind, sale)
                continue
            waiting, self._shop.outgoing[:] = list(self._shop.outgoing), []
            for message in waiting:
                headers = {name.lower(): text for name, text in message.headers.items()}
                hearing.hear(self._db, self._lines, self._kind, headers, message.body)


def _wait_taken(db: Database, wanted: int) -> None:
    """Until every sale is an order, also those of platforms that must be asked."""
    deadline = time.monotonic() + 600
    while True:
        with db.read() as connection:
            there = connection.execute(select(func.count()).select_from(tables.order)).scalar_one()
        if there >= wanted:
            return
        assert time.monotonic() < deadline, f"{wanted - there} sales never came in"
        time.sleep(0.3)


def _wait_told(db: Database) -> None:
    """Until nothing waits, heard or to be told, twice in a row."""
    quiet, deadline = 0, time.monotonic() + 600
    while quiet < 5:
        assert time.monotonic() < deadline, "it never came to rest"
        with db.read() as connection:
            waits: list[object] = [
                connection.execute(select(t.c.id).where(t.c.state == "waiting").limit(1)).first()
                for t in (tables.inbox, tables.outbox)
            ]
            waits.append(publishing.last_batch(connection) > publishing.standing(connection).seq)
        quiet = 0 if any(waits) else quiet + 1
        time.sleep(0.3)


def _report(engine: str, db: Database, sales: list[tuple[str, Sale]], shops: dict[str, Any], behind: float) -> None:
    o, c, d, ledger = tables.order, tables.channel, tables.delivery, tables.ledger
    with db.read() as connection:
        query = select(c.c.code, o.c.channel_order_id, o.c.received_at, ledger.c.id, ledger.c.sku)
        query = query.join(c, c.c.id == o.c.channel_id).join(
            ledger, (ledger.c.order_id == o.c.id) & (ledger.c.kind == "reserve")
        )
        taken = {(r.code, r.channel_order_id): r for r in connection.execute(query)}
        told: dict[tuple[int, str], list[tuple[int, float]]] = {}
        for r in connection.execute(
            select(d.c.channel_id, d.c.key, d.c.after, d.c.at).where(d.c.kind == "stock", d.c.ok).order_by(d.c.id)
        ):
            told.setdefault((r.channel_id, r.key), []).append((int(r.after), r.at))
        left: dict[int, int] = {}
        sold: Counter[str] = Counter()
        for r in connection.execute(
            select(ledger).where(ledger.c.kind == "reserve").order_by(ledger.c.at, ledger.c.id)
        ):
            sold[r.sku] += 1
            left[r.id] = UNITS - sold[r.sku]
        codes = {r.id: r.code for r in connection.execute(select(c.c.id, c.c.code))}
        stock = connection.execute(select(tables.stock)).all()
    pushed = {name for name, shop in shops.items() if isinstance(shop, OwnShop) or _sends(shop)} - {"amazon"}
    in_time: list[float] = []
    last: list[float] = []
    polled: list[float] = []
    for kind, sale in sales:
        row = taken[kind, sale.ref]
        others = [
            min(at for units, at in told[channel, row.sku] if units <= left[row.id])
            for channel, code in codes.items()
            if code != kind
        ]
        in_time.append(max(others) - row.received_at)
        (last if kind in pushed else polled).append(max(others) - sale.placed_at)
    double = sum(max(0, row.reserved + row.held - row.on_hand) for row in stock)
    figures.line(f"channels.{engine}.orders", len(sales))
    figures.line(f"channels.{engine}.channels", len(shops))
    figures.line(f"channels.{engine}.generator_behind", behind, "s")
    figures.spread(f"channels.{engine}.push", last)
    figures.spread(f"channels.{engine}.push_of_polled", polled)
    figures.spread(f"channels.{engine}.order_to_last_push", in_time)
    figures.line(f"channels.{engine}.double_promised", double)
    figures.line(f"channels.{engine}.not_taken", len(sales) - len(taken))


def _sends(shop: Any) -> bool:
    """Whether the platform has messages of its own."""
    return type(shop).messages_of is not Simulated.messages_of
