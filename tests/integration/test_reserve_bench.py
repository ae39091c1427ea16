"""The reservation benchmark's own judgement: it would be worth nothing if it could not see an oversold unit."""

from collections.abc import Iterator

import pytest

from tests.bench.reserve import in_process
from tests.bench.reserve.checking import check
from tests.bench.reserve.conditional import conditional
from tests.bench.reserve.ground import ENGINES, Field, Ground, ground
from tests.bench.reserve.growth import trade
from tests.bench.reserve.limit import limit
from tests.bench.reserve.workloads import commands, workload


@pytest.fixture(scope="module", params=ENGINES)
def place(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """A prepared engine."""
    with ground(request.param) as made:
        yield made


@pytest.mark.parametrize("name", ["w2", "w3"])
def test_the_limit_and_the_book_claim_the_same_units_of_the_same_wishes(name: str, place: Ground) -> None:
    work = workload(name, 250, seed=1)
    wishes = commands(work.wishes)
    wanted = 125 if name == "w3" else sum(sum(w.units.values()) for w in wishes)
    with place.fresh(work.on_hand) as field:
        limit(field.raw, wishes)
        bare, bare_rows = check(field.db), rows_of(field)
    with place.fresh(work.on_hand) as field:
        in_process.chunks(field.db, wishes)
        ours, our_rows = check(field.db), rows_of(field)
    with place.fresh(work.on_hand) as field:
        units = conditional(field.raw, wishes).units
    assert (bare.claimed, bare.oversold, bare.drift) == (wanted, 0, 0)
    assert (ours.claimed, ours.oversold, ours.drift) == (wanted, 0, 0)
    assert units == wanted
    assert bare_rows == our_rows


def rows_of(field: Field) -> list[int]:
    """How many rows there are of each kind that a hold writes."""
    tables = ("hold", "hold_line", "ledger", "batch")
    with field.db.read() as connection:
        counted = [connection.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar_one() for t in tables]
    return [int(n) for n in counted]


def test_the_check_sees_a_unit_that_was_promised_twice_and_a_counter_that_strays(place: Ground) -> None:
    work = workload("w3", 20, seed=1)
    with place.fresh(work.on_hand) as field:
        in_process.chunks(field.db, commands(work.wishes))
        with field.db.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE hold_line SET quantity = 3 WHERE hold_id = (SELECT min(id) FROM hold)")
        assert check(field.db).oversold == 2
        assert check(field.db).drift == 2
        with field.db.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE stock SET held = held - 1 WHERE sku = 'SKU-0'")
        assert check(field.db).drift == 3 + 1


def test_a_database_with_years_of_trade_in_it_agrees_with_itself(place: Ground) -> None:
    work = workload("w1", 100, seed=1)
    with place.fresh(work.on_hand) as field:
        trade(field.db, 5000, 1000)
        in_process.chunks(field.db, commands(work.wishes))
        found = check(field.db)
        with field.db.read() as connection:
            on_hand = connection.exec_driver_sql("SELECT sum(on_hand) FROM stock").scalar_one()
    assert (found.oversold, found.drift, found.claimed) == (0, 0, 100)
    assert on_hand == sum(work.on_hand.values()) - 5000
