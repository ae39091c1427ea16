"""A whole bench: something open before the label, two boxes with a label each, a scale, a supervisor's badge."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing import boxes
from server.domain.packing.session import Phase
from server.domain.packing.wants import BoxChoice, Expected, Step, StepKind, Wants
from station.scale import Load, Reading
from station.views import LabelStage, Note, PackView
from tests import builders
from tests.bench_floor import ALL_UNITS, OneBench
from tests.builders import BADGE_BEN, CANDLE, SOAP
from tests.fakes import FakeServer, until

NOTE = Step("note", StepKind.NOTE, "Ring twice")


@dataclass
class Fake:
    """A scale on which something lies."""

    grams: int = 0
    stable: bool = True
    name: str = "fake"

    def latest(self) -> Reading:
        """Always fresh."""
        return Reading(self.grams, Load.OK if self.stable else Load.MOTION, time.time())


def shop(**wants: object) -> FakeServer:
    """The default order, which wants this."""
    return FakeServer([replace(builders.order(), wants=Wants(**wants))])  # type: ignore[arg-type]


def phase(floor: OneBench) -> Phase | None:
    """Where the open order is."""
    view = floor.bench.view
    return view.session.phase if isinstance(view, PackView) else None


def test_only_the_open_note_stands_between_the_last_unit_and_the_label(tmp_path: Path) -> None:
    server = shop(steps=(NOTE,))
    with OneBench(tmp_path, server) as floor:
        floor.pack()
        assert phase(floor) is Phase.STEPS
        assert floor.pack_view.stage is LabelStage.NONE
        assert floor.scan("PPC-YES").tone is Tone.BOX_DONE
        floor.reach(LabelStage.SCAN_LABEL)
        assert floor.scan("TRK00001043").reason is Reason.OK
        floor.reach_queue()
    assert len(server.purchases) == 1


def test_what_was_open_is_open_again_after_a_restart(tmp_path: Path) -> None:
    server = shop(steps=(NOTE,))
    with OneBench(tmp_path, server) as floor:
        floor.pack()
    with OneBench(tmp_path, server) as floor:
        assert phase(floor) is Phase.STEPS
        floor.scan("PPC-YES")
        floor.reach(LabelStage.SCAN_LABEL)


def test_two_boxes_get_one_label_after_the_other(tmp_path: Path) -> None:
    server = shop()
    with OneBench(tmp_path, server) as floor:
        floor.open()
        floor.scan(CANDLE, CANDLE, "PPX-NEW", SOAP)
        floor.reach(LabelStage.SCAN_LABEL)
        assert len(floor.printer.jobs) == 1
        first = floor.pack_view.session
        assert (boxes.box_number(first), first.tracking) == (1, "TRK00001043")
        assert floor.scan("TRK00001043").tone is Tone.LINE_FULL
        until(lambda: floor.pack_view.session.tracking == "TRK00001043-2", "the second label")
        floor.reach(LabelStage.SCAN_LABEL)
        assert len(floor.printer.jobs) == 2
        assert floor.scan("TRK00001043").reason is Reason.ALREADY_DONE
        assert floor.scan("TRK00001043-2").tone is Tone.BOX_DONE
        assert floor.reach_queue().just_closed == "1043"
    assert len(server.purchases) == 2


def test_a_box_is_weighed_by_itself_and_a_supervisor_lets_a_wrong_weight_pass(tmp_path: Path) -> None:
    expected = (Expected("CANDLE", 200, 1), Expected("SOAP", 120, 1))
    server = shop(boxes=(BoxChoice("M", 100),), suggested="M", weigh=True, expected=expected)
    scale = Fake()
    with OneBench(tmp_path, server, scale=scale) as floor:
        floor.pack()
        assert phase(floor) is Phase.STEPS
        scale.grams = 500
        until(lambda: phase(floor) is Phase.PACKING, "the light box to be noticed")
        flash = floor.pack_view.flash
        assert flash is not None
        assert (flash.reason, flash.item) == (Reason.WEIGHT_MISMATCH, "500")
        assert floor.pack_view.session.counts == (2, 0)
        scale.stable = False
        floor.scan(SOAP)
        until(lambda: not floor.bench._weighing.due, "the scale to be seen moving")
        scale.grams, scale.stable = 503, True
        until(lambda: floor.pack_view.flash is not None and floor.pack_view.flash.item == "503", "the second weight")
        assert phase(floor) is Phase.STEPS
        assert floor.scan(BADGE_BEN).detail == Note.RELEASE_WHY
        assert floor.scan("thin cartons").tone is Tone.BOX_DONE
        floor.reach(LabelStage.SCAN_LABEL)
        assert floor.bench.status.person == "Ana"
    released = [event for event in server.log("1043") if event.kind == "supervisor"]
    assert [event.person_id for event in released] == [2]


def test_a_sealed_box_opens_with_a_supervisors_badge_and_with_no_other(tmp_path: Path) -> None:
    with OneBench(tmp_path, shop()) as floor:
        floor.open()
        floor.scan(CANDLE, "PPX-NEW")
        assert len(floor.pack_view.session.sealed) == 1
        assert floor.scan("PPX-OPEN").detail == Note.OPEN_BADGE
        assert floor.scan(BADGE_BEN).detail == Note.BOX_OPENED
        assert not floor.pack_view.session.sealed
        floor.scan(*ALL_UNITS[1:])
        floor.reach(LabelStage.SCAN_LABEL)
