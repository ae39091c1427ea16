"""A case for the order desk beside the incident of a parcel: what to do, and what to write to the buyer (TRK-06)."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from server.db import tables
from server.db.transaction import Transaction
from server.domain.tracking.alarms import Alarm
from server.domain.tracking.cases import Remedy, Rule, propose
from server.usecases.sales.refunding import refund_lost

_t = tables.tracking_case


def open_case(
    tx: Transaction, incident: int, row: Row[Any], alarm: Alarm, *, rules: Sequence[Rule], carrier: str
) -> None:
    """Write the proposal beside its incident; ``row`` is the parcel with its order's columns."""
    proposal = propose(
        alarm,
        rules,
        channel=row.channel,
        value=row.amount_due,
        in_stock=_in_stock(tx.connection, row),
        names={"order": row.channel_order_id, "tracking": row.tracking, "carrier": carrier},
    )
    case = {"incident_id": incident, "parcel_id": row.id, "alarm": alarm.value, "remedy": proposal.remedy.value}
    tx.connection.execute(insert(_t).values(**case, why=proposal.why, text=proposal.text))
    if alarm is Alarm.LOST and proposal.remedy is Remedy.REFUND:
        refund_lost(tx, row.order_id, row.id, contents(tx.connection, row))
    detail = {"remedy": proposal.remedy.value, "why": proposal.why}
    tx.note("case.proposed", detail, incident=incident, order=row.order_id, parcel=row.id)


def cases(connection: Connection, parcel_id: str) -> Sequence[Row[Any]]:
    """Cases of a parcel with the state and owner of their incidents, the newest first."""
    i = tables.incident
    columns = (i.c.type, i.c.state, i.c.owner, i.c.cause, i.c.opened_at, i.c.deadline, i.c.closed_at)
    query = select(_t, *columns).join(i, i.c.id == _t.c.incident_id).where(_t.c.parcel_id == parcel_id)
    return connection.execute(query.order_by(_t.c.incident_id.desc())).all()


def contents(connection: Connection, row: Row[Any]) -> Counter[str]:
    """Units by SKU in a parcel: what was packed in it, or all that its order took; of kits their parts."""
    if row.contents:
        return Counter({str(sku): int(units) for sku, units in row.contents.items()})
    r = tables.reservation
    mine = (r.c.order_id == row.order_id) & r.c.state.in_(("reserved", "shipped"))
    found: Counter[str] = Counter()
    for sku, units in connection.execute(select(r.c.sku, r.c.quantity).where(mine).order_by(r.c.sku)):
        found[sku] += int(units)
    return found


def _in_stock(connection: Connection, row: Row[Any]) -> bool:
    wanted = contents(connection, row)
    s, site = tables.stock, tables.site
    free = func.sum(s.c.on_hand - s.c.reserved)
    query = select(s.c.sku, free).join(site, site.c.id == s.c.site_id).where(site.c.active, s.c.sku.in_(sorted(wanted)))
    available = {sku: int(units or 0) for sku, units in connection.execute(query.group_by(s.c.sku))}
    return bool(wanted) and all(available.get(sku, 0) >= units for sku, units in wanted.items())
