"""One GraphQL question to a shop's Admin API: the token it wants, what it costs, and how an answer can fail.

Errors come in three places: the HTTP status, ``errors`` beside the data, and ``userErrors`` inside it; the last are
for whoever asked. https://shopify.dev/docs/api/usage/limits and .../usage/response-codes
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.calls.line import Line, Reply
from server.calls.troubles import Away, Denied, Refused, Throttled

OPERATION = "graphql"
"""All questions draw from one bucket, in points of calculated cost."""

VERSION = "2026-10"
_CLOSED = frozenset({402, 404})
"""A frozen shop, and one that is not there (or no longer in this version): only a person can help."""
_DENIED = frozenset({"ACCESS_DENIED", "SHOP_INACTIVE"})
_PASSING = frozenset({"INTERNAL_SERVER_ERROR", "TIMEOUT", "SERVICE_UNAVAILABLE"})
_REFRESH = "refresh"
_SAID_MAX = 200


@dataclass(frozen=True, slots=True)
class Question:
    """A document with one operation; ``cost`` is the most points it asks for, counted as one for each object."""

    name: str
    text: str
    cost: float


def ask(line: Line, question: Question, **variables: Any) -> dict[str, Any]:
    """The data of the answer; raise Trouble."""
    body = {"query": question.text, "operationName": question.name, "variables": variables}
    url = f"{address(line.settings)}/admin/api/{line.settings.get('api_version') or VERSION}/graphql.json"

    def go(token: str) -> Reply:
        headers = {"x-shopify-access-token": token, "accept": "application/json"}
        return line.call(OPERATION, "POST", url, headers=headers, json=body, cost=question.cost, allow=tuple(_CLOSED))

    reply = _with_token(line, go)
    if reply.status in _CLOSED:
        raise Denied(f"{question.name}: {reply.text()}")
    return _data(line, question, reply)


def address(settings: Mapping[str, Any]) -> str:
    """Where the shop answers, without a slash at the end."""
    return str(settings.get("api_url") or f"https://{settings.get('shop')}").rstrip("/")


def gid(kind: str, number: str) -> str:
    """The global id of what we know by its number."""
    return number if number.startswith("gid://") else f"gid://shopify/{kind}/{number}"


def number_of(gid: Any) -> str:
    """The number at the end of a global id, without its query."""
    return str(gid).rpartition("/")[2].partition("?")[0]


def said(errors: Sequence[Mapping[str, Any]]) -> str:
    """What the shop said, short and printable."""
    words = "; ".join(str(error.get("message", "")) for error in errors)
    return "".join(c if c.isprintable() else " " for c in words)[:_SAID_MAX]


def expires_at(line: Line) -> float | None:
    """When a person must connect the shop again: the end of the refresh token's 90 days, where there is one."""
    kept = _refreshing(line)
    return kept["until"] if kept else None


# --- tokens -----------------------------------------------------------------------------------------------------------


def _with_token(line: Line, go: Callable[[str], Reply]) -> Reply:
    if _has(line, "refresh_token"):
        return line.with_token(_name(line), lambda: _refreshed(line), go)
    if _has(line, "access_token"):
        return go(line.secret("access_token"))
    return line.with_token(_name(line), lambda: _granted(line), go)


def _has(line: Line, secret: str) -> bool:
    return bool(line.settings.get(secret) or line.settings.get(f"{secret}_file"))


def _name(line: Line) -> str:
    """A token is kept for the credentials that got it: with others it says nothing about them."""
    client = str(line.settings.get("client_id"))
    return f"access-{_print(address(line.settings), client, line.secret('client_secret'))}"


def _granted(line: Line) -> tuple[str, float]:
    """An app of our own organisation: 24 hours for the client's id and secret."""
    found = _token(line, {"grant_type": "client_credentials"})
    return str(found["access_token"]), float(found.get("expires_in", 86_399))


