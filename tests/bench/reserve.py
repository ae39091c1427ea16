"""Orders a second through the signed endpoint: stored, reserved, audited and answered, on both engines.

Every order is one line of one unit over 1,000 SKUs (W1 of the stock book). After each run the database is asked
whether anything was promised twice.
"""

import json
import random
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, insert, select
from standardwebhooks.webhooks import Webhook

from server.config import ServerConfig
from server.db import tables
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from tests.bench import figures
from tests.bench.floor import SECRET, fill, serving
from tests.bench.http_load import post, send_all
from tests.postgres import fresh_database, postgres

SKUS = 1000
ORDERS = 2000
NAME = "reserve"


def run() -> None:
    """Measure and print."""
    for engine in ("sqlite", "postgresql"):
        with _address(engine) as (folder, address):
            db = Database(open_engine(address or ServerConfig(data_dir=folder).database_url))
            _prepare(db)
            with serving(folder, address) as (_, port):
                for connections in (16, 256):
                    _measure(f"{NAME}.{engine}.http{connections}", port, connections)
            _check(f"{NAME}.{engine}", db)
            db.engine.dispose()


def _measure(name: str, port: int, connections: int) -> None:
    chance = random.Random(connections)
    requests = [_request(chance.randrange(SKUS)) for _ in range(ORDERS)]
    result = send_all(port, requests, connections)
    figures.line(f"{name}.rate", result.rate, "orders/s")
    figures.spread(name, result.times)
    figures.line(f"{name}.refused", len(result.times) - result.statuses.get(201, 0), "orders")


def _request(sku: int) -> bytes:
    order_id, now = uuid.uuid4().hex, datetime.now(UTC)
    body = json.dumps(
        {
            "order_id": order_id,
            "placed_at": now.isoformat(),
            "paid": True,
            "ship_to": {"name": "A", "lines": ["1 Road"], "city": "Town", "country": "US"},
            "lines": [{"line_id": "1", "sku": f"SKU-{sku}", "quantity": 1}],
        }
    )
    message = f"msg_{order_id}"
    headers = {
        "webhook-id": message,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign(message, now, body),
    }
    return post("/channels/shop0/orders", headers, body.encode())


def _prepare(db: Database) -> None:
    migrate(db.engine)
    fill(db)
    with db.engine.begin() as connection:
        skus = [f"SKU-{n}" for n in range(SKUS)]
        connection.execute(insert(tables.product), [{"sku": s, "name": s} for s in skus])
        rows = [{"sku": s, "site_id": 1, "on_hand": ORDERS, "reserved": 0} for s in skus]
        connection.execute(insert(tables.stock), rows)


def _check(name: str, db: Database) -> None:
    r, s = tables.reservation, tables.stock
    with db.read() as connection:
        promised = connection.execute(select(func.sum(r.c.quantity)).where(r.c.state == "reserved")).scalar_one()
        counted = connection.execute(select(func.sum(s.c.reserved))).scalar_one()
        over = connection.execute(select(func.count()).where(s.c.reserved > s.c.on_hand)).scalar_one()
    figures.line(f"{name}.oversold", over, "SKUs")
    figures.line(f"{name}.drift", counted - promised, "units")


@contextmanager
def _address(engine: str) -> Iterator[tuple[Path, str]]:
    folder = Path(tempfile.mkdtemp(prefix="pp-reserve-"))
    if engine == "sqlite":
        yield folder, ""
        return
    with postgres(durable=True) as server, fresh_database(server) as address:
        yield folder, address
