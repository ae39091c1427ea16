"""A scan on the loader's phone: few words, a shape, and what to do."""

from types import SimpleNamespace
from typing import Any

import pytest

from server.domain.benchwork.reasons import Reason
from server.usecases.loading.phone_words import verdict
from server.usecases.overview.board_words import Shape


def row(reason: str, **columns: Any) -> Any:
    """A row of the dock's log."""
    usual = {"dock_session": "s", "seq": 7, "raw": "1Z", "parcel_id": "PCL1", "tracking": "1Z"}
    return SimpleNamespace(reason=reason, **usual | columns)


@pytest.mark.parametrize(
    ("found", "words", "shape", "item"),
    [
        (row(Reason.OK), "loaded", Shape.GOOD, "1Z"),
        (row(Reason.UNLOADED), "taken off", Shape.GOOD, "1Z"),
        (row(Reason.OK, raw="PPC-OK", parcel_id=None, tracking=None), "go on", Shape.GOOD, "PPC-OK"),
        (
            row(Reason.OK, raw="00340123450000000017", parcel_id=None, tracking=None),
            "pallet loaded",
            Shape.GOOD,
            "340123450000000017",
        ),
        (row(Reason.ALREADY_LOADED), "already loaded", Shape.LOOK, "1Z"),
        (row(Reason.CANCELLED), "cancelled", Shape.STOP, "1Z"),
        (row("of_a_newer_version"), "of a newer version", Shape.LOOK, "1Z"),
        (
            row(Reason.UNKNOWN_CODE, raw="\x1b[31mA\nB", parcel_id=None, tracking=None),
            "unknown code",
            Shape.LOOK,
            "[31mA B",
        ),
    ],
)
def test_each_scan_has_few_words_a_shape_and_its_parcel(found: Any, words: str, shape: Shape, item: str) -> None:
    said = verdict(found)
    assert (said.key, said.words, said.shape, said.item.strip()) == ("s:7", words, shape, item)


@pytest.mark.parametrize("reason", Reason)
def test_every_stop_says_what_to_do_with_the_parcel_and_nothing_else_does(reason: Reason) -> None:
    said = verdict(row(reason))
    assert bool(said.do) is (said.shape is Shape.STOP or reason is Reason.NOT_SIGNED_IN)
