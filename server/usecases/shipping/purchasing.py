"""Asking a carrier for the one label of a parcel, and keeping what was bought."""

from typing import Any

from sqlalchemy import Connection, Row, select

from printing.documents import CarrierLabel
from server.calls.troubles import Away, Refused, Throttled, Trouble
from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Database, Transaction
from server.domain.errors import DomainError
from server.trade.shipping import BuyRequest, Purchased, Shipment
from server.usecases.shipping.accounts import counter_of

_t = tables.parcel_label


def ask(db: Database, carrier_code: str, request: BuyRequest) -> Purchased:
    """What was bought under the parcel's id, now or before; the same purchase however often it is asked.

    Raise a Trouble, or DomainError("unknown_carrier" | "invalid") where the account cannot work.
    """
    counter = counter_of(db, carrier_code)
    earlier = counter.carrier.look_up(request.parcel_id) if counter.can.look_up else None
    return earlier or counter.carrier.buy(request, request.parcel_id)


def is_final(error: Trouble | DomainError) -> bool:
    """Whether nothing was bought, and nothing will be by asking again."""
    return isinstance(error, (Refused, DomainError))


def bought_after(error: Trouble | DomainError) -> str:
    """Whether a label is bought after this failure, as the bench shows it: ``not_bought`` or ``unknown``."""
    passing = isinstance(error, Throttled) or (isinstance(error, Away) and not error.maybe_done)
    return "not_bought" if passing or not isinstance(error, Away) else "unknown"


def keep(tx: Transaction, parcel: Row[Any], purchased: Purchased) -> None:
    """Write down the purchase beside its parcel, once for ever."""
    label = purchased.label
    row = {
        "parcel_id": parcel.id,
        "carrier": parcel.carrier,
        "shipment_id": purchased.shipment_id,
        "cost": str(purchased.cost),
        "currency": purchased.currency,
        "bought_at": tx.now,
        "format": label.format if label else "",
        "data": label.data if label else None,
    }
    tx.connection.execute(insert_into(tx.connection, _t).values(**row).on_conflict_do_nothing())


def kept_label(connection: Connection, parcel_id: str) -> CarrierLabel | None:
    """The carrier's own label of a parcel; None where we draw it, or where it was erased."""
    row = connection.execute(select(_t.c.format, _t.c.data).where(_t.c.parcel_id == parcel_id)).first()
    return CarrierLabel(row.format, bytes(row.data)) if row and row.data else None


def shipment_of(connection: Connection, parcel: Row[Any]) -> Shipment:
    """A parcel as its carrier knows it."""
    row = connection.execute(select(_t.c.shipment_id).where(_t.c.parcel_id == parcel.id)).first()
    return Shipment(parcel.id, parcel.tracking, row.shipment_id if row else "", parcel.service)
