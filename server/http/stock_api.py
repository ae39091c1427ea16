"""The stock view, kits and planned transfers: what supervisors see and set."""

from dataclasses import dataclass, field

from starlette.responses import Response

from server.domain.people import Role
from server.domain.warehouse.transfers import Key
from server.http.access import VIEWER, people
from server.http.call import Call, answer
from server.http.goods_api import number_of
from server.http.routing import route
from server.usecases.warehouse import kits, stock_view, transfers

_BOSS = people(Role.SUPERVISOR, Role.DESK)


@dataclass(frozen=True, slots=True)
class Plan:
    """A transfer to plan; ``lines`` are [SKU, lot, units]."""

    source: str
    destination: str
    lines: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """What is in one kit."""

    components: dict[str, int] = field(default_factory=dict)
    assembled: bool = False


@dataclass(frozen=True, slots=True)
class Safety:
    """Units below which a site should not fall."""

    site: str
    units: int


def plan(call: Call) -> Response:
    """What is to be moved."""
    m = call.message(Plan)
    wanted = {Key(sku, lot): units for sku, lot, units in m.lines}
    return answer(transfers.plan_transfer(call.db, call.actor, m.source, m.destination, wanted), 201)


def cancel(call: Call) -> Response:
    """A plan that is off."""
    return answer(transfers.cancel_transfer(call.db, call.actor, number_of(call)))


def view(call: Call) -> Response:
    """What lies where; ?sku= ?site= and for the next page ?after=."""
    asked = call.request.query_params
    found = stock_view.view_stock(
        call.db, sku=asked.get("sku", ""), site=asked.get("site", ""), after=asked.get("after", "")
    )
    return answer({"stock": found})


def set_safety(call: Call) -> Response:
    """A site's threshold for a product."""
    m = call.message(Safety)
    stock_view.set_safety(call.db, call.actor, call.path("sku"), m.site, m.units)
    return answer({})


def list_kits(call: Call) -> Response:
    """Every kit with what is in it."""
    return answer({"kits": kits.list_kits(call.db)})


def define(call: Call) -> Response:
    """What is in a kit from now on."""
    m = call.message(Definition)
    return answer(kits.define_kit(call.db, call.actor, call.path("sku"), m.components, assembled=m.assembled))


def retire(call: Call) -> Response:
    """A kit no longer."""
    kits.retire_kit(call.db, call.actor, call.path("sku"))
    return answer({})


ROUTES = [
    route("POST", "/api/transfers", plan, _BOSS),
    route("POST", "/api/transfers/{number}/cancel", cancel, _BOSS),
    route("GET", "/api/stock", view, VIEWER),
    route("PUT", "/api/stock/{sku:path}/safety", set_safety, _BOSS),
    route("GET", "/api/kits", list_kits, VIEWER),
    route("PUT", "/api/kits/{sku:path}", define, _BOSS),
    route("DELETE", "/api/kits/{sku:path}", retire, _BOSS),
]
