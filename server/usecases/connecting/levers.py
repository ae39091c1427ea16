"""Levers on a channel that runs: show it less, tell it sooner or later. Each acts at once and can be undone."""

from server.db import jobs, stale
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.usecases.connecting.keeping import keep_policy, locked
from server.usecases.sharing.tempo import read_tempo, tempo_of

AT_ONCE_SECONDS = 60.0
"""For so long after a lever was pulled even a batch channel is told at once."""


def throttle(db: Database, actor: Actor, code: str, percent: int | None) -> int | None:
    """Show the channel this much of every number it would be told, rounded down; None: all of it again.

    Return what held before. Raise DomainError("not_found" | "invalid").
    """
    if percent is not None and not 0 <= percent <= 100:
        raise DomainError("invalid", f"throttle: expected 0 to 100 per cent, found {percent}")
    with transaction(db, actor, "throttle_channel") as tx:
        row = locked(tx, code)
        before = (row.policy or {}).get("throttle")
        keep_policy(tx, row, throttle=percent, at_once_until=tx.now + AT_ONCE_SECONDS)
        cause = tx.note("channel.throttle", {"before": before, "after": percent}, channel=code)
        stale.everything(tx, cause)
    return None if before is None else int(before)


def set_mode(db: Database, actor: Actor, code: str, text: str) -> str:
    """Tell the channel ``realtime``, ``near:SECONDS`` or ``batch:MINUTES``; return the mode it had.

    Nothing left, and nearly nothing, always goes at once. Raise DomainError("not_found" | "invalid").
    """
    mode = read_tempo(text)
    with transaction(db, actor, "set_mode") as tx:
        row = locked(tx, code)
        before = str(tempo_of(row.policy))
        keep_policy(tx, row, mode=mode or None)
        # What the mode before kept back goes out now; the new one counts from the next change.
        jobs.hurry(tx, row.id)
        tx.note("channel.mode", {"before": before, "after": text.strip()}, channel=code)
    return before
