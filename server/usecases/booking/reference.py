"""What decides besides the counters: sites, kits, shares, routing, policies. Read once for each version."""

import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Row, select, update

from server.carriers import Account
from server.db import allocation as db_allocation
from server.db import conflict_rows, kits, raw, routing, shelf_life, sites, tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction
from server.domain.booking.conflicts import Policy
from server.domain.booking.kits import KitBook
from server.domain.booking.life import MinimumLife
from server.domain.booking.lots import day_in
from server.domain.booking.reservation import Rules
from server.domain.routes.routing import Router
from server.domain.sharing.allocation import Allocation
from server.usecases.shipping.accounts import accounts

VERSION = "book_version"
_v, _p = tables.setting, tables.product


@dataclass(frozen=True, slots=True)
class Reference:
    """One version of everything people set. ``valid_until`` is when the next dated rule begins or ends."""

    version: int
    valid_until: float
    rules: Rules
    allocation: Allocation
    policy: Policy
    channels: Mapping[int, Row[Any]]
    """Every channel by id, active or not."""
    made_to_order: frozenset[str]
    aliased: bool
    """Whether any channel calls any product by another name."""
    zones: Mapping[int, str]
    """The time zone of every site, active or not, by id."""
    life: MinimumLife
    carriers: Mapping[str, Account]

    def channel_code(self, channel_id: int) -> str:
        """The code, empty for a channel that is not there."""
        found = self.channels.get(channel_id)
        return found.code if found else ""

    def day(self, now: float, site_id: int) -> str:
        """The ISO date at a site: by it lots expire."""
        return day_in(now, self.zones[site_id]).isoformat()

    def days(self, now: float) -> dict[int, str]:
        """The same for every site."""
        return {site_id: self.day(now, site_id) for site_id in self.zones}


_held: weakref.WeakKeyDictionary[Engine, Reference] = weakref.WeakKeyDictionary()


def reference(connection: Connection, now: float) -> Reference:
    """The newest version; one small query when nothing has changed. Changes are effective at once (BUF-04)."""
    version = book_version(connection)
    held = _held.get(connection.engine)
    if held is None or held.version != version or now >= held.valid_until:
        held = _held[connection.engine] = _read(connection, version, now)
    return held


def last_read(engine: Engine) -> Reference | None:
    """What this process read last, without a look at the database; None before its first decision."""
    return _held.get(engine)


def book_version(connection: Connection) -> int:
    """Rises with every change of what decides."""
    return ask_version(connection)()


def ask_version(connection: Connection) -> Callable[[], int]:
    """As ``book_version``, for the answer to come with others inside ``raw.together``."""
    cursor = raw.execute(connection, f"SELECT value FROM setting WHERE key = '{VERSION}'")  # noqa: S608

    def answer() -> int:
        row = cursor.fetchone()
        return int(row[0]) if row else 0

    return answer


def lock_version(tx: Transaction) -> None:
    """Whoever weighs a change against what holds now takes this lock first."""
    tx.connection.execute(insert_into(tx.connection, _v).values(key=VERSION, value="0").on_conflict_do_nothing())
    tx.connection.execute(select(_v.c.value).where(_v.c.key == VERSION).with_for_update()).one()


def raise_version(tx: Transaction) -> None:
    """Something that decides has changed: every server reads it again before its next decision.

    A version is never used twice, also not after a rollback: what was read under it then was never true.
    """
    insert = insert_into(tx.connection, _v).values(key=VERSION, value="0").on_conflict_do_nothing()
    tx.connection.execute(insert)
    now = int(tx.connection.execute(select(_v.c.value).where(_v.c.key == VERSION).with_for_update()).scalar_one())
    tx.connection.execute(update(_v).where(_v.c.key == VERSION).values(value=str(max(now + 1, time.time_ns()))))


def _read(connection: Connection, version: int, now: float) -> Reference:
    allocation = _allocation(connection, now)
    rules = Rules(
        sites=tuple(sites.selling(connection)),
        kits=_kits(connection),
        claims=allocation if allocation.claiming else None,
        router=_router(connection),
    )
    channels = {row.id: row for row in sites.channels(connection, active_only=False)}
    return Reference(
        version=version,
        valid_until=allocation.valid_until,
        rules=rules,
        allocation=allocation,
        policy=_policy(connection),
        channels=channels,
        made_to_order=frozenset(connection.execute(select(_p.c.sku).where(_p.c.made_to_order.is_not(None))).scalars()),
        aliased=connection.execute(select(tables.alias.c.code).limit(1)).first() is not None,
        zones=sites.zones(connection),
        life=shelf_life.asked_for(connection, channels.values()),
        carriers=accounts(connection),
    )


def _allocation(connection: Connection, now: float) -> Allocation:
    return Allocation.of(db_allocation.rules(connection), now)


def _kits(connection: Connection) -> KitBook:
    return kits.read(connection)


def _router(connection: Connection) -> Router | None:
    return routing.router(connection)


def _policy(connection: Connection) -> Policy:
    return conflict_rows.policy(connection)
