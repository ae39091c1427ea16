"""A whole bench with a scale on a line: it weighs by itself, and says what is wrong with box or scale."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.domain.benchwork.reasons import Reason
from server.domain.packing.wants import BoxChoice, Expected
from station.views import LabelStage, Lamp, Light, State
from tests.bench_floor import OneBench
from tests.builders import SOAP
from tests.fake_scale import PtyScale, mt_sics, open_and_read
from tests.fakes import FakeServer, until
from tests.integration.test_bench_boxes import shop

FULL = 100 + 2 * 200 + 120
"""Grams of the box with everything in it."""


def weighing_shop() -> FakeServer:
    """Two candles of 200 g and a soap of 120 g go into a box of 100 g."""
    expected = (Expected("CANDLE", 200, 1), Expected("SOAP", 120, 1))
    return shop(boxes=(BoxChoice("M", 100),), suggested="M", weigh=True, expected=expected)


@contextmanager
def weighing_bench(folder: Path, there: PtyScale) -> Iterator[OneBench]:
    """A bench that reads this scale."""
    scale, reader = open_and_read(f"mt-sics:serial:{there.path}")
    with OneBench(folder, weighing_shop(), scale=scale) as floor, reader(floor.bench.note_scale):
        shows(floor, Light.OK, State.READY)
        yield floor


def shows(floor: OneBench, light: Light, state: State) -> None:
    """Wait for this lamp."""
    until(lambda: floor.bench.status.scale == Lamp(light, state), f"the scale to be shown as {state}")


def test_a_box_is_packed_weighed_and_labelled_and_its_weight_is_journaled(tmp_path: Path) -> None:
    with PtyScale(lambda _asked: mt_sics(0)) as there, weighing_bench(tmp_path, there) as floor:
        floor.pack()
        there.lies(300, "D")
        until(lambda: len(there.asked) > 6)
        assert floor.pack_view.stage is LabelStage.NONE
        there.lies(FULL + 0.4)
        floor.reach(LabelStage.SCAN_LABEL)
        weights = [event.grams for event in floor.server.log("1043") if event.kind == "weight"]
        assert weights == [FULL]


def test_a_box_that_is_one_unit_too_light_names_the_unit_and_is_weighed_again_when_it_is_in(tmp_path: Path) -> None:
    with PtyScale(lambda _asked: mt_sics(0)) as there, weighing_bench(tmp_path, there) as floor:
        floor.pack()
        there.lies(FULL - 120)
        until(lambda: (f := floor.pack_view.flash) is not None and f.reason is Reason.WEIGHT_MISMATCH, "the suspect")
        trouble = floor.pack_view.session.weighed_off
        assert trouble is not None
        assert (trouble.sku, trouble.units, trouble.grams) == ("SOAP", 1, FULL - 120)
        there.lies(FULL - 60, "D")
        floor.scan(SOAP)
        there.lies(FULL)
        floor.reach(LabelStage.SCAN_LABEL)


def test_a_scale_that_needs_a_hand_says_so_in_its_lamp_and_one_that_vanishes_within_two_seconds(tmp_path: Path) -> None:
    with PtyScale(lambda _asked: mt_sics(0)) as there, weighing_bench(tmp_path, there) as floor:
        floor.pack()
        for answer, state in ((b"S +\r\n", State.OVER), (b"S -\r\n", State.UNDER)):
            there.says = lambda _asked, answer=answer: answer  # type: ignore[misc]
            shows(floor, Light.LOOK, state)
        assert floor.pack_view.stage is LabelStage.NONE
        for way in ("silent", "unplugged"):
            there.lies(0)
            shows(floor, Light.OK, State.READY)
            began = time.monotonic()
            if way == "silent":
                there.says = lambda _asked: b""
            else:
                there.hang_up()
            shows(floor, Light.OFF, State.NOT_CONNECTED)
            assert time.monotonic() - began <= 2.0


def test_a_bench_without_a_scale_shows_none(tmp_path: Path) -> None:
    with OneBench(tmp_path) as floor:
        assert floor.bench.status.scale is None
