"""A USB scale, through the kernel's hidraw."""

from functools import partial

from scanners.scales import open_scale
from scanners.scales.hidraw import usb_scales
from scanners.scales.reading import Load
from scanners.scales.source import ScaleSource
from tests.vm.devices import DYMO
from tests.vm.gadgets import until
from tests.vm.hearing import group_may_use, hearing
from tests.vm.hid import Scale


def says(source: ScaleSource, weight: tuple[int | None, Load]) -> bool:
    """Whether this, in grams, is its newest weight."""
    reading = source.latest()
    return reading is not None and (reading.grams, reading.load) == weight


def test_its_weights_come_as_grams_and_it_is_back_after_the_cable_was_out() -> None:
    source = open_scale("hid:0922:8003")

    with Scale(DYMO) as scale, hearing(source) as heard:
        for _ in range(2):
            heard.until("connected")
            [found] = usb_scales()
            assert found.name == "DYMO S100"
            assert group_may_use(found.path) == "packstation"
            for report, weight in (
                ("03 03 02 00 10 00", (16, Load.MOTION)),
                ("03 04 02 FF 39 30", (1235, Load.OK)),
                ("03 04 0B FF 34 19", (18291, Load.OK)),
                ("03 06 02 00 00 00", (None, Load.OVER)),
            ):
                scale.weighs(bytes.fromhex(report))
                until(partial(says, source, weight), f"{weight}, found {source.latest()}")
            scale.unplug()
            heard.until("waiting")
            assert source.latest() is None
            scale.plug_in()
