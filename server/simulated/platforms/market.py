"""What every simulated platform has: listings with stock of its own, buyers, orders, and what it was told.

A market sells from its own number and knows nothing of us: it lies about its stock for as long as nobody tells it.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

BUYER: Mapping[str, Any] = {
    "name": "Zoë Nuñez 张",
    "company": "",
    "lines": ("12 Orchard Lane", "Apt 4"),
    "city": "Portland",
    "region": "OR",
    "postcode": "97205",
    "country": "US",
    "phone": "+1 503 555 0142",
    "email": "zoe@example.com",
}
"""Who buys when nobody says who."""


class SoldOut(Exception):
    """The platform's own number does not allow this sale; nothing was sold."""


@dataclass(slots=True, kw_only=True)
class Item:
    """Something on sale. ``ref`` is the platform's id of it; ``extra`` what its protocol shows besides."""

    ref: str
    sku: str
    quantity: int
    gtin: str = ""
    title: str = ""
    cents: int = 1900
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Line:
    """One line of a sale: ``cancelled`` units will not be wanted, ``shipped`` have left."""

    line_id: str
    ref: str
    sku: str
    title: str
    quantity: int
    cents: int
    personalisation: str = ""
    cancelled: int = 0
    shipped: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipment:
    """A confirmation that was taken: what, by whom, when. ``units`` by line id."""

    ref: str
    carrier: str
    service: str
    tracking: str
    units: Mapping[str, int]
    shipped_at: float
    told_at: float
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Sale:
    """An order as the platform has it. ``status``: open | cancelled; ``paid``: unpaid | paid | refunded."""

    ref: str
    number: int
    placed_at: float
    changed_at: float
    lines: list[Line]
    buyer: dict[str, Any]
    paid: str = "paid"
    status: str = "open"
    note: str = ""
    gift_message: str = ""
    fulfilled_by: str = "own"
    service: str = "Standard"
    ship_by: float | None = None
    acknowledged_at: float | None = None
    shipments: list[Shipment] = field(default_factory=list)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    spoilt: dict[str, Any] = field(default_factory=dict)
    """Fields of the platform's answers that are shown so, whatever is true."""

    @property
    def shipped(self) -> bool:
        """Whether nothing is left to ship."""
        return self.status == "open" and all(line.shipped + line.cancelled >= line.quantity for line in self.lines)


@dataclass(frozen=True, slots=True)
class Told:
    """A number that was written: which listing, to what, when, and what it had been."""

    at: float
    ref: str
    before: int
    after: int


