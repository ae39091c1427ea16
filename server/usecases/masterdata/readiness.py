"""What stands between the catalogue and its launch on a channel (SKU-04)."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select, update

from server.db import masters, sites, tables
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.masterdata.readiness import Needs, Readiness, Shelf, readiness
from server.typed import learnt

POLICY = "needs"
"""The key in a channel's policy."""


def report(connection: Connection, channel: str = "", skus: Sequence[str] | None = None) -> list[Readiness]:
    """Every gap on one channel, or on every active one; of these SKUs, or of all.

    Raise DomainError("not_found" | "unknown_sku").
    """
    chosen = [_channel(connection, channel)] if channel else list(sites.channels(connection))
    shelf = Shelf.of(masters.masters(connection))
    missing = [sku for sku in skus or () if sku not in shelf.products]
    if missing:
        raise DomainError("unknown_sku", f"there is no product {', '.join(missing)[:200]}")
    return [readiness(needs_of(row), shelf, skus) for row in chosen]


def needs_of(channel: Row[Any]) -> Needs:
    """What this channel asks of a product; the usual where nobody said otherwise."""
    return _needs(channel.code, channel.policy.get(POLICY, {}))


def set_needs(db: Database, actor: Actor, channel: str, changes: Mapping[str, Any]) -> Needs:
    """Change what a channel asks: title_max, images_min, gtin, mapping, attributes. Raise DomainError("invalid")."""
    with transaction(db, actor, "set_needs") as tx:
        t = tables.channel
        tx.connection.execute(select(t.c.id).where(t.c.code == channel).with_for_update()).all()
        row = _channel(tx.connection, channel)
        merged = {**row.policy.get(POLICY, {}), **changes}
        needs = _needs(row.code, merged)
        policy = {**row.policy, POLICY: merged}
        tx.connection.execute(update(t).where(t.c.id == row.id).values(policy=policy))
        tx.note("channel.needs", dict(merged), channel=row.code)
        return needs


def _needs(channel: str, said: Mapping[str, Any]) -> Needs:
    known = {f.name for f in fields(Needs)} - {"channel"}
    odd = sorted(set(said) - known)
    if odd:
        raise DomainError("invalid", f"expected {', '.join(sorted(known))}, found {', '.join(odd)[:80]}")
    try:
        return msgspec.convert({**said, "channel": channel}, learnt(Needs))
    except msgspec.ValidationError as error:
        raise DomainError("invalid", f"needs of {channel}: {error}") from error


def _channel(connection: Connection, code: str) -> Row[Any]:
    row = sites.channel(connection, code)
    if row is None:
        known = ", ".join(each.code for each in sites.channels(connection, active_only=False)) or "none yet"
        raise DomainError("not_found", f"there is no channel {code[:40]!r}; there are: {known}")
    return row
