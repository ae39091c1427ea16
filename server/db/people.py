"""Rows of people, benches and web sessions."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction
from server.domain.errors import DomainError
from server.domain.people import Role

_p, _w, _b, _s = tables.person, tables.web_session, tables.bench, tables.site


def person(connection: Connection, person_id: int) -> Row[Any] | None:
    """One person, active or not."""
    return connection.execute(select(_p).where(_p.c.id == person_id)).first()


def some(connection: Connection, person_ids: Iterable[int]) -> Sequence[Row[Any]]:
    """These people, by their number; whom nobody knows is missing."""
    return connection.execute(select(_p).where(_p.c.id.in_(sorted(person_ids))).order_by(_p.c.id)).all()


def by_login(connection: Connection, login: str) -> Row[Any] | None:
    """The person with this login, in any case."""
    return connection.execute(select(_p).where(_p.c.login == login.strip().lower())).first()


def by_badge(connection: Connection, badge_digest: str) -> Row[Any] | None:
    """The person with this badge."""
    return connection.execute(select(_p).where(_p.c.badge_digest == badge_digest)).first()


def people(connection: Connection) -> Sequence[Row[Any]]:
    """Everybody, by name."""
    return connection.execute(select(_p).order_by(_p.c.name, _p.c.id)).all()


def roles_of(row: Row[Any]) -> frozenset[Role]:
    """Roles of a person's row."""
    return frozenset(Role(word) for word in row.roles.split())


def insert_person(tx: Transaction, **columns: Any) -> int:
    """A new person's id."""
    return int(tx.connection.execute(insert(_p).values(**columns).returning(_p.c.id)).scalar_one())


def change_person(tx: Transaction, person_id: int, **columns: Any) -> None:
    """Write columns of a person; raise DomainError("not_found")."""
    if tx.connection.execute(update(_p).where(_p.c.id == person_id).values(**columns)).rowcount != 1:
        raise DomainError("not_found", f"there is no person {person_id}")


def insert_web_session(tx: Transaction, **columns: Any) -> None:
    """A new web session or wall screen."""
    tx.connection.execute(insert(_w).values(**columns))


def revoke_web_sessions(tx: Transaction, **match: Any) -> int:
    """Revoke the live ones with these columns; return how many."""
    query = update(_w).where(_w.c.revoked.is_(False), *(_w.c[name] == value for name, value in match.items()))
    return tx.connection.execute(query.values(revoked=True)).rowcount


def bench(connection: Connection, bench_id: int) -> Row[Any]:
    """One bench with its site: code, name, time zone and address as site_*; raise DomainError("not_found")."""
    return _found(connection.execute(_benches().where(_b.c.id == bench_id)).first(), str(bench_id))


def bench_named(connection: Connection, name: str) -> Row[Any]:
    """As ``bench``, by name."""
    return _found(connection.execute(_benches().where(_b.c.name == name.strip())).first(), name)


def benches(connection: Connection) -> Sequence[Row[Any]]:
    """All benches, by name."""
    return connection.execute(_benches().order_by(_b.c.name)).all()


def bench_joining(tx: Transaction, join_digest: str) -> Row[Any] | None:
    """The bench with this join secret, locked; used and expired ones too."""
    query = select(_b).where(_b.c.join_digest == join_digest).with_for_update()
    return tx.connection.execute(query).first()


def insert_bench(tx: Transaction, name: str, site_id: int) -> int:
    """A new bench's id."""
    return int(tx.connection.execute(insert(_b).values(name=name, site_id=site_id).returning(_b.c.id)).scalar_one())


def change_bench(tx: Transaction, bench_id: int, **columns: Any) -> None:
    """Write columns of a bench."""
    tx.connection.execute(update(_b).where(_b.c.id == bench_id).values(**columns))


def write_state(tx: Transaction, bench_id: int, **columns: Any) -> None:
    """Keep the newest heartbeat of a bench."""
    row = insert_into(tx.connection, tables.bench_state).values(bench_id=bench_id, **columns)
    tx.connection.execute(row.on_conflict_do_update(index_elements=["bench_id"], set_=columns))


def clock_offset(connection: Connection, bench_id: int) -> float:
    """The offset of the last heartbeat in seconds, 0 before the first."""
    t = tables.bench_state
    return float(connection.execute(select(t.c.clock_offset).where(t.c.bench_id == bench_id)).scalar() or 0.0)


def last_heard(connection: Connection, bench_id: int) -> float | None:
    """When the last heartbeat of a bench came; None before the first."""
    row = _state(connection, bench_id)
    return float(row.seen_at) if row is not None else None


def has_unsent(connection: Connection, bench_id: int) -> bool:
    """Whether a bench said last that it has scans which have not come in."""
    row = _state(connection, bench_id)
    return bool(row is not None and row.beat and row.beat.get("unsent"))


def _state(connection: Connection, bench_id: int) -> Row[Any] | None:
    t = tables.bench_state
    found: Row[Any] | None = connection.execute(select(t).where(t.c.bench_id == bench_id)).first()
    return found


def signed_in_since(connection: Connection, bench_id: int, person_id: int, at: float) -> str:
    """The name of another bench at which this person signed in later than that; empty when there is none."""
    t = tables.bench_state
    later = (t.c.person_id == person_id) & (t.c.signed_in_at > at) & (t.c.bench_id != bench_id) & ~_b.c.revoked
    query = select(_b.c.name).join(t, t.c.bench_id == _b.c.id).where(later).order_by(t.c.signed_in_at.desc())
    return connection.execute(query.limit(1)).scalar() or ""


def last_beat(connection: Connection, bench_id: int) -> dict[str, Any]:
    """What this bench said last; nothing before its first heartbeat."""
    t = tables.bench_state
    return connection.execute(select(t.c.beat).where(t.c.bench_id == bench_id)).scalar() or {}


def _benches() -> Any:
    named = [_s.c[name].label(f"site_{name}") for name in ("code", "name", "time_zone", "address")]
    return select(_b, *named).join(_s, _s.c.id == _b.c.site_id)


def _found(row: Row[Any] | None, wanted: str) -> Row[Any]:
    if row is None:
        raise DomainError("not_found", f"there is no bench {wanted!r}")
    return row
