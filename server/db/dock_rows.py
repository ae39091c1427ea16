"""Parcels as docks are shown them: of thousands every second all columns, by name, would be most of the work."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, or_

from server.db import tables
from server.db.loads import dock_parcels
from server.domain.dock.values import ParcelState

_p, _on = tables.parcel, tables.load_parcel
_HERE = (ParcelState.BOUGHT.value, ParcelState.READY.value, ParcelState.BLOCKED.value)


class Brief(NamedTuple):
    """One parcel with its order, load and hands; a field for each column of the query, in its order."""

    id: str
    order_id: int
    box_no: int
    tracking: str
    carrier: str
    service: str
    state: str
    ready_at: float | None
    bought_at: float | None
    weight_grams: int | None
    order_number: str
    ship_by: float | None
    order_status: str
    channel: str
    load_id: str | None
    loaded_at: float | None
    loaded_by: int | None
    assumed: bool | None
    position: int | None
    packed_at: int | None
    packed_by: int | None


DockRow = Row[Any] | Brief
_OWN = [_p.c[name] for name in Brief._fields[: Brief._fields.index("order_number")]]


def here(connection: Connection, site_id: int, cancelled_since: float) -> list[Brief]:
    """Parcels of a site which are on no load, and those cancelled since."""
    cancelled = (_p.c.state == ParcelState.CANCELLED.value) & (_p.c.cancelled_at >= cancelled_since)
    query = dock_parcels(*_OWN).where(_p.c.site_id == site_id, or_(_p.c.state.in_(_HERE), cancelled))
    # Of labels that were only allotted beforehand, most were never on a box.
    return _read(connection, query.where(_p.c.purchase == "bought"))


def on(connection: Connection, load_ids: Iterable[str]) -> list[Brief]:
    """Parcels on these loads."""
    return _read(connection, dock_parcels(*_OWN).where(_on.c.load_id.in_(sorted(set(load_ids)))))


def some(connection: Connection, parcel_ids: Iterable[str]) -> list[Brief]:
    """These parcels, wherever they are."""
    return _read(connection, dock_parcels(*_OWN).where(_p.c.id.in_(sorted(set(parcel_ids)))))


def _read(connection: Connection, query: Select[Any]) -> list[Brief]:
    return [Brief(*row) for row in connection.execute(query.order_by(_p.c.number))]
