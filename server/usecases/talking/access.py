"""A platform that does not let us in any more: an alert of its own, while every other channel goes on (FLT-07)."""

from server.db import channel_states
from server.db.transaction import Transaction
from server.domain.incidents import IncidentType
from server.usecases.record import incidents

_DETAIL_MAX = 200


def deny(tx: Transaction, channel_id: int, channel: str, detail: str) -> None:
    """The credentials are no good: one incident until they are again."""
    state = channel_states.of(tx.connection, channel_id)
    if state is None or state.denied_at is None:
        channel_states.note(tx, channel_id, denied_at=tx.now)
    cause = f"channel {channel} does not let us in: {detail[:_DETAIL_MAX]}; connect it again"
    incidents.open_incident(tx, IncidentType.CHANNEL_DENIED, cause, once_key=_key(channel_id))


def let_in(tx: Transaction, channel_id: int) -> None:
    """It believes us again."""
    state = channel_states.of(tx.connection, channel_id)
    if state is not None and state.denied_at is not None:
        channel_states.note(tx, channel_id, denied_at=None)
        incidents.close_by_key(tx, _key(channel_id), "the channel lets us in again")


def _key(channel_id: int) -> str:
    return f"denied:{channel_id}"
