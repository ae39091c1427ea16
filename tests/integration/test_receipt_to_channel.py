"""What a bench scans in is for sale on the channels within seconds (LOC-05): from the scan to the shop's own answer."""

import time
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette

from server.domain.booking.lots import Incoming
from server.http import bench_api, goods_api
from server.http.call import Services
from server.http.goods_api import Delivery
from server.usecases.starting.sites import change_channel
from tests.book import Shop, all_told, serving, until
from tests.floor import BOSS, SHOP_SECRET, Floor, make_floor
from tests.working import working

SCANS = 15
SOON = 10.0
"""Seconds from a receipt's scan to the channel's accepted message, at the 99th percentile."""


@pytest.fixture
def receiving(services: Services) -> Iterator[Floor]:
    """A warehouse whose benches receive goods over a real socket."""
    app = Starlette(routes=[*bench_api.ROUTES, *goods_api.ROUTES])
    app.state.services = services
    with serving(app) as client:
        yield make_floor(services, client)


def test_each_receipt_reaches_the_channel_within_ten_seconds_of_its_scan(receiving: Floor, shop: Shop) -> None:
    db, bench = receiving.db, receiving.bench("B1")
    person = receiving.people["dock"]
    change_channel(db, BOSS, "shop", {"secret": SHOP_SECRET, "webhook_url": f"{shop.url}/1"})
    took: list[float] = []
    with working(db):
        until(lambda: all_told(db), "the opening stock is told")
        for n in range(1, SCANS + 1):
            scanned = time.monotonic()
            bench.call("POST", "/api/receipts", Delivery(person, (Incoming("MUG", 1),), f"scan-{n}")).raise_for_status()
            until(lambda n=n: shop.number("MUG") == 100 + n, f"receipt {n} is told", SOON)  # type: ignore[misc]
            took.append(time.monotonic() - scanned)
    took.sort()
    assert took[round(0.99 * (len(took) - 1))] <= SOON


def test_receipts_that_come_faster_than_a_channel_answers_are_told_within_ten_seconds_of_the_last(
    receiving: Floor, shop: Shop
) -> None:
    db, bench = receiving.db, receiving.bench("B1")
    person = receiving.people["dock"]
    change_channel(db, BOSS, "shop", {"secret": SHOP_SECRET, "webhook_url": f"{shop.url}/1"})

    def slow(_path: str, _body: object) -> int:
        time.sleep(0.2)
        return 200

    with working(db):
        until(lambda: all_told(db), "the opening stock is told")
        shop.answer = slow
        for n in range(SCANS):
            skus = (("SOAP", "BRUSH", "MUG")[n % 3],)
            lines = tuple(Incoming(sku, 2) for sku in skus)
            bench.call("POST", "/api/receipts", Delivery(person, lines, f"scan-{n}")).raise_for_status()
        expected = dict.fromkeys(("SOAP", "BRUSH", "MUG"), 100 + 2 * SCANS // 3)
        until(lambda: {sku: shop.number(sku) for sku in expected} == expected, "all receipts are told", SOON)
