"""A bench is dead, or stays away too long: what it holds is for the others again, by one action of a supervisor."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from server.db import leases, pack_log, tables
from server.db import people as people_rows
from server.db.transaction import Actor, Database, transaction
from server.domain.errors import DomainError
from server.usecases.benchwork.opening import release_order


@dataclass(frozen=True, slots=True)
class Freed:
    """``assigned``: orders it only held. ``boxes``: numbers of those it had begun; they wait with nothing verified."""

    assigned: int
    boxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What a bench has: orders it only holds, the first ``since``, and the numbers of those it has begun.

    ``seen_at``: when it was heard of last; None for one that never was. Times in seconds since the epoch.
    """

    name: str
    assigned: int
    since: float | None
    boxes: tuple[str, ...]
    seen_at: float | None


def held(db: Database, bench_id: int) -> Held:
    """Raise DomainError("not_found")."""
    with db.read() as connection:
        bench = people_rows.bench(connection, bench_id)
        orders, since = leases.held(connection, db.now()).get(bench_id, (0, None))
        boxes = tuple(number for _, number in _begun(connection, bench_id))
        state = tables.bench_state
        seen = connection.execute(select(state.c.seen_at).where(state.c.bench_id == bench_id)).scalar()
    return Held(bench.name, orders, since, boxes, seen)


def free_bench(db: Database, actor: Actor, bench_name: str) -> Freed:
    """Free every order of a bench. What it packed all the same is pulled when it is heard of again.

    Raise DomainError("not_found").
    """
    with transaction(db, actor, "free_bench") as tx:
        bench = people_rows.bench_named(tx.connection, bench_name)
        assigned = leases.drop_bench(tx, bench.id)
        begun = _begun(tx.connection, bench.id)
        tx.note("bench.freed", {"assigned": assigned, "begun": len(begun)}, bench=bench.id)
    boxes = []
    for order_id, number in begun:
        try:
            release_order(db, actor, order_id)
        except DomainError:
            continue  # Cancelled or packed meanwhile: nothing to free.
        boxes.append(number)
    return Freed(assigned, tuple(boxes))


def _begun(connection: Connection, bench_id: int) -> list[tuple[int, str]]:
    s, o = tables.pack_session, tables.order
    query = select(o.c.id, o.c.number).join(s, s.c.order_id == o.c.id)
    live = (s.c.bench_id == bench_id) & s.c.state.not_in(pack_log.OVER)
    return [(row.id, row.number) for row in connection.execute(query.where(live).order_by(o.c.id).distinct())]
