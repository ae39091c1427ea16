"""Sign-in with Login with Amazon, and calls of the Selling Partner API."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

from server.calls.line import Line, Reply
from server.calls.troubles import Away, Denied
from server.channels.amazon.setup import API, AUTH, LIMITS

_KEPT = "amazon:refresh"


def ask(
    line: Line,
    operation: str,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    json: Any = None,
    allow: Sequence[int] = (),
    limit: str = "",
) -> Reply:
    """One call with an access token. ``limit`` names its bucket where it is not the operation's own."""

    def go(token: str) -> Reply:
        headers = {"x-amz-access-token": token, "accept": "application/json"}
        url = str(line.settings.get("api_url") or API).rstrip("/") + path
        return line.call(limit or operation, method, url, headers=headers, query=query, json=json, allow=allow)

    # The name holds a digest, so that no token outlives the credentials it was given for.
    name = f"lwa:{_digest(_credentials(line))}"
    reply = line.with_token(name, lambda: _renewed(line), go)
    _learn(line, limit or operation, reply)
    return reply


def answer(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer; raise Away where somebody else answered."""
    found = reply.json()
    if not isinstance(found, dict):
        raise Away("expected a JSON object", maybe_done=True)
    return found


def things(value: Any) -> list[dict[str, Any]]:
    """The objects of a list that may be absent."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _renewed(line: Line) -> tuple[str, float]:
    """An access token and its seconds; raise Denied when Amazon knows the refresh token or the app no more."""
    client_id, secret, refresh = _credentials(line)
    kept = line.memory.get(_KEPT) or {}
    # A token that a person set later wins over one that Amazon once gave us in exchange for an older one.
    newest = str(kept["token"]) if kept.get("of") == _digest((refresh,)) else refresh
    form = {"grant_type": "refresh_token", "refresh_token": newest, "client_id": client_id, "client_secret": secret}
    reply = line.call("token", "POST", str(line.settings.get("auth_url") or AUTH), form=form, allow=(400,))
    found = answer(reply)
    if reply.status == 400:
        raise Denied(f"Login with Amazon: {str(found.get('error', '400'))[:40]}: authorize the app again")
    token, seconds = found.get("access_token"), found.get("expires_in")
    if not isinstance(token, str) or not token or not isinstance(seconds, int):
        raise Away("Login with Amazon: expected access_token and expires_in", maybe_done=True)
    rotated = found.get("refresh_token")
    if isinstance(rotated, str) and rotated and rotated != newest:
        line.memory.put(_KEPT, {"of": _digest((refresh,)), "token": rotated})
    return token, float(seconds)


def _credentials(line: Line) -> tuple[str, str, str]:
    return str(line.settings.get("client_id") or ""), line.secret("client_secret"), line.secret("refresh_token")


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _learn(line: Line, operation: str, reply: Reply) -> None:
    """x-amzn-RateLimit-Limit: tokens a second of this account, when Amazon says it."""
    try:
        rate = float(reply.headers.get("x-amzn-ratelimit-limit", ""))
    except ValueError:
        return
    # createFeed's header speaks of all feeds, not of those that have a bucket of their own.
    if math.isfinite(rate) and rate > 0 and operation != "createListingsFeed":
        line.pace.learn(operation, rate=rate, burst=LIMITS[operation].burst)
