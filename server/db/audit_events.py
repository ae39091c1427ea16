"""What happened, as one kind of row: moves, transitions, scans at benches and docks, messages to channels.

None of it holds a buyer's personal data. Moves and transitions have an event id and the batch that committed them.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, ScalarSelect, Select, and_, select

from server.db import tables
from server.db.offering import first_event

_a, _s, _l, _e, _b = tables.audit, tables.audit_subject, tables.ledger, tables.pack_event, tables.batch
_o, _site, _channel, _person, _bench = tables.order, tables.site, tables.channel, tables.person, tables.bench
_PAGE = 500


class Span(NamedTuple):
    """From a moment up to, not including, another; seconds since the epoch."""

    since: float
    until: float


class Happening(NamedTuple):
    """One thing that happened; ``at`` in seconds since the epoch, ``place`` its order among those of one moment."""

    at: float
    what: str
    who: str
    bench: str = ""
    site: str = ""
    channel: str = ""
    order: str = ""
    sku: str = ""
    lot: str = ""
    parcel: str = ""
    units: Mapping[str, int] = {}
    """Changes of the counters on_hand, reserved, held and in_transit that are not zero."""
    reason: str = ""
    detail: Mapping[str, Any] = {}
    event: int | None = None
    batch: int | None = None
    place: float = 0.0


def moves(connection: Connection, which: Any, limit: int | None) -> Iterator[Happening]:
    """Ledger rows, the newest first when there is a limit, else in their order."""
    query: Select[Any] = (
        select(
            _l,
            _site.c.code.label("site"),
            _o.c.number.label("order_number"),
            _channel.c.code.label("channel"),
            _batch_of(_l.c.id).label("batch"),
        )
        .outerjoin(_site, _site.c.id == _l.c.site_id)
        .outerjoin(_o, _o.c.id == _l.c.order_id)
        .outerjoin(_channel, _channel.c.id == _l.c.channel_id)
        .where(which)
    )
    return (_move(row) for row in _ordered(connection, query, _l.c.id, limit))


def transitions(connection: Connection, subject: tuple[str, str], limit: int) -> Iterator[Happening]:
    """Audit rows about a subject, the newest first."""
    kind, ref = subject
    query: Select[Any] = select(_a, _batch_of(_a.c.id).label("batch")).join(_s, _s.c.audit_id == _a.c.id)
    query = query.where(_s.c.kind == kind, _s.c.ref == ref).order_by(_s.c.audit_id.desc()).limit(limit)
    return _told(connection, iter(connection.execute(query)))


def moves_of(connection: Connection, span: Span, which: Any = None) -> Iterator[Happening]:
    """Every ledger row of a span of time, or those of which a condition is true, in the order of the ids."""
    within = _in_span(connection, _l, span)
    return moves(connection, within if which is None else and_(within, which), None)


def transitions_of(connection: Connection, span: Span, subject: tuple[str, str] | None = None) -> Iterator[Happening]:
    """Every audit row of a span of time, or those about a subject, in the order of the ids."""
    query: Select[Any] = select(_a, _batch_of(_a.c.id).label("batch")).where(_in_span(connection, _a, span))
    if subject is not None:
        about = (_s.c.audit_id == _a.c.id) & (_s.c.kind == subject[0]) & (_s.c.ref == subject[1])
        query = query.join(_s, about)
    return _told(connection, _ordered(connection, query, _a.c.id, None))


def _in_span(connection: Connection, table: Any, span: Span) -> Any:
    first = first_event(connection, span.since)
    return and_(table.c.id >= first, table.c.at >= span.since, table.c.at < span.until)


def _told(connection: Connection, rows: Iterator[Row[Any]]) -> Iterator[Happening]:
    """Audit rows with all they are about; orders by their numbers."""
    while page := list(islice(rows, _PAGE)):
        about: dict[int, dict[str, list[str]]] = {}
        query = select(_s).where(_s.c.audit_id.in_([row.id for row in page]))
        for subject in connection.execute(query.order_by(_s.c.audit_id, _s.c.kind, _s.c.ref)):
            about.setdefault(subject.audit_id, {}).setdefault(subject.kind, []).append(subject.ref)
        ids = {int(ref) for each in about.values() for ref in each.get("order", ()) if ref.isdecimal()}
        numbers = {
            str(r.id): r.number for r in connection.execute(select(_o.c.id, _o.c.number).where(_o.c.id.in_(ids)))
        }
        for row in page:
            yield _transition(row, about.get(row.id, {}), numbers)


def scans(connection: Connection, which: Any, limit: int) -> Iterator[Happening]:
    """Scans and other facts of packing sessions; ``which`` is about ``pack_session``."""
    s = tables.pack_session
    query: Select[Any] = (
        select(_e, _bench.c.name.label("bench"), _person.c.name.label("person"), _o.c.number.label("order_number"))
        .join(s, s.c.id == _e.c.session_id)
        .join(_o, _o.c.id == s.c.order_id)
        .join(_bench, _bench.c.id == s.c.bench_id)
        .outerjoin(_person, _person.c.id == _e.c.person_id)
        .where(which)
        .order_by(s.c.opened_at, _e.c.session_id, _e.c.seq)
        .limit(limit)
    )
    for r in connection.execute(query):
        said = {"bench_said": r.bench_reason} if r.bench_reason != r.reason else {}
        count = {"units": r.units} if r.sku else {}
        detail = {"raw": r.raw, "verdict": r.reason, **count, **said}
        who, about = r.person or "", {"bench": r.bench, "order": r.order_number or "", "sku": r.sku or ""}
        yield Happening(r.at, f"bench.{r.kind}", who, detail=detail, place=r.seq, **about)


def dock_scans(connection: Connection, parcel_ids: Sequence[str], limit: int) -> Iterator[Happening]:
    """Scans of these parcels at the dock."""
    t = tables.dock_event
    query: Select[Any] = (
        select(t, _bench.c.name.label("bench"), _person.c.name.label("person"))
        .join(_bench, _bench.c.id == t.c.bench_id)
        .outerjoin(_person, _person.c.id == t.c.person_id)
        .where(t.c.parcel_id.in_(list(parcel_ids)))
        .order_by(t.c.at, t.c.seq)
        .limit(limit)
    )
    for r in connection.execute(query):
        detail = {"raw": r.raw, "verdict": r.reason, "load": r.load_id}
        yield Happening(r.at, "dock.scan", r.person or "", r.bench, parcel=r.parcel_id, detail=detail, place=r.seq)


def deliveries(connection: Connection, which: Any, limit: int | None) -> Iterator[Happening]:
    """What channels were told and what they answered, as ``moves``; ``which`` is about ``delivery``."""
    t = tables.delivery
    query: Select[Any] = (
        select(t, _channel.c.code.label("channel")).join(_channel, _channel.c.id == t.c.channel_id).where(which)
    )
    for r in _ordered(connection, query, t.c.id, limit):
        detail = {"before": r.before, "after": r.after, "taken": bool(r.ok), "by": r.destination, "answer": r.answer}
        about: dict[str, Any] = {_KEYED_BY[r.kind]: r.key.partition("/")[0] if r.kind == "cancel" else r.key}
        detail |= {"caused_by": r.caused_by} if r.caused_by is not None else {}
        yield Happening(
            r.at, f"channel.{r.kind}", "worker", channel=r.channel, detail=detail, place=float("inf"), **about
        )


_KEYED_BY = {"stock": "sku", "shipment": "parcel", "cancel": "order", "split": "order"}


def told_about(kind: str, keys: Sequence[str]) -> Any:
    """Deliveries about these SKUs or parcels."""
    t = tables.delivery
    return and_(t.c.kind == kind, t.c.key.in_(list(keys)))


def told_because(causes: Sequence[int]) -> Any:
    """Deliveries that these events caused, of every kind: naming the kind makes SQLite read all of that kind."""
    return tables.delivery.c.caused_by.in_(list(causes))


def _batch_of(event_id: Any) -> ScalarSelect[Any]:
    """The commit an event belongs to: the batch that begins nearest before it."""
    newest = select(_b.c.seq).where(_b.c.first_id <= event_id).order_by(_b.c.first_id.desc()).limit(1)
    return newest.scalar_subquery()


def _ordered(connection: Connection, query: Select[Any], key: Any, limit: int | None) -> Iterator[Row[Any]]:
    if limit is not None:
        return iter(connection.execute(query.order_by(key.desc()).limit(limit)))
    streamed = {"stream_results": True, "yield_per": 2000}
    return iter(connection.execute(query.order_by(key), execution_options=streamed))


def _move(r: Row[Any]) -> Happening:
    changes = {"on_hand": r.d_on_hand, "reserved": r.d_reserved, "held": r.d_held, "in_transit": r.d_transit}
    return Happening(
        r.at,
        f"stock.{r.kind}",
        r.actor,
        site=r.site or "",
        channel=r.channel or "",
        order=r.order_number or "",
        sku=r.sku,
        lot=r.lot,
        units={name: n for name, n in changes.items() if n},
        reason=r.reason,
        detail={"hold": r.hold_id} if r.hold_id is not None else {},
        event=r.id,
        batch=r.batch,
        place=r.id,
    )


def _transition(r: Row[Any], subjects: Mapping[str, Sequence[str]], numbers: Mapping[str, str]) -> Happening:
    about: dict[str, Any] = {kind: " ".join(subjects.get(kind, ())) for kind in ("sku", "parcel", "channel")}
    others = {kind: list(refs) for kind, refs in subjects.items() if kind not in {*about, "order"}}
    detail = r.detail | ({"about": others} if others else {})
    return Happening(
        r.at,
        r.action,
        r.actor,
        r.bench,
        order=" ".join(numbers.get(ref) or ref for ref in subjects.get("order", ())),
        detail=detail,
        event=r.id,
        batch=r.batch,
        place=r.id,
        **about,
    )
