"""Asking a carrier for the one label of a parcel, and keeping what was bought."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from printing.documents import CarrierLabel
from server.calls.troubles import Away, Refused, Trouble, Unsettled
from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Database, Transaction
from server.domain.errors import DomainError
from server.trade.shipping import BuyRequest, Purchased, Shipment
from server.usecases.shipping.accounts import counter_of
from server.usecases.shipping.sound import heard, sound

_t = tables.parcel_label


@dataclass(frozen=True, slots=True)
class Unbought:
    """No label in hand. ``bought``: "not_bought", or "unknown" while one may be bought for all we know.

    ``error`` is a Trouble, or a DomainError("unknown_carrier" | "invalid") where the account cannot work.
    """

    error: Trouble | DomainError
    bought: str

    @property
    def final(self) -> bool:
        """Whether asking again gives the same answer until somebody changes something."""
        return isinstance(self.error, (Refused, DomainError))


def ask(
    db: Database, carrier_code: str, request: BuyRequest, *, unsure: bool = False, settles: bool = False
) -> Purchased | Unbought:
    """What was bought under the parcel's id, now or before; the same purchase however often it is asked.

    ``unsure``: an earlier purchase under this id may have happened. It ``settles`` that where a carrier that looks it
    up finds nothing: not right after it was asked for, since the carrier may still be carrying it out. Whatever fails
    before the purchase is asked for has bought nothing, unless it says itself that nobody can know. From an account
    that takes no new parcels only what was begun before is fetched.
    """
    try:
        counter = counter_of(db, carrier_code)
        if counter.can.look_up:
            try:
                earlier = heard(carrier_code, lambda: counter.carrier.look_up(request.parcel_id))
                unsure = unsure and not settles
            except Unsettled:
                earlier, unsure = None, True  # Asking again is safe, and finds out.
            if earlier is not None:
                return sound(earlier)
        if not counter.account.active and (counter.can.look_up or not unsure):
            what = f"{counter.account.name} takes no new parcels: its account is retired"
            raise DomainError("retired", what, says="label_retired", carrier=counter.account.name)
        if request.crosses and not counter.can.customs:
            raise Refused(
                f"{counter.account.name} takes no parcel over a border, found one to {request.ship_to.country}"
            )
        return sound(heard(carrier_code, lambda: counter.carrier.buy(request, request.parcel_id)))
    except (Trouble, DomainError) as error:
        return Unbought(error, _word(unsure or (isinstance(error, Away) and error.maybe_done)))


def look_up(db: Database, carrier_code: str, parcel_id: str) -> Purchased | Unbought:
    """What was bought under the parcel's id, without ever buying it.

    A number that costs nothing until its parcel leaves counts as not bought. ``Unbought.error`` is a
    DomainError("cannot_look_up") where the carrier has no way to tell.
    """
    try:
        counter = counter_of(db, carrier_code)
        if counter.can.look_up:
            found = heard(carrier_code, lambda: counter.carrier.look_up(parcel_id))
            return sound(found) if found is not None else Unbought(Refused("nothing was bought"), "not_bought")
    except (Trouble, DomainError) as error:
        return Unbought(error, "unknown")
    cannot = DomainError("cannot_look_up", f"{counter.account.name} cannot tell what was bought")
    return Unbought(cannot, _word(not counter.can.allot))


def _word(unsure: bool) -> str:
    return "unknown" if unsure else "not_bought"


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
