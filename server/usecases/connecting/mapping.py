"""A person says which product a listing is; the channel's word for it is taught with it, and its number goes out."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from server.db import aliases, catalogue, listings, stale
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.masterdata.aliases import alias_key
from server.usecases.connecting.keeping import connecting, keep, locked, platform_channel
from server.usecases.connecting.resending import tell_again
from server.usecases.masterdata.aliases import map_alias, unmap_alias
from server.usecases.sales.taken import Taken


@dataclass(frozen=True, slots=True)
class Mapping:
    """What was said: the listing's ref, what the channel calls it, and the orders that went on because of it."""

    ref: str
    channel_sku: str
    settled: tuple[Taken, ...] = ()


def map_listing(db: Database, actor: Actor, code: str, ref: str, sku: str) -> Mapping:
    """This listing is this product. ``ref`` is the platform's id of it, or its SKU there where only one has it.

    Raise DomainError("not_found" | "unknown_sku"), and "ambiguous_alias" when an order with its SKU there could
    mean another product.
    """
    with db.read() as connection:
        channel, _ = platform_channel(connection, code)
        row = _listing(connection, channel, ref)
        if catalogue.product(connection, sku) is None:
            raise DomainError("unknown_sku", f"there is no product {sku[:40]!r}; add it first")
        before = _own_alias(connection, code, row.channel_sku)
    settled: tuple[Taken, ...] = ()
    if row.channel_sku and row.channel_sku != sku:
        if before is not None and before != sku:
            unmap_alias(db, actor, row.channel_sku, channel=code)
        settled = map_alias(db, actor, row.channel_sku, sku, channel=code).settled
    with transaction(db, actor, "map_listing") as tx:
        kept = locked(tx, code)
        listings.mean(tx, channel.id, {row.ref: sku})
        _is_ours(tx, kept, row.ref)
        about = {"listing": row.ref, "was": row.sku or "", "called": row.channel_sku}
        cause = tx.note("listing.mapped", about, sku=sku, channel=code)
        tell_again(tx, channel.id, [sku], cause)
        stale.mark(tx, [sku], cause)
    return Mapping(row.ref, row.channel_sku, settled)


def not_ours(db: Database, actor: Actor, code: str, ref: str) -> Mapping:
    """This listing is none of our products: it is told nothing, and nobody is asked about it again."""
    with db.read() as connection:
        channel, _ = platform_channel(connection, code)
        row = _listing(connection, channel, ref)
    with transaction(db, actor, "map_listing") as tx:
        kept = locked(tx, code)
        listings.mean(tx, channel.id, {row.ref: None})
        keep(tx, kept, not_ours=sorted({*connecting(kept).get("not_ours", ()), row.ref}))
        tx.note("listing.not_ours", {"listing": row.ref, "was": row.sku or ""}, channel=code)
    return Mapping(row.ref, row.channel_sku)


def unmapped(connection: Connection, channel: Row[Any]) -> list[Row[Any]]:
    """Listings on sale of which nobody said what they are."""
    foreign = set(connecting(channel).get("not_ours", ()))
    rows = listings.all_of(connection, channel.id)
    return [row for row in rows if row.sku is None and not row.gone and row.ref not in foreign]


def _is_ours(tx: Any, channel: Row[Any], ref: str) -> None:
    foreign = connecting(channel).get("not_ours", ())
    if ref in foreign:
        keep(tx, channel, not_ours=[each for each in foreign if each != ref])


def _listing(connection: Connection, channel: Row[Any], ref: str) -> Row[Any]:
    rows = listings.all_of(connection, channel.id)
    found = [row for row in rows if row.ref == ref] or [row for row in rows if row.channel_sku == ref]
    if len(found) == 1:
        return found[0]
    if found:
        refs = ", ".join(row.ref for row in found)
        raise DomainError("ambiguous_listing", f"{len(found)} listings are called {ref[:60]!r}: say which of {refs}")
    raise DomainError(
        "not_found", f"{channel.code} has no listing {ref[:60]!r}; `packproof channels listings {channel.code}`"
    )


def _own_alias(connection: Connection, code: str, channel_sku: str) -> str | None:
    """What this channel means by it, as people taught; not what every channel means by it."""
    if not channel_sku:
        return None
    same = aliases.same_key(connection, [alias_key(channel_sku)])
    return next((each.sku for each in same if each.channel == code), None)
