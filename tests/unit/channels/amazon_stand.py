"""A channel at the simulated Amazon; every call on the way is held against the official descriptions."""

import json
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

import server.channels.amazon as amazon
from server.calls.line import Forgetful, Line
from server.calls.pace import Pace
from server.simulated.platforms.amazon import Amazon
from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.transport import transport
from server.trade.orders import ChannelOrder
from server.trade.words import Listing, Word
from tests.described import Described, description, document
from tests.sparing import Sparing
from tests.swagger import openapi

USED = {
    "orders_2026-01-01.json": {"searchOrders", "getOrder"},
    "ordersV0.json": {"confirmShipment"},
    "listingsItems_2021-08-01.json": {"searchListingsItems", "getListingsItem", "patchListingsItem"},
    "feeds_2021-06-30.json": {"createFeed", "getFeed", "getFeeds", "createFeedDocument", "getFeedDocument"},
    "sellers.json": {"getMarketplaceParticipations"},
}

_sparing = Sparing()


@cache
def described() -> tuple[Described, ...]:
    """The descriptions of all operations in use."""
    return tuple(Described(openapi(document(description("amazon", name)), used)) for name, used in USED.items())


@cache
def schema(name: str) -> Draft7Validator:
    """A JSON Schema of Amazon's."""
    return Draft7Validator(document(description("amazon", name)))


@dataclass
class Stand:
    """``now`` is everybody's clock. ``seen`` are all requests with their answers."""

    now: float = 1_800_000_000.0
    queue: bool = True
    limits: bool = False
    changes: dict[str, Any] = field(default_factory=dict)
    seen: list[tuple[Ask, Said]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.platform = Amazon(lambda: self.now)
        self.memory = Forgetful()
        self.line = self.connect()

    def connect(self, **changes: Any) -> Line:
        """A line with these settings changed, on the same memory."""
        settings = self.platform.settings() | self.changes | changes
        if not self.queue:
            del settings["queue_url"]
        client = httpx.Client(transport=transport([self.platform], watch=self._watch))
        pace = Pace(amazon.LIMITS if self.limits else {}, lambda: self.now)
        return Line("amz", settings, client, lambda: self.now, pace, self.memory, patience=0.0)

    def _watch(self, ask: Ask, said: Said) -> None:
        self.seen.append((ask, said))
        known = [one for one in described() if one.knows(ask)]
        elsewhere = ask.raw_path in ("/", "/auth/o2/token") or ask.raw_path.startswith("/documents/")
        assert known or elsewhere, f"no description has {ask.method} {ask.path}"
        if "html" in said.headers.get("content-type", "") or not _sparing.due(ask, said):
            return
        for one in known:
            one.check(ask, said)

    def calls(self, method: str, path: str) -> list[Ask]:
        """The requests of this kind so far, answered or not judged."""
        return [ask for ask, _ in self.seen if ask.method == method and path in ask.path]

    def all_listings(self) -> list[Listing]:
        """Page by page."""
        found, cursor = list[Listing](), ""
        while True:
            page = amazon.listings(self.line, cursor)
            found += page.listings
            cursor = page.cursor
            if not cursor:
                return found

    def look(self, cursor: dict[str, Any]) -> tuple[list[ChannelOrder], dict[str, Any]]:
        """All pages there are now; the cursor goes through JSON, as the engine keeps it."""
        found = list[ChannelOrder]()
        for _ in range(100):
            page = amazon.changed_orders(self.line, cursor)
            found += page.orders
            cursor = json.loads(json.dumps(page.cursor))
            if not page.more:
                return found, cursor
        raise AssertionError("the pages do not end")


def stock(sku: str, available: int, version: int = 1, **more: Any) -> Word:
    """A number for one listing."""
    listing = Listing(ref=sku, sku=sku, data={"product_type": "LUGGAGE"})
    more.setdefault("listings", (listing,))
    return Word(id=f"{sku}/{version}", kind="stock", key=sku, data={"sku": sku, "available": available}, **more)


def shipment(sale: Any, parcel: str, units: dict[str, int], carrier: str = "ups", **more: Any) -> Word:
    """A parcel with so many units by line id."""
    data = {
        "order_id": sale.ref,
        "tracking_number": f"1Z{parcel}",
        "carrier": carrier,
        "service": "Ground",
        "shipped_at": "2027-01-15T07:00:00+00:00",
        "lines": [{"line_id": ref, "sku": "", "quantity": count} for ref, count in units.items()],
        "parcel_id": parcel,
    }
    return Word(id=parcel, kind="shipment", key=parcel, data=data, **more)
