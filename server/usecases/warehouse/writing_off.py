"""Goods that cannot be sold any more leave the book: damaged, expired, stolen, used."""

from collections.abc import Sequence

from sqlalchemy import select, update

from server.db import tables
from server.db.transaction import Actor, Database, Transaction
from server.domain.benchwork.reasons import Reason
from server.domain.booking.lots import code
from server.domain.booking.stock import MoveKind
from server.domain.errors import DomainError
from server.usecases.booking import shortfall
from server.usecases.warehouse import goods
from server.usecases.warehouse.goods import Answer, keyed

_u = tables.serial_unit


def write_off(
    db: Database,
    actor: Actor,
    sku: str,
    site: str,
    units: int,
    *,
    reason: str,
    lot: str = "",
    serials: Sequence[str] = (),
    key: str = "",
) -> Answer:
    """Take units out of the book for good; promised ones give way by the conflict policy, with an incident.

    The answer: {"units", "released", "uncovered"}. Raise DomainError("negative_stock") for more than are on hand,
    "unknown_serial" for a serial number that is not here; unknown product, site and lot.
    """
    why = goods.reason_text(reason)

    def work(tx: Transaction) -> Answer:
        row = goods.row_of(tx.connection, sku, site, lot)
        _drop_serials(tx, row[0], row[1], serials, units)
        gone = shortfall.remove(tx, row, goods.units(units, sku), MoveKind.WRITE_OFF, reason=why)
        detail = {"site": site, "lot": lot, "units": gone.units, "why": why}
        tx.note("stock.written_off", detail | ({"serials": list(serials)} if serials else {}), sku=row[0])
        return {"units": gone.units, "released": list(gone.released), "uncovered": gone.uncovered}

    return keyed(db, actor, "write_off", work, key=key, content=[sku, site, lot, units, why, list(serials)])


def _drop_serials(tx: Transaction, sku: str, site_id: int, serials: Sequence[str], units: int) -> None:
    named = sorted({code("serial number", serial) for serial in serials})
    if named and len(named) != units:
        raise DomainError(Reason.NEED_SERIAL, f"expected {units} serial numbers, found {len(named)}")
    here = (_u.c.sku == sku) & _u.c.serial.in_(named) & (_u.c.site_id == site_id) & (_u.c.state == "in_stock")
    found = set(tx.connection.execute(select(_u.c.serial).where(here).with_for_update()).scalars())
    if missing := [serial for serial in named if serial not in found]:
        raise DomainError("unknown_serial", f"no unit of {sku} with the serial number {missing[0]} is here")
    tx.connection.execute(update(_u).where(here).values(state="written_off", at=tx.now))
