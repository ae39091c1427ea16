"""Goods between two sites: planned, scanned out, scanned in, and every difference on record (LOC-02)."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select, update

from server.db import sites as db_sites
from server.db import stock as db_stock
from server.db import tables
from server.db import transfers as rows
from server.db.transaction import Actor, Database, Transaction
from server.domain.benchwork.reasons import Reason
from server.domain.booking.lots import Tracking, code
from server.domain.booking.stock import Move, MoveKind
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.warehouse import transfers as rules
from server.domain.warehouse.transfers import Key, Transfer, TransferLine
from server.usecases.booking.stock import Posting, post
from server.usecases.record.incidents import open_incident
from server.usecases.warehouse import goods
from server.usecases.warehouse.goods import Answer, keyed

_u = tables.serial_unit


def plan_transfer(db: Database, actor: Actor, source: str, destination: str, wanted: Mapping[Key, int]) -> Answer:
    """Say what is to be moved; nothing leaves and nothing is set aside. The answer is that of ``show_transfer``."""

    def work(tx: Transaction) -> Answer:
        sites = db_sites.by_code(tx.connection, source), db_sites.by_code(tx.connection, destination)
        transfer = rules.planned(sites[0].id, sites[1].id, dict(wanted))
        for key, units in wanted.items():
            goods.product_of(tx.connection, key.sku)
            goods.units(units, key.sku)
        number = rows.create(tx, transfer)
        lines = [[key.sku, key.lot, units] for key, units in sorted(wanted.items())]
        tx.note("transfer.planned", {"transfer": number, "from": source, "to": destination, "lines": lines})
        return _answer(tx, number, transfer)

    return keyed(db, actor, "plan_transfer", work)


def scan_out(
    db: Database, actor: Actor, number: int, key: Key, units: int, *, serials: Sequence[str] = (), request: str = ""
) -> Answer:
    """Units go onto the truck: on hand falls at the source, in transit rises at the destination.

    Raise DomainError("not_available") with what orders hold, "need_lot", "illegal_transition", "not_found".
    """

    def work(tx: Transaction) -> Answer:
        return out_in(tx, number, key, units, serials)

    content = [number, key, units, list(serials)]
    return keyed(db, actor, "dispatch_transfer", work, key=request, content=content)


def out_in(tx: Transaction, number: int, key: Key, units: int, serials: Sequence[str]) -> Answer:
    """As ``scan_out``, in the caller's transaction."""
    transfer = rows.lock(tx, number)
    after = rules.dispatch(transfer, key, goods.units(units, key.sku))
    _need_lot(tx, key)
    _move_serials(tx, key, units, serials, before=("in_stock", transfer.source), after=("in_transit", None))
    here = key.sku, transfer.source, key.lot
    goods.put_row(tx, (key.sku, transfer.destination, key.lot))
    levels = db_stock.lock(tx, [key.sku])
    level = levels.get(here)
    if level is None or level.available < units:
        free, held = (level.available, level.reserved + level.held) if level else (0, 0)
        what = f"{free} units of {_named(key)} are free there, {held} are promised, found {units}"
        raise DomainError("not_available", what, says="goods_not_free", sku=key.sku, free=free, promised=held)
    out = Move(MoveKind.DISPATCH, key.sku, transfer.source, -units, lot=key.lot)
    into = Move(MoveKind.DISPATCH, key.sku, transfer.destination, d_transit=units, lot=key.lot)
    post(tx, [Posting([out, into], reason=f"transfer {number}")], levels)
    return _saved(tx, number, after, "transfer.dispatched", key=key, units=units)


def depart(db: Database, actor: Actor, number: int) -> Answer:
    """The truck leaves; raise DomainError("nothing_dispatched" | "illegal_transition" | "not_found")."""

    return keyed(db, actor, "depart_transfer", lambda tx: depart_in(tx, number))


def depart_in(tx: Transaction, number: int) -> Answer:
    """As ``depart``, in the caller's transaction."""
    return _saved(tx, number, rules.depart(rows.lock(tx, number)), "transfer.departed")


def scan_in(
    db: Database, actor: Actor, number: int, key: Key, units: int, *, serials: Sequence[str] = (), request: str = ""
) -> Answer:
    """Units came: they may be sold at once. More than was scanned out is found, and an incident is opened.

    Raise DomainError("need_lot" | "illegal_transition" | "not_found").
    """

    def work(tx: Transaction) -> Answer:
        return come_in(tx, number, key, units, serials)

    content = [number, key, units, list(serials)]
    return keyed(db, actor, "receive_transfer", work, key=request, content=content)


def come_in(tx: Transaction, number: int, key: Key, units: int, serials: Sequence[str]) -> Answer:
    """As ``scan_in``, in the caller's transaction."""
    transfer = rows.lock(tx, number)
    arrival = rules.receive(transfer, key, goods.units(units, key.sku))
    _need_lot(tx, key)
    _move_serials(tx, key, units, serials, before=None, after=("in_stock", transfer.destination))
    goods.put_row(tx, (key.sku, transfer.destination, key.lot))
    sku, site_id, lot = key.sku, transfer.destination, key.lot
    came, back = arrival.arrived + arrival.recovered, arrival.recovered
    moves = [
        Move(MoveKind.LOSE, sku, site_id, d_transit=back, lot=lot),
        Move(MoveKind.ARRIVE, sku, site_id, came, d_transit=-came, lot=lot),
        Move(MoveKind.COUNT, sku, site_id, arrival.found, lot=lot),
    ]
    post(tx, [Posting([m for m in moves if m.d_on_hand or m.d_transit], reason=f"transfer {number}")])
    if arrival.found:
        _tell(tx, number, f"{arrival.found} units of {_named(key)} came and nobody had scanned them out", key.sku)
    return _saved(tx, number, arrival.transfer, "transfer.received", key=key, units=units)


