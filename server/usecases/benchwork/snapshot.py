"""What a bench keeps to work with no server in sight, and what waits for it."""

from typing import Any

from sqlalchemy import Connection, Row, func, select

from server import wire
from server.db import leases, orders, tables, waves
from server.db import people as rows
from server.db.transaction import Database
from server.domain.packing.order import Mode
from server.domain.sales.orders import OrderStatus
from server.usecases.benchwork.opening import local_time
from server.usecases.masterdata.catalogue import read_catalog
from server.usecases.shipping.accounts import accounts

QUEUE_SHOWN = 50
GOODS_SHOWN = 3
"""Lines of each order."""
_o, _l, _c = tables.order, tables.order_line, tables.channel


def take_snapshot(db: Database, bench_id: int) -> wire.Snapshot:
    """Catalogue, people with a badge, boxes and lanes for this bench."""
    with db.read() as connection:
        bench = rows.bench(connection, bench_id)
        # The version is read with the catalogue and before the people: at worst the bench asks once more.
        catalog = read_catalog(connection)
        people = tuple(
            _card(row) for row in rows.people(connection) if row.active and (row.badge_digest or row.day_badge_digest)
        )
        return wire.Snapshot(
            version=catalog.version,
            bench=bench.name,
            site=bench.site_code,
            time_zone=bench.site_time_zone,
            products=tuple(catalog.products.values()),
            codes=tuple(code for codes in catalog.codes.values() for code in codes),
            boxes=tuple(catalog.boxes.values()),
            people=people,
            lanes=tuple(wire.Lane(carrier=a.code, name=a.name) for a in accounts(connection).values() if a.active),
            mode=Mode(bench.mode),
        )


def read_queue(db: Database, bench_id: int) -> wire.Queue:
    """Orders that may be opened at this bench, the most urgent first; those without a deadline last.

    What other benches hold for themselves comes after all others.
    """
    with db.read() as connection:
        bench = rows.bench(connection, bench_id)
        ready = (_o.c.status == OrderStatus.READY.value) & (_o.c.site_id == bench.site_id)
        open_here = ready & ~waves.being_picked()
        waiting = connection.execute(select(func.count()).select_from(_o).where(open_here)).scalar_one()
        found = _most_urgent(connection, open_here, leases.elsewhere(connection, bench_id, db.now()))
        goods = _goods(connection, [row.id for row in found])
        items = (_item(row, bench.site_time_zone, goods.get(row.id, ())) for row in found)
        return wire.Queue(waiting=waiting, items=tuple(items))


def _most_urgent(connection: Connection, where: Any, elsewhere: Any) -> list[Row[Any]]:
    units = select(func.sum(_l.c.quantity)).where(_l.c.order_id == _o.c.id).scalar_subquery().label("units")
    lines = select(func.count()).where(_l.c.order_id == _o.c.id).scalar_subquery().label("lines")
    query = select(_o, _c.c.code.label("channel"), units, lines).join(_c, _c.c.id == _o.c.channel_id).where(where)
    urgent = (elsewhere, _o.c.priority, _o.c.ship_by.is_(None), _o.c.ship_by, _o.c.received_at, _o.c.id)
    return list(connection.execute(query.order_by(*urgent).limit(QUEUE_SHOWN)))


def _goods(connection: Connection, order_ids: list[int]) -> dict[int, tuple[wire.QueueLine, ...]]:
    """The first lines of each order, with the first shelf where their goods lie."""
    found: dict[int, tuple[wire.QueueLine, ...]] = {}
    for row in orders.lines_of(connection, order_ids):
        before = found.get(row.order_id, ())
        if len(before) < GOODS_SHOWN:
            line = wire.QueueLine(name=row.name, variant=row.variant, units=row.quantity, bin=row.bin)
            found[row.order_id] = (*before, line)
    return found


def _item(row: Row[Any], time_zone: str, goods: tuple[wire.QueueLine, ...]) -> wire.QueueItem:
    return wire.QueueItem(
        number=row.number,
        channel=row.channel,
        units=int(row.units or 0),
        lines=row.lines,
        ship_by=local_time(row.ship_by, time_zone),
        carrier=row.carrier,
        service=row.service,
        goods=goods,
    )


def _card(row: Row[Any]) -> wire.PersonCard:
    roles = tuple(sorted(rows.roles_of(row)))
    return wire.PersonCard(
        person_id=row.id,
        name=row.name,
        roles=roles,
        badge_digest=row.badge_digest or "",
        day_badge_digest=row.day_badge_digest or "",
        day_badge_day=row.day_badge_day or "",
        pin_hash=row.pin_hash or "",
        language=row.language,
        theme=row.theme,
    )
