"""One turn with a platform: take in what was heard, look for what changed. Called by one worker at a time."""

from typing import Any

from sqlalchemy import Row

from server.channels import platform_of
from server.db import channel_states, inbox, jobs
from server.db.transaction import Actor, Database, transaction
from server.usecases.talking import access, looking, reading_back, taking
from server.usecases.talking.lines import Lines

HOLD = 60.0
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
        held = channel_states.hold(tx, channel_id, owner, HOLD)
        if held and (state is None or state.owner != owner):
            jobs.free_claims(tx, channel_id)
        return held


def turn(db: Database, lines: Lines, channel: Row[Any], owner: str, *, slow: bool = True) -> float:
    """Do what is due, one page or one batch at a time; return the seconds after which there may be more.

    ``slow``: also what can wait a second, such as reading numbers back.
    """
    platform = platform_of(channel.kind)
    if platform is None:
        return REST_MAX
    due = _due(db, channel.id)
    if (due > 0 and not slow) or not hold(db, channel.id, owner):
        return min(REST_MAX, max(0.0, due))
    line = lines.of(channel.id, channel.code, channel.kind, channel.settings)
    if taking.take_due(db, lines.writes, line, channel, platform) or looking.look(db, line, channel.id, platform):
        return 0.0
    if slow:
        if reading_back.read_back(db, line, channel, platform):
            return 0.0
        access.check(db, line, channel.id, platform)
    return min(REST_MAX, max(0.0, _due(db, channel.id)))


def _due(db: Database, channel_id: int) -> float:
    """Seconds until there is news to take in or a look to be done; 0 or less: now."""
    with db.read() as connection:
        state = channel_states.of(connection, channel_id)
        news_at = inbox.next_at(connection, channel_id)
    moments = [moment for moment in (news_at, state.next_look if state else 0.0) if moment is not None]
    return float(min(moments)) - db.now()
