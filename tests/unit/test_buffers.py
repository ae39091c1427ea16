"""Dynamic buffers: the sum is right, and written down."""

import pytest

from server.domain.errors import DomainError
from server.domain.sharing.buffers import Band, Formula, Pace, check_formula, dynamic

PACE = Pace(sold=84, days=28, lead_days=7, margins={"etsy": 50, "amazon": 8, "shop": 20})


def test_the_buffer_is_velocity_times_lead_time_times_both_bands() -> None:
    # 3 a day is steady (50 %), 7 days: 10.5 units at a fair margin.
    assert dynamic(Formula(), PACE, "shop").units == 11
    assert dynamic(Formula(), PACE, "amazon").units == 16  # 15.75: thin margin, half as much again
    assert dynamic(Formula(), PACE, "etsy").units == 6  # 5.25: rich margin, half


def test_the_formula_is_shown_with_its_inputs() -> None:
    assert dynamic(Formula(), PACE, "shop").sentence == (
        "84 sold in 28 days = 3.00 a day (steady: 50 %) x 7 days to replenish x 100 % (margin 20 %: fair)"
        " = 10.50, up to 11 (least 0, most 1000000)"
    )


def test_a_faster_seller_falls_into_a_higher_band() -> None:
    slow, fast = Pace(9, 10, 10), Pace(50, 10, 10)
    assert dynamic(Formula(), slow, "shop").units == 3  # 0.9 x 10 x 25 %
    assert dynamic(Formula(), fast, "shop").units == 50  # 5 x 10 x 100 %


def test_limits_hold_at_both_ends() -> None:
    assert dynamic(Formula(least=12), PACE, "shop").units == 12
    assert dynamic(Formula(most=4), PACE, "shop").units == 4


def test_an_unknown_margin_counts_in_full_and_says_so() -> None:
    found = dynamic(Formula(), Pace(84, 28, 7), "walmart")
    assert found.units == 11
    assert "100 % (margin: unknown)" in found.sentence


@pytest.mark.parametrize("pace", [None, Pace(5, 0, 7)])
def test_a_sku_nothing_is_known_of_gets_the_least(pace: Pace | None) -> None:
    found = dynamic(Formula(least=2), pace, "shop")
    assert found.units == 2
    assert found.sentence == "nothing is known of its sales yet: the least, 2"


def test_a_loss_is_below_every_margin_band_and_takes_the_first() -> None:
    assert (
        dynamic(Formula(margin=(Band("thin", 0, 200), Band("rich", 40, 50))), Pace(10, 10, 4, {"x": -9}), "x").units
        == 4
    )


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (Formula(velocity=()), "velocity: expected bands that rise"),
        (Formula(velocity=(Band("a", 5, 50), Band("b", 5, 60))), "velocity: expected bands that rise"),
        (Formula(margin=(Band("a", 5, 50), Band("b", 1, 60))), "margin: expected bands that rise"),
        (Formula(margin=(Band("a", 5, 5000),)), "0 to 1000 percent"),
        (Formula(least=5, most=4), "expected 0 <= least <= most, found 5 and 4"),
    ],
)
def test_a_formula_that_makes_no_sense_is_refused(formula: Formula, expected: str) -> None:
    with pytest.raises(DomainError, match=expected):
        check_formula(formula)
