"""A label printed once more: the same one, counted, never bought, while its parcel has not left (LBL-02, LBL-04).

Torn, smeared, lost on the way from the printer: whatever became of the paper, the purchase stands.
"""

from typing import Any

from sqlalchemy import Connection, Row

from server import wire
from server.db import labels as rows
from server.db import orders, parcels, people
from server.db.transaction import Actor, Database, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.boxing import copied
from server.usecases.benchwork.drawing import answer_of
from server.usecases.benchwork.finding import by_reference
from server.usecases.record.incidents import is_open
from server.usecases.staff.people import named


def reprint_at_bench(db: Database, actor: Actor, bench_id: int, code: str, person_id: int = 0) -> wire.LabelAnswer:
    """As ``reprint``, of a parcel of the bench's site; on record with who asked for it, where that is said."""
    with db.read() as connection:
        site_id = people.bench(connection, bench_id).site_id
    return reprint(db, named(db, actor, person_id) if person_id else actor, code, site_id)


def reprint(db: Database, actor: Actor, code: str, site_id: int | None = None) -> wire.LabelAnswer:
    """The same label once more. ``code``: what its barcode reads, its parcel's id, or the order of one parcel.

    Raise DomainError: not_found | unknown_code, several for an order of several parcels, not_packed before its label is
    bought, cancelled for a label that is void, changed for one with an old address, no_address, already_shipped.
    """
    with transaction(db, actor, "reprint") as tx:
        parcel = parcels.lock(tx, [_found(tx.connection, code, site_id)]).popitem()[1]
        _check_live(parcel)
        answer = answer_of(tx.connection, parcel)
        _check_here(tx.connection, parcel)
        copied(tx, parcel)
        return answer


def _found(connection: Connection, code: str, site_id: int | None) -> str:
    """The id of the parcel that is meant."""
    text = code.strip().upper()
    row = parcels.with_label(connection, text) or parcels.find(connection, text)
    if row is not None and site_id not in (None, row.site_id):
        raise DomainError("not_found", f"there is no parcel {text[:40]!r} at this site", says="no_order")
    if row is not None:
        return str(row.id)
    number = orders.number(connection, order_id := by_reference(connection, code))
    every = [row for row in parcels.of_order(connection, order_id) if site_id in (None, row.site_id)]
    live = [row for row in every if row.state != ParcelState.CANCELLED]
    here = [row for row in live if not rows.has_left(connection, row.id)]
    if len(here) > 1:
        which = ", ".join(f"{row.id} (box {row.box_no})" for row in here)
        what = f"order {number} has several labels: expected the number of a parcel, {which}"
        raise DomainError("several", what, says="reprint_several", order=number, parcels=which)
    if not every:
        what = f"order {number} has no label here yet"
        raise DomainError(Reason.NOT_PACKED, what, says="reprint_none", order=number)
    return str((here or live or every)[-1].id)


def _check_live(parcel: Row[Any]) -> None:
    about = {"parcel": parcel.id}
    if parcel.state == ParcelState.CANCELLED:
        what = f"the order of parcel {parcel.id} {parcel.void_reason or 'was cancelled'}"
        raise DomainError(Reason.CANCELLED, what, bought="bought", says="label_void", **about)
    if parcel.purchase != "bought":
        what = f"parcel {parcel.id} has no label yet"
        raise DomainError(Reason.NOT_PACKED, what, bought="unknown", says="label_none", **about)


def _check_here(connection: Connection, parcel: Row[Any]) -> None:
    about = {"parcel": parcel.id}
    order = orders.find(connection, parcel.order_id)
    if rows.kept(connection, parcel.id) is None:
        number = order.number if order is not None else ""
        what = f"the label of order {number} was printed with another tool: print it again there"
        raise DomainError(Reason.NOT_NOW, what, says="reprint_outside", order=number)
    elsewhere = parcel.session_id is None and order is not None and order.status == OrderStatus.SHIPPED
    if elsewhere or rows.has_left(connection, parcel.id):
        raise DomainError("already_shipped", f"parcel {parcel.id} has left", says="reprint_left", **about)
    if is_open(connection, f"changed:{parcel.order_id}"):
        what = f"the address of parcel {parcel.id} changed after its label was bought: it needs another label"
        raise DomainError(Reason.CHANGED, what, says="reprint_moved", **about)
