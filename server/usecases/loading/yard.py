"""What a dock keeps so that it can begin a load with no network: every parcel of its site, and its loads."""

import hashlib
from dataclasses import replace

from sqlalchemy import Connection

from server import wire
from server.db import dock_rows, load_marks, loads
from server.db import people as rows
from server.db.transaction import Database
from server.domain.dock.values import Load, Pallet
from server.usecases.loading.answers import Same
from server.usecases.loading.known import dock_parcel, known_of, other_load
from server.usecases.loading.picture import CANCELLED_SECONDS, day_ends


def read_yard(db: Database, bench_id: int, seen: str) -> wire.YardAnswer | Same:
    """The dock of this bench's site as it is now, unless this is the version that was ``seen`` already."""
    with db.read() as connection:
        now = db.now()
        load = _yard(connection, bench_id, now)
    version = hashlib.blake2b(wire.encode(load), digest_size=12).hexdigest()
    return Same(now) if seen == version else wire.YardAnswer(load=load, as_of=now, version=version)


def _yard(connection: Connection, bench_id: int, now: float) -> Load:
    """A load of nobody, with all parcels that any load of this site may meet."""
    site = rows.bench(connection, bench_id)
    open_rows = loads.of_site(connection, site.site_id)
    ids = [row.id for row in open_rows]
    here = dock_rows.here(connection, site.site_id, now - CANCELLED_SECONDS)
    found = {p.id: p for p in (*dock_rows.on(connection, ids), *here)}.values()
    known = known_of(connection, site.site_id, found, ids)
    counts = loads.counts(connection, ids)
    others = (other_load(row, known.carriers, known.benches, counts.get(row.id, 0)) for row in open_rows)
    pallets = load_marks.pallets(connection, site.site_id, "")
    return replace(
        Load("", "", "", False, tuple(dock_parcel(p, known) for p in found)),
        others=tuple(others),
        pallets=tuple(Pallet(sscc, parcel_ids) for sscc, parcel_ids in pallets.items()),
        day_ends=day_ends(site.site_time_zone, now),
    )
