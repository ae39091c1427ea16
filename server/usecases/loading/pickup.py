"""A site that scans nothing at its dock: one scan says that a driver took everything of a lane."""

from typing import Any

from sqlalchemy import Connection, Row

from server import wire
from server.db import dock_rows, load_marks, loads, sites
from server.db import people as rows
from server.db.again import again
from server.db.transaction import Actor, Database, transaction
from server.domain.dock.figures import assumable
from server.domain.dock.values import LeftReason, Load, ParcelState
from server.domain.errors import DomainError
from server.usecases.benchwork.taking_over import SUPERVISES
from server.usecases.loading.answers import answer
from server.usecases.loading.closing import freeze
from server.usecases.loading.known import dock_parcel, known_of
from server.usecases.loading.picture import checked, load_picture
from server.usecases.shipping.accounts import account
from server.usecases.staff.people import LOADS, at_bench


def take_pickup(db: Database, actor: Actor, bench_id: int, request: wire.PickupRequest) -> wire.LoadAnswer:
    """Close a load with every parcel that is ready for this carrier, all of them assumed.

    Raise DomainError("not_ready") at a site that does scan, "changed" when other parcels are ready than the screen
    showed, "unknown_carrier" or "not_signed_in".
    """
    who = at_bench(db, actor, request.person_id, LOADS | SUPERVISES)
    return again(lambda: _pickup(db, who, bench_id, request))


def set_no_dock_scan(db: Database, actor: Actor, site_code: str, on: bool) -> None:
    """Say that nothing is scanned at the dock of this site, or not any more; raise DomainError("not_found")."""
    with transaction(db, actor, "set_no_dock_scan") as tx:
        site = sites.by_code(tx.connection, site_code)
        load_marks.set_no_dock_scan(tx, site.id, on)
        tx.note("site.no_dock_scan", {"on": on, "site": site.code})


def pickups(connection: Connection, site_id: int, now: float) -> dict[str, int]:
    """So many parcels a pickup takes, by carrier; nothing at a site that scans."""
    if not load_marks.no_dock_scan(connection, site_id):
        return {}
    here = [p for p in dock_rows.here(connection, site_id, now) if p.state == ParcelState.READY]
    known = known_of(connection, site_id, here, ())
    found = {}
    for carrier in {p.carrier for p in here} | {row.carrier for row in loads.of_site(connection, site_id)}:
        row = _under_way(connection, site_id, carrier)
        fresh = Load("", carrier, carrier, False, tuple(dock_parcel(p, known) for p in here if p.carrier == carrier))
        found[carrier] = _takes(load_picture(connection, row, now) if row is not None else fresh)
    return {carrier: count for carrier, count in found.items() if count}


def _under_way(connection: Connection, site_id: int, carrier: str) -> Row[Any] | None:
    """The open load that a pickup closes; one that is only planned waits for its own vehicle."""
    there = loads.of_site(connection, site_id, carrier)
    return next((row for row in there if row.opened_at is not None), None)


def _takes(load: Load) -> int:
    """Parcels that leave with a pickup on this load."""
    return len(load.loaded) + len(assumable(load))


def _pickup(db: Database, actor: Actor, bench_id: int, request: wire.PickupRequest) -> wire.LoadAnswer:
    with transaction(db, actor, "pickup") as tx:
        bench = rows.bench(tx.connection, bench_id)
        if not load_marks.no_dock_scan(tx.connection, bench.site_id):
            what = f"{bench.site_name} scans at its dock: open a load and scan its parcels"
            raise DomainError("not_ready", what, says="pickup_scans", site=bench.site_name)
        carrier = account(tx.connection, request.carrier)
        loads.lock_lanes(tx, bench.site_id)
        there = _under_way(tx.connection, bench.site_id, carrier.code)
        columns = {"site_id": bench.site_id, "carrier": carrier.code, "bench_id": bench_id, "opened_at": tx.now}
        row = loads.lock(tx, there.id) if there is not None else loads.create(tx, **columns)
        row = checked(tx.connection, row, bench_id)
        row = loads.change(tx, row.id, bench_id=bench_id)
        load = load_picture(tx.connection, row, tx.now)
        close = wire.CloseRequest(
            person_id=request.person_id,
            loaded=len(load.loaded),
            left_reason=LeftReason.OTHER,
            assume=True,
            assumed=max(0, request.count - len(load.loaded)),
            supervisor=request.person_id,
        )
        if (found := _takes(load)) != request.count:
            what = f"expected the {request.count} parcels on the screen, found {found} ready for {carrier.name}"
            raise DomainError("changed", what, says="load_counted", loaded=found, counted=request.count)
        freeze(tx, row, bench_id, close, trusted=True)
        tx.note("load.picked_up", {"parcels": request.count}, load=row.id, bench=bench_id)
        closed = checked(tx.connection, loads.find(tx.connection, row.id), bench_id)
        return answer(tx.connection, closed, tx.now)
