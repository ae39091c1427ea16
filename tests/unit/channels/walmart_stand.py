"""A simulated Walmart, a channel connected to it, and the official descriptions between them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import httpx

from server.calls.line import Forgetful, Line
from server.calls.pace import Pace
from server.channels import walmart
from server.channels.walmart.client import LIMITS
from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.market import Sale
from server.simulated.platforms.transport import transport
from server.simulated.platforms.walmart import Walmart
from server.trade.orders import ChannelOrder
from server.trade.words import Answer, Listing, Word
from tests.described import Described, description, document
from tests.sparing import Sparing

NOW = 1_795_338_000.0
"""2026-11-22 09:00 UTC."""

FILES = ("authentication", "orders", "inventory", "feeds")
ONE_ORDER = "/v3/orders/{purchaseOrderId}"
CURSOR = {"hasMoreElements", "soIndex", "poIndex", "partnerId", "sellerId"}
"""What the example of a nextCursor has and no list of parameters names."""

_sparing = Sparing()


@cache
def described() -> tuple[Described, ...]:
    """Walmart's descriptions of what is used here; the test is skipped where they are absent.

    For one order alone the schema contradicts the description's own example (see ``ONE_ORDER``): the answer is held
    against the one that an acknowledgement has, which is the same order in the same wrapping.
    """
    raws = [document(description("walmart", f"{name}.openapi.yml")) for name in FILES]
    orders = raws[FILES.index("orders")]
    one, acknowledged = (orders["paths"][path] for path in (ONE_ORDER, ONE_ORDER + "/acknowledge"))
    changed = {**one, "get": {**one["get"], "responses": acknowledged["post"]["responses"]}}
    raws[FILES.index("orders")] = {**orders, "paths": {**orders["paths"], ONE_ORDER: changed}}
    return tuple(Described(raw) for raw in raws)


def held(ask: Ask, said: Said) -> None:
    """Raise AssertionError unless request and answer are as described. Items have no description here."""
    if ask.path == "/v3/items":
        return
    names = {name for name, _ in ask.query}
    if "hasMoreElements" in names:
        ask = replace(ask, query=tuple((name, text) for name, text in ask.query if name not in CURSOR))
    about = next((each for each in described() if each.knows(ask)), None)
    assert about is not None, f"no description has {ask.method} {ask.path}"
    about.check(ask, said)


class Stand:
    """The platform, its clock and a line to it. Calls are held against the descriptions unless ``plain``."""

    def __init__(self, *, plain: bool = False, patience: float = 0.0, limits: bool = False, **settings: Any) -> None:
        self.at = NOW
        self.seen: list[tuple[Ask, Said]] = []
        self.platform = Walmart(lambda: self.at)
        self.market = self.platform.market
        self.plain = plain
        if not plain:
            described()
        self._client = httpx.Client(transport=transport([self.platform], watch=self._watch))
        self._patience, self._limits = patience, limits
        self.line = self.connect(**settings)

    def connect(self, **settings: Any) -> Line:
        """Another line with a memory of its own."""
        pace = Pace(LIMITS if self._limits else {}, lambda: self.at)
        known: Mapping[str, Any] = self.platform.settings() | settings
        return Line("walmart", known, self._client, lambda: self.at, pace, Forgetful(), patience=self._patience)

    def _watch(self, ask: Ask, said: Said) -> None:
        self.seen.append((ask, said))
        if not self.plain and _sparing.due(ask, said):
            held(ask, said)

    def calls(self, method: str, part: str) -> int:
        """How many answered requests of this method have this part in their path."""
        return sum(m == method and part in path for m, path, _ in self.platform.asked)

    def order(self, sale: Sale) -> ChannelOrder:
        found = walmart.order(self.line, sale.ref)
        assert found is not None
        return found

    def changed(self, cursor: Mapping[str, Any]) -> tuple[list[ChannelOrder], Mapping[str, Any]]:
        """All pages."""
        found: list[ChannelOrder] = []
        while True:
            page = walmart.changed_orders(self.line, cursor)
            found += page.orders
            cursor = page.cursor
            if not page.more:
                return found, cursor

    def tell(self, *words: Word) -> list[Answer]:
        return list(walmart.tell(self.line, words))

    def offer(self, count: int, quantity: int = 50) -> list[Listing]:
        for n in range(count):
            self.market.offer(f"SKU {n:03}/A", quantity)
        return [Listing(ref=f"SKU {n:03}/A", sku=f"SKU {n:03}/A") for n in range(count)]


def stock(listing: Listing, units: int, word_id: str = "", **more: Any) -> Word:
    """The word that this many can be bought."""
    data = {"sku": listing.sku, "available": units, "version": 1}
    word_id = word_id or f"m-{listing.sku}-{units}"
    return Word(id=word_id, kind="stock", key=listing.sku, data=data, listings=(listing,), **more)


def shipment(sale: Sale, units: Mapping[str, int], tracking: str, *, tried: bool = False, **changes: Any) -> Word:
    """The word that so many units by line id left under this number."""
    data = {
        "order_id": sale.ref,
        "tracking_number": tracking,
        "carrier": "ups",
        "service": "standard",
        "shipped_at": "2026-11-22T08:30:00Z",
        "lines": [{"line_id": line_id, "sku": "", "quantity": count} for line_id, count in units.items()],
    }
    return Word(id=f"m-{tracking}", kind="shipment", key=tracking, data=data | changes, tried=tried)


def cancel(sale: Sale, units: Mapping[str, int], *, tried: bool = False, reason: str = "out_of_stock") -> Word:
    """The word that so many units by line id will not come."""
    lines = [{"line_id": line_id, "sku": "", "quantity": count} for line_id, count in units.items()]
    data = {"order_id": sale.ref, "cancelled_at": "2026-11-22T08:30:00Z", "reason": reason, "lines": lines}
    return Word(id=f"m-cancel-{sale.ref}", kind="cancel", key=sale.ref, data=data, tried=tried)
