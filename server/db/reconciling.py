"""Rows of what platforms show against what they were told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, func, select, update

from server.db import publishing, tables
from server.db.bulk import insert_rows
from server.db.dialect import insert_into
from server.db.transaction import Transaction

_d, _a, _y = tables.deviation, tables.listing_agreed, tables.reconcile_cycle
_l, _o, _s, _i = tables.listing, tables.outbox, tables.channel_state, tables.inbox
_ORDERS_MOST = 20
_MOVES_MOST = 200
SUSPECT, OPEN, FIXING, CLOSED = "suspect", "open", "fixing", "closed"
"""States of a deviation: seen once; judged, and somebody or something else ends it; told again; over."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the reading of one platform stands; times are seconds since the epoch.

    ``looked_at``: when all changed orders were known last. ``clear``: all that was heard of until then is in the book.
    ``active``: differences that must be looked at before the next cycle.
    """

    next_read: float = 0.0
    next_look: float = 0.0
    looked_at: float = 0.0
    look_failures: int = 0
    began_at: float = 0.0
    after_ref: str | None = None
    not_before: float = 0.0
    failures: int = 0
    active: int = 0
    news_at: float = 0.0
    clear: bool = True


def standing(connection: Connection, channel_id: int) -> Standing:
    """One question: it is asked at every turn."""
    active = select(func.count()).where(_d.c.channel_id == channel_id, _d.c.state.in_((SUSPECT, FIXING)))
    behind = (
        select(_i.c.id)
        .where(_i.c.channel_id == channel_id, _i.c.state == "waiting", _i.c.kind == "order")
        .where(_i.c.heard_at <= _s.c.looked_at)
        .limit(1)
    )
    query = (
        select(
            _s.c.next_read,
            _s.c.next_look,
            func.coalesce(_s.c.looked_at, 0.0),
            _s.c.look_failures,
            func.coalesce(_y.c.began_at, 0.0),
            _y.c.after_ref,
            func.coalesce(_y.c.not_before, 0.0),
            func.coalesce(_y.c.failures, 0),
            active.scalar_subquery(),
            func.coalesce(_y.c.news_at, 0.0),
            behind.scalar_subquery(),
        )
        .select_from(_s.outerjoin(_y, _y.c.channel_id == _s.c.channel_id))
        .where(_s.c.channel_id == channel_id)
    )
    row = connection.execute(query).first()
    return Standing(*row[:10], clear=row[10] is None) if row is not None else Standing()


def note_cycle(tx: Transaction, channel_id: int, **columns: Any) -> None:
    """Write some columns of the cycle, making the row where there is none."""
    row = insert_into(tx.connection, _y).values(channel_id=channel_id, **columns)
    tx.connection.execute(row.on_conflict_do_update(index_elements=["channel_id"], set_=columns))


def page(connection: Connection, channel_id: int, after_ref: str, most: int) -> Sequence[Row[Any]]:
    """The next listings of a cycle, in the order of their refs."""
    query = select(_l).where(_l.c.channel_id == channel_id, _l.c.ref > after_ref).order_by(_l.c.ref).limit(most)
    return connection.execute(query).all()


def by_refs(connection: Connection, channel_id: int, refs: Iterable[str]) -> Sequence[Row[Any]]:
    """These listings."""
    return connection.execute(select(_l).where(_l.c.channel_id == channel_id, _l.c.ref.in_(sorted(refs)))).all()


def news(connection: Connection, channel_id: int, since: float, most: int) -> list[str]:
    """Refs of listings of which the platform said since then that their number moved."""
    query = select(_i.c.ref).where(_i.c.channel_id == channel_id, _i.c.kind == "stock", _i.c.done_at >= since)
    return list(connection.execute(query.order_by(_i.c.done_at).limit(most)).scalars())


def shared(connection: Connection, channel_id: int, skus: Iterable[str]) -> Sequence[Row[Any]]:
    """Ref, SKU and live number of every listing of these products that is on sale."""
    query: Select[Any] = select(_l.c.ref, _l.c.sku, _l.c.live).where(
        _l.c.channel_id == channel_id, _l.c.gone.is_(False)
    )
    return connection.execute(query.where(_l.c.sku.in_(sorted(skus)))).all()


def told(connection: Connection, channel_id: int, skus: Iterable[str]) -> dict[str, Row[Any]]:
    """The outbox row of each of these products."""
    query = select(_o).where(_o.c.channel_id == channel_id, _o.c.kind == "stock", _o.c.key.in_(sorted(skus)))
    return {row.key: row for row in connection.execute(query)}


def last_before(connection: Connection, channel_id: int, skus: Iterable[str]) -> dict[str, str]:
    """The number before the last one that the channel took, as it was written down."""
    t = tables.delivery
    mine = (t.c.kind == "stock") & (t.c.channel_id == channel_id) & t.c.ok
    newest = select(func.max(t.c.id)).where(mine, t.c.key.in_(sorted(skus))).group_by(t.c.key)
    rows = connection.execute(select(t.c.key, t.c.before).where(t.c.id.in_(newest)))
    return {row.key: row.before for row in rows}


def unseen_by_fan_out(connection: Connection, skus: Sequence[str]) -> set[str]:
    """Of these products, those whose numbers must be worked out again."""
    t = tables.stale
    marked = set(connection.execute(select(t.c.sku).where(t.c.sku.in_(skus))).scalars())
    ledger, batch = tables.ledger, tables.batch
    moved = (
        select(ledger.c.sku)
        .distinct()
        .select_from(batch.join(ledger, ledger.c.id.between(batch.c.first_id, batch.c.last_id)))
        .where(batch.c.seq > publishing.standing(connection).seq, ledger.c.sku.in_(skus))
    )
    return marked | set(connection.execute(moved).scalars())


def waiting_orders(connection: Connection, channel_id: int, most: int) -> Sequence[Row[Any]]:
    """Orders that were heard of and are not in the book as they are: waiting, or put aside."""
    query: Select[Any] = select(_i.c.ref, _i.c.body, _i.c.state).where(
        _i.c.channel_id == channel_id, _i.c.kind == "order"
    )
    return connection.execute(query.where(_i.c.state != "done").order_by(_i.c.heard_at).limit(most)).all()


def orders_of(connection: Connection, channel_id: int, sku: str, since: float) -> list[str]:
    """The channel's ids of its newest orders that moved this product since then."""
    ledger, order = tables.ledger, tables.order
    moves = (
        select(ledger.c.order_id, ledger.c.at, ledger.c.channel_id)
        .where(ledger.c.sku == sku)
        .order_by(ledger.c.id.desc())
        .limit(_MOVES_MOST)
    )
    ids = {row.order_id for row in connection.execute(moves) if row.order_id is not None and row.at >= since}
    mine = select(order.c.channel_order_id).where(order.c.id.in_(sorted(ids)), order.c.channel_id == channel_id)
    return list(connection.execute(mine.distinct().order_by(order.c.channel_order_id).limit(_ORDERS_MOST)).scalars())


