"""What a buyer's change of mind meets."""

import pytest

from server.domain.errors import DomainError
from server.domain.sales.changes import Effect, cut, effect
from server.domain.sales.orders import OrderStatus as S


@pytest.mark.parametrize(
    ("status", "labelled", "expected"),
    [
        (S.READY, False, Effect.APPLY),
        (S.ON_HOLD, False, Effect.APPLY),
        (S.CONFLICT, False, Effect.APPLY),
        (S.PACKING, False, Effect.STOP),
        (S.PACKING, True, Effect.EXCEPT),
        (S.READY, True, Effect.EXCEPT),
        (S.PACKED, True, Effect.EXCEPT),
        (S.SHIPPED, True, Effect.TOO_LATE),
        (S.CANCELLED, False, Effect.TOO_LATE),
    ],
)
def test_a_change_before_the_label_is_applied_and_after_it_is_an_exception(
    status: S, labelled: bool, expected: Effect
) -> None:
    assert effect(status, labelled=labelled) is expected


def test_only_what_is_cancelled_of_a_line_goes() -> None:
    assert cut({1: 3, 2: 1}, {1: 2}) == {1: 1, 2: 1}
    assert cut({1: 3}, {1: 3}) == {1: 0}


@pytest.mark.parametrize(
    ("cancelled", "sentence"),
    [
        ({}, "lines: expected at least one to cancel, found none"),
        ({3: 1}, "line 3: the order has the lines 1, 2"),
        ({1: 4}, "line 1: expected 1 to 3 units, found 4"),
        ({1: 0}, "line 1: expected 1 to 3 units, found 0"),
        ({2: -1}, "line 2: expected 1 to 1 units, found -1"),
    ],
)
def test_a_cancel_of_what_is_not_there_is_refused(cancelled: dict[int, int], sentence: str) -> None:
    with pytest.raises(DomainError) as refused:
        cut({1: 3, 2: 1}, cancelled)
    assert refused.value.detail == sentence