@dataclass(slots=True)
class Market:
    """All methods are safe from any thread. ``number_from`` is where its order numbers begin."""

    now: Callable[[], float]
    seed: int = 1
    number_from: int = 1001
    ref_of: Callable[[int], str] = str
    items: dict[str, Item] = field(default_factory=dict)
    sales: dict[str, Sale] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    changed: list[Callable[[str, Sale], None]] = field(default_factory=list)
    """Called with (created | updated | cancelled, sale) after each change; a platform sends its webhooks from here."""
    moved: list[Callable[[Item], None]] = field(default_factory=list)
    """Called after a number changed on the platform's side."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)  # noqa: S311 - buyers, no secrets

    def offer(self, sku: str, quantity: int, *, ref: str = "", **more: Any) -> Item:
        """Put something on sale."""
        with self.lock:
            item = Item(ref=ref or f"{1000 + len(self.items)}", sku=sku, quantity=quantity, **more)
            self.items[item.ref] = item
            return item

    def item(self, sku: str) -> Item:
        """The first listing with this SKU; raise KeyError."""
        with self.lock:
            return next(item for item in self.items.values() if item.sku == sku)

    def sell(
        self, *wanted: tuple[str, int], buyer: Mapping[str, Any] | None = None, personal: str = "", **more: Any
    ) -> Sale:
        """Somebody buys (sku, units); the platform lowers its own number. Raise SoldOut."""
        with self.lock:
            picked = [(self.item(sku), units) for sku, units in wanted]
            if more.get("fulfilled_by", "own") == "own":
                for item, units in picked:
                    if item.quantity < units:
                        raise SoldOut(f"{item.quantity} of {item.sku}, wanted {units}")
                for item, units in picked:
                    item.quantity -= units
            number = self.number_from + len(self.sales)
            at = self.now()
            lines = [
                Line(
                    line_id=str(number * 100 + nth),
                    ref=item.ref,
                    sku=item.sku,
                    title=item.title or item.sku,
                    quantity=units,
                    cents=item.cents,
                    personalisation=personal,
                )
                for nth, (item, units) in enumerate(picked, 1)
            ]
            sale = Sale(
                ref=self.ref_of(number),
                number=number,
                placed_at=at,
                changed_at=at,
                lines=lines,
                buyer={**BUYER, **(buyer or {})},
                **more,
            )
            self.sales[sale.ref] = sale
        self._say("created", sale)
        return sale

    def cancel(self, ref: str, units: Mapping[str, int] | None = None) -> Sale:
        """The buyer (or the platform) cancels all of it, or so many units by line id; the platform restocks them."""
        with self.lock:
            sale = self.sales[ref]
            for line in sale.lines:
                open_units = line.quantity - line.cancelled - line.shipped
                gone = open_units if units is None else min(open_units, units.get(line.line_id, 0))
                line.cancelled += gone
                if sale.fulfilled_by == "own":
                    self.items[line.ref].quantity += gone
            if all(line.cancelled >= line.quantity for line in sale.lines):
                sale.status = "cancelled"
            sale.changed_at = self.now()
        self._say("cancelled" if sale.status == "cancelled" else "updated", sale)
        return sale

    def change(self, ref: str, *, buyer: Mapping[str, Any] | None = None, **fields: Any) -> Sale:
        """Another address, payment or note."""
        with self.lock:
            sale = self.sales[ref]
            sale.buyer = {**sale.buyer, **(buyer or {})}
            for name, value in fields.items():
                setattr(sale, name, value)
            sale.changed_at = self.now()
        self._say("updated", sale)
        return sale

    def ship(self, ref: str, shipment: Shipment) -> Sale:
        """A confirmation was taken; ``units`` by line id count as shipped. Raise ValueError for more than is open."""
        with self.lock:
            sale = self.sales[ref]
            lines = {line.line_id: line for line in sale.lines}
            for line_id, units in shipment.units.items():
                line = lines[line_id]
                if units < 1 or line.shipped + line.cancelled + units > line.quantity:
                    raise ValueError(f"{units} of line {line_id}: {line.quantity - line.shipped - line.cancelled} open")
            for line_id, units in shipment.units.items():
                lines[line_id].shipped += units
            sale.shipments.append(shipment)
            sale.changed_at = self.now()
        self._say("updated", sale)
        return sale

    def write(self, ref: str, quantity: int) -> Item:
        """The seller's number for a listing; raise KeyError, and ValueError below zero."""
        with self.lock:
            item = self.items[ref]
            if quantity < 0:
                raise ValueError(f"quantity: {quantity}")
            self.told.append(Told(self.now(), ref, item.quantity, quantity))
            item.quantity = quantity
            return item

    def tamper(self, sku: str, quantity: int) -> None:
        """Somebody edits the number on the platform's own pages."""
        with self.lock:
            item = self.item(sku)
            item.quantity = quantity
        for hear in self.moved:
            hear(replace(item))

    def since(self, at: float) -> list[Sale]:
        """Sales changed at or after this time, oldest change first."""
        with self.lock:
            found = [sale for sale in self.sales.values() if sale.changed_at >= at]
        return sorted(found, key=lambda sale: (sale.changed_at, sale.number))

    def _say(self, what: str, sale: Sale) -> None:
        for hear in self.changed:
            hear(what, sale)
