"""The report of errors by stage and channel, over scans that came in through the real routes."""

from decimal import Decimal

import pytest
from click.testing import CliRunner

from server.cli.group import packproof
from server.db.board import scan_counts
from server.domain.benchwork.reasons import Reason
from server.domain.benchwork.stages import Stage
from server.domain.errors import DomainError
from server.domain.packing.order import Mode
from server.usecases.benchwork.benches import set_mode
from server.usecases.overview.board import read_board
from server.usecases.overview.errors import read_errors, set_cost
from tests.floor import BOSS, BRUSH, MUG, SOAP, Floor, one_engine
from tests.integration.test_bench_asides import scans


def a_day(floor: Floor) -> None:
    """Two wrong items and one too many at a bench that blocks; one wrong item at a bench that warns."""
    bench = floor.bench("Bench 1")
    bench.open(floor.order(("SOAP", 2)))
    scans(bench, MUG, SOAP, "PPC-OK", BRUSH, "PPC-OK", SOAP, SOAP, SOAP, "PPC-OK")
    bench.send()
    other = floor.bench("Bench 2")
    set_mode(floor.db, BOSS, "Bench 2", Mode.WARN)
    other.open(floor.order(("SOAP", 1)))
    scans(other, MUG, SOAP)
    other.send()


def test_errors_are_counted_by_stage_and_caught_ones_have_a_price(floor: Floor) -> None:
    a_day(floor)
    [shop] = read_errors(floor.db, 0.0, floor.db.now() + 1)
    seen = [(each.stage, each.reason, each.scans) for each in shop.errors]
    assert seen == [
        (Stage.PICKING, Reason.WRONG_ITEM, 2),
        (Stage.PICKING, Reason.WARN_WRONG_ITEM, 1),
        (Stage.PACKING, Reason.OVER_QUANTITY, 1),
    ]
    assert (shop.channel, shop.caught, shop.warned, shop.saved) == ("shop", 3, 1, Decimal("75.00"))
    assert read_errors(floor.db, 0.0, 1.0) == ()


@one_engine
def test_a_channel_can_have_a_price_of_its_own(floor: Floor) -> None:
    a_day(floor)
    set_cost(floor.db, BOSS, "40")
    assert read_errors(floor.db, 0.0, floor.db.now() + 1)[0].saved == Decimal("120.00")
    set_cost(floor.db, BOSS, "50.50", "shop")
    assert read_errors(floor.db, 0.0, floor.db.now() + 1)[0].saved == Decimal("151.50")
    assert floor.audited("setting.error_cost") == [("the boss", ""), ("the boss", "")]


@pytest.mark.parametrize("cost", ["", "much", "-1", "NaN", "Infinity", "100001"])
@one_engine
def test_what_is_no_amount_is_refused(floor: Floor, cost: str) -> None:
    with pytest.raises(DomainError, match="expected an amount"):
        set_cost(floor.db, BOSS, cost)


@one_engine
def test_what_was_meant_is_not_counted_as_refused_on_the_board(floor: Floor) -> None:
    bench = floor.bench("Bench 1")
    bench.open(floor.order(("SOAP", 2)))
    scans(bench, SOAP, "PPC-UNDO", "PPC-UNDO", "PPC-PROBLEM", "PPC-OK")
    bench.send()
    with floor.db.read() as connection:
        assert scan_counts(connection, 0.0)["taken_out"] == 1

    assert read_board(floor.db).refused.total == 0


def test_the_command_says_which_amount_it_expected() -> None:
    answer = CliRunner().invoke(packproof, ["report", "--help"])
    assert answer.exit_code == 0 and "errors" in answer.output
