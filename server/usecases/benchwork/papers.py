"""What goes into a box beside the label: filled here from the book, printed by the bench."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from printing.documents import (
    Address,
    BoxContents,
    BoxLabel,
    GiftSlip,
    PackingSlip,
    ReturnSlip,
    ShippingLabel,
    SlipLine,
)
from printing.documents.look import Look
from server import wire
from server.db import tables
from server.domain.packing import boxes
from server.domain.packing.captured import by_line, spoken_lots
from server.domain.packing.session import Captured, Session
from server.reading import ORDER_PREFIX
from server.usecases.masterdata.paper_style import PaperStyle

_SERIALS_A_ROW = 3
"""Of 64 characters each; a label has three short rows below an item."""


def sent_by(style: PaperStyle, sender: Address) -> Address:
    """Who is named as the sender: the channel's own words, or the site."""
    return Address(style.sender[0], lines=style.sender[1:]) if style.sender else sender


def papers_of(
    connection: Connection, style: PaperStyle, label: ShippingLabel, order: Row[Any], session: Session
) -> wire.Papers:
    """The papers of one box; those of the whole order lie in the first one."""
    several = (label.boxes or 1) > 1
    first = label.box == 1
    texts = _texts(connection, order.id)
    gift = str(texts.get("gift") or "")
    slip = style.slip if first else "none"
    if slip == "standard" and gift:
        slip = "gift"
    return wire.Papers(
        slip=_packing_slip(style, label, order, session, texts) if slip == "standard" else None,
        gift_slip=_gift_slip(style, label, session, gift) if slip == "gift" else None,
        box_contents=_contents(style.look, label, session) if several and style.box_contents else None,
        box=_box(label) if several and style.box_labels else None,
        return_slip=_return_slip(style, label, session) if first and style.return_slip else None,
    )


def _packing_slip(
    style: PaperStyle, label: ShippingLabel, order: Row[Any], session: Session, texts: Mapping[str, Any]
) -> PackingSlip:
    lines = session.order.lines
    told: Mapping[str, str] = texts.get("prices") or {}
    prices = tuple(str(told.get(str(line.line_no), "")) for line in lines) if style.prices and told else ()
    return PackingSlip(
        order_number=label.order_number,
        code=_code(label),
        date=label.ship_date,
        sender=label.ship_from,
        ship_to=label.ship_to,
        lines=_lines(session, [line.quantity for line in lines]),
        prices=prices,
        channel=order.channel,
        channel_order=order.channel_order_id,
        box=label.box,
        boxes=label.boxes,
        look=style.look,
    )


def _gift_slip(style: PaperStyle, label: ShippingLabel, session: Session, message: str) -> GiftSlip:
    return GiftSlip(
        order_number=label.order_number,
        code=_code(label),
        message=message,
        sender=label.ship_from,
        ship_to=label.ship_to,
        lines=_lines(session, [line.quantity for line in session.order.lines]),
        box=label.box,
        boxes=label.boxes,
        look=style.look,
    )


def _contents(look: Look, label: ShippingLabel, session: Session) -> BoxContents:
    held = boxes.all_boxes(session)[label.box - 1]
    return BoxContents(
        order_number=label.order_number,
        code=label.tracking,
        parcel_id=label.parcel_id,
        ship_to=label.ship_to,
        box=label.box,
        boxes=label.boxes,
        lines=tuple(_held_lines(session, held.contents, by_line(session)[label.box - 1])),
        weight_grams=label.weight_grams,
        look=look,
    )


def _box(label: ShippingLabel) -> BoxLabel:
    return BoxLabel(label.order_number, label.tracking, label.ship_to, label.box, label.boxes or 1)


def _return_slip(style: PaperStyle, label: ShippingLabel, session: Session) -> ReturnSlip:
    return ReturnSlip(
        order_number=label.order_number,
        code=_code(label),
        return_to=label.ship_from,
        lines=_lines(session, [line.quantity for line in session.order.lines]),
        reasons=style.return_reasons,
        note=style.return_note,
        look=style.look,
    )


def _held_lines(session: Session, units: Sequence[int], held: Sequence[tuple[Captured, ...]]) -> Iterator[SlipLine]:
    """The goods of one box, ``held`` is what was captured of each line; no row names more serial numbers than fit."""
    for line, count, known in zip(session.order.lines, units, held, strict=True):
        named = [one for one in known if one.serial]
        for first in range(0, len(named), _SERIALS_A_ROW):
            row = named[first : first + _SERIALS_A_ROW]
            said = (spoken_lots(row).get(line.sku, ""), f"serial {', '.join(one.serial for one in row)}")
            yield SlipLine(line.name, line.variant, line.sku, len(row), "  ".join(part for part in said if part))
        if left := count - len(named):
            unnamed = [one for one in known if not one.serial]
            yield SlipLine(line.name, line.variant, line.sku, left, spoken_lots(unnamed).get(line.sku, ""))


def _lines(session: Session, units: Sequence[int]) -> tuple[SlipLine, ...]:
    lots = spoken_lots(session.captured)
    pairs = zip(session.order.lines, units, strict=True)
    return tuple(
        SlipLine(line.name, line.variant, line.sku, count, lots.get(line.sku, "")) for line, count in pairs if count
    )


def _code(label: ShippingLabel) -> str:
    code = f"{ORDER_PREFIX}{label.order_number}"
    return code if code.isascii() and code.isprintable() and len(code) <= 40 else label.tracking


def _texts(connection: Connection, order_id: int) -> Mapping[str, Any]:
    t = tables.recipient
    kept = connection.execute(select(t.c.texts).where(t.c.order_id == order_id)).scalar()
    return kept or {}
