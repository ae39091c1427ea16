"""Webhooks: base64 of the HMAC-SHA256 of the raw body under the app's client secret.

Only the body is signed. The headers (topic, shop, ids) are hints, and so nothing follows from a message but a look.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Denied
from server.channels.shopify.asking import number_of
from server.domain.errors import DomainError
from server.trade.words import Heard, Ref

_SECRETS = ("client_secret", "old_client_secret")
"""After a rotation the old secret may sign for an hour."""

_PLACES = ("fulfillment_order", "original_fulfillment_order", "moved_fulfillment_order", "remaining_fulfillment_order")


def heard(line: Line, headers: Mapping[str, str], body: bytes) -> Heard:
    """See Platform."""
    _check(line, headers.get("x-shopify-hmac-sha256", ""), body)
    shop, ours = headers.get("x-shopify-shop-domain", ""), str(line.settings.get("shop") or "")
    if shop and ours and shop.lower() != ours.lower():
        raise DomainError("bad_signature", "expected a message of our own shop: one app signs for all of its shops")
    event, topic = headers.get("x-shopify-webhook-id", ""), headers.get("x-shopify-topic", "")
    if not re.fullmatch(r"[\x21-\x7e]{1,120}", event):
        raise DomainError("bad_signature", "X-Shopify-Webhook-Id: expected an id, found none")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DomainError("bad_signature", "expected JSON") from error
    return Heard(event, _refs(topic.lower(), said if isinstance(said, dict) else {}, shop or ours))


def _check(line: Line, header: str, body: bytes) -> None:
    """Raise DomainError("bad_signature") unless one of our secrets signed exactly these bytes."""
    try:
        found = base64.b64decode(header.encode("ascii"), validate=True)
    except (ValueError, binascii.Error) as error:
        raise DomainError("bad_signature", "X-Shopify-Hmac-SHA256: expected base64") from error
    # Base64 can spell the same bytes in several ways; the shop's own spelling is the only one.
    good = base64.b64encode(found).decode() == header
    matches = [hmac.compare_digest(hmac.digest(secret, body, hashlib.sha256), found) for secret in _secrets(line)]
    if not (good and any(matches)):
        raise DomainError("bad_signature", "X-Shopify-Hmac-SHA256: expected the body signed with the client secret")


def _secrets(line: Line) -> list[bytes]:
    found = []
    for name in _SECRETS:
        try:
            found.append(line.secret(name).encode())
        except Denied:
            continue
    return found


def _refs(topic: str, said: Mapping[str, Any], shop: str) -> tuple[Ref, ...]:
    subject = topic.partition("/")[0]
    if subject == "orders":
        return _orders(said.get("id"))
    if subject in {"refunds", "fulfillments", "returns", "order_transactions"}:
        return _orders(said.get("order_id"))
    if subject in {"fulfillment_orders", "fulfillment_holds"}:
        # These name no order: the adapter finds it by the fulfilment order.
        return tuple(dict.fromkeys(ref for name in _PLACES for ref in _place(said.get(name))))
    if subject == "inventory_levels":
        item = _digits(said.get("inventory_item_id"))
        return (Ref("stock", item),) if item else ()
    if topic == "app/uninstalled":
        return (Ref("account", shop),)
    return ()


def _orders(found: Any) -> tuple[Ref, ...]:
    number = _digits(found)
    return (Ref("order", number),) if number else ()


def _place(found: Any) -> tuple[Ref, ...]:
    number = _digits(found.get("id")) if isinstance(found, dict) else ""
    return (Ref("order", f"gid://shopify/FulfillmentOrder/{number}"),) if number else ()


def _digits(found: Any) -> str:
    number = number_of(found) if isinstance(found, int | str) else ""
    return number if re.fullmatch(r"[0-9]{1,20}", number) else ""
