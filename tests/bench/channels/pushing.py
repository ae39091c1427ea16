"""From a sale on one channel until the last other one has accepted the new number: real time, the real service.

The shops and their buyers are a process of their own, reached over sockets and without limits; their messages come to
the service as they come from the platforms, except those of Amazon, whose queue we ask.
"""

import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from server import logs
from server.app import create_app
from server.config import ServerConfig
from server.db import publishing, tables
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.http.call import Services
from tests.bench import figures
from tests.bench.channels import times
from tests.bench.channels.days import double
from tests.bench.channels.shops import Bought, Order, Remote, open_shops
from tests.market import open_book
from tests.postgres import fresh_database, postgres
from tests.serving import uvicorn_of

RATE = 50.0
SECONDS = 20.0
SKUS = 200
UNITS = 900
"""As many as Etsy can show."""
_REST = 600.0
_SLICE = 0.0005
"""Threads take turns as often as in the real service."""


def run(
    seconds: float = SECONDS,
    rate: float = RATE,
    engines: tuple[str, ...] = ("sqlite", "postgresql"),
    delay: float = 0.0,
) -> None:
    """Both engines; every answer of a shop takes ``delay`` seconds."""
    if "sqlite" in engines:
        with tempfile.TemporaryDirectory() as name:
            _measure("sqlite", f"sqlite:///{Path(name) / 'book.db'}", Order("", SKUS, UNITS, rate, seconds, delay))
    if "postgresql" in engines:
        with postgres(durable=True) as server, fresh_database(server) as url:
            _measure("postgresql", url, Order("", SKUS, UNITS, rate, seconds, delay))


def _measure(engine: str, url: str, order: Order) -> None:
    with service(url) as (services, base), open_shops(_at(order, base)) as remote:
        db = services.db
        assert services.lines is not None
        stock = {f"SKU-{n:03}": order.units for n in range(order.skus)}
        shops = {code: (shop.kind, shop.settings) for code, shop in remote.shops.items()}
        open_book(db, shops, services.lines, stock)
        _wait_told(db)
        used = time.process_time()
        bought = remote.buy()
        wait_taken(db, len(bought.sales))
        _wait_told(db)
        used = time.process_time() - used
        _report(engine, db, bought, remote)
        figures.line(f"channels.{engine}.cpu_of_an_order", used / len(bought.sales) * 1000, "ms")


def _at(order: Order, base: str) -> Order:
    return Order(base, order.skus, order.units, order.rate, order.seconds, order.delay, order.seed)


@contextmanager
def service(url: str) -> Iterator[tuple[Services, str]]:
    """The whole service over an empty database, with its log in a file; no limit of a platform holds."""
    with tempfile.TemporaryDirectory() as name, (Path(name) / "log").open("w") as log:
        logs.configure()
        sys.setswitchinterval(_SLICE)
        for handler in logging.getLogger().handlers:
            assert isinstance(handler, logging.StreamHandler)
            handler.setStream(log)
        db = Database(open_engine(url))
        migrate(db.engine)
        app = create_app(ServerConfig(data_dir=Path(name)), db)
        services: Services = app.state.services
        assert services.lines is not None
        services.lines.limited = False
        with uvicorn_of(app, "on") as base:
            yield services, base
        db.engine.dispose()
        logging.getLogger().handlers.clear()


def wait_taken(db: Database, wanted: int) -> None:
    """Until every sale is an order, also those of platforms that must be asked."""
    deadline = time.monotonic() + _REST
    while (there := _orders(db)) < wanted:
        assert time.monotonic() < deadline, f"{wanted - there} sales never came in"
        time.sleep(0.3)


def _orders(db: Database) -> int:
    with db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.order)).scalar_one())


def _wait_told(db: Database) -> None:
    """Until nothing waits, heard or to be told, twice in a row."""
    quiet, deadline = 0, time.monotonic() + _REST
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


def _report(engine: str, db: Database, bought: Bought, remote: Remote) -> None:
    sends = {code for code, shop in remote.shops.items() if shop.sends}
    found = times.of(db, bought.sales, remote.shops, UNITS)
    last = [each.push for each in found if each.sale.channel in sends]
    figures.line(f"channels.{engine}.orders", len(bought.sales))
    figures.line(f"channels.{engine}.channels", len(remote.shops))
    figures.line(f"channels.{engine}.generator_behind", bought.behind, "s")
    figures.spread(f"channels.{engine}.push", last)
    figures.spread(f"channels.{engine}.push_of_polled", [e.push for e in found if e.sale.channel not in sends])
    figures.spread(f"channels.{engine}.order_to_last_push", [each.push - each.arrival for each in found])
    for code in remote.shops:
        mine = [each for each in found if each.sale.channel == code]
        arrivals, told = [each.arrival for each in mine], [e.told[code] - e.arrival for e in found if code in e.told]
        print(f"  {code}: p95 of sale to order {figures.percentile(arrivals, 95) * 1000:.0f} ms, {_ms(told)}")
    figures.line(f"channels.{engine}.double_promised", double(db))
    figures.line(f"channels.{engine}.not_taken", len(bought.sales) - len(found))
    if engine == "sqlite":
        figures.line("channels.push_p95", figures.percentile(last, 95) * 1000, "ms")
        figures.line("channels.push_p99", figures.percentile(last, 99) * 1000, "ms")
        figures.line("channels.double_promised", double(db))


def _ms(seconds: list[float]) -> str:
    p50, p95 = (figures.percentile(seconds, p) * 1000 for p in (50, 95))
    return f"of an order to its number there {p50:.0f} and {p95:.0f} ms (p50, p95)"
