"""kill -9 of the server while orders come, are packed and leave: what it said stays true, and nothing is half done."""

import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from server.config import ServerConfig
from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.http.call import Services
from server.usecases.warehouse.counting import count_on_hand
from tests import warm
from tests.book import count_rows, ledger_sums, level, order_body, signed, until
from tests.floor import BOSS, SOAP, Dock, Floor, make_floor, one_engine

_SERVE = (
    "import sys; from pathlib import Path; from server.app import serve; from server.config import ServerConfig; "
    "serve(ServerConfig(data_dir=Path(sys.argv[1]), database=sys.argv[2], port=int(sys.argv[3]), worker=False))"
)


class Service:
    """The server as a process that can be killed and started again on the same port."""

    def __init__(self, folder: Path, database: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._where = str(folder), database, str(self.port)
        self.log = folder / "log"
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as sink:
            self.process = warm.start(_SERVE, *self._where, stderr=sink)
        until(self._answers, "the server listens", within=30)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def house(db: Database, folder: Path) -> Iterator[tuple[Service, Floor]]:
    """A server process over this database, and a floor that speaks to it."""
    service = Service(folder, db.engine.url.render_as_string(hide_password=False))
    try:
        address = f"http://127.0.0.1:{service.port}"
        with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
            yield service, make_floor(Services(db, ServerConfig(data_dir=folder)), client)
    finally:
        service.kill()


def more_than(said: dict[str, Any], goal: int) -> bool:
    return len(said) > goal


def book_is_sound(db: Database, sku: str) -> None:
    """Counters, ledger and reservations say the same, and no order is half taken in."""
    r = tables.reservation
    with db.read() as connection:
        query = select(func.coalesce(func.sum(r.c.quantity), 0)).where(r.c.sku == sku, r.c.state == "reserved")
        held = int(connection.execute(query).scalar_one())
    assert level(db, sku) == ledger_sums(db, sku)
    assert level(db, sku)[1] == held
    assert count_rows(db, tables.order, tables.order.c.status == "new") == 0


def sell_until_it_dies(url: str, name: str, said: dict[str, tuple[int, Any]]) -> None:
    """Sell and now and then cancel; keep every answer that came."""
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client, suppress(httpx.HTTPError):
        for number in range(10_000):
            order = f"{name}-{number}"
            said[order] = (0, None)
            body = json.dumps(order_body(order, ("SOAP", 1))).encode()
            answer = client.post("/channels/shop/orders", content=body, headers=signed(body, f"m-{order}"))
            said[order] = (answer.status_code, answer.json())
            if number % 3 == 0:
                path = f"/channels/shop/orders/{order}/cancel"
                cancelled = client.post(path, content=b"{}", headers=signed(b"{}", f"c-{order}"))
                said[f"cancel {order}"] = (cancelled.status_code, None)


def test_an_order_that_was_acknowledged_is_there_after_a_kill_and_none_is_half_taken(
    db: Database, tmp_path: Path
) -> None:
    with house(db, tmp_path) as (service, floor):
        count_on_hand(db, BOSS, "SOAP", "EAST", 50)
        said: dict[str, tuple[int, Any]] = {}
        url = str(floor.http.base_url)
        for life in range(2):
            sellers = [threading.Thread(target=sell_until_it_dies, args=(url, f"K{life}{n}", said)) for n in range(6)]
            for seller in sellers:
                seller.start()
            until(partial(more_than, said, len(said) + 20), "orders come in")
            # The moment of the kill is what is random here; no condition is waited for.
            time.sleep(random.Random(life).uniform(0, 0.1))
            service.kill()
            for seller in sellers:
                seller.join(30)
            book_is_sound(db, "SOAP")
            service.start()
        assert {status for status, _ in said.values()} <= {0, 200, 201}
        for name, (status, answer) in said.items():
            if name.startswith("cancel "):
                continue
            body = json.dumps(order_body(name, ("SOAP", 1))).encode()
            again = floor.http.post("/channels/shop/orders", content=body, headers=signed(body, f"m-{name}"))
            assert again.status_code == 200 if status else again.status_code in (200, 201)
            assert answer is None or again.json() == answer
            if said.get(f"cancel {name}", (0, None))[0] == 200:
                assert floor.status(again.json()["order"]) == "cancelled"
        book_is_sound(db, "SOAP")
        assert level(db, "SOAP")[1] <= 50
        assert b'"bug"' not in service.log.read_bytes()


def insist(service: Service, work: Callable[[], Any]) -> Any:
    """Do it while the server is killed under it, then do the same again until it is answered."""
    done: list[Any] = []

    def tried() -> None:
        with suppress(httpx.HTTPError, DomainError):
            done.append(work())

    thread = threading.Thread(target=tried)
    thread.start()
    time.sleep(random.uniform(0, 0.02))
    service.kill()
    thread.join(30)
    service.start()
    return work()


@one_engine
def test_a_label_and_a_load_survive_a_kill_in_their_middle(db: Database, tmp_path: Path) -> None:
    with house(db, tmp_path) as (service, floor):
        bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 2))
        bench.open(number)
        bench.scan(SOAP)
        bench.scan(SOAP)
        held = list(bench.unsent)
        insist(service, lambda: bench.send_raw(held))
        bench.unsent = []
        label = insist(service, bench.buy)
        assert count_rows(db, tables.parcel) == 1
        bench.scan(label.tracking)
        closing = list(bench.unsent)
        insist(service, lambda: bench.send_raw(closing))
        assert floor.status(number) == "packed"
        dock = Dock.at(bench)
        dock.scan(label.tracking)
        insist(service, lambda: bench.close_load(dock.load.load_id, 1))
        assert (floor.status(number), level(db, "SOAP"), ledger_sums(db, "SOAP")) == (
            "shipped",
            level(db, "SOAP"),
            level(db, "SOAP"),
        )
        book_is_sound(db, "SOAP")
        assert count_rows(db, tables.outbox, tables.outbox.c.kind == "shipment") == 1
