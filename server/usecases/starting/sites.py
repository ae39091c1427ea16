"""Sites and sales channels: what an administrator sets up before the first order."""

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update

from server.channels import of_kind
from server.db import sites, stale, tables
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.usecases.booking.reference import raise_version

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


def add_site(
    db: Database,
    actor: Actor,
    code: str,
    name: str,
    *,
    time_zone: str = "UTC",
    rank: int = 0,
    address: Mapping[str, Any] | None = None,
) -> int:
    """A building with stock; rank 0 is asked first. Return the id; raise DomainError("invalid" | "taken")."""
    with transaction(db, actor, "add_site") as tx:
        return put_site(tx, code, name, time_zone=time_zone, rank=rank, address=address)


def put_site(
    tx: Transaction,
    code: str,
    name: str,
    *,
    time_zone: str = "UTC",
    rank: int = 0,
    address: Mapping[str, Any] | None = None,
) -> int:
    """As ``add_site``, in the caller's transaction."""
    _check_code(code)
    try:
        ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError) as error:
        raise DomainError("invalid", f"time zone: expected a name like Europe/Berlin, found {time_zone!r}") from error
    t = tables.site
    if tx.connection.execute(select(t.c.id).where(t.c.code == code)).first():
        raise DomainError("taken", f"there is a site {code} already")
    row = insert(t).values(code=code, name=name, time_zone=time_zone, rank=rank, address=dict(address or {}))
    site_id = int(tx.connection.execute(row.returning(t.c.id)).scalar_one())
    raise_version(tx)
    tx.note("site.added", {"code": code, "name": name, "time_zone": time_zone}, site=site_id)
    return site_id


def add_channel(
    db: Database,
    actor: Actor,
    code: str,
    name: str,
    settings: Mapping[str, Any],
    *,
    kind: str = "custom",
    active: bool = True,
) -> int:
    """A place that sells; while active it is told every SKU's number.

    Return its id; raise DomainError("invalid" | "taken").
    """
    _check_code(code)
    of_kind(kind).check(settings)
    with transaction(db, actor, "add_channel") as tx:
        if sites.channel(tx.connection, code) is not None:
            raise DomainError("taken", f"there is a channel {code} already")
        t = tables.channel
        row = insert(t).values(code=code, kind=kind, name=name, settings=dict(settings), active=active)
        channel_id = int(tx.connection.execute(row.returning(t.c.id)).scalar_one())
        raise_version(tx)
        tx.note("channel.added", {"code": code, "kind": kind}, channel=code)
        if active:
            stale.everything(tx)
        return channel_id


def change_channel(db: Database, actor: Actor, code: str, settings: Mapping[str, Any], *, active: bool = True) -> None:
    """New settings for a channel; one that is not active is told nothing and sends nothing."""
    with transaction(db, actor, "change_channel") as tx:
        row = sites.channel(tx.connection, code)
        if row is None:
            raise DomainError("not_found", f"there is no channel {code}")
        of_kind(row.kind).check(settings)
        t = tables.channel
        tx.connection.execute(update(t).where(t.c.id == row.id).values(settings=dict(settings), active=active))
        raise_version(tx)
        tx.note("channel.changed", {"code": code, "active": active}, channel=code)
        if active:
            stale.everything(tx)


def _check_code(code: str) -> None:
    if not _CODE.fullmatch(code):
        raise DomainError("invalid", f"code: expected 1 to 32 letters, digits, . _ or -, found {code[:40]!r}")
