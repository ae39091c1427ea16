"""The pages behind a real uvicorn on loopback, for tests and pictures."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert
from starlette.applications import Starlette

from server.config import ServerConfig
from server.db import tables
from server.db.engine import open_engine
from server.db.transaction import Database
from server.domain.people import Role
from server.http.call import Services
from server.http.live import close_streams
from server.http.pages import ROUTES
from server.secrets import digest, new_token
from tests.board_data import AFTERNOON, fill
from tests.serving import uvicorn_of


@dataclass(frozen=True, slots=True)
class Serving:
    """A running server: its address and its application."""

    url: str
    app: Starlette


def pages_app(db: Database, config: ServerConfig | None = None) -> Starlette:
    """Nothing but the pages."""
    app = Starlette(routes=ROUTES)
    app.state.services = Services(db, config or ServerConfig())
    return app


def filled_copy(template: Path, path: Path) -> Path:
    """A copy of a migrated SQLite file with a whole floor in it, to be copied again by each test."""
    shutil.copy(template, path)
    with standing_still(path) as db:
        fill(db)
    return path


@contextmanager
def standing_still(path: Path) -> Iterator[Database]:
    """The database in this file at half past two; ``now`` may be moved."""
    engine = open_engine(f"sqlite:///{path}")
    try:
        yield Database(engine, now=lambda: AFTERNOON)
    finally:
        engine.dispose()


@contextmanager
def serving(app: Starlette) -> Iterator[Serving]:
    """Serve until the block ends."""
    with uvicorn_of(app) as url:
        try:
            yield Serving(url, app)
        finally:
            close_streams(app)


def signed_in(db: Database, *roles: Role, name: str = "Sam Supervisor") -> str:
    """The session token of a new person with these roles."""
    token = new_token()
    with db.engine.begin() as connection:
        row = insert(tables.person).values(name=name, roles=" ".join(roles)).returning(tables.person.c.id)
        person = connection.execute(row).scalar_one()
        session = {"token_digest": digest(token), "person_id": person, "kind": "person"}
        connection.execute(insert(tables.web_session).values(**session))
    return token


def wall_token(db: Database, name: str = "Hall") -> str:
    """The token of a new wall screen."""
    token = new_token()
    with db.engine.begin() as connection:
        connection.execute(insert(tables.web_session).values(token_digest=digest(token), kind="wall", name=name))
    return token
