"""The rows of a new order: one part for each site that ships some of it, nearly always one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from server.domain.booking.reservation import Decision, Reserved
from server.domain.booking.stock import Move
from server.domain.sales.orders import OrderStatus
from server.trade.orders import IncomingOrder, SoldLine
from server.usecases.booking.reference import Reference
from server.usecases.sales.intake_rules import payment_state, usable

CARRIER, SERVICE = "own-van", "standard"
FIRST_NUMBER = 1001


class Part(NamedTuple):
    """What one site ships: (line number, line, units), and the moves that keep the units for it."""

    site_id: int | None
    lines: Sequence[tuple[int, SoldLine, int]]
    moves: Sequence[Move]


def parts_of(order: IncomingOrder, names: Mapping[str, str], decision: Decision | None) -> list[Part]:
    """One part for each site of the decision; one without a site for an order that holds nothing."""
    lines = [(number, line, line.quantity) for number, line in enumerate(order.lines, 1) if usable(line)]
    if not isinstance(decision, Reserved):
        return [Part(None, lines, ())]
    if len(decision.site_ids) == 1:
        return [Part(decision.site_ids[0], lines, decision.moves)]
    return _split(lines, names, decision)


def _split(lines: Sequence[tuple[int, SoldLine, int]], names: Mapping[str, str], decision: Reserved) -> list[Part]:
    """Each line's units go to the sites in the order of the decision, as many as each was given of the SKU."""
    assert decision.routing is not None, "only routing splits"  # noqa: S101
    left = {number: units for number, _, units in lines}
    parts = []
    for part in decision.routing.parts:
        here = dict(part.units)
        taken = []
        for number, line, _ in lines:
            units = min(left[number], here.get(names[line.sku], 0))
            if units:
                left[number] -= units
                here[names[line.sku]] -= units
                taken.append((number, line, units))
        moves = [m for m in decision.moves if m.site_id == part.site_id]
        parts.append(Part(part.site_id, taken, moves))
    return parts


def number_of(order_id: int, part: int = 1, parts: int = 1) -> str:
    """What people call it; the parts of a split order are 1051-1, 1051-2."""
    number = str(FIRST_NUMBER - 1 + order_id)
    return number if parts == 1 else f"{number}-{part}"


def order_row(
    channel_id: int, order: IncomingOrder, fingerprint: str, status: OrderStatus, now: float
) -> dict[str, Any]:
    """The columns that all parts share."""
    return {
        "channel_id": channel_id,
        "channel_order_id": order.order_id,
        "fingerprint": fingerprint,
        "status": status.value,
        "version": 1,
        "carrier": order.carrier or CARRIER,
        "service": order.service or SERVICE,
        "payment": payment_state(order).value,
        "amount_due": order.amount_due,
        "amount_paid": order.amount_paid,
        "fraud": order.fraud,
        "fulfilment": order.fulfilment,
        "priority": 0,
        "customer_value": order.customer_value,
        "ship_by": order.ship_by,
        "deliver_by": order.deliver_by,
        "placed_at": order.placed_at if order.placed_at is not None else now,
        "received_at": now,
    }


def line_rows(ref: Reference, order_id: int, part: Part, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """The lines of one part; ``names`` are our SKUs."""
    kits = ref.rules.kits
    return [
        {
            "order_id": order_id,
            "line_no": number,
            "channel_sku": storable(line.sku)[:120],
            "sku": names.get(line.sku),
            "title": storable(line.title)[:255],
            "line_id": storable(line.line_id)[:64],
            "quantity": units,
            "kit_version": kits.version(names.get(line.sku, "")) or None if kits else None,
        }
        for number, line, units in part.lines
    ]


def recipient_row(order_id: int, order: IncomingOrder) -> dict[str, Any]:
    """The buyer's data, in the one table that has any."""
    address = asdict(order.ship_to)
    contact = {key: address.pop(key) for key in ("phone", "email")}
    row = {"order_id": order_id, "address": address, "contact": contact, "raw": dict(order.raw)}
    personal = {str(n): storable(line.personalisation) for n, line in enumerate(order.lines, 1) if line.personalisation}
    prices = {str(n): storable(f"{line.price} {order.currency}") for n, line in enumerate(order.lines, 1) if line.price}
    texts = {"gift": storable(order.gift_message), "personal": personal, "prices": prices}
    return row | {"note": storable(order.note), "texts": {key: text for key, text in texts.items() if text}}


def storable(text: str) -> str:
    """PostgreSQL keeps every character but NUL; ``recipient.raw`` keeps that one too."""
    return text.replace("\x00", "")
