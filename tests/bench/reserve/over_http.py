"""Ours over HTTP: a server process of its own, signed messages made before the clock starts, keep-alive connections."""

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from standardwebhooks.webhooks import Webhook

from server.usecases.booking.hold_wishes import HoldWish, HoldWishes
from tests.bench.floor import SECRET, serving
from tests.bench.http_load import LoadResult, post, send_all
from tests.bench.reserve.ground import Field

SHOP = "/channels/shop0"
BATCH = 100
"""Holds in one request of the batch endpoint."""


def holds(port: int, wishes: Sequence[HoldWish], connections: int) -> LoadResult:
    """Each wish in a request of its own."""
    return send_all(port, [signed(f"{SHOP}/holds", msgspec.json.encode(wish)) for wish in wishes], connections)


def hold_batches(port: int, wishes: Sequence[HoldWish], connections: int = 4) -> LoadResult:
    """``BATCH`` wishes in each request."""
    some = [list(wishes[start : start + BATCH]) for start in range(0, len(wishes), BATCH)]
    bodies = [msgspec.json.encode(HoldWishes(part)) for part in some]
    return send_all(port, [signed(f"{SHOP}/holds:batch", body) for body in bodies], connections)


def orders(port: int, wishes: Sequence[HoldWish], connections: int) -> LoadResult:
    """The same baskets as paid orders with an address."""
    return send_all(port, [signed(f"{SHOP}/orders", order_body(wish)) for wish in wishes], connections)


def order_body(wish: HoldWish) -> bytes:
    """The documented JSON of an order for this basket."""
    lines = [{"line_id": str(n), "sku": line.sku, "quantity": line.quantity} for n, line in enumerate(wish.lines, 1)]
    address = {"name": "A", "lines": ["1 Road"], "city": "Town", "country": "US"}
    now = datetime.now(UTC).isoformat()
    said = {"order_id": wish.key, "placed_at": now, "paid": True, "ship_to": address, "lines": lines}
    return json.dumps(said).encode()


def signed(path: str, body: bytes) -> bytes:
    """A request with the three headers of Standard Webhooks; no two messages have one id."""
    now, message = datetime.now(UTC), f"msg_{uuid.uuid4().hex}"
    signature = Webhook(SECRET).sign(message, now, body.decode())
    stamp = str(int(now.timestamp()))
    headers = {"webhook-id": message, "webhook-timestamp": stamp, "webhook-signature": signature}
    return post(path, headers, body)


@contextmanager
def server_of(field: Field) -> Iterator[tuple[int, int]]:
    """(process id, port) of a server over this database."""
    with serving(field.folder, field.address) as (process, port):
        yield process.pid, port


def memory(pid: int) -> float:
    """Resident MiB of a process (proc(5), VmRSS)."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found, "the server runs"
    return int(found[1]) / 1024


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far, in seconds (proc(5), utime and stime in ticks of 1/100 s)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100
