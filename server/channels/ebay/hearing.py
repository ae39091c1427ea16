"""What eBay's Notification API sends: its check of our address, and messages signed with ECDSA over the raw body."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from server.calls.line import Line
from server.calls.troubles import Trouble
from server.channels.ebay.access import NOTIFICATION, ask_as_app, fields
from server.domain.errors import DomainError
from server.trade.words import Heard, Ref

KEY_LIFE = 3600.0
"""Seconds that a public key is used before it is asked for again; eBay recommends an hour."""

_DIGESTS: Mapping[str, type[hashes.HashAlgorithm]] = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}
_KID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADER_MAX = 4096


@dataclass(frozen=True, slots=True)
class _Envelope:
    """The header X-EBAY-SIGNATURE, decoded."""

    kid: str
    signature: bytes
    digest: str


def greeting(line: Line, query: Mapping[str, str]) -> str:
    """JSON with the SHA-256 of the challenge, our verification token and our address, as eBay checks it."""
    code = query.get("challenge_code", "")
    if not code:
        raise DomainError("not_found", "expected challenge_code in the query, as eBay sends it")
    try:
        token = line.secret("verification_token")
    except Trouble as trouble:
        raise DomainError("not_found", trouble.detail) from trouble
    said = code + token + str(line.settings.get("endpoint_url") or "")
    return json.dumps({"challengeResponse": hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()})


def heard(line: Line, headers: Mapping[str, str], body: bytes) -> Heard:
    """What a message is about; raise DomainError("bad_signature") unless eBay sent exactly this.

    Also when eBay's key cannot be had: eBay then sends it again.
    """
    envelope = _envelope(headers.get("x-ebay-signature", ""))
    try:
        key = _public_key(_key_text(line, envelope.kid))
        # Which digest it is comes from the envelope: eBay signs with SHA1 as well as with SHA256.
        key.verify(envelope.signature, body, ec.ECDSA(_DIGESTS[envelope.digest]()))
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, Trouble) as error:
        raise _bad("expected eBay's signature over exactly these bytes") from error
    try:
        said = json.loads(body)
        topic, notification = said["metadata"]["topic"], said["notification"]
        event, data = notification["notificationId"], notification.get("data")
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError) as error:
        raise _bad("expected a notification as eBay writes it") from error
    if not isinstance(event, str) or not event:
        raise _bad("notificationId: expected text")
    return Heard(event, _refs(topic, data if isinstance(data, dict) else {}))


def _refs(topic: Any, data: Mapping[str, Any]) -> tuple[Ref, ...]:
    """A buyer's closed account concerns no order of ours; every other topic that names an order is a hint to it."""
    if topic == "MARKETPLACE_ACCOUNT_DELETION":
        return ()
    if topic == "AUTHORIZATION_REVOCATION":
        return (Ref("account", str(data.get("userId") or "")),)
    order = data.get("order")
    ref = order.get("orderId") if isinstance(order, dict) else data.get("orderId")
    return (Ref("order", ref),) if isinstance(ref, str) and ref else ()


def _envelope(header: str) -> _Envelope:
    """The one spelling that eBay uses, and no other that would decode to the same."""
    if not header or len(header) > _HEADER_MAX:
        raise _bad("X-EBAY-SIGNATURE: expected a signature")
    try:
        found = json.loads(_decoded(header).decode("utf-8"))
        kid, signature, digest = found["kid"], _decoded(found["signature"]), found["digest"]
        good = found["alg"] == "ecdsa" and digest in _DIGESTS and _KID.fullmatch(kid)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _bad("X-EBAY-SIGNATURE: expected base64 of alg, kid, signature and digest") from error
    if not good:
        raise _bad("X-EBAY-SIGNATURE: expected ecdsa with SHA1 or SHA256")
    return _Envelope(kid, signature, digest)


def _decoded(text: str) -> bytes:
    raw = text.encode("ascii")
    try:
        found = base64.b64decode(raw, validate=True)
    except binascii.Error as error:
        raise ValueError("no base64") from error
    if base64.b64encode(found) != raw:
        raise ValueError("base64 with stray bits")
    return found


def _key_text(line: Line, kid: str) -> str:
    """The PEM of a key: kept for an hour, and used on while eBay cannot be asked."""
    kept = line.memory.get(f"key:{kid}") or {}
    if kept and kept["until"] > line.now():
        return str(kept["key"])
    # Whoever sends key ids of his own shall neither keep us waiting nor use up the day's calls.
    if line.pace.wait("public_key") > 0:
        return _kept(kept)
    try:
        found = fields(ask_as_app(line, "public_key", f"{NOTIFICATION}/public_key/{kid}"))
    except Trouble:
        return _kept(kept)
    if not isinstance(found.get("key"), str):
        return _kept(kept)
    line.memory.put(f"key:{kid}", {"key": found["key"], "until": line.now() + KEY_LIFE})
    return str(found["key"])


def _kept(kept: Mapping[str, Any]) -> str:
    if not kept:
        raise _bad("kid: expected a key that eBay serves")
    return str(kept["key"])


@lru_cache(maxsize=64)
def _public_key(text: str) -> ec.EllipticCurvePublicKey:
    """eBay serves its PEM on one line, which no library reads."""
    inner = re.sub(r"-----[A-Z ]+-----|\s", "", text)
    lines = [inner[at : at + 64] for at in range(0, len(inner), 64)]
    pem = "\n".join(["-----BEGIN PUBLIC KEY-----", *lines, "-----END PUBLIC KEY-----", ""])
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("expected an elliptic curve key")
    return key


def _bad(detail: str) -> DomainError:
    return DomainError("bad_signature", detail)
