"""Asking a platform which orders changed: the only way in for some, and the safety net behind the messages of all."""

import random
from typing import Any

import structlog
from sqlalchemy import Row

from server.calls.line import Line
from server.calls.troubles import Away, Denied, Throttled, Trouble
from server.channels import Platform
from server.db import channel_states, inbox
from server.db.transaction import Actor, Database, transaction
from server.domain.incidents import IncidentType
from server.trade.words import OrderPage
from server.usecases.record import incidents
from server.usecases.talking import access
from server.usecases.talking.telling import UNREACHABLE_AFTER, backoff

LOST_AFTER = 3
"""Looks in vain until the platform counts as away."""

_WORKER = Actor("worker")
log = structlog.get_logger("looking")


def look(db: Database, line: Line, channel_id: int, platform: Platform, state: Row[Any] | None) -> bool:
    """Ask for one page where it is time to by the channel's ``state``; False when it was not, or nothing came of it.

    The cursor moves in the same commit that keeps the page, so that a page is never lost and never half seen.
    """
    if state is not None and state.next_look > db.now():
        return False
    met: Trouble
    try:
        page = platform.changed_orders(line, state.cursor if state is not None else {})
        _keep(db, channel_id, page, platform.poll(line.settings))
    except Trouble as trouble:
        met = trouble
    except Exception as error:
        # A page nobody foresaw is one more trouble: it is seen, and asked for again.
        log.exception("a look failed", channel=line.channel)
        met = Away(f"{type(error).__name__} while a page was read")
    else:
        return True
    _failed(db, line.channel, channel_id, met, state.look_failures if state is not None else 0)
    return False


def _keep(db: Database, channel_id: int, page: OrderPage, pause: float) -> None:
    with transaction(db, _WORKER, "look") as tx:
        items = [inbox.Item("order", each.order.order_id, each.order.raw, each.changed_at) for each in page.orders]
        parked = inbox.parked(tx.connection, channel_id, page.unread)
        items += [inbox.Item("order", ref) for ref in page.unread if ref not in parked]
        inbox.put(tx, channel_id, items)
        state = channel_states.of(tx.connection, channel_id)
        incidents.close_by_key(tx, _key(channel_id), "its orders are shown again")
        values: dict[str, Any] = {"cursor": dict(page.cursor), "look_failures": 0, "trouble": ""}
        if state is None or state.live_at is None:
            values["live_at"] = tx.now
        if page.more:
            channel_states.note(tx, channel_id, **values, next_look=tx.now)
        else:
            channel_states.note(tx, channel_id, **values, next_look=tx.now + pause, looked_at=tx.now)
        access.let_in(tx, channel_id, what="look")


def _failed(db: Database, channel: str, channel_id: int, trouble: Trouble, before: int) -> None:
    with transaction(db, _WORKER, "look") as tx:
        if isinstance(trouble, Throttled):
            channel_states.note(tx, channel_id, next_look=tx.now + trouble.after)
            return
        if isinstance(trouble, Denied):
            access.deny(tx, channel_id, channel, trouble.detail, what="look")
        wait = backoff(before, random.random())  # noqa: S311 - jitter
        values = {"look_failures": before + 1, "trouble": trouble.detail[:500], "next_look": tx.now + wait}
        channel_states.note(tx, channel_id, **values)
        if before + 1 >= UNREACHABLE_AFTER:
            cause = f"channel {channel} does not show its orders: {trouble.detail[:200]}"
            incidents.open_incident(tx, IncidentType.CHANNEL_UNREACHABLE, cause, once_key=_key(channel_id))


def _key(channel_id: int) -> str:
    return f"look:{channel_id}"
