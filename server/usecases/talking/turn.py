"""One turn with a platform: take in what was heard, look for what changed. Called by one worker at a time."""

from typing import Any

from sqlalchemy import Row

from server.channels import platform_of
from server.db import channel_states, inbox
from server.db.transaction import Database
from server.usecases.talking import access, looking, reading_back, taking
from server.usecases.talking.lines import Lines

REST_MAX = 5.0


def turn(db: Database, lines: Lines, channel: Row[Any], owner: str, *, slow: bool = True) -> float:
    """Do what is due, one page or one batch at a time; return the seconds after which there may be more.

    ``slow``: also what can wait a second, such as reading numbers back.
    """
    platform = platform_of(channel.kind)
    if platform is None:
        return REST_MAX
    if not lines.hold(channel.id, owner):
        return REST_MAX
    line = lines.of(channel.id, channel.code, channel.kind, channel.settings)
    state, due = _due(db, channel.id)
    if due > 0 and not slow:
        return min(REST_MAX, due)
    if taking.take_due(lines, line, channel, platform, state):
        return 0.0
    if looking.look(db, line, channel.id, platform, state):
        return 0.0
    if slow:
        if reading_back.read_back(db, line, channel, platform):
            return 0.0
        access.check(db, line, channel.id, platform)
    return min(REST_MAX, max(0.0, _due(db, channel.id)[1]))


def _due(db: Database, channel_id: int) -> tuple[Row[Any] | None, float]:
    """How it goes with the channel; seconds until there is news to take in or a look to be done; 0 or less: now."""
    with db.read() as connection:
        state = channel_states.of(connection, channel_id)
        news_at = inbox.next_at(connection, channel_id)
    moments = [moment for moment in (news_at, state.next_look if state else 0.0) if moment is not None]
    return state, float(min(moments)) - db.now()
