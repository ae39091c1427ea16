"""eBay, through its Sell APIs. One file per subject; nothing here imports another channel.

access  signing in, one call      reading  an order in our words      orders    what changed
hearing signed notifications      listings what is on sale            stock     numbers
shipping one package              cancelling whole orders
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from server.calls.line import Line, bound
from server.calls.pace import Limit
from server.calls.troubles import Refused
from server.channels.ebay.access import API, FULFILMENT, INVENTORY, TOKEN_URL, ask, fields, rows
from server.channels.ebay.cancelling import tell_cancel
from server.channels.ebay.hearing import greeting, heard
from server.channels.ebay.listings import TOGETHER, listings, live_stock
from server.channels.ebay.orders import changed_orders, order
from server.channels.ebay.reading import read_order
from server.channels.ebay.refunding import tell_refund
from server.channels.ebay.shipping import carriers_of, tell_shipment
from server.channels.ebay.stock import tell_stock
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

NAME = "eBay"

SETTINGS: Sequence[Setting] = (
    Setting(name="client_id", help="App ID (Client ID) of your keyset at developer.ebay.com, Application Keys"),
    Setting(name="client_secret", help="Cert ID (Client Secret) of the same keyset", secret=True),
    Setting(name="refresh_token", help="the seller's refresh token: User Tokens, Sign in to Production", secret=True),
    Setting(name="connected_until", help="when the refresh token ends (18 months)", default="", example="2028-05-21"),
    Setting(name="marketplace", help="the seller's marketplace", default="EBAY_US", example="EBAY_GB"),
    Setting(
        name="verification_token",
        help="32 to 80 characters of your own choice, the same as at eBay: Alerts and Notifications",
        secret=True,
        default="",
    ),
    Setting(name="endpoint_url", help="the address that eBay notifies, exactly as given to eBay", default=""),
    Setting(name="carriers", help="our carrier codes to eBay's", default="", example="pigeon=UKMail, van=Hermes"),
    Setting(name="api_url", help="where eBay's API is", default=API, example="https://api.sandbox.ebay.com"),
    Setting(name="auth_url", help="where tokens come from", default=TOKEN_URL),
)


def _daily(calls: float, burst: float) -> Limit:
    """So many calls a day, of which ``burst`` at once."""
    return Limit((calls - burst) / 86400.0, burst)


LIMITS: Mapping[str, Limit] = {
    "orders": _daily(50_000, 1_000),
    "order": _daily(40_000, 2_000),
    "shipment": _daily(10_000, 1_000),
    "refund": _daily(10_000, 1_000),
    "inventory": _daily(2_000_000, 20_000),
    "public_key": _daily(10_000, 200),
    "token": _daily(50_000, 100),
    "app_token": _daily(1_000, 20),
}
"""eBay counts calls per application and day. Of Fulfillment's 100,000 each operation here has its share."""

BULK: Mapping[str, int] = {"stock": TOGETHER, "shipment": 1, "cancel": 1, "refund": 1}
AT_ONCE = 2
POLL = 60.0
ACK_WITHIN: float | None = None
SETTLES = 60.0
SHOWN_MOST: int | None = None

_ADDRESSES = ("api_url", "auth_url", "endpoint_url")


def check(settings: Mapping[str, Any]) -> None:
    """Raise DomainError("invalid") when the settings cannot work."""
    bound(settings, "client_id", "the App ID of the keyset")
    for name in ("client_secret", "refresh_token"):
        if not settings.get(f"{name}_file"):
            bound(settings, name, f"it, or {name}_file")
    for name in _ADDRESSES:
        url = str(settings.get(name) or "")
        if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
            raise DomainError("invalid", f"{name}: expected http(s)://host/path")
    token = str(settings.get("verification_token") or "")
    if token and not re.fullmatch(r"[A-Za-z0-9_-]{32,80}", token):
        raise DomainError("invalid", "verification_token: expected 32 to 80 of letters, digits, _ and -")
    carriers_of(settings)
    _connected_until(settings)


def tells(settings: Mapping[str, Any]) -> bool:
    """Whether eBay lets us in."""
    return bool(settings.get("refresh_token") or settings.get("refresh_token_file"))


def poll(settings: Mapping[str, Any]) -> float:  # noqa: ARG001
    """See Platform."""
    return POLL


def who(line: Line) -> Account:
    """Check the credentials with eBay, not with a token that we still have; raise Denied when they are no good."""
    line.forget("user")
    found = fields(ask(line, "inventory", "GET", f"{INVENTORY}/location", query={"limit": "100"}))
    places = {
        str(place["merchantLocationKey"]): str(place.get("name") or place["merchantLocationKey"])
        for place in rows(found, "locations")
        if place.get("merchantLocationKey")
    }
    # No call of these APIs says who the seller is, except every order.
    latest = rows(fields(ask(line, "orders", "GET", f"{FULFILMENT}/order", query={"limit": "1"})), "orders")
    name = next((str(each["sellerId"]) for each in latest if each.get("sellerId")), NAME)
    return Account(name=name, places=places, expires_at=_connected_until(line.settings))


def tell(line: Line, words: Sequence[Word]) -> Sequence[Answer]:
    """See Channel. Stock goes in bulk, everything else one by one; eBay wants to hear of nothing more."""
    kind = words[0].kind if words else ""
    if kind == "stock":
        return tell_stock(line, words)
    one = {"shipment": tell_shipment, "cancel": tell_cancel, "refund": tell_refund}.get(kind)
    if one is None:
        return [failed(Refused(f"eBay is not told of a {word.kind}")) for word in words]
    return [one(line, word) for word in words]


def _connected_until(settings: Mapping[str, Any]) -> float | None:
    text = str(settings.get("connected_until") or "")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise DomainError("invalid", "connected_until: expected a date such as 2028-05-21") from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
