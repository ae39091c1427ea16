"""How long each channel went on with an old number: from an event to the accepted push (SYN-06, FLT-09).

A number that could not be told is replaced by newer ones while it waits; the window is counted from the first event
that the channel had not heard of. Pushes are counted by channel and hour in buckets that grow by a twentieth, so that
thirty days are one look at some thousand small rows; the newest pushes are read as they are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil, floor, log

from sqlalchemy import Connection, Row, func, select, update

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction

_h, _d, _v = tables.exposure_hour, tables.delivery, tables.setting
KEY = "exposure_delivery"
"""The setting with the id of the last delivery that was counted."""
HOUR, DAY = 3600.0, 86_400.0
RESTS = 120.0
"""Seconds after which no delivery is committed any more that began before: ids are not in the order of commits."""

_SHORTEST, _GROWTH = 0.001, 1.05


@dataclass(frozen=True, slots=True)
class Window:
    """Seconds, over so many pushes; percentiles are exact to a twentieth, ``longest`` is exact."""

    pushes: int = 0
    p50: float = 0.0
    p95: float = 0.0
    longest: float = 0.0


@dataclass(frozen=True, slots=True)
class Exposure:
    """One channel: the last 24 and 30 x 24 hours, in whole hours."""

    day: Window = Window()
    month: Window = Window()


@dataclass(slots=True)
class _Count:
    pushes: int = 0
    longest: float = 0.0
    buckets: dict[int, int] = field(default_factory=dict)

    def add(self, seconds: float) -> None:
        self.pushes += 1
        self.longest = max(self.longest, seconds)
        bucket = bucket_of(seconds)
        self.buckets[bucket] = self.buckets.get(bucket, 0) + 1

    def take(self, pushes: int, longest: float, buckets: Mapping[str, int]) -> None:
        self.pushes += pushes
        self.longest = max(self.longest, longest)
        for bucket, count in buckets.items():
            self.buckets[int(bucket)] = self.buckets.get(int(bucket), 0) + count

    def window(self) -> Window:
        return Window(self.pushes, self._at(0.50), self._at(0.95), self.longest)

    def _at(self, share: float) -> float:
        wanted, seen = ceil(share * self.pushes), 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= wanted:
                return min(self.longest, _SHORTEST * _GROWTH**bucket)
        return 0.0


def bucket_of(seconds: float) -> int:
    """The bucket whose upper end is the next one above."""
    return max(0, ceil(log(max(seconds, _SHORTEST) / _SHORTEST, _GROWTH)))


def exposure(connection: Connection, now: float) -> dict[int, Exposure]:
    """Each channel that was told anything, by id."""
    counts: dict[tuple[int, bool], _Count] = {}

    def of(channel_id: int, today: bool) -> _Count:
        return counts.setdefault((channel_id, today), _Count())

    first_day, first_month = _hour(now - DAY), _hour(now - 30 * DAY)
    for row in connection.execute(select(_h).where(_h.c.hour > first_month)):
        for today in (True, False) if row.hour > first_day else (False,):
            of(row.channel_id, today).take(row.pushes, row.longest, row.buckets)
    for row in _pushes(connection, counted(connection), None):
        for today in (True, False) if _hour(row.at) > first_day else (False,):
            if _hour(row.at) > first_month:
                of(row.channel_id, today).add(row.seconds)
    channels = sorted({channel_id for channel_id, _ in counts})
    return {each: Exposure(of(each, True).window(), of(each, False).window()) for each in channels}


def counted(connection: Connection) -> int:
    """The last delivery that is in the counts."""
    return int(connection.execute(select(_v.c.value).where(_v.c.key == KEY)).scalar() or 0)


def count_some(tx: Transaction, most: int) -> bool:
    """Count up to ``most`` more deliveries; True when there may be more. Whoever is second finds nothing to do."""
    made = insert_into(tx.connection, _v).values(key=KEY, value="0").on_conflict_do_nothing()
    tx.connection.execute(made)
    after = int(tx.connection.execute(select(_v.c.value).where(_v.c.key == KEY).with_for_update()).scalar_one())
    last = select(_d.c.id).where(_d.c.id > after, _d.c.at < tx.now - RESTS).order_by(_d.c.id).limit(most).subquery()
    until, found = tx.connection.execute(select(func.max(last.c.id), func.count())).one()
    if until is None:
        return False
    _add(tx, _pushes(tx.connection, after, until))
    tx.connection.execute(update(_v).where(_v.c.key == KEY).values(value=str(until)))
    return bool(found == most)


def _add(tx: Transaction, pushes: Iterable[Row[tuple[int, float, float]]]) -> None:
    counts: dict[tuple[int, int], _Count] = {}
    for row in pushes:
        counts.setdefault((row.channel_id, _hour(row.at)), _Count()).add(row.seconds)
    for (channel_id, hour), count in sorted(counts.items()):
        mine = (_h.c.channel_id == channel_id) & (_h.c.hour == hour)
        before = tx.connection.execute(select(_h).where(mine)).first()
        if before is not None:
            count.take(before.pushes, before.longest, before.buckets)
        buckets = {str(bucket): pushes for bucket, pushes in sorted(count.buckets.items())}
        values = {"pushes": count.pushes, "longest": count.longest, "buckets": buckets}
        made = insert_into(tx.connection, _h).values(channel_id=channel_id, hour=hour, **values)
        tx.connection.execute(made.on_conflict_do_update(index_elements=["channel_id", "hour"], set_=values))


def _pushes(connection: Connection, after: int, until: int | None) -> Iterable[Row[tuple[int, float, float]]]:
    """channel_id, at and seconds of the accepted pushes in (after, until]."""
    failed, earlier = _d.alias("failed"), _d.alias("earlier")
    same = (earlier.c.kind == "stock") & (earlier.c.key == _d.c.key) & (earlier.c.channel_id == _d.c.channel_id)
    heard = select(func.max(earlier.c.id)).where(same, earlier.c.ok, earlier.c.id < _d.c.id).correlate(_d)
    mine = (failed.c.kind == "stock") & (failed.c.key == _d.c.key) & (failed.c.channel_id == _d.c.channel_id)
    first = (
        select(func.min(failed.c.caused_by))
        .where(mine, failed.c.id < _d.c.id, failed.c.id > func.coalesce(heard.scalar_subquery(), 0))
        .correlate(_d)
    )
    event = func.coalesce(first.scalar_subquery(), _d.c.caused_by).label("event")
    query = select(_d.c.channel_id, _d.c.at, event).where(_d.c.kind == "stock", _d.c.ok, _d.c.id > after)
    query = query.where(_d.c.caused_by.is_not(None))
    pushed = (query if until is None else query.where(_d.c.id <= until)).subquery()
    ledger, audit = tables.ledger, tables.audit
    began = func.coalesce(ledger.c.at, audit.c.at)
    return connection.execute(
        select(pushed.c.channel_id, pushed.c.at, (pushed.c.at - began).label("seconds"))
        .outerjoin(ledger, ledger.c.id == pushed.c.event)
        .outerjoin(audit, audit.c.id == pushed.c.event)
        .where(began.is_not(None))
    )


def _hour(at: float) -> int:
    return floor(at / HOUR)


def shipments(connection: Connection, since: float) -> dict[int, tuple[int, int, int]]:
    """(confirmed, pending, failed) shipments of each channel since then, by channel id (SBK-07).

    Failed are those that were put aside for a person; what is tried again is pending.
    """
    t = tables.outbox
    query = select(t.c.channel_id, t.c.state, func.count()).where(t.c.kind != "stock", t.c.kind == "shipment")
    found: dict[int, list[int]] = {}
    kept = (t.c.created_at >= since) & (t.c.state != "withdrawn")
    for channel_id, state, count in connection.execute(query.where(kept).group_by(t.c.channel_id, t.c.state)):
        place = {"sent": 0, "waiting": 1}.get(state, 2)
        found.setdefault(channel_id, [0, 0, 0])[place] += int(count)
    return {channel_id: (each[0], each[1], each[2]) for channel_id, each in found.items()}
