"""Signing in to eBay, and one call to it. OAuth: a user token from the refresh token, an app token for public keys."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from server.calls.line import Line, Reply
from server.calls.troubles import Away, Denied, Throttled

API = "https://api.ebay.com"
TOKEN_URL = "https://api.ebay.com/identity/v1/oauth2/token"  # noqa: S105 - an address
PUBLIC_SCOPE = "https://api.ebay.com/oauth/api_scope"
FULFILMENT, INVENTORY, NOTIFICATION = "/sell/fulfillment/v1", "/sell/inventory/v1", "/commerce/notification/v1"

_PACIFIC = ZoneInfo("America/Los_Angeles")
_SLOWEST = 3600.0
_SLOW = 5.0


def ask(
    line: Line,
    operation: str,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    json: Any = None,
    allow: Sequence[int] = (),
    scheme: str = "Bearer",
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """One call as the seller; raise Trouble as ``Line.call`` does."""

    def go(token: str) -> Reply:
        named = {"accept": "application/json", "authorization": f"{scheme} {token}", **(headers or {})}
        return line.call(operation, method, _url(line, path), headers=named, query=query, json=json, allow=allow)

    return _slowing(line, operation, lambda: line.with_token("user", lambda: _user_token(line), go))


def ask_as_app(line: Line, operation: str, path: str) -> Reply:
    """One GET as the application, without any seller."""

    def go(token: str) -> Reply:
        named = {"accept": "application/json", "authorization": f"Bearer {token}"}
        return line.call(operation, "GET", _url(line, path), headers=named)

    return _slowing(line, operation, lambda: line.with_token("app", lambda: _app_token(line), go))


def fields(reply: Reply) -> dict[str, Any]:
    """The answer's JSON object; raise Away where something else came: it was not eBay that answered."""
    found = reply.json()
    if not isinstance(found, dict):
        raise Away(f"expected a JSON object, found {type(found).__name__}", maybe_done=True)
    return found


def rows(found: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list in an answer; raise Away where it is something else."""
    listed = found.get(name) or []
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise Away(f"{name}: expected a list of objects", maybe_done=True)
    return listed


def error_ids(found: Any) -> frozenset[int]:
    """The ``errorId`` of each error in an answer or in one of its rows."""
    errors = found.get("errors") if isinstance(found, dict) else None
    return frozenset(
        each["errorId"] for each in errors or () if isinstance(each, dict) and isinstance(each.get("errorId"), int)
    )


def instant(at: float) -> str:
    """As eBay writes times: ISO 8601, milliseconds, Z."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def pacific_day(at: float) -> str:
    """The day by which eBay counts calls and revisions."""
    return datetime.fromtimestamp(at, _PACIFIC).date().isoformat()


def until_midnight(at: float) -> float:
    """Seconds until eBay's next day begins."""
    today = datetime.fromtimestamp(at, _PACIFIC)
    midnight = datetime.combine(today.date() + timedelta(days=1), datetime.min.time(), _PACIFIC)
    return max(1.0, math.ceil(midnight.timestamp() - at))


def _url(line: Line, path: str) -> str:
    return str(line.settings.get("api_url") or API).rstrip("/") + path


def _slowing(line: Line, operation: str, go: Callable[[], Reply]) -> Reply:
    """eBay says 429 for the rest of the day and not for how long: each one in a row doubles the wait."""
    key = f"slow:{operation}"
    try:
        reply = go()
    except Throttled as trouble:
        if not trouble.detail.startswith("429"):
            raise
        before = int(line.memory.get(key) or 0)
        line.memory.put(key, before + 1)
        if not before:
            raise
        after = max(trouble.after, min(_SLOW * 2**before, _SLOWEST, until_midnight(line.now())))
        line.pace.shut(operation, after)
        raise Throttled(trouble.detail, after) from trouble
    if line.memory.get(key):
        line.memory.put(key, None)
    return reply


def _user_token(line: Line) -> tuple[str, float]:
    """A user token (2 h) for the refresh token (18 months)."""
    setting = line.secret("refresh_token")
    print_of = hashlib.sha256(setting.encode()).hexdigest()[:16]
    kept = line.memory.get("refresh_token") or {}
    # A rotated token is newer than the setting it came from, but not than one that a person set since.
    refresh = str(kept["token"]) if kept.get("of") == print_of else setting
    found = _token(line, "token", {"grant_type": "refresh_token", "refresh_token": refresh})
    newer = found.get("refresh_token")
    if isinstance(newer, str) and newer and newer != refresh:
        line.memory.put("refresh_token", {"of": print_of, "token": newer})
    return found["access_token"], float(found["expires_in"])


def _app_token(line: Line) -> tuple[str, float]:
    """A token of the application alone: client credentials."""
    found = _token(line, "app_token", {"grant_type": "client_credentials", "scope": PUBLIC_SCOPE})
    return found["access_token"], float(found["expires_in"])


def _token(line: Line, operation: str, form: Mapping[str, str]) -> dict[str, Any]:
    url = str(line.settings.get("auth_url") or TOKEN_URL)
    auth = httpx.BasicAuth(str(line.settings.get("client_id") or ""), line.secret("client_secret"))
    reply = line.call(operation, "POST", url, form=form, auth=auth, allow=(400,))
    found = fields(reply)
    if reply.status == 400:
        said = "".join(c for c in str(found.get("error"))[:60] if c.isprintable())
        raise Denied(f"eBay does not take the {form['grant_type']}: {said}")
    if not isinstance(found.get("access_token"), str) or not isinstance(found.get("expires_in"), int | float):
        raise Away("token: expected access_token and expires_in")
    return found
