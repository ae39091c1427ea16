"""Rows of product pictures, by the hash of their bytes: products that look the same share one."""

from sqlalchemy import Connection, delete, select

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction

_t, _p = tables.picture, tables.product


def read(connection: Connection, digest: str) -> bytes | None:
    """The PNG with this hash, or None."""
    if "\x00" in digest:
        return None
    found = connection.execute(select(_t.c.png).where(_t.c.digest == digest)).scalar()
    return None if found is None else bytes(found)


def put(tx: Transaction, digest: str, png: bytes) -> None:
    """Keep it, unless it is there."""
    made = insert_into(tx.connection, _t).values(digest=digest, png=png)
    tx.connection.execute(made.on_conflict_do_nothing())


def drop_unused(tx: Transaction, digest: str) -> None:
    """Forget it where no product has it any more."""
    used = select(_p.c.sku).where(_p.c.picture == digest).exists()
    tx.connection.execute(delete(_t).where(_t.c.digest == digest, ~used))
