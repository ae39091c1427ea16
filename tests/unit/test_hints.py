"""The guide's next line follows the work."""

import pytest

from station.hints import Hints
from station.views import PackView, View
from tests.scenes import LONG, VIEWS, packing

LINES = ("sign in", "open", "wrong item", "pack", "label", "dock")
UNTOUCHED = PackView(packing(LONG, (0,) * 12, 0))


@pytest.mark.parametrize(
    ("view", "line"),
    [
        (VIEWS["sign-in"], "sign in"),
        (VIEWS["queue-opening"], "open"),
        (UNTOUCHED, "wrong item"),
        (VIEWS["pack"], "pack"),
        (VIEWS["scan-label"], "label"),
        (VIEWS["queue"], "dock"),
        (VIEWS["dock"], "dock"),
        (VIEWS["load-summary"], "dock"),
    ],
)
def test_each_view_has_its_line(view: View, line: str) -> None:
    assert Hints(LINES)(view) == line


def test_after_the_stop_was_seen_the_wrong_item_is_not_asked_for_again() -> None:
    hints = Hints(LINES)
    assert "PPC-OK" in hints(VIEWS["stop"])
    assert hints(UNTOUCHED) == "pack"


def test_while_the_label_is_bought_there_is_nothing_to_type() -> None:
    assert Hints(LINES)(VIEWS["buying"]) == "wait a moment"


def test_after_the_load_is_closed_the_guide_is_at_its_end() -> None:
    assert "Ctrl-C twice" in Hints(LINES)(VIEWS["load-closed"])


def test_a_guide_of_another_length_gives_no_wrong_hints() -> None:
    assert Hints(("one", "two"))(VIEWS["sign-in"]) == ""
