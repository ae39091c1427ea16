"""A simulated eBay: its sign-in, its Sell APIs, and its signed notifications. It never imports the adapter."""

import base64
import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, ClassVar
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from server.simulated.platforms.base import Ask, Message, Said, Simulated
from server.simulated.platforms.ebay.errors import Wrong
from server.simulated.platforms.ebay.notices import Signer, notice
from server.simulated.platforms.ebay.selling import Selling
from server.simulated.platforms.ebay.shown import MARKETPLACE, SELLER, instant
from server.simulated.platforms.market import Market, Sale

TOKEN_LIFE = 7200
DAILY = {"fulfillment": 100_000, "inventory": 2_000_000, "notification": 10_000, "token": 50_000, "app_token": 1_000}
"""Calls of an application in a day that begins at midnight Pacific."""

_REASONS = frozenset({"OUT_OF_STOCK_OR_CANNOT_FULFILL", "BUYER_ASKED_CANCEL", "ADDRESS_ISSUES"})
_PACIFIC = ZoneInfo("America/Los_Angeles")
_ORDER = r"/sell/fulfillment/v1/order/([^/]+)"


class Ebay(Simulated):
    """One seller's eBay."""

    KIND: ClassVar[str] = "ebay"
    HOST: ClassVar[str] = "ebay.test"
    known_carrier: ClassVar[str] = "ups"
    lines_partial: ClassVar[bool] = True
    cancels: ClassVar[bool] = True
    refunds: ClassVar[str] = "/issue_refund"
    SPOILT: ClassVar[Mapping[str, Any]] = {"lineItems": "none"}

    def __init__(self, now: Callable[[], float], seed: int = 1) -> None:
        super().__init__(now, seed)
        self.signer = Signer(kid=f"9936261a-7d7b-4621-a0f1-{seed:012d}")
        self.selling = Selling(self.market, now, self.base(), lambda: self.limited)
        self.daily = dict(DAILY)
        self.client = ("packproof-client", "packproof-secret")
        self.refresh_token = "v^1.1#simulated-refresh"  # noqa: S105 - of a simulation
        self.verification_token = "packproof_verification_token_of_eBay"  # noqa: S105 - of a simulation
        self._tokens: dict[str, tuple[str, float]] = {}
        self._calls: Counter[tuple[str, str]] = Counter()

    def make_market(self, now: Callable[[], float], seed: int) -> Market:
        """Order ids such as 11-01001-29929."""
        return Market(now, seed, ref_of=lambda n: f"{n % 90 + 10:02d}-{n % 100_000:05d}-{n * 7919 % 100_000:05d}")

    def settings(self, base: str = "") -> dict[str, Any]:
        """See Simulated."""
        base = base or self.base()
        return {
            "client_id": self.client[0],
            "client_secret": self.client[1],
            "refresh_token": self.refresh_token,
            "verification_token": self.verification_token,
            "endpoint_url": "https://shop.test/hooks/ebay",
            "marketplace": MARKETPLACE,
            "api_url": base,
            "auth_url": f"{base}/identity/v1/oauth2/token",
        }

    # --- what happens there -----------------------------------------------------------------------------------------

    def gone(self, sku: str) -> None:
        """The inventory item is deleted, and its listing ends with it."""
        self.selling.gone.add(self.market.item(sku).ref)

    def revoke(self) -> None:
        """The seller takes the application's permission back."""
        self.refresh_token += "-revoked"
        self._tokens.clear()
        self._send("AUTHORIZATION_REVOCATION", "revoked", {"userId": SELLER, "revokeReason": "REVOKED_BY_USER"})

    def close_account(self, username: str) -> None:
        """A buyer closes the account: every application hears of it."""
        self._send("MARKETPLACE_ACCOUNT_DELETION", f"closed_{username}", {"username": username, "userId": username})

    def ask_cancel(self, ref: str) -> Sale:
        """The buyer asks the seller to cancel the order."""
        sale = self.market.sales[ref]
        asked = {
            "cancelRequestId": f"52{sale.number}",
            "cancelInitiator": "Buyer",
            "cancelReason": "ORDER_MISTAKE",
        }
        return self.market.change(ref, extra={**sale.extra, "cancel": asked})

    def messages_of(self, what: str, sale: Any) -> list[Message]:
        """One ORDER_CONFIRMATION for each line, once the buyer has paid."""
        if sale.paid != "paid" or sale.extra.get("confirmed") or what == "cancelled":
            return []
        sale.extra["confirmed"] = True
        sale.extra["paid_at"] = self.now()
        return [
            self._message(
                "ORDER_CONFIRMATION",
                f"{sale.ref}_{line.line_id}",
                {
                    "user": {"userId": SELLER, "username": SELLER},
                    "order": {
                        "orderId": sale.ref,
                        "orderLineItems": [
                            {
                                "orderLineItemId": line.line_id,
                                "listingId": f"1100{line.ref}",
                                "quantity": line.quantity,
                            }
                        ],
                    },
                },
                sale.ref,
            )
            for line in sale.lines
        ]

    def _send(self, topic: str, event: str, data: Mapping[str, Any]) -> None:
        self.outgoing.append(self._message(topic, event, dict(data)))

    def _message(self, topic: str, event: str, data: dict[str, Any], about: str = "") -> Message:
        return self.signer.message(notice(topic, event, instant(self.now()), data), self.now(), about)

    # --- what it is asked -------------------------------------------------------------------------------------------

    def route(self, ask: Ask) -> Said:
        """See Simulated."""
        try:
            said = self._routed(ask)
        except Wrong as wrong:
            said = wrong.said()
        except (ValueError, KeyError, TypeError, AttributeError):
            said = Wrong(25709).said()
        at = format_datetime(datetime.fromtimestamp(self.now(), UTC), usegmt=True)
        return Said(said.status, said.body, {**said.headers, "date": at})

    def too_many(self, ask: Ask) -> Said:  # noqa: ARG002
        """Without a word about when."""
        return Wrong(2001, 429).said()

    def broken(self, ask: Ask) -> Said:  # noqa: ARG002
        """Its own 500."""
        return Wrong(25001, 500).said()

    def denied(self, ask: Ask) -> Said:  # noqa: ARG002
        """Its own 401."""
        return Wrong(1001, 401).said()

    def _routed(self, ask: Ask) -> Said:
        if ask.path == "/identity/v1/oauth2/token" and ask.method == "POST":
            return self._token(ask)
        if found := re.fullmatch(r"/commerce/notification/v1/public_key/([^/]+)", ask.path):
            self._enter(ask, "notification", "app")
            return self._key(found[1])
        if ask.path.startswith("/sell/fulfillment/v1/"):
            self._enter(ask, "fulfillment", "user")
            return self._fulfilment(ask)
        if ask.path.startswith("/sell/inventory/v1/"):
            self._enter(ask, "inventory", "user")
            return self._inventory(ask, ask.path.removeprefix("/sell/inventory/v1/"))
        if ask.path.startswith("/post-order/v2/cancellation"):
            self._enter(ask, "fulfillment", "user", scheme="IAF")
            return self._cancellation(ask)
        raise Wrong(2002, 404)

    def _fulfilment(self, ask: Ask) -> Said:
        if ask.method == "GET" and ask.path == "/sell/fulfillment/v1/order":
            return self.selling.orders(ask)
        if ask.method == "GET" and (found := re.fullmatch(_ORDER, ask.raw_path)):
            return self.selling.order(unquote(found[1]))
        if ask.method == "POST" and (found := re.fullmatch(_ORDER + "/issue_refund", ask.raw_path)):
            return self.selling.pay_back(unquote(found[1]), ask.json())
        if found := re.fullmatch(_ORDER + "/shipping_fulfillment", ask.raw_path):
            if ask.method == "GET":
                return self.selling.fulfilments(unquote(found[1]))
            if ask.method == "POST":
                return self.selling.fulfil(unquote(found[1]), ask.json())
        raise Wrong(2002, 404)

    def _inventory(self, ask: Ask, path: str) -> Said:
        match ask.method, path:
            case "GET", "inventory_item":
                return self.selling.items(ask)
            case "GET", "offer":
                return self.selling.offers(ask)
            case "POST", "bulk_get_inventory_item":
                return self.selling.bulk_get(ask.json())
            case "POST", "bulk_update_price_quantity":
                return self.selling.bulk_update(ask.json())
            case "GET", "location":
                at = {"address": {"city": "Portland", "stateOrProvince": "OR", "postalCode": "97205", "country": "US"}}
                place = {"merchantLocationKey": "main", "name": "Main warehouse", "merchantLocationStatus": "ENABLED"}
                return Said.of({"total": 1, "limit": 100, "offset": 0, "locations": [{**place, "location": at}]})
        raise Wrong(2002, 404)

    def _cancellation(self, ask: Ask) -> Said:
        """Post-Order v2: create, and approve what the buyer asked for. Whole orders only."""
        if ask.method != "POST":
            raise Wrong(2002, 404)
        if found := re.fullmatch(r"/post-order/v2/cancellation/([^/]+)/approve", ask.path):
            for sale in list(self.market.sales.values()):
                if sale.extra.get("cancel", {}).get("cancelRequestId") == found[1] and sale.status == "open":
                    self.market.cancel(sale.ref)
                    return Said(200, b"")
            raise Wrong(2002, 404)
        body = ask.json()
        wanted = self.market.sales.get(body["legacyOrderId"])
        if wanted is None or wanted.status != "open" or any(line.shipped for line in wanted.lines):
            raise Wrong(32600)
        if body["cancelReason"] not in _REASONS or body["buyerPaid"] != (wanted.paid != "unpaid"):
            raise Wrong(32600)
        cancel_id = f"52{wanted.number}"
        wanted.extra["cancel"] = {"cancelRequestId": cancel_id, "cancelInitiator": "Seller"}
        self.market.cancel(wanted.ref)
        return Said.of({"cancelId": cancel_id}, 201)

    def _key(self, kid: str) -> Said:
        if kid != self.signer.kid:
            raise Wrong(195001, 404)
        return Said.of(self.signer.served())

    # --- who may ----------------------------------------------------------------------------------------------------

    def _token(self, ask: Ask) -> Said:
        basic = base64.b64encode(":".join(self.client).encode()).decode()
        if ask.headers.get("authorization") != f"Basic {basic}":
            return Said.of({"error": "invalid_client", "error_description": "client authentication failed"}, 401)
        form = ask.form()
        match form.get("grant_type"):
            case "refresh_token" if form.get("refresh_token") == self.refresh_token:
                self._spend("token")
                return self._issue("user", "User Access Token")
            case "client_credentials" if form.get("scope") == "https://api.ebay.com/oauth/api_scope":
                self._spend("app_token")
                return self._issue("app", "Application Access Token")
        said = {"error": "invalid_grant", "error_description": "the provided authorization grant code is invalid"}
        return Said.of(said, 400)

    def _issue(self, kind: str, named: str) -> Said:
        token = f"v^1.1#{kind}{len(self._tokens) + 1}at{self.now():.0f}"
        self._tokens[token] = (kind, self.now() + TOKEN_LIFE)
        return Said.of({"access_token": token, "expires_in": TOKEN_LIFE, "token_type": named})

    def _enter(self, ask: Ask, api: str, kind: str, scheme: str = "Bearer") -> None:
        """Refuse who has no token of this kind, and who has asked often enough today."""
        said, _, token = ask.headers.get("authorization", "").partition(" ")
        have, until = self._tokens.get(token, ("", 0.0))
        if said != scheme or until <= self.now():
            raise Wrong(1001, 401)
        if have != kind:
            raise Wrong(1100, 403)
        if ask.method == "POST" and ask.body and ask.headers.get("content-type") != "application/json":
            raise Wrong(25709)
        self._spend(api)

    def _spend(self, api: str) -> None:
        day = datetime.fromtimestamp(self.now(), _PACIFIC).date().isoformat()
        if self.limited and self._calls[api, day] >= self.daily[api]:
            raise Wrong(2001, 429)
        self._calls[api, day] += 1


PLATFORM = Ebay
