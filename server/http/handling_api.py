"""How goods are handled, for the office: sizes and dangerous goods, box types, inserts, notes on orders."""

import msgspec
from starlette.responses import Response

from server.domain.errors import DomainError
from server.domain.people import Role
from server.http.access import people
from server.http.call import Call, answer
from server.http.routing import route
from server.usecases.masterdata import boxes, handling

OFFICE = people(Role.DESK, Role.SUPERVISOR)
SUPERVISOR = people(Role.SUPERVISOR)


class HandlingRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What changes of a product; millimetres, services as ``carrier/service``."""

    size_mm: tuple[int, int, int] | None = None
    note: str | None = None
    material: str | None = None
    own_box: bool | None = None
    hazmat: bool | None = None
    hazmat_services: list[str] | None = None


class BoxRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What changes of a box type, as ``boxes.BoxChange``."""

    name: str | None = None
    inner_mm: tuple[int, int, int] | None = None
    tare_grams: int | None = None
    max_grams: int | None = None
    carriers: list[str] | None = None


class InsertRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What goes into each parcel of a packing profile; ``code`` is printed on it and confirms it."""

    profile: str
    text: str
    code: str = ""


class NoteRequest(msgspec.Struct, forbid_unknown_fields=True):
    """What is confirmed before the label; ``scope`` is order, shipment or box."""

    text: str
    scope: str = "order"


def set_handling(call: Call) -> Response:
    """POST /api/products/{sku}/handling: what is left out stays as it is."""
    change = handling.Handling(**msgspec.structs.asdict(call.message(HandlingRequest)))
    handling.set_handling(call.db, call.actor, call.path("sku"), change)
    return answer({"handling": "set"})


def read_boxes(call: Call) -> Response:
    """GET /api/boxes"""
    with call.db.read() as connection:
        return answer({"boxes": boxes.boxes(connection)})


def set_box(call: Call) -> Response:
    """PUT /api/boxes/{code}: what is left out stays as it is."""
    change = boxes.BoxChange(**msgspec.structs.asdict(call.message(BoxRequest)))
    return answer({"changed": boxes.set_box(call.db, call.actor, call.path("code"), change)})


def read_inserts(call: Call) -> Response:
    """GET /api/inserts"""
    with call.db.read() as connection:
        return answer({"inserts": handling.inserts(connection)})


def put_insert(call: Call) -> Response:
    """POST /api/inserts"""
    asked = call.message(InsertRequest)
    handling.put_insert(call.db, call.actor, asked.profile, asked.text, asked.code)
    return answer({"insert": "set"})


def remove_insert(call: Call) -> Response:
    """DELETE /api/inserts/{number}"""
    text = call.path("number")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise DomainError("not_found", f"expected the number of an insert, found {text[:20]!r}")
    return answer({"removed": handling.remove_insert(call.db, call.actor, int(text))})


def add_note(call: Call) -> Response:
    """POST /api/orders/{order}/notes"""
    asked = call.message(NoteRequest)
    handling.add_note(call.db, call.actor, call.path("order"), asked.scope, asked.text)
    return answer({"note": "added"}, 201)


ROUTES = [
    route("POST", "/api/products/{sku:path}/handling", set_handling, SUPERVISOR),
    route("GET", "/api/boxes", read_boxes, OFFICE),
    route("PUT", "/api/boxes/{code}", set_box, SUPERVISOR),
    route("GET", "/api/inserts", read_inserts, OFFICE),
    route("POST", "/api/inserts", put_insert, SUPERVISOR),
    route("DELETE", "/api/inserts/{number}", remove_insert, SUPERVISOR),
    route("POST", "/api/orders/{order}/notes", add_note, OFFICE),
]
