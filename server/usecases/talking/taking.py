"""News become orders: each thing in the inbox is fetched where it must be, and the book follows it."""

import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import structlog
from sqlalchemy import Row

from server.calls.line import Line
from server.calls.troubles import Denied, Refused, Throttled, Trouble
from server.channels import Platform
from server.db import channel_states, inbox
from server.db.inbox import News
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.trade.orders import ChannelOrder
from server.usecases.record import incidents
from server.usecases.sales.following import Source, follow, settle
from server.usecases.talking import access
from server.usecases.talking.lines import Lines
from server.usecases.talking.telling import LATELY, ODD_AFTER, backoff

BATCH, FETCHING = 20, 20.0
"""Things looked at in one go, and the seconds after which no other is fetched: the line is held for a minute."""

PARK_AFTER = 5
"""Refusals, or failures of ours, until a person must look at it; what is merely away is asked for ever."""

_WORKER = Actor("worker")
log = structlog.get_logger("taking")


def take_due(lines: Lines, line: Line, channel: Row[Any], platform: Platform, state: Row[Any] | None) -> int:
    """Look at some of what is due; how many things. What is there of orders is taken in together, but for those that
    say what they said when they were taken in last.

    ``state`` of the channel says when we first looked there.
    """
    db = lines.db
    with db.read() as connection:
        due = inbox.due(connection, channel.id, db.now(), BATCH)
    if not due:
        return 0
    found: dict[int, ChannelOrder | Trouble | None] = {}
    until = db.now() + FETCHING
    for at in range(0, len(due), lines.fetches):
        if db.now() > until:
            break
        some = due[at : at + lines.fetches]
        found |= zip((news.inbox_id for news in some), _look_at_some(db, line, channel, platform, some), strict=True)
    failed = {inbox_id: each for inbox_id, each in found.items() if isinstance(each, Trouble)}
    seen = {inbox_id: each for inbox_id, each in found.items() if isinstance(each, ChannelOrder)}
    since = db.now() if state is None or state.live_at is None else float(state.live_at)
    source = Source(channel, Actor(f"channel:{channel.code}"), platform.ACK_WITHIN is not None, since)
    said = {inbox_id: inbox.digest(each.order.raw) for inbox_id, each in seen.items()}
    looked_at = [(news, said.get(news.inbox_id, "")) for news in due[: len(found)]]
    new = {news.inbox_id for news, digest in looked_at if not digest or digest != news.said}
    _follow(lines, source, {inbox_id: each for inbox_id, each in seen.items() if inbox_id in new}, failed)
    lines.writes.do(lambda tx: _settle(tx, source, looked_at, seen, failed))
    return len(found)


def _look_at_some(
    db: Database, line: Line, channel: Row[Any], platform: Platform, some: Sequence[News]
) -> list[ChannelOrder | Trouble | None]:
    """Each at the same time as the others: a platform far away takes its time for every answer."""
    if len(some) == 1:
        return [_looked_at(db, line, channel, platform, some[0])]
    with ThreadPoolExecutor(len(some), thread_name_prefix=f"with {channel.code}") as pool:
        return list(pool.map(lambda news: _looked_at(db, line, channel, platform, news), some))


def _looked_at(
    db: Database, line: Line, channel: Row[Any], platform: Platform, news: News
) -> ChannelOrder | Trouble | None:
    """As ``_look_at``; what hinders it is a value."""
    try:
        return _look_at(db, line, channel, platform, news)
    except Trouble as trouble:
        return trouble
    except DomainError as error:
        return Refused(error.detail)
    except Exception as error:
        # A bug here must not lose the order, nor keep the others back.
        log.exception("news could not be read", channel=channel.code, kind=news.kind)
        return Refused(f"{type(error).__name__} while it was read")


def _look_at(db: Database, line: Line, channel: Row[Any], platform: Platform, news: News) -> ChannelOrder | None:
    """The order that the news is about, fetched where the news does not hold it; None for other news."""
    if news.kind == "order":
        found = platform.order(line, news.ref) if news.body is None else platform.read_order(news.body)
        if found is None:
            raise Refused(f"{platform.NAME} has no order {news.ref}")
        return found
    if news.kind == "stock":
        with transaction(db, _WORKER, "look") as tx:
            channel_states.note(tx, channel.id, next_read=tx.now)
    else:
        platform.who(line)
    return None


def _follow(lines: Lines, source: Source, seen: Mapping[int, ChannelOrder], failed: dict[int, Trouble]) -> None:
    """All together; where that fails for a reason nobody foresaw, one by one, so that only the cause waits."""
    try:
        outcomes = follow(lines.db, source, list(seen.values()), lines.decide)
    except Exception:
        log.exception("orders could not be taken in together", channel=source.channel.code, orders=len(seen))
        outcomes = []
        for each in seen.values():
            try:
                outcomes += follow(lines.db, source, [each], lines.decide)
            except Exception as error:
                log.exception("an order could not be taken in", channel=source.channel.code)
                outcomes.append(DomainError("broken", f"{type(error).__name__} while it was taken in"))
    for inbox_id, outcome in zip(seen, outcomes, strict=True):
        if outcome is not None:
            failed[inbox_id] = Refused(outcome.detail)


def _settle(
    tx: Transaction,
    source: Source,
    looked_at: Sequence[tuple[News, str]],
    seen: Mapping[int, ChannelOrder],
    failed: Mapping[int, Trouble],
) -> None:
    settle(tx, source, [order for inbox_id, order in seen.items() if inbox_id not in failed])
    inbox.done(tx, [(news, digest) for news, digest in looked_at if news.inbox_id not in failed])
    for news, _ in looked_at:
        if news.inbox_id in failed:
            _failed(tx, source.channel, news, failed[news.inbox_id])
        elif news.attempts:
            incidents.close_by_key(tx, _key(news), "it was taken in")
    if any(inbox_id not in failed for inbox_id in seen):
        channel_states.note(tx, source.channel.id, order_at=tx.now)


def _key(news: News) -> str:
    return f"news:{news.channel_id}:{news.kind}:{news.ref}"[:160]


def _failed(tx: Transaction, channel: Row[Any], news: News, trouble: Trouble) -> None:
    if isinstance(trouble, Throttled):
        inbox.again(tx, news, tx.now + max(0.05, trouble.after), trouble.detail, counts=False)
        return
    if isinstance(trouble, Denied):
        access.deny(tx, channel.id, channel.code, trouble.detail, what="look")
    if isinstance(trouble, Refused) and news.attempts + 1 >= PARK_AFTER and inbox.park(tx, news, trouble.detail):
        cause = f"{news.kind} {news.ref} of channel {channel.code} cannot be taken in: {trouble.detail[:200]}"
        incidents.open_incident(tx, IncidentType.BAD_ORDER, cause, once_key=_key(news))
        return
    if news.attempts + 1 == ODD_AFTER and channel_states.goes_well(
        tx.connection, channel.id, told_since=tx.now - LATELY
    ):
        cause = f"{news.kind} {news.ref} of channel {channel.code} cannot be had, others can: {trouble.detail[:200]}"
        incidents.open_incident(tx, IncidentType.BAD_ORDER, cause, once_key=_key(news))
    wait = backoff(news.attempts, random.random())  # noqa: S311 - jitter
    inbox.again(tx, news, tx.now + wait, trouble.detail)
