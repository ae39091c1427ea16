"""A site goes down: its unpacked orders leave from elsewhere, what is packed stays, nothing has two labels (RTE-21)."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from server.db import tables
from server.domain.errors import DomainError
from server.usecases.routes.nodes import set_node
from server.usecases.routes.site_down import reroute_from_inactive, set_active
from server.usecases.sales.recheck import settle_again
from tests.book import receive
from tests.floor import BOSS, BRUSH, SOAP, Floor
from tests.integration.test_short_pick import check_book, live_labels, site
from tests.integration.test_waves import the_wave, waved


@pytest.fixture
def west(floor: Floor) -> Floor:
    """WEST has 50 soaps and brushes, and no mugs."""
    for sku in ("SOAP", "BRUSH"):
        receive(floor.db, sku, "WEST", 50)
    return floor


def test_what_is_not_packed_leaves_from_another_site_and_what_is_packed_stays(west: Floor) -> None:
    east = west.bench("Bench 1")
    packed, packing, ready, mugs = (west.order(line) for line in (("SOAP", 1), ("SOAP", 1), ("BRUSH", 2), ("MUG", 1)))
    kept = east.pack(packed, SOAP)
    east.open(packing)
    east.scan(SOAP)
    lost = east.buy()
    done = set_active(west.db, BOSS, "EAST", False, "no power")
    check_book(west)
    assert (done.moved, done.lost) == (2, (mugs,))
    assert [site(west, number) for number in (packed, packing, ready)] == ["EAST", "WEST", "WEST"]
    assert [west.status(n) for n in (packed, packing, ready)] == ["packed", "ready", "ready"]
    assert west.status(mugs) in {"conflict", "waiting"}
    east.scan(lost.tracking)
    assert east.send().stop == "changed"
    far = west.bench("West 1", "WEST").pack(packing, SOAP)
    assert sorted(live_labels(west)) == sorted([kept.tracking, far.tracking])
    [told] = west.incidents("site_down")
    assert told == f"site EAST is down: 2 orders leave from other sites now; no other site has the stock for {mugs}"


def test_nothing_new_is_promised_from_a_site_that_is_down_until_it_is_up(west: Floor) -> None:
    set_active(west.db, BOSS, "EAST", False)
    assert west.status(west.sold(("MUG", 1))) in {"conflict", "waiting"}
    west.order(("SOAP", 1))
    assert west.stock("SOAP", "WEST") == (50, 1)
    set_active(west.db, BOSS, "EAST", True)
    west.order(("MUG", 1))
    assert west.incidents("site_down") == []
    with pytest.raises(DomainError, match="there is no site 'NORTH'"):
        set_active(west.db, BOSS, "NORTH", False)


def test_an_order_in_a_wave_of_that_site_joins_one_where_it_is_now(west: Floor) -> None:
    number = west.order(("SOAP", 2))
    waved(west)
    wave_id = the_wave(west)
    set_active(west.db, BOSS, "EAST", False)
    assert west.bench("West 1", "WEST").open(number).order.number == number
    with west.db.read() as connection:
        rows = connection.execute(tables.wave_order.select().where(tables.wave_order.c.wave_id == wave_id)).all()
    assert rows == []


def test_an_order_on_hold_takes_its_units_along_and_stays_on_hold(west: Floor) -> None:
    number = west.order(("SOAP", 1))
    west.set_order(number, status="on_hold", held_because="unpaid", payment="unpaid")
    set_active(west.db, BOSS, "EAST", False)
    check_book(west)
    assert (west.status(number), site(west, number)) == ("on_hold", "WEST")
    assert west.stock("SOAP", "WEST") == (50, 1)
    settle_again(west.db, BOSS, west.order_id(number), paid=True)
    assert (west.status(number), site(west, number)) == ("ready", "WEST")


def test_a_node_closed_in_the_list_of_nodes_is_found_by_the_worker(west: Floor) -> None:
    number = west.order(("SOAP", 1))
    set_node(west.db, BOSS, "EAST", {"active": False})
    reroute_from_inactive(west.db)
    assert site(west, number) == "WEST"
    events = len(west.audited("order.moved"))
    reroute_from_inactive(west.db)
    assert len(west.audited("order.moved")) == events == 1


def test_orders_claimed_while_the_site_goes_down_end_at_one_site_with_one_label(west: Floor) -> None:
    numbers = [west.order(("SOAP", 1), ("BRUSH", 1)) for _ in range(6)]
    benches = [west.bench(f"Bench {n}") for n in range(2)]
    gate = threading.Barrier(3)

    def pack(index: int) -> None:
        gate.wait()
        for number in numbers[index::2]:
            try:
                benches[index].pack(number, SOAP, BRUSH)
            except (DomainError, AssertionError):
                continue

    with ThreadPoolExecutor(3) as pool:
        packing = [pool.submit(pack, index) for index in range(2)]
        gate.wait()
        set_active(west.db, BOSS, "EAST", False)
        [each.result() for each in packing]
    reroute_from_inactive(west.db)
    check_book(west)
    far = west.bench("West 1", "WEST")
    for number in numbers:
        assert (west.status(number), site(west, number)) in {("packed", "EAST"), ("ready", "WEST")}
        if west.status(number) == "ready":
            far.pack(number, SOAP, BRUSH)
    assert len(live_labels(west)) == len(numbers)


def test_going_down_twice_at_once_moves_each_order_once(west: Floor) -> None:
    numbers = [west.order(("SOAP", 1)) for _ in range(5)]
    with ThreadPoolExecutor(2) as pool:
        done = [each.result() for each in [pool.submit(set_active, west.db, BOSS, "EAST", False) for _ in range(2)]]
    assert sum(each.moved for each in done) == len(numbers)
    check_book(west)
    assert west.stock("SOAP", "WEST") == (50, 5)


def test_an_order_that_cannot_leave_is_tried_again_when_its_site_is_up(west: Floor) -> None:
    with west.db.engine.begin() as connection:
        connection.execute(update(tables.channel).values(policy={"losing": {"path": ["ask"]}}))
    number = west.order(("MUG", 1))
    assert set_active(west.db, BOSS, "EAST", False).lost == (number,)
    set_active(west.db, BOSS, "EAST", True)
    settle_again(west.db, BOSS, west.order_id(number))
    assert (west.status(number), site(west, number)) == ("ready", "EAST")
