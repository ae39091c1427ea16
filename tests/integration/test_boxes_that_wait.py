"""What else happens to an order while its packed box waits at a bench for another label (LBL-02, CAN-03)."""

import uuid

import pytest
from sqlalchemy import select

from server import wire
from server.db import away, tables
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.picks.waves import Limits
from server.domain.sales.substitution import Approval
from server.usecases.benchwork.opening import release_order
from server.usecases.picks.short_pick import Found, short_of_order
from server.usecases.picks.waves import Wanted, make_waves
from server.usecases.record.incidents import close_incident
from server.usecases.routes.site_down import set_active
from server.usecases.sales.changing import cancel_lines
from server.usecases.sales.payments import flag_fraud
from server.usecases.sales.policies import add_matrix_rule
from server.usecases.sales.substituting import approve_substitute
from server.usecases.shipping.relabelling import relabel
from tests.book import receive
from tests.floor import BOSS, MUG, SOAP, Bench, Floor, one_engine
from tests.integration.test_bench_asides import scans
from tests.integration.test_bench_broken import claim, send
from tests.integration.test_boxes_and_steps import first_box_gone
from tests.integration.test_relabelling import goes_on, numbers

pytestmark = one_engine


def waiting(floor: Floor, units: int = 1) -> tuple[str, Bench]:
    """An order of so many soaps, packed and with a void label, and its bench."""
    order, bench = floor.order(("SOAP", units)), floor.bench("Bench 1")
    old = bench.pack(order, *[SOAP] * units)
    relabel(floor.db, BOSS, old.parcel_id, "torn")
    return order, bench


def half_gone(floor: Floor) -> tuple[str, Bench]:
    """An order whose first box has left and whose second waits for another label."""
    order, bench, labels = first_box_gone(floor)
    relabel(floor.db, BOSS, labels[1], "torn")
    return order, bench


def by_item(bench: Bench, item: str) -> str:
    """The order that a bench opens by an item in the packer's hand."""
    person = bench.floor.people["packer"]
    request = wire.OpenRequest(ref="", item=item, session_id=str(uuid.uuid4()), person_id=person)
    return bench.ask("POST", "/api/orders/open", wire.OpenAnswer, request).order.number


def test_a_unit_in_the_hand_never_opens_the_order_whose_own_unit_is_in_its_box_already(floor: Floor) -> None:
    order, bench = waiting(floor)
    other = floor.bench("Bench 2")
    with pytest.raises(DomainError, match="no order waits for one"):
        by_item(other, SOAP)
    fresh = floor.order(("SOAP", 1))
    assert by_item(other, SOAP) == fresh
    goes_on(bench, order)


def test_a_bench_that_packed_by_an_old_lease_must_stop_when_the_order_lies_in_another_box(floor: Floor) -> None:
    order, _ = waiting(floor)
    late, session_id = floor.bench("Bench 2"), str(uuid.uuid4())
    answer = send(late, session_id, claim(late, floor.order_id(order)))
    assert (answer.stop, floor.status(order)) == (Reason.TAKEN_OVER, "ready")


def test_goods_in_a_box_that_waits_are_not_picked_again_in_a_wave(floor: Floor) -> None:
    order, bench = waiting(floor)
    fresh = floor.order(("SOAP", 1))
    made = make_waves(floor.db, BOSS, Wanted(site="EAST", limits=Limits()))
    assert [wave.numbers for wave in made] == [(fresh,)]
    goes_on(bench, order)


def test_units_in_a_box_that_waits_are_neither_sold_again_nor_written_off_whatever_becomes_of_their_order(
    floor: Floor,
) -> None:
    order, bench = waiting(floor, 2)
    order_id = floor.order_id(order)
    add_matrix_rule(floor.db, BOSS, "*", "shop", Approval.ASK)
    with pytest.raises(DomainError, match="is packed and waits for another label") as cut:
        cancel_lines(floor.db, BOSS, order_id, {1: 1})
    with pytest.raises(DomainError, match="is packed and waits for another label") as swapped:
        approve_substitute(floor.db, BOSS, order_id, 1, "BRUSH", supervisor="Ben")
    with pytest.raises(DomainError, match="is packed and waits for another label") as short:
        short_of_order(floor.db, BOSS, order_id, Found("SOAP", 0))
    assert [each.value.code for each in (cut, swapped, short)] == ["already_packed"] * 3
    assert "too late" in floor.incidents("order_changed")[0], "a person hears what the buyer wanted"
    receive(floor.db, "SOAP", "WEST", 10)
    assert set_active(floor.db, BOSS, "EAST", False, "water").moved == 0
    assert (floor.status(order), floor.stock("SOAP"), floor.stock("BRUSH")) == ("ready", (100, 2), (100, 0))
    goes_on(bench, order)


def test_whoever_counts_a_shelf_is_not_asked_for_units_in_the_box_of_an_order_on_hold(floor: Floor) -> None:
    order, _ = waiting(floor, 2)
    flag_fraud(floor.db, BOSS, floor.order_id(order), True, "stolen card")
    with floor.db.read() as connection:
        t = tables.stock
        row = connection.execute(select(t).where(t.c.sku == "SOAP", t.c.reserved > 0)).one()
        assert away.units_away(connection, (row.sku, row.site_id, row.lot)) == 2
    set_active(floor.db, BOSS, "EAST", False, "fire")
    assert (floor.status(order), floor.stock("SOAP")) == ("on_hold", (100, 2))


def test_a_packer_may_hold_the_last_box_of_an_order_that_has_left_in_part(floor: Floor) -> None:
    order, bench = half_gone(floor)
    bench.open(order)
    scans(bench, "PPC-HOLD")
    assert (bench.send().stop, floor.status(order)) == (Reason.ON_HOLD, "shipped")
    with pytest.raises(DomainError, match="is on hold"):
        bench.open(order)
    close_incident(floor.db, BOSS, floor.incident_id("bench_hold"), "the box is sound")
    fresh = goes_on(floor.bench("Bench 2"), order)
    assert (numbers(floor, order)[-1], floor.status(order)) == ((fresh, "ready"), "shipped")


@pytest.mark.parametrize("way", ["incident", "release", "badge"])
def test_the_last_box_of_an_order_that_has_left_in_part_goes_on_when_a_supervisor_has_looked(
    floor: Floor, way: str
) -> None:
    order, bench = half_gone(floor)
    bench.open(order)
    bench.scan(MUG, reason=Reason.OK)
    assert bench.send().stop is Reason.STOPPED
    with pytest.raises(DomainError, match="waits for a supervisor"):
        bench.open(order)
    if way == "incident":
        close_incident(floor.db, BOSS, floor.incident_id("verdicts_differ"), "no mug is in it")
    elif way == "release":
        release_order(floor.db, BOSS, floor.order_id(order))
    else:
        request = wire.ReleaseRequest(ref=order, person_id=floor.people["supervisor"])
        assert bench.ask("POST", "/api/orders/release", wire.ReleaseAnswer, request).number == order
    fresh = goes_on(floor.bench("Bench 2"), order)
    assert (numbers(floor, order)[-1], floor.status(order)) == ((fresh, "ready"), "shipped")
    with pytest.raises(DomainError, match="no bench holds it"):
        release_order(floor.db, BOSS, floor.order_id(order))
