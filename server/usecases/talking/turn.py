"""One turn with a platform: take in what was heard, look for what changed. Called by one worker at a time."""

from typing import Any

from sqlalchemy import Row

from server.calls.line import Line
from server.channels import Platform, platform_of
from server.db import channel_states, inbox
from server.db.transaction import Actor, Database, transaction
from server.usecases.talking import looking, reading_back, taking
from server.usecases.talking.lines import Lines

HOLD = 15.0
"""Seconds for which a worker holds the line of a platform; another one takes over when it does not come back."""

REST_MAX = 5.0
_WORKER = Actor("worker")


def hold(db: Database, channel_id: int, owner: str) -> bool:
    """Keep the line, or take it where nobody has it; False while another worker has it."""
    with db.read() as connection:
        state = channel_states.of(connection, channel_id)
    if state is not None and state.owner == owner and state.owned_until > db.now() + HOLD / 2:
        return True
    with transaction(db, _WORKER, "hold_line") as tx:
        return channel_states.hold(tx, channel_id, owner, HOLD)


def turn(db: Database, lines: Lines, channel: Row[Any], owner: str) -> float:
    """Do what is due, one page or one batch at a time; return the seconds after which there may be more."""
    platform = platform_of(channel.kind)
    if platform is None or not hold(db, channel.id, owner):
        return REST_MAX
    line = lines.of(channel.id, channel.code, channel.kind, channel.settings)
    taken = taking.take_due(db, line, channel, platform)
    looked = looking.look(db, line, channel.id, platform)
    read = reading_back.read_back(db, line, channel, platform)
    if taken or looked or read:
        return 0.0
    return _rest(db, line, channel, platform)


def _rest(db: Database, line: Line, channel: Row[Any], platform: Platform) -> float:  # noqa: ARG001
    with db.read() as connection:
        state = channel_states.of(connection, channel.id)
        waiting = inbox.next_at(connection, channel.id)
    moments = [moment for moment in (waiting, state.next_look if state else None) if moment is not None]
    return min(REST_MAX, max(0.0, min(moments, default=db.now() + REST_MAX) - db.now()))
