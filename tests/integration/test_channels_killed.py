"""A worker dies, or a disk is full, in the middle of a word with a platform: nothing is lost, nothing said twice."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import event, select

from server.db import tables
from server.db.transaction import Database
from server.simulated.platforms.market import Market
from server.simulated.platforms.serve import Served, serving
from server.usecases.talking import hearing, telling
from server.usecases.talking.lines import Lines
from server.usecases.talking.turn import turn
from tests.book import count_rows
from tests.market import Street, open_street, send_off
from tests.telling import tell_due

KILLED_BETWEEN = """
import os, signal, sys, time
from server.db.engine import open_engine
from server.db.transaction import Database
from server.usecases.talking import telling
from server.usecases.talking.lines import Lines
from tests.telling import tell_due

telling.report_in = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
db = Database(open_engine(sys.argv[1]), lambda: time.time() + float(sys.argv[3]))
tell_due(db, Lines(db), int(sys.argv[2]))
"""


@dataclass
class Listening:
    """A platform on a real socket, as ``open_street`` wants it."""

    served: Served

    @property
    def market(self) -> Market:
        return self.served.platform.market

    @property
    def KIND(self) -> str:
        return self.served.platform.KIND

    def settings(self) -> Mapping[str, Any]:
        return self.served.settings


@pytest.fixture(params=["shopify", "walmart"])
def shop(request: pytest.FixtureRequest) -> Iterator[Listening]:
    with serving([request.param]) as [served]:
        yield Listening(served)


def shipments_waiting(db: Database) -> int:
    t = tables.outbox
    return count_rows(db, t, t.c.kind == "shipment", t.c.state != "sent")


def test_a_worker_killed_between_the_platform_s_yes_and_its_own_note_confirms_a_parcel_once(
    sqlite_db: Database, shop: Listening
) -> None:
    db, late = sqlite_db, 0.0
    db.now = lambda: time.time() + late
    with httpx.Client(trust_env=False) as client:
        lines = Lines(db, client, limited=False)
        open_street(db, {shop.KIND: shop}, lines, {"CANDLE": 50})  # type: ignore[dict-item]
        with db.read() as connection:
            row = connection.execute(select(tables.channel).where(tables.channel.c.kind == shop.KIND)).one()
        shop.market.sell(("CANDLE", 1))
        while not count_rows(db, tables.order) and late < 900:
            turn(db, lines, row, "worker-1")
            late += 20
        tell_due(db, lines, row.id)
        with db.read() as connection:
            order_id = connection.execute(select(tables.order.c.id)).scalar_one()
        send_off(db, order_id, "1Z999AA10123450001")
        [sale] = shop.market.sales.values()
        told = [sys.executable, "-c", KILLED_BETWEEN, str(db.engine.url), str(row.id), str(late)]
        assert subprocess.run(told, timeout=60, check=False).returncode == -signal.SIGKILL
        assert (len(sale.shipments), shipments_waiting(db)) == (1, 1), "the platform has it and we do not know"
        assert tell_due(db, lines, row.id) == 0, "it is the dead worker's until its time is over"
        late += telling.PLATFORM_LEASE + 1
        for _ in range(20):
            tell_due(db, lines, row.id)
            late += 30
        assert (len(sale.shipments), shipments_waiting(db)) == (1, 0)


def test_on_a_full_disk_no_message_is_believed_kept_and_the_order_comes_by_the_next_look(sqlite_db: Database) -> None:
    street = Street(sqlite_db, ["shopify"])
    street.open(CANDLE=5000)
    with sqlite_db.engine.connect() as connection:
        connection.exec_driver_sql("VACUUM")
    [shop] = street.shops.values()
    for _ in range(70):
        shop.market.sell(("CANDLE", 1))
    messages, shop.outgoing = shop.outgoing, []
    full = True

    def limited(connection: Any, _record: object, _proxy: object) -> None:
        cursor = connection.cursor()
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages if full else 2**30}")

    event.listen(sqlite_db.engine, "checkout", limited)
    kept = refused = 0
    for message in messages:
        if refused == 3:
            break
        headers = {name.lower(): text for name, text in message.headers.items()}
        try:
            hearing.hear(sqlite_db, street.lines, "shopify", headers, message.body)
            kept += 1
        except Exception as error:
            assert "full" in str(error), error
            refused += 1
    assert refused == 3, "the disk was full before the last message"
    assert count_rows(sqlite_db, tables.inbox, tables.inbox.c.kind == "order") <= kept
    full = False
    street.settle(600)
    assert count_rows(sqlite_db, tables.order) == 70
    assert street.shown("CANDLE") == {"shopify": 4930}
    street.lines.close()
