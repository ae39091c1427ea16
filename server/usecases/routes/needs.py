"""What routing weighs of an order."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, Row, select

from server.db import tables
from server.db.transaction import Database, Transaction
from server.domain.booking.life import Due
from server.domain.routes.geography import postcode_key
from server.domain.routes.routing_values import Need
from server.trade.money import digits
from server.trade.orders import IncomingOrder
from server.usecases.booking.reference import Reference, reference
from server.usecases.routes import geography
from server.usecases.routes.geography import place_of
from server.usecases.routes.promises import may_split, promise_of

_VALUE_MAX = 10**12


def need_of(
    tx: Transaction, ref: Reference, channel_id: int, order: IncomingOrder, units: Mapping[str, int]
) -> Need | None:
    """None while there is nothing to choose: the first site in rank order that holds everything ships it."""
    router = ref.rules.router
    if router is None or router.trivial:
        return None
    to, promise = order.ship_to, promise_of(ref, channel_id, order, tx.now)
    country = to.country.strip().upper()
    return Need(
        units,
        channel=ref.channel_code(channel_id),
        country=country,
        postcode=postcode_key(country, to.postcode),
        place=place_of(tx.connection, country, to.postcode, ref.version) if router.wants_place else None,
        ship_by=promise.ship_by,
        service=promise.service,
        split_allowed=may_split(ref, channel_id),
        value=value_of(order) if router.wants_value else 0,
    )


def warm(db: Database) -> None:
    """Read what decides, and open the postcodes where routing asks how far it is: not under the first order."""
    with db.read() as connection:
        router = reference(connection, db.now()).rules.router
    if router is not None and router.wants_place:
        geography.warm()


def need_of_row(connection: Connection, ref: Reference, row: Row[Any], units: Mapping[str, int]) -> Need:
    """The same of an order that is in the book; ``row`` is its row."""
    to = tables.recipient
    address = connection.execute(select(to.c.address).where(to.c.order_id == row.id)).scalar() or {}
    country, postcode = str(address.get("country", "")).strip().upper(), str(address.get("postcode", ""))
    return Need(
        units,
        channel=ref.channel_code(row.channel_id),
        country=country,
        postcode=postcode_key(country, postcode),
        place=place_of(connection, country, postcode, ref.version),
        ship_by=row.ship_by,
        service=row.service,
        split_allowed=may_split(ref, row.channel_id),
        value=row.amount_due or row.amount_paid or 0,
    )


def due_of_row(row: Row[Any]) -> Due:
    """What the order in this row was promised."""
    return Due(row.ship_by, row.deliver_by)


def value_of(order: IncomingOrder) -> int:
    """What the goods cost the buyer, minor units; a price that is no number counts as nothing."""
    priced = [line for line in order.lines if line.quantity > 0]
    return min(_VALUE_MAX, sum(_minor(line.price, order.currency) * line.quantity for line in priced))


def _minor(price: str, currency: str) -> int:
    try:
        found = Decimal(price)
        return int(found.scaleb(digits(currency))) if found.is_finite() and 0 <= found < _VALUE_MAX else 0
    except InvalidOperation:
        return 0
