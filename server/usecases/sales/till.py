"""A sale at a till: it has happened, so it is reserved and shipped in one step and never refused for stock (POS-01)."""

from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Row

from server.db import aliases, catalogue, order_rows, tables
from server.db import sites as db_sites
from server.db import stock as db_stock
from server.db.again import again
from server.db.bulk import insert_rows
from server.db.transaction import Actor, Database, Transaction, transaction
from server.domain.booking.stock import Move, MoveKind, StockKey
from server.domain.errors import DomainError
from server.domain.incidents import IncidentType
from server.domain.sales.orders import OrderStatus, check_transition
from server.trade.orders import IncomingOrder, ShipTo, SoldLine
from server.usecases.booking import shortfall, stock
from server.usecases.booking.reference import Reference, reference
from server.usecases.booking.stock import Posting
from server.usecases.outward import signed, webhooks
from server.usecases.record import incidents
from server.usecases.sales.intake import fingerprint
from server.usecases.sales.intake_rules import usable
from server.usecases.sales.order_parts import line_rows, number_of, order_row, parts_of, recipient_row

LINES_MAX = 500


class TillLine(msgspec.Struct, forbid_unknown_fields=True):
    """What was sold; ``sku`` is ours or the channel's name for it."""

    sku: str
    quantity: int
    price: str = ""


class TillSale(msgspec.Struct, forbid_unknown_fields=True):
    """One receipt. ``site`` is the code of the building whose shelf it was taken from."""

    sale_id: str
    site: str
    lines: list[TillLine]
    currency: str = ""


class _Sold(NamedTuple):
    """The order that the sale became."""

    order_id: int
    channel_id: int
    number: str


def take_sale(db: Database, actor: Actor, channel: str, sale: TillSale) -> str:
    """Take the sale in and return our number; the same sale again changes nothing.

    Raise DomainError("not_found"), "unknown_sku", "invalid", and "order_differs" for another sale of the same id.
    """

    def once() -> str:
        with transaction(db, actor, "till_sale") as tx:
            return _take(tx, webhooks.sender(tx.connection, channel), sale)

    return again(once)


def till_webhook(db: Database, actor: Actor, channel: str, headers: signed.Headers, body: bytes) -> str:
    """As ``take_sale``, on a signed message."""

    def work(tx: Transaction, row: Row[Any]) -> str:
        number = _take(tx, row, signed.read(body, TillSale, "till sale"))
        return msgspec.json.encode({"order": number, "status": OrderStatus.SHIPPED}).decode()

    return signed.acted_on(db, actor, (channel, ""), headers, body, verb="till_sale", work=work)


def _take(tx: Transaction, channel: Row[Any], sale: TillSale) -> str:
    order = _checked(sale)
    known = order_rows.known(tx.connection, [(channel.id, order.order_id)]).get((channel.id, order.order_id))
    if known is not None:
        if known.fingerprint != fingerprint(order):
            raise DomainError("order_differs", f"sale {sale.sale_id} is our {known.number} and came with other content")
        return str(known.number)
    ref = reference(tx.connection, tx.now)
    site_id = int(db_sites.by_code(tx.connection, sale.site).id)
    names = _names(tx, ref, channel.id, order)
    order_id, number = _insert(tx, ref, channel, order, names, site_id=site_id)
    sold = _Sold(order_id, channel.id, number)
    units: dict[str, int] = {}
    for line in order.lines:
        units[names[line.sku]] = units.get(names[line.sku], 0) + line.quantity
    for sku, n in sorted(_from_shelves(tx, ref, units, site_id).items()):
        _sell(tx, (sku, site_id), n, sold)
    return number


def _checked(sale: TillSale) -> IncomingOrder:
    lines = tuple(SoldLine(sku=line.sku, quantity=line.quantity, price=line.price) for line in sale.lines)
    if not 0 < len(lines) <= LINES_MAX or not all(usable(line) for line in lines):
        raise DomainError("invalid", f"lines: expected 1 to {LINES_MAX} with at least one unit each")
    if not 0 < len(sale.sale_id) <= 120 or not sale.sale_id.isprintable():
        raise DomainError("invalid", "sale_id: expected 1 to 120 printable characters")
    return IncomingOrder(
        order_id=sale.sale_id,
        placed_at=None,
        paid=True,
        currency=sale.currency,
        ship_by=None,
        carrier="",
        service="",
        note="",
        ship_to=ShipTo(),
        lines=lines,
        raw=msgspec.to_builtins(sale),
    )


