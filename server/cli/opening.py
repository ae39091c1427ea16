"""What most commands begin with: the settings, the database, and who is asking."""

import getpass
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from server.domain.errors import DomainError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from server.config import ServerConfig
    from server.db.transaction import Actor, Database

F = TypeVar("F", bound=Callable[..., Any])


def config_option(command: F) -> F:
    """``--config``, also as PACKPROOF_CONFIG in the environment."""
    option = click.option(
        "--config",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        envvar="PACKPROOF_CONFIG",
        help="server.toml; without it the defaults, with data in ./packproof-data. [env: PACKPROOF_CONFIG]",
    )
    return option(command)


@contextmanager
def opened(config: Path | None, *, migrating: bool = False) -> Iterator["Database"]:
    """The database of a finished setup; raise DomainError("not_set_up") before one.

    ``migrating``: bring it to the newest schema, as the programs that serve do; the others refuse an older one.
    """
    from server.config import load_config
    from server.db.migrate import migrate

    settings = load_config(config)
    path = settings.data_dir / "packproof.db"
    if not settings.database and not path.exists():
        raise DomainError(
            "not_set_up", f"there is no database at {path}; run `packproof setup` first, or give --config"
        )
    with connected(settings) as db, nullcontext() if migrating else quiet():
        if migrating:
            migrate(db.engine)
        elif not schema_is_current(db.engine):
            raise DomainError(
                "not_set_up", "the database is of another version; run `packproof setup` to bring it up to date"
            )
        yield db


@contextmanager
def quiet() -> Iterator[None]:
    """Only warnings are logged meanwhile, and on standard error: standard output is for what was asked."""
    import structlog

    before = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    try:
        yield
    finally:
        structlog.configure(**before)


@contextmanager
def connected(settings: "ServerConfig") -> Iterator["Database"]:
    """The database as it is, made by SQLite when it was not there."""
    from server.db.engine import open_engine
    from server.db.transaction import Database

    engine = open_engine(settings.database_url)
    try:
        yield Database(engine)
    finally:
        engine.dispose()


def schema_is_current(engine: "Engine") -> bool:
    """Whether every migration has run."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    from server.db.migrate import config

    with engine.connect() as connection:
        heads = set(ScriptDirectory.from_config(config(connection)).get_heads())
        return set(MigrationContext.configure(connection).get_current_heads()) == heads


def operator() -> "Actor":
    """The person at this terminal, for the audit."""
    from server.db.transaction import Actor

    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "unknown"
    return Actor(f"cli:{user}")
