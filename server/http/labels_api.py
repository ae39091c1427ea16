"""Bought labels for supervisors: what was bought, what is to be void, another label for a box."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from sqlalchemy import Row
from starlette.responses import Response

from server.db import labels
from server.domain.people import Role
from server.http.access import people
from server.http.call import Call, answer
from server.http.routing import route
from server.usecases.shipping import relabelling

SUPERVISOR = people(Role.SUPERVISOR)
MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Because:
    """Why, in a few words for the record; no names or addresses."""

    because: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


def read_labels(call: Call) -> Response:
    """GET /api/supervisor/labels; ``?void=1`` those that must not live and whose cost is not back."""
    only = call.request.query_params.get("void") == "1"
    with call.db.read() as connection:
        rows = labels.void_or_not(connection, void=only, most=MOST)
    return answer({"labels": [shown(row) for row in rows]})


def relabel(call: Call) -> Response:
    """POST /api/supervisor/parcels/{parcel}/relabel"""
    why = call.message(Because).because
    return answer({"order": relabelling.relabel(call.db, call.actor, call.path("parcel"), why)})


def void(call: Call) -> Response:
    """POST /api/supervisor/parcels/{parcel}/void"""
    why = call.message(Because).because
    return answer({"order": relabelling.void_label(call.db, call.actor, call.path("parcel"), why)})


def shown(row: Row[Any]) -> dict[str, Any]:
    """A purchase as it is listed: no address, no picture."""
    names = ("carrier", "service", "tracking", "cost", "currency", "bought_at", "state")
    void = ("void_state", "void_asked_at", "void_done_at", "void_tries", "void_text", "void_reason")
    return {"parcel": row.id, "order": row.order_number} | {name: getattr(row, name) for name in (*names, *void)}


ROUTES = [
    route("GET", "/api/supervisor/labels", read_labels, SUPERVISOR),
    route("POST", "/api/supervisor/parcels/{parcel}/relabel", relabel, SUPERVISOR),
    route("POST", "/api/supervisor/parcels/{parcel}/void", void, SUPERVISOR),
]
