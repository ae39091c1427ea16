"""Why an order cannot be opened, and who has it: in a sentence, and as facts a bench can act on."""

from typing import Any, NoReturn

from sqlalchemy import Connection, Row

from server.db import orders, pack_log
from server.db import people as people_rows
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.usecases.picks.picking import clock

Facts = dict[str, str | int | float | bool | None]


def refuse(connection: Connection, order: Row[Any]) -> NoReturn:
    """Raise DomainError with the reason of an order that is neither ready nor being packed."""
    name = f"order {order.number or order.channel_order_id}"
    match OrderStatus(order.status):
        case OrderStatus.ON_HOLD:
            why = _unknown_skus(connection, order) or order.held_because.replace("_", " ")
            raise DomainError(Reason.ON_HOLD, f"{name} is on hold: {why}", held_because=order.held_because)
        case OrderStatus.CANCELLED:
            raise DomainError(Reason.CANCELLED, f"{name} was cancelled")
        case OrderStatus.PACKED | OrderStatus.SHIPPED:
            last = next(iter(pack_log.sessions(connection, order.id)), None)
            facts = holder(connection, last) if last is not None else {}
            done = f" by {facts['person']} at {facts['bench']}, {facts['time']}" if facts else ""
            raise DomainError(Reason.ALREADY_DONE, f"{name} was {order.status}{done}", status=order.status, **facts)
        case OrderStatus.CONFLICT:
            raise DomainError(Reason.NOT_READY, f"{name} has no stock reserved: the order desk must settle it")
        case _:
            raise DomainError(Reason.NOT_READY, f"{name} is {order.status}")


def holder(connection: Connection, session: Row[Any]) -> Facts:
    """Bench and person of a session, ``since`` and ``at`` in seconds, and the later of the two on the site's clock."""
    person = people_rows.person(connection, session.person_id)
    bench = people_rows.bench(connection, session.bench_id)
    time = clock(session.closed_at or session.opened_at, bench.site_time_zone)
    facts: Facts = {"bench": bench.name, "person": person.name if person else "", "time": time}
    return facts | {"since": session.opened_at, "at": session.closed_at}


def _unknown_skus(connection: Connection, order: Row[Any]) -> str:
    """The SKUs no product has, as the channel sent them, at most five; empty for an order held for another reason."""
    if order.held_because != "unknown_sku":
        return ""
    lines = orders.lines(connection, order.id)
    missing = list(dict.fromkeys(line.channel_sku[:40] for line in lines if line.sku is None))
    more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
    return f"no product has the SKU {', '.join(missing[:5])}{more}" if missing else ""
