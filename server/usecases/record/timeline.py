"""Everything that happened to an order, a SKU or a parcel, in order, with who and where (AUD-01, AUD-03, AUD-04)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from server.db import audit_events, orders, parcels, tables
from server.db.audit_events import Happening
from server.domain.errors import DomainError
from server.usecases.record.serial_units import find_unit

ROWS_MAX = 2000
"""Of each kind of row, the newest; no order comes near. A fast SKU does: the export has all of it."""

_MARKS_MAX = 2000
"""Events of an order whose messages to channels are looked for."""


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """``at`` in seconds since the epoch; ``where`` is a bench, site or channel.

    ``event`` and ``batch`` are ids of the record: events are told in the order of the batches that committed them.
    """

    at: float
    who: str
    where: str
    what: str
    event: int | None = None
    batch: int | None = None


def timeline(connection: Connection, ref: str) -> list[TimelineRow]:
    """For an order (number or channel id), a SKU, a parcel (id or tracking), or the order of a serial number.

    Raise DomainError("not_found"), and "ambiguous" where several units have the serial number.
    """
    return [told(h) for h in happened(connection, ref)]


def told(h: Happening) -> TimelineRow:
    """One thing that happened, in words."""
    return TimelineRow(h.at, h.who, _where(h), _what(h), h.event, h.batch)


def happened(connection: Connection, ref: str) -> list[Happening]:
    """The same as structured rows; at most ROWS_MAX of each kind. Raise DomainError as ``timeline``."""
    if not ref.strip().isprintable():
        raise DomainError("not_found", f"expected an order, SKU, parcel or serial number, found {ref.strip()[:120]!r}")
    spelled, upper = ref.strip(), ref.strip().upper()
    order = orders.by_ref(connection, ref, any_case=False)
    if order is not None:
        return of_order(connection, order.id)
    parcel = parcels.by_code(connection, upper) or parcels.by_code(connection, spelled)
    if parcel is not None:
        return of_parcel(connection, parcel)
    product = tables.product
    sku = connection.execute(select(product.c.sku).where(product.c.sku.in_({spelled, upper}))).scalar()
    if sku is not None:
        return of_sku(connection, sku)
    order = orders.by_ref(connection, ref)
    if order is not None:
        return of_order(connection, order.id)
    unit = find_unit(connection, spelled)
    if unit is None:
        raise DomainError("not_found", f"there is no order, SKU, parcel or serial number {spelled[:120]!r}")
    return of_order(connection, unit.order_id)


def of_order(connection: Connection, order_id: int) -> list[Happening]:
    """Transitions, moves, scans at bench and dock, messages to channels of one order."""
    rows = [
        *audit_events.transitions(connection, ("order", str(order_id)), ROWS_MAX),
        *audit_events.moves(connection, tables.ledger.c.order_id == order_id, ROWS_MAX),
    ]
    ids = [parcel.id for parcel in parcels.of_order(connection, order_id)]
    causes = [row.event for row in rows[:_MARKS_MAX] if row.event is not None]
    rows += audit_events.scans(connection, tables.pack_session.c.order_id == order_id, ROWS_MAX)
    rows += audit_events.dock_scans(connection, ids, ROWS_MAX)
    rows += audit_events.deliveries(connection, audit_events.told_about("shipment", ids), ROWS_MAX)
    because = audit_events.deliveries(connection, audit_events.told_because(causes), ROWS_MAX)
    rows += [row for row in because if row.what != "channel.shipment"]
    return in_order(rows)


def of_parcel(connection: Connection, parcel: Row[Any]) -> list[Happening]:
    """One box: its transitions, every scan of its session and at the dock, what the channel was told."""
    rows = [
        *audit_events.transitions(connection, ("parcel", parcel.id), ROWS_MAX),
        *audit_events.scans(connection, tables.pack_session.c.id == parcel.session_id, ROWS_MAX),
        *audit_events.dock_scans(connection, [parcel.id], ROWS_MAX),
        *audit_events.deliveries(connection, audit_events.told_about("shipment", [parcel.id]), ROWS_MAX),
    ]
    return in_order(rows)


def of_sku(connection: Connection, sku: str) -> list[Happening]:
    """One product: what changed of it, its moves, the numbers channels were told."""
    rows = [
        *audit_events.transitions(connection, ("sku", sku), ROWS_MAX),
        *audit_events.moves(connection, tables.ledger.c.sku == sku, ROWS_MAX),
        *audit_events.deliveries(connection, audit_events.told_about("stock", [sku]), ROWS_MAX),
    ]
    return in_order(rows)


def in_order(rows: Iterable[Happening]) -> list[Happening]:
    """Events as they were committed, whatever the clocks of the servers said; scans and messages between them by time.

    Of the same moment a scan comes before the event that it caused, a message after it.
    """
    keyed: list[tuple[tuple[float, int, float], Happening]] = []
    events: list[Happening] = []
    others: list[Happening] = []
    latest = 0.0
    for row in rows:
        (others if row.event is None else events).append(row)
    for nth, row in enumerate(sorted(events, key=lambda r: (r.batch or 0, r.event or 0))):
        latest = max(latest, row.at)
        keyed.append(((latest, 1, nth), row))
    keyed += [((row.at, 2 if row.what.startswith("channel.") else 0, row.place), row) for row in others]
    return [row for _, row in sorted(keyed, key=lambda each: each[0])]


def _where(h: Happening) -> str:
    return h.bench or h.site or h.channel if h.event is None or h.what.startswith("stock.") else h.bench


def _what(h: Happening) -> str:
    if h.what.startswith("channel.") and h.event is None:
        return _delivered(h)
    if h.what in {"bench.scan", "dock.scan"} or h.event is None:
        return _scanned(h)
    return " ".join([h.what, *_moved(h), *_values(h)])


def _moved(h: Happening) -> Iterator[str]:
    if h.units:
        yield f"{h.sku} lot {h.lot}" if h.lot else h.sku
    yield from (f"{name.replace('_', ' ')} {n:+d}" for name, n in h.units.items())
    if h.units and h.order:
        yield f"for order {h.order}"
    if h.reason:
        yield f"({h.reason})"


def _values(h: Happening) -> Iterator[str]:
    return (f"{key}={value}" for key, value in h.detail.items() if key != "about" and value not in (None, "", [], {}))


def _scanned(h: Happening) -> str:
    raw = f" {h.detail['raw']!r}" if h.detail["raw"] else ""
    item = f" {h.sku} x{h.detail['units']}" if h.sku else ""
    differs = f" (the bench said {h.detail['bench_said']})" if "bench_said" in h.detail else ""
    load = f" load {h.detail['load']}" if "load" in h.detail else ""
    return f"{h.what}{raw} {h.detail['verdict']}{item}{load}{differs}"


def _delivered(h: Happening) -> str:
    d = h.detail
    before = f"{d['before']} -> " if d["before"] else ""
    verdict = "taken" if d["taken"] else "not taken"
    return f"{h.what} {h.sku or h.parcel} {before}{d['after']} {verdict} by {d['by']}: {d['answer']}"
