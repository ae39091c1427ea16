"""One request to the shop, signed in as its address demands it."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Generator, Mapping, Sequence
from typing import Any

import httpx
import msgspec
from authlib.common.security import generate_token  # type: ignore[import-untyped]
from authlib.oauth1.rfc5849.parameters import prepare_request_uri_query  # type: ignore[import-untyped]
from authlib.oauth1.rfc5849.signature import construct_base_string  # type: ignore[import-untyped]
from authlib.oauth1.rfc5849.util import escape  # type: ignore[import-untyped]

from server.calls.line import Line, Reply
from server.calls.troubles import Away, Denied

_MOVED = (301, 302, 303, 307, 308)
_JSON = msgspec.json.Encoder(decimal_format="number")
"""Amounts are Decimal here and plain JSON numbers there, digit for digit."""


def ask(
    line: Line,
    operation: str,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Any = None,
    allow: Sequence[int] = (),
) -> Reply:
    """Send it and return its answer; ``path`` begins after /wp-json. Raise Trouble; see Line.call.

    Lists go comma-separated: PHP's list[]=... would not survive the signature of plain http.
    """
    url = f"{str(line.settings['site_url']).rstrip('/')}/wp-json{path}"
    reply = line.call(
        operation,
        method,
        url,
        query=query,
        headers={} if body is None else {"content-type": "application/json"},
        content=None if body is None else _JSON.encode(body),
        auth=_sign_in(line, url),
        allow=(*allow, *_MOVED),
    )
    if reply.status in _MOVED:
        there = reply.headers.get("location", "nowhere").partition("?")[0]
        raise Denied(f"site_url: the shop sends us on to {there}; put its final address there")
    return reply


def row_of(reply: Reply) -> dict[str, Any]:
    """The answer's object; raise Away where it is none: a plugin, or somebody between us, answered."""
    found = reply.json()
    if not isinstance(found, dict):
        raise Away(f"expected an object, found {type(found).__name__}", maybe_done=True)
    return found


def rows_of(reply: Reply) -> list[dict[str, Any]]:
    """The answer's list of objects; raise Away where it is none."""
    found = reply.json()
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Away(f"expected a list of objects, found {type(found).__name__}")
    return found


def code_of(reply: Reply) -> str:
    """WordPress's own code of an error, empty where there is none."""
    try:
        found = reply.json()
    except Away:
        return ""
    return str(found.get("code") or "") if isinstance(found, dict) else ""


def _sign_in(line: Line, url: str) -> httpx.Auth:
    key, secret = line.secret("consumer_key"), line.secret("consumer_secret")
    if url.startswith("https:"):
        return httpx.BasicAuth(key, secret)
    return OneLegged(key, secret, line.now)


class OneLegged(httpx.Auth):
    """OAuth 1.0a without a token (RFC 5849), which WooCommerce demands where there is no TLS.

    In the query, because many hosts drop the Authorization header. A JSON body is no part of the signature. Of Authlib
    only the arithmetic is used: its clients refuse plain http, empty JSON bodies and read the machine's clock.
    """

    def __init__(self, key: str, secret: str, now: Callable[[], float]) -> None:
        self._key, self._secret, self._now = key, secret, now

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """See httpx.Auth."""
        claims = [
            ("oauth_consumer_key", self._key),
            ("oauth_nonce", generate_token()),
            ("oauth_signature_method", "HMAC-SHA256"),
            ("oauth_timestamp", str(int(self._now()))),
            ("oauth_version", "1.0"),
        ]
        url = str(request.url)
        base = construct_base_string(request.method, url, [*request.url.params.multi_items(), *claims])
        digest = hmac.new(f"{escape(self._secret)}&".encode(), base.encode(), hashlib.sha256).digest()
        signed = [*claims, ("oauth_signature", base64.b64encode(digest).decode())]
        request.url = httpx.URL(prepare_request_uri_query(signed, url))
        yield request
