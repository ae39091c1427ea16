"""Parcels on their way: what carriers and others say, and the question where one is. Holds no rules."""

from typing import Any

import msgspec
from starlette.responses import Response

from server.db import tracking
from server.db.transaction import Actor
from server.domain.people import Role
from server.http.access import CHANNEL, people, public
from server.http.call import Call, answer
from server.http.routing import route
from server.usecases.outward.telling_when import set_tell_at
from server.usecases.tracking import figures, finding, inbox, polling, settings

OFFICE = people(Role.DESK, Role.SUPERVISOR)
SUPERVISOR = people(Role.SUPERVISOR)
_SIGNED = public("a carrier signs its messages; the signature is checked on the bytes before anything is believed")
SINCE = 30 * 86_400.0
"""Seconds that the lists of told parcels go back."""


class TellAtRequest(msgspec.Struct, forbid_unknown_fields=True):
    """manifest, label or carrier_scan."""

    tell_at: str


class LimitsRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Thresholds in hours by name; null forgets one. "*" is every carrier, or every service of one."""

    limits: dict[str, int | None]
    carrier: str = "*"
    service: str = "*"


class RulesRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Rules of remedies, the first that fits decides."""

    rules: list[dict[str, Any]]


class WordRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What words of a provider mean."""

    provider: str
    key: str
    status: str


def carrier_events(call: Call) -> Response:
    """POST /api/carriers/{code}/events: kept and answered; what follows from it comes afterwards."""
    headers = {name.lower(): value for name, value in call.request.headers.items()}
    put = inbox.hear(call.db, call.path("code"), headers, call.body)
    return answer({"new": put.new})


def tell(call: Call) -> Response:
    """POST /api/tracking: events from a warehouse system, a courier or a marketplace, by somebody of the office."""
    put = inbox.tell(call.db, call.actor, call.body)
    return answer({"new": put.new, "strangers": list(put.strangers)})


def tell_signed(call: Call) -> Response:
    """POST /channels/{channel}/tracking: the same, signed by a channel, about its own parcels."""
    channel = call.path("channel")
    headers = {name.lower(): value for name, value in call.request.headers.items()}
    actor = Actor(f"channel:{channel}"[:120], "", call.request_id)
    body = inbox.tell_signed(call.db, actor, channel, headers, call.body)
    return Response(body, 200, media_type="application/json")


def read_parcel(call: Call) -> Response:
    """GET /api/parcels/{number}: by tracking number or parcel id."""
    with call.db.read() as connection:
        return answer(finding.story(connection, call.path("number")))


def read_told(call: Call) -> Response:
    """GET /api/told: for each channel what it was told of parcels, and where that differs from what left."""
    with call.db.read() as connection:
        found = figures.told_figures(connection, call.db.now() - SINCE)
    return answer({"channels": found})


def put_tell_at(call: Call) -> Response:
    """PUT /api/channels/{channel}/tell-at"""
    asked = call.message(TellAtRequest)
    before = set_tell_at(call.db, call.actor, call.path("code"), asked.tell_at)
    return answer({"before": before.value})


def ask_again(call: Call) -> Response:
    """POST /api/tracking/ask/{number}: its carrier is asked of it again, also after long silence."""
    return answer({"tracking": polling.ask_again(call.db, call.actor, call.path("number"))})


def read_limits(call: Call) -> Response:
    """GET /api/tracking/limits"""
    return answer({"limits": settings.limits(call.db)})


def put_limits(call: Call) -> Response:
    """PUT /api/tracking/limits"""
    asked = call.message(LimitsRequest)
    return answer(settings.set_limits(call.db, call.actor, asked.carrier, asked.service, asked.limits))


def put_rules(call: Call) -> Response:
    """PUT /api/tracking/remedies"""
    return answer({"rules": settings.set_rules(call.db, call.actor, call.message(RulesRequest).rules)})


def read_words(call: Call) -> Response:
    """GET /api/tracking/words: what nobody has explained first."""
    with call.db.read() as connection:
        return answer({"words": [dict(row._mapping) for row in tracking.words(connection)]})


def put_word(call: Call) -> Response:
    """PUT /api/tracking/words"""
    asked = call.message(WordRequest)
    return answer({"events": settings.explain(call.db, call.actor, asked.provider, asked.key, asked.status)})


ROUTES = [
    route("POST", "/api/carriers/{code}/events", carrier_events, _SIGNED),
    route("POST", "/api/tracking", tell, OFFICE),
    route("POST", "/channels/{channel}/tracking", tell_signed, CHANNEL),
    route("GET", "/api/parcels/{number:path}", read_parcel, OFFICE),
    route("GET", "/api/told", read_told, OFFICE),
    route("PUT", "/api/channels/{code}/tell-at", put_tell_at, SUPERVISOR),
    route("POST", "/api/tracking/ask/{number}", ask_again, OFFICE),
    route("GET", "/api/tracking/limits", read_limits, OFFICE),
    route("PUT", "/api/tracking/limits", put_limits, SUPERVISOR),
    route("PUT", "/api/tracking/remedies", put_rules, SUPERVISOR),
    route("GET", "/api/tracking/words", read_words, OFFICE),
    route("PUT", "/api/tracking/words", put_word, SUPERVISOR),
]
