"""Limits hold for every parcel, also for one that keeps the way its order came with (RAT-05, SPC-03)."""

from sqlalchemy import Connection

from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.rates.limits import limited
from server.usecases.record.incidents import close_by_key, is_open, open_incident
from server.usecases.shipping.bought import no_carrier_key
from server.usecases.shipping.rate_needs import Box, errand
from server.usecases.shipping.rate_rules import rules_now


def against(connection: Connection, order_id: int, box: Box, now: float) -> str:
    """Which limit stands against the way of this order, as a sentence; "" for none. What nobody measured is let pass.

    Raise DomainError("no_address").
    """
    rules = rules_now(connection)
    asked = errand(connection, rules, order_id, box, now) if rules is not None and rules.limits else None
    if rules is None or asked is None:
        return ""
    carrier, service = asked.order.carrier, asked.order.service
    found = limited(carrier, service, asked.need, rules, strict=False)
    return f"it may not go with {carrier}/{service}: {found[1]}" if found is not None else ""


def hold_to_limits(db: Database, actor: Actor, order_id: int, box: Box) -> None:
    """Before its label is asked for; raise DomainError("no_carrier"), with an incident, where a limit is against it."""
    with db.read() as connection:
        why = against(connection, order_id, box, db.now())
        told = is_open(connection, no_carrier_key(order_id))
    if not why and not told:
        return
    with transaction(db, actor, "hold_to_limits") as tx:
        if why:
            cause, once = f"no label for box {box.number}: {why} (packproof rates rules)", no_carrier_key(order_id)
            open_incident(tx, IncidentType.LABEL_FAILED, cause, order_id=order_id, once_key=once)
        else:
            close_by_key(tx, no_carrier_key(order_id), "no limit is against it now")
    if why:
        raise DomainError("no_carrier", why, bought="not_bought", says="label_no_way", why=why)