def close_transfer(db: Database, actor: Actor, number: int) -> Answer:
    """The truck is empty: what did not come is lost, on record, with an incident.

    Raise DomainError("illegal_transition" | "not_found").
    """

    return keyed(db, actor, "close_transfer", lambda tx: close_in(tx, number))


def close_in(tx: Transaction, number: int) -> Answer:
    """As ``close_transfer``, in the caller's transaction."""
    before = rows.lock(tx, number)
    closing = rules.close(before)
    moves = [
        Move(MoveKind.LOSE, line.sku, before.destination, d_transit=-line.in_transit, lot=line.lot)
        for line in before.lines
        if line.in_transit
    ]
    post(tx, [Posting(moves, reason=f"transfer {number}: did not come")])
    lost = [line for line in closing.differences if line.lost]
    if lost:
        told = ", ".join(f"{line.lost} of {_named(Key(line.sku, line.lot))}" for line in lost)
        _tell(tx, number, f"did not come: {told}", lost[0].sku)
    return _saved(tx, number, closing.transfer, "transfer.closed")


def cancel_transfer(db: Database, actor: Actor, number: int) -> Answer:
    """Call a plan off; raise DomainError("illegal_transition") once anything was scanned out."""

    def work(tx: Transaction) -> Answer:
        return _saved(tx, number, rules.cancel(rows.lock(tx, number)), "transfer.cancelled")

    return keyed(db, actor, "cancel_transfer", work)


def show_transfer(db: Database, number: int) -> Answer:
    """{"transfer", "from", "to", "state", "lines": [{"sku", "lot", "planned", "dispatched", "received", "lost",
    "found", "in_transit"}]}; raise DomainError("not_found").
    """
    with db.read() as connection:
        return _told(connection, number, rows.find(connection, number))


def list_transfers(db: Database, *, open_only: bool = True) -> list[Answer]:
    """As ``show_transfer`` for many, the newest first."""
    with db.read() as connection:
        found = rows.listed(connection, open_only=open_only)
        return [_told(connection, row.id, rows.find(connection, row.id)) for row in found]


def _saved(
    tx: Transaction, number: int, after: Transfer, action: str, *, key: Key | None = None, units: int = 0
) -> Answer:
    rows.save(tx, number, after)
    scanned = {"lot": key.lot, "units": units} if key else {}
    tx.note(action, {"transfer": number} | scanned, sku=key.sku if key else None)
    return _answer(tx, number, after)


def _answer(tx: Transaction, number: int, transfer: Transfer) -> Answer:
    return _told(tx.connection, number, transfer)


def _told(connection: Connection, number: int, transfer: Transfer) -> Answer:
    sites = {row.id: row.code for row in db_sites.all_sites(connection)}
    lines = [_line(line) for line in transfer.lines]
    ends = {"from": sites[transfer.source], "to": sites[transfer.destination]}
    return {"transfer": number, **ends, "state": transfer.state.value, "lines": lines}


def _line(line: TransferLine) -> Answer:
    counted = {"planned": line.planned, "dispatched": line.dispatched, "received": line.received}
    rest = {"lost": line.lost, "found": line.found, "in_transit": line.in_transit}
    return {"sku": line.sku, "lot": line.lot} | counted | rest


def _need_lot(tx: Transaction, key: Key) -> None:
    tracking: Tracking = goods.tracking_of(goods.product_of(tx.connection, key.sku))
    if tracking.lots and not key.lot:
        raise DomainError(
            Reason.NEED_LOT, f"{key.sku} is kept by lot: scan or type its lot", says="goods_lot", sku=key.sku
        )
    if key.lot and not tracking.lots:
        what = f"{key.sku} is not kept by lot, found lot {key.lot[:40]!r}; leave it out"
        raise DomainError("invalid", what, says="goods_no_lot", sku=key.sku, lot=key.lot[:40])
    code("lot", key.lot)


def _move_serials(
    tx: Transaction,
    key: Key,
    units: int,
    serials: Sequence[str],
    *,
    before: tuple[str, int] | None,
    after: tuple[str, int | None],
) -> None:
    """Serial numbers are moved where they were scanned; a transfer may be counted without them."""
    named = sorted({code("serial number", serial) for serial in serials})
    if named and len(named) != units:
        what = f"expected {units} serial numbers of {key.sku}, found {len(named)}"
        raise DomainError(Reason.NEED_SERIAL, what, says="goods_serials", sku=key.sku, units=units)
    mine = (_u.c.sku == key.sku) & _u.c.serial.in_(named)
    if before is not None:
        mine &= (_u.c.state == before[0]) & (_u.c.site_id == before[1])
    found = set(tx.connection.execute(select(_u.c.serial).where(mine).with_for_update()).scalars())
    if missing := [serial for serial in named if serial not in found]:
        what = f"no unit of {key.sku} with the serial number {missing[0]} is here"
        raise DomainError("unknown_serial", what, says="goods_serial_unknown", sku=key.sku, serial=missing[0])
    tx.connection.execute(update(_u).where(mine).values(state=after[0], site_id=after[1], at=tx.now))


def _tell(tx: Transaction, number: int, what: str, sku: str) -> None:
    open_incident(tx, IncidentType.TRANSFER_DIFFERENCE, f"transfer {number}: {what}", sku=sku)


def _named(key: Key) -> str:
    return f"{key.sku} lot {key.lot}" if key.lot else key.sku
