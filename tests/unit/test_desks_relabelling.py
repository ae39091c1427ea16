"""RELABEL at the queue: the wrong label, why, a supervisor's badge; then the order opens for its new label."""

from dataclasses import replace
from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason
from server.domain.people import Role
from station.views import Note, PackView
from tests import builders
from tests.bench_floor import OneBench
from tests.fakes import FakeServer, until
from tests.unit.test_desks_dock import Clock

pytestmark = pytest.mark.usefixtures("quick_bench")


def test_a_wrong_label_its_reason_and_a_supervisors_badge_open_the_order_for_another_label(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        assert floor.scan("PPC-RELABEL").detail == Note.RELABEL_PARCEL
        asked = floor.scan("PV00000000123")
        assert (asked.reason, asked.detail, asked.item) == (Reason.NEED_CONFIRM, Note.RELABEL_WHY, "PV00000000123")
        assert floor.scan("PPQ-9").detail == Note.RELABEL_WHY, "there is no ninth reason"
        assert floor.scan("PPQ-1").detail == Note.RELABEL_BADGE
        assert floor.server.relabels == []
        floor.scan(builders.BADGE_BEN)
        until(lambda: isinstance(floor.bench.view, PackView), "the order to open")
        (code, said) = floor.server.relabels[0]
        people = {p.person_id: p for p in floor.server.snapshot.people}
        assert (code, said.why) == ("PV00000000123", "wrong carrier or service")
        assert Role.SUPERVISOR in people[said.supervisor].roles
        assert said.person_id not in (0, said.supervisor)


def test_a_badge_without_the_right_and_any_other_code_void_no_label(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        for ends in (builders.BADGE_ANA, "PPC-OK", "PPL-VAN"):
            floor.scan("PPC-RELABEL", "PV00000000123", "PPQ-2", ends, builders.BADGE_BEN)
            floor.scan(builders.BADGE_ANA)
        assert floor.server.relabels == []


def test_a_supervisor_needs_no_second_badge_and_hears_what_the_server_refuses(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in(builders.BADGE_BEN) as floor:
        detail = "order 1043 has left"
        floor.server.refuse["/relabel"] = wire.Problem(code="already_shipped", detail=detail, status=409)
        floor.scan("PPC-RELABEL", "PV00000000123", "PPQ-5")
        until(lambda: floor.bench.view.flash is not None and floor.bench.view.flash.detail == Note.NOT_RELABELLED)
        flash = floor.bench.view.flash
        assert flash is not None
        assert (flash.words, flash.item) == (detail, "PV00000000123")
        floor.server.away = True
        floor.scan("PPC-RELABEL", "PV00000000123", "PPQ-5")
        until(lambda: floor.bench.view.flash is not None and floor.bench.view.flash.detail == Note.RELABEL_OFF)


def test_a_question_that_nobody_sees_any_more_is_answered_by_no_badge(tmp_path: Path) -> None:
    server, clock = FakeServer([builders.order()]), Clock()
    people = (replace(p, roles=(Role.PACKER, Role.DOCK)) if p.name == "Ana" else p for p in server.snapshot.people)
    server.snapshot = replace(server.snapshot, people=tuple(people))
    with OneBench(tmp_path, server, clock=clock).sign_in() as floor:
        for away in (("PPC-SIGN-OUT", builders.BADGE_ANA), ("PPC-DOCK", "PPC-PACK"), ()):
            floor.scan("PPC-RELABEL", "PV00000000123")
            assert floor.scan("PPQ-5").detail == Note.RELABEL_BADGE
            floor.scan(*away) if away else None
            clock.ahead += 0.0 if away else 600.0
            assert floor.scan(builders.BADGE_BEN).detail != Note.RELABELLING, away
            floor.scan(builders.BADGE_ANA)
        assert server.relabels == []
