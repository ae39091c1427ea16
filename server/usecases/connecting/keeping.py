"""What a channel's row keeps about its connection: ``policy["connecting"]``, and the levers beside it.

connecting: account {name, places, at}, places {theirs: our site, "" for none of ours}, not_ours [refs],
confirmed {item: {by, at}}, live_at, override. Levers: mode, throttle, at_once_until.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select, update

from server.channels import Platform, kinds, platform_of
from server.db import sites, tables
from server.db.transaction import Transaction
from server.domain.errors import DomainError
from server.usecases.booking.reference import raise_version

_c = tables.channel


def channel_of(connection: Connection, code: str) -> Row[Any]:
    """One channel; raise DomainError("not_found") naming those there are."""
    row = sites.channel(connection, code)
    if row is None:
        known = ", ".join(each.code for each in sites.channels(connection, active_only=False)) or "none yet"
        raise DomainError("not_found", f"there is no channel {code[:40]!r}; there are: {known}")
    return row


def platform_channel(connection: Connection, code: str) -> tuple[Row[Any], Platform]:
    """One channel that is a platform; raise DomainError("not_found"), and "not_a_platform" for one that calls us."""
    row = channel_of(connection, code)
    platform = platform_of(row.kind)
    if platform is None:
        raise DomainError("not_a_platform", f"{code} calls us by itself: it has no listings and nothing to connect")
    return row, platform


def platforms() -> tuple[str, ...]:
    """The kinds of channels that can be connected."""
    return tuple(kind for kind in kinds() if platform_of(kind) is not None)


def locked(tx: Transaction, code: str) -> Row[Any]:
    """The channel's row, locked; raise DomainError("not_found")."""
    row = channel_of(tx.connection, code)
    return tx.connection.execute(select(_c).where(_c.c.id == row.id).with_for_update()).one()


def connecting(row: Row[Any]) -> Mapping[str, Any]:
    """What is kept about its connection."""
    found: Mapping[str, Any] = (row.policy or {}).get("connecting") or {}
    return found


def keep(tx: Transaction, row: Row[Any], **values: Any) -> None:
    """Write some keys of ``policy["connecting"]``; None forgets one."""
    kept = {key: value for key, value in {**connecting(row), **values}.items() if value is not None}
    keep_policy(tx, row, connecting=kept)


def keep_policy(tx: Transaction, row: Row[Any], **values: Any) -> None:
    """Write some keys of the policy; None forgets one. ``row`` is locked."""
    kept = {key: value for key, value in {**(row.policy or {}), **values}.items() if value is not None}
    tx.connection.execute(update(_c).where(_c.c.id == row.id).values(policy=kept))
    raise_version(tx)


def live_since(row: Row[Any]) -> float | None:
    """When it went live: 0 for one that needs no connecting; None before."""
    if platform_of(row.kind) is None:
        return 0.0
    at = connecting(row).get("live_at")
    if at is not None:
        return float(at)
    return 0.0 if row.active else None


def throttle_of(policy: Mapping[str, Any] | None) -> int | None:
    """The per cent of its numbers that a channel is shown; None: all."""
    found = (policy or {}).get("throttle")
    return None if found is None else int(found)
