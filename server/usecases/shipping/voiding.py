"""Labels that must not live are voided at their carrier: asked once, followed until its cost is back (CAN-03)."""

from typing import Any

import structlog
from sqlalchemy import Row, func, update

from server.calls.troubles import Away, Refused, Throttled, Trouble
from server.db import labels, parcels, tables
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.trade.shipping import Shipment, Voiding, VoidState
from server.usecases.record.incidents import close_by_key, open_incident
from server.usecases.shipping import purchasing
from server.usecases.shipping.accounts import counter_of, name_of
from server.usecases.shipping.sound import heard

ASKING = 120.0
"""Seconds for which one process asks alone; whoever died while asking is followed by the next."""
HOUR = 3600.0
UNCONFIRMED = 24 * HOUR
"""A void that is not confirmed by then is a person's matter; it is asked after further."""
GIVE_UP = 30 * 24 * HOUR
MOST = 20
_i = tables.incident
_WORKER = Actor("voiding")
log = structlog.get_logger("voiding")


def tick(db: Database) -> bool:
    """The worker's share; True while there may be more."""
    with db.read() as connection:
        found = labels.to_void(connection, db.now(), MOST)
    for parcel_id in found:
        try:
            void(db, parcel_id)
        except Exception as error:
            # The others do not wait for it: this one is asked about again when its turn of ASKING is over.
            log.error("a label could not be voided", parcel=parcel_id, error=type(error).__name__)
    return len(found) == MOST


def void(db: Database, parcel_id: str) -> None:
    """Ask the carrier of one label that is due. Several processes may do so at once: one of them does."""
    asked = again(lambda: _begin(db, parcel_id))
    if asked is None:
        return
    answer = _ask(db, *asked)
    again(lambda: _settle(db, parcel_id, answer))


def ask_again(tx: Transaction, parcel: Row[Any]) -> None:
    """A person says that it is worth another try. Raise DomainError("invalid") where nothing is left to ask."""
    if not labels.ask_void_again(tx, parcel.id):
        kept = labels.kept(tx.connection, parcel.id)
        what = "is void already" if kept is not None else "was not bought here: void it where it was bought"
        raise DomainError("invalid", f"label {parcel.tracking} of parcel {parcel.id} {what}")
    tx.note("label.void_retried", parcel=parcel.id, order=parcel.order_id)


def left_already(tx: Transaction, parcel: Row[Any], why: str) -> None:
    """A label that must not live is on a vehicle that left: only its carrier can stop it now."""
    name = name_of(tx.connection, parcel.carrier)
    cause = (
        f"parcel {parcel.id} ({parcel.tracking}) has left with {name}, but {why}: have {name} stop it or bring it back"
    )
    kind, once = IncidentType.INTERCEPT, f"intercept:{parcel.id}"
    open_incident(tx, kind, cause, order_id=parcel.order_id, parcel_id=parcel.id, once_key=once)


def unvoided_key(parcel_id: str) -> str:
    """Of the incident of a void that is not confirmed."""
    return f"unvoided:{parcel_id}"


def _begin(db: Database, parcel_id: str) -> tuple[str, Shipment] | None:
    with transaction(db, _WORKER, "void_label") as tx:
        parcel = parcels.lock(tx, [parcel_id])[parcel_id]
        mine = labels.claim_void(tx, parcel_id, tx.now + ASKING)
        if mine is None:
            return None
        if labels.has_left(tx.connection, parcel_id):
            labels.change(tx, parcel_id, void_next_at=None, void_text="it has left")
            left_already(tx, parcel, parcel.void_reason or "its order was cancelled")
            return None
        if parcel.state != ParcelState.CANCELLED:
            labels.change(tx, parcel_id, void_state="", void_next_at=None)
            return None
        if mine.void_asked_at is None:
            # Written before it is asked: a try after a lost answer is the same request.
            labels.change(tx, parcel_id, void_state="asking", void_asked_at=tx.now)
            tx.note("label.void_asked", {"tracking": parcel.tracking}, parcel=parcel_id, order=parcel.order_id)
        return parcel.carrier, purchasing.shipment_of(tx.connection, parcel)


