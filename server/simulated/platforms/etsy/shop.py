"""The simulated shop: which request goes where, who may ask how often, and the messages it sends."""

import base64
import hashlib
import hmac
import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from email.utils import formatdate
from typing import Any, ClassVar

from server.simulated.platforms.base import Ask, Message, Said, Simulated
from server.simulated.platforms.etsy.grants import Grants
from server.simulated.platforms.etsy.sales import Sales
from server.simulated.platforms.etsy.shelves import Shelves
from server.simulated.platforms.market import Market, Sale

KEYSTRING, SHARED = "simulatedkeystring000001", "simsecret1"
WEBHOOK_KEY = b"a simulated shop signs with this"
SHOP_ID, USER_ID = 12345678, 87654321


class Etsy(Simulated):
    """Rules of its own: one write replaces a listing, nothing is shipped in part, nothing is cancelled from outside."""

    KIND = "etsy"
    HOST = "openapi.etsy.test"
    known_carrier = "ups"
    lines_partial = False
    cancels = False
    SPOILT: ClassVar[Mapping[str, Any]] = {"transactions": "none"}

    def __init__(self, now: Callable[[], float], seed: int = 1) -> None:
        super().__init__(now, seed)
        self.grants = Grants(now, USER_ID, KEYSTRING)
        self.shelves = Shelves(self.market, SHOP_ID, USER_ID)
        self.sales = Sales(self.market, SHOP_ID, USER_ID, self.shelves.listing_id)
        self.per_second, self.per_day = 10, 10_000
        self._calls: deque[float] = deque()
        self._paid_told: set[str] = set()
        self.address = self.base()
        """Where its messages say that an order is."""

    def make_market(self, now: Callable[[], float], seed: int) -> Market:
        """Receipt ids have ten digits."""
        return Market(now, seed, number_from=3_100_000_001)

    def settings(self, base: str = "") -> dict[str, Any]:
        """Each call is one more consent of the seller, with a refresh token of its own."""
        address = self.address = base or self.base()
        return {
            "keystring": KEYSTRING,
            "shared_secret": SHARED,
            "refresh_token": self.grants.consent(),
            "shop_id": str(SHOP_ID),
            "webhook_secret": "whsec_" + base64.b64encode(WEBHOOK_KEY).decode(),
            "api_url": address,
            "auth_url": address,
        }

    def gone(self, sku: str) -> None:
        """The seller deletes this listing, or this variation of it."""
        with self.market.lock:
            del self.market.items[self.market.item(sku).ref]

    def route(self, ask: Ask) -> Said:
        """The answer, with the limits it shows on every call."""
        if ask.path == "/v3/public/oauth/token":
            return self.grants.token(ask)
        said = self._refusal(ask)
        if said is None:
            with self.market.lock:
                said = self._limited() or self._answered(ask)
        return Said(
            said.status, said.body, {**said.headers, **self._limits(), "date": formatdate(self.now(), usegmt=True)}
        )

    def too_many(self, ask: Ask) -> Said:  # noqa: ARG002
        """Its own 429."""
        return error(429, "Exceeded the allowed number of requests per second", retry_after="1")

    def broken(self, ask: Ask) -> Said:  # noqa: ARG002
        """Its own 500."""
        return error(500, "Server Error")

    def denied(self, ask: Ask) -> Said:  # noqa: ARG002
        """Its own 401."""
        return error(401, "invalid_token")

    def messages_of(self, what: str, sale: Sale) -> list[Message]:  # noqa: ARG002
        """order.paid, once, when the money is there; of nothing else Etsy sends a word."""
        if sale.paid != "paid" or sale.status != "open" or sale.ref in self._paid_told:
            return []
        self._paid_told.add(sale.ref)
        url = f"{self.address}/v3/application/shops/{SHOP_ID}/receipts/{sale.ref}"
        return [self.message({"event_type": "order.paid", "resource_url": url, "shop_id": SHOP_ID}, sale.ref)]

    def message(self, body: Mapping[str, Any], about: str = "") -> Message:
        """A signed message with this body."""
        data, at = json.dumps(body).encode(), str(int(self.now()))
        event = "msg_" + hashlib.sha256(data + at.encode()).hexdigest()[:27]
        digest = hmac.digest(WEBHOOK_KEY, f"{event}.{at}.".encode() + data, "sha256")
        headers = {
            "content-type": "application/json",
            "webhook-id": event,
            "webhook-timestamp": at,
            "webhook-signature": "v1," + base64.b64encode(digest).decode(),
        }
        return Message(headers, data, about=about)

    def _refusal(self, ask: Ask) -> Said | None:
        if ask.headers.get("x-api-key") != f"{KEYSTRING}:{SHARED}":
            return error(403, "API key not found or not active, or incorrect shared secret for API key.")
        open_to_all = ask.method == "GET" and re.fullmatch("/v3/application/shops/[0-9]+", ask.path)
        if not open_to_all and not self.grants.believes(ask.headers.get("authorization", "")):
            return error(401, "invalid_token")
        return None

    def _answered(self, ask: Ask) -> Said:
        shop = f"/v3/application/shops/{SHOP_ID}"
        doors: Iterable[tuple[str, str, Callable[..., Said]]] = (
            ("GET", "/v3/application/users/me", lambda _: Said.of({"user_id": USER_ID, "shop_id": SHOP_ID})),
            ("GET", shop, lambda _: Said.of(self.sales.shop())),
            ("GET", f"{shop}/receipts", self.sales.listed),
            ("GET", f"{shop}/receipts/([0-9]+)", self.sales.one),
            ("POST", f"{shop}/receipts/([0-9]+)/tracking", self.sales.shipped),
            ("GET", f"{shop}/listings", self.shelves.listed),
            ("PATCH", f"{shop}/listings/([0-9]+)", self.shelves.patched),
            ("GET", "/v3/application/listings/batch/inventory", self.shelves.batch),
            ("GET", "/v3/application/listings/([0-9]+)/inventory", self.shelves.inventory),
            ("PUT", "/v3/application/listings/([0-9]+)/inventory", self.shelves.replaced),
        )
        for method, path, answer in doors:
            if ask.method == method and (found := re.fullmatch(path, ask.path)):
                return answer(ask, *found.groups())
        if re.match("/v3/application/shops/[0-9]+/", ask.path):
            return error(403, "User does not own Shop")
        return error(404, "Resource not found")

    def _limited(self) -> Said | None:
        """The window of a second and the sliding window of a day."""
        now = self.now()
        while self._calls and self._calls[0] <= now - 86_400:
            self._calls.popleft()
        if not self.limited:
            return None
        if len(self._calls) >= self.per_day:
            return error(429, "Exceeded the daily quota", retry_after=str(int(self._calls[0] + 86_400 - now) + 1))
        if self._this_second() >= self.per_second:
            return self.too_many(Ask("", "", "", (), {}, b""))
        self._calls.append(now)
        return None

    def _limits(self) -> dict[str, str]:
        second, day = (self._this_second(), len(self._calls)) if self.limited else (0, 0)
        return {
            "x-limit-per-second": str(self.per_second),
            "x-remaining-this-second": str(max(0, self.per_second - second)),
            "x-limit-per-day": str(self.per_day),
            "x-remaining-today": str(max(0, self.per_day - day)),
        }

    def _this_second(self) -> int:
        now = self.now()
        return sum(1 for at in list(self._calls)[-self.per_second :] if at > now - 1)


def error(status: int, text: str, **headers: str) -> Said:
    """Etsy's own error."""
    return Said.of({"error": text}, status, **headers)
