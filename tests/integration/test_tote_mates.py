"""A tote that several orders share: whose item is in the hand, what goes back, and what is left at its end."""

import uuid
from collections.abc import Sequence

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.packing.order import ToteMate
from server.domain.picks.waves import Limits
from server.usecases.picks.totes import bind
from server.usecases.picks.waves import Wanted, make_waves
from tests.floor import BOSS, BRUSH, MUG, SOAP, Bench, Floor, one_engine


@pytest.fixture
def numbers(floor: Floor) -> list[str]:
    """Two soaps and a mug, each an order of its own, picked into tote 17."""
    made = [floor.order((sku, 1)) for sku in ("SOAP", "SOAP", "MUG")]
    [wave] = make_waves(floor.db, BOSS, Wanted("EAST", Limits()))
    bind(floor.db, BOSS, f"PPW-{wave.wave_id}", "PPT-17")
    return made


def by_item(bench: Bench, item: str = "") -> wire.OpenAnswer:
    request = wire.OpenRequest(
        ref="ppt-17", item=item, session_id=str(uuid.uuid4()), person_id=bench.floor.people["packer"]
    )
    answer = bench.ask("POST", "/api/orders/open", wire.OpenAnswer, request)
    bench.open(answer.order.number)
    return answer


def look(bench: Bench, item: str = "", tote: str = "17") -> None:
    request = wire.ToteRequest(person_id=bench.floor.people["packer"], item=item)
    bench.ask("POST", f"/api/totes/{tote}/look", dict, request)


def packed(bench: Bench, *codes: str) -> wire.EventsAnswer:
    """The open order packed to its end; the last answer of the server."""
    for code in codes:
        bench.scan(code)
    label = bench.buy()
    bench.scan(label.tracking)
    return bench.send()


def test_an_item_for_another_order_of_the_tote_is_no_mistake_at_bench_and_server(
    floor: Floor, numbers: Sequence[str]
) -> None:
    bench = floor.bench("Bench 1")
    order = by_item(bench, SOAP).order
    assert order.number == numbers[0]
    assert set(order.mates) == {ToteMate(numbers[1], "SOAP", 1), ToteMate(numbers[2], "MUG", 1)}
    assert bench.scan(MUG) is Reason.NOT_NOW
    assert bench.scan(SOAP) is Reason.OK
    assert bench.scan(SOAP) is Reason.NOT_NOW, "the second soap is the other order's"
    assert bench.scan(BRUSH) is Reason.WRONG_ITEM
    assert bench.send().stop is None
    assert floor.incidents("verdicts_differ") == []


def test_each_item_opens_its_order_and_the_last_one_asks_whether_the_tote_is_empty(
    floor: Floor, numbers: Sequence[str]
) -> None:
    bench = floor.bench("Bench 1")
    with pytest.raises(DomainError) as refusal:
        by_item(bench)
    assert refusal.value.code == "need_item"
    ends = []
    for code, number in zip((SOAP, MUG, SOAP), (numbers[0], numbers[2], numbers[1]), strict=True):
        answer = by_item(bench, code)
        assert answer.order.number == number
        ends.append(packed(bench, code).tote_done)
    assert (answer.order.mates, ends) == ((), ["", "", "17"])
    with pytest.raises(DomainError) as over:
        by_item(bench, SOAP)
    assert over.value.code == "unknown_code"


@one_engine
def test_two_items_of_one_tote_open_two_orders(floor: Floor, numbers: Sequence[str]) -> None:
    first, second = floor.bench("Bench 1"), floor.bench("Bench 2")
    assert [by_item(first, SOAP).order.number, by_item(second, SOAP).order.number] == list(numbers[:2])
    with pytest.raises(DomainError) as refusal:
        by_item(floor.bench("Bench 3"), BRUSH)
    assert refusal.value.code == "wrong_item"


@one_engine
def test_a_tote_of_one_order_asks_nothing_at_its_end(floor: Floor) -> None:
    bench, number = floor.bench("Bench 1"), floor.order(("SOAP", 2))
    bind(floor.db, BOSS, number, "PPT-3")
    assert bench.open("PPT-3").order.mates == ()
    assert packed(bench, SOAP, SOAP).tote_done == ""


@one_engine
def test_what_is_left_in_a_tote_becomes_an_incident_and_an_empty_one_is_only_written_down(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    look(bench)
    assert floor.incidents("left_in_tote") == []
    assert floor.audited("tote.empty") == [("Packer Person", "Bench 1")]
    look(bench, SOAP)
    look(bench, SOAP)
    left = "tote 17: Soap bar LAVENDER (SOAP) was left over when its last order was packed"
    assert floor.incidents("left_in_tote") == [left], "told twice, it is one thing to look at"
    with pytest.raises(DomainError) as refusal:
        look(bench, "no such thing")
    assert refusal.value.code == "invalid"
