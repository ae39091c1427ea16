"""What a monitor, a log reader and a supervisor see of a floor that works, and of one that does not."""

import io
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from starlette.applications import Starlette

from server import logs
from server.app import create_app
from server.config import ServerConfig
from server.db import orders, tables
from server.db.engine import open_engine
from server.db.transaction import Database, transaction
from server.domain.errors import DomainError
from server.domain.sales.orders import OrderStatus
from server.http.call import Services
from server.usecases.overview.board import read_board
from server.usecases.record.timeline import timeline
from server.usecases.sales.cancel import cancel_order
from server.usecases.staff import people
from tests.bench_floor import OneBench
from tests.board_server import serving
from tests.book import open_book, sell
from tests.fakes import until
from tests.floor import BOSS, MUG, SOAP, Bench, Dock, Floor, make_floor, one_engine

BUYER = ("Zoe", "Quill", "Hidden Lane", "Springfield", "94107")
"""What ``Floor.order`` sells to."""


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The structured log of everything that happens, as a file would hold it."""
    root, settings, sink = logging.getLogger(), structlog.get_config(), io.StringIO()
    level = root.level
    logs.configure("json")
    # The service's loggers outlive this test, so they must not remember it.
    structlog.configure(cache_logger_on_first_use=False)
    [handler] = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(sink)
    yield sink
    root.removeHandler(handler)
    root.setLevel(level)
    structlog.configure(**settings)


@contextmanager
def whole_service(db: Database, folder: Path) -> Iterator[Floor]:
    """A warehouse behind the whole service with its access log, without a worker."""
    config = ServerConfig(data_dir=folder, worker=False)
    app: Starlette = create_app(config, db)
    with (
        serving(app) as running,
        httpx.Client(base_url=running.url, trust_env=False, timeout=30) as http,
    ):
        yield make_floor(Services(db, config), http)


def records(sink: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def ship(floor: Floor, bench: Bench) -> tuple[str, str]:
    """One order from sale to truck; its number and its parcel."""
    number = floor.order(("SOAP", 1), ("MUG", 1))
    bench.open(number)
    bench.scan(SOAP)
    bench.scan(SOAP)
    bench.scan("PPC-OK")
    bench.scan(MUG)
    label = bench.buy()
    bench.scan(label.tracking)
    bench.send()
    dock = Dock.at(bench)
    dock.scan(label.tracking)
    bench.close_load(dock.load.load_id, 1)
    return number, label.parcel_id


def test_what_a_bench_does_is_logged_with_its_bench_and_request_and_without_a_buyer(
    sqlite_db: Database, tmp_path: Path, log: io.StringIO
) -> None:
    with whole_service(sqlite_db, tmp_path) as floor:
        bench = floor.bench("Bench 1")
        ship(floor, bench)
        floor.http.get("/api/queue", headers={"Authorization": "Bearer Zoe-Quill"})
    asked = [r for r in records(log) if r["event"] == "request" and r.get("path") == "/api/sessions/{session}/events"]
    assert asked
    assert {r["bench"] for r in asked} == {"Bench 1"}
    assert all(len(str(r["request_id"])) >= 16 for r in asked)
    packed = [r for r in records(log) if r["event"] == "order.packed"]
    assert [(r["bench"], r["order"]) for r in packed] == [("Bench 1", "1")]
    assert len(str(packed[0]["request_id"])) >= 16
    assert not [word for word in BUYER if word in log.getvalue()]


def test_a_step_no_order_may_take_is_refused_and_logged_with_its_number(db: Database, log: io.StringIO) -> None:
    open_book(db)
    taken = sell(db, "S-1", ("SOAP", 1))
    with pytest.raises(DomainError, match="illegal_transition"), transaction(db, BOSS, "ship") as tx:
        orders.set_status(tx, taken.order_id, OrderStatus.PACKED)
    [found] = [r for r in records(log) if r["event"] == "illegal_transition"]
    assert (found["order"], found["before"], found["after"]) == ("1001", "ready", "packed")


def test_the_figures_can_be_read_by_prometheus(sqlite_db: Database, tmp_path: Path) -> None:
    with whole_service(sqlite_db, tmp_path) as floor:
        ship(floor, floor.bench("Bench 1"))
        floor.order(("SOAP", 1))
        token = people.add_wall(floor.db, BOSS, "monitor")
        answer = floor.http.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert families["packproof_requests"].type == "counter"
    assert families["packproof_request_seconds"].type == "histogram"
    assert all(family.documentation for family in families.values())
    sold = {s.labels["status"]: s.value for s in families["packproof_orders"].samples}
    assert sold["ready"] == 1
    refused = {s.labels["reason"]: s.value for s in families["packproof_scans_refused_last_hour"].samples}
    assert refused == {"over_quantity": 1}


def test_without_its_database_the_service_says_that_it_is_not_well(tmp_path: Path) -> None:
    config = ServerConfig(data_dir=tmp_path, database="postgresql://nobody@127.0.0.1:9/none", worker=False)
    app = create_app(config, Database(open_engine(config.database_url)))
    with serving(app) as running, httpx.Client(base_url=running.url, trust_env=False, timeout=30) as http:
        answer = http.get("/healthz")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


@one_engine
def test_a_clock_that_is_forty_seconds_off_is_shown_on_the_bench_and_on_the_board(floor: Floor, tmp_path: Path) -> None:
    token = floor.bench("Bench 1").token
    folder, url = tmp_path / "bench", str(floor.http.base_url)
    with OneBench(folder, url=url, token=token, clock=lambda: time.time() - 40) as bench:
        until(lambda: abs(bench.bench.status.clock_off + 40) < 2, "the bench to show its clock")
        [card] = read_board(floor.db).benches
        assert card.clock_off is not None
        assert abs(card.clock_off + 40) <= 2
        assert any("clock" in str(one).lower() for one in read_board(floor.db).urgent)


@one_engine
def test_a_clock_that_is_twenty_seconds_off_is_nobody_s_business(floor: Floor, tmp_path: Path) -> None:
    token = floor.bench("Bench 1").token
    folder, url = tmp_path / "bench", str(floor.http.base_url)
    with OneBench(folder, url=url, token=token, clock=lambda: time.time() - 20) as bench:
        until(lambda: bool(read_board(floor.db).benches[0].silent_since is None), "a heartbeat")
        assert bench.bench.status.clock_off == 0.0
        assert not read_board(floor.db).benches[0].clock_off


def test_a_buyer_is_in_no_table_but_one(floor: Floor) -> None:
    number, parcel_id = ship(floor, floor.bench("Bench 1"))
    cancelled = floor.order(("SOAP", 1))
    cancel_order(floor.db, BOSS, floor.order_id(cancelled))
    holding = set()
    with floor.db.read() as connection:
        for name in tables.metadata.tables:
            rows = str(connection.execute(text(f'SELECT * FROM "{name}"')).all())
            holding |= {name for word in BUYER if word in rows}
    assert holding == {"recipient"}
    assert floor.status(number) == "shipped"
    assert parcel_id


def test_every_step_of_an_order_is_an_event_with_its_person_and_its_bench(floor: Floor) -> None:
    number, _ = ship(floor, floor.bench("Bench 1"))
    steps = {
        "order.new": ("the boss", ""),
        "order.ready": ("the boss", ""),
        "order.packing": ("Packer Person", "Bench 1"),
        "order.packed": ("Packer Person", "Bench 1"),
        "order.shipped": ("Dock Person", "Bench 1"),
    }
    assert floor.status(number) == "shipped"
    assert {action: floor.audited(action) for action in steps} == {action: [who] for action, who in steps.items()}


def test_every_scan_of_a_parcel_is_told_with_its_time_its_person_and_its_bench(floor: Floor) -> None:
    before = floor.db.now()
    _, parcel_id = ship(floor, floor.bench("Bench 1"))
    with floor.db.read() as connection:
        rows = timeline(connection, parcel_id)
    scans = [row for row in rows if row.what.startswith("bench.scan")]
    assert [row.what.split()[2] for row in scans] == ["ok", "over_quantity", "ok", "ok", "ok"]
    assert {(row.who, row.where) for row in scans} == {("Packer Person", "Bench 1")}
    assert all(before - 1 <= row.at <= floor.db.now() for row in scans)
    [loaded] = [row for row in rows if row.what.startswith("dock.scan")]
    assert (loaded.who, loaded.where) == ("Dock Person", "Bench 1")
