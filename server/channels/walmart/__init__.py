"""Walmart Marketplace (US), REST v3. Every file here imports downwards only: client, reading, orders, then the rest.

Facts: Walmart's published OpenAPI descriptions (Authentication, Orders, Inventory, Feeds, Items, Notifications).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from server.calls.line import Line, bound
from server.calls.troubles import Refused
from server.channels.walmart.carriers import METHODS
from server.channels.walmart.catalog import listings, who
from server.channels.walmart.client import API, LIMITS, base_url
from server.channels.walmart.orders import NODE_TYPES, changed_orders, order
from server.channels.walmart.reading import read_order
from server.channels.walmart.shipping import tell_ack, tell_cancels, tell_shipments
from server.channels.walmart.stock import live_stock, tell_stock
from server.channels.walmart.webhooks import SECRET_HEADER, heard
from server.domain.errors import DomainError
from server.trade.words import Answer, Setting, Word, failed

__all__ = [
    "ACK_WITHIN",
    "AT_ONCE",
    "BULK",
    "LIMITS",
    "NAME",
    "SETTINGS",
    "SETTLES",
    "SHOWN_MOST",
    "changed_orders",
    "check",
    "greeting",
    "heard",
    "listings",
    "live_stock",
    "order",
    "poll",
    "read_order",
    "tell",
    "tells",
    "who",
]

NAME = "Walmart Marketplace (US)"

SETTINGS: Sequence[Setting] = (
    Setting(name="client_id", help="Client ID: Developer Portal, My account, API keys", example="b3261d2d-..."),
    Setting(name="client_secret", help="Client Secret, shown beside the Client ID", secret=True),
    Setting(name="ship_node", help="Fulfillment center ID we write stock to; empty: the default one", default=""),
    Setting(
        name="add_reserved", help="yes: add what Walmart holds for unshipped orders to what we write", default="yes"
    ),
    Setting(name="ship_node_types", help="Which orders are read, with commas between", default=NODE_TYPES),
    Setting(name="partner_id", help="Partner ID of the seller; needed with a refresh token", default=""),
    Setting(name="refresh_token", help="Only for approved solution providers: OAuth 2.0", secret=True, default=""),
    Setting(name="channel_type", help="Consumer Channel Type, if Walmart gave one", default=""),
    Setting(name="webhook_auth", help="How messages are proven: basic or hmac", default="basic"),
    Setting(name="webhook_user", help="basic: the user name given when subscribing", default="packproof"),
    Setting(name="webhook_password", help="basic: the password given when subscribing", secret=True, default=""),
    Setting(name="old_webhook_password", help="basic: the one before, while it changes", secret=True, default=""),
    Setting(
        name="webhook_secret", help="hmac: the clientSecret; basic: a secret header's value", secret=True, default=""
    ),
    Setting(name="old_webhook_secret", help="The webhook_secret before, while it changes", secret=True, default=""),
    Setting(name="webhook_header", help="The authHeaderName given when subscribing", default="Authorization"),
    Setting(name="webhook_secret_header", help="basic: the name of the secret header", default=SECRET_HEADER),
    Setting(
        name="webhook_path", help="hmac over path, time and body: our address's path; empty: body only", default=""
    ),
    Setting(
        name="carriers", help="Table: our carrier to a name of Walmart's list", default="", example='{van = "UDS"}'
    ),
    Setting(name="tracking_urls", help="Table: our carrier to an address with {tracking}", default=""),
    Setting(name="services", help=f"Table: our service to one of {', '.join(METHODS)}", default=""),
    Setting(name="cancel_reasons", help="Table: our reason to one of Walmart's", default=""),
    Setting(name="api_url", help="Address of the API; the sandbox is https://sandbox.walmartapis.com", default=API),
)

BULK: Mapping[str, int] = {"stock": 1000, "shipment": 20, "cancel": 20, "ack": 50}
AT_ONCE = 2
POLL = 60.0
ACK_WITHIN: float | None = 4 * 3600.0
SETTLES = 300.0
SHOWN_MOST: int | None = None

_TELLERS = {"stock": tell_stock, "ack": tell_ack, "shipment": tell_shipments, "cancel": tell_cancels}
_TABLES = ("carriers", "tracking_urls", "services", "cancel_reasons")


def check(settings: Mapping[str, Any]) -> None:
    """See Channel."""
    bound(settings, "client_id", "the Client ID of an API key")
    if not settings.get("client_secret_file"):
        bound(settings, "client_secret", "the Client Secret of an API key, or client_secret_file")
    address = urlsplit(base_url(settings))
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise DomainError("invalid", "api_url: expected http(s)://host")
    if settings.get("refresh_token") or settings.get("refresh_token_file"):
        bound(settings, "partner_id", "the Partner ID, which a refresh token needs")
    if str(settings.get("webhook_auth") or "basic") not in {"basic", "hmac"}:
        raise DomainError("invalid", f"webhook_auth: expected basic or hmac, found {settings['webhook_auth']!r}")
    for name in _TABLES:
        if settings.get(name) and not isinstance(settings[name], Mapping):
            raise DomainError("invalid", f"{name}: expected a table, found something else")
    strange = [value for value in (settings.get("services") or {}).values() if value not in METHODS]
    if strange:
        raise DomainError("invalid", f"services: expected one of {', '.join(METHODS)}, found {strange[0]!r}")


def tells(settings: Mapping[str, Any]) -> bool:  # noqa: ARG001 - as the protocol has it
    """See Channel: always."""
    return True


def poll(settings: Mapping[str, Any]) -> float:  # noqa: ARG001 - as the protocol has it
    """See Platform."""
    return POLL


def greeting(line: Line, query: Mapping[str, str]) -> str:  # noqa: ARG001 - as the protocol has it
    """See Platform: Walmart checks an address with a message, not with a GET."""
    raise DomainError("not_found", "Walmart sends no greeting")


def tell(line: Line, words: Sequence[Word]) -> list[Answer]:
    """See Channel."""
    if not words:
        return []
    teller = _TELLERS.get(words[0].kind)
    if teller is None:
        return [failed(Refused(f"{word.kind}: Walmart cannot be told this")) for word in words]
    return teller(line, words)
