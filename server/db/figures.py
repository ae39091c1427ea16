"""The figures that a monitor reads: cheap queries over indexes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from server.db import jobs, tables
from server.domain.benchwork.reasons import DELIBERATE
from server.domain.sales.orders import OrderStatus

_HOUR = 3600.0
_FINISHED = (OrderStatus.SHIPPED.value, OrderStatus.CANCELLED.value)
Rows = Sequence[tuple[tuple[str, ...], float]]


@dataclass(frozen=True, slots=True)
class Figure:
    """One family of numbers; each row has a value for each label."""

    name: str
    help: str
    labels: tuple[str, ...]
    rows: Rows


def read(connection: Connection, now: float) -> list[Figure]:
    """All of them."""
    waiting = jobs.waiting(connection)
    since = [((w.channel, w.kind), max(0.0, now - w.since)) for w in waiting]
    return [
        Figure("orders", "Orders that are not finished, by status.", ("status",), _orders(connection)),
        Figure(
            "pushes_waiting",
            "Messages that a channel has not taken yet.",
            ("channel", "kind"),
            [((w.channel, w.kind), float(w.rows)) for w in waiting],
        ),
        Figure("push_lag_seconds", "Age of the oldest such message.", ("channel", "kind"), since),
        Figure("scans_refused_last_hour", "Refused scans by reason.", ("reason",), _refused(connection, now)),
        Figure("bench_unsent", "Events a bench has not sent yet, as it last said.", ("bench",), _unsent(connection)),
        Figure("incidents_open", "Open incidents by type.", ("type",), _incidents(connection)),
    ]


def _orders(connection: Connection) -> Rows:
    t = tables.order
    live = [status.value for status in OrderStatus if status.value not in _FINISHED]
    query = select(t.c.status, func.count()).where(t.c.status.in_(live)).group_by(t.c.status)
    found = {status: float(count) for status, count in connection.execute(query)}
    return [((status,), found.get(status, 0.0)) for status in live if status != OrderStatus.NEW]


def _refused(connection: Connection, now: float) -> Rows:
    t = tables.pack_event
    query = select(t.c.reason, func.count()).where(t.c.received_at > now - _HOUR, t.c.kind == "scan")
    query = query.where(t.c.reason.not_in([r.value for r in DELIBERATE])).group_by(t.c.reason)
    return [((reason,), float(count)) for reason, count in connection.execute(query)]


def _unsent(connection: Connection) -> Rows:
    b, s = tables.bench, tables.bench_state
    query = select(b.c.name, s.c.beat).join(s, s.c.bench_id == b.c.id).where(b.c.revoked.is_(False))
    return [((name,), float(beat.get("unsent", 0))) for name, beat in connection.execute(query)]


def _incidents(connection: Connection) -> Rows:
    t = tables.incident
    query = select(t.c.type, func.count()).where(t.c.state == "open").group_by(t.c.type)
    return [((kind,), float(count)) for kind, count in connection.execute(query)]
