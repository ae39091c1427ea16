"""A buyer changes their mind: less of a line, or another address, at any moment of the order (CAN-05, ORD-17)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select, update

from server.db import conflict_rows, orders, parcels, tables
from server.db import kits as kit_rows
from server.db import stock as db_stock
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.benchwork.reasons import Reason
from server.domain.booking.kits import Bill
from server.domain.booking.stock import Move, MoveKind
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.sales.cancellation import CancelReason, cancel_reason
from server.domain.sales.changes import Effect, cut, effect
from server.domain.sales.orders import OrderStatus
from server.trade.orders import ShipTo
from server.usecases.benchwork import packing
from server.usecases.benchwork.box_waiting import refuse_boxed
from server.usecases.benchwork.unpacking import labels
from server.usecases.booking import stock
from server.usecases.booking.stock import Posting
from server.usecases.outward import signed
from server.usecases.outward.cancel_notice import tell_cut
from server.usecases.record import incidents
from server.usecases.sales import recheck
from server.usecases.sales.cancel import cancel_in

_o, _l, _r = tables.order, tables.order_line, tables.recipient
_AGAIN = (OrderStatus.ON_HOLD, OrderStatus.CONFLICT, OrderStatus.WAITING)
_WRONG = ("no_lines", "bad_quantity", "too_many_units", "no_sku", "unknown_sku")


class LinesMessage(msgspec.Struct, forbid_unknown_fields=True):
    """What a channel cancels of an order: units by its own line id, or by our line number as text."""

    lines: dict[str, int]
    reason: str = "customer"


def cancel_lines(
    db: Database,
    actor: Actor,
    order_id: int,
    units: Mapping[int, int],
    reason: CancelReason = CancelReason.CUSTOMER,
    *,
    tell: bool = True,
) -> str:
    """Cancel so many ``units`` per line number; only those are released. Return the order's status.

    ``tell``: the order's channel must hear of it, because it was not the channel that said so.

    A bench that packs it stops and begins again; nothing is left of it: it is cancelled. Raise
    DomainError("not_found" | "invalid"), "already_packed" and "already_shipped", both with an incident.
    """

    def work(tx: Transaction) -> str:
        return _cut(tx, orders.lock(tx, order_id), units, reason, tell=tell)

    return _watched(db, actor, "cancel_lines", work, lambda _tx: order_id)


def lines_webhook(db: Database, actor: Actor, place: signed.Place, headers: signed.Headers, body: bytes) -> str:
    """As ``cancel_lines``, on a signed message; the lines of a split order are those of whichever part has them."""

    def work(tx: Transaction, _channel: Row[Any]) -> str:
        said = signed.read(body, LinesMessage, "cancel-lines")
        row = signed.named(tx, place)
        if not said.lines:
            raise DomainError("invalid", "lines: expected at least one to cancel, found none")
        status, reason = row.status, cancel_reason(said.reason)
        for part, units in by_part(tx.connection, row, said.lines).items():
            status = _cut(tx, orders.lock(tx, part), units, reason, tell=False)
        return signed.told(row, status)

    def once() -> str:
        return signed.acted_on(db, actor, place, headers, body, verb="cancel_lines", work=work)

    return _refusal_told(db, actor, once, lambda tx: int(signed.named(tx, place).id))


def change_address(db: Database, actor: Actor, order_id: int, ship_to: ShipTo) -> str:
    """Another address: the label uses it; where one is bought already, packing is blocked and a person decides.

    Return the order's status. Raise DomainError("not_found"), and "already_shipped" with an incident.
    """

    def work(tx: Transaction) -> str:
        return _readdress(tx, orders.lock(tx, order_id), ship_to)

    return _watched(db, actor, "change_address", work, lambda _tx: order_id)


def address_webhook(db: Database, actor: Actor, place: signed.Place, headers: signed.Headers, body: bytes) -> str:
    """As ``change_address``, on a signed message; all parts of a split order get it."""

    def work(tx: Transaction, _channel: Row[Any]) -> str:
        ship_to = signed.read(body, ShipTo, "address")
        row = signed.named(tx, place)
        parts = conflict_rows.parts(tx.connection, row)
        statuses = [_readdress(tx, orders.lock(tx, part), ship_to) for part in parts]
        return signed.told(row, statuses[0])

    def once() -> str:
        return signed.acted_on(db, actor, place, headers, body, verb="change_address", work=work)

    return _refusal_told(db, actor, once, lambda tx: int(signed.named(tx, place).id))


# --- less of a line -------------------------------------------------------------------------------------------------


def _cut(tx: Transaction, row: Row[Any], units: Mapping[int, int], reason: CancelReason, *, tell: bool) -> str:
    lines = {line.line_no: line for line in orders.lines(tx.connection, row.id)}
    left = cut({no: line.quantity for no, line in lines.items()}, units)
    what = effect(OrderStatus(row.status), labelled=bool(labels(tx, row.id)))
    if what is Effect.TOO_LATE:
        raise DomainError("already_shipped", f"order {row.number} is {row.status}: it can only come back")
    if what is Effect.EXCEPT:
        raise DomainError("already_packed", f"order {row.number} has a label: its box must be opened first")
    if not any(left.values()):
        cancel_in(tx, row, "all of its lines were cancelled", reason, tell=tell)
        return OrderStatus.CANCELLED.value
    refuse_boxed(tx, row, "already_packed")
    packing.stop_sessions(tx, row.id, Reason.CHANGED, "some of it was cancelled: begin it again", says="stop_cut")
    _give_back(tx, row, {lines[no].sku: 0 for no in units if lines[no].sku}, lines, units)
    detail = {"units": {str(no): n for no, n in units.items()}, "reason": reason.value}
    event = tx.note("order.lines_cancelled", detail, order=row.id)
    if tell:
        tell_cut(tx, row, units, reason, event)
    for no, n in units.items():
        mine = (_l.c.order_id == row.id) & (_l.c.line_no == no)
        tx.connection.execute(update(_l).where(mine).values(cancelled=_l.c.cancelled + n))
    _changed(tx, row)
    return _afterwards(tx, row)


def _give_back(
    tx: Transaction, row: Row[Any], skus: dict[str, int], lines: Mapping[int, Row[Any]], units: Mapping[int, int]
) -> None:
    """Release exactly what the cancelled units held."""
    for no, n in units.items():
        if lines[no].sku:
            skus[lines[no].sku] += n
    held = db_stock.live(tx.connection, row.id)
    if not held:
        return
    wanted = _leaves(skus, {r.sku: r.quantity for r in held}, _bills(tx, lines.values()), lines.values())
    moves = []
    for r in reversed(held):
        n = min(wanted.get(r.sku, 0), r.quantity)
        if n:
            wanted[r.sku] -= n
            moves.append(Move(MoveKind.RELEASE, r.sku, r.site_id, d_reserved=-n, lot=r.lot))
    stock.post(tx, [Posting(moves, order_id=row.id, channel_id=row.channel_id, reason="some of it was cancelled")])
    for move in moves:
        db_stock.shrink_reserved(tx, row.id, move.key, -move.d_reserved)


def _bills(tx: Transaction, lines: Iterable[Row[Any]]) -> dict[str, Bill]:
    """What one unit of each kit came to when it was sold: the definition may be another one now."""
    sold = {(line.sku, line.kit_version) for line in lines if line.sku and line.kit_version}
    found = kit_rows.leaves(tx.connection, sold)
    return {sku: bill for (sku, _), bill in found.items() if sku not in bill}


def _leaves(
    skus: Mapping[str, int], held: Mapping[str, int], bills: Mapping[str, Bill], lines: Iterable[Row[Any]]
) -> dict[str, int]:
    """What lies on shelves for these units: components first, pre-built kits for what is left."""
    ordered: dict[str, int] = {}
    for line in lines:
        if line.sku:
            ordered[line.sku] = ordered.get(line.sku, 0) + line.quantity
    wanted: dict[str, int] = {}
    for sku, n in skus.items():
        loose = min(n, ordered.get(sku, 0) - held.get(sku, 0)) if sku in bills else 0
        for leaf, units in bills[sku].items() if loose else ():
            wanted[leaf] = wanted.get(leaf, 0) + units * loose
        if n > loose:
            wanted[sku] = wanted.get(sku, 0) + n - loose
    return wanted


def _afterwards(tx: Transaction, row: Row[Any]) -> str:
    """What waits may fit now; what was packed begins again."""
    if row.status == OrderStatus.PACKING:
        orders.set_status(tx, row.id, OrderStatus.READY)
    elif row.status in _AGAIN and row.held_because not in _WRONG:
        recheck.settled(tx, orders.lock(tx, row.id))
    found = orders.find(tx.connection, row.id)
    return str(found.status) if found else ""


def by_part(connection: Connection, row: Row[Any], lines: Mapping[str, int]) -> dict[int, dict[int, int]]:
    """Units by line number for each part that has them; raise DomainError("invalid") for a line nobody has."""
    query = select(_l.c.order_id, _l.c.line_no, _l.c.line_id, (_l.c.quantity - _l.c.cancelled).label("open"))
    rows = connection.execute(query.where(_l.c.order_id.in_(conflict_rows.parts(connection, row)))).all()
    found: dict[int, dict[int, int]] = {}
    for name, wanted in lines.items():
        mine = [r for r in rows if r.line_id == name] or [r for r in rows if str(r.line_no) == name]
        if not mine:
            raise DomainError("invalid", f"lines: order {row.number} has no line {name[:64]!r}")
        n = wanted
        for r in mine[:-1]:
            here = min(n, r.open)
            if here > 0:
                found.setdefault(r.order_id, {})[r.line_no] = here
                n -= here
        if n or len(mine) == 1:
            found.setdefault(mine[-1].order_id, {})[mine[-1].line_no] = n
    return found


# --- another address ------------------------------------------------------------------------------------------------


def _readdress(tx: Transaction, row: Row[Any], ship_to: ShipTo) -> str:
    labelled = labels(tx, row.id)
    what = effect(OrderStatus(row.status), labelled=bool(labelled))
    if what is Effect.TOO_LATE:
        gone = f"order {row.number} is {row.status}: its address cannot change, have its carrier redirect it"
        raise DomainError("already_shipped", gone)
    address = asdict(ship_to)
    contact = {key: address.pop(key) for key in ("phone", "email")}
    tx.connection.execute(update(_r).where(_r.c.order_id == row.id).values(address=address, contact=contact))
    _changed(tx, row)
    tx.note("order.address_changed", {"labelled": bool(labelled)}, order=row.id)
    if what is Effect.EXCEPT:
        _block(tx, row, labelled)
    elif row.status in _AGAIN and row.held_because not in _WRONG:
        recheck.settled(tx, orders.lock(tx, row.id))
    found = orders.find(tx.connection, row.id)
    return str(found.status) if found else ""


def _block(tx: Transaction, row: Row[Any], labelled: list[Row[Any]]) -> None:
    """Its label has the old address: nothing of it may leave until a supervisor unpacks it."""
    why = "its address was changed after its label was bought"
    packing.stop_sessions(tx, row.id, Reason.CHANGED, why, says="stop_address")
    truck = ""
    for parcel in parcels.lock(tx, [p.id for p in labelled]).values():
        truck = "; it is on the truck, take it off" if parcel.state == ParcelState.LOADED else truck
        if parcel.state != ParcelState.BLOCKED:
            parcels.set_state(tx, parcel, ParcelState.BLOCKED, "the address was changed")
    if row.status in (OrderStatus.PACKING, OrderStatus.READY):
        orders.set_status(tx, row.id, OrderStatus.ON_HOLD, held_because="address_changed")
    names = ", ".join(f"{p.tracking or 'being bought'} (parcel {p.id})" for p in labelled)
    since = f"order {row.number} has another address since its label was bought"
    cause = f"{since}: void {names}, unpack and label again (packproof label relabel {labelled[0].id}){truck}"
    kind = IncidentType.ORDER_CHANGED
    incidents.open_incident(tx, kind, cause, order_id=row.id, once_key=f"changed:{row.id}")


# --- both -----------------------------------------------------------------------------------------------------------


def _changed(tx: Transaction, row: Row[Any]) -> None:
    tx.connection.execute(update(_o).where(_o.c.id == row.id).values(version=_o.c.version + 1))


def _watched(
    db: Database, actor: Actor, verb: str, work: Callable[[Transaction], str], order_id: Callable[[Transaction], int]
) -> str:
    def once() -> str:
        with transaction(db, actor, verb) as tx:
            return work(tx)

    return _refusal_told(db, actor, lambda: again(once), order_id)


def _refusal_told(db: Database, actor: Actor, work: Callable[[], str], order_id: Callable[[Transaction], int]) -> str:
    """A change that came too late is refused, and a person hears of it."""
    try:
        return work()
    except DomainError as error:
        if error.code in {"already_packed", "already_shipped"}:
            with transaction(db, actor, "refuse_change") as tx:
                found = order_id(tx)
                kind, key = IncidentType.ORDER_CHANGED, f"late_change:{found}"
                cause = f"the buyer changed it too late: {error.detail}"
                incidents.open_incident(tx, kind, cause, order_id=found, once_key=key)
        raise
