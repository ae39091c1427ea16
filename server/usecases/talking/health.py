"""How it goes with each channel, in one reading: for `packproof channels`, the board and whoever must act."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, case, func, select

from server.channels import of_kind, platform_of
from server.db import channel_states, inbox, sites, tables
from server.usecases.connecting.keeping import live_since, throttle_of
from server.usecases.sharing.tempo import Tempo, tempo_of
from server.usecases.talking.looking import LOST_AFTER
from server.usecases.talking.telling import UNREACHABLE_AFTER

LATE_SECONDS = 60.0
"""What has waited for so long is late; the target for all is seconds (SYN-01)."""
EXPIRY_SECONDS = 7 * 86_400.0
"""A connection that ends is warned of so long before (FLT-07)."""
_ORDERS_SEEN = 20_000
"""Newest orders that are searched for a channel's last one."""

_o, _out = tables.order, tables.outbox


class State(StrEnum):
    """The worst that can be said of a channel, the worst first."""

    NOT_LIVE = "not live"
    PAUSED = "paused"
    DENIED = "denied"
    FAILING = "failing"
    PARKED = "parked"
    LATE = "late"
    HEALTHY = "healthy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """One channel. Times are seconds since the epoch, ``lag`` is seconds; ``out`` and ``back`` count rows that wait."""

    channel: str
    name: str
    kind: str
    state: State
    order_at: float | None
    """When the last order was taken in."""
    push_at: float | None
    """When the channel last took something that it was told."""
    lag: float
    """For how long the oldest thing waits that should have gone, or been taken in, by now."""
    out: int
    back: int
    failures: int
    """Tries in vain in a row, of telling or of looking, whichever are more."""
    parked: int
    retry_at: float | None
    """When what failed is tried again."""
    trouble: str
    advice: str
    """What to do, one sentence."""


@dataclass(frozen=True, slots=True)
class _Out:
    """Of the outbox of one channel."""

    waiting: int = 0
    parked: int = 0
    oldest: float | None = None
    oldest_due: float | None = None
    retry_at: float | None = None


class _Facts(NamedTuple):
    """What was read of one channel; ``behind`` is (rows, since) of the inbox by state."""

    row: Row[Any]
    state: Row[Any] | None
    ahead: _Out
    behind: Mapping[str, tuple[int, float]]
    seen: float | None


def health(connection: Connection, now: float, *, last_orders: bool = True) -> list[Health]:
    """Every channel, in the order of their ids; ``last_orders``: also when those that call us last did."""
    states, ahead, behind = channel_states.every(connection), _outbox(connection, now), _inbox(connection)
    rows = sites.channels(connection, active_only=False)
    silent = [row.id for row in rows if states.get(row.id) is None or not _ordered(states, row)]
    seen = _last_orders(connection, silent if last_orders else [])
    facts = [
        _Facts(row, states.get(row.id), ahead.get(row.id, _Out()), behind.get(row.id, {}), seen.get(row.id))
        for row in rows
    ]
    return [_one(each, now) for each in facts]


def _ordered(states: Mapping[int, Row[Any]], row: Row[Any]) -> bool:
    return states[row.id].order_at is not None


def _one(facts: _Facts, now: float) -> Health:
    row, state, ahead, behind, _ = facts
    waiting, since = behind.get("waiting", (0, now))
    # What a batch keeps back is not late.
    oldest = ahead.oldest if tempo_of(row.policy) == Tempo() else ahead.oldest_due
    lag = now - min(oldest if oldest is not None else now, since)
    looks = state.look_failures if state is not None else 0
    parked = ahead.parked + behind.get("parked", (0, 0.0))[0]
    found = _state(row, state, max(0.0, lag), parked, now)
    retries = [ahead.retry_at] if ahead.retry_at else []
    retries += [state.next_look] if state is not None and looks else []
    return Health(
        channel=row.code,
        name=row.name,
        kind=row.kind,
        state=found,
        order_at=state.order_at if state is not None and state.order_at else facts.seen,
        push_at=state.told_at if state is not None else None,
        lag=max(0.0, lag),
        out=ahead.waiting,
        back=waiting,
        failures=max(row.failures, looks),
        parked=parked,
        retry_at=min(retries, default=None),
        trouble=state.trouble if state is not None else "",
        advice=_advice(row, state, found, now),
    )


def _state(row: Row[Any], state: Row[Any] | None, lag: float, parked: int, now: float) -> State:
    if not row.active:
        return State.PAUSED if live_since(row) is not None else State.NOT_LIVE
    if state is not None and state.denied_at is not None:
        return State.DENIED
    if row.failures >= UNREACHABLE_AFTER or (state is not None and state.look_failures >= LOST_AFTER):
        return State.FAILING
    if parked:
        return State.PARKED
    return State.LATE if lag > LATE_SECONDS or _unheld(row, state, now) else State.HEALTHY


def _unheld(row: Row[Any], state: Row[Any] | None, now: float) -> bool:
    """Whether no worker holds the line of this platform: nothing moves then, however little waits."""
    return platform_of(row.kind) is not None and (state is None or state.owned_until + LATE_SECONDS < now)


def _advice(row: Row[Any], state: Row[Any] | None, found: State, now: float) -> str:
    code = row.code
    match found:
        case State.NOT_LIVE:
            return f"finish `packproof channels checklist {code}`"
        case State.PAUSED:
            return f"`packproof channels resume {code}` takes it up again"
        case State.DENIED:
            return f"give it new credentials: `packproof channels add {row.kind} {code}`"
        case State.FAILING:
            return f"is {row.name} up? It is tried again by itself, nothing is lost"
        case State.PARKED:
            return f"see `packproof incidents`, put it right, then `packproof channels replay {code}`"
        case State.LATE if _unheld(row, state, now):
            return "no worker talks to it: start `packproof server`, or `packproof worker`"
        case State.LATE:
            return "wait: what waits goes out by itself, the most urgent first"
    ends = state.expires_at if state is not None else None
    if ends is not None and ends < now + EXPIRY_SECONDS:
        days = max(0, int((ends - now) // 86_400))
        return f"its connection ends in {days} days: connect it again with `packproof channels add {row.kind} {code}`"
    throttled = throttle_of(row.policy)
    if throttled is not None:
        return f"it is shown {throttled} % of its numbers until `packproof channels throttle {code} off`"
    told = of_kind(row.kind).tells(row.settings)
    return "nothing to do" if told else "nothing to do; it has no address to be told of stock and shipments"


def _outbox(connection: Connection, now: float) -> dict[int, _Out]:
    t = _out.c
    due = (t.next_at <= now) | (t.attempts > 0)
    waits = t.state == "waiting"
    query = select(
        t.channel_id,
        func.count().filter(waits),
        func.count().filter(t.state == "parked"),
        func.min(case((waits, t.created_at))),
        func.min(case((waits & due, t.created_at))),
        func.min(case((waits & (t.attempts > 0), t.next_at))),
    ).where(t.state.in_(("waiting", "parked")))
    rows = connection.execute(query.group_by(t.channel_id))
    return {channel: _Out(*found) for channel, *found in rows}


def _inbox(connection: Connection) -> dict[int, dict[str, tuple[int, float]]]:
    found: dict[int, dict[str, tuple[int, float]]] = {}
    for row in inbox.counts(connection):
        found.setdefault(row.channel_id, {})[row.state] = (row.rows, row.since)
    return found


def _last_orders(connection: Connection, channels: list[int]) -> dict[int, float]:
    """When the last order came of each channel that calls us; only the newest orders are looked through."""
    if not channels:
        return {}
    newest = select(func.coalesce(func.max(_o.c.id), 0)).scalar_subquery()
    query = select(_o.c.channel_id, func.max(_o.c.received_at).label("at")).where(
        _o.c.id > newest - _ORDERS_SEEN, _o.c.channel_id.in_(channels)
    )
    rows = connection.execute(query.group_by(_o.c.channel_id))
    return {row.channel_id: float(row.at) for row in rows}
