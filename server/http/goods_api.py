"""Goods in motion: what benches scan in, out and off the shelf."""

from dataclasses import dataclass

from starlette.responses import Response

from server.db import orders
from server.db import people as people_rows
from server.domain.booking.lots import Incoming
from server.domain.errors import DomainError
from server.domain.people import Role
from server.domain.warehouse.transfers import Key
from server.http.access import BENCH
from server.http.call import Call, answer
from server.http.routing import route
from server.usecases.staff.people import at_bench
from server.usecases.warehouse import counting, kit_building, receiving, transfers, writing_off

MOVES = frozenset({Role.PACKER, Role.DOCK, Role.SUPERVISOR, Role.ADMIN})
"""Who may move goods at a bench."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods that came in; ``key`` is the bench's own and makes a repeat harmless."""

    person_id: int
    lines: tuple[Incoming, ...]
    key: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """Goods that came back, of an order if one is named."""

    person_id: int
    lines: tuple[Incoming, ...]
    key: str
    reason: str
    order: str = ""


@dataclass(frozen=True, slots=True)
class Goods:
    """Units of one lot of one product."""

    person_id: int
    sku: str
    units: int
    key: str
    lot: str = ""
    serials: tuple[str, ...] = ()
    reason: str = ""
    expected: int | None = None
    """For a count: what ``/api/counts/begin`` said."""


@dataclass(frozen=True, slots=True)
class Who:
    """The person at the bench."""

    person_id: int


@dataclass(frozen=True, slots=True)
class Shelf:
    """A shelf about to be counted."""

    sku: str
    lot: str = ""


def receive(call: Call) -> Response:
    """A delivery at the bench's site."""
    m = call.message(Delivery)
    who = at_bench(call.db, call.actor, m.person_id, MOVES)
    return answer(receiving.receive_goods(call.db, who, _site(call), m.lines, ref=m.ref, key=m.key))


def take_back(call: Call) -> Response:
    """Goods that came back are for sale again."""
    m = call.message(Return)
    who = at_bench(call.db, call.actor, m.person_id, MOVES)
    order_id = _order_id(call, m.order) if m.order else None
    done = receiving.take_back(call.db, who, _site(call), m.lines, order_id=order_id, reason=m.reason, key=m.key)
    return answer(done)


def begin_count(call: Call) -> Response:
    """Before looking at a shelf."""
    m = call.message(Shelf)
    return answer(counting.begin_count(call.db, m.sku, _site(call), lot=m.lot))


def count(call: Call) -> Response:
    """What lies on a shelf."""
    m = call.message(Goods)
    who = at_bench(call.db, call.actor, m.person_id, MOVES)
    told = {"lot": m.lot, "reason": m.reason, "key": m.key}
    return answer(counting.count_shelf(call.db, who, m.sku, _site(call), m.units, expected=m.expected, **told))


def write_off(call: Call) -> Response:
    """Damaged, expired, gone."""
    m = call.message(Goods)
    who = at_bench(call.db, call.actor, m.person_id, MOVES)
    told = {"lot": m.lot, "reason": m.reason, "key": m.key}
    return answer(writing_off.write_off(call.db, who, m.sku, _site(call), m.units, serials=m.serials, **told))


def build(call: Call) -> Response:
    """Kits put together."""
    m = call.message(Goods)
    who = at_bench(call.db, call.actor, m.person_id, MOVES)
    return answer(kit_building.build_kit(call.db, who, m.sku, _site(call), m.units, lot=m.lot, key=m.key))


def unbuild(call: Call) -> Response:
    """Kits taken apart."""
    m = call.message(Goods)
    who = at_bench(call.db, call.actor, m.person_id, MOVES)
    return answer(kit_building.unbuild_kit(call.db, who, m.sku, _site(call), m.units, lot=m.lot, key=m.key))


def list_transfers(call: Call) -> Response:
    """Transfers that are not over."""
    return answer({"transfers": transfers.list_transfers(call.db)})


def dispatch(call: Call) -> Response:
    """Onto the truck."""
    m, number = call.message(Goods), number_of(call)
    who = at_bench(call.db, call.actor, m.person_id, MOVES)
    _end(call, number, "from")
    return answer(
        transfers.scan_out(call.db, who, number, Key(m.sku, m.lot), m.units, serials=m.serials, request=m.key)
    )


def depart(call: Call) -> Response:
    """The truck leaves."""
    who, number = at_bench(call.db, call.actor, call.message(Who).person_id, MOVES), number_of(call)
    _end(call, number, "from")
    return answer(transfers.depart(call.db, who, number))


def arrive(call: Call) -> Response:
    """Off the truck."""
    m, number = call.message(Goods), number_of(call)
    who = at_bench(call.db, call.actor, m.person_id, MOVES)
    _end(call, number, "to")
    return answer(transfers.scan_in(call.db, who, number, Key(m.sku, m.lot), m.units, serials=m.serials, request=m.key))


def close(call: Call) -> Response:
    """The truck is empty."""
    who, number = at_bench(call.db, call.actor, call.message(Who).person_id, MOVES), number_of(call)
    _end(call, number, "to")
    return answer(transfers.close_transfer(call.db, who, number))


def _site(call: Call) -> str:
    with call.db.read() as connection:
        return str(people_rows.bench(connection, call.bench_id).site_code)


def _order_id(call: Call, ref: str) -> int:
    with call.db.read() as connection:
        found = orders.by_ref(connection, ref)
    if found is None:
        raise DomainError("not_found", "no order has this number")
    return int(found.id)


def number_of(call: Call) -> int:
    """The transfer in the path."""
    text = call.path("number")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise DomainError("not_found", f"expected the number of a transfer, found {text[:20]!r}")
    return int(text)


def _end(call: Call, number: int, end: str) -> None:
    """A bench scans for its own site only."""
    site, transfer = _site(call), transfers.show_transfer(call.db, number)
    if transfer[end] != site:
        raise DomainError(
            "wrong_site", f"transfer {number} goes from {transfer['from']} to {transfer['to']}, not {site}"
        )


ROUTES = [
    route("POST", "/api/receipts", receive, BENCH),
    route("POST", "/api/returned-goods", take_back, BENCH),
    route("POST", "/api/counts/begin", begin_count, BENCH),
    route("POST", "/api/counts", count, BENCH),
    route("POST", "/api/write-offs", write_off, BENCH),
    route("POST", "/api/kit-builds", build, BENCH),
    route("POST", "/api/kit-unbuilds", unbuild, BENCH),
    route("GET", "/api/transfers", list_transfers, BENCH),
    route("POST", "/api/transfers/{number}/dispatch", dispatch, BENCH),
    route("POST", "/api/transfers/{number}/depart", depart, BENCH),
    route("POST", "/api/transfers/{number}/receive", arrive, BENCH),
    route("POST", "/api/transfers/{number}/close", close, BENCH),
]
