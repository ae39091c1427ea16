"""Amazon as a whole: which path is which operation, its limits, and its settings."""

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, ClassVar
from urllib.parse import unquote

from server.calls.pace import Limit, Pace
from server.simulated.platforms.amazon import doors, listings, orders, queue
from server.simulated.platforms.amazon.doors import Tokens, errors
from server.simulated.platforms.amazon.feeds import Feeds
from server.simulated.platforms.amazon.orders import MARKETPLACE, SELLER
from server.simulated.platforms.amazon.queue import Queue
from server.simulated.platforms.base import Ask, Message, Said, Simulated
from server.simulated.platforms.market import Market, Sale

PLAN = {
    "searchOrders": Limit(0.0056, 20),
    "getOrder": Limit(0.5, 30),
    "confirmShipment": Limit(2, 10),
    "getListingsItem": Limit(5, 10),
    "patchListingsItem": Limit(5, 5),
    "searchListingsItems": Limit(5, 5),
    "createFeedDocument": Limit(0.5, 15),
    "createFeed": Limit(0.0083, 15),
    "getFeed": Limit(2, 15),
    "getFeeds": Limit(0.0222, 10),
    "getFeedDocument": Limit(0.0222, 10),
    "getMarketplaceParticipations": Limit(0.016, 15),
}
"""The usage plans that the descriptions print."""

_ROUTES = (
    ("GET", r"/orders/2026-01-01/orders", "searchOrders"),
    ("GET", r"/orders/2026-01-01/orders/([^/]+)", "getOrder"),
    ("POST", r"/orders/v0/orders/([^/]+)/shipmentConfirmation", "confirmShipment"),
    ("GET", rf"/listings/2021-08-01/items/{SELLER}", "searchListingsItems"),
    ("GET", rf"/listings/2021-08-01/items/{SELLER}/([^/]+)", "getListingsItem"),
    ("PATCH", rf"/listings/2021-08-01/items/{SELLER}/([^/]+)", "patchListingsItem"),
    ("POST", r"/feeds/2021-06-30/documents", "createFeedDocument"),
    ("GET", r"/feeds/2021-06-30/documents/([^/]+)", "getFeedDocument"),
    ("POST", r"/feeds/2021-06-30/feeds", "createFeed"),
    ("GET", r"/feeds/2021-06-30/feeds", "getFeeds"),
    ("GET", r"/feeds/2021-06-30/feeds/([^/]+)", "getFeed"),
    ("GET", r"/sellers/v1/marketplaceParticipations", "getMarketplaceParticipations"),
)


