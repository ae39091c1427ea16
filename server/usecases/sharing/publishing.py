"""The fan-out: follows what was committed and tells each channel the numbers that differ from what it was told last.

Nothing is told from inside a sale. The fan-out walks the chain of committed batches, works out the numbers of every SKU
they moved (and of every kit made of it), and puts those that changed into the outbox. A rule, a channel or a product
that changes marks SKUs stale instead (``db.stale``); so do dated rules when they turn, and lots when they expire.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from sqlalchemy import Connection, Row

from server.channels import of_kind, platform_of
from server.db import jobs, listings, sites, stale
from server.db import publishing as db_publishing
from server.db.again import again
from server.db.engine import is_sqlite
from server.db.publishing import Standing
from server.db.transaction import Actor, Database, Transaction, transaction
from server.usecases.booking.reference import reference
from server.usecases.outward import outbox
from server.usecases.sharing import offering, turning
from server.usecases.sharing.tempo import tempo_now

SKUS = 500
"""Marked SKUs told in one transaction."""
BATCHES = 1_000
"""Committed batches looked at in one transaction."""
_WORKER = Actor("worker")


def fan_out(db: Database) -> bool:
    """One step: tell the channels of some changes; False when there was nothing to do.

    Any number of workers may call it: one at a time takes a step, and numbers never go back in time.
    """
    return again(lambda: _step(db))


def _step(db: Database) -> bool:
    with db.read() as connection:
        before = db_publishing.standing(connection)
        turns = turning.due(connection, before.at, db.now())
        if not turns and not _waits(connection, before):
            return False
        # SQLite has one writer: sales must not wait while numbers are worked out.
        look = _look(connection, before, db.now()) if is_sqlite(db.engine) and not turns else None
    with transaction(db, _WORKER, "publish") as tx:
        claimed = db_publishing.claim(tx)
        if claimed is None or (look is not None and look.before != claimed):
            return False
        if turning.due(tx.connection, claimed.at, tx.now):
            turning.turn(tx, claimed.at)
            db_publishing.advance(tx, Standing(claimed.seq, tx.now))
        else:
            _tell(tx, look or _look(tx.connection, claimed, tx.now))
    return True


def tell_everything(db: Database) -> None:
    """Steps until nothing is left to do."""
    while fan_out(db):
        pass


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found: the rows for the outbox, and how far it looked."""

    before: Standing
    after: Standing
    marked: Mapping[str, tuple[int, int | None]]
    rows: tuple[dict[str, Any], ...]


def _waits(connection: Connection, before: Standing) -> bool:
    return db_publishing.last_batch(connection) > before.seq or bool(stale.peek(connection, 1))


def _look(connection: Connection, before: Standing, now: float) -> _Look:
    last = min(db_publishing.last_batch(connection), before.seq + BATCHES)
    events = db_publishing.moved(connection, before.seq, last)
    marked = stale.peek(connection, SKUS)
    causes = {sku: cause for sku, (_, cause) in marked.items()} | events
    rows = tuple(_changed(connection, causes, now)) if causes else ()
    return _Look(before, Standing(last, before.at), marked, rows)


def _changed(connection: Connection, causes: Mapping[str, int | None], now: float) -> Iterator[dict[str, Any]]:
    """Outbox rows for the numbers of these SKUs, and of the kits made of them, that a channel does not have yet."""
    channels = telling(connection)
    if not channels:
        return
    ref = reference(connection, now)
    because = dict(causes)
    for sku in causes if ref.rules.kits else ():
        for kit in ref.rules.kits.using(sku):
            because.setdefault(kit, causes[sku])
    stand = offering.read_stand(connection, ref, because, now)
    skus = sorted(sku for sku in because if sku in stand.pools)
    offers = stand.offers(ref.allocation, skus, [channel.code for channel in channels])
    told = db_publishing.told(connection, skus)
    platforms = {channel.id for channel in channels if platform_of(channel.kind) is not None}
    listed = listings.listed(connection, skus) if platforms else set()
    tempos = {channel.id: tempo_now(channel.policy, now) for channel in channels}
    waiting = db_publishing.waiting(connection, [each for each, tempo in tempos.items() if tempo.period], skus)
    for sku in skus:
        for channel in channels:
            if channel.id in platforms and (channel.id, sku) not in listed:
                continue
            units = offers[sku][channel.code].units
            if told.get((channel.id, sku)) != units:
                soon = min(tempos[channel.id].moment(now, units), waiting.get((channel.id, sku), inf))
                yield outbox.stock_row(now, channel.id, sku, units, because[sku]) | {"next_at": max(now, soon)}


def telling(connection: Connection) -> list[Row[Any]]:
    """The active channels that are told numbers at all."""
    return [row for row in sites.channels(connection) if of_kind(row.kind).tells(row.settings)]


def _tell(tx: Transaction, look: _Look) -> None:
    if look.rows:
        jobs.put_newest(tx, look.rows)
    stale.clear(tx, look.marked)
    db_publishing.advance(tx, look.after)
