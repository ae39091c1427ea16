"""Rows of what platforms sell of us."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from server.db import tables
from server.db.bulk import insert_rows
from server.db.transaction import Transaction
from server.trade.words import Listing

_t = tables.listing


def of_many(connection: Connection, wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], list[Listing]]:
    """The listings that mean each of these (channel id, SKU); none for what is not on sale there."""
    channels, skus = {channel for channel, _ in wanted}, {sku for _, sku in wanted}
    query = select(_t).where(_t.c.channel_id.in_(sorted(channels)), _t.c.sku.in_(sorted(skus)), _t.c.gone.is_(False))
    found: dict[tuple[int, str], list[Listing]] = {}
    for row in connection.execute(query.order_by(_t.c.ref)):
        if (row.channel_id, row.sku) in wanted:
            found.setdefault((row.channel_id, row.sku), []).append(listing_of(row))
    return found


def meant(connection: Connection, channel_id: int, channel_skus: Iterable[str]) -> set[str]:
    """Our SKUs of what a channel calls so."""
    mine = (_t.c.channel_id == channel_id) & _t.c.channel_sku.in_(sorted(set(channel_skus))) & _t.c.sku.is_not(None)
    return set(connection.execute(select(_t.c.sku).where(mine)).scalars())


def listing_of(row: Row[Any]) -> Listing:
    """A row as adapters know it."""
    return Listing(ref=row.ref, sku=row.channel_sku, gtin=row.gtin, title=row.title, quantity=row.live, data=row.data)


def all_of(connection: Connection, channel_id: int) -> Sequence[Row[Any]]:
    """Every listing of a channel, by its SKU there."""
    query = select(_t).where(_t.c.channel_id == channel_id).order_by(_t.c.channel_sku, _t.c.ref)
    return connection.execute(query).all()


def listed(connection: Connection, skus: Iterable[str]) -> set[tuple[int, str]]:
    """(channel id, SKU) of everything among these SKUs that is on sale somewhere."""
    query = select(_t.c.channel_id, _t.c.sku).where(_t.c.sku.in_(sorted(set(skus))), _t.c.gone.is_(False)).distinct()
    return {(row.channel_id, row.sku) for row in connection.execute(query)}


def put(tx: Transaction, channel_id: int, found: Iterable[Listing], means: Mapping[str, str]) -> None:
    """Keep what a platform shows; ``means`` gives our SKU by ref. What was gone and is there again is on sale."""
    rows = [
        {
            "channel_id": channel_id,
            "ref": each.ref,
            "channel_sku": each.sku[:120],
            "sku": means.get(each.ref),
            "gtin": each.gtin[:14],
            "title": each.title[:255],
            "data": dict(each.data),
            "live": each.quantity,
            "live_at": tx.now if each.quantity is not None else None,
            "seen_at": tx.now,
            "gone": False,
        }
        for each in found
    ]
    insert_rows(tx.connection, _t, rows, _NEWEST)


_NEWEST = """
ON CONFLICT (channel_id, ref) DO UPDATE SET
  channel_sku = excluded.channel_sku, sku = excluded.sku, gtin = excluded.gtin, title = excluded.title,
  data = excluded.data, live = excluded.live, live_at = excluded.live_at, seen_at = excluded.seen_at,
  gone = excluded.gone
"""


def drop_unseen(tx: Transaction, channel_id: int, since: float) -> int:
    """What the platform did not show any more is off sale; how many listings."""
    mine = (_t.c.channel_id == channel_id) & (_t.c.seen_at < since) & _t.c.gone.is_(False)
    return tx.connection.execute(update(_t).where(mine).values(gone=True)).rowcount


def mean(tx: Transaction, channel_id: int, means: Mapping[str, str | None]) -> None:
    """Say which SKU each listing means, by ref; None: nobody knows any more."""
    for ref, sku in means.items():
        mine = (_t.c.channel_id == channel_id) & (_t.c.ref == ref)
        tx.connection.execute(update(_t).where(mine).values(sku=sku))


def note_live(tx: Transaction, channel_id: int, live: Mapping[str, int | None]) -> None:
    """What was read back by ref; None: it is gone."""
    for ref, units in live.items():
        mine = (_t.c.channel_id == channel_id) & (_t.c.ref == ref)
        tx.connection.execute(update(_t).where(mine).values(live=units, live_at=tx.now, gone=units is None))


def counts(connection: Connection) -> dict[int, tuple[int, int]]:
    """(listings on sale, of these without a SKU) by channel id."""
    query = select(_t.c.channel_id, func.count(), func.count().filter(_t.c.sku.is_(None)))
    rows = connection.execute(query.where(_t.c.gone.is_(False)).group_by(_t.c.channel_id))
    return {channel_id: (int(all_there), int(unknown)) for channel_id, all_there, unknown in rows}
