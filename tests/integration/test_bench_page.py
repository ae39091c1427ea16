"""What a bench holds, on the board and on its own page, and one action that frees all of it."""

from dataclasses import replace

import httpx
import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from server import wire
from server.config import ServerConfig
from server.db import tables
from server.domain.errors import DomainError
from server.domain.people import Role
from server.http import bench_page
from server.http.access import COOKIE
from server.http.call import Services
from server.usecases.overview.board import read_board, without_people
from tests.board_server import Serving, serving, signed_in
from tests.floor import Bench, Floor, one_engine

HOUR = 3600.0


def lease(bench: Bench) -> None:
    bench.ask("POST", "/api/lease", wire.LeaseAnswer, wire.LeaseRequest())


def later(floor: Floor, seconds: float) -> None:
    """So much time goes by."""
    before = floor.db.now
    floor.db.now = lambda: before() + seconds


def browser(server: Serving, floor: Floor, role: Role) -> httpx.Client:
    """Somebody with this role, signed in."""
    cookies, headers = {COOKIE: signed_in(floor.db, role)}, {"Origin": server.url}
    return httpx.Client(base_url=server.url, cookies=cookies, headers=headers, verify=False, trust_env=False)


@one_engine
def test_the_board_says_how_many_orders_each_bench_holds_and_since_when(floor: Floor) -> None:
    begun, bench = floor.db.now(), floor.bench("Bench 3")
    floor.order(("SOAP", 1))
    lease(bench)
    later(floor, 2 * HOUR)
    with floor.db.engine.begin() as connection:
        connection.execute(update(tables.order).values(version=tables.order.c.version + 1))
    floor.order(("SOAP", 1))
    lease(bench)
    bench.ask("POST", "/api/heartbeat", wire.HeartbeatAnswer, wire.Heartbeat(at=floor.db.now(), person_id=1))
    later(floor, HOUR)
    board = read_board(floor.db)
    [card] = board.benches
    assert (card.assigned, card.link) == (2, "/benches/1")
    assert card.assigned_since == pytest.approx(begun, abs=60), "given out anew it is no younger"
    [silent] = [line for line in board.urgent if line.words == "Bench 3 is silent"]
    assert (silent.detail, silent.link) == ("holds 2 orders · Packer Person", "/benches/1")
    wall = without_people(board, floor.db.now())
    assert {line.link for line in wall.urgent} == {"#bench-1"} and wall.benches == (replace(wall.benches[0], link=""),)


@one_engine
def test_a_supervisor_frees_a_dead_bench_from_its_page_with_one_action(floor: Floor) -> None:
    bench, other = floor.bench("Bench 3"), floor.bench("Bench 2")
    numbers = [floor.order(("SOAP", 1)) for _ in range(3)]
    lease(bench)
    bench.open(numbers[0])
    with pytest.raises(DomainError, match="is assigned to Bench 3"):
        other.open(numbers[1])
    app = Starlette(routes=bench_page.ROUTES)
    app.state.services = Services(floor.db, ServerConfig())
    with serving(app) as server:
        with browser(server, floor, Role.DESK) as desk:
            assert desk.post("/benches/1/free").status_code == 403
        with browser(server, floor, Role.SUPERVISOR) as page:
            said = page.get("/benches/1").text
            assert "Holds 2 orders" in said and f"has 1 begun <small>{numbers[0]}</small>" in said
            freed = page.post("/benches/1/free").text
            assert "2 orders may be packed at any bench" in freed and f"Order {numbers[0]} was begun here" in freed
            assert "Holds 0 orders" in freed
            assert page.post("/benches/1/free", headers={"Origin": "https://elsewhere"}).status_code == 403
            assert [page.get(f"/benches/{no}").status_code for no in ("9", "x", "²", "1" * 30)] == [404] * 4
    other.open(numbers[1])
    other.open(numbers[0])
