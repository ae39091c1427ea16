"""A small house for the machine: three shops, two sites, kits in kits, a cream kept by lot, a bench."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlalchemy import make_url
from starlette.applications import Starlette

from server.config import ServerConfig
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.domain.booking.lots import Incoming
from server.domain.masterdata.catalog import Product
from server.http import bench_api, dock_api
from server.http.call import Services
from server.usecases.masterdata.catalogue import CodeEntry, put_product
from server.usecases.sharing.publishing import tell_everything
from server.usecases.starting.sites import add_channel
from server.usecases.warehouse.counting import count_on_hand
from server.usecases.warehouse.goods import set_tracking
from server.usecases.warehouse.kits import define_kit
from server.usecases.warehouse.receiving import receive_goods
from tests.book import BOSS, SECRET, receive
from tests.floor import BRUSH, MUG, SOAP, Bench, Floor, make_floor
from tests.postgres import fresh_database
from tests.serving import uvicorn_of

START = datetime(2026, 11, 20, 6, 0, tzinfo=UTC).timestamp()
CHANNELS = ("shop", "shop2", "shop3")
CODES = {
    "SOAP": SOAP,
    "BRUSH": BRUSH,
    "MUG": MUG,
    "SPA": "7501031311309",
    "GIFT": "5901234123457",
    "DUO": "0012345678905",
    "CREAM": "4012345678901",
    "LAMP": "4006381333986",
}
PLAIN, KITS = ("SOAP", "BRUSH", "MUG", "CREAM", "LAMP"), ("SPA", "GIFT", "DUO")
LOTS = {"L1": "2026-11-28", "L2": "2026-12-24"}
"""The first one becomes too old to be sent while the machine runs."""


class Clock:
    """It goes when it is told to."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return self.at

    @property
    def today(self) -> str:
        """ISO date, UTC."""
        return datetime.fromtimestamp(self.at, UTC).date().isoformat()


@dataclass
class Ground:
    """A prepared database to copy, and a web server that benches reach."""

    copies: Callable[[], AbstractContextManager[str]]
    app: Starlette
    http: httpx.Client
    people: dict[str, int]
    token: str
    folder: Path

    @contextmanager
    def house(self) -> Iterator[tuple[Database, Bench, Clock]]:
        """A fresh copy, a bench in it, and its clock."""
        with self.copies() as url:
            clock = Clock()
            db = Database(open_engine(url), now=clock)
            services = self.app.state.services = Services(db, ServerConfig(data_dir=self.folder))
            try:
                yield db, Bench(Floor(services, self.http, self.people), 1, "Bench 1", self.token), clock
            finally:
                db.engine.dispose()


@contextmanager
def prepared(folder: Path, postgres: str = "") -> Iterator[Ground]:
    """Set up once; on SQLite in ``folder``, or on this PostgreSQL server."""
    with ExitStack() as stack:
        url = f"sqlite:///{folder / 'first.db'}"
        if postgres:
            url = stack.enter_context(fresh_database(postgres))
        app = Starlette(routes=[*bench_api.ROUTES, *dock_api.ROUTES])
        http = httpx.Client(base_url=stack.enter_context(uvicorn_of(app)), trust_env=False, timeout=30)
        stack.enter_context(http)
        db = Database(open_engine(url), now=Clock())
        migrate(db.engine)
        services = app.state.services = Services(db, ServerConfig(data_dir=folder))
        floor = make_floor(services, http)
        token = floor.bench("Bench 1").token
        _stocked(db)
        db.engine.dispose()

        @contextmanager
        def sqlite_copy() -> Iterator[str]:
            path = folder / "run.db"
            for tail in ("", "-wal", "-shm"):
                path.with_name(path.name + tail).unlink(missing_ok=True)
            shutil.copy(folder / "first.db", path)
            yield f"sqlite:///{path}"

        def postgres_copy() -> AbstractContextManager[str]:
            return fresh_database(postgres, make_url(url).database)

        yield Ground(postgres_copy if postgres else sqlite_copy, app, http, floor.people, token, folder)


def _stocked(db: Database) -> None:
    """Few of everything, so that most of what is asked for is scarce."""
    for code in CHANNELS[1:]:
        add_channel(db, BOSS, code, code.title(), {"secret": SECRET, "webhook_url": "http://127.0.0.1:9"})
    for sku in (*KITS, "CREAM", "LAMP"):
        put_product(db, BOSS, Product(sku, sku.title()), [CodeEntry(CODES[sku])])
    set_tracking(db, BOSS, "CREAM", lots=True, expiry=True)
    set_tracking(db, BOSS, "LAMP", lots=False, serials=True)
    receive_goods(db, BOSS, "EAST", [Incoming("LAMP", 3, serials=("SN1", "SN2", "SN3"))])
    for sku in ("SOAP", "BRUSH", "MUG"):
        count_on_hand(db, BOSS, sku, "EAST", 6)
        receive(db, sku, "WEST", 3)
    for lot, ends in LOTS.items():
        receive_goods(db, BOSS, "EAST", [Incoming("CREAM", 3, lot, ends)])
    define_kit(db, BOSS, "SPA", {"SOAP": 2, "BRUSH": 1})
    define_kit(db, BOSS, "GIFT", {"SPA": 1, "MUG": 1})
    define_kit(db, BOSS, "DUO", {"CREAM": 1, "MUG": 1})
    tell_everything(db)