def _names(tx: Transaction, ref: Reference, channel_id: int, order: IncomingOrder) -> dict[str, str]:
    asked = {(channel_id, line.sku) for line in order.lines}
    renamed = aliases.resolve(tx.connection, asked) if ref.aliased else {}
    products = catalogue.known(tx.connection, {renamed.get(key, key[1]) for key in asked})
    names = {key[1]: sku for key in asked if (sku := renamed.get(key, key[1])) in products}
    unknown = sorted({line.sku for line in order.lines} - set(names))
    if unknown:
        raise DomainError("unknown_sku", f"no product has the SKU {', '.join(repr(s[:40]) for s in unknown[:5])}")
    return names


def _insert(
    tx: Transaction,
    ref: Reference,
    channel: Row[Any],
    order: IncomingOrder,
    names: dict[str, str],
    *,
    site_id: int,
) -> tuple[int, str]:
    [order_id] = order_rows.new_ids(tx, 1)
    number, [part] = number_of(order_id), parts_of(order, names, None)
    check_transition(OrderStatus.NEW, OrderStatus.SHIPPED)
    row = order_row(channel.id, order, fingerprint(order), OrderStatus.SHIPPED, tx.now)
    row |= {"id": order_id, "number": number, "site_id": site_id, "part": 1, "parts": 1, "held_because": ""}
    order_rows.insert(tx, [row], line_rows(ref, order_id, part, names), [recipient_row(order_id, order)])
    sold = {"channel": channel.code, "channel_order_id": order.order_id, "number": number}
    tx.note("order.sold_at_till", sold, order=order_id)
    return order_id, number


def _from_shelves(tx: Transaction, ref: Reference, units: dict[str, int], site_id: int) -> dict[str, int]:
    """Units per SKU on the shelf: a kit that was built beforehand as it is, else its components."""
    kits = ref.rules.kits
    if not kits or not any(kits.expands(sku) for sku in units):
        return units
    here = {row.sku: row.on_hand for row in db_stock.lock_rows(tx.connection, units) if row.site_id == site_id}
    return dict(kits.explode(units.items(), lambda sku: here.get(sku, 0)))


def _sell(tx: Transaction, place: tuple[str, int], units: int, sold: "_Sold") -> None:
    """Take them from the lots that expire first; what the book does not have was there all the same."""
    sku, site_id = place
    reason = f"sold at the till, order {sold.number}"
    db_stock.create_missing(tx, [(sku, site_id, "", "")])
    left, taken = units, dict[StockKey, int]()
    for free in (True, False):
        for key, n in _rows(tx, sku, site_id, free=free):
            some = min(left, n)
            if some > 0:
                gone = shortfall.remove(
                    tx, key, some, MoveKind.SHIP, reason=reason, order_id=sold.order_id, channel_id=sold.channel_id
                )
                taken[key] = taken.get(key, 0) + gone.units
                left -= gone.units
    if left:
        key = (sku, site_id, "")
        _found(tx, key, left, sold)
        taken[key] = taken.get(key, 0) + left
    _keep(tx, sold.order_id, taken)


def _rows(tx: Transaction, sku: str, site_id: int, *, free: bool) -> list[tuple[StockKey, int]]:
    """Rows with units nobody claims, then all there are; first expired first."""
    rows = [r for r in db_stock.of_sku(tx.connection, sku) if r.site_id == site_id]
    rows.sort(key=lambda r: (r.expires_on or "9999", r.lot))
    return [((sku, site_id, r.lot), r.on_hand - r.reserved - r.held if free else r.on_hand) for r in rows]


def _found(tx: Transaction, key: StockKey, units: int, sold: "_Sold") -> None:
    """The till sold what the book does not have, or what is in boxes: the book was wrong by so many."""
    sku, site_id, lot = key
    count = Move(MoveKind.COUNT, sku, site_id, units, lot=lot)
    left = Move(MoveKind.SHIP, sku, site_id, -units, lot=lot)
    reason = f"sold at the till, order {sold.number}; the book did not have it"
    stock.post(tx, [Posting([count, left], order_id=sold.order_id, channel_id=sold.channel_id, reason=reason)])
    cause = f"the till sold {units} of {sku} that the book did not have (order {sold.number}): count the shelf"
    incidents.open_incident(tx, IncidentType.STOCK_SHORTFALL, cause, order_id=sold.order_id, sku=sku)


def _keep(tx: Transaction, order_id: int, taken: dict[StockKey, int]) -> None:
    """What the order took, as one that was shipped: so that it can come back."""
    rows = [
        {"order_id": order_id, "sku": sku, "site_id": site_id, "lot": lot, "quantity": n, "state": "shipped"}
        for (sku, site_id, lot), n in sorted(taken.items())
        if n
    ]
    insert_rows(tx.connection, tables.reservation, rows)