def agreed(connection: Connection, channel_id: int, refs: Iterable[str]) -> dict[str, Row[Any]]:
    """What each of these listings was seen to show last as it was told."""
    query = select(_a).where(_a.c.channel_id == channel_id, _a.c.ref.in_(sorted(refs)))
    return {row.ref: row for row in connection.execute(query)}


def put_agreed(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """These listings show what they were told."""
    insert_rows(tx.connection, _a, rows, _NEWEST)


_NEWEST = """
ON CONFLICT (channel_id, ref) DO UPDATE SET
  sku = excluded.sku, version = excluded.version, units = excluded.units, at = excluded.at
"""


def live_deviations(connection: Connection, channel_id: int, refs: Iterable[str] | None = None) -> dict[str, Row[Any]]:
    """Those that are not over, by the ref of the listing; of these listings, or those to look at before a cycle."""
    query = select(_d).where(_d.c.channel_id == channel_id, _d.c.state != CLOSED)
    some = _d.c.state.in_((SUSPECT, FIXING)) if refs is None else _d.c.ref.in_(sorted(refs))
    return {row.ref: row for row in connection.execute(query.where(some).order_by(_d.c.first_at))}


def suspect(tx: Transaction, channel_id: int, **columns: Any) -> None:
    """A listing shows another number, for the first time; nothing where somebody saw it already."""
    row = {"channel_id": channel_id, "state": SUSPECT, "first_at": tx.now, "seen_at": tx.now}
    key = f"{channel_id}:{columns['ref']}"
    made = insert_into(tx.connection, _d).values(**row, **columns, open_key=key)
    tx.connection.execute(made.on_conflict_do_nothing(index_elements=["open_key"]))


def change(tx: Transaction, deviation_id: int, **columns: Any) -> None:
    """Write some columns."""
    tx.connection.execute(update(_d).where(_d.c.id == deviation_id).values(**columns))


def forget(tx: Transaction, deviation_id: int) -> None:
    """It was none."""
    tx.connection.execute(delete(_d).where(_d.c.id == deviation_id))


def left(connection: Connection, channel_id: int, cause: str) -> bool:
    """Whether a difference of this cause is not over."""
    mine = (_d.c.channel_id == channel_id) & (_d.c.state != CLOSED) & (_d.c.cause == cause)
    return connection.execute(select(_d.c.id).where(mine).limit(1)).first() is not None


def raised(connection: Connection, prefix: str) -> int:
    """Open incidents whose key begins so."""
    t = tables.incident
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)
    query = select(func.count()).where(and_(t.c.once_key >= prefix, t.c.once_key < after))
    return int(connection.execute(query).scalar_one())


