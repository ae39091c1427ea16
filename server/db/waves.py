"""Rows of waves and totes. Locks: site, then orders, then waves and totes."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, exists, func, insert, select, update

from server.db import pack_log, tables
from server.db.dialect import insert_into
from server.db.transaction import Transaction
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus

_w, _wo, _t, _o = tables.wave, tables.wave_order, tables.tote_order, tables.order
_r, _l, _p, _s = tables.reservation, tables.order_line, tables.product, tables.stock
PICKING, DONE, CANCELLED = "picking", "done", "cancelled"
Rows = Sequence[Row[Any]]


def being_picked() -> Any:
    """True of an order that a person is fetching: it is in a wave, and not in its tote yet."""
    fetching = and_(_wo.c.order_id == _o.c.id, _wo.c.picked_at.is_(None), _w.c.state == PICKING)
    return exists().where(fetching, _w.c.id == _wo.c.wave_id, _w.c.site_id == _o.c.site_id)


def lock_site(tx: Transaction, site_id: int) -> None:
    """Two people who plan waves of one site at once plan one after the other."""
    s = tables.site
    tx.connection.execute(select(s.c.id).where(s.c.id == site_id).with_for_update(key_share=True)).one()


def to_pick(connection: Connection, site_id: int) -> Rows:
    """Ready orders of a site that are in no wave and no tote, with ``units`` on shelves and ``sold`` units of lines.

    One whose box waits at a bench is left out: what lies in it is not on a shelf.
    """
    units = select(func.sum(_r.c.quantity)).where(_r.c.order_id == _o.c.id, _r.c.state == "reserved").scalar_subquery()
    sold = select(func.sum(_l.c.quantity - _l.c.cancelled)).where(_l.c.order_id == _o.c.id).scalar_subquery()
    # What another site began to pick before the order came here does not count.
    waved = exists().where(_wo.c.order_id == _o.c.id, _w.c.id == _wo.c.wave_id, _w.c.site_id == _o.c.site_id)
    free = ~waved & ~pack_log.box_waits() & ~exists().where(_t.c.order_id == _o.c.id, _t.c.site_id == _o.c.site_id)
    query = select(_o, units.label("units"), sold.label("sold")).where(free, _o.c.site_id == site_id)
    return _all(connection, query.where(_o.c.status == OrderStatus.READY.value, units > 0).order_by(_o.c.id))


def lock_orders(tx: Transaction, order_ids: Iterable[int]) -> dict[int, Row[Any]]:
    """These orders by id, locked in the order of their ids."""
    query = select(_o).where(_o.c.id.in_(sorted(set(order_ids)))).order_by(_o.c.id).with_for_update()
    return {row.id: row for row in tx.connection.execute(query)}


def new_wave(tx: Transaction, order_ids: Sequence[int], **columns: Any) -> int:
    """A wave of these orders, the first one first; its id. They leave what waves they were in at other sites."""
    leave(tx, order_ids)
    row = insert(_w).values(state=PICKING, at=tx.now, actor=tx.actor.name, **columns)
    wave_id = int(tx.connection.execute(row.returning(_w.c.id)).scalar_one())
    rows = [{"order_id": o, "wave_id": wave_id, "position": n} for n, o in enumerate(order_ids, 1)]
    tx.connection.execute(insert(_wo), rows)
    return wave_id


def find(connection: Connection, wave_id: int) -> Row[Any]:
    """One wave with its site's code, name, time zone; raise DomainError("not_found")."""
    s = tables.site
    columns = (s.c.code.label("site_code"), s.c.name.label("site_name"), s.c.time_zone)
    query = select(_w, *columns).join(s, s.c.id == _w.c.site_id).where(_w.c.id == wave_id)
    row = connection.execute(query).first()
    if row is None:
        raise DomainError("not_found", f"there is no wave {wave_id}")
    return row


def lock(tx: Transaction, wave_id: int) -> Row[Any]:
    """As ``find``, locked."""
    tx.connection.execute(select(_w.c.id).where(_w.c.id == wave_id).with_for_update()).first()
    return find(tx.connection, wave_id)


def listed(connection: Connection, *, site_id: int | None = None, open_only: bool = True) -> Rows:
    """Waves with their site's code and the number of their orders and of those picked, the nearest truck first."""
    s = tables.site
    count = select(func.count()).where(_wo.c.wave_id == _w.c.id)
    orders = count.scalar_subquery().label("orders")
    picked = count.where(_wo.c.picked_at.is_not(None)).scalar_subquery().label("picked")
    query = select(_w, s.c.code.label("site_code"), s.c.time_zone, orders, picked).join(s, s.c.id == _w.c.site_id)
    if site_id is not None:
        query = query.where(_w.c.site_id == site_id)
    if open_only:
        query = query.where(_w.c.state == PICKING)
    return _all(connection, query.order_by(_w.c.cutoff_at.is_(None), _w.c.cutoff_at, _w.c.id).limit(500))


