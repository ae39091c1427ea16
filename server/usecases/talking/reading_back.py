"""What a platform shows is read back and compared with what it was told (SYN-10, REC-01 to REC-03).

A cycle over all listings every some minutes, one chunk at a turn. What differs is a suspect first: a sale that we have
not heard of lowers a number too. So all changed orders are asked for at once, and when they are in the book the
listing is read again, long before the next cycle.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, Row

from server.calls.line import Line
from server.calls.troubles import Away, Denied, Throttled, Trouble
from server.channels import Platform
from server.db import channel_states, listings
from server.db import reconciling as rows
from server.db.reconciling import Standing
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.channels.rules import reconcile_rules
from server.usecases.talking import access
from server.usecases.talking.reconciling import Reading, compare, is_ripe, pauses_of
from server.usecases.talking.reconciling_orders import unseen_orders
from server.usecases.talking.telling import backoff

CHUNK = 100
"""Listings read in one turn."""
APART = 10.0
"""Seconds until news of moved numbers are read, together: some platforms send it of our own pushes as well."""

_WORKER = Actor("worker")
log = structlog.get_logger("reading")


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Listings to read now, with what they were told. ``ends`` is the last ref of a chunk of the cycle.

    It is empty where the cycle ends with this chunk, and None for what is no part of one: suspects, and news.
    """

    wanted: Sequence[Row[Any]]
    told: Mapping[str, Row[Any]]
    judging: bool
    """Some of them differed before."""
    ends: str | None = None
    news: bool = False


def read_back(db: Database, line: Line, channel: Row[Any], platform: Platform) -> bool:
    """Read some of what is due; True when there is more right now. Called by the worker that holds the line."""
    if not platform.tells(channel.settings):
        return False
    with db.read() as connection:
        standing = rows.standing(connection, channel.id)
        chunk = _next(connection, channel, platform, standing, db.now())
    if chunk is None:
        return False
    try:
        live = platform.live_stock(line, [listings.listing_of(row) for row in chunk.wanted]) if chunk.wanted else {}
        unseen = unseen_orders(db, line, channel, platform) if chunk.judging else {}
    except Trouble as trouble:
        _failed(db, channel, standing, trouble)
        return False
    except Exception as error:
        log.exception("numbers could not be read", channel=channel.code)
        _failed(db, channel, standing, Away(f"{type(error).__name__} while numbers were read"))
        return False
    reading = Reading(channel, platform, standing, chunk.wanted, chunk.told, live, unseen)
    with transaction(db, _WORKER, "read_back") as tx:
        listings.note_live(tx, channel.id, live)
        if compare(tx, reading):
            _look_soon(tx, channel.id, standing)
        _proceed(tx, channel, standing, chunk)
    return bool(chunk.ends)


def _next(
    connection: Connection, channel: Row[Any], platform: Platform, standing: Standing, now: float
) -> _Chunk | None:
    """What to read now: suspects whose time has come, else the next listings of the cycle; None when nothing is due."""
    if now < standing.not_before:
        return None
    wanted = _suspects(connection, channel, platform, standing, now) if standing.active else []
    if wanted:
        return _Chunk(wanted, _told(connection, channel, wanted), judging=True)
    if standing.after_ref is None and now < _next_cycle(channel, standing):
        if now < max(standing.next_read, standing.news_at + APART):
            return None
        moved = rows.by_refs(connection, channel.id, rows.news(connection, channel.id, standing.news_at, CHUNK))
        return _Chunk(moved, _told(connection, channel, moved), bool(standing.active), news=True)
    found = rows.page(connection, channel.id, standing.after_ref or "", CHUNK + 1)
    wanted = found[:CHUNK]
    known = rows.live_deviations(connection, channel.id, [row.ref for row in wanted])
    ends = wanted[-1].ref if len(found) > CHUNK else ""
    return _Chunk(wanted, _told(connection, channel, wanted), bool(known), ends)


def _next_cycle(channel: Row[Any], standing: Standing) -> float:
    return standing.began_at + reconcile_rules(channel.policy or {}).every


def _suspects(
    connection: Connection, channel: Row[Any], platform: Platform, standing: Standing, now: float
) -> Sequence[Row[Any]]:
    found = rows.live_deviations(connection, channel.id)
    told = rows.told(connection, channel.id, {row.sku for row in found.values() if row.sku})
    pauses = pauses_of(platform, channel.settings)
    ripe = [ref for ref, row in found.items() if is_ripe(row, told.get(row.sku or ""), pauses, standing, now)]
    return rows.by_refs(connection, channel.id, ripe[:CHUNK]) if ripe else []


def _told(connection: Connection, channel: Row[Any], wanted: Sequence[Row[Any]]) -> Mapping[str, Row[Any]]:
    """Before it is read: a number that is told meanwhile makes the reading worthless."""
    return rows.told(connection, channel.id, {row.sku for row in wanted if row.sku})


def _look_soon(tx: Transaction, channel_id: int, standing: Standing) -> None:
    """Something differs: are there orders that we do not know?"""
    if standing.next_look > tx.now and not standing.look_failures:
        channel_states.note(tx, channel_id, next_look=tx.now)


def _proceed(tx: Transaction, channel: Row[Any], standing: Standing, chunk: _Chunk) -> None:
    """The cycle has come further; what was read stays read, whichever worker goes on."""
    access.let_in(tx, channel.id, what="read")
    cycle: dict[str, Any] = {"failures": 0} if standing.failures else {}
    state: dict[str, Any] = {"read_at": tx.now}
    if chunk.ends is not None:
        cycle["after_ref"] = chunk.ends or None
        if standing.after_ref is None:
            cycle["began_at"] = tx.now
            state["next_read"] = tx.now + reconcile_rules(channel.policy or {}).every
    if chunk.news:
        cycle["news_at"] = tx.now
        state["next_read"] = _next_cycle(channel, standing)
    if cycle:
        rows.note_cycle(tx, channel.id, **cycle)
    channel_states.note(tx, channel.id, **state)


def _failed(db: Database, channel: Row[Any], standing: Standing, trouble: Trouble) -> None:
    with transaction(db, _WORKER, "read_back") as tx:
        if isinstance(trouble, Throttled):
            rows.note_cycle(tx, channel.id, not_before=tx.now + max(0.05, trouble.after))
            return
        if isinstance(trouble, Denied):
            access.deny(tx, channel.id, channel.code, trouble.detail, what="read")
        wait = backoff(standing.failures, random.random())  # noqa: S311 - jitter
        rows.note_cycle(tx, channel.id, not_before=tx.now + wait, failures=standing.failures + 1)
