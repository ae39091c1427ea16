"""A load of 2,000 parcels: from a scanner's bytes to the verdict on the dock's screen, and what it costs the server.

The screen is the station's own, with its journal and its server. Then the server alone: the whole load, the answer that
nothing has changed, and scans from ten docks at once, each on a load of its own at the same site.
"""

import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import psutil  # type: ignore[import-untyped]
from sqlalchemy import insert, select

from server import wire
from server.config import ServerConfig
from server.db import tables
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.domain.benchwork.reasons import Reason
from server.domain.masterdata.catalog import Product
from server.joincode import JoinCode, encode
from server.usecases.benchwork import benches
from server.usecases.masterdata import catalogue
from tests.bench import figures
from tests.bench.floor import ACTOR, BADGES, LONG, Floor, _sell, fill, serving
from tests.bench.scan_to_screen import PAUSE, timed
from tests.bench.terminal import Terminal, open_program, open_scanner
from tests.book import receive

NAME = "dock_to_screen"
PARCELS, SCANS = 2_000, 100
DOCKS, SCANS_OF_A_DOCK = 10, 20
ASKED = 10
_HUGE = slice(0, 17)
"""Lines of the screen with the huge digits, of which every scan changes some."""


@dataclass(frozen=True, slots=True)
class Yard:
    """A running server with so many ready parcels, and tokens of docks beside the first."""

    floor: Floor
    port: int
    docks: Sequence[str]


def run() -> None:
    """Measure and print."""
    with running_yard(Path(tempfile.mkdtemp(prefix="pp-bench-"))) as yard:
        with open_scanner() as (scanner, device), open_program(yard.floor.station_command(device)) as terminal:
            _open(terminal, scanner)
            figures.spread(f"{NAME}.load_{PARCELS}", _measure(terminal, scanner))
        _look(yard)
        _ten_docks(yard)


@contextmanager
def running_yard(folder: Path) -> Iterator[Yard]:
    """Parcels of one order each, straight into the tables: how they were packed is no matter here."""
    db = Database(open_engine(ServerConfig(data_dir=folder).database_url))
    migrate(db.engine)
    fill(db)
    catalogue.put_product(db, ACTOR, Product("SKU", "Bottle"), [catalogue.CodeEntry("4006381333931", 1)])
    receive(db, "SKU", "MAIN", 1)
    _sell(db, "L-1", {"SKU": 1})
    _parcels(db)
    secret = benches.new_join_secret(db, ACTOR, "Bench 1")
    secrets = []
    for number in range(1, DOCKS + 1):
        benches.add_bench(db, ACTOR, f"Dock {number}", "MAIN")
        secrets.append(benches.new_join_secret(db, ACTOR, f"Dock {number}"))
    db.engine.dispose()
    with serving(folder) as (process, port):
        url = f"http://127.0.0.1:{port}"
        tokens = [_joined(url, each) for each in secrets]
        yield Yard(Floor(folder, process, encode(JoinCode(url, "", secret))), port, tokens)


def code_of(number: int) -> str:
    """The tracking number of a parcel, from 0."""
    return f"TRK{number:012d}"


def _parcels(db: Database) -> None:
    o, p, now = tables.order, tables.parcel, db.now()
    with db.engine.begin() as connection:
        row = dict(connection.execute(select(o).where(o.c.number == LONG)).one()._mapping)
        row.pop("id")
        same = row | {"status": "packed", "ship_by": now + 3600}
        numbers = [{"number": f"N{n}", "channel_order_id": f"N{n}"} for n in range(PARCELS)]
        connection.execute(insert(o), [same | each for each in numbers])
        ids = connection.execute(select(o.c.id).where(o.c.status == "packed").order_by(o.c.id)).scalars().all()
        ready = {"site_id": 1, "carrier": "own-van", "service": "standard", "purchase": "bought", "state": "ready"}
        ready |= {"bought_at": now, "ready_at": now, "weight_grams": 500}
        named = [{"id": f"PCL{n:07d}", "tracking": code_of(n), "order_id": each} for n, each in enumerate(ids)]
        connection.execute(insert(p), [ready | each for each in named])


def _joined(url: str, secret: str) -> str:
    answer = httpx.post(f"{url}/api/join", content=wire.encode(wire.JoinRequest(secret=secret)))
    return wire.decode(answer.content, wire.JoinAnswer).token


def _open(terminal: Terminal, scanner: int) -> None:
    """Badge, the dock, its lane, YES for a new load."""
    end = time.monotonic() + 40
    codes = [BADGES["Ben"], "PPC-DOCK", "PPL-OWN-VAN", "PPC-YES"]
    while "LOADED" not in terminal.text and time.monotonic() < end:
        terminal.collect(3.0, quiet=1.5)
        terminal.shown_at(lambda _: False)
        if codes:
            os.write(scanner, f"{codes.pop(0)}\r".encode())
    terminal.wait_for("LOADED")