def orders_of(connection: Connection, wave_id: int) -> Rows:
    """The orders of a wave in its order: id, number, status, site_id, ship_by, position, picked_at, tote."""
    columns = (_o.c.id, _o.c.number, _o.c.status, _o.c.site_id, _o.c.ship_by, _wo.c.position, _wo.c.picked_at)
    joined = _wo.join(_o, _o.c.id == _wo.c.order_id).outerjoin(_t, _t.c.order_id == _o.c.id)
    query = select(*columns, _t.c.tote).select_from(joined).where(_wo.c.wave_id == wave_id)
    return _all(connection, query.order_by(_wo.c.position))


def wave_of(connection: Connection, order_id: int) -> Row[Any] | None:
    """The wave an order is in (id, site_id, mix, state) with the order's ``picked_at``."""
    query = select(_w.c.id, _w.c.site_id, _w.c.mix, _w.c.state, _wo.c.picked_at).join(_wo, _wo.c.wave_id == _w.c.id)
    found = _all(connection, query.where(_wo.c.order_id == order_id))
    return found[0] if found else None


def set_picked(tx: Transaction, order_ids: Sequence[int]) -> None:
    """They lie in their totes: a bench may open them."""
    query = update(_wo).where(_wo.c.order_id.in_(order_ids), _wo.c.picked_at.is_(None))
    tx.connection.execute(query.values(picked_at=tx.now))


def set_state(tx: Transaction, wave_id: int, state: str) -> None:
    """Picking is over."""
    tx.connection.execute(update(_w).where(_w.c.id == wave_id).values(state=state))


def leave(tx: Transaction, order_ids: Sequence[int]) -> None:
    """These orders are in no wave any more."""
    tx.connection.execute(delete(_wo).where(_wo.c.order_id.in_(order_ids)))


def on_shelves(connection: Connection, order_ids: Sequence[int], site_id: int) -> Rows:
    """What these orders hold at a site: order_id, sku, lot, quantity, name, variant, and the bin of that lot."""
    plain = _s.alias("plain")
    same = (_s.c.sku == _r.c.sku) & (_s.c.site_id == _r.c.site_id) & (_s.c.lot == _r.c.lot)
    lotless = (plain.c.sku == _r.c.sku) & (plain.c.site_id == _r.c.site_id) & (plain.c.lot == "")
    bin_code = func.coalesce(func.nullif(_s.c.bin, ""), plain.c.bin, "").label("bin")
    columns = (_r.c.order_id, _r.c.sku, _r.c.lot, _r.c.quantity, _p.c.name, _p.c.variant, bin_code)
    joined = _r.outerjoin(_s, same).outerjoin(plain, lotless).join(_p, _p.c.sku == _r.c.sku)
    held = and_(_r.c.order_id.in_(order_ids), _r.c.site_id == site_id, _r.c.state == "reserved")
    return _all(connection, select(*columns).select_from(joined).where(held))


# --- totes ----------------------------------------------------------------------------------------------------------


def in_tote(connection: Connection, tote: str, site_id: int | None = None) -> Rows:
    """Orders bound to a tote of a site in their wave's order: id, number, status, site_id, wave_id, mix, position."""
    columns = (_o.c.id, _o.c.number, _o.c.status, _o.c.site_id, _w.c.id.label("wave_id"), _w.c.mix, _wo.c.position)
    joined = _t.join(_o, _o.c.id == _t.c.order_id).outerjoin(_wo, _wo.c.order_id == _o.c.id)
    joined = joined.outerjoin(_w, _w.c.id == _wo.c.wave_id)
    query = select(*columns).select_from(joined).where(_t.c.tote == tote)
    if site_id is not None:
        query = query.where(_t.c.site_id == site_id)
    return _all(connection, query.order_by(_wo.c.position, _o.c.id))


def tote_of(connection: Connection, order_id: int) -> Row[Any] | None:
    """Where an order lies: tote and site_id; None when in no tote."""
    found = _all(connection, select(_t.c.tote, _t.c.site_id).where(_t.c.order_id == order_id))
    return found[0] if found else None


def totes_of(connection: Connection, order_ids: Sequence[int]) -> dict[int, str]:
    """The tote of each of these orders that lies in one."""
    found = connection.execute(select(_t.c.order_id, _t.c.tote).where(_t.c.order_id.in_(order_ids)))
    return {row.order_id: row.tote for row in found}


def put_in_tote(tx: Transaction, tote: str, site_id: int, order_ids: Sequence[int]) -> None:
    """Bind them at a site; an order that lay in another tote lies in this one now."""
    made = insert_into(tx.connection, _t)
    values = {name: made.excluded[name] for name in ("tote", "site_id", "at", "actor")}
    query = made.on_conflict_do_update(index_elements=["order_id"], set_=values)
    same = {"tote": tote, "site_id": site_id, "at": tx.now, "actor": tx.actor.name}
    rows = [same | {"order_id": o} for o in order_ids]
    tx.connection.execute(query, rows)


def take_out(tx: Transaction, order_ids: Sequence[int]) -> None:
    """These orders lie in no tote any more."""
    tx.connection.execute(delete(_t).where(_t.c.order_id.in_(order_ids)))


def _all(connection: Connection, query: Any) -> Rows:
    return connection.execute(query).all()