def _ask(db: Database, carrier: str, shipment: Shipment) -> Voiding | Trouble:
    try:
        counter = counter_of(db, carrier)
        if not counter.can.void:
            return Voiding(VoidState.REFUSED, f"{counter.account.name} cannot be asked from here")
        answer = heard(carrier, lambda: counter.carrier.void(shipment))
        return answer if isinstance(answer, Voiding) else Away("what it answered is no answer to a void")
    except (Refused, DomainError) as error:
        return Voiding(VoidState.REFUSED, error.detail)
    except Trouble as trouble:
        return trouble


def _settle(db: Database, parcel_id: str, answer: Voiding | Trouble) -> None:
    with transaction(db, _WORKER, "void_answered") as tx:
        parcel = parcels.lock(tx, [parcel_id])[parcel_id]
        kept = labels.kept(tx.connection, parcel_id)
        if kept is None or kept.void_state == VoidState.VOIDED:
            return
        if isinstance(answer, Voiding) and answer.state is VoidState.VOIDED:
            _voided(tx, parcel, kept, answer.text)
            return
        text = answer.text if isinstance(answer, Voiding) else answer.detail
        state = answer.state.value if isinstance(answer, Voiding) else kept.void_state
        next_at = _next(tx.now, kept, answer)
        labels.change(tx, parcel_id, void_state=state, void_text=_plain(text), void_next_at=next_at)
        if state == VoidState.REFUSED or tx.now - kept.void_asked_at >= UNCONFIRMED:
            _tell(tx, parcel, kept, state, text)


def _voided(tx: Transaction, parcel: Row[Any], kept: Row[Any], text: str) -> None:
    """Its cost is back, its picture is of no use to anybody, and whoever was to void it need not."""
    done = {"void_state": VoidState.VOIDED.value, "void_done_at": tx.now, "void_next_at": None, "data": None}
    labels.change(tx, parcel.id, void_text=_plain(text), **done)
    detail = {"tracking": parcel.tracking, "back": f"{kept.cost} {kept.currency}"}
    tx.note("label.voided", detail, parcel=parcel.id, order=parcel.order_id)
    for key in (unvoided_key(parcel.id), f"void:{parcel.id}"):
        close_by_key(tx, key, f"label {parcel.tracking} is void")
    before = f"void label {parcel.tracking} of parcel {parcel.id}"
    after = f"label {parcel.tracking} of parcel {parcel.id} is void"
    mine = _i.c.once_key == f"cancelled:{parcel.id}"
    tx.connection.execute(update(_i).where(mine).values(cause=func.replace(_i.c.cause, before, after)))


def _next(now: float, kept: Row[Any], answer: Voiding | Trouble) -> float | None:
    if isinstance(answer, Throttled):
        return float(now + answer.after)
    if isinstance(answer, Trouble):
        return now + min(HOUR, 60.0 * 2.0 ** min(int(kept.void_tries), 10))
    over = answer.state is VoidState.REFUSED or now - kept.void_asked_at >= GIVE_UP
    return None if over else now + HOUR


def _tell(tx: Transaction, parcel: Row[Any], kept: Row[Any], state: str, text: str) -> None:
    name = name_of(tx.connection, parcel.carrier)
    said = "the carrier will not void it" if state == VoidState.REFUSED else "no answer within 24 hours"
    cause = (
        f"void of label {parcel.tracking} of parcel {parcel.id} not confirmed, {said}: claim the refund of "
        f"{kept.cost} {kept.currency} at {name}" + (f" ({_plain(text)[:200]})" if text else "")
    )
    kind, once = IncidentType.VOID_UNCONFIRMED, unvoided_key(parcel.id)
    open_incident(tx, kind, cause, order_id=parcel.order_id, parcel_id=parcel.id, once_key=once)


def _plain(text: str) -> str:
    """A carrier's words, without what a terminal would act on."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[:500]).split())
