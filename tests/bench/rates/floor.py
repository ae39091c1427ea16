"""Prices from five providers of which one is dead and one slow, and the purchase of a label, on a real database."""

import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from server.app import open_database
from server.config import ServerConfig
from server.http import bench_api
from server.http.call import Services
from server.trade.shipping import BuyRequest, Consignment, Purchased, Quote
from server.usecases.shipping import quoting, rate_rules
from server.usecases.shipping.rate_needs import Box
from tests.bench import figures
from tests.carriers_in_memory import InMemory, offer, open_accounts
from tests.floor import BOSS, SOAP, Floor, make_floor
from tests.serving import uvicorn_of

NAME = "rates"
ORDERS = 20
ANSWERS, SLOW, OWN = 0.15, 1.5, 0.05
"""Seconds of a usual answer, of the slow provider's, and of a purchase at the provider itself."""
DEADLINE = 2.5


@dataclass
class Timed(InMemory):
    """A provider that takes its time."""

    seconds: float = ANSWERS

    def quote(self, consignment: Consignment) -> Sequence[Quote]:
        """See Carrier."""
        time.sleep(self.seconds)
        return super().quote(consignment)

    def buy(self, request: BuyRequest, idempotency_key: str) -> Purchased:
        """See Carrier."""
        time.sleep(OWN)
        return super().buy(request, idempotency_key)


def run() -> None:
    """Print seconds until all prices are there, by order, and what we add to a purchase."""
    dead = Timed([offer("ground", "1.00")], gate=threading.Event())
    made = {f"usual-{n}": Timed([offer("ground", f"2.{n}0")]) for n in range(3)}
    made |= {"slow": Timed([offer("ground", "2.50")], seconds=SLOW), "dead": dead}
    with pytest.MonkeyPatch.context() as patch, _floor() as floor:
        open_accounts(floor.db, patch, made)
        rules = {"deadline_seconds": DEADLINE, "default": "slow", "channels": {"shop": {"shop": True}}}
        rate_rules.set_rules(floor.db, BOSS, rules)
        totals = [_quoted(floor) for _ in range(ORDERS)]
        opens, buys = zip(*(_packed(floor, f"B{n}") for n in range(ORDERS)), strict=True)
        rate_rules.set_channel(floor.db, BOSS, "shop", {"shop": False})
        plain_opens, plain_buys = zip(*(_packed(floor, f"P{n}") for n in range(ORDERS)), strict=True)
        assert dead.gate is not None
        dead.gate.set()
    for n, seconds in enumerate(totals[:5], 1):
        figures.line(f"{NAME}.quoting.order_{n}", seconds, "s")
    figures.spread(f"{NAME}.quoting.later", totals[5:])
    figures.line(f"{NAME}.quoting.slowest_alive", SLOW, "s")
    for name, times in (("shopped", opens), ("as_it_came", plain_opens)):
        figures.spread(f"{NAME}.open_order.{name}", times)
    for name, times in (("shopped", buys), ("as_it_came", plain_buys)):
        figures.spread(f"{NAME}.purchase_overhead.{name}", [seconds - OWN for seconds in times])
    figures.line(f"{NAME}.purchase_overhead.provider", OWN * 1_000, "ms")


def _quoted(floor: Floor) -> float:
    order_id = floor.order_id(floor.order(("SOAP", 1)))
    began = time.perf_counter()
    quoting.ask(floor.db, BOSS, order_id, Box())
    return time.perf_counter() - began


def _packed(floor: Floor, name: str) -> tuple[float, float]:
    """Seconds to open an order at a bench, and to have its label once its prices are there."""
    bench, number = floor.bench(name), floor.order(("SOAP", 1))
    floor.set_order(number, carrier="usual-0", service="ground")
    began = time.perf_counter()
    bench.open(number)
    opened = time.perf_counter() - began
    quoting.wait(floor.db, floor.order_id(number), 10)
    bench.scan(SOAP)
    bench.send()
    began = time.perf_counter()
    bench.buy()
    return opened, time.perf_counter() - began


@contextmanager
def _floor() -> Iterator[Floor]:
    with tempfile.TemporaryDirectory(prefix="pp-rates-") as name:
        config = ServerConfig(data_dir=Path(name))
        db, app = open_database(config), Starlette(routes=list(bench_api.ROUTES))
        app.state.services = Services(db, config)
        with uvicorn_of(app) as url, httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
            yield make_floor(app.state.services, client)
        db.engine.dispose()
