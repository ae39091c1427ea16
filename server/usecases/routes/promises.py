"""What channels promise and allow: deadline, packing profile, service, and whether an order may come in parts."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select, update

from server.db import tables
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.booking.life import Due
from server.domain.errors import DomainError
from server.domain.routes.sla import Promise, Promises, read_slas
from server.trade.orders import IncomingOrder
from server.usecases.booking.reference import Reference, raise_version

_c = tables.channel
_read: dict[int, tuple[Row[Any], Promises]] = {}
SERVICE = "standard"


def promise_of(ref: Reference, channel_id: int, order: IncomingOrder, now: float) -> Promise:
    """Deadline, packing profile and service of an order (RTE-04); a deadline the channel states itself counts."""
    service = order.service or SERVICE
    row = ref.channels.get(channel_id)
    if row is None or not row.policy.get("promise"):
        return Promise(order.ship_by, "standard", service)
    held = _read.get(channel_id)
    if held is None or held[0] is not row:
        held = _read[channel_id] = (row, Promises.of(read_slas(row.code, row.policy["promise"])))
    placed_at = order.placed_at if order.placed_at is not None else now
    return held[1].promise(row.code, service, placed_at, order.ship_by)


def due_of(ref: Reference, channel_id: int, order: IncomingOrder, now: float) -> Due:
    """When it must leave and be there."""
    return Due(promise_of(ref, channel_id, order, now).ship_by, order.deliver_by)


def promised(ref: Reference, channel_id: int, order: IncomingOrder, now: float) -> dict[str, Any]:
    """The same as columns of the order."""
    promise = promise_of(ref, channel_id, order, now)
    return {"ship_by": promise.ship_by, "packing_profile": promise.packing_profile, "service": promise.service}


def may_split(ref: Reference, channel_id: int) -> bool:
    """Whether this channel takes more than one shipment for an order (RTE-07)."""
    row = ref.channels.get(channel_id)
    return row is not None and row.policy.get("split") is True


def set_split(db: Database, actor: Actor, channel: str, allowed: bool) -> None:
    """Allow or forbid split orders, from the next order on."""
    _change(db, actor, channel, {"split": allowed})


def set_promise(db: Database, actor: Actor, channel: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """New promises of a channel, from the next order on; raise as ``domain.sla.read_slas``."""
    listed = [dict(row) for row in rows]
    read_slas(channel, listed)
    _change(db, actor, channel, {"promise": listed})


def _change(db: Database, actor: Actor, channel: str, changes: Mapping[str, Any]) -> None:
    with transaction(db, actor, "change_policy") as tx:
        row = _locked(tx, channel)
        after = dict(row.policy) | dict(changes)
        tx.connection.execute(update(_c).where(_c.c.id == row.id).values(policy=after))
        raise_version(tx)
        before = {key: row.policy.get(key) for key in changes}
        tx.note("channel.policy", {"before": before, "after": dict(changes)}, channel=channel)


def _locked(tx: Transaction, channel: str) -> Row[Any]:
    row = tx.connection.execute(select(_c).where(_c.c.code == channel).with_for_update()).first()
    if row is None:
        raise DomainError("not_found", f"there is no channel {channel!r}; `packproof channels list` shows all")
    return row
