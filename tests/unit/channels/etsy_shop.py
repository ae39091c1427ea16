"""An Etsy shop that is simulated, a line to it, and every call held against the official description."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import httpx

from server.calls.line import Forgetful, Line, Memory
from server.calls.pace import Limit, Pace
from server.channels import etsy
from server.simulated.platforms.base import Ask, Said
from server.simulated.platforms.etsy import Etsy
from server.simulated.platforms.market import Sale
from server.simulated.platforms.transport import transport
from server.trade.orders import ChannelOrder
from server.trade.words import Answer, Listing, Word
from tests.described import Described, description, document
from tests.sparing import Sparing

NINE = 1_795_338_000.0
"""2026-11-22 09:00 UTC."""
DAY = 86_400.0
NO_LIMITS = dict.fromkeys(("api", "day", "token"), Limit(1e9, 1e9))


@cache
def described() -> Described:
    """Etsy's own description; the test that needs it is skipped where it is absent."""
    return Described(document(description("etsy", "etsy-openapi-v3.json")))


_sparing = Sparing()


class Shop:
    """``at`` is the clock of both sides. ``held``: whether calls are held against the description."""

    def __init__(self, limits: Mapping[str, Limit] | None = None, *, held: bool = True, **settings: Any) -> None:
        self.at = NINE
        self.sim = Etsy(self.now)
        self.settings = {**self.sim.settings(), **settings}
        self.limits, self.held = dict(limits or NO_LIMITS), held
        self.watches: list[Callable[[Ask, Said], None]] = [self._check] if held else []
        self.memory: Memory = Forgetful()
        self.client = httpx.Client(transport=transport([self.sim], self._watch))
        self.line = self.connect()

    def connect(self, memory: Memory | None = None, settings: Mapping[str, Any] | None = None) -> Line:
        """A line, as a program that just started has it; ``memory`` is the shop's where none is given."""
        given, kept = {**self.settings, **(settings or {})}, memory or self.memory
        return Line("etsy-1", given, self.client, self.now, Pace(self.limits, self.now), kept, patience=0.0)

    def now(self) -> float:
        """The clock."""
        return self.at

    def offer(self, many: int, units: int = 5) -> list[Listing]:
        """So many listings of one product each, as they are listed, by SKU."""
        for n in range(many):
            self.sim.market.offer(f"SKU-{n:03}", units, title=f"Mug {n}")
        return self.listings()

    def listings(self) -> list[Listing]:
        """All pages, by SKU."""
        found: list[Listing] = []
        cursor = ""
        while True:
            page = etsy.listings(self.line, cursor)
            found += page.listings
            cursor = page.cursor
            if not cursor:
                return sorted(found, key=lambda listing: listing.sku)

    def listing(self, sku: str) -> Listing:
        """The first with this SKU."""
        return next(listing for listing in self.listings() if listing.sku == sku)

    def put(self, *wanted: tuple[Listing, int]) -> list[Answer]:
        """Tell these numbers in one go."""
        return list(etsy.tell(self.line, [number(listing, units) for listing, units in wanted]))

    def live(self, *listings: Listing) -> list[int | None]:
        """Live numbers in this order."""
        found = etsy.live_stock(self.line, listings)
        return [found[listing.ref] for listing in listings]

    def insist(self, word: Word, tries: int = 6) -> Answer:
        """As the engine does: again after every trouble that passes."""
        [answer] = etsy.tell(self.line, [word])
        for _ in range(tries):
            if type(answer.trouble).__name__ not in {"Away", "Throttled"}:
                break
            self.at += 10
            [answer] = etsy.tell(self.line, [replace(word, tried=True)])
        return answer

    def order(self, sale: Sale) -> ChannelOrder:
        """The order as the adapter sees it now."""
        found = etsy.order(self.line, sale.ref)
        assert found is not None
        return found

    def asked(self, method: str = "", path: str = "") -> int:
        """How many requests of this kind reached the shop."""
        return sum(1 for m, p, _ in self.sim.asked if method in ("", m) and path in p)

    def _watch(self, ask: Ask, said: Said) -> None:
        for watch in self.watches:
            watch(ask, said)

    def _check(self, ask: Ask, said: Said) -> None:
        # The token server is no part of the description, and what is broken on purpose need not be in it.
        if "/oauth/token" in ask.path or said.headers.get("content-type") != "application/json":
            return
        if _sparing.due(ask, said):
            described().check(ask, said)


def number(listing: Listing, units: int, **more: Any) -> Word:
    """A word of stock."""
    data = {"sku": listing.sku, "available": units, "version": 1}
    return Word(id=f"msg_{listing.ref}", kind="stock", key=listing.sku, data=data, listings=(listing,), **more)


def parcel(sale: Sale, code: str = "1Z999AA10123456784", **changes: Any) -> Word:
    """A word of a shipment with all of the sale in it."""
    lines: Iterable[dict[str, Any]] = (
        {"line_id": line.line_id, "sku": line.sku, "quantity": line.quantity} for line in sale.lines
    )
    data = {
        "order_id": sale.ref,
        "parcel_id": f"PCL-{code[-4:]}",
        "tracking_number": code,
        "carrier": "ups",
        "carrier_name": "UPS",
        "service": "standard",
        "shipped_at": "2026-11-22T09:30:00Z",
        "lines": list(lines),
    }
    return Word(id=f"msg_{code}", kind="shipment", key=f"PCL-{code[-4:]}", data=data | changes)
