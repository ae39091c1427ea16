"""Orders that a platform has and our book has not: what they explain of its numbers."""

from collections.abc import Mapping
from typing import Any

import structlog
from sqlalchemy import Row, select

from server.calls.line import Line
from server.calls.troubles import Trouble
from server.channels import Platform
from server.db import reconciling as rows
from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.trade.orders import ChannelOrder

_MOST = 500
"""Orders looked into."""
_ASKED_MOST = 10
_o, _l = tables.order, tables.order_line
log = structlog.get_logger("reconciling")


def unseen_orders(db: Database, line: Line, channel: Row[Any], platform: Platform) -> Mapping[str, tuple[str, ...]]:
    """Refs of the orders that wait in the inbox or were put aside, by the platform's own SKU.

    Raise Throttled where the platform must be asked and it is too early.
    """
    with db.read() as connection:
        waiting = rows.waiting_orders(connection, channel.id, _MOST)
    found: dict[str, list[str]] = {}
    asked = 0
    for row in waiting:
        asked += row.body is None
        skus = _ours(db, channel.id, row.ref)
        if row.body is not None or asked <= _ASKED_MOST:
            skus |= _theirs(line, platform, row)
        for sku in skus:
            found.setdefault(sku, []).append(row.ref)
    return {sku: tuple(refs) for sku, refs in found.items()}


def _theirs(line: Line, platform: Platform, row: Row[Any]) -> set[str]:
    seen: ChannelOrder | None
    try:
        seen = platform.order(line, row.ref) if row.body is None else platform.read_order(row.body)
    except (Trouble, DomainError):
        return set()
    except Exception:
        # What cannot be read was put aside for that, with an incident of its own.
        log.exception("an order could not be read", channel=line.channel)
        return set()
    return {sold.sku for sold in seen.order.lines} if seen is not None else set()


def _ours(db: Database, channel_id: int, ref: str) -> set[str]:
    """What the order was when we saw it last: a cancelled one shows no lines any more."""
    query = select(_l.c.channel_sku).join(_o, _o.c.id == _l.c.order_id)
    mine = (_o.c.channel_id == channel_id) & (_o.c.channel_order_id == ref)
    with db.read() as connection:
        return set(connection.execute(query.where(mine)).scalars())
