"""An order goes all the way without a bench."""

from server.db import orders
from server.db.transaction import Database, transaction
from server.domain.sales.orders import OrderStatus
from server.usecases.booking import stock
from tests.book import BOSS


def ship(db: Database, order_id: int) -> None:
    """Packed, loaded and gone."""
    with transaction(db, BOSS, "ship") as tx:
        for step in (OrderStatus.PACKING, OrderStatus.PACKED, OrderStatus.SHIPPED):
            orders.set_status(tx, order_id, step)
        stock.ship_order(tx, order_id)
