"""What is written off after a short pick, and what is tried for the order."""

import pytest

from server.domain.picks.short_pick import KEEPS_LABEL, Remedy, Written, to_try, write_off

STAY, SPLIT, MOVE, LOSE = Remedy


@pytest.mark.parametrize(
    ("split", "move", "keeps_units", "expected"),
    [
        (True, True, True, (STAY, SPLIT, MOVE, LOSE)),
        (False, True, True, (STAY, MOVE, LOSE)),
        (True, True, False, (STAY, MOVE, LOSE)),
        (True, False, True, (STAY, SPLIT, LOSE)),
        (False, False, True, (STAY, LOSE)),
    ],
)
def test_what_the_channel_allows_is_tried_with_the_least_work_first(
    split: bool, move: bool, keeps_units: bool, expected: tuple[Remedy, ...]
) -> None:
    assert to_try(split=split, move=move, keeps_units=keeps_units) == expected


def test_only_an_order_that_stays_keeps_its_label() -> None:
    assert frozenset({STAY}) == KEEPS_LABEL


@pytest.mark.parametrize(
    ("wanted", "found", "available", "expected"),
    [
        (5, 3, 4, Written(2, 4)),
        (5, 3, 0, Written(2, 0)),
        (5, 0, 1, Written(5, 1)),
        (5, 5, 4, Written(0, 0)),
        (5, 6, 4, Written(0, 0)),
    ],
)
def test_a_shelf_that_cannot_give_a_promised_unit_sells_none_either(
    wanted: int, found: int, available: int, expected: Written
) -> None:
    written = write_off(wanted, found, available)
    assert written == expected
    assert written.units == expected.missing + expected.unsold
