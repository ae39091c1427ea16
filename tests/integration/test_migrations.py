"""The schema that migrations make is the schema the program speaks of, and two rows of history cannot be changed."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from server.db import tables
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from tests.book import open_book
from tests.postgres import fresh_database


@pytest.mark.filterwarnings("ignore:.*expression-based index")
def test_the_migrated_schema_is_the_declared_one(db: Database) -> None:
    with db.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []


def test_check_constraints_are_in_the_database_itself(db: Database) -> None:
    open_book(db)
    with db.read() as connection, pytest.raises(DBAPIError):
        connection.execute(update(tables.stock).values(reserved=tables.stock.c.on_hand + 1))


@pytest.mark.parametrize("table", [tables.ledger, tables.audit], ids=["ledger", "audit"])
def test_history_cannot_be_changed_or_removed(db: Database, table: object) -> None:
    open_book(db)
    with db.read() as connection:
        before = connection.execute(select(table)).all()  # type: ignore[call-overload]
    assert before
    for statement in (update(table).values(at=0), delete(table)):  # type: ignore[arg-type]
        with db.engine.connect() as connection, pytest.raises(DBAPIError, match="only grows"):
            connection.execute(statement)
    with db.read() as connection:
        assert connection.execute(select(table)).all() == before  # type: ignore[call-overload]


def test_migrating_again_changes_nothing(db: Database) -> None:
    open_book(db)
    migrate(db.engine)
    with db.read() as connection:
        assert connection.execute(select(tables.product)).all()


def _migrate(url: str) -> None:
    engine = open_engine(url)
    migrate(engine)
    engine.dispose()


def test_servers_that_start_at_the_same_moment_both_find_the_schema(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(_migrate, [url] * 4))
    with sqlite3.connect(tmp_path / "new.db") as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    connection.close()


def test_so_do_they_on_postgresql(postgres_server: str) -> None:
    with fresh_database(postgres_server) as url, ThreadPoolExecutor(4) as pool:
        list(pool.map(_migrate, [url] * 4))
