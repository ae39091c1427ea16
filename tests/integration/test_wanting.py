"""An item that is wrong at one bench is right elsewhere: the bench is told where."""

from server import wire
from server.usecases.picks.totes import bind
from tests.floor import BOSS, BRUSH, MUG, SOAP, Bench, Floor


def who_wants(bench: Bench, sku: str) -> list[tuple[str, int, str, str]]:
    answer = bench.ask("POST", "/api/wanted", wire.WantedAnswer, wire.WantedRequest(sku=sku))
    return [(one.number, one.units, one.bench, one.tote) for one in answer.orders]


def test_an_order_open_at_another_bench_wants_what_it_still_lacks(floor: Floor) -> None:
    here, there = floor.bench("Bench 1"), floor.bench("Bench 5")
    number = floor.order(("SOAP", 2), ("MUG", 1))
    there.open(number)
    there.scan(SOAP)
    there.scan(MUG)
    there.send()
    assert who_wants(here, "SOAP") == [(number, 1, "Bench 5", "")]
    assert who_wants(here, "MUG") == who_wants(there, "SOAP") == who_wants(here, "no such thing") == []


def test_an_order_that_was_packed_wants_nothing_more(floor: Floor) -> None:
    here, there = floor.bench("Bench 1"), floor.bench("Bench 5")
    there.pack(floor.order(("BRUSH", 1)), BRUSH)
    assert who_wants(here, "BRUSH") == []


def test_an_order_in_a_tote_wants_its_items(floor: Floor) -> None:
    here = floor.bench("Bench 1")
    number = floor.order(("SOAP", 2))
    bind(floor.db, BOSS, f"PPO-{number}", "PPT-12")
    assert [one[:2] for one in who_wants(here, "SOAP")] == [(number, 2)]
    assert who_wants(here, "SOAP")[0][3].endswith("12")
    assert who_wants(floor.bench("Bench W", "WEST"), "SOAP") == []
