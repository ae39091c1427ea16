"""Stock is seen as it is now at every node: less than a second after it happened, also over HTTP (LOC-07)."""

import time
from collections.abc import Callable
from typing import Any

from server.app import create_app
from server.http.call import Services
from server.usecases.staff.people import add_wall
from server.usecases.warehouse.stock_view import set_safety, view_stock
from tests.book import BOSS, sell, serving
from tests.integration.test_routing_speed import NODES, open_many
from tests.routing_book import BOSTON

SECOND = 1.0
"""The age that LOC-07 allows."""
COLUMNS = ("on_hand", "reserved", "in_transit", "safety", "available")


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def node(rows: list[dict[str, Any]], site: str) -> dict[str, int]:
    [row] = [row for row in rows if row["site"] == site]
    return {name: row[name] for name in COLUMNS}


def test_a_sale_at_one_of_twenty_nodes_is_in_the_view_within_a_second(services: Services) -> None:
    db = services.db
    open_many(db, skus=1_000)
    set_safety(db, BOSS, "S7", "N7", 996)
    assert {row["site"] for row in view_stock(db, sku="S7")} == {f"N{(7 + 4 * k) % NODES}" for k in range(5)}
    for sold in range(1, 6):
        taken = sell(db, f"O-{sold}", ("S7", 1), ship_to=BOSTON)
        assert taken.status == "ready"
        rows, seconds = timed(lambda: view_stock(db, sku="S7"))
        assert seconds < SECOND
        assert sum(row["reserved"] for row in rows) == sold
        assert sum(row["available"] for row in rows) == 5_000 - sold
    page, seconds = timed(lambda: view_stock(db))
    assert seconds < SECOND
    assert len({row["sku"] for row in page}) == 500


def test_a_wall_screen_sees_each_counter_of_each_node_as_it_is_now(services: Services) -> None:
    db = services.db
    open_many(db, skus=20)
    set_safety(db, BOSS, "S7", "N7", 1_001)
    who = {"Authorization": f"Bearer {add_wall(db, BOSS, 'hall')}"}
    with serving(create_app(services.config, db)) as client:
        assert client.get("/api/stock?sku=S7", headers=who).status_code == 200
        sell(db, "O-1", ("S7", 2), ship_to=BOSTON)
        rows, seconds = timed(lambda: client.get("/api/stock?sku=S7", headers=who).json()["stock"])
    assert seconds < SECOND
    [sold] = [row["site"] for row in rows if row["reserved"]]
    counters = {"on_hand": 1_000, "reserved": 2, "in_transit": 0, "safety": 1_001 if sold == "N7" else 0}
    assert node(rows, sold) == counters | {"available": 998}
    assert [row["site"] for row in rows if row["below_safety"]] == ["N7"]
