"""One question, one answer: everything that happened to an order, a product or a parcel."""

import os
import time
from typing import Any

import pytest
from sqlalchemy import event, text

from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.usecases.record.timeline import TimelineRow, timeline
from tests.book import listening, publish, receive, until
from tests.floor import SOAP, Dock, Floor
from tests.integration.test_outbox import all_sent
from tests.working import working

BIG = 1_000_000 if os.environ.get("PACKPROOF_BIG") else 100_000
"""Orders; a million is the requirement, which PACKPROOF_BIG=1 measures."""

NUMBERS = (
    f"WITH RECURSIVE n(i) AS (SELECT 1000000 UNION ALL SELECT i + 1 FROM n WHERE i < {BIG} + 999999) SELECT i FROM n"
)
CROWD = {
    "orders": "(id, number, channel_id, channel_order_id, fingerprint, status, version, carrier, service, payment,"
    " placed_at, received_at) SELECT i, 'N' || i, 1, CASE i % 2 WHEN 0 THEN 'X-' ELSE 'Mixed-' END || i, '', 'shipped',"
    " 1, 'own-van', 's', 'paid', i, i",
    "audit": "(id, at, actor, action, detail) SELECT i, i, 'a', 'order.ready', '{}'",
    "audit_subject": "(audit_id, kind, ref) SELECT i, 'order', i",
    "ledger": "(id, at, kind, sku, site_id, lot, d_on_hand, d_reserved, d_held, d_transit, order_id, channel_id, actor,"
    " reason) SELECT i, i, 'reserve', CASE i % 3 WHEN 0 THEN 'SOAP' ELSE 'R' || i % 500 END, 1, '', 0, 1, 0, 0, i, 1,"
    " 'a', ''",
    "batch": "(seq, first_id, last_id, at, events, hash) SELECT i, i, i, i, 2, 'x'",
    "delivery": "(id, outbox_id, at, channel_id, kind, key, version, destination, before, after, ok, answer, caused_by)"
    " SELECT i, (SELECT min(id) FROM outbox), i, 1, 'stock', 'R' || i % 500, i, 'd', '', '1', true, '200', i",
}
"""A row of other people's business for each order, in each table; a third of it is about soap."""


def asked(db: Database, ref: str) -> list[TimelineRow]:
    with db.read() as connection:
        return timeline(connection, ref)


def positions(rows: list[TimelineRow], *beginnings: str) -> list[int]:
    return [next(i for i, row in enumerate(rows) if row.what.startswith(text)) for text in beginnings]


def test_the_whole_life_of_an_order_is_told_in_order_with_who_and_where(floor: Floor) -> None:
    with listening() as shop, working(floor.db):
        settings = {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "webhook_url": f"{shop.url}/1"}
        with floor.db.engine.begin() as connection:
            connection.execute(tables.channel.update().values(settings=settings))
        number, bench = floor.order(("SOAP", 1)), floor.bench("B1")
        label = bench.pack(number, SOAP)
        dock = Dock.at(bench)
        dock.scan(label.tracking)
        bench.close_load(dock.load.load_id, 1)
        until(all_sent(floor.db), "everything is told")
    rows = asked(floor.db, "S-1")
    assert rows == asked(floor.db, f"#{number}")
    assert [row.at for row in rows] == sorted(row.at for row in rows)
    steps = ["order.new", "order.ready", "stock.reserve", "order.packing", "bench.scan", "order.packed", "dock.scan"]
    steps += ["order.shipped", "stock.ship", "channel.shipment"]
    assert positions(rows, *steps) == sorted(positions(rows, *steps))
    scan = next(row for row in rows if row.what.startswith("bench.scan"))
    assert (scan.who, scan.where) == ("Packer Person", "B1")
    assert f"{SOAP!r} ok SOAP x1" in scan.what
    told = next(row for row in rows if row.what.startswith("channel.shipment"))
    assert (told.who, told.where) == ("worker", "shop")
    parcel = asked(floor.db, label.tracking.lower())
    assert parcel == asked(floor.db, label.parcel_id)
    assert {"bench.scan", "dock.scan", "channel.shipment"} <= {row.what.split()[0] for row in parcel}
    sku = [row.what.split()[0] for row in asked(floor.db, "soap")]
    assert {"product.changed", "stock.receive", "stock.reserve", "stock.ship", "channel.stock"} <= set(sku)


