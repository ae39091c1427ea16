"""What a bench must know of an order's goods to verify them with no server in sight: lots, serials, codes, life."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from server.db import shelf_life, tables
from server.domain.booking.life import stricter
from server.domain.packing.order import Lot, OrderLine

_p, _k, _s, _r, _c = tables.product, tables.product_code, tables.stock, tables.reservation, tables.channel


def with_goods(connection: Connection, order: Row[Any], lines: Sequence[OrderLine]) -> tuple[OrderLine, ...]:
    """The lines with everything the packing rules ask of their products; ``order`` has id, site_id and channel_id."""
    skus = {line.sku for line in lines}
    found = connection.execute(select(_p).where(_p.c.sku.in_(sorted(skus))))
    products = {row.sku: row for row in found}
    codes = _codes(connection, skus)
    lots = _lots(connection, order, {row.sku for row in products.values() if row.lot_tracked})
    channel = _channel_days(connection, order.channel_id)
    return tuple(
        _described(line, products[line.sku], channel, codes.get(line.sku, ()), lots.get(line.sku, ()))
        if line.sku in products
        else line
        for line in lines
    )


def local_day(at: float | None, time_zone: str) -> str:
    """The ISO day of a moment in a site's zone; "" for none."""
    return "" if at is None else datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(time_zone)).date().isoformat()


def _described(
    line: OrderLine, product: Row[Any], channel: int | None, codes: tuple[str, ...], lots: tuple[Lot, ...]
) -> OrderLine:
    return replace(
        line,
        by_lot=product.lot_tracked,
        by_serial=product.serial_tracked,
        lots=lots,
        life_days=stricter(product.life_days, channel),
        typed_quantity=product.typed_quantity,
        differs_by=product.differs_by if product.look_alike else "",
        codes=codes,
    )


def _codes(connection: Connection, skus: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    query = select(_k.c.sku, _k.c.code).where(_k.c.sku.in_(sorted(skus))).order_by(_k.c.sku, _k.c.code)
    found: dict[str, tuple[str, ...]] = {}
    for row in connection.execute(query):
        found[row.sku] = (*found.get(row.sku, ()), row.code)
    return found


def _lots(connection: Connection, order: Row[Any], skus: Collection[str]) -> Mapping[str, tuple[Lot, ...]]:
    """Lots that lie at the order's site or are promised to it, the first to expire first."""
    if not skus:
        return {}
    wanted = (_r.c.order_id == order.id) & (_r.c.site_id == order.site_id) & (_r.c.state == "reserved")
    own = connection.execute(select(_r.c.sku, _r.c.lot, _r.c.quantity).where(wanted, _r.c.sku.in_(sorted(skus))))
    mine = {(row.sku, row.lot): row.quantity for row in own}
    here = _s.c.sku.in_(sorted(skus)) & (_s.c.site_id == order.site_id) & (_s.c.lot != "")
    found: dict[str, tuple[Lot, ...]] = {}
    for row in connection.execute(select(_s).where(here, _s.c.on_hand > 0).order_by(_s.c.expires_on, _s.c.lot)):
        free = max(0, row.on_hand - row.reserved - row.held)
        one = Lot(row.lot, row.expires_on, mine.get((row.sku, row.lot), 0), free)
        found[row.sku] = (*found.get(row.sku, ()), one)
    return found


def _channel_days(connection: Connection, channel_id: int) -> int | None:
    policy = connection.execute(select(_c.c.policy).where(_c.c.id == channel_id)).scalar()
    return shelf_life.channel_days(policy)
