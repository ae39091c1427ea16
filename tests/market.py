"""A book that sells on simulated platforms, and the engine between them, one step at a time by one clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import insert

from server.channels import platform_of
from server.db import listings, orders, sites, stale, tables
from server.db.transaction import Database, transaction
from server.domain.masterdata.catalog import Product
from server.domain.sales.orders import OrderStatus
from server.simulated.platforms import simulated
from server.simulated.platforms.base import Message, Simulated
from server.simulated.platforms.transport import transport
from server.trade.words import Listing
from server.usecases.masterdata.catalogue import put_product
from server.usecases.outward.outbox import queue_shipment
from server.usecases.sharing.publishing import tell_everything
from server.usecases.starting.sites import add_channel, add_site
from server.usecases.talking import hearing
from server.usecases.talking.lines import Lines
from server.usecases.talking.turn import turn
from server.usecases.warehouse.counting import count_on_hand
from tests import telling
from tests.book import BOSS

NINE = 1_795_338_000.0
"""2026-11-22 09:00 UTC."""


@dataclass
class Street:
    """Shops side by side. ``at`` is the only clock; ``step`` lets the engine do everything that is due now."""

    db: Database
    kinds: Sequence[str]
    at: float = NINE
    shops: dict[str, Simulated] = field(default_factory=dict)
    lines: Lines = field(init=False)

    def __post_init__(self) -> None:
        self.db.now = lambda: self.at
        self.shops = {kind: simulated(kind, lambda: self.at) for kind in self.kinds}
        client = httpx.Client(transport=transport(list(self.shops.values())))
        self.lines = Lines(self.db, client, patience=0.0, limited=False, fetches=1)

    def open(self, **stock: int) -> None:
        """Site EAST with this stock, every product on sale on every platform, every number told."""
        open_street(self.db, self.shops, self.lines, stock)
        self.settle(60, by=60)

    def row(self, kind: str) -> Any:
        """The channel's row."""
        with self.db.read() as connection:
            row = sites.channel(connection, kind)
        assert row is not None
        return row

    def deliver(self, kind: str, *, lose: bool = False) -> None:
        """The platform's messages reach us, or are lost."""
        shop = self.shops[kind]
        waiting, shop.outgoing = shop.outgoing, []
        for message in waiting if not lose else ():
            self.bring(kind, message)

    def bring(self, kind: str, message: Message) -> None:
        """One of the platform's messages reaches us; raise DomainError where we do not take it."""
        headers = {name.lower(): text for name, text in message.headers.items()}
        hearing.hear(self.db, self.lines, kind, headers, message.body)

    def step(self, *kinds: str) -> None:
        """Everything that is due now, of these platforms or of all."""
        for kind in kinds or tuple(self.shops):
            row = self.row(kind)
            for _ in range(50):
                if turn(self.db, self.lines, row, "worker-1") > 0:
                    break
        tell_everything(self.db)
        for kind in kinds or tuple(self.shops):
            row = self.row(kind)
            telling.tell_due(self.db, self.lines, row.id)

    def settle(self, seconds: float = 900.0, by: float = 120.0) -> None:
        """Let time pass."""
        end = self.at + seconds
        while self.at < end:
            self.step()
            self.at += by
        self.step()

    def shown(self, sku: str) -> dict[str, int]:
        """What each platform shows now."""
        return {kind: shop.market.item(sku).quantity for kind, shop in self.shops.items()}


def open_street(db: Database, shops: Mapping[str, Simulated], lines: Lines, stock: Mapping[str, int]) -> None:
    """Site EAST with this stock, a channel for each shop, and every product on sale in every shop."""
    for shop in shops.values():
        for sku, units in stock.items():
            shop.market.offer(sku, units, title=sku.title())
    open_book(db, {code: (shop.KIND, shop.settings()) for code, shop in shops.items()}, lines, stock)


def open_book(
    db: Database, shops: Mapping[str, tuple[str, Mapping[str, Any]]], lines: Lines, stock: Mapping[str, int]
) -> None:
    """As ``open_street`` for shops, given as (kind, settings), that have all of it on sale already."""
    add_site(db, BOSS, "EAST", "East")
    for code, (kind, settings) in shops.items():
        add_channel(db, BOSS, code, code.title(), settings, kind=kind)
    for sku, units in stock.items():
        put_product(db, BOSS, Product(sku, sku.title()), [])
        count_on_hand(db, BOSS, sku, "EAST", units)
    for code in shops:
        take_listings(db, lines, code)


def take_listings(db: Database, lines: Lines, code: str) -> None:
    """Take in what a platform has on sale; a SKU means the product of the same name."""
    with db.read() as connection:
        row = sites.channel(connection, code)
    assert row is not None
    adapter = platform_of(row.kind)
    if adapter is None:
        return
    found: list[Listing] = []
    cursor = ""
    while True:
        page = adapter.listings(lines.of(row.id, row.code, row.kind, row.settings), cursor)
        found += page.listings
        cursor = page.cursor
        if not cursor:
            break
    with transaction(db, BOSS, "list") as tx:
        listings.put(tx, row.id, found, {each.ref: each.sku for each in found})
        stale.everything(tx)


def send_off(db: Database, order_id: int, tracking: str) -> None:
    """All of this order left in one parcel by UPS, and its platform must hear of it."""
    with transaction(db, BOSS, "ship") as tx:
        row = orders.lock(tx, order_id)
        parcel = {"number": order_id, "id": f"PCL-{order_id}", "order_id": order_id, "site_id": row.site_id}
        parcel |= {"carrier": "ups", "service": "standard", "tracking": tracking, "purchase": "bought"}
        tx.connection.execute(insert(tables.parcel).values(**parcel, state="handed_over", ready_at=tx.now))
        orders.set_status(tx, order_id, OrderStatus.SHIPPED)
        queue_shipment(tx, f"PCL-{order_id}")
