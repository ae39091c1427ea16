"""Money back for units that have left: the channel that sold them is told once, and pays it back by its own means.

What has not left is cancelled instead, and the channel pays that back with the cancel. Who decides is the channel's
policy: a person, or, for parcels that are lost and cannot be sent again, nobody.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, exists, select

from server import wire
from server.channels import of_kind
from server.db import claims, jobs, labels, orders, pack_log, parcels, tables, waiting_words
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.domain.sales.claims import ClaimKind
from server.domain.sales.orders import OrderStatus
from server.domain.sales.refunds import RefundReason
from server.usecases.connecting.keeping import keep_policy, locked
from server.usecases.outward.outbox import payload

POLICY = "refund_lost"
"""Of a channel: true where a lost parcel that cannot be replaced is paid back by itself."""
_c, _t = tables.channel, tables.outbox


def refund_order(db: Database, actor: Actor, order_id: int, units: Mapping[int, int], reason: RefundReason) -> int:
    """Have so many units of these lines (by number; none: all that is left) paid back; return how many.

    Units of a box that is still here are none of them. Raise DomainError("not_found"), "not_shipped" for what has not
    left, "being_stopped" while its carrier is to bring a parcel back, "refunded" for more than was sold and has left,
    and "not_told" where the channel cannot be told.
    """
    with transaction(db, actor, "refund_order") as tx:
        return refund_in(tx, orders.lock(tx, order_id), units, reason)


def refund_in(
    tx: Transaction, order: Row[Any], units: Mapping[int, int], reason: RefundReason, *, parcel: str = ""
) -> int:
    """As ``refund_order`` in the caller's transaction; ``order`` is locked. A ``parcel`` is paid back once for ever."""
    if order.status != OrderStatus.SHIPPED:
        raise DomainError("not_shipped", f"order {order.number} is {order.status}: cancel it, that pays it back")
    if waiting_words.unsettled(tx.connection, order.id):
        what = f"a parcel of order {order.number} is to be stopped on its way: close that incident first"
        raise DomainError("being_stopped", what)
    channel = tx.connection.execute(select(_c).where(_c.c.id == order.channel_id)).one()
    if not of_kind(channel.kind).tells(channel.settings):
        raise DomainError("not_told", f"{channel.code} has no address to be told at: pay it back there")
    left = left_to_refund(tx, order)
    wanted = {no: n for no, n in (units or left).items() if n}
    for no, n in wanted.items():
        if not 0 < n <= left.get(no, 0):
            what = f"expected 1 to {left.get(no, 0)} units that left and were not paid back, found {n}"
            raise DomainError("refunded", f"line {no}: {what}")
    if not wanted:
        raise DomainError("refunded", f"all that left of order {order.number} was paid back before")
    lines = [
        {"line_id": line.line_id, "sku": line.channel_sku, "quantity": wanted[line.line_no]}
        for line in orders.lines(tx.connection, order.id)
        if line.line_no in wanted
    ]
    told = {str(no): n for no, n in wanted.items()}
    event = tx.note("refund.queued", {"channel": channel.code, "units": told, "reason": reason.value}, order=order.id)
    data = {"order_id": order.channel_order_id, "reason": reason.value, "refunded_at": wire.instant(tx.now)}
    key = _of_parcel(order.number, parcel) if parcel else f"{order.number}/{event}"
    row = {"channel_id": channel.id, "kind": "refund", "key": key, "caused_by": event}
    jobs.put_once(tx, row | {"payload": payload(tx.now, data | {"lines": lines})})
    return sum(wanted.values())


def left_to_refund(tx: Transaction, order: Row[Any]) -> dict[int, int]:
    """Units by line number that left and of which nobody was told to pay them back."""
    mine = (_t.c.channel_id == order.channel_id) & (_t.c.kind == "refund")
    named = _t.c.key.startswith(f"{order.number}/", autoescape=True)
    before: Counter[str] = Counter()
    for content in tx.connection.execute(select(_t.c.payload).where(mine, named)).scalars():
        for line in content["data"]["lines"]:
            before[line["line_id"]] += int(line["quantity"])
    gone, left = _gone(tx, order), dict[int, int]()
    for line in orders.lines(tx.connection, order.id):
        units = line.quantity if gone is None else min(line.quantity, gone[line.sku])
        left[line.line_no] = max(0, units - before[line.line_id])
        if gone is not None:
            gone[line.sku] -= units
    return left


def _gone(tx: Transaction, order: Row[Any]) -> Counter[str] | None:
    """Units by SKU (of kits their parts) in the parcels that left; None where no box of the order is here any more."""
    packed = [p for p in parcels.of_order(tx.connection, order.id) if p.state != ParcelState.CANCELLED]
    last = pack_log.newest(tx.connection, order.id)
    labels_missing = last is not None and (last.box_waits or last.state not in pack_log.OVER)
    here = {p.id for p in labels.still_here(tx.connection, order.id)} & {p.id for p in packed}
    if not here and not labels_missing:
        return None
    gone: Counter[str] = Counter()
    for parcel in packed:
        if parcel.id not in here:
            gone.update({str(sku): int(units) for sku, units in (parcel.contents or {}).items()})
    return gone


def refunded_lost(connection: Connection, channel_id: int, number: str, parcel: str) -> bool:
    """Whether the channel was told to pay back this parcel of its order of this number because it was lost."""
    mine = (_t.c.channel_id == channel_id) & (_t.c.kind == "refund") & (_t.c.key == _of_parcel(number, parcel))
    return bool(connection.execute(select(exists().where(mine))).scalar())


def _of_parcel(number: str, parcel: str) -> str:
    return f"{number}/parcel/{parcel}"


def refund_lost(tx: Transaction, order_id: int, parcel: str, contents: Mapping[str, int]) -> int:
    """What the policy decides of a lost parcel that cannot be sent again: its units paid back, or 0 for a person.

    ``contents`` are units by SKU. A kit's parts are nobody's line, and are left to a person; so is an order whose
    platform paid back of itself, nobody knows for which units. A parcel that is found and lost again is paid back once.
    """
    order = orders.lock(tx, order_id)
    policy = tx.connection.execute(select(_c.c.policy).where(_c.c.id == order.channel_id)).scalar() or {}
    if not policy.get(POLICY) or order.status != OrderStatus.SHIPPED:
        return 0
    if claims.is_held(tx.connection, (order.channel_id, order.channel_order_id), ClaimKind.REFUND.value):
        return 0
    if refunded_lost(tx.connection, order.channel_id, order.number, parcel):
        return 0
    left, wanted = left_to_refund(tx, order), Counter[int]()
    for line in orders.lines(tx.connection, order.id):
        wanted[line.line_no] = min(left[line.line_no], contents.get(line.sku, 0))
    if sum(wanted.values()) != sum(contents.values()):
        return 0
    try:
        return refund_in(tx, order, wanted, RefundReason.LOST, parcel=parcel)
    except DomainError:
        return 0


def set_refunds(db: Database, actor: Actor, code: str, *, lost: bool) -> bool:
    """Whether a channel's lost parcels that cannot be replaced are paid back by themselves; return what held before."""
    with transaction(db, actor, "set_refunds") as tx:
        row = locked(tx, code)
        before = bool((row.policy or {}).get(POLICY))
        keep_policy(tx, row, refund_lost=lost or None)
        tx.note("channel.refunds", {"before": before, "after": lost}, channel=code)
    return before
