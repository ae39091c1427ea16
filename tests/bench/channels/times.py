"""How long it took from each sale until every other channel had taken the new number, read from the book."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from server.db import tables
from server.db.transaction import Database
from tests.bench.channels.shops import Sold


@dataclass(frozen=True, slots=True)
class Told:
    """Seconds after a sale: until it was an order of ours, and until each other channel had taken the number."""

    sale: Sold
    arrival: float
    told: Mapping[str, float]

    @property
    def push(self) -> float:
        """Until the last of them had it."""
        return max(self.told.values())


def of(db: Database, sales: Sequence[Sold], channels: Iterable[str], units: int) -> list[Told]:
    """Every sale that became an order; of each SKU there were so many units before the first."""
    taken, told, left = _taken(db), _told(db), _left(db, units)
    found = []
    for sale in sales:
        row = taken.get((sale.channel, sale.ref))
        if row is not None:
            others = [code for code in channels if code != sale.channel]
            there = {code: min(at for n, at in told[code, row.sku] if n <= left[row.id]) for code in others}
            found.append(Told(sale, row.received_at - sale.at, {code: at - sale.at for code, at in there.items()}))
    return found


def _taken(db: Database) -> dict[tuple[str, str], Any]:
    """Our order and its reservation, by channel and the channel's order id."""
    o, c, ledger = tables.order, tables.channel, tables.ledger
    query = select(c.c.code, o.c.channel_order_id, o.c.received_at, ledger.c.id, ledger.c.sku)
    reserved = (ledger.c.order_id == o.c.id) & (ledger.c.kind == "reserve")
    with db.read() as connection:
        rows = connection.execute(query.join(c, c.c.id == o.c.channel_id).join(ledger, reserved))
        return {(row.code, row.channel_order_id): row for row in rows}


def _told(db: Database) -> dict[tuple[str, str], list[tuple[int, float]]]:
    """(number, when it was accepted) by channel and SKU."""
    d, c, found = tables.delivery, tables.channel, dict[tuple[str, str], list[tuple[int, float]]]()
    query = select(c.c.code, d.c.key, d.c.after, d.c.at).join(c, c.c.id == d.c.channel_id)
    with db.read() as connection:
        for row in connection.execute(query.where(d.c.kind == "stock", d.c.ok).order_by(d.c.id)):
            found.setdefault((row.code, row.key), []).append((int(row.after), row.at))
    return found


def _left(db: Database, units: int) -> dict[int, int]:
    """Units left of the SKU after each reservation, by its event."""
    ledger, sold, left = tables.ledger, Counter[str](), dict[int, int]()
    query = select(ledger.c.id, ledger.c.sku).where(ledger.c.kind == "reserve").order_by(ledger.c.at, ledger.c.id)
    with db.read() as connection:
        for row in connection.execute(query):
            sold[row.sku] += 1
            left[row.id] = units - sold[row.sku]
    return left
