"""Counting shelves while benches pack from them, over the real routes, on both engines."""

from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette

from server.db.transaction import Database, transaction
from server.domain.booking.lots import Incoming
from server.domain.errors import DomainError
from server.http import bench_api, goods_api, stock_api
from server.http.call import Services
from server.usecases.sales.cancel import cancel_order
from server.usecases.staff.people import add_wall
from server.usecases.warehouse.counting import begin_count, count_shelf
from server.usecases.warehouse.putting_back import put_back
from tests.floor import BOSS, SOAP, Bench, Floor, make_floor
from tests.serving import uvicorn_of


@pytest.fixture(scope="module")
def goods_app() -> Iterator[tuple[Starlette, httpx.Client]]:
    """Bench, goods and stock routes, and a client that reaches them."""
    app = Starlette(routes=[*bench_api.ROUTES, *goods_api.ROUTES, *stock_api.ROUTES])
    with uvicorn_of(app) as url, httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        yield app, client


@pytest.fixture
def goods_floor(goods_app: tuple[Starlette, httpx.Client], services: Services) -> Floor:
    """The warehouse of ``tests.floor`` with those routes."""
    app, client = goods_app
    app.state.services = services
    return make_floor(services, client)


def counted(db: Database, units: int, **more: object) -> dict[str, object]:
    return count_shelf(db, BOSS, "SOAP", "EAST", units, reason="weekly count", **more)  # type: ignore[arg-type]


def scanned(bench: Bench, number: str, units: int) -> None:
    """So many soaps are in a box."""
    bench.open(number)
    for _ in range(units):
        bench.scan(SOAP)
    bench.send()


def test_a_count_while_a_box_is_packed_neither_loses_nor_doubles_what_is_in_it(goods_floor: Floor) -> None:
    floor, bench = goods_floor, goods_floor.bench("Bench 1")
    number = floor.order(("SOAP", 5))
    scanned(bench, number, 3)
    seen = begin_count(floor.db, "SOAP", "EAST")
    assert (seen["expected"], seen["away"]) == (97, 3)
    assert counted(floor.db, 97) | {"away": 3} == {
        "before": 100, "after": 100, "difference": 0, "away": 3, "released": [], "uncovered": 0
    }  # fmt: skip
    bench.scan(SOAP), bench.scan(SOAP)
    label = bench.buy()
    bench.scan(label.tracking)
    bench.send()
    assert floor.status(number) == "packed"
    counted(floor.db, 94)
    assert floor.stock("SOAP") == (99, 5), "one is missing from the shelf; the five in the box are all there"


def test_a_shelf_that_moved_between_looking_and_telling_is_counted_again(goods_floor: Floor) -> None:
    floor, bench = goods_floor, goods_floor.bench("Bench 1")
    number = floor.order(("SOAP", 5))
    expected = begin_count(floor.db, "SOAP", "EAST")["expected"]
    scanned(bench, number, 1)
    with pytest.raises(DomainError, match="100 expected then, 99 now"):
        counted(floor.db, 100, expected=expected)
    assert floor.stock("SOAP") == (100, 5)


def test_too_few_for_what_is_promised_releases_the_last_order_and_says_which(goods_floor: Floor) -> None:
    floor, bench = goods_floor, goods_floor.bench("Bench 1")
    first, packing, last = (floor.order(("SOAP", n)) for n in (30, 10, 40))
    scanned(bench, packing, 1)
    done = counted(floor.db, 49)
    assert (done["after"], done["released"]) == (50, [f"order {last}"])
    assert floor.stock("SOAP") == (50, 40)
    assert floor.status(first) == "ready"
    assert floor.status(packing) == "packing"
    assert floor.status(last) != "ready"
    assert last in floor.incidents("stock_shortfall")[0]


def test_what_is_in_an_open_box_is_never_taken_by_a_count(goods_floor: Floor) -> None:
    floor, bench = goods_floor, goods_floor.bench("Bench 1")
    number = floor.order(("SOAP", 5))
    scanned(bench, number, 2)
    done = counted(floor.db, 1)
    assert (done["after"], done["released"], done["uncovered"]) == (5, [], 2)
    assert floor.stock("SOAP") == (5, 5)
    assert "2 units are missing for boxes that are being packed" in floor.incidents("stock_shortfall")[0]


def test_a_session_whose_goods_are_gone_is_stopped_at_its_bench(goods_floor: Floor) -> None:
    floor, bench = goods_floor, goods_floor.bench("Bench 1")
    number = floor.order(("SOAP", 5))
    bench.open(number)
    counted(floor.db, 2)
    assert floor.status(number) != "packing"
    bench.scan(SOAP)
    assert bench.send().stop == "changed"


def test_a_box_that_was_packed_and_cancelled_is_not_on_the_shelf_until_it_is_put_back(goods_floor: Floor) -> None:
    floor, bench = goods_floor, goods_floor.bench("Bench 1")
    number = floor.order(("SOAP", 5))
    bench.pack(number, *[SOAP] * 5)
    cancel_order(floor.db, BOSS, floor.order_id(number))
    assert floor.stock("SOAP") == (100, 5)
    counted(floor.db, 95)
    assert floor.stock("SOAP") == (100, 5)
    put_back(floor.db, BOSS, "EAST", number, [Incoming("SOAP", 5)])
    counted(floor.db, 100)
    assert floor.stock("SOAP") == (100, 0)


def test_a_shelf_where_a_picker_is_now_is_not_counted(goods_floor: Floor) -> None:
    floor = goods_floor
    number = floor.order(("SOAP", 5))
    in_wave(floor, number, picked_at=None)
    with pytest.raises(DomainError, match=f"a picker fetches SOAP for {number}"):
        counted(floor.db, 95)


