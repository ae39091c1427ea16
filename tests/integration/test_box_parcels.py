"""After a failed purchase a label is bought for the box as it is now, and while one may be bought, for the same box."""

from collections.abc import Iterator
from decimal import Decimal

import httpx
import pytest
from sqlalchemy import select, update

from server.calls.troubles import Away, Refused
from server.carriers import Capabilities
from server.db import tables
from server.domain.errors import DomainError
from server.domain.masterdata.catalog import BoxType
from server.trade.shipping import Purchased
from server.usecases.masterdata.catalogue import put_box
from server.usecases.shipping import checking
from server.usecases.shipping.accounts import call_through
from server.usecases.shipping.keeping import put_account
from tests.carriers import shippable
from tests.floor import BOSS, SOAP, Bench, Floor, one_engine
from tests.integration.test_boxes_and_steps import with_boxes
from tests.integration.test_checking import later
from tests.integration.test_labels import MeteredCarrier, checked, parcel_rows, serve_all
from tests.karrio_here import needs_karrio
from tests.unit.karrio.places import UPS, ups

pytestmark = one_engine
DOCK = {"lines": ["1 Dock Road"], "city": "Reno", "region": "NV", "postcode": "89502", "country": "US", "phone": "555"}
SMALL, MEDIUM = (200, 150, 100), (300, 220, 150)


@pytest.fixture
def metered(monkeypatch: pytest.MonkeyPatch) -> Iterator[MeteredCarrier]:
    made = MeteredCarrier(capabilities=Capabilities(void=True))
    serve_all(monkeypatch, made)
    return made  # type: ignore[return-value]


def refused(bench: Bench) -> str:
    """Whether a label is bought, as a refused bench is told."""
    with pytest.raises(DomainError) as refusal:
        bench.buy()
    return str(refusal.value.facts["bought"])


def in_a_small_box(floor: Floor) -> Bench:
    """An order, verified and in its box."""
    with_boxes(floor)
    bench = floor.bench("Bench 1")
    bench.open(floor.order(("SOAP", 1)))
    for code in (SOAP, "PPX-S"):
        bench.scan(code)
    bench.send()
    return bench


def test_a_box_of_another_size_after_a_failure_is_bought_with_its_own_size_and_weight(
    floor: Floor, metered: MeteredCarrier
) -> None:
    bench = in_a_small_box(floor)
    metered.fail_before = Away("connection refused")
    assert refused(bench) == "not_bought"
    bench.scan("PPX-M")
    bench.send()
    bench.buy()
    first, second = metered.requests
    assert (first.size_mm, second.size_mm) == (SMALL, MEDIUM)
    assert (first.weight_grams, second.weight_grams) == (120 + 90, 120 + 160)
    assert len(set(metered.asked)) == 1


def test_while_a_label_may_be_bought_the_same_box_is_asked_for_again(floor: Floor, metered: MeteredCarrier) -> None:
    bench = in_a_small_box(floor)
    metered.fail_before = Away("read timed out", maybe_done=True)
    assert refused(bench) == "unknown"
    bench.scan("PPX-M")
    bench.send()
    floor.set_order("1001", carrier="city-bikes", service="express")
    bench.buy()
    assert metered.requests[0] == metered.requests[1]


def test_goods_that_got_a_weight_and_an_order_that_got_another_service_are_bought_so(
    floor: Floor, metered: MeteredCarrier
) -> None:
    p = tables.product.update()
    with floor.db.engine.begin() as connection:
        connection.execute(p.values(weight_grams=None))
    bench = floor.bench("Bench 1")
    number = checked(floor, bench)
    metered.fail_before = Refused("expected a weight, found None")
    assert refused(bench) == "not_bought"
    with floor.db.engine.begin() as connection:
        connection.execute(p.values(weight_grams=300))
    floor.set_order(number, service="express")
    bench.buy()
    assert [(r.weight_grams, r.service) for r in metered.requests] == [(None, "standard"), (300, "express")]
    assert (parcel_rows(floor), floor.incidents("label_failed")) == ([("bought", "bought", "MT00000000", 0)], [])


def test_another_carrier_gets_another_parcel_and_what_the_first_sold_late_is_void(
    floor: Floor, metered: MeteredCarrier
) -> None:
    bench = floor.bench("Bench 1")
    number = checked(floor, bench)
    metered.fail_before = Refused("no such service")
    assert refused(bench) == "not_bought"
    floor.set_order(number, carrier="city-bikes")
    label = bench.buy()
    assert parcel_rows(floor) == [("intent", "cancelled", None, 0), ("bought", "bought", label.tracking, 0)]
    assert (len(set(metered.asked)), floor.incidents("label_failed")) == (2, [])
    metered.sold[metered.asked[0]] = Purchased("MT99999999", "standard", Decimal("4.20"), "USD")
    later(floor, 61)
    checking.tick(floor.db)
    assert parcel_rows(floor)[0] == ("bought", "cancelled", "MT99999999", 0)
    t = tables.parcel_label
    with floor.db.read() as connection:
        voids = connection.execute(select(t.c.void_state).order_by(t.c.parcel_id)).scalars().all()
    assert voids == ["wanted", ""]


def test_a_bench_buys_a_label_through_the_library_which_wants_the_size_of_the_box(floor: Floor) -> None:
    needs_karrio()
    place = ups()
    call_through(floor.db, httpx.Client(transport=httpx.MockTransport(place)))
    put_account(floor.db, BOSS, "ups", "karrio", UPS, name="UPS")
    shippable(floor.db)
    with floor.db.engine.begin() as connection:
        connection.execute(update(tables.site).values(address=DOCK))
    put_box(floor.db, BOSS, BoxType("S", "Small", SMALL, 90))
    bench = floor.bench("Bench 1")
    number = floor.order(("SOAP", 1), carrier="ups")
    floor.set_order(number, service="ups_ground")
    bench.open(number)
    for code in (SOAP, "PPX-S"):
        bench.scan(code)
    bench.send()
    assert bench.buy().tracking == "1Z999AA10123456784"
