"""Five wrong passwords for a login, then 30 seconds of waiting. Kept in the database: all server processes count along.

Logins are counted in 4096 buckets, so that made-up logins cannot fill the table; two logins that share a bucket share
their tries, which costs an honest person 30 seconds at worst.
"""

import hashlib
import json

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from server.db import tables
from server.db.transaction import Actor, Database, transaction

TRIES = 5
WAIT_SECONDS = 30.0
FORGOTTEN_SECONDS = 900.0

_t = tables.setting


def take_try(db: Database, actor: Actor, login: str) -> float:
    """Count one try before its password is looked at; return 0, or the seconds to wait when there is none left."""
    key = _bucket(login)
    with transaction(db, actor, "take_try") as tx:
        dialect = sqlite if tx.connection.dialect.name == "sqlite" else postgresql
        fresh = dialect.insert(_t).values(key=key, value=json.dumps([0, tx.now]))
        tx.connection.execute(fresh.on_conflict_do_nothing(index_elements=["key"]))
        row = tx.connection.execute(select(_t.c.value).where(_t.c.key == key).with_for_update())
        count, last = json.loads(row.scalar_one())
        gone = tx.now - last
        if count >= TRIES and gone < WAIT_SECONDS:
            return float(WAIT_SECONDS - gone)
        if count >= TRIES or gone > FORGOTTEN_SECONDS:
            count = 0
        tx.connection.execute(update(_t).where(_t.c.key == key).values(value=json.dumps([count + 1, tx.now])))
    return 0.0


def forget_tries(db: Database, actor: Actor, login: str) -> None:
    """The password was right."""
    with transaction(db, actor, "forget_tries") as tx:
        tx.connection.execute(delete(_t).where(_t.c.key == _bucket(login)))


def _bucket(login: str) -> str:
    return f"login_tries:{hashlib.sha256(login.strip().lower().encode()).hexdigest()[:3]}"
