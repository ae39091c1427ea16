"""Goods counted at a dock, over the real routes: a document is booked once, and stock is right at once."""

import uuid
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette

from server import wire
from server.domain.errors import DomainError
from server.domain.warehouse.transfers import Key
from server.http import bench_api, bench_goods_api
from server.http.call import Services
from server.usecases.sales.cancel import cancel_order
from server.usecases.warehouse.counting import begin_count
from server.usecases.warehouse.receiving import advise
from server.usecases.warehouse.transfers import plan_transfer
from tests.floor import BOSS, SOAP, Bench, Floor, make_floor, one_engine
from tests.serving import uvicorn_of

pytestmark = one_engine


@pytest.fixture(scope="module")
def app() -> Iterator[tuple[Starlette, httpx.Client]]:
    made = Starlette(routes=[*bench_api.ROUTES, *bench_goods_api.ROUTES])
    with uvicorn_of(made) as url, httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        yield made, client


@pytest.fixture
def floor(app: tuple[Starlette, httpx.Client], services: Services) -> Floor:
    made, client = app
    made.state.services = services
    return make_floor(services, client)


def asked(bench: Bench, kind: wire.GoodsKind, ref: str = "", **more: str) -> wire.GoodsExpected:
    return bench.ask("POST", "/api/goods/expected", wire.GoodsExpected, wire.GoodsAsk(kind=kind, ref=ref, **more))


def document(
    bench: Bench, kind: wire.GoodsKind, units: dict[str, int], ref: str = "", role: str = "dock", **more: object
) -> wire.GoodsDocument:
    lines = tuple(wire.GoodsLine(sku=sku, units=n) for sku, n in units.items())
    person, key = bench.floor.people[role], str(uuid.uuid4())
    return wire.GoodsDocument(kind=kind, person_id=person, key=key, ref=ref, lines=lines, **more)  # type: ignore[arg-type]


def booked(bench: Bench, made: wire.GoodsDocument) -> wire.GoodsBooked:
    return bench.ask("POST", "/api/goods/book", wire.GoodsBooked, made)


def cancelled_box(floor: Floor, bench: Bench, units: int) -> tuple[str, str]:
    """(order, tracking number) of a packed box of soap whose order was cancelled."""
    number = floor.order(("SOAP", units))
    tracking = bench.pack(number, *[SOAP] * units).tracking
    cancel_order(floor.db, BOSS, floor.order_id(number))
    return number, tracking


