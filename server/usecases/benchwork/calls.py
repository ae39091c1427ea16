"""A bench calls for somebody: an incident until it is answered, at the bench or on the supervisor's page."""

from server import wire
from server.db import people as rows
from server.db.transaction import Transaction
from server.domain.incidents import IncidentType
from server.usecases.overview.board_words import reason_words
from server.usecases.record.incidents import close_by_key, is_open, open_incident


def watch_call(tx: Transaction, bench_id: int, heartbeat: wire.Heartbeat) -> bool:
    """Open or close the incident of a call; True when somebody answered it on the page. Call it before ``write_state``.

    The bench ends its call when it hears so, and says no more of it.
    """
    before, now, key = rows.last_beat(tx.connection, bench_id).get("call_since"), heartbeat.call_since, _key(bench_id)
    if now is None:
        if before is not None:
            close_by_key(tx, key, "answered at the bench")
        return False
    if before == now:
        return not is_open(tx.connection, key)
    bench, person = rows.bench(tx.connection, bench_id), rows.person(tx.connection, heartbeat.person_id or 0)
    order = f", order {heartbeat.order_number}" if heartbeat.order_number else ""
    why = f": {reason_words(heartbeat.call_reason)[0]}" if heartbeat.call_reason else ""
    cause = f"{bench.name} calls{why}; {person.name if person else 'nobody is signed in'}{order}"
    open_incident(tx, IncidentType.BENCH_CALL, cause, once_key=key)
    return False


def _key(bench_id: int) -> str:
    return f"call:{bench_id}"
