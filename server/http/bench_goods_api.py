"""Goods counted at a dock: what is expected of a document, and the whole of it booked once, in the person's name."""

from starlette.responses import Response

from server import wire
from server.db import people as people_rows
from server.http.access import BENCH
from server.http.call import Call, answer
from server.http.goods_api import MOVES
from server.http.routing import route
from server.usecases.staff.people import at_bench
from server.usecases.warehouse import documents


def expected(call: Call) -> Response:
    """The list of what should come, go or lie there."""
    return answer(documents.expected(call.db, _site(call), call.message(wire.GoodsAsk)))


def book(call: Call) -> Response:
    """Book what was counted."""
    document = call.message(wire.GoodsDocument)
    who = at_bench(call.db, call.actor, document.person_id, MOVES)
    return answer(documents.book(call.db, who, _site(call), document))


def _site(call: Call) -> str:
    with call.db.read() as connection:
        return str(people_rows.bench(connection, call.bench_id).site_code)


ROUTES = [
    route("POST", "/api/goods/expected", expected, BENCH),
    route("POST", "/api/goods/book", book, BENCH),
]
