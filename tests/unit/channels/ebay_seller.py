"""A seller's line to the simulated eBay; every call is held against eBay's own descriptions."""

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import httpx

from server.calls.line import Forgetful, Line
from server.calls.pace import Pace
from server.channels import ebay
from server.simulated.platforms.base import Ask, Message, Said
from server.simulated.platforms.ebay import Ebay
from server.simulated.platforms.market import Sale
from server.simulated.platforms.transport import transport
from server.trade.orders import ChannelOrder
from server.trade.words import Answer, Heard, Listing, Word
from tests.described import Described, description, document

NOON = 1_795_377_600.0
"""22 November 2026, 20:00 UTC: noon in California."""

_CONTRACTS = {
    "/sell/fulfillment/v1": "sell_fulfillment_v1_oas3.json",
    "/sell/inventory/v1": "sell_inventory_v1_oas3.json",
    "/commerce/notification/v1": "commerce_notification_v1_oas3.json",
}


@cache
def contracts() -> dict[str, Described]:
    """eBay's descriptions by the paths they are about; the test is skipped where they are absent."""
    return {base: Described(document(description("ebay", name)), base) for base, name in _CONTRACTS.items()}


@dataclass
class Clock:
    """Seconds since the epoch, as the test sets them."""

    at: float = NOON

    def __call__(self) -> float:
        return self.at


@dataclass
class Seller:
    """Our side and eBay's, on one clock unless ``ahead`` says that ours is fast."""

    clock: Clock = field(default_factory=Clock)
    described: bool = False
    ahead: float = 0.0
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.platform = Ebay(self.clock)
        self.asked: list[Ask] = []
        self.memory = Forgetful()
        self.line = self.new_line()

    def new_line(self, **settings: Any) -> Line:
        """Our line as it is after a start of the server."""
        client = httpx.Client(transport=transport([self.platform], self._watch))
        known = {**self.platform.settings(), **self.settings, **settings}
        pace = Pace(ebay.LIMITS, self._ours)
        return Line("ebay", known, client, self._ours, pace, memory=self.memory, patience=0.0)

    def offer(self, count: int, quantity: int = 10) -> list[Listing]:
        """So many things on sale, as we know them."""
        for nth in range(count):
            self.platform.market.offer(f"SKU-{nth:03d}/ü", quantity, gtin="4006381333931", title=f"Thing № {nth}")
        return self.listings()

    def listings(self) -> list[Listing]:
        """Everything on sale, over all pages."""
        page = ebay.listings(self.line, "")
        found = [*page.listings]
        while page.cursor:
            page = ebay.listings(self.line, page.cursor)
            found += page.listings
        return found

    def sell(self, *wanted: tuple[str, int], **more: Any) -> Sale:
        """A sale of things that are put on sale for it."""
        for sku, units in wanted:
            self.platform.market.offer(sku, units)
        return self.platform.market.sell(*wanted, **more)

    def order(self, sale: Sale) -> ChannelOrder:
        """The order as eBay shows it now."""
        found = ebay.order(self.line, sale.ref)
        assert found is not None
        return found

    def hear(self, message: Message) -> Heard:
        """A notification as it arrives."""
        return ebay.heard(self.line, message.headers, message.body)

    def tell(self, *words: Word) -> list[Answer]:
        """What became of each word."""
        return list(ebay.tell(self.line, words))

    def count(self, method: str, part: str) -> int:
        """How many requests eBay had."""
        return sum(1 for m, path, _ in self.platform.asked if m == method and part in path)

    def _ours(self) -> float:
        return self.clock() + self.ahead

    def _watch(self, ask: Ask, said: Said) -> None:
        self.asked.append(ask)
        if self.described and said.body[:1] != b"<":
            for base, contract in contracts().items():
                if ask.path.startswith(base + "/"):
                    contract.check(ask, said)


def stock(listing: Listing, number: int, **more: Any) -> Word:
    """Tell a number for one listing."""
    data = {"sku": listing.sku, "available": number, "version": 1}
    return Word(id=f"w-{listing.ref}", kind="stock", key=listing.sku, data=data, listings=(listing,), **more)


def shipment(sale: Sale, units: dict[str, int], tracking: str = "1Z999AA10123456784", **more: Any) -> Word:
    """Tell that so many units by SKU left in one package."""
    ids = {line.sku: line.line_id for line in sale.lines}
    data = {
        "order_id": sale.ref,
        "tracking_number": tracking,
        "carrier": "ups",
        "carrier_name": "UPS",
        "service": "Ground",
        "shipped_at": "2026-11-22T19:59:00Z",
        "lines": [{"line_id": ids[sku], "sku": sku, "quantity": count} for sku, count in units.items()],
        "parcel_id": "p1",
    }
    word = Word(id="w1", kind="shipment", key="p1", data={**data, **more.pop("data", {})})
    return replace(word, **more)


def cancel(sale: Sale, units: dict[str, int], reason: str = "out_of_stock", **more: Any) -> Word:
    """Tell that so many units by SKU will not come."""
    ids = {line.sku: line.line_id for line in sale.lines}
    lines = [{"line_id": ids[sku], "sku": sku, "quantity": count} for sku, count in units.items()]
    data = {"order_id": sale.ref, "cancelled_at": "2026-11-22T19:59:00Z", "reason": reason, "lines": lines}
    return Word(id="w2", kind="cancel", key="1", data=data, **more)
