"""Work of once a day, at an hour of the first site's clock, by whichever server comes first."""

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select, update

from server.db import sites, tables
from server.db.dialect import insert_into
from server.db.transaction import Actor, Database, Transaction, transaction
from server.typed import learnt

LEASE_SECONDS = 3600.0
"""A server that died at it is given up after so long; the work must bear being done twice."""

_v = tables.setting


class _Turn(msgspec.Struct):
    """The last day (ISO) that is done, and until when a server is at the next one."""

    done: str = ""
    until: float = 0.0


def once_a_day(db: Database, actor: Actor, key: str, hour: int, work: Callable[[], object]) -> bool:
    """Do the work when it is past ``hour`` o'clock and today's is not done; True when it was done now."""
    with db.read() as connection:
        first = next(iter(sites.all_sites(connection)), None)
        held = connection.execute(select(_v.c.value).where(_v.c.key == key)).scalar()
    here = datetime.fromtimestamp(db.now(), ZoneInfo(first.time_zone) if first else UTC)
    today = here.date().isoformat()
    if here.hour < hour or (held and _turn(held).done == today):
        return False
    with transaction(db, actor, key) as tx:
        turn = _locked(tx, key)
        if turn.done == today or turn.until > tx.now:
            return False
        _write(tx, key, _Turn(turn.done, tx.now + LEASE_SECONDS))
    work()
    with transaction(db, actor, key) as tx:
        _locked(tx, key)
        _write(tx, key, _Turn(today, 0.0))
    return True


def _turn(text: str) -> _Turn:
    return msgspec.json.decode(text, type=learnt(_Turn))


def _locked(tx: Transaction, key: str) -> _Turn:
    made = insert_into(tx.connection, _v).values(key=key, value=msgspec.json.encode(_Turn()).decode())
    tx.connection.execute(made.on_conflict_do_nothing())
    return _turn(tx.connection.execute(select(_v.c.value).where(_v.c.key == key).with_for_update()).scalar_one())


def _write(tx: Transaction, key: str, turn: _Turn) -> None:
    tx.connection.execute(update(_v).where(_v.c.key == key).values(value=msgspec.json.encode(turn).decode()))
