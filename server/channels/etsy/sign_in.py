"""Signing in, and the one way all calls go: an app key on each, and a token of one hour that renews itself.

Each renewal gives a new refresh token. An answer may be lost after Etsy made it, so the tokens before are kept and
tried as well: https://github.com/etsy/open-api/issues/353 and /549.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from server.calls.line import Line, Reply
from server.calls.troubles import Away, Denied, Refused, Throttled
from server.channels.etsy.settings import PER_DAY, PER_SECOND, address, per_day, per_second
from server.trade.words import Account

ACCESS = "access"
REFRESH_LIFE = 90 * 86_400.0
"""Each refresh token lives 90 days from its making: https://github.com/etsy/open-api/issues/116."""
KEPT = 3
RESERVE = 500.0
"""Calls of the day that stock and listings leave to orders and shipments."""

_UNAUTHORISED, _FORBIDDEN = 401, 403
_MARGIN = 30.0


def who(line: Line) -> Account:
    """The shop's name; raise Denied when the key, the token or the shop is not ours."""
    me = thing(call(line, "GET", "/users/me"))
    shop_id = str(line.settings.get("shop_id", "")).strip()
    if str(me.get("shop_id")) != shop_id:
        raise Denied(f"shop_id: expected {me.get('shop_id')}, the shop of this token, found {shop_id}")
    shop = thing(call(line, "GET", f"/shops/{shop_id}"))
    kept = _kept(line)
    made = kept.get("at") if kept else None
    return Account(name=str(shop.get("shop_name") or shop_id), expires_at=made + REFRESH_LIFE if made else None)


def call(
    line: Line,
    method: str,
    path: str,
    *,
    query: Sequence[tuple[str, str]] | None = None,
    json: Any = None,
    form: Mapping[str, str] | None = None,
    content: bytes | None = None,
    allow: Sequence[int] = (),
    patient: bool = False,
) -> Reply:
    """One call of the API. ``patient``: it leaves the last of the day's calls to others.

    Raise the troubles of Line.call. A 403 says that this is not allowed to us, and no new token changes that.
    """
    _take_of_the_day(line, patient)
    url = f"{address(line.settings, 'api_url')}/v3/application{path}"
    key = f"{line.settings.get('keystring', '')}:{line.secret('shared_secret')}"

    def go(token: str) -> Reply:
        headers = {"authorization": f"Bearer {token}", "x-api-key": key}
        if content is not None:
            headers["content-type"] = "application/json"
        return line.call(
            "api", method, url, headers=headers, query=query, json=json, form=form, content=content,
            allow=(_UNAUTHORISED, _FORBIDDEN, *allow),
        )  # fmt: skip

    used = line.token(ACCESS, lambda: _renewed(line))
    reply = go(used)
    if reply.status == _UNAUTHORISED:
        if line.token(ACCESS, lambda: _renewed(line)) == used:
            # Nobody else has renewed it meanwhile.
            line.forget(ACCESS)
            line.memory.put("live", None)
        reply = go(line.token(ACCESS, lambda: _renewed(line)))
    _learn(line, reply)
    if reply.status == _UNAUTHORISED or (reply.status == _FORBIDDEN and _FORBIDDEN not in allow):
        raise Denied(reply.text())
    return reply


def thing(reply: Reply) -> dict[str, Any]:
    """The JSON object of an answer; raise Away where somebody else answered."""
    found = reply.json()
    if not isinstance(found, dict):
        raise Away(f"expected a JSON object, found {reply.text()!r}", maybe_done=True)
    return found


def results(reply: Reply) -> list[dict[str, Any]]:
    """The rows of a list; raise Away where there are none such."""
    found = thing(reply).get("results")
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise Away(f"expected results, found {reply.text()!r}", maybe_done=True)
    return found


def _take_of_the_day(line: Line, patient: bool) -> None:
    """The day's quota is a second limit beside the one of the second; raise Throttled when it is used up."""
    if patient:
        wait = line.pace.wait("day", RESERVE)
        if wait > 0:
            raise Throttled("the rest of the day's calls is kept for orders and shipments", min(wait, 3600.0))
    wait = line.pace.take("day")
    if wait > 0:
        raise Throttled(f"the day's calls are used up; the next in {wait:.0f} s", min(wait, 3600.0))


def _learn(line: Line, reply: Reply) -> None:
    """The limits are per app key, and other programs may use it too: what Etsy says is what counts."""
    second, left = _number(reply, "x-limit-per-second"), _number(reply, "x-remaining-this-second")
    if second:
        limit = per_second(second)
        low = left is not None and left < limit.burst
        if low or second != PER_SECOND:
            line.pace.learn("api", left=left if low else None, rate=limit.rate, burst=limit.burst)
    day, rest = _number(reply, "x-limit-per-day"), _number(reply, "x-remaining-today")
    if day and (rest != day or day != PER_DAY):
        line.pace.learn("day", left=rest, rate=per_day(day).rate, burst=day)


def _number(reply: Reply, header: str) -> float | None:
    text = reply.headers.get(header, "")
    return float(text) if text.isascii() and text.isdigit() else None


def _renewed(line: Line) -> tuple[str, float]:
    """A new access token and its life. The newest refresh token first, then those before it."""
    refused = Denied("refresh_token: Etsy believes none of ours: connect the shop again")
    tried: set[str] = set()
    while token := next((each for each in _candidates(line) if each not in tried), None):
        tried.add(token)
        try:
            return _asked(line, token)
        except (Refused, Denied) as error:
            refused = Denied(f"refresh_token: {error.detail}")
        except (Away, Throttled):
            live = line.memory.get("live")
            if live and live["until"] - line.now() > _MARGIN:
                # The old access token still works: nobody waits for the token server.
                return str(live["token"]), min(60.0, live["until"] - line.now() - _MARGIN)
            raise
    raise refused


def _asked(line: Line, token: str) -> tuple[str, float]:
    form = {
        "grant_type": "refresh_token",
        "client_id": str(line.settings.get("keystring", "")),
        "refresh_token": token,
    }
    reply = line.call("token", "POST", f"{address(line.settings, 'auth_url')}/v3/public/oauth/token", form=form)
    found = thing(reply)
    access, life = found.get("access_token"), found.get("expires_in")
    if not isinstance(access, str) or not isinstance(life, int) or not access or life <= 0:
        raise Away("the token server answered without a token", maybe_done=True)
    newest = found.get("refresh_token")
    _keep(line, newest if isinstance(newest, str) and newest else token, token)
    line.memory.put("live", {"token": access, "until": line.now() + life})
    return access, float(life)


def _keep(line: Line, newest: str, used: str) -> None:
    kept = _kept(line)
    tokens = list(dict.fromkeys([newest, used, *(kept["tokens"] if kept else ())]))[:KEPT]
    made = kept["at"] if kept and kept["tokens"][0] == newest else line.now()
    line.memory.put("refresh", {"of": _mark(line), "tokens": tokens, "at": made})


def _kept(line: Line) -> dict[str, Any] | None:
    """What came of the token in the settings; None when a person has put another one there since."""
    kept = line.memory.get("refresh")
    return kept if kept and kept["of"] == _mark(line) else None


def _candidates(line: Line) -> list[str]:
    """Read anew for each try: another process may just have renewed."""
    given = line.secret("refresh_token")
    kept = line.memory.get("refresh")
    tokens = list(kept["tokens"]) if kept else []
    return [*tokens, given] if _kept(line) else [given, *tokens]


def _mark(line: Line) -> str:
    """Tells one given token from another without keeping it."""
    return hashlib.sha256(line.secret("refresh_token").encode()).hexdigest()[:16]
