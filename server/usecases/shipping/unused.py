"""Labels that were bought and that nobody used: money on a box that stands somewhere, or on no box at all (LBL-06)."""

from typing import Any

from sqlalchemy import Connection, Row, select

from server.db import labels, tables
from server.db.dialect import insert_into
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.handoff import ParcelState
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.usecases.record.incidents import close_by_key, open_incident
from server.usecases.shipping.accounts import name_of

USUAL_HOURS = 24
HOURS_MAX = 24 * 30
MOST = 500
_KEY = "unused_label_hours"
_v = tables.setting
_WATCH = Actor("unused labels")


def tick(db: Database) -> None:
    """The worker's share: one incident for each, closed by itself when its label is scanned, loaded or void."""
    with db.read() as connection:
        before = db.now() - hours(connection) * 3600.0
        found = labels.unused(connection, before, MOST)
        settled = labels.settled_since(connection)
    if not found and not settled:
        return
    with transaction(db, _WATCH, "unused_labels") as tx:
        for row in settled:
            close_by_key(tx, row.once_key, f"its parcel is {row.state}")
        for row in found:
            _open(tx, row)


def hours(connection: Connection) -> int:
    """Hours after its purchase until an unused label is somebody's matter."""
    kept = connection.execute(select(_v.c.value).where(_v.c.key == _KEY)).scalar()
    return int(kept) if kept else USUAL_HOURS


def set_hours(db: Database, actor: Actor, unused_hours: int) -> None:
    """Change them; raise DomainError("invalid")."""
    if not 1 <= unused_hours <= HOURS_MAX:
        raise DomainError("invalid", f"expected 1 to {HOURS_MAX} hours, found {unused_hours}")
    with transaction(db, actor, "set_unused_hours") as tx:
        row = insert_into(tx.connection, _v).values(key=_KEY, value=str(unused_hours))
        tx.connection.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": str(unused_hours)}))
        tx.note("setting.unused_label_hours", {"hours": unused_hours})


def _open(tx: Transaction, row: Row[Any]) -> None:
    unscanned = row.state == ParcelState.BOUGHT
    key = f"{labels.UNSCANNED if unscanned else labels.UNLOADED}{row.id}"
    name = name_of(tx.connection, row.carrier)
    age = int((tx.now - row.bought_at) // 3600)
    never, do = ("scanned on its box", "scan it there") if unscanned else ("loaded", "load it")
    cause = (
        f"label {row.tracking} of {name} for order {row.order_number} was bought {age} h ago and never {never}: {do}, "
        f"or void it: packproof label void {row.id}"
    )
    open_incident(tx, IncidentType.LABEL_UNUSED, cause, order_id=row.order_id, parcel_id=row.id, once_key=key)
