"""Opening a load at a dock: a lane or the load's own code rejoins it; a new one only when somebody says so."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select

from server import wire
from server.db import load_marks, loads, tables
from server.db import people as rows
from server.db.again import again
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.usecases.loading.answers import answer
from server.usecases.loading.known import other_load
from server.usecases.loading.pickup import pickups
from server.usecases.loading.picture import checked, day_ends
from server.usecases.shipping.accounts import account, accounts
from server.usecases.staff.people import LOADS, at_bench, named


def open_load(db: Database, actor: Actor, bench_id: int, request: wire.LoadRequest) -> wire.LoadAnswer:
    """Open or rejoin a load as the request says.

    Raise DomainError("unknown_carrier" | "not_signed_in" | "not_found" | "load_closed" | "which_load" |
    "need_confirm"). One that a dock began with no network (``client_id``) is a load of its own, also where another of
    its lane was opened meanwhile; one that it joined so is that load, or a load of its own where that one is not
    there: what is on a vehicle goes on that vehicle's manifest.
    """
    # Of what has begun already nobody is asked whether they may: each of its scans is judged by itself.
    alone, person = bool(request.client_id), request.person_id
    who = named(db, actor, person) if alone else at_bench(db, actor, person, LOADS)

    def once() -> wire.LoadAnswer:
        with transaction(db, who, "open_load") as tx:
            bench = rows.bench(tx.connection, bench_id)
            loads.lock_lanes(tx, bench.site_id)
            row, fresh = _wanted(tx, bench, request)
            row = _take_up(tx, row, bench, request)
            detail = {"carrier": row.carrier, "site": bench.site_code, "trailer": row.trailer}
            action = "load.opened" if fresh else "load.joined"
            tx.note(action, detail, load=row.id, bench=bench_id, person=request.person_id)
            return answer(tx.connection, row, tx.now)

    return again(once)


def read_dock(db: Database, bench_id: int) -> wire.DockAnswer:
    """What there is at the dock of this bench's site before a load is chosen."""
    with db.read() as connection:
        site = rows.bench(connection, bench_id)
        found = loads.of_site(connection, site.site_id)
        counts = loads.counts(connection, [each.id for each in found])
        names = {code: each.name for code, each in accounts(connection).items()}
        benches = {b.id: b.name for b in connection.execute(select(tables.bench.c.id, tables.bench.c.name))}
        due = loads.due(connection, site.site_id)
        return wire.DockAnswer(
            loads=tuple(other_load(each, names, benches, counts.get(each.id, 0)) for each in found),
            due=tuple(
                wire.DueLine(ship_by=d.ship_by, channel=d.channel, carrier=d.carrier, parcels=int(d.parcels))
                for d in due
            ),
            day_ends=day_ends(site.site_time_zone, db.now()),
            no_dock_scan=load_marks.no_dock_scan(connection, site.site_id),
            pickups=pickups(connection, site.site_id, db.now()),
        )


def _wanted(tx: Transaction, bench: Row[Any], request: wire.LoadRequest) -> tuple[Row[Any], bool]:
    """The load, and whether it is new."""
    if request.client_id:
        return _begun_alone(tx, bench, request)
    if request.load_id:
        row = checked(tx.connection, loads.lock(tx, request.load_id), bench.id)
        if row.closed_at is not None:
            what = f"load {row.id} is closed: what is late goes on another"
            raise DomainError(Reason.LOAD_CLOSED, what, says="load_over", load=row.id)
        return row, False
    carrier = account(tx.connection, request.carrier)
    there = () if request.another else loads.of_site(tx.connection, bench.site_id, carrier.code)
    if len(there) == 1 and not there[0].follows:
        only = loads.lock(tx, there[0].id)
        # Another dock may have closed it while we waited for its lock: then it is no longer this lane's load.
        return (only, False) if only is not None and only.closed_at is None else _wanted(tx, bench, request)
    if there:
        raise _which(there, carrier.name)
    if not request.yes:
        raise DomainError(Reason.NEED_CONFIRM, f"no load of {carrier.name} is open: say YES for a new one")
    return _new(tx, bench, request), True


def _begun_alone(tx: Transaction, bench: Row[Any], request: wire.LoadRequest) -> tuple[Row[Any], bool]:
    """The load that a dock joined with no network, where it is at this site; else its own, once.

    Both also where another dock has closed it: what was scanned meanwhile goes on one that follows it.
    """
    own = loads.by_client_key(tx.connection, request.client_id)
    code = own.id if own is not None else request.load_id
    row = loads.lock(tx, code) if code else None
    if row is not None and row.site_id == bench.site_id:
        return row, False
    account(tx.connection, request.carrier)
    return _new(tx, bench, request), True


def _new(tx: Transaction, bench: Row[Any], request: wire.LoadRequest) -> Row[Any]:
    columns = {"trailer": request.trailer.strip(), "driver": request.driver.strip(), "bench_id": bench.id}
    key = request.client_id or None
    began = min(request.begun_at or tx.now, tx.now)
    return loads.create(tx, site_id=bench.site_id, carrier=request.carrier, opened_at=began, client_key=key, **columns)


def _take_up(tx: Transaction, row: Row[Any], bench: Row[Any], request: wire.LoadRequest) -> Row[Any]:
    """It is loaded here from now on; what the person says of trailer and driver is newer than the plan."""
    if row.closed_at is not None:
        return row
    said = {"trailer": request.trailer.strip(), "driver": request.driver.strip()}
    newer = {key: value for key, value in said.items() if value}
    began = row.opened_at or min(request.begun_at or tx.now, tx.now)
    return loads.change(tx, row.id, bench_id=bench.id, opened_at=began, **newer)


def _which(there: Sequence[Row[Any]], name: str) -> DomainError:
    listed = ", ".join(f"{row.id}{f' ({row.trailer})' if row.trailer else ''}" for row in there)
    return DomainError(
        Reason.WHICH_LOAD, f"{name} has {len(there)} loads: {listed}; scan the code of one", loads=listed
    )
