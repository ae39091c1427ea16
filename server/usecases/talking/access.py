"""A platform that does not let us in any more: an alert of its own, while every other channel goes on (FLT-07)."""

from datetime import UTC, datetime

from server.calls.line import Line
from server.calls.troubles import Denied, Throttled, Trouble
from server.channels import Platform
from server.db import channel_states
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.incidents import IncidentType
from server.usecases.record import incidents

CHECK_EVERY = 3600.0
WARN_BEFORE = 7 * 86_400.0
"""Seconds before a connection ends by itself at which a person hears of it."""

_DETAIL_MAX = 200
_WORKER = Actor("worker")


def check(db: Database, line: Line, channel_id: int, platform: Platform) -> bool:
    """Once an hour: whether we are still let in, and until when; False when it was not time to."""
    with db.read() as connection:
        state = channel_states.of(connection, channel_id)
    if state is None or state.next_check > db.now():
        return False
    trouble: Trouble | None = None
    expires_at: float | None = None
    try:
        expires_at = platform.who(line).expires_at
    except Trouble as error:
        trouble = error
    with transaction(db, _WORKER, "check_access") as tx:
        wait = trouble.after if isinstance(trouble, Throttled) else CHECK_EVERY
        channel_states.note(tx, channel_id, next_check=tx.now + wait)
        if isinstance(trouble, Denied):
            deny(tx, channel_id, line.channel, trouble.detail, what="check")
        elif trouble is None:
            let_in(tx, channel_id, what="check")
            _warn(tx, channel_id, line.channel, expires_at)
    return True


def _warn(tx: Transaction, channel_id: int, channel: str, expires_at: float | None) -> None:
    channel_states.note(tx, channel_id, expires_at=expires_at)
    key = f"expires:{channel_id}"
    if expires_at is None or expires_at > tx.now + WARN_BEFORE:
        incidents.close_by_key(tx, key, "the connection was renewed")
        return
    day = datetime.fromtimestamp(expires_at, UTC).date().isoformat()
    cause = f"the connection to channel {channel} ends on {day}: connect it again before that"
    incidents.open_incident(tx, IncidentType.CHANNEL_DENIED, cause, once_key=key)


def deny(tx: Transaction, channel_id: int, channel: str, detail: str, *, what: str) -> None:
    """It refuses us ``what`` (look | tell | read | check): one incident until the same is let through again."""
    state = channel_states.of(tx.connection, channel_id)
    since = tx.now if state is None or state.denied_at is None else state.denied_at
    channel_states.note(tx, channel_id, denied_at=since, denied_what=what)
    cause = f"channel {channel} does not let us in: {detail[:_DETAIL_MAX]}; connect it again"
    incidents.open_incident(tx, IncidentType.CHANNEL_DENIED, cause, once_key=_key(channel_id))


def let_in(tx: Transaction, channel_id: int, *, what: str) -> None:
    """It let us do this; who may read orders need not be allowed to write numbers. ``what`` "all": connected anew."""
    state = channel_states.of(tx.connection, channel_id)
    if state is not None and state.denied_at is not None and what in ("all", state.denied_what):
        channel_states.note(tx, channel_id, denied_at=None)
        incidents.close_by_key(tx, _key(channel_id), "the channel lets us in again")


def _key(channel_id: int) -> str:
    return f"denied:{channel_id}"
