"""Three candles, two channels, one failed push: the morning that the product exists for (CNF-03)."""

from datetime import datetime

from sqlalchemy import select

from server.calls.troubles import Away
from server.db import tables
from server.db.transaction import Database
from server.domain.masterdata.catalog import Product
from server.domain.sales.orders import OrderStatus
from server.trade.words import Answer, failed
from server.usecases.masterdata.catalogue import put_product
from server.usecases.starting.sites import add_channel, add_site
from server.usecases.warehouse.counting import count_on_hand
from tests import telling
from tests.book import BOSS, SECRET, incidents_of, level, publish, sell


def at(text: str) -> float:
    return datetime.fromisoformat(f"2026-11-21T{text}+00:00").timestamp()


def tell(db: Database, *, refusing: str = "") -> None:
    """One round of the worker, whose channel ``refusing`` answers 503; the morning's clock is not the receivers'."""
    publish(db)
    for channel in telling.due(db):
        for [job] in (call.group for call in telling.claim(db, channel.id, 10)):
            answer = failed(Away("503 Service Unavailable")) if job.channel == refusing else Answer("200")
            telling.report(db, [job], [answer], {})


def test_the_late_discovery_opens_one_conflict_that_names_both_orders_both_times_and_the_failed_push(
    db: Database,
) -> None:
    db.now = lambda: at("08:00:00")
    add_site(db, BOSS, "EAST", "East", time_zone="UTC")
    for code in ("amazon", "etsy"):
        settings = {"secret": SECRET, "webhook_url": f"http://127.0.0.1:9/{code}"}
        add_channel(db, BOSS, code, code.title(), settings)
    put_product(db, BOSS, Product("CANDLE", "Candle"), [])
    count_on_hand(db, BOSS, "CANDLE", "EAST", 3)
    tell(db)

    db.now = lambda: at("09:00:00")
    first = sell(db, "111-7", ("CANDLE", 2), channel="amazon", placed_at="2026-11-21T09:00:00Z")
    tell(db, refusing="etsy")

    db.now = lambda: at("09:30:00")
    late = sell(db, "E-9", ("CANDLE", 2), channel="etsy", placed_at="2026-11-21T09:15:00Z")

    assert (first.status, late.status, level(db, "CANDLE")) == (OrderStatus.READY, OrderStatus.CONFLICT, (3, 2))
    [cause] = incidents_of(db, "stock_conflict")
    assert cause.startswith(
        "order 1002 was sold without stock: CANDLE: 2 wanted, 1 available. CANDLE: 3 in stock, 4 sold"
    )
    assert "order 1001 (amazon 111-7) took 2 at 2026-11-21 09:00:00 UTC" in cause
    assert "order 1002 (etsy E-9) took 2 at 2026-11-21 09:15:00 UTC, known to us at 2026-11-21 09:30:00 UTC" in cause
    assert "etsy showed 3 since 2026-11-21 08:00:00 UTC" in cause
    assert "the push of 1 at 2026-11-21 09:00:00 UTC" in cause
    assert "failed (503" in cause
    with db.read() as connection:
        kept = connection.execute(select(tables.order.c.decided).where(tables.order.c.number == "1002")).scalar_one()
    assert kept["because"] in cause
