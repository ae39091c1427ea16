"""Purchases of which nobody knows whether they happened: looked up until it is known, whether a bench asks or not.

A server that died between the carrier's answer and writing it down, an answer that was lost, a bench that went: the
intent is still there. What was bought is written down, and voided where its order went. Nothing is ever bought here.

A carrier that said no may still carry out an earlier try. So a purchase that is certain not to have happened is looked
up too, as long as its carrier can tell, and always once more before its parcel is let go.
"""

from typing import Any

import structlog
from sqlalchemy import Row

from server.calls.troubles import Away
from server.db import labels, orders, pack_log, parcels
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.trade.shipping import Purchased
from server.usecases.record.incidents import close_by_key, is_open, open_incident
from server.usecases.shipping import purchasing
from server.usecases.shipping.accounts import name_of
from server.usecases.shipping.bought import failed_key, next_step, unknown_key, write_down
from server.usecases.shipping.purchasing import Unbought

PATIENCE = 60.0
"""Seconds after which a purchase is not being asked for at this moment; a call takes a fraction of it."""
DOUBT_SECONDS = 600.0
"""After as long a person must find out."""
LET_GO_SECONDS = 1800.0
"""What was not bought until then, with nobody to ask again, will not be any more."""
LET_GO_UNHEARD = 24 * 3600.0
"""As long a purchase that is certain not to have happened is looked up where its carrier does not answer."""
AGAIN_MAX = 600.0
MOST = 20
_CHECKING = Actor("label check")
log = structlog.get_logger("label check")


def tick(db: Database) -> bool:
    """The worker's share; True while there may be more."""
    with db.read() as connection:
        found = labels.unknown(connection, db.now(), MOST)
    for parcel_id in found:
        try:
            check(db, parcel_id)
        except Exception as error:
            # The others do not wait for it: this one is due again when its turn of PATIENCE is over.
            log.error("a purchase could not be looked into", parcel=parcel_id, error=type(error).__name__)
    return len(found) == MOST


def check(db: Database, parcel_id: str) -> None:
    """Find out about one purchase that is due. Several processes may do so at once: one of them does."""
    with transaction(db, _CHECKING, "check_label") as tx:
        mine = labels.claim_intent(tx, parcel_id, tx.now + PATIENCE)
        parcel = parcels.find(tx.connection, parcel_id)
    if mine is None or parcel is None:
        return
    answer = purchasing.look_up(db, parcel.carrier, parcel_id)
    if isinstance(answer, Purchased):
        unwritten = _bought(db, parcel_id, answer)
        if unwritten is None:
            return
        answer = unwritten
    cannot_tell = isinstance(answer.error, DomainError)
    if answer.bought == "not_bought" or (mine.unsure_since is None and cannot_tell):
        again(lambda: _not_bought(db, parcel_id, mine, LET_GO_SECONDS))
    elif mine.unsure_since is None:
        again(lambda: _not_bought(db, parcel_id, mine, LET_GO_UNHEARD))
    else:
        again(lambda: _unknown(db, parcel_id, mine, answer))


def found_out(tx: Transaction, parcel: Row[Any], how: str) -> bool:
    """A person looked at the carrier's own site, as the incident asked; whether there was one.

    Nobody is told of this purchase again. It is looked up for a while all the same where its carrier can tell: what
    turns up is voided. ``parcel`` is one that must not live any more.
    """
    key = unknown_key(parcel.id)
    if not is_open(tx.connection, key):
        return False
    close_by_key(tx, key, how)
    begun = labels.intent(tx.connection, parcel.id)
    if begun is not None and begun.next_at is not None:
        labels.certain(tx, parcel.id, begun.asked_at)
    else:
        labels.end(tx, parcel.id)
    tx.note("label.found_out", {"how": how[:255]}, parcel=parcel.id, order=parcel.order_id)
    return True


def _bought(db: Database, parcel_id: str, purchased: Purchased) -> Unbought | None:
    """Write it down; what is told to a person where that fails, so that a label that was paid for is not lost."""

    def write() -> None:
        with transaction(db, _CHECKING, "label_found") as tx:
            write_down(tx, parcel_id, purchased)

    try:
        again(write)
    except Exception as error:
        kind = type(error).__name__
        log.error("a label that was bought could not be written down", parcel=parcel_id, error=kind)
        what = f"it sold {purchased.tracking}, which could not be written down: {kind}"
        return Unbought(Away(what, maybe_done=True), "unknown")
    return None


def _not_bought(db: Database, parcel_id: str, mine: Row[Any], let_go: float) -> None:
    """The bench may ask anew; where nobody will ask any more, the parcel is let go after so many seconds."""
    asked_at = mine.asked_at
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
        if not over or tx.now - asked_at < let_go:
            labels.look_again(tx, parcel_id, _next(tx.now, mine.tries))
            return
        labels.end(tx, parcel_id)
        close_by_key(tx, failed_key(parcel_id), "nobody asks for it any more")
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
        f"if so, {next_step(parcel)}"
    )
    kind, once = IncidentType.LABEL_UNKNOWN, unknown_key(parcel.id)
    open_incident(tx, kind, cause, order_id=parcel.order_id, parcel_id=parcel.id, once_key=once)
    return True


def _next(now: float, tries: int) -> float:
    return now + min(AGAIN_MAX, PATIENCE * 2.0 ** min(tries, 10))
