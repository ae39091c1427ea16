"""What stands beside a load: parcels set aside, remaining or cancelled on it, plans, pallets, the carrier's answer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from server.db import tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction
from server.domain.dock.values import ParcelState

_m, _x, _n, _pal = tables.load_mark, tables.load_cancel, tables.load_plan, tables.pallet_parcel
_load, _p = tables.load, tables.parcel
ASIDE, REMAINS = "aside", "remains"


def mark(tx: Transaction, load_id: str, parcel_id: str, kind: str, *, person_id: int, reason: str = "") -> None:
    """The parcel is set aside or remains; a mark that was settled is open again."""
    row = {"at": tx.now, "person_id": person_id, "reason": reason, "done_at": None, "done_by": None, "done_how": ""}
    made = insert_into(tx.connection, _m).values(load_id=load_id, parcel_id=parcel_id, kind=kind, **row)
    same = ["load_id", "parcel_id", "kind"]
    tx.connection.execute(made.on_conflict_do_update(index_elements=same, set_=row, where=_m.c.done_at.is_not(None)))


def settle(
    tx: Transaction, parcel_ids: Iterable[str], kinds: Iterable[str], *, person_id: int, how: str, load_id: str = ""
) -> None:
    """Marks of these parcels are settled, at every load or only at this one."""
    chosen = _m.c.parcel_id.in_(sorted(parcel_ids)) & _m.c.kind.in_(sorted(kinds)) & _m.c.done_at.is_(None)
    chosen = chosen & (_m.c.load_id == load_id) if load_id else chosen
    tx.connection.execute(update(_m).where(chosen).values(done_at=tx.now, done_by=person_id, done_how=how))


def marked(connection: Connection, load_id: str) -> Mapping[str, tuple[str, ...]]:
    """Parcels with an open mark of this load by its kind, the first marked first."""
    query = select(_m.c.kind, _m.c.parcel_id).where(_m.c.load_id == load_id, _m.c.done_at.is_(None))
    found: dict[str, tuple[str, ...]] = {ASIDE: (), REMAINS: ()}
    for kind, parcel_id in connection.execute(query.order_by(_m.c.at, _m.c.parcel_id)):
        found[kind] = (*found[kind], parcel_id)
    return found


def cancels(connection: Connection, load_id: str) -> Sequence[Row[Any]]:
    """Parcels that were cancelled or blocked while on this load, with number, state and order."""
    o = tables.order
    about = (o.c.number.label("order_number"), o.c.status.label("order_status"), _p.c.state.label("parcel_state"))
    query = select(_x, _p.c.tracking, _p.c.order_id, *about)
    query = query.join(_p, _p.c.id == _x.c.parcel_id).join(o, o.c.id == _p.c.order_id)
    return connection.execute(query.where(_x.c.load_id == load_id).order_by(_x.c.position)).all()


def cancelled_unseen(tx: Transaction, load_id: str, parcel_id: str, person_id: int, at: float) -> None:
    """A dock without news took a parcel that was cancelled: it is on the vehicle, behind all that is known of."""
    on = tables.load_parcel
    count = len(tx.connection.execute(select(on.c.parcel_id).where(on.c.load_id == load_id)).all()) + 1
    row: dict[str, Any] = {"position": count, "of": count, "loaded_at": at, "person_id": person_id, "at": tx.now}
    row |= {"answer": "", "answered_at": None, "answered_by": None}
    made = insert_into(tx.connection, _x).values(load_id=load_id, parcel_id=parcel_id, **row)
    # Whoever pulled it did so before: it is asked for again.
    tx.connection.execute(made.on_conflict_do_update(index_elements=["load_id", "parcel_id"], set_=row))


def may_leave(tx: Transaction, parcel_ids: Iterable[str]) -> None:
    """These may leave after all: nobody looks for them any more, and whoever finds one on a vehicle scans it on."""
    still = select(_load.c.id).where(_load.c.closed_at.is_(None))
    open_ones = _x.c.parcel_id.in_(sorted(parcel_ids)) & (_x.c.answer == "") & _x.c.load_id.in_(still)
    tx.connection.execute(delete(_x).where(open_ones))


def answer(tx: Transaction, load_id: str, parcel_ids: Iterable[str], answer: str, person_id: int) -> list[str]:
    """Say of cancelled parcels on this load "pulled" or "unreachable"; the ids that had no answer yet.

    A parcel that could not be reached and is scanned after all was pulled.
    """
    chosen = (_x.c.load_id == load_id) & _x.c.parcel_id.in_(sorted(parcel_ids)) & (_x.c.answer != answer)
    open_ones = chosen & ((_x.c.answer == "") | (_x.c.answer == "unreachable"))
    done = update(_x).where(open_ones).values(answer=answer, answered_at=tx.now, answered_by=person_id)
    return list(tx.connection.execute(done.returning(_x.c.parcel_id)).scalars())


def older_labels(connection: Connection, parcel_ids: Iterable[str]) -> list[str]:
    """Parcels whose void labels were once on the boxes of these: same order, same box."""
    old = _p.alias("old")
    same = (old.c.order_id == _p.c.order_id) & (old.c.box_no == _p.c.box_no) & (old.c.id != _p.c.id)
    query = select(old.c.id).select_from(_p.join(old, same)).where(_p.c.id.in_(sorted(parcel_ids)))
    return list(connection.execute(query.where(old.c.state == ParcelState.CANCELLED.value)).scalars())


def plan(tx: Transaction, load_id: str, order_ids: Iterable[int], parcel_ids: Iterable[str]) -> None:
    """The load takes exactly these."""
    tx.connection.execute(delete(_n).where(_n.c.load_id == load_id))
    rows = [{"load_id": load_id, "order_id": each, "parcel_id": None} for each in sorted(set(order_ids))]
    rows += [{"load_id": load_id, "order_id": None, "parcel_id": each} for each in sorted(set(parcel_ids))]
    if rows:
        tx.connection.execute(insert(_n), rows)


def planned(connection: Connection, site_id: int) -> tuple[Mapping[int, str], Mapping[str, str]]:
    """The load that names each order, and each parcel, among the loads of a site that are not closed."""
    query = select(_n).join(_load, _load.c.id == _n.c.load_id)
    rows = connection.execute(query.where(_load.c.site_id == site_id, _load.c.closed_at.is_(None))).all()
    by_order = {row.order_id: row.load_id for row in rows if row.order_id is not None}
    return by_order, {row.parcel_id: row.load_id for row in rows if row.parcel_id is not None}


def pallets(connection: Connection, site_id: int, load_id: str) -> Mapping[str, tuple[str, ...]]:
    """Parcels by SSCC, of pallets with a parcel that stands here or is on this load."""
    on = tables.load_parcel
    here = (_p.c.site_id == site_id) & (_p.c.state != ParcelState.LOADED.value)
    mine = on.c.load_id == load_id
    joined = _pal.join(_p, _p.c.id == _pal.c.parcel_id).outerjoin(on, on.c.parcel_id == _p.c.id)
    some = select(_pal.c.sscc).select_from(joined).where(or_(here, mine))
    found: dict[str, tuple[str, ...]] = {}
    query = select(_pal).where(_pal.c.sscc.in_(some)).order_by(_pal.c.sscc, _pal.c.parcel_id)
    for row in connection.execute(query):
        found[row.sscc] = (*found.get(row.sscc, ()), row.parcel_id)
    return found


def on_pallet(tx: Transaction, sscc: str, parcel_ids: Iterable[str], at: float) -> None:
    """These parcels travel under this SSCC, and under no other, since ``at``."""
    ids = sorted(set(parcel_ids))
    tx.connection.execute(delete(_pal).where(or_(_pal.c.parcel_id.in_(ids), _pal.c.sscc == sscc)))
    if ids:
        tx.connection.execute(insert(_pal), [{"sscc": sscc, "parcel_id": each, "at": at} for each in ids])


def off_pallets(tx: Transaction, parcel_ids: Iterable[str]) -> None:
    """These parcels stand by themselves."""
    tx.connection.execute(delete(_pal).where(_pal.c.parcel_id.in_(sorted(parcel_ids))))


def palletised_since(connection: Connection, sscc: str, parcel_ids: Iterable[str], at: float) -> frozenset[str]:
    """What somebody said later than ``at``: of these parcels, on which pallet they are; of the SSCC, what is on it."""
    same = or_(_pal.c.parcel_id.in_(sorted(parcel_ids)), _pal.c.sscc == sscc)
    found = connection.execute(select(_pal).where(same, _pal.c.at > at)).all()
    return frozenset(code for row in found for code in (row.sscc, row.parcel_id))


def pallet_elsewhere(connection: Connection, sscc: str, site_id: int) -> str:
    """The name of another site at which a live parcel of this pallet still is; empty for none."""
    on, site = tables.load_parcel, tables.site
    joined = _pal.join(_p, _p.c.id == _pal.c.parcel_id).join(site, site.c.id == _p.c.site_id)
    joined = joined.outerjoin(on, on.c.parcel_id == _p.c.id).outerjoin(_load, _load.c.id == on.c.load_id)
    still = (_p.c.state != ParcelState.CANCELLED.value) & _load.c.closed_at.is_(None)
    query = select(site.c.name).select_from(joined).where(_pal.c.sscc == sscc, _p.c.site_id != site_id, still)
    return str(connection.execute(query.order_by(site.c.name).limit(1)).scalar() or "")


def no_dock_scan(connection: Connection, site_id: int) -> bool:
    """Whether nothing is scanned at the dock of this site."""
    rule = tables.dock_rule
    return bool(connection.execute(select(rule.c.no_dock_scan).where(rule.c.site_id == site_id)).scalar())


def sscc_rules(tx: Transaction) -> Mapping[int, Row[Any]]:
    """The prefix of each site's pallets and its next number, locked."""
    rule = tables.dock_rule
    rows = tx.connection.execute(select(rule).order_by(rule.c.site_id).with_for_update())
    return {row.site_id: row for row in rows}


def set_sscc(tx: Transaction, site_id: int, **columns: Any) -> None:
    """The ``sscc_prefix`` or the ``sscc_next`` of a site is this now."""
    made = insert_into(tx.connection, tables.dock_rule).values(site_id=site_id, **columns)
    tx.connection.execute(made.on_conflict_do_update(index_elements=["site_id"], set_=columns))


def set_no_dock_scan(tx: Transaction, site_id: int, on: bool) -> None:
    """Say so, or not any more."""
    made = insert_into(tx.connection, tables.dock_rule).values(site_id=site_id, no_dock_scan=on)
    tx.connection.execute(made.on_conflict_do_update(index_elements=["site_id"], set_={"no_dock_scan": on}))
