"""A split order's buyer hears, through the channel, what comes in which parcel, what comes first and why (RTE-09)."""

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from server.channels import of_kind, platform_of
from server.db import jobs, orders, tables
from server.db import routing as rows
from server.db.transaction import Transaction
from server.domain.errors import DomainError
from server.domain.routes.calendars import next_dispatch
from server.domain.routes.split_notice import Notice, SplitPart, notices

_o, _s = tables.order, tables.site


class PartNotice(NamedTuple):
    """The words for one part of an order, by the number on its slip."""

    order: str
    notice: Notice


def notices_of(connection: Connection, order_id: int, now: float) -> list[PartNotice]:
    """One for each part of the order that this row belongs to; none when it is not split."""
    parts = parts_of_order(connection, order_id)
    titles: dict[str, str] = {}
    listed = []
    for part in parts:
        lines = orders.lines(connection, part.id)
        titles |= {line.channel_sku: line.title or line.name for line in lines}
        units: dict[str, int] = {}
        for line in lines:
            units[line.channel_sku] = units.get(line.channel_sku, 0) + line.quantity
        listed.append(SplitPart(units, _leaves(connection, part, now)))
    return [PartNotice(part.number, told) for part, told in zip(parts, notices(listed, titles), strict=False)]


def parts_of_order(connection: Connection, order_id: int) -> Sequence[Row[Any]]:
    """All rows of the order that this row is a part of, by part."""
    row = connection.execute(select(_o).where(_o.c.id == order_id)).first()
    if row is None:
        raise DomainError("not_found", f"there is no order with id {order_id}")
    same = (_o.c.channel_id == row.channel_id) & (_o.c.channel_order_id == row.channel_order_id)
    return connection.execute(select(_o).where(same).order_by(_o.c.part)).all()


def tell_split(tx: Transaction, order_id: int) -> None:
    """Queue the channel's message about a new split order; a channel without an address is not told."""
    found = orders.find(tx.connection, order_id)
    assert found is not None, "it was written a moment ago"  # noqa: S101
    channel = tx.connection.execute(select(tables.channel).where(tables.channel.c.id == found.channel_id)).one()
    told = notices_of(tx.connection, order_id, tx.now)
    cause = tx.note("order.split", {"parts": [each.order for each in told]}, order=order_id)
    # No platform has a word for it: it learns of the parts by their shipments.
    if not told or platform_of(channel.kind) or not of_kind(channel.kind).tells(channel.settings):
        return
    stamp = datetime.fromtimestamp(tx.now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    data = {"order_id": found.channel_order_id, "parts": [_told(each) for each in told]}
    payload = {"id": f"msg_{uuid.uuid4().hex}", "timestamp": stamp, "data": data}
    row = {"channel_id": channel.id, "kind": "split", "key": found.number, "payload": payload, "caused_by": cause}
    jobs.put_once(tx, row)


def _told(each: PartNotice) -> dict[str, Any]:
    notice = each.notice
    return {
        "part": each.order,
        "arrives": notice.number,
        "of": notice.of,
        "lines": [{"sku": line.sku, "quantity": line.units} for line in notice.lines],
        "rest": [{"sku": line.sku, "quantity": line.units} for line in notice.rest],
        "text": notice.text,
    }


def _leaves(connection: Connection, part: Row[Any], now: float) -> float:
    site = connection.execute(select(_s).where(_s.c.id == part.site_id)).first()
    if site is None:
        return now
    node = rows.node_of_row(site)
    leaves = next_dispatch(node.calendar, now, part.service, node.lead_days)
    return leaves.at if leaves else now