class Amazon(Simulated):
    """``feeds.takes`` is how long a feed takes; ``races`` are SKUs for which a patch and a feed were on their way."""

    KIND: ClassVar[str] = "amazon"
    HOST: ClassVar[str] = "amazon.platform.test"
    known_carrier: ClassVar[str] = "ups"
    lines_partial: ClassVar[bool] = True
    cancels: ClassVar[bool] = True
    SPOILT: ClassVar[Mapping[str, Any]] = {"orderItems": "none"}

    def __init__(self, now: Callable[[], float], seed: int = 1) -> None:
        super().__init__(now, seed)
        self.tokens = Tokens(now)
        self.feeds = Feeds(self.market)
        self.queue = Queue(now)
        self.pace = Pace(PLAN, now)
        self.random = Random(seed)  # noqa: S311 - a simulation
        self.races: list[str] = []
        self.twice = 0.0
        """The share of notifications that come twice."""
        self._at = self.base()

    def make_market(self, now: Callable[[], float], seed: int) -> Market:
        """With ids in Amazon's 3-7-7 form."""
        return Market(now, seed, ref_of=lambda n: f"{112 + n % 3}-{n % 10**7:07d}-{n * 7919 % 10**7:07d}")

    def settings(self, base: str = "") -> dict[str, Any]:
        """A channel that reads the queue as well; without ``queue_url`` it only polls."""
        self._at = base or self.base()
        return {
            "client_id": doors.CLIENT_ID,
            "client_secret": doors.CLIENT_SECRET,
            "refresh_token": doors.REFRESH,
            "seller_id": SELLER,
            "marketplace_id": MARKETPLACE,
            "api_url": self._at,
            "auth_url": f"{self._at}/auth/o2/token",
            "queue_url": f"{self._at}{queue.PATH}",
            "queue_key_id": doors.KEY_ID,
            "queue_secret": doors.KEY_SECRET,
        }

    def gone(self, sku: str) -> None:
        """A listing is taken off sale."""
        with self.market.lock:
            self.market.item(sku).extra["gone"] = True

    def too_many(self, ask: Ask) -> Said:
        """Amazon's 429: when to come again it does not say."""
        if ask.raw_path == "/":
            return Said(429, b'{"__type":"ThrottlingException"}', {"content-type": "application/x-amz-json-1.0"})
        return errors(429, "QuotaExceeded", "You exceeded your quota for the requested resource.")

    def broken(self, ask: Ask) -> Said:  # noqa: ARG002
        """Amazon's 500."""
        return errors(500, "InternalFailure", "We encountered an internal error. Please try again.")

    def denied(self, ask: Ask) -> Said:  # noqa: ARG002
        """What an old token gets."""
        return doors.unauthorized()

    def messages_of(self, what: str, sale: Sale) -> list[Message]:  # noqa: ARG002
        """Amazon calls nobody: its notifications go into the queue."""
        for _ in range(2 if self.random.random() < self.twice else 1):
            self.queue.put(queue.encoded(sale, self.queue.sent + 1))
        return []

    def route(self, ask: Ask) -> Said:
        """See Simulated."""
        self.feeds.ripen()
        if ask.raw_path == "/auth/o2/token" and ask.method == "POST":
            return self.tokens.give(ask)
        if ask.raw_path == "/" and ask.method == "POST":
            return self.queue.answer(ask)
        if ask.raw_path.startswith("/documents/"):
            ref = ask.raw_path.removeprefix("/documents/")
            return self.feeds.put(ref, ask) if ask.method == "PUT" else self.feeds.get(ref)
        if (refusal := self.tokens.refusal(ask)) is not None:
            return refusal
        for method, pattern, operation in _ROUTES:
            found = re.fullmatch(pattern, ask.raw_path)
            if method == ask.method and found:
                return self._done(operation, ask, unquote(found[1]) if found.groups() else "")
        return errors(403, "Unauthorized", "Access to requested resource is denied.")

    def _done(self, operation: str, ask: Ask, ref: str) -> Said:
        headers = {"x-amzn-requestid": "1e2c9b90-0000-4000-8000-000000000000"}
        if self.limited:
            # Amazon sends it "when available".
            headers["x-amzn-ratelimit-limit"] = str(PLAN[operation].rate)
        if self.limited and self.pace.take(operation) > 0:
            said = self.too_many(ask)
        else:
            try:
                said = self._answered(operation, ask, ref)
            except (ValueError, KeyError, AttributeError, TypeError):
                said = errors(400, "InvalidInput", "Request has missing or invalid parameters and cannot be parsed.")
        return Said(said.status, said.body, {**said.headers, **headers})

    def _answered(self, operation: str, ask: Ask, ref: str) -> Said:
        match operation:
            case "searchOrders":
                return orders.search(self.market, ask)
            case "getOrder":
                return orders.one(self.market, ref, ask)
            case "confirmShipment":
                return orders.confirm(self.market, ref, ask)
            case "searchListingsItems":
                return listings.search(self.market, ask)
            case "getListingsItem":
                return listings.one(self.market, ref, ask)
            case "patchListingsItem":
                return self._patched(ref, ask)
            case "createFeedDocument":
                return self.feeds.document(ask, self._at)
            case "getFeedDocument":
                return self.feeds.link(ref, self._at)
            case "createFeed":
                return self.feeds.create(ask)
            case "getFeeds":
                return self.feeds.search(ask)
            case "getFeed":
                return self.feeds.show(ref)
        return self._participations()

    def _patched(self, sku: str, ask: Ask) -> Said:
        body = ask.json()
        if listings.find(self.market, sku) is None:
            return errors(400, "InvalidInput", f"SKU '{sku}' not found in marketplace {MARKETPLACE}")
        if self.feeds.flying(sku):
            self.races.append(sku)
        issues = listings.patched(self.market, sku, body["patches"])
        submission = f"f1dc2914-75dd-11ea-bc55-{len(self.asked):012d}"
        said = {"sku": sku, "status": "INVALID" if issues else "ACCEPTED", "submissionId": submission, "issues": issues}
        return Said.of(said)

    def _participations(self) -> Said:
        place = {
            "id": MARKETPLACE,
            "name": "Amazon.com",
            "countryCode": "US",
            "defaultCurrencyCode": "USD",
            "defaultLanguageCode": "en_US",
            "domainName": "www.amazon.com",
        }
        takes_part = {"isParticipating": True, "hasSuspendedListings": False}
        return Said.of({"payload": [{"marketplace": place, "storeName": "Orchard Goods", "participation": takes_part}]})
