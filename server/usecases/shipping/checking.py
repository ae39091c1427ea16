"""Purchases of which nobody knows whether they happened: looked up until it is known, whether a bench asks or not.

A server that died between the carrier's answer and writing it down, an answer that was lost, a bench that went: the
intent is still there. What was bought is written down, and voided where its order went. Nothing is ever bought here.
"""

from typing import Any

from sqlalchemy import Row

from server.calls.troubles import Refused
from server.db import labels, orders, pack_log, parcels
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.trade.shipping import Purchased
from server.usecases.record.incidents import close_by_key, open_incident
from server.usecases.shipping import purchasing
from server.usecases.shipping.accounts import name_of
from server.usecases.shipping.bought import unknown_key, write_down
from server.usecases.shipping.purchasing import Unbought

PATIENCE = 60.0
"""Seconds after which a purchase is not being asked for at this moment; a call takes a fraction of it."""
DOUBT_SECONDS = 600.0
"""After as long a person must find out."""
LET_GO_SECONDS = 1800.0
"""What was not bought until then, with nobody to ask again, will not be any more."""
AGAIN_MAX = 600.0
MOST = 20
_CHECKING = Actor("label check")
_NOTHING = Unbought(Refused("nothing was bought"), "not_bought")


def tick(db: Database) -> bool:
    """The worker's share; True while there may be more."""
    with db.read() as connection:
        found = labels.unknown(connection, db.now(), MOST)
    for parcel_id in found:
        check(db, parcel_id)
    return len(found) == MOST


def check(db: Database, parcel_id: str) -> None:
    """Find out about one purchase that is due. Several processes may do so at once: one of them does."""
    with transaction(db, _CHECKING, "check_label") as tx:
        mine = labels.claim_intent(tx, parcel_id, tx.now + PATIENCE)
        parcel = parcels.find(tx.connection, parcel_id)
    if mine is None or parcel is None:
        return
    answer = purchasing.look_up(db, parcel.carrier, parcel_id) if mine.unsure_since is not None else _NOTHING
    if isinstance(answer, Purchased):
        again(lambda: _bought(db, parcel_id, answer))
    elif answer.bought == "not_bought":
        again(lambda: _not_bought(db, parcel_id, mine.asked_at, mine.tries))
    else:
        again(lambda: _unknown(db, parcel_id, mine, answer))


def _bought(db: Database, parcel_id: str, purchased: Purchased) -> None:
    with transaction(db, _CHECKING, "label_found") as tx:
        write_down(tx, parcel_id, purchased)


def _not_bought(db: Database, parcel_id: str, asked_at: float, tries: int) -> None:
    """The bench may ask anew; where nobody will ask any more, the parcel is let go."""
    with transaction(db, _CHECKING, "label_not_bought") as tx:
        seen = parcels.find(tx.connection, parcel_id)
        assert seen is not None, "parcels stay"  # noqa: S101
        orders.lock(tx, seen.order_id)
        parcel = parcels.lock(tx, [parcel_id])[parcel_id]
        intent = labels.intent(tx.connection, parcel_id)
        if intent is None or intent.asked_at != asked_at:
            return
        labels.certain(tx, parcel_id, asked_at)
        close_by_key(tx, unknown_key(parcel_id), "nothing was bought")
        session = pack_log.session(tx.connection, parcel.session_id) if parcel.session_id else None
        over = session is None or session.state in pack_log.OVER or parcel.state == ParcelState.CANCELLED
        if not over or tx.now - asked_at < LET_GO_SECONDS:
            labels.look_again(tx, parcel_id, _next(tx.now, tries))
            return
        labels.end(tx, parcel_id)
        if parcel.state != ParcelState.CANCELLED:
            why = "no label was bought and its session is over"
            parcels.set_state(tx, parcel, ParcelState.CANCELLED, why, cancelled_at=tx.now)


def _unknown(db: Database, parcel_id: str, mine: Row[Any], answer: Unbought) -> None:
    """Asked again later, where there is anybody to ask."""
    with transaction(db, _CHECKING, "label_unknown") as tx:
        parcel = parcels.find(tx.connection, parcel_id)
        if parcel is None or parcel.purchase == "bought":
            return
        told = tell_when_old(tx, parcel, mine.unsure_since, answer)
        nobody = told and isinstance(answer.error, DomainError)
        labels.look_again(tx, parcel_id, None if nobody else _next(tx.now, mine.tries))


def tell_when_old(tx: Transaction, parcel: Row[Any], since: float | None, answer: Unbought) -> bool:
    """After ten minutes of doubt a person hears of it, until it is known; whether the ten minutes are over."""
    if since is None or tx.now - since < DOUBT_SECONDS:
        return False
    name = name_of(tx.connection, parcel.carrier)
    cause = (
        f"find out at {name} whether a label was bought for parcel {parcel.id} ({answer.error.detail}); void it there "
        f"if so, then give the box another: packproof label relabel {parcel.id}"
    )
    kind, once = IncidentType.LABEL_UNKNOWN, unknown_key(parcel.id)
    open_incident(tx, kind, cause, order_id=parcel.order_id, parcel_id=parcel.id, once_key=once)
    return True


def _next(now: float, tries: int) -> float:
    return now + min(AGAIN_MAX, PATIENCE * 2.0 ** min(tries, 10))
