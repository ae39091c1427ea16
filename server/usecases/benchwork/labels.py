"""One purchased label for a parcel, whatever is pressed, killed or retried.

First the intent is committed, then the carrier is asked with the parcel's id as idempotency key, then the purchase is
written down. Whoever finds an intent asks again with the same key and gets the same label. Every refusal says in its
facts whether a label is bought: ``not_bought``, ``bought`` or ``unknown``.
"""

from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from server import wire
from server.calls.troubles import Denied
from server.db import labels as rows
from server.db import orders, pack_log
from server.db.again import again
from server.db.transaction import Actor, Database, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError, Unavailable
from server.domain.incidents import IncidentType
from server.domain.packing.order import Mode
from server.domain.packing.session import Phase
from server.domain.packing.steps import open_steps
from server.trade.shipping import BuyRequest, Purchased
from server.usecases.benchwork.box_parcels import parcel_of
from server.usecases.benchwork.drawing import answer_of, request_of
from server.usecases.benchwork.judging import unpacked
from server.usecases.benchwork.packing import BEING_PACKED, held, stop_of
from server.usecases.benchwork.wants import hazmat_refused
from server.usecases.record.incidents import open_incident
from server.usecases.shipping import checking, choosing, purchasing
from server.usecases.shipping.accounts import name_of
from server.usecases.shipping.bought import failed_key, write_down
from server.usecases.shipping.purchasing import Unbought
from server.usecases.staff.people import named


def buy_label(db: Database, actor: Actor, bench_id: int, session_id: str) -> wire.LabelAnswer:
    """The one label of the box on the table; asking again gives the same one.

    Raise DomainError: not_packed while a unit is unverified or a step open, hazmat where the goods may not go this way,
    the stop's reason when stopped, label_failed when the carrier refuses, taken_over | not_found for a session that
    is not this bench's. Raise Unavailable when unknown.
    """
    who = _packer(db, actor, session_id)
    choosing.settle(db, who, bench_id, session_id)
    begun = again(lambda: _intend(db, who, bench_id, session_id))
    parcel = begun.parcel
    if parcel.purchase != "bought":
        purchased = _ask_carrier(db, who, begun)
        parcel = again(lambda: _write_down(db, who, bench_id, begun.parcel.id, purchased))
    with db.read() as connection:
        return answer_of(connection, parcel)


def _packer(db: Database, actor: Actor, session_id: str) -> Actor:
    with db.read() as connection:
        seen = pack_log.session(connection, session_id)
    return named(db, actor, seen.person_id) if seen is not None else actor


class _Begun(NamedTuple):
    """A purchase that is about to be asked for, and the one begun before of which nobody knows whether it happened."""

    parcel: Row[Any]
    request: BuyRequest
    asked_at: float
    doubt: Row[Any] | None


def _intend(db: Database, actor: Actor, bench_id: int, session_id: str) -> _Begun:
    with transaction(db, actor, "label_intent") as tx:
        order, session = held(tx, bench_id, session_id)
        _check(tx.connection, order, session)
        parcel = parcel_of(tx, order, session)
        offer = choosing.offer_for(tx.connection, parcel)
        request = replace(request_of(tx.connection, parcel), quote_id=offer.quote_id if offer else "")
        bought = parcel.purchase == "bought"
        doubt = None if bought else rows.begin(tx, parcel.id, tx.now + checking.PATIENCE)
        return _Begun(parcel, request, tx.now, doubt)


