"""What a changed order wants otherwise than the box on a bench: told there while its stop stands."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row

from server.db import orders
from server.domain.packing.leaving import LineChange
from server.domain.packing.order import OrderLine
from server.usecases.benchwork.judging import unpacked
from server.usecases.benchwork.pack_lines import pack_lines

Changes = tuple[LineChange, ...]


def differences(connection: Connection, session: Row[Any]) -> tuple[Changes, Changes]:
    """Units in the box that the order does not want any more, and units that it did not want when it was opened."""
    order, box = orders.find(connection, session.order_id), unpacked(session.folded)
    if order is None:
        return (), ()
    now, names = pack_lines(connection, order), {}
    for line in (*box.order.lines, *now):
        names[line.sku] = line
    inside = _by_sku(zip(box.order.lines, box.counts, strict=True))
    before = _by_sku((line, line.quantity) for line in box.order.lines)
    wanted = _by_sku((line, line.quantity) for line in now)
    out = {sku: units - wanted.get(sku, 0) for sku, units in inside.items()}
    new = {sku: units - before.get(sku, 0) for sku, units in wanted.items()}
    return _told(out, names), _told(new, names)


def _by_sku(units: Iterable[tuple[OrderLine, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line, n in units:
        found[line.sku] = found.get(line.sku, 0) + n
    return found


def _told(units: dict[str, int], names: dict[str, OrderLine]) -> Changes:
    return tuple(
        LineChange(name=names[sku].name, variant=names[sku].variant, units=n, sku=sku)
        for sku, n in units.items()
        if n > 0
    )