def test_a_number_of_one_order_is_not_the_row_id_of_another(floor: Floor) -> None:
    first, second = floor.order(("SOAP", 1)), floor.order(("SOAP", 2))
    assert all("+1" in row.what for row in asked(floor.db, first) if row.what.startswith("stock."))
    assert all("+2" in row.what for row in asked(floor.db, second) if row.what.startswith("stock."))


@pytest.mark.parametrize("ref", ["", "nope", "x\x00y", "' OR 1=1"])
def test_what_nobody_knows_is_not_found(sqlite_db: Database, ref: str) -> None:
    with pytest.raises(DomainError, match="not_found"):
        asked(sqlite_db, ref)


def test_what_was_committed_first_is_told_first_whatever_the_clocks_said(floor: Floor) -> None:
    for now, units in ((200.0, 5), (100.0, 7)):
        floor.db.now = lambda at=now: at  # type: ignore[misc]
        receive(floor.db, "SOAP", "EAST", units)
    rows = [row for row in asked(floor.db, "SOAP") if row.what.startswith("stock.receive")][-2:]
    assert [(row.at, row.what) for row in rows] == [
        (200.0, "stock.receive SOAP on hand +5 (receipt)"),
        (100.0, "stock.receive SOAP on hand +7 (receipt)"),
    ]
    assert rows[0].batch is not None
    assert rows[1].batch == rows[0].batch + 1


@pytest.mark.parametrize("db", [pytest.param("sqlite"), *(["postgresql"] if BIG > 100_000 else [])], indirect=True)
def test_an_answer_takes_less_than_a_second_among_all_the_orders_of_years(floor: Floor) -> None:
    number = floor.order(("SOAP", 1))
    publish(floor.db)
    with floor.db.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        for table, columns in CROWD.items():
            connection.execute(text(f"INSERT INTO {table} {columns} FROM ({NUMBERS}) AS numbers"))
    if floor.db.engine.dialect.name == "postgresql":
        with floor.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("ANALYZE"))
    # SQLite works in this process: its own seconds are counted, not those of what else the machine does.
    clock = time.process_time if floor.db.engine.dialect.name == "sqlite" else time.monotonic
    for ref in (number, "S-1", "s-1", "SOAP", f"N{BIG + 999_000}", "mixed-1000007", "nobody's"):
        took = []
        for _ in range(3):
            began = clock()
            told = len(asked(floor.db, ref)) if ref != "nobody's" else unknown(floor.db, ref)
            took.append(clock() - began)
        print(f"timeline {floor.db.engine.dialect.name} {ref}: {told} rows in {min(took) * 1000:.0f} ms")
        assert told > 0
        assert min(took) < 1
    assert whole_scans(floor.db, "nobody's") == []


def unknown(db: Database, ref: str) -> int:
    with pytest.raises(DomainError, match="not_found"):
        asked(db, ref)
    return 1


def whole_scans(db: Database, ref: str) -> list[str]:
    """Steps of the plans of all its statements that read every order."""
    seen: list[tuple[Any, Any]] = []

    def keep(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        seen.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", keep)
    unknown(db, ref)
    event.remove(db.engine, "before_cursor_execute", keep)
    lite = db.engine.dialect.name == "sqlite"
    with db.read() as connection:
        plans = [
            row[3] if lite else row[0]
            for statement, parameters in seen
            if "orders" in statement
            for row in connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN ' if lite else ''}{statement}", parameters)
        ]
    assert plans
    return [step for step in plans if ("Scan on orders" in step and "Bitmap" not in step) or step == "SCAN orders"]
