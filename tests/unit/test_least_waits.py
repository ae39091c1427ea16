"""The least time that a rate limit allows is what a program without any delay of its own would need."""

import pytest

from server.calls.pace import Limit
from server.channels import platform_of
from tests.bench.channels.limits import WAYS, Way, least_waits
from tests.bench.channels.shops import Sold

NINE = 1_795_338_000.0


def sales(*at_and_sku: tuple[float, str]) -> list[Sold]:
    return [Sold("shop", str(nth), sku, NINE + at) for nth, (at, sku) in enumerate(at_and_sku)]


def test_one_call_a_second_tells_three_products_in_two_seconds() -> None:
    waits = least_waits(sales((0, "A"), (0, "B"), (0, "C")), "other", Limit(1, 1), Way("stock"))
    assert waits == {"0": 0.0, "1": pytest.approx(1.0), "2": pytest.approx(2.0)}


def test_a_call_for_many_products_tells_them_all() -> None:
    waits = least_waits(sales((0, "A"), (0, "B"), (0, "C")), "other", Limit(1, 1), Way("stock", skus=3))
    assert set(waits.values()) == {0.0}


def test_what_is_sold_twice_before_its_turn_is_told_once() -> None:
    waits = least_waits(sales((0, "A"), (0.2, "B"), (0.4, "B"), (0.4, "C")), "other", Limit(1, 1), Way("stock"))
    assert waits == {k: pytest.approx(v) for k, v in {"0": 0.0, "1": 0.8, "2": 0.6, "3": 1.6}.items()}


def test_a_write_that_costs_more_than_the_bucket_holds_waits_for_a_full_one() -> None:
    waits = least_waits(sales((0, "A"), (0, "B")), "other", Limit(2, 2), Way("stock", cost=5))
    assert waits == {"0": 0.0, "1": pytest.approx(1.0)}


def test_a_channel_s_own_sales_need_no_telling() -> None:
    assert least_waits(sales((0, "A")), "shop", Limit(1, 1), Way("stock")) == {}


def test_every_platform_s_way_draws_on_a_limit_that_its_adapter_keeps_to() -> None:
    for code, way in WAYS.items():
        platform = platform_of(code)
        assert platform is not None
        assert way.operation in platform.LIMITS, code
