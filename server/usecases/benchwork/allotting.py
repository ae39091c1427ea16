"""Labels allotted to a bench beforehand, so that it can label a box with no server in sight (SYN-12, LBL-02).

With a lease an intent is committed; then the carrier is asked for its number, with the parcel's id as idempotency key
as in any purchase; only then is the label given out. It becomes the parcel's label when the bench has verified every
unit, by the server's verdict too: online, when the bench asks for the label, or later, when its log says that it used
it. A number is given to one bench, for one order in one version. Whatever is not used becomes void.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from server import wire
from server.db import allotments, labels, parcels
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.domain.packing import boxes
from server.domain.packing.order import Mode, PackOrder
from server.domain.packing.rules import opened
from server.domain.packing.session import Session
from server.trade.shipping import BuyRequest, Purchased
from server.usecases.benchwork.drawing import drawn, request_of, weight_of
from server.usecases.benchwork.judging import Judged
from server.usecases.benchwork.wants import hazmat_refused
from server.usecases.shipping import purchasing
from server.usecases.shipping.accounts import accounts, may_allot


def intend(tx: Transaction, order: Row[Any], bench: Row[Any], what: PackOrder, *, may_have_one: bool = True) -> None:
    """The bench shall have a label for the order it leases, where one may be allotted; an older one is void."""
    found = allotments.of_order(tx.connection, order.id)
    if found is not None and (found.allotted_to, found.allotted_version) == (bench.id, order.version):
        return
    allotments.void(tx, [order.id], "the order was given out anew")
    if not (may_have_one and _may_have_one(tx.connection, order, what)):
        return
    parcel = allotments.insert(
        tx,
        order_id=order.id,
        site_id=order.site_id,
        carrier=order.carrier,
        service=order.service,
        weight_grams=weight_of(tx.connection, order.id, what.wants.suggested, None),
        box_type=what.wants.suggested,
        allotted_to=bench.id,
        allotted_version=order.version,
    )
    tx.note("label.intent", {"carrier": parcel.carrier, "beforehand": True}, parcel=parcel.id, order=order.id)


def ask_for_numbers(db: Database, actor: Actor, bench_id: int, most: int) -> None:
    """Have the numbers of what is intended for this bench; where a carrier refuses one, the box gets none beforehand.

    What a carrier does not answer is asked again with the next renewal, by the same key.
    """
    with db.read() as connection:
        asked = [(row, _request(connection, row)) for row in allotments.without_number(connection, bench_id, most)]
    answers = {row.id: _asked(db, row, request) for row, request in asked}
    known = {parcel_id: answer for parcel_id, answer in answers.items() if answer is not None}
    if known:
        again(lambda: _write_down(db, actor, bench_id, known))


def labels_of(connection: Connection, leased: Iterable[tuple[Row[Any], PackOrder]], now: float) -> list[wire.Allotted]:
    """The labels of these leases of ``db.leases.of_bench``, each with its order as the bench has it."""
    found = []
    for lease, order in leased:
        parcel = parcels.find(connection, lease.parcel_id)
        if parcel is None or parcel.tracking is None or parcel.allotted_version != order.version:
            continue
        try:
            label = drawn(connection, parcel, opened("", order), now)
        except DomainError:
            continue  # Its address is not kept any more: nobody packs it either.
        found.append(wire.Allotted(order_id=order.order_id, version=order.version, label=label))
    return found


def beforehand_of(tx: Transaction, order: Row[Any], session: Row[Any]) -> Row[Any] | None:
    """What this session's bench was allotted for the order it packs, locked; another one's is void from now on."""
    found = allotments.of_order(tx.connection, order.id)
    if found is None:
        return None
    if (found.allotted_to, found.allotted_version) == (session.bench_id, session.order_version):
        return parcels.lock(tx, [found.id])[found.id]
    allotments.void(tx, [order.id], "the order got another label")
    return None


def take_up(tx: Transaction, session: Row[Any], box: Session, judged: Sequence[Judged], *, live: bool) -> None:
    """The labels that these events put on boxes are bought; of a session that was stopped, they must not leave.

    The locks of the order and the session are held.
    """
    used = {each.event.parcel_id: each.event for each in judged if each.event.kind == "label" and not each.differs}
    given = allotments.given_to(tx.connection, session, used) if used else ()
    for found in given:
        parcel = parcels.lock(tx, [found.id])[found.id]
        columns: dict[str, Any] = {"session_id": session.id, "purchase": "bought", "bought_at": used[parcel.id].at}
        first = boxes.all_boxes(box)[0]
        facts = {"weight_grams": first.weight_grams or parcel.weight_grams, "box_type": first.box_type}
        state = ParcelState.BOUGHT if live else ParcelState.CANCELLED
        if not live:
            columns |= {"cancelled_at": tx.now, "void_wanted_at": tx.now, "void_reason": "used after its order went"}
        parcels.change(tx, parcel.id, state=state.value, **facts, **columns)
        if not live:
            labels.want_void(tx, parcel.id)
        detail = {"tracking": parcel.tracking, "carrier": parcel.carrier, "beforehand": True}
        tx.note("label.bought", detail, parcel=parcel.id, order=parcel.order_id, bench=session.bench_id)
    if given and live:
        allotments.void(tx, [session.order_id], "the order has another label")


def _may_have_one(connection: Connection, order: Row[Any], what: PackOrder) -> bool:
    """Not where another tool prints, where the order has a label, or where its goods may not go this way."""
    account = accounts(connection).get(order.carrier)
    can = account is not None and may_allot(account)
    if not can or what.mode is Mode.VERIFY_ONLY or hazmat_refused(connection, order, what.lines):
        return False
    return all(p.state == ParcelState.CANCELLED for p in parcels.of_order(connection, order.id))


def _request(connection: Connection, parcel: Row[Any]) -> BuyRequest | DomainError:
    try:
        return request_of(connection, parcel)
    except DomainError as error:
        return error


def _asked(db: Database, parcel: Row[Any], request: BuyRequest | DomainError) -> Purchased | DomainError | None:
    """What the carrier says; None while nobody knows."""
    if isinstance(request, DomainError):
        return request
    answer = purchasing.ask(db, parcel.carrier, request)
    if not isinstance(answer, purchasing.Unbought):
        return answer
    return DomainError("label_refused", answer.error.detail) if answer.final else None


def _write_down(db: Database, actor: Actor, bench_id: int, answers: dict[str, Purchased | DomainError]) -> None:
    with transaction(db, actor, "allot_labels") as tx:
        for parcel in parcels.lock(tx, answers).values():
            answer = answers[parcel.id]
            if parcel.state != ParcelState.ALLOTTED or parcel.tracking is not None:
                continue  # Void meanwhile, or another request of the same bench was faster.
            if isinstance(answer, DomainError):
                parcels.set_state(tx, parcel, ParcelState.CANCELLED, answer.detail[:255], cancelled_at=tx.now)
                continue
            taken = labels.number_of(tx.connection, answer.tracking, but=parcel.id)
            if taken is not None:
                why = f"its carrier gave it number {answer.tracking} of parcel {taken.id}"
                parcels.set_state(tx, parcel, ParcelState.CANCELLED, why, cancelled_at=tx.now)
                continue
            parcels.change(tx, parcel.id, tracking=answer.tracking, service=answer.service)
            purchasing.keep(tx, parcel, answer)
            cost = f"{answer.cost} {answer.currency}"
            detail = {"tracking": answer.tracking, "carrier": parcel.carrier, "cost": cost}
            tx.note("label.allotted", detail, parcel=parcel.id, order=parcel.order_id, bench=bench_id)
