"""Saying it again: one SKU, all of a channel's numbers, or what was put aside. Doing it twice does no harm (FLT-08)."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from server.db import channel_states, inbox, jobs, listings, stale, tables
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.usecases.connecting.keeping import locked

_t = tables.outbox
_SOME = 500


@dataclass(frozen=True, slots=True)
class Resent:
    """How many numbers go out again; how many things that were put aside are tried again, out and in."""

    numbers: int = 0
    told: int = 0
    heard: int = 0


def sync(db: Database, actor: Actor, code: str, sku: str = "") -> Resent:
    """Tell the channel the number of one SKU, or all, again and at once; what was put aside is tried too.

    Raise DomainError("not_found" | "not_active"), and "not_listed" for a SKU that the channel does not sell.
    """
    with transaction(db, actor, "sync_channel") as tx:
        row = locked(tx, code)
        if not row.active:
            raise DomainError("not_active", f"{code} is told nothing now; `packproof channels` says why")
        every = _told_skus(tx, row.id)
        if sku and sku not in every:
            raise DomainError(
                "not_listed", f"{code} is told nothing of {sku[:64]!r}; `packproof channels listings {code}`"
            )
        skus = {sku} if sku else every
        cause = tx.note("channel.sync", {"skus": len(skus)}, channel=code, sku=sku or None)
        told = 0 if sku else jobs.unpark(tx, row.id)
        heard = 0 if sku else inbox.unpark(tx, row.id)
        tell_again(tx, row.id, skus, cause)
        if not sku:
            channel_states.note(tx, row.id, next_look=tx.now)
        stale.mark(tx, skus, cause)
    return Resent(len(skus), told, heard)


def replay(db: Database, actor: Actor, code: str) -> Resent:
    """Try again, now, everything that was put aside: what could not be told, and what could not be taken in."""
    with transaction(db, actor, "replay_channel") as tx:
        row = locked(tx, code)
        told, heard = jobs.unpark(tx, row.id), inbox.unpark(tx, row.id)
        tx.note("channel.replay", {"told": told, "heard": heard}, channel=code)
    return Resent(0, told, heard)


def tell_again(tx: Transaction, channel_id: int, skus: Iterable[str], cause: int) -> None:
    """Put the newest number of these SKUs on its way once more, whatever the channel took before.

    What was never on its way is the fan-out's: mark it stale as well.
    """
    named = sorted(set(skus))
    for start in range(0, len(named), _SOME):
        jobs.tell_again(tx, channel_id, named[start : start + _SOME], cause)


def _told_skus(tx: Transaction, channel_id: int) -> set[str]:
    """Everything the channel is told of."""
    listed = {row.sku for row in listings.all_of(tx.connection, channel_id) if row.sku and not row.gone}
    query = select(_t.c.key).where(_t.c.channel_id == channel_id, _t.c.kind == "stock")
    queued = set(tx.connection.execute(query).scalars())
    return listed or queued
