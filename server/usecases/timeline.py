"""Everything that happened to an order, a SKU or a parcel, in order, with who and where (AUD-01, AUD-03, AUD-04)."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select

from server.db import orders, parcels, tables
from server.domain.errors import DomainError

ROWS_MAX = 5000
"""Of each kind of row, the newest; no order comes near, a fast SKU does."""

_a, _s, _e = tables.audit, tables.audit_subject, tables.pack_event


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """``at`` in seconds since the epoch; ``where`` is a bench, site or channel."""

    at: float
    who: str
    where: str
    what: str
    place: float = field(default=math.inf, repr=False, compare=False)
    """Order among rows of the same moment: the id of the audit row, or the number in a session."""


def timeline(connection: Connection, ref: str) -> list[TimelineRow]:
    """For an order (number or channel id), a SKU, or a parcel (id or tracking); raise DomainError("not_found")."""
    if not ref.strip().isprintable():
        raise DomainError("not_found", f"expected an order, SKU or parcel, found {ref.strip()[:120]!r}")
    order = orders.by_ref(connection, ref)
    if order is not None:
        return _of_order(connection, order.id)
    parcel = parcels.by_code(connection, ref.strip().upper()) or parcels.by_code(connection, ref.strip())
    if parcel is not None:
        return _of_parcel(connection, parcel)
    product = tables.product
    wanted = {ref.strip(), ref.strip().upper()}
    sku = connection.execute(select(product.c.sku).where(product.c.sku.in_(wanted))).scalar()
    if sku is None:
        raise DomainError("not_found", f"there is no order, SKU or parcel {ref.strip()[:120]!r}")
    return _of_sku(connection, sku)


def _of_order(connection: Connection, order_id: int) -> list[TimelineRow]:
    subjects = [("order", str(order_id))]
    found = _audits(connection, subjects)
    ids = [parcel.id for parcel in parcels.of_order(connection, order_id)]
    causes = [row.id for row in found]
    rows = [
        *_audit_rows(row for row in found if row.action != "stock.moved"),
        *_ledger(connection, tables.ledger.c.order_id == order_id),
        *_scans(connection, order_id),
        *_dock_scans(connection, ids),
        *_deliveries(connection, _told("shipment", ids)),
        *_deliveries(connection, _told_because("stock", causes)),
    ]
    return _in_order(rows)


def _of_parcel(connection: Connection, parcel: Row[Any]) -> list[TimelineRow]:
    rows = [
        *_audit_rows(_audits(connection, [("parcel", parcel.id)])),
        *_scans(connection, parcel.order_id, parcel.session_id),
        *_dock_scans(connection, [parcel.id]),
        *_deliveries(connection, _told("shipment", [parcel.id])),
    ]
    return _in_order(rows)


def _of_sku(connection: Connection, sku: str) -> list[TimelineRow]:
    found = (row for row in _audits(connection, [("sku", sku)]) if row.action != "stock.moved")
    rows = [
        *_audit_rows(found),
        *_ledger(connection, tables.ledger.c.sku == sku),
        *_deliveries(connection, _told("stock", [sku])),
    ]
    return _in_order(rows)


def _in_order(rows: Iterable[TimelineRow]) -> list[TimelineRow]:
    return sorted(rows, key=lambda row: (row.at, row.place))


def _audits(connection: Connection, subjects: Sequence[tuple[str, str]]) -> Sequence[Row[Any]]:
    wanted = or_(*((_s.c.kind == kind) & (_s.c.ref == ref) for kind, ref in subjects))
    query: Select[Any] = select(_a).join(_s, _s.c.audit_id == _a.c.id).where(wanted)
    return connection.execute(query.order_by(_s.c.audit_id.desc()).limit(ROWS_MAX)).all()


def _audit_rows(rows: Iterable[Row[Any]]) -> list[TimelineRow]:
    return [TimelineRow(r.at, r.actor, r.bench, f"{r.action} {_plain(r.detail)}".strip(), r.id) for r in rows]


def _plain(detail: dict[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in detail.items() if value not in (None, "", [], {}))


def _ledger(connection: Connection, which: Any) -> list[TimelineRow]:
    t, site = tables.ledger, tables.site
    query: Select[Any] = (
        select(t, _a.c.actor, site.c.code.label("site"), tables.order.c.number)
        .join(_a, _a.c.id == t.c.audit_id)
        .outerjoin(site, site.c.id == t.c.site_id)
        .outerjoin(tables.order, tables.order.c.id == t.c.order_id)
        .where(which)
        .order_by(t.c.id.desc())
        .limit(ROWS_MAX)
    )
    return [TimelineRow(r.at, r.actor, r.site or "", _moved(r), r.audit_id) for r in connection.execute(query)]


def _moved(row: Row[Any]) -> str:
    order = f" for order {row.number}" if row.number else ""
    return f"stock.{row.kind} {row.sku} on hand {row.d_on_hand:+d} reserved {row.d_reserved:+d}{order}"


def _scans(connection: Connection, order_id: int, session_id: str | None = None) -> list[TimelineRow]:
    s, bench, person = tables.pack_session, tables.bench, tables.person
    query: Select[Any] = (
        select(_e, bench.c.name.label("bench"), person.c.name.label("person"))
        .join(s, s.c.id == _e.c.session_id)
        .join(bench, bench.c.id == s.c.bench_id)
        .outerjoin(person, person.c.id == _e.c.person_id)
        .where(s.c.order_id == order_id if session_id is None else s.c.id == session_id)
    )
    rows = connection.execute(query.order_by(s.c.opened_at, _e.c.session_id, _e.c.seq).limit(ROWS_MAX))
    return [TimelineRow(r.at, r.person or "", r.bench, _scanned(r), r.seq) for r in rows]


def _scanned(row: Row[Any]) -> str:
    item = f" {row.sku} x{row.units}" if row.sku else ""
    differs = f" (the bench said {row.bench_reason})" if row.bench_reason != row.reason else ""
    raw = f" {row.raw!r}" if row.raw else ""
    return f"bench.{row.kind}{raw} {row.reason}{item}{differs}"


def _dock_scans(connection: Connection, parcel_ids: Sequence[str]) -> list[TimelineRow]:
    t, bench, person = tables.dock_event, tables.bench, tables.person
    query: Select[Any] = (
        select(t, bench.c.name.label("bench"), person.c.name.label("person"))
        .join(bench, bench.c.id == t.c.bench_id)
        .outerjoin(person, person.c.id == t.c.person_id)
        .where(t.c.parcel_id.in_(list(parcel_ids)))
        .order_by(t.c.at, t.c.seq)
    )
    rows = connection.execute(query.limit(ROWS_MAX))
    return [
        TimelineRow(r.at, r.person or "", r.bench, f"dock.scan {r.raw!r} {r.reason} load {r.load_id}") for r in rows
    ]


def _told(kind: str, keys: Sequence[str]) -> Any:
    t = tables.delivery
    return (t.c.kind == kind) & t.c.key.in_(list(keys))


def _told_because(kind: str, causes: Sequence[int]) -> Any:
    t = tables.delivery
    return t.c.caused_by.in_(list(causes)) & (t.c.kind == kind)


def _deliveries(connection: Connection, which: Any) -> list[TimelineRow]:
    t, channel = tables.delivery, tables.channel
    query: Select[Any] = (
        select(t, channel.c.code.label("channel")).join(channel, channel.c.id == t.c.channel_id).where(which)
    )
    rows = connection.execute(query.order_by(t.c.id.desc()).limit(ROWS_MAX))
    return [TimelineRow(r.at, "worker", r.channel, _delivered(r)) for r in rows]


def _delivered(row: Row[Any]) -> str:
    before = f"{row.before} -> " if row.before else ""
    verdict = "taken" if row.ok else "not taken"
    return f"channel.{row.kind} {row.key} {before}{row.after} {verdict} by {row.destination}: {row.answer}"
