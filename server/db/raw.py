"""Statements through the driver itself, for the few that a group commit runs: SQLAlchemy's own work costs more there.

They belong to the SQLAlchemy connection's transaction, and their errors are SQLAlchemy's.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from server.db.pipeline import Pipeline

_PIPELINE = "pipeline"
"""Under which a connection knows what it collects."""


def execute(connection: Connection, statement: str, parameters: Sequence[Any] = ()) -> Any:
    """Run a statement in the driver's own words; return its cursor."""
    pipeline = connection.info.get(_PIPELINE)
    if pipeline is not None:
        return pipeline.add(statement, parameters)
    driver: Any = connection.connection.dbapi_connection
    try:
        cursor = driver.cursor()
        cursor.execute(statement, parameters)
    except Exception as error:
        _raise(connection, error)
    return cursor


def execute_many(connection: Connection, statement: str, rows: Iterable[Any]) -> int:
    """SQLite: run it for each of the rows; return how many rows were changed in all."""
    driver: Any = connection.connection.dbapi_connection
    try:
        return int(driver.executemany(statement, rows).rowcount)
    except Exception as error:
        _raise(connection, error)


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """PostgreSQL: what is executed inside is sent when it ends, or when somebody asks for a row; errors come then.

    A cursor's ``rowcount`` is known after it. Nothing inside may go through SQLAlchemy.
    """
    if connection.dialect.name == "sqlite":
        yield
        return
    driver: Any = connection.connection.dbapi_connection
    pipeline = connection.info[_PIPELINE] = Pipeline(driver)
    try:
        yield
        pipeline.send()
    except Exception as error:
        _raise(connection, error)
    finally:
        del connection.info[_PIPELINE]


def _raise(connection: Connection, error: Exception) -> NoReturn:
    """As SQLAlchemy would: never with parameters, one of which may be a buyer's address."""
    base: type[Exception] = connection.dialect.loaded_dbapi.Error
    if not isinstance(error, base):
        raise error
    raise DBAPIError.instance(None, None, error, base, hide_parameters=True, dialect=connection.dialect) from error
