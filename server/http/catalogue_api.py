"""The catalogue for the office: what channels call a product, what is missing, what looks alike, what runs low."""

from dataclasses import asdict
from typing import Any

import msgspec
from starlette.responses import Response

from server.db.transaction import Actor
from server.domain.errors import DomainError
from server.domain.masterdata.aliases import EVERY_CHANNEL, AliasKind
from server.domain.people import Role
from server.domain.warehouse.lowstock import SOON_DAYS, Level
from server.http.access import CHANNEL, people
from server.http.call import Call, answer
from server.http.routing import route
from server.usecases.masterdata import aliases, drift, lookalikes, lowstock, masters, readiness, reorder

OFFICE = people(Role.DESK, Role.SUPERVISOR)
SUPERVISOR = people(Role.SUPERVISOR)
_SOON_MAX = 365


class MapRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A channel's word for a SKU; every channel's without ``channel``."""

    text: str
    sku: str
    channel: str = EVERY_CHANNEL
    kind: AliasKind = AliasKind.SKU


class UnmapRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A word that shall mean nothing any more."""

    text: str
    channel: str = EVERY_CHANNEL


class GroupRequest(msgspec.Struct, forbid_unknown_fields=True):
    """Products that look alike."""

    group: str
    skus: list[str]


class SupplyRequest(msgspec.Struct, forbid_unknown_fields=True):
    """How a SKU is replenished; what is left out stays as it is."""

    lead_days: float | None = None
    site: str = ""
    safety: int | None = None


def read_master(call: Call) -> Response:
    """GET /api/products/{sku}/master: everything about one product."""
    with call.db.read() as connection:
        return answer(masters.master(connection, call.path("sku")))


def find(call: Call) -> Response:
    """GET /api/find?text=...: the products that a SKU, a barcode or a channel's word means."""
    with call.db.read() as connection:
        found = masters.find(connection, call.request.query_params.get("text", ""))
    return answer({"meanings": [asdict(meaning) for meaning in found]})


def map_alias(call: Call) -> Response:
    """POST /api/aliases: teach a word; 409 ambiguous_alias when it could mean another product."""
    asked = call.message(MapRequest)
    done = aliases.map_alias(call.db, call.actor, asked.text, asked.sku, channel=asked.channel, kind=asked.kind)
    settled = [{"order": taken.order, "status": taken.status.value} for taken in done.settled]
    return answer({"changed": done.changed, "settled": settled})


def unmap_alias(call: Call) -> Response:
    """POST /api/aliases/unmap"""
    asked = call.message(UnmapRequest)
    return answer({"meant": aliases.unmap_alias(call.db, call.actor, asked.text, channel=asked.channel)})


def read_readiness(call: Call) -> Response:
    """GET /api/readiness?channel=...: every gap, of every channel without one."""
    with call.db.read() as connection:
        reports = readiness.report(connection, call.request.query_params.get("channel", ""))
    return answer({"channels": [asdict(each) | {"ready": each.ready} for each in reports]})


def group(call: Call) -> Response:
    """POST /api/look-alikes: a group, with what tells each of its products apart."""
    asked = call.message(GroupRequest)
    told = lookalikes.group(call.db, call.actor, asked.group, asked.skus)
    return answer({"attributes": told.attributes, "says": dict(told.says)})


def read_drift(call: Call) -> Response:
    """GET /api/drift/{channel}: the last comparison."""
    with call.db.read() as connection:
        last = drift.last_drift(connection, call.path("channel"))
    if last is None:
        raise DomainError("not_found", f"channel {call.path('channel')[:40]!r} was never compared")
    return answer(last)


def take_statement(call: Call) -> Response:
    """POST /channels/{channel}/listings: what the channel holds of us, signed."""
    channel = call.path("channel")
    actor = Actor(f"channel:{channel}"[:120], "", call.request_id)
    headers = {k.lower(): v for k, v in call.request.headers.items()}
    return Response(drift.take_webhook(call.db, actor, channel, headers, call.body), media_type="application/json")


def read_reorder(call: Call) -> Response:
    """GET /api/reorder?site=&soon=: the least days of cover first."""
    asked = call.request.query_params
    soon = asked.get("soon", str(SOON_DAYS))
    if not (soon.isascii() and soon.isdecimal() and len(soon) <= 3 and int(soon) <= _SOON_MAX):
        raise DomainError("malformed", f"soon: expected 0 to {_SOON_MAX} days, found {soon[:20]!r}")
    with call.db.read() as connection:
        listed = reorder.reorder(connection, call.db.now(), site=asked.get("site", ""), soon_days=int(soon))
    return answer({"levels": [_level(level) for level in listed]})


def set_supply(call: Call) -> Response:
    """POST /api/products/{sku}/supply: lead time and safety stock, with the thresholds that follow."""
    asked = call.message(SupplyRequest)
    levels = lowstock.set_supply(
        call.db, call.actor, call.path("sku"), lead_days=asked.lead_days, site=asked.site, safety=asked.safety
    )
    return answer({"levels": [_level(level) for level in levels]})


def _level(level: Level) -> dict[str, Any]:
    return reorder.told(level)


ROUTES = [
    route("GET", "/api/products/{sku:path}/master", read_master, OFFICE),
    route("POST", "/api/products/{sku:path}/supply", set_supply, SUPERVISOR),
    route("GET", "/api/find", find, OFFICE),
    route("POST", "/api/aliases", map_alias, OFFICE),
    route("POST", "/api/aliases/unmap", unmap_alias, OFFICE),
    route("GET", "/api/readiness", read_readiness, OFFICE),
    route("POST", "/api/look-alikes", group, SUPERVISOR),
    route("GET", "/api/drift/{channel}", read_drift, OFFICE),
    route("GET", "/api/reorder", read_reorder, OFFICE),
    route("POST", "/channels/{channel}/listings", take_statement, CHANNEL),
]
