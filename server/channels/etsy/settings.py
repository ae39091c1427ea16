"""The settings of an Etsy shop, and the limits that Etsy sets."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from server.calls.line import bound
from server.calls.pace import Limit
from server.domain.errors import DomainError
from server.trade.words import Setting

API = "https://openapi.etsy.com"

PER_SECOND, PER_DAY = 10.0, 10_000.0
"""Calls that an app key has at first; Etsy may grant more, and says so in its answers."""

BURST = 0.2
"""The share of a second's calls that may go out at once; the others are spread over it."""


def per_second(calls: float) -> Limit:
    """A bucket that never lets more than so many calls into any second."""
    return Limit(calls * (1 - BURST), calls * BURST)


def per_day(calls: float) -> Limit:
    """A bucket for a sliding day."""
    return Limit(calls / 86_400, calls)


# Etsy counts all calls of one app key together, so every call takes from both.
LIMITS: Mapping[str, Limit] = {
    "api": per_second(PER_SECOND),
    "day": per_day(PER_DAY),
    "token": Limit(0.5, 5.0),
}

SETTINGS = (
    Setting(
        name="keystring", help="Your app's keystring: etsy.com/developers/your-apps", example="1a2b3c4d5e6f7g8h9i0j1k2l"
    ),
    Setting(name="shared_secret", help="Your app's shared secret, on the same page", secret=True),
    Setting(
        name="refresh_token",
        help="What connecting the shop gave (scopes transactions_r transactions_w listings_r listings_w shops_r)",
        secret=True,
    ),
    Setting(name="shop_id", help="The shop's number: your app's page, or Shop Manager", example="12345678"),
    Setting(
        name="webhook_secret",
        help="The signing secret of the webhook portal (commercial apps only); empty: orders come by polling",
        secret=True,
        default="",
    ),
    Setting(name="old_webhook_secret", help="The signing secret before, while you change it", secret=True, default=""),
    Setting(name="carriers", help="Our carrier codes to Etsy's carrier names", default="", example="own_van=other"),
    Setting(name="services", help="Our services to Etsy's mail classes", default="", example="ground=Ground"),
    Setting(
        name="renew_sold_out",
        help="yes: a sold-out listing that has stock again is renewed, which Etsy charges for; no: a person does it",
        default="yes",
    ),
    Setting(name="api_url", help="The address of the API", default=API),
    Setting(name="auth_url", help="The address that renews tokens", default=API),
)


def check(settings: Mapping[str, Any]) -> None:
    """Raise DomainError("invalid") when the settings cannot work."""
    bound(settings, "keystring", "the keystring of your Etsy app")
    for name in ("shared_secret", "refresh_token"):
        if not settings.get(f"{name}_file"):
            bound(settings, name, f"a secret, or {name}_file")
    shop = bound(settings, "shop_id", "the shop's number")
    if not re.fullmatch("[1-9][0-9]{0,18}", shop):
        raise DomainError("invalid", f"shop_id: expected digits, found {shop[:40]!r}")
    for name in ("api_url", "auth_url"):
        url = urlsplit(address(settings, name))
        if url.scheme not in {"http", "https"} or not url.hostname:
            raise DomainError("invalid", f"{name}: expected http(s)://host")
    for name in ("webhook_secret", "old_webhook_secret"):
        if not key_of(str(settings.get(name) or "whsec_c2VjcmV0")):
            raise DomainError("invalid", f"{name}: expected whsec_ and base64")
    for name in ("carriers", "services"):
        table(settings, name)
    if str(settings.get("renew_sold_out") or "yes") not in {"yes", "no"}:
        raise DomainError("invalid", "renew_sold_out: expected yes or no")


def address(settings: Mapping[str, Any], name: str) -> str:
    """A base address without its last slash."""
    return str(settings.get(name) or API).rstrip("/")


def table(settings: Mapping[str, Any], name: str) -> dict[str, str]:
    """Ours to theirs, from a table or from ``ours=theirs, ours=theirs``; raise DomainError("invalid")."""
    given = settings.get(name) or {}
    if isinstance(given, str):
        pairs = [part.partition("=") for part in given.split(",") if part.strip()]
        given = {ours.strip(): theirs.strip() for ours, _, theirs in pairs}
    if not isinstance(given, Mapping) or not all(isinstance(v, str) and k and v for k, v in given.items()):
        raise DomainError("invalid", f"{name}: expected ours=theirs, separated by commas")
    return {str(ours).lower(): theirs for ours, theirs in given.items()}


def key_of(secret: str) -> bytes:
    """The key in a signing secret; empty when there is none."""
    try:
        text = secret.removeprefix("whsec_")
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""