def of_day(connection: Connection, begin: float, end: float) -> Sequence[Row[Any]]:
    """Judged deviations that were there at some moment of [begin, end), with the channel's code."""
    c = tables.channel
    there = (_d.c.first_at < end) & (_d.c.cause != "") & (_d.c.closed_at.is_(None) | (_d.c.closed_at >= begin))
    query = select(_d, c.c.code.label("channel")).join(c, c.c.id == _d.c.channel_id).where(there)
    return connection.execute(query.order_by(c.c.code, _d.c.channel_sku, _d.c.first_at)).all()


def paused(connection: Connection) -> Sequence[Row[Any]]:
    """Mapped listings of paused channels with the number that they showed last and the one they were told last."""
    c = tables.channel
    same = (_o.c.channel_id == _l.c.channel_id) & (_o.c.kind == "stock") & (_o.c.key == _l.c.sku)
    query: Select[Any] = (
        select(c.c.code.label("channel"), _l.c.channel_sku, _l.c.sku, _l.c.live, _o.c.payload)
        .select_from(_l.join(c, c.c.id == _l.c.channel_id).outerjoin(_o, same))
        .where(c.c.active.is_(False), _l.c.sku.is_not(None), _l.c.gone.is_(False), _l.c.live.is_not(None))
    )
    return connection.execute(query.order_by(c.c.code, _l.c.sku, _l.c.ref)).all()


def put_report(tx: Transaction, day: str, content: Mapping[str, Any]) -> None:
    """Keep one day's report; a report that is made again replaces it."""
    t = tables.exception_report
    row = insert_into(tx.connection, t).values(day=day, at=tx.now, content=dict(content))
    newer = {"at": tx.now, "content": dict(content)}
    tx.connection.execute(row.on_conflict_do_update(index_elements=["day"], set_=newer))


def report(connection: Connection, day: str) -> Row[Any] | None:
    """The report of this day (ISO); None when there is none."""
    t = tables.exception_report
    return connection.execute(select(t).where(t.c.day == day)).first()


def first_report(connection: Connection) -> str:
    """The first day that has one; far in the future when none has."""
    t = tables.exception_report
    return str(connection.execute(select(func.min(t.c.day))).scalar() or "9999-12-31")
