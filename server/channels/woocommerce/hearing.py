"""The shop's webhooks.

A signature is base64 of HMAC-SHA256 over the raw body. Headers are not signed, and neither is the ping that a shop
sends when a webhook is saved: both lead to no more than a look at an order.
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping

from server.calls.line import Line
from server.calls.troubles import Denied
from server.domain.errors import DomainError
from server.trade.words import Heard, Ref

_PING = re.compile(rb"webhook_id=\d{1,20}")
_KINDS = {"order": "order", "product": "stock"}


def heard(line: Line, headers: Mapping[str, str], body: bytes) -> Heard:
    """See Platform.heard; raise DomainError("bad_signature") unless the shop sent exactly this."""
    signature = headers.get("x-wc-webhook-signature")
    if signature is None and _PING.fullmatch(body):
        return Heard(f"ping {body.decode()}")
    said = (signature or "").encode("utf-8", "replace")
    # Every secret is tried, so that the time tells nothing.
    fits = [hmac.compare_digest(said, _signature(secret, body)) for secret in _secrets(line)]
    if not any(fits):
        raise DomainError("bad_signature", "expected x-wc-webhook-signature of one of this shop's webhooks")
    event = headers.get("x-wc-webhook-delivery-id", "")
    return Heard(event or hashlib.sha256(body).hexdigest(), _refs(headers.get("x-wc-webhook-resource", ""), body))


def _secrets(line: Line) -> list[str]:
    found = []
    for name in ("webhook_secret", "old_webhook_secret"):
        try:
            found.append(line.secret(name))
        except Denied:
            continue
    return found


def _signature(secret: str, body: bytes) -> bytes:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())


def _refs(resource: str, body: bytes) -> tuple[Ref, ...]:
    """What to look at: only the id of the body is used."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ()
    number = found.get("id") if isinstance(found, dict) else None
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        return ()
    match _KINDS.get(resource):
        case "order":
            return (Ref("order", str(number)),)
        case "stock":
            return (Ref("stock", str(number)),)
        case _:
            return ()
