"""Rows of transfers and their lines. The transfer is locked before its stock."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from server.db import tables
from server.db.transaction import Transaction
from server.domain.errors import DomainError
from server.domain.warehouse.transfers import Transfer, TransferLine, TransferState

_t, _l, _s = tables.transfer, tables.transfer_line, tables.site


def create(tx: Transaction, transfer: Transfer) -> int:
    """A new transfer; return its number."""
    row = insert(_t).values(
        from_site=transfer.source,
        to_site=transfer.destination,
        state=transfer.state.value,
        at=tx.now,
        actor=tx.actor.name,
    )
    number = int(tx.connection.execute(row.returning(_t.c.id)).scalar_one())
    _write_lines(tx, number, transfer)
    return number


def lock(tx: Transaction, number: int) -> Transfer:
    """One transfer, locked; raise DomainError("not_found")."""
    row = tx.connection.execute(select(_t).where(_t.c.id == number).with_for_update()).first()
    return _read(tx.connection, row, number)


def find(connection: Connection, number: int) -> Transfer:
    """One transfer; raise DomainError("not_found")."""
    return _read(connection, connection.execute(select(_t).where(_t.c.id == number)).first(), number)


def save(tx: Transaction, number: int, transfer: Transfer) -> None:
    """Write what became of it; the caller holds its lock."""
    values: dict[str, Any] = {"state": transfer.state.value}
    if transfer.state is TransferState.ON_THE_WAY:
        values["dispatched_at"] = tx.now
    if transfer.state is TransferState.CLOSED:
        values["received_at"] = tx.now
    tx.connection.execute(update(_t).where(_t.c.id == number).values(**values))
    tx.connection.execute(delete(_l).where(_l.c.transfer_id == number))
    _write_lines(tx, number, transfer)


def listed(connection: Connection, *, open_only: bool, limit: int = 200) -> Sequence[Row[Any]]:
    """Transfers with the codes of their sites, the newest first."""
    to = _s.alias("destination")
    query = (
        select(_t, _s.c.code.label("source"), to.c.code.label("destination"))
        .join(_s, _s.c.id == _t.c.from_site)
        .join(to, to.c.id == _t.c.to_site)
        .order_by(_t.c.id.desc())
        .limit(limit)
    )
    over = (TransferState.CLOSED.value, TransferState.CANCELLED.value)
    return list(connection.execute(query.where(_t.c.state.not_in(over)) if open_only else query))


def _read(connection: Connection, row: Row[Any] | None, number: int) -> Transfer:
    if row is None:
        raise DomainError("not_found", f"there is no transfer {number}", says="goods_paper", ref=number)
    lines = connection.execute(select(_l).where(_l.c.transfer_id == number).order_by(_l.c.sku, _l.c.lot))
    made = (TransferLine(r.sku, r.lot, r.planned, r.dispatched, r.received, r.lost, r.found) for r in lines)
    return Transfer(row.from_site, row.to_site, TransferState(row.state), tuple(made))


def _write_lines(tx: Transaction, number: int, transfer: Transfer) -> None:
    rows = [
        {
            "transfer_id": number,
            "sku": line.sku,
            "lot": line.lot,
            "planned": line.planned,
            "dispatched": line.dispatched,
            "received": line.received,
            "lost": line.lost,
            "found": line.found,
        }
        for line in transfer.lines
    ]
    tx.connection.execute(insert(_l), rows)
