"""One call to Walmart: signed in, with the headers it demands, and within the limits that its answers tell.

Source: the Authentication description (POST /v3/token, 900 s) and the pages on rate limiting.
"""

import base64
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from server.calls.line import Line, Reply, retry_after
from server.calls.pace import Limit
from server.calls.troubles import Away, Denied, Throttled

API = "https://marketplace.walmartapis.com"
SERVICE = "Walmart Marketplace"

LIMITS: Mapping[str, Limit] = {
    # Only the feeds have a published number (10 an hour); the others begin here and follow what the answers tell.
    "token": Limit(1.0, 20.0),
    "orders": Limit(5.0, 200.0),
    "order": Limit(5.0, 500.0),
    "acknowledge": Limit(5.0, 500.0),
    "shipping": Limit(5.0, 500.0),
    "cancel": Limit(5.0, 500.0),
    "stock.read": Limit(3.3, 200.0),
    "stock.all": Limit(3.3, 200.0),
    "stock.write": Limit(3.3, 200.0),
    "feeds.post": Limit(10 / 3600, 10.0),
    "feeds.read": Limit(5.0, 200.0),
    "items": Limit(3.3, 200.0),
}

_TOO_MANY = 429
_WAIT_MAX = 3600.0


def call(
    line: Line,
    operation: str,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    json: Any = None,
    content: bytes | None = None,
    content_type: str = "",
    allow: Sequence[int] = (),
) -> Reply:
    """The answer to one signed request; ``path`` may carry a query of its own (a cursor, verbatim).

    Raise the troubles of ``Line.call``.
    """
    url = base_url(line.settings) + path
    if query:
        # A space must be %20 in a SKU, as the description says; a plus is a plus.
        url += "?" + urlencode(query, quote_via=quote, safe="")

    def go(token: str) -> Reply:
        headers = _headers(line.settings) | {"WM_SEC.ACCESS_TOKEN": token}
        if content_type:
            headers["content-type"] = content_type
        return line.call(operation, method, url, headers=headers, json=json, content=content, allow=(_TOO_MANY, *allow))

    return _judged(line, operation, line.with_token("access", lambda: _renewed(line), go))


def base_url(settings: Mapping[str, Any]) -> str:
    """Where the platform is, without a slash at the end."""
    return str(settings.get("api_url") or API).rstrip("/")


def _renewed(line: Line) -> tuple[str, float]:
    """A new access token and its seconds; raise Denied where Walmart does not know these credentials."""
    pair = f"{line.settings.get('client_id') or ''}:{line.secret('client_secret')}"
    headers = _headers(line.settings) | {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
    form = {"grant_type": "client_credentials"}
    refresh = _refresh_token(line)
    if refresh:
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        headers["WM_PARTNER.ID"] = str(line.settings.get("partner_id") or "")
    url = base_url(line.settings) + "/v3/token"
    reply = line.call("token", "POST", url, headers=headers, form=form, allow=(400, _TOO_MANY))
    if reply.status == 400:
        raise Denied(f"Walmart does not take these credentials: {reply.text()}")
    said = _judged(line, "token", reply).json()
    if not isinstance(said, dict) or not said.get("access_token"):
        raise Away("token: expected access_token, found none")
    if refresh and said.get("refresh_token"):
        line.memory.put("refresh_token", str(said["refresh_token"]))
    return str(said["access_token"]), float(said.get("expires_in") or 900)


def _refresh_token(line: Line) -> str:
    """The newest one known; empty where the seller's own keys are used."""
    if not (line.settings.get("refresh_token") or line.settings.get("refresh_token_file")):
        return ""
    return str(line.memory.get("refresh_token") or line.secret("refresh_token"))


def _headers(settings: Mapping[str, Any]) -> dict[str, str]:
    found = {
        "Accept": "application/json",
        "WM_SVC.NAME": SERVICE,
        "WM_QOS.CORRELATION_ID": str(uuid.uuid4()),
    }
    if settings.get("channel_type"):
        found["WM_CONSUMER.CHANNEL.TYPE"] = str(settings["channel_type"])
    return found


def _judged(line: Line, operation: str, reply: Reply) -> Reply:
    """Learn the limit from the answer; raise Throttled on 429."""
    left, replenished = _number(reply, "x-current-token-count"), _replenished(line, reply)
    if reply.status == _TOO_MANY:
        after = retry_after(reply, line.now()) if "retry-after" in reply.headers else max(replenished, 1.0)
        line.pace.shut(operation, after)
        raise Throttled(f"429: Walmart allows no more calls of {operation} for {after:.0f} s", after)
    if left is not None:
        line.pace.learn(operation, left=left)
        if left < 1:
            line.pace.shut(operation, replenished)
    return reply


def _replenished(line: Line, reply: Reply) -> float:
    """Seconds until its tokens come back. Walmart spells the header in two ways; its times are milliseconds."""
    for name in ("x-next-replenishment-time", "x-next-replenish-time"):
        at = _number(reply, name)
        if at is not None:
            return min(_WAIT_MAX, max(0.0, at / 1000 - line.now()))
    return 5.0


def _number(reply: Reply, header: str) -> float | None:
    try:
        return float(reply.headers[header])
    except (KeyError, ValueError):
        return None
