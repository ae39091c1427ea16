"""An order that is in the book already is checked and served again: after a mend, a payment, a receipt."""

from server.db import aliases, catalogue, kits, orders
from server.db import stock as db_stock
from server.db.transaction import Transaction
from server.domain.booking.reservation import Ask, Refused
from server.domain.booking.stock import MoveKind
from server.domain.sales.orders import OrderStatus
from server.trade.orders import IncomingOrder
from server.usecases.booking.deciding import decide_all
from server.usecases.booking.reference import reference
from server.usecases.booking.stock import Posting, write_down
from server.usecases.record import incidents
from server.usecases.routes.needs import need_of
from server.usecases.routes.promises import due_of
from server.usecases.routes.routed import keep_routings
from server.usecases.sales.intake_rules import Defect, first_defect, wanted
from server.usecases.sales.losing import lose


def names_of(tx: Transaction, channel_id: int, order: IncomingOrder) -> dict[str, str]:
    """Our SKU for each of the channel's that means a product."""
    asked = {(channel_id, line.sku) for line in order.lines}
    renamed = aliases.resolve(tx.connection, asked)
    products = catalogue.known(tx.connection, {renamed.get(key, key[1]) for key in asked})
    return {key[1]: sku for key in asked if (sku := renamed.get(key, key[1])) in products}


def settle(tx: Transaction, order_id: int, channel_id: int, order: IncomingOrder) -> None:
    """Reserve everything or nothing, and say why not; units that it holds already stay with it."""
    names = names_of(tx, channel_id, order)
    defect = first_defect(order, names, reference(tx.connection, tx.now).carriers)
    if defect is not None and not defect.keeps_units:
        _hold(tx, order_id, defect)
        return
    site_id = _units(tx, order_id, channel_id, order, wanted(order, names))
    if site_id is None:
        return
    if defect is not None:
        _hold(tx, order_id, defect, site_id=site_id)
        return
    orders.set_status(tx, order_id, OrderStatus.READY, site_id=site_id, held_because="")


def _units(tx: Transaction, order_id: int, channel_id: int, order: IncomingOrder, units: dict[str, int]) -> int | None:
    """The site where its units lie, theirs already or just now; None when it lost and went on its path."""
    held = db_stock.live(tx.connection, order_id)
    if held:
        return int(held[0].site_id)
    ref = reference(tx.connection, tx.now)
    need = need_of(tx, ref, channel_id, order, units)
    if need is not None:
        need = need._replace(split_allowed=False)
    due = due_of(ref, channel_id, order, tx.now)
    [decision] = decide_all(tx, ref, [Ask(MoveKind.RESERVE, units, ref.channel_code(channel_id), need, due=due)])
    keep_routings(tx, [(order_id, decision)])
    if isinstance(decision, Refused):
        orders.set_status(tx, order_id, OrderStatus.CONFLICT, held_because="stock_conflict")
        lose(tx, ref, order_id, orders.number(tx.connection, order_id), decision)
        return None
    kits.restamp(tx, order_id, ref.rules.kits)
    db_stock.put_reserved(tx, {order_id: decision.moves})
    write_down(tx, [Posting(decision.moves, order_id=order_id, channel_id=channel_id)])
    return decision.site_ids[0]


def _hold(tx: Transaction, order_id: int, defect: Defect, **columns: int) -> None:
    orders.set_status(tx, order_id, OrderStatus.ON_HOLD, held_because=defect.code, **columns)
    if defect.incident is not None:
        cause = f"order {orders.number(tx.connection, order_id)} is on hold: {defect.cause}"
        incidents.open_incident(tx, defect.incident, cause, order_id=order_id, once_key=f"hold:{order_id}")
