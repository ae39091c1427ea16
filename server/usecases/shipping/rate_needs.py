"""What carriers are asked for a box of an order, and what its way must fulfil."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, select

from server.db import orders, parcels, routing, tables
from server.db import rates as rows
from server.domain.benchwork.handoff import ParcelState
from server.domain.rates.rules import Rules
from server.domain.rates.states import region_of
from server.domain.rates.values import Dangerous, Need
from server.domain.rates.zones import days_left, prefix_of, size_of, weight_class, zone_of
from server.trade.shipping import Consignment
from server.usecases.benchwork import drawing
from server.usecases.benchwork.drawing import addresses, weight_of
from server.usecases.benchwork.pack_lines import skus_in
from server.usecases.shipping.customs import goods_of
from server.usecases.shipping.rate_rules import rules_now


@dataclass(frozen=True, slots=True)
class Box:
    """A box as it is known: its type, what it weighs, and what lies in it where the order needs several."""

    number: int = 1
    code: str | None = None
    grams: int | None = None
    contents: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Errand:
    """One question to all carriers."""

    order: Row[Any]
    box: Box
    rules: Rules
    need: Need
    consignment: Consignment

    @property
    def kind(self) -> rows.Kind:
        """As prices are remembered."""
        need = self.need
        zone = zone_of(need.country, need.postcode)
        return rows.Kind(self.order.site_id, zone, weight_class(need.grams), size_of(need.size_mm))


def shopped(connection: Connection, order_id: int) -> Rules | None:
    """The rules, where the order's channel is one whose parcels take the cheapest way; else None."""
    rules = rules_now(connection)
    if rules is None or not any(channel.shop for channel in rules.channels.values()):
        return None
    order = orders.find(connection, order_id)
    return rules if order is not None and rules.channel(order.channel).shop else None


def errand(connection: Connection, rules: Rules, order_id: int, box: Box, now: float) -> Errand | None:
    """What is asked for this box; None for an order that is not there. Raise DomainError("no_address")."""
    order = orders.find(connection, order_id)
    if order is None or order.site_id is None:
        return None
    ship_from, ship_to = addresses(connection, order.site_id, order_id)
    contents = dict(box.contents) if box.contents is not None else None
    grams = box.grams if box.grams is not None else weight_of(connection, order_id, box.code, contents)
    skus = skus_in(connection, order_id, contents)
    p = tables.product
    goods = connection.execute(select(p).where(p.c.sku.in_(skus), p.c.hazmat).order_by(p.c.sku)).all()
    size, carriers = _box_type(connection, box.code)
    site = connection.execute(select(tables.site).where(tables.site.c.id == order.site_id)).one()
    carrier, paid = rows.as_it_came(connection, order)
    need = Need(
        channel=order.channel,
        paid=paid,
        carrier=carrier,
        country=ship_to.country.strip().upper(),
        region=region_of(ship_to.country.strip(), ship_to.region),
        postcode=prefix_of(ship_to.postcode),
        grams=grams,
        size_mm=size,
        skus=skus,
        hazmat=tuple(Dangerous(row.name, tuple(row.hazmat_services)) for row in goods),
        box_carriers=carriers,
        deliver_by=order.deliver_by,
        days_left=days_left(routing.node_of_row(site).calendar, now, order.deliver_by),
        only=_other_boxes(connection, order_id, box.number),
    )
    asked = Consignment(
        ship_from=ship_from,
        ship_to=ship_to,
        weight_grams=grams,
        size_mm=size,
        hazmat=bool(goods),
        reference=order.number,
    )
    if asked.crosses:
        asked = replace(asked, customs=goods_of(connection, order_id, contents))
    return Errand(order, box, rules, need, asked)


def _box_type(connection: Connection, code: str | None) -> tuple[tuple[int, int, int] | None, tuple[str, ...]]:
    t = tables.box_type
    carriers = connection.execute(select(t.c.carriers).where(t.c.code == (code or ""))).scalar()
    return drawing.size_of(connection, code), tuple(carriers or ())


def _other_boxes(connection: Connection, order_id: int, number: int) -> str:
    """The way of the order's other boxes: a buyer gets one carrier, and the dock one lane."""
    live = (p for p in parcels.of_order(connection, order_id) if p.state != ParcelState.CANCELLED)
    other = next((p for p in live if p.box_no != number), None)
    return f"{other.carrier}/{other.service}" if other is not None else ""
