"""Shopify: the GraphQL Admin API of one shop, version 2026-10. See server.channels for what each name promises.

Asking and its troubles are in ``asking``, every document in ``questions``; the other files are one subject each.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from server.calls.line import Line
from server.calls.pace import Limit
from server.calls.troubles import Denied, Refused
from server.channels.shopify import cancelling, questions, shipping, stock
from server.channels.shopify.asking import ask, expires_at, number_of
from server.channels.shopify.orders import changed_orders, order, read_order
from server.channels.shopify.reading import part, parts, text
from server.channels.shopify.shelf import listings, live_stock
from server.channels.shopify.signing import heard
from server.domain.errors import DomainError
from server.trade.words import Account, Answer, Setting, Word, failed

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

NAME = "Shopify"
LIMITS: Mapping[str, Limit] = {"graphql": Limit(100, 1000), "token": Limit(1, 5)}
"""Points a second of the smallest plan; each answer says what the shop's own plan allows."""
BULK: Mapping[str, int] = {"stock": questions.ROWS_MAX}
AT_ONCE = 2
POLL = 60.0
ACK_WITHIN: float | None = None
SETTLES = 60.0
SHOWN_MOST: int | None = None

SETTINGS: Sequence[Setting] = (
    Setting(name="shop", help="The shop's own address in Shopify", example="example.myshopify.com"),
    Setting(name="client_id", help="The app's client id (API key)", default="", example="0123456789abcdef"),
    Setting(name="client_secret", help="The app's client secret: it signs webhooks too", secret=True, default=""),
    Setting(name="old_client_secret", help="The secret before a rotation, for a day", secret=True, default=""),
    Setting(name="access_token", help="An Admin API token that does not expire", secret=True, default=""),
    Setting(name="refresh_token", help="The refresh token of an expiring offline token", secret=True, default=""),
    Setting(name="location_id", help="The location whose stock is ours", default="", example="70123456789"),
    Setting(name="notify_customer", help="Whether Shopify mails the buyer", default="true"),
    Setting(name="refund_on_cancel", help="Whether a cancel pays the money back", default="true"),
    Setting(name="any_carrier", help="Whether carriers outside Shopify's list go there by name", default="false"),
    Setting(name="api_url", help="The API's address; empty: https:// and the shop", default=""),
    Setting(name="api_version", help="The version of the API", default="2026-10"),
)

_SCOPES = {
    "read_orders": {"read_orders", "write_orders"},
    "write_orders": {"write_orders"},
    "read_products": {"read_products", "write_products"},
    "write_inventory": {"write_inventory"},
    "read_locations": {"read_locations", "write_inventory"},
    "write_merchant_managed_fulfillment_orders": {"write_merchant_managed_fulfillment_orders"},
}
"""What we need, and what brings it."""


def check(settings: Mapping[str, Any]) -> None:
    """See Channel."""
    shop = str(settings.get("shop") or "")
    if not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9-]*\.myshopify\.com", shop):
        raise DomainError("invalid", f"shop: expected <name>.myshopify.com, found {shop[:80]!r}")
    url = str(settings.get("api_url") or "")
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise DomainError("invalid", "api_url: expected http(s)://host")
    given = {name for name in ("client_id", "client_secret", "access_token", "refresh_token") if _given(settings, name)}
    if "access_token" not in given and not {"client_id", "client_secret"} <= given:
        raise DomainError("invalid", "expected an access_token, or a client_id and its client_secret, found neither")
    if "refresh_token" in given and not {"client_id", "client_secret"} <= given:
        raise DomainError("invalid", "refresh_token: expected a client_id and its client_secret beside it")
    location = str(settings.get("location_id") or "")
    if location and not re.fullmatch(r"(gid://shopify/Location/)?[0-9]{1,20}", location):
        raise DomainError("invalid", f"location_id: expected a number, found {location[:40]!r}")
    if not isinstance(settings.get("carriers") or {}, Mapping):
        raise DomainError("invalid", "carriers: expected a table of our codes and Shopify's names")


def tells(settings: Mapping[str, Any]) -> bool:  # noqa: ARG001
    """See Channel."""
    return True


def poll(settings: Mapping[str, Any]) -> float:  # noqa: ARG001
    """See Platform."""
    return POLL


def greeting(line: Line, query: Mapping[str, str]) -> str:  # noqa: ARG001
    """See Platform."""
    raise DomainError("not_found", "Shopify checks no address with a GET")


def who(line: Line) -> Account:
    """See Platform; raise Denied also where the app may not do what we need."""
    data = ask(line, questions.SHOP)
    may = {text(scope, "handle") for scope in parts(part(data, "currentAppInstallation"), "accessScopes")}
    if missing := sorted(name for name, any_of in _SCOPES.items() if not any_of & may):
        raise Denied(f"the app lacks the access scopes {', '.join(missing)}")
    places = {
        number_of(text(each, "id")): text(each, "name") for each in parts(data, "locations") if each.get("isActive")
    }
    return Account(name=text(part(data, "shop"), "name"), places=places, expires_at=expires_at(line))


def tell(line: Line, words: Sequence[Word]) -> list[Answer]:
    """See Channel."""
    match words[0].kind if words else "":
        case "stock":
            return stock.tell(line, words)
        case "shipment":
            return [shipping.tell(line, word) for word in words]
        case "cancel":
            return [cancelling.tell(line, word) for word in words]
        case "refund":
            return [cancelling.tell_refund(line, word) for word in words]
        case kind:
            return [failed(Refused(f"{kind}: Shopify takes no such word")) for _ in words]


def _given(settings: Mapping[str, Any], name: str) -> bool:
    return bool(settings.get(name) or settings.get(f"{name}_file"))
