"""REPRINT at the queue: a label torn after its box was closed comes once more, and is bought by nobody (LBL-04)."""

from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason
from station.views import LabelStage, Note
from tests import builders
from tests.bench_floor import OneBench
from tests.fakes import until

pytestmark = pytest.mark.usefixtures("quick_bench")
LABEL = "TRK00001043"


def closed(tmp_path: Path) -> OneBench:
    """A bench whose box was closed with its label on it."""
    floor = OneBench(tmp_path).pack()
    floor.reach(LabelStage.SCAN_LABEL)
    floor.scan(LABEL)
    floor.reach_queue()
    return floor


def said(floor: OneBench, note: str) -> None:
    until(lambda: floor.bench.view.flash is not None and floor.bench.view.flash.detail == note, note)


def test_a_torn_label_comes_again_after_its_box_was_closed_by_its_code_or_its_slip(tmp_path: Path) -> None:
    with closed(tmp_path) as floor:
        for copies, code in enumerate((LABEL, "PPO-1043"), start=2):
            asked = floor.scan("PPC-REPRINT")
            assert (asked.reason, asked.detail) == (Reason.NEED_CONFIRM, Note.REPRINT_WHICH)
            assert floor.scan(builders.SOAP).detail == Note.REPRINT_WHICH, "an item is no label"
            floor.scan(code)
            until(lambda n=copies: len(floor.printer.jobs) == n, "the copy")  # type: ignore[misc]
            said(floor, Note.REPRINT_OVER)
        assert len(set(floor.printer.jobs)) == 1
        assert (floor.server.reprints, len(floor.server.purchases)) == (["P-1043"] * 2, 1)


def test_what_the_server_refuses_or_cannot_be_asked_prints_nothing_and_is_said(tmp_path: Path) -> None:
    with closed(tmp_path) as floor:
        detail = "parcel P-1043 has left"
        floor.server.refuse["/reprint"] = wire.Problem(code="already_shipped", detail=detail, status=409)
        floor.scan("PPC-REPRINT", LABEL)
        said(floor, "already_shipped")
        flash = floor.bench.view.flash
        assert flash is not None and flash.words == detail
        floor.server.away = True
        floor.scan("PPC-REPRINT", LABEL)
        said(floor, Note.NOT_REPRINTED)
        assert len(floor.printer.jobs) == 1


def test_a_question_that_another_code_answered_prints_nothing_later(tmp_path: Path) -> None:
    with closed(tmp_path) as floor:
        floor.scan("PPC-REPRINT", "PPC-OK", LABEL)
        until(lambda: not floor.reach_queue().opening, "the answer for a parcel that is packed")
        floor.scan("PPC-REPRINT", "PPC-RELABEL", LABEL, LABEL)
        floor.scan("PPC-REPRINT", builders.BADGE_BEN, LABEL)
        assert floor.server.reprints == []


def test_a_bench_without_a_printer_asks_nothing(tmp_path: Path) -> None:
    with OneBench(tmp_path, spool=False).sign_in() as floor:
        assert floor.scan("PPC-REPRINT").detail == Note.NO_PRINTER
