"""What stands on a label and what its carrier is asked, from the book as it is now."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from printing.documents import Address, ShippingLabel
from server import wire
from server.db import orders, pack_log, tables
from server.domain.errors import DomainError
from server.domain.packing import boxes
from server.domain.packing.session import Session
from server.trade.shipping import BuyRequest
from server.usecases.benchwork.judging import unpacked
from server.usecases.benchwork.pack_lines import skus_in, units_in
from server.usecases.benchwork.papers import papers_of, sent_by
from server.usecases.masterdata.paper_style import PaperStyle
from server.usecases.masterdata.paper_styles import style_of
from server.usecases.shipping.accounts import name_of
from server.usecases.shipping.customs import goods_of
from server.usecases.shipping.purchasing import kept_label


def weight_of(connection: Connection, order_id: int, box: str | None, contents: dict[str, int] | None) -> int | None:
    """Grams of the goods and the box; None while a product's weight is unknown. ``contents``: of one box of several."""
    product, box_type = tables.product, tables.box_type
    units = units_in(connection, order_id, contents)
    rows = connection.execute(
        select(product.c.sku, product.c.weight_grams).where(product.c.sku.in_(sorted(filter(None, units))))
    )
    grams = {row.sku: row.weight_grams for row in rows}
    if any(grams.get(sku) is None for sku in units):
        return None
    tare = connection.execute(select(box_type.c.tare_grams).where(box_type.c.code == (box or ""))).scalar()
    return int(sum(n * grams[sku] for sku, n in units.items()) + (tare or 0))


def size_of(connection: Connection, box: str | None) -> tuple[int, int, int] | None:
    """Length, width and height of this box type in mm; None where they are not all known."""
    t = tables.box_type
    query = select(t.c.length_mm, t.c.width_mm, t.c.height_mm).where(t.c.code == (box or ""))
    row = connection.execute(query).first()
    if row is None or None in tuple(row):
        return None
    return int(row.length_mm), int(row.width_mm), int(row.height_mm)


def request_of(connection: Connection, parcel: Row[Any]) -> BuyRequest:
    """What its carrier is asked; raise DomainError("no_address")."""
    ship_from, ship_to = _addresses(connection, parcel)
    order = orders.find(connection, parcel.order_id)
    request = BuyRequest(
        parcel_id=parcel.id,
        number=parcel.number,
        service=parcel.service,
        ship_from=ship_from,
        ship_to=ship_to,
        weight_grams=parcel.weight_grams,
        size_mm=size_of(connection, parcel.box_type),
        hazmat=_is_dangerous(connection, parcel),
        reference=order.number if order else "",
    )
    if request.crosses:
        return replace(request, customs=goods_of(connection, parcel.order_id, parcel.contents))
    return request


def _is_dangerous(connection: Connection, parcel: Row[Any]) -> bool:
    p, inside = tables.product, skus_in(connection, parcel.order_id, parcel.contents)
    query = select(p.c.sku).where(p.c.sku.in_(inside), p.c.hazmat).limit(1)
    return connection.execute(query).first() is not None


def answer_of(connection: Connection, parcel: Row[Any]) -> wire.LabelAnswer:
    """The label is drawn anew each time, so that the address is kept in one place only; equal facts, equal label."""
    kept = pack_log.session(connection, parcel.session_id) if parcel.session_id else None
    return drawn(connection, parcel, unpacked(kept.folded) if kept is not None else None, parcel.bought_at)


def drawn(connection: Connection, parcel: Row[Any], session: Session | None, at: float) -> wire.LabelAnswer:
    """The label of a parcel that goes out ``at`` this time, with the papers of its box in this session."""
    order = orders.find(connection, parcel.order_id)
    site = connection.execute(select(tables.site).where(tables.site.c.id == parcel.site_id)).one()
    ship_from, ship_to = _addresses(connection, parcel)
    style = style_of(connection, order.channel) if order else PaperStyle()
    label = ShippingLabel(
        parcel_id=parcel.id,
        tracking=parcel.tracking,
        carrier=name_of(connection, parcel.carrier),
        service=parcel.service,
        ship_from=sent_by(style, ship_from),
        ship_to=ship_to,
        order_number=order.number if order else "",
        box=parcel.box_no,
        boxes=boxes.box_total(session) if session else 1,
        weight_grams=parcel.weight_grams,
        ship_date=datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(site.time_zone)).date().isoformat(),
        look=style.look,
        ready=kept_label(connection, parcel.id),
    )
    papers = papers_of(connection, style, label, order, session) if order and session else wire.NO_PAPERS
    return wire.LabelAnswer(parcel_id=parcel.id, tracking=parcel.tracking, label=label, papers=papers)


def _addresses(connection: Connection, parcel: Row[Any]) -> tuple[Address, Address]:
    return addresses(connection, parcel.site_id, parcel.order_id)


def addresses(connection: Connection, site_id: int, order_id: int) -> tuple[Address, Address]:
    """From the site to the buyer; raise DomainError("no_address")."""
    site = connection.execute(select(tables.site).where(tables.site.c.id == site_id)).one()
    t = tables.recipient
    to = connection.execute(select(t).where(t.c.order_id == order_id)).first()
    if to is None or to.erased_at is not None:
        raise DomainError("no_address", "the address of this order is not kept any more", says="no_address")
    return address_of(site), _address({**to.address, **to.contact})


def address_of(site: Row[Any]) -> Address:
    """Where a site is."""
    return _address({"name": site.name, **site.address})


def _address(kept: dict[str, Any]) -> Address:
    texts = {key: str(kept.get(key) or "") for key in ("name", "company", "city", "region", "postcode", "country")}
    lines = tuple(str(line) for line in kept.get("lines") or ())
    return Address(lines=lines, phone=str(kept.get("phone") or ""), **texts)