def _refreshed(line: Line) -> tuple[str, float]:
    """An expiring offline token: one hour, and a new refresh token that is good for 90 days."""
    kept = _refreshing(line)
    old = kept["token"] if kept else line.secret("refresh_token")
    found = _token(line, {"grant_type": "refresh_token", "refresh_token": old})
    until = line.now() + float(found.get("refresh_token_expires_in", 7_776_000))
    newest = {
        "token": str(found.get("refresh_token") or old),
        "from": _print(line.secret("refresh_token")),
        "until": until,
    }
    line.memory.put(_REFRESH, newest)
    return str(found["access_token"]), float(found.get("expires_in", 3_600))


def _refreshing(line: Line) -> dict[str, Any] | None:
    """The newest refresh token, unless somebody has put another into the settings since."""
    kept = line.memory.get(_REFRESH)
    if not isinstance(kept, dict) or not _has(line, "refresh_token"):
        return None
    return kept if kept.get("from") == _print(line.secret("refresh_token")) else None


def _print(*secrets: str) -> str:
    return hashlib.sha256("\n".join(secrets).encode()).hexdigest()[:16]


def _token(line: Line, grant: Mapping[str, str]) -> dict[str, Any]:
    form = {"client_id": str(line.settings.get("client_id") or ""), "client_secret": line.secret("client_secret")}
    url = f"{address(line.settings)}/admin/oauth/access_token"
    reply = line.call(
        "token", "POST", url, form={**form, **grant}, headers={"accept": "application/json"}, allow=(400, 404)
    )
    if reply.status // 100 != 2:
        raise Denied(f"token: {reply.text()}")
    found = reply.json()
    if not isinstance(found, dict) or not isinstance(found.get("access_token"), str):
        raise Away("token: expected an access_token, found none", maybe_done=True)
    return found


# --- answers ----------------------------------------------------------------------------------------------------------


def _data(line: Line, question: Question, reply: Reply) -> dict[str, Any]:
    answer = reply.json()
    if not isinstance(answer, dict):
        raise Away(f"{question.name}: expected a JSON object, found {reply.text()}", maybe_done=True)
    left = _learn(line, answer)
    errors = [error for error in _list(answer.get("errors")) if isinstance(error, dict)]
    if errors or answer.get("errors"):
        _fail(line, question, answer, errors, left)
    data = answer.get("data")
    if not isinstance(data, dict):
        raise Away(f"{question.name}: expected data, found {reply.text()}", maybe_done=True)
    return data


def _learn(line: Line, answer: Mapping[str, Any]) -> Mapping[str, float]:
    """The bucket as the shop sees it."""
    cost = _dict(_dict(answer.get("extensions")).get("cost"))
    status = _dict(cost.get("throttleStatus"))
    numbers = {name: status.get(name) for name in ("maximumAvailable", "currentlyAvailable", "restoreRate")}
    if all(isinstance(number, int | float) and number >= 0 for number in numbers.values()) and numbers["restoreRate"]:
        found: dict[str, float] = {name: float(number or 0) for name, number in numbers.items()}
        line.pace.learn(
            OPERATION,
            left=found["currentlyAvailable"],
            rate=found["restoreRate"],
            burst=max(1.0, found["maximumAvailable"]),
        )
        return found | {"requested": float(cost.get("requestedQueryCost") or 0)}
    return {}


def _fail(
    line: Line,
    question: Question,
    answer: Mapping[str, Any],
    errors: Sequence[Mapping[str, Any]],
    left: Mapping[str, float],
) -> None:
    codes = {str(_dict(error.get("extensions")).get("code", "")).upper() for error in errors}
    text = f"{question.name}: {said(errors) or str(answer.get('errors'))[:_SAID_MAX]}"
    if "THROTTLED" in codes or any(error.get("message") == "Throttled" for error in errors):
        missing = left.get("requested", 0) - left.get("currentlyAvailable", 0)
        after = min(60.0, max(1.0, missing / left["restoreRate"])) if left else 1.0
        line.pace.shut(OPERATION, after)
        raise Throttled(text, after)
    if codes & _DENIED:
        raise Denied(text)
    if codes & _PASSING or not errors:
        raise Away(text, maybe_done=True)
    raise Refused(text)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
