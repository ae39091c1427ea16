"""A bench says how it is doing, every second, and hears what must stop."""

import msgspec
from sqlalchemy import Connection, select

from server import wire
from server.db import jobs, tables
from server.db import people as rows
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.reasons import Reason
from server.domain.incidents import IncidentType
from server.usecases.benchwork import paper
from server.usecases.benchwork.calls import watch_call
from server.usecases.benchwork.changes import differences
from server.usecases.benchwork.packing import stop_of
from server.usecases.masterdata import catalogue
from server.usecases.record.incidents import close_by_key, open_incident

CLOCK_OFF_SECONDS = 30.0
SILENT_AFTER = 3
"""Messages a channel did not take in a row; then benches are told that something outside is away."""


def beat(db: Database, actor: Actor, bench_id: int, heartbeat: wire.Heartbeat) -> wire.HeartbeatAnswer:
    """Keep the bench's state and answer the sessions that must stop, the server's clock and the catalogue's version."""
    with transaction(db, actor, "heartbeat") as tx:
        offset = heartbeat.at - tx.now
        _watch_clock(tx, bench_id, rows.clock_offset(tx.connection, bench_id), offset)
        answered = watch_call(tx, bench_id, heartbeat)
        kept = msgspec.to_builtins(heartbeat)
        elsewhere = _sign_in(tx, bench_id, heartbeat, offset, kept)
        stops = _stops(tx.connection, bench_id, heartbeat.open_sessions)
        version = catalogue.version(tx.connection)
        silent = jobs.silent(tx.connection, SILENT_AFTER)
        return wire.HeartbeatAnswer(
            at=tx.now,
            stops=stops,
            snapshot_version=version,
            signed_in_elsewhere=elsewhere,
            unreachable=silent,
            call_answered=answered,
            paper=paper.orders(tx, bench_id, heartbeat.paper_done),
            guests=paper.guests(tx, bench_id),
        )


def _sign_in(tx: Transaction, bench_id: int, heartbeat: wire.Heartbeat, offset: float, kept: object) -> str:
    """Keep this message; the bench at which the same person has signed in since, or empty.

    Clocks of benches differ, so the moments are compared by the server's.
    """
    person = heartbeat.person_id
    at = None if person is None or heartbeat.signed_in_at is None else heartbeat.signed_in_at - offset
    columns = {"seen_at": tx.now, "clock_offset": offset, "beat": kept, "person_id": person, "signed_in_at": at}
    rows.write_state(tx, bench_id, **columns, paper_elsewhere=bool(heartbeat.paper_elsewhere))
    return "" if person is None or at is None else rows.signed_in_since(tx.connection, bench_id, person, at)


def _watch_clock(tx: Transaction, bench_id: int, before: float, offset: float) -> None:
    """One incident while the bench's clock is wrong; it closes itself when the clock is right again."""
    was_off, is_off = abs(before) > CLOCK_OFF_SECONDS, abs(offset) > CLOCK_OFF_SECONDS
    if was_off == is_off:
        return
    key = f"clock:{bench_id}"
    if not is_off:
        close_by_key(tx, key, "the clock is right again")
        return
    bench = rows.bench(tx.connection, bench_id)
    side = "ahead of" if offset > 0 else "behind"
    cause = f"the clock of {bench.name} is {abs(round(offset))} s {side} the server's; set its time service"
    open_incident(tx, IncidentType.CLOCK_OFF, cause, once_key=key)


def _stops(connection: Connection, bench_id: int, session_ids: tuple[str, ...]) -> tuple[wire.SessionStop, ...]:
    s, o = tables.pack_session, tables.order
    query = select(s, o.c.status.label("order_status")).join(o, o.c.id == s.c.order_id)
    stops = []
    for row in connection.execute(query.where(s.c.id.in_(session_ids)).order_by(s.c.id)) if session_ids else ():
        taken = Reason.TAKEN_OVER if row.bench_id != bench_id else None
        reason = taken or stop_of(row, row.order_status)
        if reason is not None:
            out, add = differences(connection, row) if reason is Reason.CHANGED else ((), ())
            told = {"detail": row.stop_detail, "says": row.stop_says or {}}
            stops.append(wire.SessionStop(session_id=row.id, reason=reason, take_out=out, add=add, **told))
    return tuple(stops)
