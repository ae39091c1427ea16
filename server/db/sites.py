"""Rows of sites, channels and the channels' seen webhooks."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from server.db import tables
from server.domain.errors import DomainError

_t, _c = tables.site, tables.channel


def ranked(connection: Connection) -> list[int]:
    """Ids of the sites in the order in which they are asked for stock."""
    return list(connection.execute(select(_t.c.id).order_by(_t.c.rank, _t.c.id)).scalars())


def selling(connection: Connection) -> list[int]:
    """Ids of the active sites in the order in which they are asked for stock."""
    return list(connection.execute(select(_t.c.id).where(_t.c.active).order_by(_t.c.rank, _t.c.id)).scalars())


def by_code(connection: Connection, code: str) -> Row[Any]:
    """One site; raise DomainError("not_found") naming those there are."""
    row = connection.execute(select(_t).where(_t.c.code == code.strip())).first()
    if row is None:
        known = ", ".join(connection.execute(select(_t.c.code).order_by(_t.c.code)).scalars()) or "none yet"
        raise DomainError("not_found", f"there is no site {code!r}; there are: {known}")
    return row


def all_sites(connection: Connection) -> Sequence[Row[Any]]:
    """All sites by rank."""
    return connection.execute(select(_t).order_by(_t.c.rank, _t.c.id)).all()


def zones(connection: Connection) -> dict[int, str]:
    """The time zone of each site by its id."""
    return {row.id: row.time_zone for row in connection.execute(select(_t.c.id, _t.c.time_zone))}


def channel(connection: Connection, code: str) -> Row[Any] | None:
    """One channel, active or not."""
    if not code.isprintable():
        return None
    return connection.execute(select(_c).where(_c.c.code == code)).first()


def channels(connection: Connection, active_only: bool = True) -> Sequence[Row[Any]]:
    """Channels in the order of their ids."""
    query = select(_c).order_by(_c.c.id)
    return connection.execute(query.where(_c.c.active) if active_only else query).all()
