"""Parcels that are packed and leave without a bench or a dock, and what is said of them."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select, update

from server.db import orders, parcels, tables
from server.db.transaction import Database, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.sales.orders import OrderStatus
from server.usecases.booking import stock
from server.usecases.outward import telling_when
from server.usecases.tracking import inbox
from server.usecases.tracking.settling import settle
from server.usecases.tracking.watching import look
from tests.book import BOSS, open_book, sell

HOUR = 3_600.0
BEGAN = 1_800_000_000.0


@dataclass
class Road:
    """A shop with candles, a clock that is moved by hand, and parcels on their way."""

    db: Database
    at: float = BEGAN
    made: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.db.now = lambda: self.at
        open_book(self.db, url="http://127.0.0.1:9/hook")

    def packed(self, order: str, *numbers: str, carrier: str = "own-van", **sold: Any) -> None:
        """An order of one candle for each of these tracking numbers, packed in so many boxes."""
        self.boxed(sell(self.db, order, ("CANDLE", len(numbers)), **sold).order, *numbers, carrier=carrier)

    def boxed(self, number: str, *numbers: str, carrier: str = "own-van") -> None:
        """An order of ours is packed in a box for each of these tracking numbers."""
        with transaction(self.db, BOSS, "pack") as tx:
            row = orders.by_ref(tx.connection, number)
            assert row is not None
            for step in (OrderStatus.PACKING, OrderStatus.PACKED):
                orders.set_status(tx, row.id, step)
            for tracking in numbers:
                place = {"order_id": row.id, "site_id": row.site_id, "carrier": carrier, "service": "standard"}
                parcel = parcels.insert_intent(tx, **place, contents={"CANDLE": 1})
                bought = {"tracking": tracking, "purchase": "bought", "bought_at": tx.now, "ready_at": tx.now}
                parcel = parcels.change(tx, parcel.id, **bought)
                telling_when.ready(tx, parcels.set_state(tx, parcel, ParcelState.READY))
                self.made[tracking] = parcel.id

    def leave(self, *numbers: str) -> None:
        """They are on a load that is closed."""
        with transaction(self.db, BOSS, "leave") as tx:
            rows = parcels.lock(tx, [self.made[number] for number in numbers]).values()
            for row in rows:
                if orders.lock(tx, row.order_id).status != OrderStatus.SHIPPED:
                    orders.set_status(tx, row.order_id, OrderStatus.SHIPPED)
                    stock.ship_order(tx, row.order_id)
                telling_when.handed_over(tx, parcels.set_state(tx, row, ParcelState.LOADED))

    def gone(self, order: str, *numbers: str, **sold: Any) -> None:
        """Packed, and it has left."""
        self.packed(order, *numbers, **sold)
        self.leave(*numbers)

    def said(
        self, tracking: str, status: str, *, hours: float = 0.0, eta: float | None = None, **more: Any
    ) -> inbox.Put:
        """Somebody says this of a parcel, so many hours ago; it is settled at once."""
        event: dict[str, Any] = {"tracking": tracking, "at": iso(self.at - hours * HOUR), "status": status, **more}
        if eta is not None:
            event["eta"] = iso(eta)
        put = inbox.tell(self.db, BOSS, json.dumps({"source": "metro", "events": [event]}).encode())
        settle(self.db)
        return put

    def later(self, hours: float) -> None:
        """Time passes, and the worker looks."""
        self.at += hours * HOUR
        look(self.db)

    def state(self, tracking: str) -> Row[Any]:
        """What is true of a parcel."""
        t = tables.parcel_track
        with self.db.read() as connection:
            return connection.execute(select(t).where(t.c.parcel_id == self.made[tracking])).one()

    def incidents(self, kind: str, state: str = "open") -> list[str]:
        """Causes of incidents of a type."""
        t = tables.incident
        query = select(t.c.cause).where(t.c.type == kind, t.c.state == state).order_by(t.c.id)
        with self.db.read() as connection:
            return list(connection.execute(query).scalars())

    def told(self) -> dict[str, str]:
        """State of the shipment of each parcel that was queued, by tracking number."""
        t, names = tables.outbox, {parcel: tracking for tracking, parcel in self.made.items()}
        with self.db.read() as connection:
            rows = connection.execute(select(t.c.key, t.c.state).where(t.c.kind == "shipment")).all()
        return {names[row.key]: row.state for row in rows}

    def take_all(self) -> None:
        """The channel takes everything that waits."""
        t = tables.outbox
        with self.db.engine.begin() as connection:
            connection.execute(update(t).where(t.c.state == "waiting").values(state="sent"))

    def promise(self, order: str, deliver_by: float) -> None:
        """When the buyer was told to have it."""
        t = tables.order
        with self.db.engine.begin() as connection:
            connection.execute(update(t).where(t.c.channel_order_id == order).values(deliver_by=deliver_by))


def iso(at: float) -> str:
    """ISO 8601 in UTC."""
    return datetime.fromtimestamp(at, UTC).isoformat()
