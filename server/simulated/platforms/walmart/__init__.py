"""Walmart Marketplace (US), simulated: sign-in, orders, stock, feeds and notifications in its own protocol."""

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Any, ClassVar
from urllib.parse import unquote

from server.simulated.platforms.base import Ask, Message, Said, Simulated
from server.simulated.platforms.market import Sale
from server.simulated.platforms.walmart.parts import (
    NODE,
    PARTNER,
    WalmartMarket,
    customer_order,
    order_of,
    refused,
    ship_date,
)
from server.simulated.platforms.walmart.selling import Orders
from server.simulated.platforms.walmart.shelves import Shelves

TOKEN_SECONDS = 900
WEBHOOK_PATH = "/channels/walmart/messages"

_PER_MINUTE = {"orders": 60, "inventory": 60, "inventories": 60, "items": 60, "token": 60, "feeds.GET": 60}
_FEEDS_AN_HOUR = 10


class Walmart(Simulated):
    """One seller's account."""

    KIND: ClassVar[str] = "walmart"
    HOST: ClassVar[str] = "marketplace.walmart.test"
    known_carrier: ClassVar[str] = "ups"
    lines_partial: ClassVar[bool] = True
    cancels: ClassVar[bool] = True
    SPOILT: ClassVar[Mapping[str, Any]] = {"orderLines": "none"}

    def __init__(self, now: Callable[[], float], seed: int = 1) -> None:
        super().__init__(now, seed)
        self.client_id, self.client_secret = "b3261d2d-028a-4ef7-8602-633c23200af6", "simulated-client-secret"
        self.refresh_tokens = {"simulated-refresh-token"}
        self.scopes = dict.fromkeys(("orders", "inventory", "item", "feeds", "price", "returns"), "full_access")
        self.webhook_auth = "hmac"
        """basic, hmac (over the body) or hmac_path (over method, path, time and body)."""
        self.webhook_user, self.webhook_password = "packproof", "simulated-webhook-password"
        self.webhook_secret = "simulated-webhook-secret"  # noqa: S105 - of a simulation
        self.shelves = Shelves(self.market, now, Random(seed))  # noqa: S311 - ids of feeds
        self.orders = Orders(self.market, now)
        self._tokens: dict[str, float] = {}
        self._counts: dict[tuple[str, int], int] = {}
        self._announced: set[str] = set()

    market: WalmartMarket

    def make_market(self, now: Callable[[], float], seed: int) -> WalmartMarket:
        """Purchase orders have 15 digits."""
        return WalmartMarket(now, seed, ref_of=lambda number: f"10891{number:010d}")

    def settings(self, base: str = "") -> dict[str, Any]:
        """See Simulated."""
        found = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "api_url": base or self.base(),
            "webhook_auth": "basic" if self.webhook_auth == "basic" else "hmac",
            "webhook_user": self.webhook_user,
            "webhook_password": self.webhook_password,
            "webhook_secret": self.webhook_secret,
        }
        return found | ({"webhook_path": WEBHOOK_PATH} if self.webhook_auth == "hmac_path" else {})

    def gone(self, sku: str) -> None:
        """Take a listing off sale."""
        self.shelves.gone.add(sku)

    def revoke(self) -> None:
        """Every access token is worth nothing from now on."""
        self._tokens.clear()

    def route(self, ask: Ask) -> Said:
        """See Simulated."""
        self.shelves.work()
        parts = [unquote(part) for part in ask.raw_path.strip("/").split("/")]
        if len(parts) < 2 or parts[0] != "v3":
            return refused(404, "URI_NOT_FOUND", "no such address")
        counted = self._counted(parts[1], ask.method)
        if counted is not None and int(counted["X-Current-Token-Count"]) < 0:
            return self.too_many(ask)
        said = self._answered(ask, parts[1], parts[2:])
        return said if counted is None else Said(said.status, said.body, {**said.headers, **counted})

    def too_many(self, ask: Ask) -> Said:
        """See Simulated."""
        told = refused(429, "REQUEST_THRESHOLD_VIOLATED.GMP_GATEWAY_API", f"too many requests: {ask.method}")
        return Said(429, told.body, {**told.headers, "Retry-After": "2"})

    def broken(self, ask: Ask) -> Said:
        """See Simulated."""
        return refused(500, "SYSTEM_ERROR.GMP_GATEWAY_API", f"internal error: {ask.method}")

    def denied(self, ask: Ask) -> Said:
        """See Simulated."""
        return refused(401, "UNAUTHORIZED.GMP_GATEWAY_API", f"unauthorized token: {ask.method}")

    def messages_of(self, what: str, sale: Any) -> list[Message]:
        """A purchase order is announced once it is paid; a cancel that the seller did not make, too."""
        if sale.paid == "unpaid":
            return []
        if sale.ref not in self._announced:
            self._announced.add(sale.ref)
            return [self._message("PO_CREATED", sale)]
        if what == "cancelled" and not sale.extra.get("cancelled_by_seller"):
            return [self._message("PO_LINE_AUTOCANCELLED", sale)]
        return []

    def _answered(self, ask: Ask, area: str, rest: list[str]) -> Said:
        if "wm_qos.correlation_id" not in ask.headers or "wm_svc.name" not in ask.headers:
            return refused(400, "INVALID_REQUEST_HEADER.GMP_GATEWAY_API", "WM_QOS.CORRELATION_ID and WM_SVC.NAME")
        if "application/json" not in ask.headers.get("accept", ""):
            return Said(200, b"<xml/>", {"content-type": "application/xml"})
        if (area, rest, ask.method) == ("token", [], "POST"):
            return self._token(ask)
        token = ask.headers.get("wm_sec.access_token", "")
        if self._tokens.get(token, 0.0) <= self.now():
            return self.denied(ask)
        return self._served(ask, area, rest, token)

    def _served(self, ask: Ask, area: str, rest: list[str], token: str) -> Said:
        match (area, rest, ask.method):
            case ("token", ["detail"], "GET"):
                return self._detail(token)
            case ("orders", _, _):
                return self.orders.route(ask, rest)
            case ("items", [], "GET"):
                return self.shelves.items(ask)
            case ("inventory", [], "GET" | "PUT"):
                return self.shelves.inventory(ask)
            case ("inventories", [], "GET"):
                return self.shelves.inventories(ask, "")
            case ("inventories", [sku], "GET" | "PUT"):
                return self.shelves.inventories(ask, sku)
            case ("feeds", [], "POST"):
                return self.shelves.upload(ask)
            case ("feeds", [], "GET"):
                return self.shelves.feed_list(ask)
            case ("feeds", [feed_id], "GET"):
                return self.shelves.feed_status(ask, feed_id)
            case _:
                return refused(404, "URI_NOT_FOUND", "no such address")

    def _token(self, ask: Ask) -> Said:
        pair = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        if ask.headers.get("authorization") != f"Basic {pair}":
            return self.denied(ask)
        form = ask.form()
        if form.get("grant_type") == "refresh_token":
            if form.get("refresh_token") not in self.refresh_tokens or not ask.headers.get("wm_partner.id"):
                return refused(400, "INVALID_TOKEN.GMP_GATEWAY_API", "the refresh token is not valid")
        elif form.get("grant_type") != "client_credentials":
            return refused(400, "INVALID_REQUEST_PARAM.GMP_GATEWAY_API", "grant_type")
        token = f"eyJ{self.market.random.getrandbits(256):064x}"
        self._tokens[token] = self.now() + TOKEN_SECONDS
        return Said.of({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS})

    def _detail(self, token: str) -> Said:
        until = self._tokens[token]
        return Said.of(
            {
                "expire_at": f"{round(until * 1000)}",
                "issued_at": f"{round((until - TOKEN_SECONDS) * 1000)}",
                "is_valid": True,
                "is_channel_match": True,
                "scopes": self.scopes,
            }
        )

    def _counted(self, area: str, method: str) -> dict[str, str] | None:
        """The headers of its limits; the count is below zero where this request is one too many."""
        if not self.limited:
            return None
        upload = (area, method) == ("feeds", "POST")
        seconds, most = (3600, _FEEDS_AN_HOUR) if upload else (60, _PER_MINUTE.get(area, 60))
        window = int(self.now() // seconds)
        key = (f"{area}.{method}" if area == "feeds" else area, window)
        self._counts[key] = self._counts.get(key, 0) + 1
        left, ends = most - self._counts[key], (window + 1) * seconds * 1000
        return {"X-Current-Token-Count": str(left), "X-Next-Replenishment-Time": str(ends)}

    def _message(self, kind: str, sale: Sale) -> Message:
        at = self.now()
        body = json.dumps(
            {
                "source": {
                    "eventType": kind,
                    "eventTime": datetime.fromtimestamp(at, UTC).isoformat(),
                    "eventId": str(uuid.UUID(int=self.market.random.getrandbits(128))),
                },
                "payload": {
                    "partnerId": PARTNER,
                    "purchaseOrderId": sale.ref,
                    "customerOrderId": customer_order(sale),
                    "orderDate": datetime.fromtimestamp(sale.placed_at, UTC).isoformat(),
                    "estimatedShipDate": datetime.fromtimestamp(ship_date(sale), UTC).isoformat(),
                    "orderLines": [{"lineNumber": line.line_id, "sku": line.sku} for line in sale.lines],
                },
            }
        ).encode()
        return Message(self._proof(body, at), body, due=at, about=sale.ref)

    def _proof(self, body: bytes, at: float) -> dict[str, str]:
        headers = {"content-type": "application/json"}
        secret = self.webhook_secret.encode()
        if self.webhook_auth == "hmac":
            return headers | {"authorization": base64.b64encode(hmac.digest(secret, body, "sha256")).decode()}
        if self.webhook_auth == "hmac_path":
            signed = f"POST\n{WEBHOOK_PATH}\n{int(at)}\n{hashlib.sha256(body).hexdigest()}".encode()
            signature = base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()
            return headers | {"wm_sec.timestamp": str(int(at)), "wm_sec.signature": signature}
        pair = base64.b64encode(f"{self.webhook_user}:{self.webhook_password}".encode()).decode()
        return headers | {"authorization": f"Basic {pair}", "x-packproof-secret": self.webhook_secret}


PLATFORM = Walmart

__all__ = ["NODE", "PLATFORM", "Walmart", "order_of"]