def test_a_delivery_is_for_sale_when_it_was_counted_and_a_lost_answer_books_it_once(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    advise(floor.db, BOSS, "PO-7", "EAST", {"MUG": 12, "SOAP": 6})
    assert [(x.sku, x.units) for x in asked(bench, "receive", "PO-7").lines] == [("MUG", 12), ("SOAP", 6)]
    assert asked(bench, "receive", "nobody told").lines == ()
    made = document(bench, "receive", {"MUG": 12}, "PO-7")
    for _ in range(2):
        booked(bench, made)
    assert floor.stock("MUG") == (112, 0)
    assert [(x.sku, x.units) for x in asked(bench, "receive", "PO-7").lines] == [("SOAP", 6)]
    assert floor.audited("goods.received")[-1] == ("Dock Person", "Dock 1")


def test_units_of_a_box_cancelled_after_packing_are_not_for_sale_until_they_are_scanned_back(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    number, tracking = cancelled_box(floor, bench, 3)
    assert floor.stock("SOAP") == (100, 3), "still held: nobody can be promised what lies in a box at the dock"
    assert [(x.sku, x.units) for x in asked(bench, "put-back", tracking).lines] == [("SOAP", 3)]
    assert begin_count(floor.db, "SOAP", "EAST")["expected"] == 97
    assert booked(bench, document(bench, "put-back", {"SOAP": 2}, tracking)).missing == 1
    assert floor.stock("SOAP") == (100, 1)
    made = document(bench, "put-back", {"SOAP": 1}, number)
    assert [booked(bench, made).missing for _ in range(2)] == [0, 0]
    assert floor.stock("SOAP") == (100, 0)
    assert begin_count(floor.db, "SOAP", "EAST")["expected"] == 100
    with pytest.raises(DomainError, match="nothing_to_put_back"):
        asked(bench, "put-back", number)


def test_what_is_not_in_a_cancelled_box_leaves_the_book_only_when_a_supervisor_says_so(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    number, _ = cancelled_box(floor, bench, 3)
    with pytest.raises(DomainError, match="not_in_box"):
        booked(bench, document(bench, "put-back", {"MUG": 1}, number))
    with pytest.raises(DomainError, match="not_permitted"):
        booked(bench, document(bench, "put-back", {"SOAP": 2}, number, gone=True))
    assert floor.stock("SOAP") == (100, 3), "a refused document changes nothing"
    booked(bench, document(bench, "put-back", {"SOAP": 2}, number, role="supervisor", gone=True))
    assert floor.stock("SOAP") == (99, 0)


def test_an_order_that_still_goes_out_is_not_put_back(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    number = floor.order(("SOAP", 1))
    bench.pack(number, SOAP)
    with pytest.raises(DomainError, match="not_cancelled"):
        asked(bench, "put-back", number)


def test_a_transfer_is_counted_out_and_in_and_the_difference_is_on_record(floor: Floor) -> None:
    east, west = floor.bench("East 1"), floor.bench("West 1", "WEST")
    number = str(plan_transfer(floor.db, BOSS, "EAST", "WEST", {Key("MUG"): 10})["transfer"])
    with pytest.raises(DomainError, match="goes from EAST to WEST, not WEST"):
        asked(west, "send", number)
    assert [(x.sku, x.units) for x in asked(east, "send", f"transfer-{number}").lines] == [("MUG", 10)]
    out = document(east, "send", {"MUG": 9}, number)
    assert [booked(east, out).missing for _ in range(2)] == [1, 1]
    assert floor.stock("MUG") == (91, 0)
    assert [(x.sku, x.units) for x in asked(west, "arrive", number).lines] == [("MUG", 9)]
    came = document(west, "arrive", {"MUG": 8, "BRUSH": 1}, number)
    for _ in range(2):
        done = booked(west, came)
        assert (done.missing, done.surplus) == (1, 1)
    assert (floor.stock("MUG", "WEST"), floor.stock("BRUSH", "WEST")) == ((8, 0), (1, 0))
    assert len(floor.incidents("transfer_difference")) == 2


def test_a_transfer_of_which_one_line_is_promised_to_buyers_leaves_whole_or_not_at_all(floor: Floor) -> None:
    east = floor.bench("East 1")
    floor.order(("MUG", 95))
    number = str(plan_transfer(floor.db, BOSS, "EAST", "WEST", {Key("BRUSH"): 5, Key("MUG"): 10})["transfer"])
    with pytest.raises(DomainError, match="not_available"):
        booked(east, document(east, "send", {"BRUSH": 5, "MUG": 10}, number))
    assert floor.stock("BRUSH") == (100, 0)


def test_a_shelf_counted_while_a_box_is_packed_from_it_neither_loses_nor_doubles_the_box(floor: Floor) -> None:
    bench, dock = floor.bench("Bench 1"), floor.bench("Dock 1")
    bench.open(floor.order(("SOAP", 5)))
    for _ in range(3):
        bench.scan(SOAP)
    bench.send()
    shelf = asked(dock, "count", sku="SOAP")
    assert shelf.expected == 97
    made = document(dock, "count", {"SOAP": 95}, expected=shelf.expected)
    for _ in range(2):
        done = booked(dock, made)
        assert (done.before, done.after) == (97, 95)
    assert floor.stock("SOAP")[0] == 98


def test_somebody_without_a_role_on_the_floor_books_nothing(floor: Floor) -> None:
    bench = floor.bench("Dock 1")
    with pytest.raises(DomainError, match="not_signed_in"):
        booked(bench, document(bench, "receive", {"MUG": 5}, role="desk"))
    assert floor.stock("MUG") == (100, 0)
