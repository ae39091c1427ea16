"""An order as its channel is told of it."""

from dataclasses import dataclass

import msgspec

from server.db import orders
from server.db.transaction import Transaction
from server.domain.sales.orders import OrderStatus


@dataclass(frozen=True, slots=True)
class TakenLine:
    """A line as we keep it; ``known`` says whether its SKU is a product."""

    line: int
    sku: str
    quantity: int
    known: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to a channel: our number, the status and its reason code. ``first`` on the first delivery."""

    order_id: int
    order: str
    status: OrderStatus
    reason: str
    lines: tuple[TakenLine, ...]
    first: bool

    def body(self) -> str:
        """The JSON answer."""
        shown = {"order": self.order, "status": self.status, "reason": self.reason, "lines": self.lines}
        return msgspec.json.encode(shown).decode()


def answered(tx: Transaction, order_id: int, *, first: bool) -> Taken:
    """Read it from the book, with the lines of all its parts."""
    row = orders.find(tx.connection, order_id)
    assert row is not None, "the caller has just seen it"  # noqa: S101
    lines = tuple(
        TakenLine(line.line_no, line.channel_sku, line.quantity, line.sku is not None)
        for line in orders.lines(tx.connection, order_id)
    )
    return Taken(order_id, row.number, OrderStatus(row.status), row.held_because, lines, first)
