"""Brings a database to the newest schema, in-process. Two processes may start at once: the second finds it done."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from server.db.engine import is_sqlite

_LOCK = 0x7061636B
"""The advisory lock of PostgreSQL that one migration at a time holds."""


def migrate(engine: Engine) -> None:
    """Apply every missing revision in one transaction; do nothing when there is none."""
    with engine.connect() as connection:
        if is_sqlite(engine):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        command.upgrade(config(connection), "head")
        connection.commit()


def config(connection: Connection) -> Config:
    """Alembic's settings for an open connection; there is no alembic.ini."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    made.attributes["connection"] = connection
    return made
