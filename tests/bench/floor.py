"""A whole floor on loopback for the benchmarks: a database, a server process, an enrolled bench, one long order."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from server.channels import caller_of
from server.config import ServerConfig
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Actor, Database
from server.domain.masterdata.catalog import Product
from server.domain.people import Role
from server.joincode import JoinCode, encode
from server.usecases.benchwork import benches
from server.usecases.masterdata import catalogue
from server.usecases.sales import intake
from server.usecases.staff import people
from server.usecases.starting import sites
from station.wording import say
from tests.bench.packing.goods import checked
from tests.bench.terminal import Terminal
from tests.book import receive

ACTOR = Actor("bench")
LINES, UNITS, SHORT_ORDERS = 200, 40, 40
"""The long order has so many lines of so many units; beside it there are orders of one unit."""
CODES = tuple(checked(f"40{n:010d}") for n in range(LINES))
BADGES = {"Ben": "PPB-BENCH01", "Ann": "PPB-BENCH02"}
LONG = "1001"
SECRET = "whsec_" + "QUFB" * 11


@dataclass(slots=True)
class Floor:
    """A running server and what a station needs to work with it."""

    folder: Path
    server: subprocess.Popen[bytes]
    join: str

    @property
    def paper(self) -> Path:
        """The folder in which labels come out."""
        return self.folder / "paper"

    def station_command(self, device: str, *, whole: bool = False) -> list[str]:
        """The real station on this scanner, enrolled if it is not yet; ``whole``: with bell and printer."""
        config = self.folder / "station.toml"
        more = 'sound = "off"\n'
        if whole:
            self.paper.mkdir(exist_ok=True)
            more = f'sound = "bell"\n[printer]\ntarget = "file:{self.paper}"\n'
        config.write_text(f'[station]\nstate_dir = "{self.folder / "station"}"\n{more}')
        command = [sys.executable, "-m", "station", "--config", str(config), "--scanner", f"serial:{device}"]
        enrolled = (self.folder / "station" / "bench.json").exists()
        return command if enrolled else [*command, "--join", self.join]

    def sign_in_and_open(self, terminal: Terminal, scanner: int) -> None:
        """Badge and order, as a packer scans them; a station that was killed is already there."""
        end = time.monotonic() + 30
        while not self.is_open(terminal) and time.monotonic() < end:
            if say.SIGN_IN_WHY in terminal.text:
                os.write(scanner, f"{BADGES['Ben']}\r".encode())
            elif say.NEXT_ORDERS in terminal.text:
                os.write(scanner, f"PPO-{LONG}\r".encode())
            terminal.collect(1.0, quiet=0.6)
            terminal.shown_at(lambda _: False)
        assert self.is_open(terminal), terminal.text

    def is_open(self, terminal: Terminal) -> bool:
        """Whether the long order is on the screen."""
        return bool(re.search(rf"\d+ / {UNITS}\b", terminal.text))

    def shows(self, screen: str, scans: int) -> bool:
        """Whether the last of so many scans, one after the other through all lines, is on the screen."""
        rounds, index = divmod(scans - 1, LINES)
        return bool(re.search(rf"\b{rounds + 1} / {UNITS} +Bottle {index:03d}\b", screen))

    def stop_server(self) -> None:
        """Cut it off."""
        self.server.send_signal(signal.SIGKILL)
        self.server.wait()


def fill(db: Database, channels: int = 1) -> None:
    """A site, a packer with the badge PPB-BENCH01, a bench, and shops without an address."""
    sites.add_site(db, ACTOR, "MAIN", "Main")
    for name, badge in BADGES.items():
        people.add_person(db, ACTOR, name, [Role.PACKER, Role.SUPERVISOR], badge)
    benches.add_bench(db, ACTOR, "Bench 1", "MAIN")
    for n in range(channels):
        sites.add_channel(db, ACTOR, f"shop{n}", f"Shop {n}", {"secret": SECRET})


@contextmanager
def serving(folder: Path, database: str = "") -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A server process on a free port of loopback over this database; (process, port)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = folder / "server.toml"
    config.write_text(f'data_dir = "{folder}"\ndatabase = "{database}"\nport = {port}\n')
    with (folder / "server.log").open("wb") as log:
        command = [sys.executable, "-m", "server", "server", "--config", str(config)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_healthy(port, process, folder)
        yield process, port
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def running_floor(folder: Path) -> Iterator[Floor]:
    """A floor with the long order and the short ones."""
    db = Database(open_engine(ServerConfig(data_dir=folder).database_url))
    migrate(db.engine)
    fill(db)
    for number, code in enumerate(CODES):
        sku = f"SKU-{number}"
        catalogue.put_product(db, ACTOR, Product(sku, f"Bottle {number:03d}"), [catalogue.CodeEntry(code, 1)])
        receive(db, sku, "MAIN", UNITS + SHORT_ORDERS)
    _sell(db, "L-1", {f"SKU-{n}": UNITS for n in range(LINES)})
    for number in range(SHORT_ORDERS):
        _sell(db, f"S-{number}", {f"SKU-{number}": 2})
    secret = benches.new_join_secret(db, ACTOR, "Bench 1")
    db.engine.dispose()
    with serving(folder) as (process, port):
        join = encode(JoinCode(f"http://127.0.0.1:{port}", "", secret))
        yield Floor(folder, process, join)


def _sell(db: Database, order_id: str, goods: dict[str, int]) -> None:
    body = {
        "order_id": order_id,
        "placed_at": "2026-11-21T09:00:00Z",
        "paid": True,
        "ship_to": {"name": "A", "lines": ["1 Road"], "city": "Town", "postcode": "94107", "country": "US"},
        "lines": [{"line_id": sku, "sku": sku, "quantity": units} for sku, units in goods.items()],
    }
    took = intake.take_order(db, ACTOR, "shop0", caller_of("custom").read_body(json.dumps(body).encode()))
    assert took.status == "ready", took


def _wait_healthy(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError((folder / "server.log").read_text())
