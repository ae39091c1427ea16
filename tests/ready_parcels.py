"""Parcels that stand at the dock with their label confirmed, without a bench that packs each of them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, update

from server.db import tables
from tests.floor import Floor


@dataclass(frozen=True, slots=True)
class Ready:
    """One parcel and its order's number."""

    parcel_id: str
    tracking: str
    number: str


def ready(
    floor: Floor, carrier: str = "own-van", *, site: int = 1, ship_by: float | None = None, **columns: Any
) -> Ready:
    """An order that is packed in one parcel, ready for its vehicle."""
    number = floor.order(("SOAP", 1), carrier=carrier, ship_by=ship_by)
    parcel = parcel_of(floor, number, carrier, site=site, **columns)
    floor.set_order(number, status="packed")
    return parcel


def parcel_of(floor: Floor, number: str, carrier: str = "own-van", *, site: int = 1, **columns: Any) -> Ready:
    """A ready parcel of this order."""
    p, order_id, now = tables.parcel, floor.order_id(number), floor.db.now()
    row = {
        "order_id": order_id,
        "site_id": site,
        "carrier": carrier,
        "service": "standard",
        "purchase": "bought",
        "state": "ready",
        "bought_at": now,
        "ready_at": now,
        "weight_grams": 500,
    }
    with floor.db.engine.begin() as connection:
        made = int(connection.execute(insert(p).values(row | columns).returning(p.c.number)).scalar_one())
        named = {"id": f"PCL{made:07d}", "tracking": columns.get("tracking") or f"TRK{made:09d}"}
        connection.execute(update(p).where(p.c.number == made).values(**named))
    return Ready(named["id"], named["tracking"], number)
