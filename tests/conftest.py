"""Both engines for every test that asks for ``db``; each test gets a migrated database of its own."""

import os
import shutil
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from sqlalchemy import event, make_url

import tests.compiled  # noqa: F401
from server.config import ServerConfig
from server.db.engine import is_sqlite, open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.http.call import Services
from tests.postgres import KeptDatabase, fresh_database, postgres

# A busy machine makes a rule slow, not wrong.
settings.register_profile("floor", deadline=None, max_examples=60)
settings.load_profile("floor")


def pytest_xdist_auto_num_workers() -> int:
    """Workers for ``-n auto``: tests wait for processes, sockets and clocks while a core has nothing to do."""
    return (os.cpu_count() or 1) * 3 // 2


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """One PostgreSQL for the whole run."""
    with postgres() as address:
        yield address


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """The name of a migrated database that tests copy."""
    with fresh_database(postgres_server) as address:
        engine = open_engine(address)
        migrate(engine)
        engine.dispose()
        yield str(make_url(address).database)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that tests copy."""
    path = tmp_path_factory.mktemp("template") / "packproof.db"
    engine = open_engine(f"sqlite:///{path}")
    migrate(engine)
    engine.dispose()
    return path


@contextmanager
def _opened(url: str, connect: Callable[..., Any] | None = None) -> Iterator[Database]:
    database = Database(open_engine(url))
    if connect:
        event.listen(database.engine, "do_connect", connect)
    if is_sqlite(database.engine):
        event.listen(database.engine, "connect", _do_not_wait_for_the_disk)
    try:
        yield database
    finally:
        database.engine.dispose()


def _do_not_wait_for_the_disk(connection: Any, _record: Any) -> None:
    """As for PostgreSQL here: a killed process loses nothing by it, a test run gains minutes."""
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def sqlite_db(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh embedded database."""
    path = tmp_path / "packproof.db"
    shutil.copy(sqlite_template, path)
    with _opened(f"sqlite:///{path}") as database:
        yield database


@pytest.fixture(scope="session")
def postgres_kept(postgres_server: str, postgres_template: str) -> Iterator[KeptDatabase]:
    """The one that every test finds empty."""
    kept = KeptDatabase(postgres_server, postgres_template)
    yield kept
    kept.close()


@pytest.fixture
def postgres_db(postgres_kept: KeptDatabase) -> Iterator[Database]:
    """A database on PostgreSQL, as good as new."""
    with _opened(postgres_kept.emptied(), postgres_kept.connect) as database:
        yield database


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest) -> Database:
    """A fresh database, once on each engine."""
    name = "sqlite_db" if request.param == "sqlite" else "postgres_db"
    found: Database = request.getfixturevalue(name)
    return found


@pytest.fixture
def quick_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bench asks and tells its server ten times a second instead of once, and tries again as soon.

    A test that counts the product's own seconds undoes it.
    """
    for name in ("heartbeat.BEAT_SECONDS", "uplink.IDLE_SECONDS", "jobs.AGAIN_SECONDS", "desks.loads.REFRESH_SECONDS"):
        monkeypatch.setattr(f"station.{name}", 0.1)
    monkeypatch.setattr("station.heartbeat.QUEUE_SECONDS", 0.2)


@pytest.fixture
def quick_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual's pilot looks ten times as often whether the program has nothing left to do, after every key three times.

    It looks at what all threads of this process use; asyncio has by then long run whatever the key caused.
    """
    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", 0.002)


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """A hash that takes 0.1 s by intent takes none; what it is made of, and how it is compared, stays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "server.usecases.staff.people._hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        )
        yield


@pytest.fixture(scope="session", autouse=True)
def one_list_of_authorities() -> Iterator[None]:
    """What a client trusts takes 40 ms to read: once for all clients of all tests."""
    made = cache(httpx.create_ssl_context)

    def kept(verify: ssl.SSLContext | bool = True, cert: None = None, trust_env: bool = True) -> ssl.SSLContext:
        return verify if isinstance(verify, ssl.SSLContext) else made(verify, cert, trust_env)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("httpx._transports.default.create_ssl_context", kept)
        yield


@pytest.fixture
def services(db: Database, tmp_path: Path) -> Services:
    """What routes are given, over a fresh database."""
    return Services(db, ServerConfig(data_dir=tmp_path))
