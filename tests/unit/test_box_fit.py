"""Which box a few goods fit into."""

import pytest

from server.usecases.benchwork.box_fit import EXACT_MAX, Size, fits


@pytest.mark.parametrize(
    ("goods", "box", "go_in"),
    [
        ([((90, 90, 150), 2)], (100, 160, 190), True),
        ([((60, 60, 60), 2)], (100, 100, 100), False),
        ([((10, 20, 200), 1)], (100, 100, 100), False),
        ([((100, 100, 100), 8)], (200, 200, 200), False),
    ],
    ids=["side by side", "no room beside the first", "one is longer than the box", "no room for padding"],
)
def test_a_few_goods_go_into_a_box_only_if_they_can_lie_in_it(
    goods: list[tuple[Size, int]], box: Size, go_in: bool
) -> None:
    assert fits(goods, box) is go_in


def test_many_goods_are_judged_by_their_volume() -> None:
    many: list[tuple[Size, int]] = [((60, 60, 60), EXACT_MAX + 1)]
    assert fits(many, (100, 200, 200))
    assert not fits(many, (100, 100, 200))
