"""Messages that Walmart sends, and how they are proven.

basic  a user name and a password that we gave when we subscribed (the default), and a secret header beside them where
       ``webhook_secret`` is set. Nothing covers the body: what it says is only a hint which order to fetch.
hmac   HMAC-SHA256 with the subscription's clientSecret. Over the body, in the header we named (Notifications
       description, Create Subscription); or, where ``webhook_path`` is set, over METHOD, path, WM_SEC.TIMESTAMP and
       SHA-256 of the body, in WM_SEC.SIGNATURE (Walmart's page "Security and authenticity").
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from server.calls.line import Line
from server.calls.troubles import Denied
from server.domain.errors import DomainError
from server.trade.words import Heard, Ref

SECRET_HEADER = "x-packproof-secret"  # noqa: S105 - a header's name
ID_MAX = 120

_STOCK = frozenset({"INVENTORY_OOS", "OFFER_UNPUBLISHED", "OFFER_PUBLISHED"})


def heard(line: Line, headers: Mapping[str, str], body: bytes) -> Heard:
    """See Platform."""
    try:
        proven = _hmac(line, headers, body) if line.settings.get("webhook_auth") == "hmac" else _basic(line, headers)
    except Denied as error:
        raise DomainError("bad_signature", "expected a secret in the settings, found none") from error
    if not proven:
        raise DomainError("bad_signature", "expected what was agreed with Walmart for this subscription")
    try:
        return _read(json.loads(body.decode("utf-8")))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        # A proof of the sender alone says nothing about the body: what is no message of Walmart's is not believed.
        raise DomainError("bad_signature", "expected a notification of Walmart, found something else") from error


def _basic(line: Line, headers: Mapping[str, str]) -> bool:
    user = str(line.settings.get("webhook_user") or "")
    sent = headers.get(str(line.settings.get("webhook_header") or "authorization").lower(), "")
    pairs = [base64.b64encode(f"{user}:{word}".encode()).decode() for word in _secrets(line, "webhook_password")]
    # The description says "BASE64 encoding of userName and password": with and without the scheme's name are seen.
    proven = _among(sent, [*pairs, *(f"Basic {pair}" for pair in pairs)])
    if line.settings.get("webhook_secret") or line.settings.get("webhook_secret_file"):
        name = str(line.settings.get("webhook_secret_header") or SECRET_HEADER).lower()
        return _among(headers.get(name, ""), _secrets(line, "webhook_secret")) and proven
    return proven


def _hmac(line: Line, headers: Mapping[str, str], body: bytes) -> bool:
    path = str(line.settings.get("webhook_path") or "")
    if path:
        digest = hashlib.sha256(body).hexdigest()
        signed = f"POST\n{path}\n{headers.get('wm_sec.timestamp', '')}\n{digest}".encode("utf-8", "replace")
        sent = headers.get("wm_sec.signature", "")
    else:
        signed = body
        sent = headers.get(str(line.settings.get("webhook_header") or "authorization").lower(), "")
    made = [hmac.digest(secret.encode(), signed, "sha256") for secret in _secrets(line, "webhook_secret")]
    # Which of the two spellings is sent is not described.
    return _among(sent, [*(base64.b64encode(each).decode() for each in made), *(each.hex() for each in made)])


def _secrets(line: Line, name: str) -> Iterator[str]:
    """The secret, and the one before it while it is being changed."""
    yield line.secret(name)
    if line.settings.get(f"old_{name}") or line.settings.get(f"old_{name}_file"):
        yield line.secret(f"old_{name}")


def _among(sent: str, expected: Iterable[str]) -> bool:
    """In constant time, whichever of them it is."""
    given = sent.encode("utf-8", "replace")
    return any(hmac.compare_digest(given, each.encode()) for each in expected)


def _read(said: Any) -> Heard:
    source, payload = said["source"], said.get("payload") or {}
    event, kind = source["eventId"], source["eventType"]
    if not isinstance(event, str) or not isinstance(kind, str) or not _short(event):
        raise ValueError("eventId, eventType")
    if not isinstance(payload, dict):
        raise TypeError("payload")
    return Heard(event, tuple(_refs(kind, payload)))


def _refs(kind: str, payload: Mapping[str, Any]) -> Iterator[Ref]:
    """ORDER_UPDATES has the order one level deeper than the older events."""
    inner = payload.get("order")
    for holder in (payload, inner if isinstance(inner, dict) else {}):
        found = holder.get("purchaseOrderId")
        if isinstance(found, (str, int)) and _short(str(found)):
            yield Ref("order", str(found))
            return
    sku = payload.get("sku")
    if kind in _STOCK and isinstance(sku, str) and _short(sku):
        yield Ref("stock", sku)


def _short(text: str) -> bool:
    """What may become an id of ours to look something up by."""
    return 0 < len(text) <= ID_MAX and text.isprintable()