def _measure(terminal: Terminal, scanner: int) -> list[float]:
    times = []
    for n in range(SCANS):
        terminal.collect(PAUSE)
        terminal.shown_at(lambda _: False)
        times.append(timed(terminal, scanner, code_of(n), partial(_differs, _huge(terminal.text))))
    return times


def _huge(screen: str) -> list[str]:
    return screen.split("\n")[_HUGE]


def _differs(before: list[str], screen: str) -> bool:
    return _huge(screen) != before


# --- the server alone -------------------------------------------------------------------------------------------------


def _client(yard: Yard, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}", wire.WIRE_HEADER: str(wire.WIRE_VERSION)}
    return httpx.Client(base_url=f"http://127.0.0.1:{yard.port}", headers=headers, trust_env=False, timeout=60)


def _look(yard: Yard) -> None:
    """The load as a dock asks for it every second: all of it, that nothing is new, and what one scan changed."""
    with _client(yard, yard.docks[0]) as client:
        load_id, _ = _begin(client, 0)
        whole = client.get(f"/api/loads/{load_id}?changes=1")
        version = wire.decode(whole.content, wire.LoadAnswer).version
        news = f"/api/loads/{load_id}?seen={version}&changes=1"
        same = client.get(news)
        assert same.status_code == 304, same.status_code
        figures.line(f"{NAME}.load.size", len(whole.content), "bytes")
        figures.line(f"{NAME}.load.cpu", _cpu(yard, partial(client.get, f"/api/loads/{load_id}")), "ms")
        figures.line(f"{NAME}.same.size", len(same.content), "bytes")
        figures.line(f"{NAME}.same.cpu", _cpu(yard, partial(client.get, news)), "ms")
        _scan(client, load_id, "look", 1, code_of(PARCELS - 1))
        changed = client.get(news)
        assert wire.decode(changed.content, wire.LoadAnswer).base == version, "only what changed"
        figures.line(f"{NAME}.changed.size", len(changed.content), "bytes")
        figures.line(f"{NAME}.changed.cpu", _cpu(yard, partial(client.get, news)), "ms")


def _cpu(yard: Yard, ask: Any) -> float:
    """Milliseconds of the server's processor for one such question."""
    process = psutil.Process(yard.floor.server.pid)
    before = process.cpu_times()
    for _ in range(ASKED):
        ask()
    after = process.cpu_times()
    return float(after.user + after.system - before.user - before.system) * 1000 / ASKED


def _begin(client: httpx.Client, number: int) -> tuple[str, int]:
    request = wire.LoadRequest(carrier="own-van", person_id=1, another=True, trailer=f"T{number}")
    answer = client.post("/api/loads", content=wire.encode(request))
    return wire.decode(answer.content, wire.LoadAnswer).load.load_id, number


def _ten_docks(yard: Yard) -> None:
    """Each scan is sent by itself, as the station does it when nobody scans quickly."""
    with ThreadPoolExecutor(DOCKS) as pool:
        clients = [_client(yard, token) for token in yard.docks]
        loads = list(pool.map(_begin, clients, range(DOCKS)))
        begun = time.perf_counter()
        times = [t for some in pool.map(_scan_all, clients, loads) for t in some]
        seconds = time.perf_counter() - begun
        for client in clients:
            client.close()
    figures.line(f"{NAME}.events.rate", len(times) / seconds, "1/s")
    figures.spread(f"{NAME}.events", times)


def _scan_all(client: httpx.Client, load: tuple[str, int]) -> list[float]:
    load_id, number = load
    times = []
    for seq in range(1, SCANS_OF_A_DOCK + 1):
        code = code_of(SCANS + number * SCANS_OF_A_DOCK + seq)
        times.append(_scan(client, load_id, f"dock-{number}", seq, code))
    return times


def _scan(client: httpx.Client, load_id: str, dock_session: str, seq: int, code: str) -> float:
    """Hand over one scan; the seconds it took."""
    event = wire.DockEvent(seq=seq, at=time.time(), person_id=1, raw=code, reason=Reason.OK)
    request = wire.DockEventsRequest(dock_session=dock_session, events=(event,), picture=False)
    begun = time.perf_counter()
    answer = client.post(f"/api/loads/{load_id}/events", content=wire.encode(request))
    seconds = time.perf_counter() - begun
    assert wire.decode(answer.content, wire.DockEventsAnswer).reason is Reason.OK, answer.text
    return seconds
