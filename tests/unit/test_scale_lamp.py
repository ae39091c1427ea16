"""The scale in the bottom row, and what the screen asks for where a weight is wanted and none comes."""

from dataclasses import replace
from typing import get_args

import pytest

from scanners.reader import SourceStatus
from scanners.scales.reading import Load, Reading
from scanners.scan import SourceState
from server.domain.packing.session import Phase
from server.domain.packing.wants import StepKind
from station.screens.picture import picture
from station.status import scale_lamp
from station.views import Lamp, Light, PackView, State
from station.widgets.sheet import Sheet
from station.wording import say, speak
from tests.scenes import NOW, STATUS, VIEWS

STATUSES = [SourceStatus("mt-sics:serial:/dev/x", "scale", state, "", None) for state in get_args(SourceState)]


def weighing() -> PackView:
    """Everything is in the box; only its weight is open."""
    view = VIEWS["step-weight"]
    assert isinstance(view, PackView)
    session = replace(view.session, weighed_off=None)
    assert session.phase is Phase.STEPS
    return replace(view, session=session)


def shown(lamp: Lamp | None, width: int, height: int) -> str:
    """The whole screen as text."""
    rows = picture(weighing(), Sheet(width, height, NOW, replace(STATUS, scale=lamp)))
    return "\n".join(row.text for row in rows)


def test_a_scale_that_weighs_is_well_and_each_trouble_has_a_lamp_of_its_own() -> None:
    connected = next(status for status in STATUSES if status.state == "connected")
    for load, lamp in (
        (Load.OK, Lamp(Light.OK, State.READY)),
        (Load.MOTION, Lamp(Light.OK, State.READY)),
        (Load.OVER, Lamp(Light.LOOK, State.OVER)),
        (Load.UNDER, Lamp(Light.LOOK, State.UNDER)),
        (Load.FAULT, Lamp(Light.LOOK, State.FAULT)),
    ):
        assert scale_lamp(connected, Reading(None, load, 10.0), 11.9) == lamp
        for later in (12.1, 7.9):
            assert scale_lamp(connected, Reading(None, load, 10.0), later) == Lamp(Light.LOOK, State.ASLEEP)
    assert scale_lamp(None, None, 12.0) == Lamp(Light.LOOK, State.ASLEEP)
    away = {status.state: scale_lamp(status, None, 12.0) for status in STATUSES if status is not connected}
    assert {lamp.light for lamp in away.values()} == {Light.OFF}
    assert (away["waiting"].state, away["busy"].state) == (State.NOT_CONNECTED, State.BUSY)
    assert away["failed"].state is away["absent"].state is State.BROKEN


@pytest.mark.parametrize("language", ["en", "de"])
def test_where_a_weight_is_wanted_the_screen_says_what_to_do_about_every_trouble(language: str) -> None:
    speak(language)
    try:
        lamps = {scale_lamp(status, None, 0.0) for status in STATUSES}
        lamps |= {scale_lamp(None, Reading(None, load, 0.0), 0.0) for load in Load}
        for lamp in lamps:
            for width, height in ((80, 24), (120, 40)):
                words = shown(lamp, width, height)
                if lamp.light is Light.OK:
                    assert say.STEP_KINDS[StepKind.WEIGHT].do in words
                else:
                    assert say.SCALE_DO[lamp.state][:40] in words
                    assert say.LAMPS[lamp.state].partition(" ")[0] in words.splitlines()[-1]
        assert say.STEP_KINDS[StepKind.WEIGHT].do in shown(None, 80, 24)
    finally:
        speak("")
