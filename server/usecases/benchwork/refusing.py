"""Why an order cannot be opened, and who has it: in a sentence, and as facts a bench can act on.

``says`` names the sentence, and the other facts are what it tells: a bench says it in the language of its packer.
"""

from typing import Any, NoReturn

from sqlalchemy import Connection, Row

from server.db import orders, pack_log
from server.db import people as people_rows
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.packing.session import Phase
from server.domain.sales.orders import OrderStatus
from server.domain.sales.payments import PaymentState, hindrance
from server.usecases.picks.picking import clock

_AT_HAND = {phase.value for phase in (Phase.PACKING, Phase.STEPS, Phase.CHECKED, Phase.LABEL)}
Facts = dict[str, str | int | float | bool | None]


def refuse(connection: Connection, order: Row[Any]) -> NoReturn:
    """Raise DomainError with the reason of an order that is neither ready nor being packed."""
    number = order.number or order.channel_order_id
    name = f"order {number}"
    match OrderStatus(order.status):
        case OrderStatus.ON_HOLD:
            skus, because = _unknown_skus(connection, order), order.held_because
            why = f"no product has the SKU {skus}" if skus else because.replace("_", " ")
            says = {"says": "no_product", "skus": skus} if skus else {"says": "on_hold"}
            raise DomainError(Reason.ON_HOLD, f"{name} is on hold: {why}", held_because=because, order=number, **says)
        case OrderStatus.CANCELLED:
            raise DomainError(Reason.CANCELLED, f"{name} was cancelled", says="cancelled", order=number)
        case OrderStatus.PACKED | OrderStatus.SHIPPED:
            last = pack_log.newest(connection, order.id)
            facts = holder(connection, last) if last is not None else {}
            done = f" by {facts['person']} at {facts['bench']}, {facts['time']}" if facts else ""
            sentence = f"{order.status}_by" if facts else str(order.status)
            facts |= {"status": order.status, "says": sentence, "order": number}
            raise DomainError(Reason.ALREADY_DONE, f"{name} was {order.status}{done}", **facts)
        case OrderStatus.CONFLICT:
            why = f"{name} has no stock reserved: the order desk must settle it"
            raise DomainError(Reason.NOT_READY, why, says="no_stock", order=number)
        case _:
            raise DomainError(Reason.NOT_READY, f"{name} is {order.status}", says="not_ready", order=number)


def check_money(order: Row[Any]) -> None:
    """A box that is kept back must not come to a bench, and from there to the dock, by way of its label.

    Raise DomainError("on_hold") while the order's money or a suspicion of fraud keeps it back.
    """
    why = hindrance(PaymentState(order.payment), fraud=order.fraud)
    if why is not None:
        what = f"order {order.number} is kept back ({why.value.replace('_', ' ')}): settle that, or cancel it, first"
        raise DomainError(Reason.ON_HOLD, what, says="on_hold", order=order.number, held_because=why.value)


def waits_for_supervisor(order: Row[Any], session: Row[Any] | None) -> DomainError:
    """Of an order whose session was stopped: it stays so until somebody has looked."""
    why, says = (session.stop_detail, session.stop_says or {}) if session is not None else ("", {})
    what = f"order {order.number} waits for a supervisor: {why}"
    return DomainError(
        Reason.ON_HOLD, what, **({"says": "waits"} | says | {"order": order.number, "reason": "stopped"})
    )


def holder(connection: Connection, session: Row[Any]) -> Facts:
    """Bench and person of a session, ``since`` and ``at`` in seconds, and the later of the two on the site's clock.

    The person is who works on it now; of a box that is done or stands aside, who scanned last.
    """
    beat = people_rows.last_beat(connection, session.bench_id) if session.state in _AT_HAND else {}
    here = beat.get("person_id") if session.id in beat.get("open_sessions", ()) else None
    who = here or pack_log.last_person(connection, session.id) or session.person_id
    person = people_rows.person(connection, who)
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
    return f"{', '.join(missing[:5])}{more}" if missing else ""
