"""What somebody else's warehouse gets instead of a queue: the orders it shall ship (LOC-04)."""

from typing import Any

from sqlalchemy import select

from server.db import orders, sites, tables
from server.db.transaction import Actor, Database, transaction
from server.domain.routes.nodes import Duty
from server.domain.sales.orders import OrderStatus
from server.usecases.routes.nodes import check_duty

_o, _to = tables.order, tables.recipient


def order_file(db: Database, actor: Actor, site: str) -> list[dict[str, Any]]:
    """Every order that is ready at this node, the most urgent first, with address and lines; asking again repeats them.

    Raise DomainError("not_found"), and "wrong_node" for a building with a queue of its own.
    """
    with transaction(db, actor, "order_file") as tx:
        row = sites.by_code(tx.connection, site)
        check_duty(row, Duty.ORDER_FILE)
        query = select(_o, _to.c.address, _to.c.contact, _to.c.note).join(_to, _to.c.order_id == _o.c.id)
        ready = query.where(_o.c.site_id == row.id, _o.c.status == OrderStatus.READY.value)
        found = tx.connection.execute(ready.order_by(_o.c.ship_by.is_(None), _o.c.ship_by, _o.c.id)).all()
        listed = [_shown(order, orders.lines(tx.connection, order.id)) for order in found]
        tx.note("node.order_file", {"site": row.code, "orders": [each["order"] for each in listed]}, site=row.id)
        return listed


def _shown(order: Any, lines: Any) -> dict[str, Any]:
    return {
        "order": order.number,
        "ship_by": order.ship_by,
        "carrier": order.carrier,
        "service": order.service,
        "packing_profile": order.packing_profile,
        "ship_to": order.address | order.contact,
        "note": order.note,
        "lines": [{"sku": line.sku, "name": line.name, "quantity": line.quantity} for line in lines],
    }
