"""One question, one answer: everything that happened to an order, a product or a parcel."""

import time

import pytest
from sqlalchemy import text

from server.db import tables
from server.db.transaction import Database, transaction
from server.domain.errors import DomainError
from server.usecases.timeline import TimelineRow, timeline
from tests.book import listening, until
from tests.floor import BOSS, SOAP, Dock, Floor
from tests.integration.test_outbox import all_sent, working

NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 10000 UNION ALL SELECT i + 1 FROM n WHERE i < 110000) SELECT i FROM n"
CROWD = {
    "audit": "(id, at, actor, action, detail) SELECT i, i, 'a', 'x', '{}'",
    "audit_subject": "(audit_id, kind, ref) SELECT i, CASE WHEN i % 2 = 0 THEN 'sku' ELSE 'order' END, 'R' || i % 5000",
    "ledger": "(id, at, kind, sku, site_id, d_on_hand, d_reserved, order_id, audit_id)"
    " SELECT i, i, 'count', 'R' || i % 50, 1, 1, 0, i, i",
}
"""A hundred thousand rows of other people's business, for each table."""


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
    steps = ["order.new", "stock.reserve", "order.ready", "order.packing", "bench.scan", "order.packed", "dock.scan"]
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


def test_an_answer_takes_less_than_a_second_among_a_hundred_thousand_rows(floor: Floor) -> None:
    number = floor.order(("SOAP", 1))
    with transaction(floor.db, BOSS, "test") as tx:
        for table, columns in CROWD.items():
            tx.connection.execute(text(f"INSERT INTO {table} {columns} FROM ({NUMBERS}) AS numbers"))
    for ref in (number, "S-1", "SOAP"):
        began = time.monotonic()
        assert asked(floor.db, ref)
        assert time.monotonic() - began < 1