def _check(connection: Connection, order: Row[Any], session: Row[Any]) -> None:
    stop = stop_of(session, order.status)
    if stop is not None:
        why = session.stop_detail or f"order {order.number} is {order.status}"
        raise DomainError(stop, why, bought="not_bought", **(session.stop_says or {}))
    verified = unpacked(session.folded)
    if verified.phase is Phase.CLOSED or order.status not in BEING_PACKED:
        says = {"says": "label_done", "order": order.number}
        raise DomainError(Reason.ALREADY_DONE, f"order {order.number} is {order.status}", bought="bought", **says)
    if verified.order.mode is Mode.VERIFY_ONLY:
        what = f"order {order.number} is only verified here: print its label with the other tool and scan it"
        raise DomainError(Reason.NOT_NOW, what, bought="not_bought", says="label_outside", order=order.number)
    if verified.open_units:
        what = f"expected every unit of order {order.number} verified, {verified.open_units} are not"
        says = {"says": "label_units", "order": order.number}
        raise DomainError(Reason.NOT_PACKED, what, open_units=verified.open_units, bought="not_bought", **says)
    steps = ", ".join(step.kind.value for step in open_steps(verified))
    if steps:
        what = f"expected everything of order {order.number} confirmed, still open: {steps}"
        says = {"says": "label_steps", "order": order.number}
        raise DomainError(Reason.NOT_PACKED, what, open_steps=steps, bought="not_bought", **says)
    way = orders.find(connection, order.id) or order
    refused = hazmat_refused(connection, way, verified.order.lines)
    if refused:
        what = f"{', '.join(refused)} may not go with {way.carrier} {way.service}"
        says = {"says": "label_hazmat", "goods": ", ".join(refused), "carrier": way.carrier, "service": way.service}
        raise DomainError(Reason.HAZMAT, what, bought="not_bought", **says)


def _ask_carrier(db: Database, actor: Actor, begun: _Begun) -> Purchased:
    parcel = begun.parcel
    doubt = begun.doubt
    since = doubt.unsure_since if doubt is not None else None
    settles = doubt is not None and begun.asked_at - doubt.asked_at >= checking.PATIENCE
    answer = purchasing.ask(db, parcel.carrier, begun.request, unsure=doubt is not None, settles=settles)
    if not isinstance(answer, Unbought):
        return answer
    with db.read() as connection:
        name = name_of(connection, parcel.carrier)
    denied = isinstance(answer.error, Denied)
    with transaction(db, actor, "label_failed" if answer.final or denied else "label_waits") as tx:
        if answer.bought == "not_bought":
            rows.certain(tx, parcel.id, begun.asked_at)
        else:
            checking.tell_when_old(tx, parcel, since, answer)
        cause = _cause(name, parcel, answer)
        if answer.final or denied:
            once, kind = failed_key(parcel.id), IncidentType.LABEL_FAILED
            open_incident(tx, kind, cause, order_id=parcel.order_id, parcel_id=parcel.id, once_key=once)
    if answer.final or denied:
        says = {"says": _says(answer), "carrier": name, "why": answer.error.detail}
        raise DomainError("label_failed", cause, bought=answer.bought, **says) from answer.error
    raise Unavailable(cause, bought=answer.bought, says="label_away", carrier=name) from answer.error


def _says(answer: Unbought) -> str:
    """Which sentence: that of a rule of ours, else one with the carrier's own words in it."""
    if isinstance(answer.error, DomainError):
        return str(answer.error.facts.get("says") or "label_refused")
    return "label_denied" if isinstance(answer.error, Denied) else "label_refused"


def _cause(name: str, parcel: Row[Any], answer: Unbought) -> str:
    """What failed, whether a label is bought, and what to do next."""
    checked = "whether its label is bought is being checked" if answer.bought == "unknown" else "no label is bought"
    if isinstance(answer.error, Denied):
        said = f"{name} does not let us in for the label of parcel {parcel.id}: {answer.error.detail}"
        return f"{said}; {checked}. Mend the account, then ask again"
    if answer.final:
        said = f"{name} refused the label of parcel {parcel.id}: {answer.error.detail}"
        return f"{said}; {checked}. Put it right, then ask again"
    return f"{name} does not answer; {checked}{'' if answer.bought == 'unknown' else ' yet, it is asked again'}"


def _write_down(db: Database, actor: Actor, bench_id: int, parcel_id: str, purchased: Purchased) -> Row[Any]:
    with transaction(db, actor, "label_bought") as tx:
        parcel = write_down(tx, parcel_id, purchased, bench_id)
    if parcel.purchase != "bought":
        what = f"the carrier gave parcel {parcel_id} the number {purchased.tracking}, which another parcel has"
        says = {"says": "label_number", "tracking": purchased.tracking}
        raise DomainError("label_failed", f"{what}: a supervisor must find out", bought="unknown", **says)
    if parcel.state == ParcelState.CANCELLED:
        code, why = (Reason.CHANGED, parcel.void_reason) if parcel.void_reason else (Reason.CANCELLED, "was cancelled")
        says = {"says": "label_void", "parcel": parcel_id}
        raise DomainError(code, f"the order of parcel {parcel_id} {why}", bought="bought", **says)
    return parcel
