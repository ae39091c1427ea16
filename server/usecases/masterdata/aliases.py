"""Teaching what a channel calls a product, once: every order that waited for it goes on by itself (SKU-01, SKU-03)."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import Connection

from server.db import aliases as rows
from server.db import catalogue, sites
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.masterdata.aliases import EVERY_CHANNEL, Alias, AliasKind, alias_key, channel_words, clash
from server.usecases.booking.reference import raise_version
from server.usecases.sales.recheck import settle_again
from server.usecases.sales.taken import Taken
from server.usecases.starting.csv_rows import read_rows

TEACHER = Actor("catalogue")
log = structlog.get_logger("aliases")


@dataclass(frozen=True, slots=True)
class Mapped:
    """What teaching an alias did: whether it was new, and the orders that went on because of it."""

    changed: bool
    settled: tuple[Taken, ...]


def map_alias(
    db: Database,
    actor: Actor,
    text: str,
    sku: str,
    *,
    channel: str = EVERY_CHANNEL,
    kind: AliasKind = AliasKind.SKU,
) -> Mapped:
    """Say that a channel (or every channel) means this SKU by this text; orders on hold for it are settled at once.

    Raise DomainError("invalid" | "not_found" | "unknown_sku"), and "ambiguous_alias" when an order with the text could
    mean another product; nothing is saved then.
    """
    alias = _checked(Alias(text.strip(), sku, channel, kind))
    with transaction(db, actor, "map_alias") as tx:
        catalogue.lock_version(tx)
        changed = _save(tx, alias, rows.skus_like(tx.connection, alias.key))
    return Mapped(changed, settle_named(db, actor))


def map_many(db: Database, actor: Actor, asked: Iterable[Alias]) -> Mapped:
    """As ``map_alias`` for many at once: all are saved or none."""
    checked = [_checked(alias) for alias in asked]
    with transaction(db, actor, "map_aliases") as tx:
        catalogue.lock_version(tx)
        like = rows.skus_by_key(tx.connection)
        changed = [_save(tx, alias, like.get(alias.key, ())) for alias in checked]
    return Mapped(any(changed), settle_named(db, actor))


def aliases_of(path: Path) -> list[Alias]:
    """The aliases of a CSV file: text, sku; and channel, kind. Raise DomainError("invalid") naming the line."""
    found = []
    for row in read_rows(path, frozenset({"text", "sku"}), frozenset({"channel", "kind"})):
        row.check()
        kind = row.text("kind") or AliasKind.SKU.value
        if kind not in set(AliasKind):
            expected = ", ".join(AliasKind)
            raise DomainError("invalid", f"line {row.line}: kind: expected one of {expected}, found {kind[:20]!r}")
        found.append(Alias(row.text("text"), row.text("sku"), row.text("channel"), AliasKind(kind)))
    return found


def unmap_alias(db: Database, actor: Actor, text: str, *, channel: str = EVERY_CHANNEL) -> str:
    """Forget an alias and return the SKU it meant; orders that were taken in keep theirs. Raise "not_found"."""
    with transaction(db, actor, "unmap_alias") as tx:
        catalogue.lock_version(tx)
        sku = rows.forget(tx, _channel_id(tx.connection, channel), alias_key(text))
        if sku is None:
            raise DomainError("not_found", f"{text[:60]!r} on {channel_words(channel)} means nothing")
        tx.note("alias.unmapped", {"text": text.strip(), "channel": channel}, sku=sku, channel=channel or None)
        if not rows.any_there(tx.connection):
            raise_version(tx)
        return sku


def settle_named(db: Database, actor: Actor = TEACHER) -> tuple[Taken, ...]:
    """Settle every order on hold for an unknown SKU whose every line now means a product."""
    with db.read() as connection:
        ready = _nameable(connection)
    settled = []
    for order_id in ready:
        try:
            settled.append(settle_again(db, actor, order_id))
        except DomainError as error:
            # Somebody settled or cancelled it meanwhile.
            log.info("not settled", order=order_id, code=error.code)
    return tuple(settled)


def tick(db: Database) -> None:
    """The worker's share: an order that came in while its alias was being saved, or whose product is new."""
    settle_named(db)


def _nameable(connection: Connection) -> list[int]:
    lines = rows.unnamed(connection)
    if not lines:
        return []
    asked = {(line.channel_id, line.channel_sku) for line in lines}
    renamed = rows.resolve(connection, asked)
    products = catalogue.known(connection, {renamed.get(place, place[1]) for place in asked})
    still = {
        line.order_id
        for line in lines
        if renamed.get((line.channel_id, line.channel_sku), line.channel_sku) not in products
    }
    return [order_id for order_id in dict.fromkeys(line.order_id for line in lines) if order_id not in still]


def _checked(alias: Alias) -> Alias:
    if not alias.text or not alias.text.isprintable() or max(len(alias.text), len(alias.key)) > rows.CODE_MAX:
        found = f"expected 1 to {rows.CODE_MAX} printable characters, found {alias.text[:40]!r}"
        raise DomainError("invalid", f"alias: {found}")
    return alias


def _save(tx: Transaction, alias: Alias, skus: Iterable[str]) -> bool:
    """Save it under the catalogue's lock, so that no two people teach two meanings at once; ``skus`` have its key."""
    channel_id = _channel_id(tx.connection, alias.channel)
    if catalogue.product(tx.connection, alias.sku) is None:
        raise DomainError("unknown_sku", f"there is no product {alias.sku[:40]!r}; add it first")
    same = rows.same_key(tx.connection, [alias.key])
    refused = clash(alias, same, skus)
    if refused:
        raise DomainError("ambiguous_alias", refused.sentence, sku=refused.sku)
    if any(other.channel == alias.channel for other in same):
        return False
    first = not rows.any_there(tx.connection)
    rows.save(tx, channel_id, alias)
    if first:
        raise_version(tx)
    detail = {"text": alias.text, "channel": alias.channel, "kind": alias.kind.value}
    tx.note("alias.mapped", detail, sku=alias.sku, channel=alias.channel or None)
    return True


def _channel_id(connection: Connection, channel: str) -> int:
    if channel == EVERY_CHANNEL:
        return 0
    row = sites.channel(connection, channel)
    if row is None:
        known = ", ".join(each.code for each in sites.channels(connection, active_only=False)) or "none yet"
        raise DomainError("not_found", f"there is no channel {channel[:40]!r}; there are: {known}")
    return int(row.id)
