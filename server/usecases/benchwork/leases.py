"""What a bench may pack with no server in sight (SYN-12): its next orders, whole, for four days.

A lease keeps an order from being opened twice while nobody can ask. It holds nothing back while the benches can be
asked: see ``assigned``. Where the carrier allows, a label comes with it: see ``allotting``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from server import wire
from server.db import leases as rows
from server.db import orders, waves
from server.db import people as people_rows
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.errors import DomainError
from server.domain.packing.order import Mode, PackOrder
from server.typed import learnt
from server.usecases.benchwork import allotting, allotting_ways
from server.usecases.benchwork.opening import pack_order

USUAL_ORDERS = 20
LEASE_SECONDS = 96 * 3600.0
"""Three days without a network and a night."""
_RENEW_BEFORE = LEASE_SECONDS - 3600.0
_AT_ONCE = 100
"""Orders in one answer."""


def renew(db: Database, actor: Actor, bench_id: int, request: wire.LeaseRequest) -> wire.LeaseAnswer:
    """The lease of a bench, filled up with the next orders nobody holds. Asked every few seconds: mostly only reads."""
    with db.read() as connection:
        bench = people_rows.bench(connection, bench_id)
        mine = rows.of_bench(connection, bench)
        spare = rows.free_orders(connection, bench, max(0, _size(bench) - len(mine)), db.now())
        won = allotting_ways.decided(connection, [row.order_id for row in mine if row.parcel_id is None], db.now())
    before = {(row.order_id, row.now_version) for row in mine}
    if spare or won or any(_is_old(row, db.now()) for row in mine) or len(mine) > _size(bench):
        mine = again(lambda: _filled(db, actor, bench_id, won))
        bare = [row for row in mine if row.parcel_id is None]
        fresh = [row for row in bare if row.order_id in won or (row.order_id, row.now_version) not in before]
        allotting_ways.begin(db, actor, [(row.order_id, given(row)) for row in fresh])
    unnumbered = any(row.parcel_id and row.tracking is None for row in mine)
    if unnumbered:
        allotting.ask_for_numbers(db, actor, bench_id, _AT_ONCE)
    with db.read() as connection:
        if unnumbered:
            mine = rows.of_bench(connection, bench)
        return _answer(connection, mine, request.held, db.now())


def set_size(db: Database, actor: Actor, bench_name: str, size: int) -> int:
    """From now on this bench holds so many orders (a day's worth, say); how many it holds at this moment.

    Raise DomainError("not_found" | "invalid").
    """
    if not 0 <= size <= wire.LEASE_MAX:
        raise DomainError("invalid", f"expected 0 to {wire.LEASE_MAX} orders, found {size}")
    with transaction(db, actor, "set_lease") as tx:
        bench = people_rows.bench_named(tx.connection, bench_name)
        people_rows.change_bench(tx, bench.id, lease_size=size)
        tx.note("bench.lease", {"orders": size}, bench=bench.id)
    again(lambda: _filled(db, actor, bench.id))
    return held(db, bench.name)[0]


def held(db: Database, bench_name: str) -> tuple[int, int]:
    """How many orders a bench holds, and how many it should; raise DomainError("not_found")."""
    with db.read() as connection:
        bench = people_rows.bench_named(connection, bench_name)
        return rows.count(connection, bench.id, db.now()), _size(bench)


def given(lease: Row[Any]) -> PackOrder:
    """The order as the bench got it."""
    return msgspec.convert(lease.given, learnt(PackOrder))


def _filled(db: Database, actor: Actor, bench_id: int, won: Sequence[int] = ()) -> Sequence[Row[Any]]:
    with transaction(db, actor, "renew_lease") as tx:
        bench = people_rows.bench(tx.connection, bench_id)
        rows.drop_old(tx)
        rows.keep_most_urgent(tx, bench, _size(bench))
        mine = rows.of_bench(tx.connection, bench)
        until = tx.now + LEASE_SECONDS
        rows.extend(tx, bench_id, [row.order_id for row in mine], until)
        changed = [row.order_id for row in mine if row.version != row.now_version]
        fresh = rows.free_orders(tx.connection, bench, _size(bench) - len(mine), tx.now)
        for_label = [row.order_id for row in mine if row.order_id in won]
        _give(tx, bench, dict.fromkeys((*changed, *fresh, *for_label)), until)
        return rows.of_bench(tx.connection, bench)


def _give(tx: Transaction, bench: Row[Any], order_ids: Iterable[int], until: float) -> None:
    for order_id in order_ids:
        order = orders.find(tx.connection, order_id)
        if order is None:
            continue
        what = pack_order(tx.connection, order, bench.site_time_zone, tx.now, Mode(bench.mode))
        chosen = allotting_ways.taken(tx, order, what)
        if chosen is not None:
            order, what = chosen, replace(what, carrier=chosen.carrier, service=chosen.service)
        kept = {"version": order.version, "until": until, "given": msgspec.to_builtins(what)}
        if rows.put(tx, order_id, bench_id=bench.id, **kept):
            allotting.intend(tx, order, bench, what, may_have_one=chosen is not None)


def _answer(
    connection: Connection, mine: Sequence[Row[Any]], held: Iterable[wire.HeldOrder], now: float
) -> wire.LeaseAnswer:
    has = {(h.order_id, h.version): h.tracking for h in held}
    missing = [row for row in mine if (row.order_id, row.version) not in has]
    bare = [row for row in mine if row.tracking and has.get((row.order_id, row.version)) != row.tracking]
    labels = allotting.labels_of(connection, ((row, given(row)) for row in bare[:_AT_ONCE]), now)
    return wire.LeaseAnswer(
        until=min((row.until for row in mine), default=now),
        order_ids=tuple(row.order_id for row in mine),
        orders=tuple(given(row) for row in missing[:_AT_ONCE]),
        totes=waves.totes_of(connection, [row.order_id for row in mine]),
        labels=tuple(labels),
    )


def _is_old(row: Row[Any], now: float) -> bool:
    return bool(row.version != row.now_version or row.until - now < _RENEW_BEFORE)


def _size(bench: Row[Any]) -> int:
    return USUAL_ORDERS if bench.lease_size is None else int(bench.lease_size)
