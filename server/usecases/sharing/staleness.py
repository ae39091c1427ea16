"""Follows which channels take nothing from us, and has the others' numbers worked out again for it (FLT-03)."""

from typing import Any

from sqlalchemy import Row

from server.db import low_stock, stale, staleness
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.warehouse.lowstock import Velocity
from server.usecases.sharing.unseen import velocities

FAILURES = 5
"""In a row, until a channel counts as stale."""
GROWS_EVERY = 30.0
"""Seconds between two looks whether a stale channel may have sold one more by now."""
_DAY = 86_400.0
_WATCH = Actor("stale channels")


def follow(db: Database) -> None:
    """The worker's share; cheap while all channels hear us."""
    with db.read() as connection:
        if not staleness.any_trouble(connection, FAILURES):
            return
        deaf = staleness.deaf(connection, FAILURES)
        known = {row.channel_id: row for row in staleness.stale_channels(connection)}
    new = deaf.keys() - known.keys()
    over = known.keys() - deaf.keys()
    growing = [row for row in known.values() if row.channel_id in deaf and row.marked_at + GROWS_EVERY <= db.now()]
    if not new and not over and not growing:
        return
    with transaction(db, _WATCH, "stale_channels") as tx:
        for channel_id in sorted(new):
            since = deaf[channel_id]
            _begin(tx, channel_id, tx.now if since is None else since)
        for channel_id in sorted(over):
            if staleness.drop(tx, channel_id):
                cause = tx.note("channel.hears", {"channel_id": channel_id}, channel=known[channel_id].code)
                staleness.mark_told(tx, channel_id, cause)
        for row in growing:
            _grow(tx, row)


def _begin(tx: Transaction, channel_id: int, since: float) -> None:
    if staleness.put(tx, channel_id, since):
        cause = tx.note("channel.stale", {"channel_id": channel_id, "since": since})
        staleness.mark_told(tx, channel_id, cause)


def _grow(tx: Transaction, row: Row[Any]) -> None:
    """Time passes: of what sells often, it may have sold one more."""
    grown: list[str] = []
    for some in low_stock.chunks(staleness.told_skus(tx.connection, row.channel_id)):
        speeds = velocities(tx.connection, some)
        grown += [
            sku
            for sku, speed in speeds.items()
            if _sold(speed, row.marked_at - row.since) < _sold(speed, tx.now - row.since)
        ]
    staleness.note_marked(tx, row.channel_id)
    stale.mark(tx, grown)


def _sold(speed: Velocity, seconds: float) -> int:
    return speed.over(max(0.0, seconds) / _DAY)
