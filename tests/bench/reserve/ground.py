"""A fresh migrated database for every measurement: a copy of one that was prepared once."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert, make_url

from server.config import ServerConfig
from server.db import tables
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.stock import create_missing
from server.db.transaction import Actor, Database, transaction
from server.domain.booking.stock import Move, MoveKind
from server.usecases.booking.stock import Posting, post
from tests.bench.floor import fill
from tests.postgres import fresh_database, postgres

ENGINES = ("sqlite", "postgresql")
_STEP = 5000
"""SKUs in one transaction of the preparation."""


@dataclass(frozen=True, slots=True)
class Ground:
    """An empty warehouse of one engine to copy from: a file in ``folder``, or a database of a ``server``."""

    engine: str
    folder: Path
    server: str = ""
    template: str | None = None

    @contextmanager
    def fresh(self, on_hand: Mapping[str, int]) -> Iterator["Field"]:
        """A database of its own with this stock at one site."""
        with tempfile.TemporaryDirectory(prefix="pp-reserve-", ignore_cleanup_errors=True) as name:
            folder = Path(name)
            if self.engine == "sqlite":
                shutil.copy(self.folder / "packproof.db", folder / "packproof.db")
                with _opened(folder, "") as field:
                    stock_up(field.db, on_hand)
                    yield field
                return
            with fresh_database(self.server, template=self.template) as address, _opened(folder, address) as field:
                stock_up(field.db, on_hand)
                yield field


@dataclass(frozen=True, slots=True)
class Field:
    """One database: ``address`` as the server's configuration names it (empty: SQLite in ``folder``)."""

    db: Database
    folder: Path
    address: str

    @property
    def raw(self) -> str:
        """What the bare driver opens: a file or an address."""
        return self.address or str(self.folder / "packproof.db")


@contextmanager
def ground(engine: str) -> Iterator[Ground]:
    """An engine with a prepared template; a PostgreSQL that waits for its disk."""
    with tempfile.TemporaryDirectory(prefix="pp-reserve-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if engine == "sqlite":
            with _opened(folder, "") as field:
                _migrated(field.db)
            yield Ground(engine, folder)
            return
        with postgres(durable=True) as server, fresh_database(server) as address:
            with _opened(folder, address) as field:
                _migrated(field.db)
            yield Ground(engine, folder, server, make_url(address).database)


def stock_up(db: Database, on_hand: Mapping[str, int]) -> None:
    """Products and their stock at the first site, through the book."""
    skus = list(on_hand)
    for start in range(0, len(skus), _STEP):
        some = skus[start : start + _STEP]
        with transaction(db, Actor("bench"), "receive") as tx:
            tx.connection.execute(insert(tables.product), [{"sku": s, "name": s} for s in some])
            create_missing(tx, [(s, 1, "", "") for s in some])
            post(tx, [Posting([Move(MoveKind.RECEIVE, s, 1, on_hand[s]) for s in some])])


@contextmanager
def _opened(folder: Path, address: str) -> Iterator[Field]:
    db = Database(open_engine(address or ServerConfig(data_dir=folder).database_url))
    try:
        yield Field(db, folder, address)
    finally:
        db.engine.dispose()


def _migrated(db: Database) -> None:
    migrate(db.engine)
    fill(db)
