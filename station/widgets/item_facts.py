"""What tells an item from others, and what must be told of it: the words of the card of the pack screen."""

from server.domain.packing.captured import units_of
from server.domain.packing.order import OrderLine
from server.domain.packing.session import AskedKind, Session
from station.wording import say


def large_word(line: OrderLine) -> str:
    """What is written largest: the one thing that tells it from its look-alikes."""
    return line.differs_by or line.variant or line.name


def do(session: Session, line: OrderLine) -> str:
    """What to scan of this line now: the item, or what was asked of it."""
    asked = session.asked
    if asked is None or asked.sku != line.sku:
        return say.SCAN_NEXT
    return {AskedKind.LOT: say.SCAN_ITS_LOT, AskedKind.SERIAL: say.SCAN_ITS_SERIAL}.get(asked.kind, say.SCAN_NEXT)


def small_print(session: Session, line: OrderLine) -> str:
    """SKU, shelf, the lots to take, the kit it is a part of."""
    lots = [one.lot for one in line.lots if one.reserved > units_of(session, line.sku, one.lot)]
    parts = [
        line.sku,
        f"{say.SHELF} {line.bin}" if line.bin else "",
        f"{say.LOT} {', '.join(lots[:2])}" if lots else "",
        say.part_of(line.kit_name) if line.kit_name else "",
    ]
    return "   ".join(part for part in parts if part)
