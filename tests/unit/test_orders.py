"""The life of an order."""

import itertools

import pytest

from server.domain.errors import DomainError
from server.domain.sales.orders import TRANSITIONS, OrderStatus, check_transition

S = OrderStatus


def test_every_status_has_its_row_in_the_table() -> None:
    assert set(TRANSITIONS) == set(OrderStatus)


@pytest.mark.parametrize("path", [(S.NEW, S.READY, S.PACKING, S.PACKED, S.SHIPPED), (S.NEW, S.CONFLICT, S.READY)])
def test_an_order_can_live_like_this(path: tuple[OrderStatus, ...]) -> None:
    for before, after in itertools.pairwise(path):
        check_transition(before, after)


@pytest.mark.parametrize("before", [S.SHIPPED, S.CANCELLED])
@pytest.mark.parametrize("after", list(OrderStatus))
def test_nothing_follows_shipped_or_cancelled(before: OrderStatus, after: OrderStatus) -> None:
    with pytest.raises(DomainError, match="illegal_transition"):
        check_transition(before, after)


@pytest.mark.parametrize("before", [S.ON_HOLD, S.CONFLICT, S.READY, S.PACKING, S.PACKED])
def test_an_order_can_be_cancelled_until_it_has_left(before: OrderStatus) -> None:
    check_transition(before, S.CANCELLED)


def test_a_refused_step_names_what_would_be_allowed() -> None:
    with pytest.raises(DomainError) as refused:
        check_transition(S.PACKED, S.CONFLICT)
    assert refused.value.detail == "an order that is packed can become cancelled, ready, shipped, not conflict"