def test_what_is_in_a_tote_is_not_on_the_shelf(goods_floor: Floor) -> None:
    floor = goods_floor
    in_wave(floor, floor.order(("SOAP", 5)), picked_at=1.0)
    counted(floor.db, 95)
    assert floor.stock("SOAP") == (100, 5)


def in_wave(floor: Floor, number: str, picked_at: float | None) -> None:
    """The order belongs to a wave."""
    from sqlalchemy import insert

    from server.db import tables

    with transaction(floor.db, BOSS, "wave") as tx:
        wave = {"site_id": 1, "carrier": "own-van", "mix": "multi", "state": "picking", "at": 0.0, "actor": "boss"}
        made = tx.connection.execute(insert(tables.wave).values(**wave).returning(tables.wave.c.id)).scalar_one()
        row = {"order_id": floor.order_id(number), "wave_id": made, "position": 1, "picked_at": picked_at}
        tx.connection.execute(insert(tables.wave_order).values(**row))


# --- the routes ----------------------------------------------------------------------------------------------------


def said(bench: Bench, method: str, path: str, **body: object) -> dict[str, object]:
    """The answer to a bench's request, its person and key filled in."""
    person = {"person_id": bench.floor.people["dock"], "key": f"{path}-{sorted(body.items())}"[:100]}
    return dict(bench.ask(method, path, dict, person | body))


def test_a_bench_receives_counts_writes_off_and_moves_goods_of_its_own_site(goods_floor: Floor) -> None:
    floor = goods_floor
    east, west = floor.bench("East 1"), floor.bench("West 1", "WEST")
    line = {"sku": "MUG", "units": 5}
    first = said(east, "POST", "/api/receipts", lines=[line])
    assert said(east, "POST", "/api/receipts", lines=[line]) == first, "a repeat of a lost answer books nothing"
    assert floor.stock("MUG") == (105, 0)
    assert floor.audited("goods.received")[3:] == [("Dock Person", "East 1")], "after what the floor was opened with"
    seen = said(east, "POST", "/api/counts/begin", sku="MUG")
    said(east, "POST", "/api/counts", sku="MUG", units=104, reason="weekly", expected=seen["expected"])
    said(east, "POST", "/api/write-offs", sku="MUG", units=4, reason="dropped")
    assert floor.stock("MUG") == (100, 0)
    from server.domain.warehouse.transfers import Key
    from server.usecases.warehouse.transfers import plan_transfer

    number = plan_transfer(floor.db, BOSS, "EAST", "WEST", {Key("MUG"): 10})["transfer"]
    with pytest.raises(DomainError, match="goes from EAST to WEST, not WEST"):
        said(west, "POST", f"/api/transfers/{number}/dispatch", sku="MUG", units=10)
    said(east, "POST", f"/api/transfers/{number}/dispatch", sku="MUG", units=10)
    said(east, "POST", f"/api/transfers/{number}/depart")
    said(west, "POST", f"/api/transfers/{number}/receive", sku="MUG", units=9)
    done = said(west, "POST", f"/api/transfers/{number}/close")
    assert done["state"] == "closed"
    assert (floor.stock("MUG"), floor.stock("MUG", "WEST")) == ((90, 0), (9, 0))
    assert floor.incidents("transfer_difference") == [f"transfer {number}: did not come: 1 of MUG"]


def test_somebody_without_the_role_and_a_number_that_is_none_are_refused(goods_floor: Floor) -> None:
    bench = goods_floor.bench("East 1")
    desk = goods_floor.people["desk"]
    with pytest.raises(DomainError, match="not_signed_in"):
        said(bench, "POST", "/api/receipts", lines=[{"sku": "MUG", "units": 5}], person_id=desk)
    with pytest.raises(DomainError, match="not_found"):
        said(bench, "POST", "/api/transfers/x/depart")
    with pytest.raises(DomainError, match="malformed"):
        said(bench, "POST", "/api/counts", sku="MUG", units="many")


def test_a_supervisor_defines_a_kit_and_a_wall_screen_may_only_look(goods_floor: Floor) -> None:
    floor = goods_floor
    token = signed_in(floor, "supervisor")
    put = floor.http.put("/api/kits/MUG", json={"components": {"SOAP": 2}}, headers=bearer(token))
    assert (put.status_code, put.json()["version"]) == (200, 1)
    assert floor.http.get("/api/kits", headers=bearer(token)).json()["kits"][0]["leaves"] == {"SOAP": 2}
    safety = {"site": "EAST", "units": 3}
    assert floor.http.put("/api/stock/MUG/safety", json=safety, headers=bearer(token)).status_code == 200
    wall = add_wall(floor.db, BOSS, "hall")
    [node] = floor.http.get("/api/stock?sku=MUG", headers=bearer(wall)).json()["stock"]
    assert (node["on_hand"], node["sellable"], node["safety"]) == (100, 150, 3)
    assert floor.http.delete("/api/kits/MUG", headers=bearer(wall)).status_code == 403
    plan = {"source": "EAST", "destination": "WEST", "lines": [["SOAP", "", 3]]}
    made = floor.http.post("/api/transfers", json=plan, headers=bearer(token))
    assert (made.status_code, made.json()["state"]) == (201, "planned")
    cancelled = floor.http.post(f"/api/transfers/{made.json()['transfer']}/cancel", headers=bearer(token))
    assert cancelled.json()["state"] == "cancelled"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def signed_in(floor: Floor, role: str) -> str:
    from server.domain.people import Role
    from server.usecases.staff.people import add_person, sign_in

    add_person(floor.db, BOSS, "Sam Lee", [Role(role)], None, "sam", "correct horse battery")
    return sign_in(floor.db, "sam", "correct horse battery")
