"""Who asks: Basic over https, OAuth 1.0a one-legged over http, as WooCommerce checks it (in the order of its PHP)."""

import base64
import hashlib
import hmac
from urllib.parse import parse_qsl, quote, urlsplit

from server.simulated.platforms.base import Ask

_WINDOW = 15 * 60.0
_DEMANDED = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")


def signed_by(ask: Ask, key: str, secret: str, now: float, nonces: set[str]) -> bool:
    """Whether the holder of these keys sent it, now, and for the first time."""
    if urlsplit(ask.url).scheme == "https":
        word = base64.b64encode(f"{key}:{secret}".encode()).decode()
        return hmac.compare_digest(ask.headers.get("authorization", "").encode(), f"Basic {word}".encode())
    said = dict(parse_qsl(urlsplit(ask.url).query, keep_blank_values=True))
    if any(name not in said for name in _DEMANDED) or said["oauth_consumer_key"] != key:
        return False
    nonce, stamp = said["oauth_nonce"], said["oauth_timestamp"]
    if nonce in nonces or not stamp.isdigit() or abs(int(stamp) - now) > _WINDOW:
        return False
    if said["oauth_signature_method"] != "HMAC-SHA256":
        return False
    if not hmac.compare_digest(said.pop("oauth_signature").encode(), _signature(ask, said, secret)):
        return False
    nonces.add(nonce)
    return True


def _signature(ask: Ask, said: dict[str, str], secret: str) -> bytes:
    there = urlsplit(ask.url)
    base = f"http://{there.netloc.removesuffix(':80')}{there.path}"
    pairs = "&".join(f"{name}={value}" for name, value in sorted((_raw(n), _raw(v)) for n, v in said.items()))
    text = "&".join(_raw(part) for part in (ask.method, base, pairs))
    return base64.b64encode(hmac.new(f"{secret}&".encode(), text.encode(), hashlib.sha256).digest())


def _raw(text: str) -> str:
    return quote(text, safe="-._~")
