"""A plan changes: another carrier, trailer, driver or time, other services, and what it names."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Row

from server.db import load_marks, loads
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.usecases.loading.planning import clean, named_order, named_parcel, not_planned_twice
from server.usecases.shipping.accounts import account

T = TypeVar("T", int, str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be another; None leaves it as it is. Orders by number, parcels by id or tracking number."""

    carrier: str | None = None
    services: tuple[str, ...] | None = None
    """Empty: all services of its carrier."""
    trailer: str | None = None
    driver: str | None = None
    cut_off: float | None = None
    """Seconds since the epoch; 0: its site's own."""
    add_orders: tuple[str, ...] = ()
    drop_orders: tuple[str, ...] = ()
    add_parcels: tuple[str, ...] = ()
    drop_parcels: tuple[str, ...] = ()


def change_load(db: Database, actor: Actor, load_id: str, change: Change) -> None:
    """Change a load that is planned, or of one that is being loaded what does not turn parcels on it away.

    Raise DomainError("not_found" | "load_closed" | "not_ready" | "unknown_carrier" | "invalid"), nothing changed.
    """
    code = load_id.strip().upper()

    def once() -> None:
        with transaction(db, actor, "change_load") as tx:
            row = _locked(tx, code)
            columns, names = _columns(tx, row, change), _lists(tx, row, change)
            # What is being loaded goes on taking what it took: only what the plan reserves changes.
            columns = {**columns, "listed": names if row.opened_at is None else row.listed}
            loads.change(tx, code, **columns)
            added, dropped = (*change.add_orders, *change.add_parcels), (*change.drop_orders, *change.drop_parcels)
            tx.note("load.replanned", {**columns, "added": added, "dropped": dropped}, load=code)

    again(once)


def _locked(tx: Transaction, code: str) -> Row[Any]:
    """The load, behind the locks that those who open one take too."""
    found = loads.find(tx.connection, code)
    if found is None:
        raise DomainError("not_found", f"there is no load {code[:40]!r}")
    loads.lock_lanes(tx, found.site_id)
    row = loads.lock(tx, code)
    if row is None or row.closed_at is not None:
        raise DomainError(Reason.LOAD_CLOSED, f"expected a load that is planned or open, {code} is closed")
    return row


def _columns(tx: Transaction, row: Row[Any], change: Change) -> Mapping[str, Any]:
    columns: dict[str, Any] = {}
    if change.carrier is not None:
        columns["carrier"] = account(tx.connection, change.carrier).code
    if change.services is not None:
        columns["services"] = sorted(set(change.services))
    if row.opened_at is not None and columns:
        what = f"expected a planned load, {row.id} is being loaded: its {' and '.join(columns)} cannot change"
        raise DomainError("not_ready", what)
    said = {"trailer": change.trailer, "driver": change.driver}
    columns |= {key: clean(key, text) for key, text in said.items() if text is not None}
    if change.cut_off is not None:
        columns["cut_off"] = change.cut_off or None
    return columns


def _lists(tx: Transaction, row: Row[Any], change: Change) -> bool:
    """Write what the plan names from now on; whether it names anything."""
    by_order, by_parcel = load_marks.planned(tx.connection, row.site_id)
    orders = {each for each, load in by_order.items() if load == row.id}
    parcel_ids = {each for each, load in by_parcel.items() if load == row.id}
    connection, site = tx.connection, row.site_id
    add_orders = {named_order(connection, number, site) for number in change.add_orders}
    add_parcels = {named_parcel(connection, code, site) for code in change.add_parcels}
    gone_orders = {_of(orders, named_order(connection, n, site), n, row.id) for n in change.drop_orders}
    gone_parcels = {_of(parcel_ids, named_parcel(connection, c, site), c, row.id) for c in change.drop_parcels}
    not_planned_twice(tx, site, add_orders - orders, add_parcels - parcel_ids)
    for parcel in loads.parcels_on(connection, [row.id]):
        if parcel.id in gone_parcels or parcel.order_id in gone_orders:
            raise DomainError("invalid", f"expected parcels that are not loaded, {parcel.tracking} is on {row.id}")
    orders, parcel_ids = (orders - gone_orders) | add_orders, (parcel_ids - gone_parcels) | add_parcels
    load_marks.plan(tx, row.id, orders, parcel_ids)
    return bool(orders or parcel_ids)


def _of(planned: Collection[T], found: T, code: str, load_id: str) -> T:
    if found not in planned:
        raise DomainError("invalid", f"expected something that {load_id} has in its plan, found {code[:40]!r}")
    return found
