"""News become orders: each thing in the inbox is fetched where it must be, and the book follows it."""

import random
from typing import Any

import structlog
from sqlalchemy import Row

from server.calls.line import Line
from server.calls.troubles import Denied, Refused, Throttled, Trouble
from server.channels import Platform
from server.db import channel_states, inbox
from server.db.inbox import News
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.trade.orders import ChannelOrder
from server.usecases.record import incidents
from server.usecases.sales.following import follow
from server.usecases.talking import access
from server.usecases.talking.telling import backoff

LEASE = 60.0
BATCH = 20
PARK_AFTER = 5
"""Refusals, or failures of ours, until a person must look at it; what is merely away is asked for ever."""

_WORKER = Actor("worker")
log = structlog.get_logger("taking")


def take_due(db: Database, line: Line, channel: Row[Any], platform: Platform) -> int:
    """Look at some of what is due; how many things."""
    with db.read() as connection:
        if not inbox.due(connection, channel.id, db.now()):
            return 0
    with transaction(db, _WORKER, "claim") as tx:
        claimed = inbox.claim(tx, channel.id, BATCH, LEASE)
    for news in claimed:
        _take(db, line, channel, platform, news)
    return len(claimed)


def _take(db: Database, line: Line, channel: Row[Any], platform: Platform, news: News) -> None:
    try:
        match news.kind:
            case "order":
                _order(db, line, channel, platform, news)
            case "stock":
                with transaction(db, _WORKER, "look") as tx:
                    channel_states.note(tx, channel.id, next_read=tx.now)
            case _:
                platform.who(line)
    except Trouble as trouble:
        _failed(db, channel, news, trouble)
    except DomainError as error:
        _failed(db, channel, news, Refused(error.detail))
    except Exception as error:
        # A bug here must not lose the order, nor keep the others back.
        log.exception("news could not be taken in", channel=channel.code, kind=news.kind)
        _failed(db, channel, news, Refused(f"{type(error).__name__} while it was taken in"))
    else:
        with transaction(db, _WORKER, "take") as tx:
            inbox.done(tx, news)
            if news.kind == "order":
                channel_states.note(tx, channel.id, order_at=tx.now)


def _order(db: Database, line: Line, channel: Row[Any], platform: Platform, news: News) -> None:
    found: ChannelOrder | None
    found = platform.order(line, news.ref) if news.body is None else platform.read_order(news.body)
    if found is None:
        raise Refused(f"{platform.NAME} has no order {news.ref}")
    follow(db, Actor(f"channel:{channel.code}"), channel, found, acknowledges=platform.ACK_WITHIN)


def _failed(db: Database, channel: Row[Any], news: News, trouble: Trouble) -> None:
    with transaction(db, _WORKER, "take") as tx:
        if isinstance(trouble, Throttled):
            inbox.again(tx, news, tx.now + max(0.05, trouble.after), trouble.detail, counts=False)
            return
        if isinstance(trouble, Denied):
            access.deny(tx, channel.id, channel.code, trouble.detail)
        if isinstance(trouble, Refused) and news.attempts + 1 >= PARK_AFTER and inbox.park(tx, news, trouble.detail):
            cause = f"{news.kind} {news.ref} of channel {channel.code} cannot be taken in: {trouble.detail[:200]}"
            key = f"news:{channel.id}:{news.kind}:{news.ref}"
            incidents.open_incident(tx, IncidentType.BAD_ORDER, cause, once_key=key[:160])
            return
        wait = backoff(news.attempts, random.random())  # noqa: S311 - jitter
        inbox.again(tx, news, tx.now + wait, trouble.detail)
