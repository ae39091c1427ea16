"""A bench where things go wrong: taken out, set aside, held, called, helped, taught, verified elsewhere."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.order import Mode
from server.domain.packing.session import Phase
from server.domain.people import Role
from station.views import Flash, HelpView, LabelStage, Note, PackView, QueueView, StopView
from tests import builders
from tests.bench_floor import ALL_UNITS, OneBench, orders
from tests.builders import CANDLE, MUG, SOAP
from tests.fakes import FakeServer, until

pytestmark = pytest.mark.usefixtures("quick_bench")

NEW = "8712345678906"
"""A barcode no product has yet."""


class Clock:
    """The wall clock, which a test can put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class Bench(OneBench):
    """A bench whose scans come as far apart as the test says."""

    def __init__(self, folder: Path, server: FakeServer | None = None) -> None:
        self.clock = Clock()
        super().__init__(folder, server or FakeServer(orders("1043", "2000")), clock=self.clock)

    def slowly(self, *texts: str) -> Flash:
        """Two seconds between these scans; the last verdict."""
        flashes = []
        for text in texts:
            self.clock.ahead += 2.0
            code, ahead = builders.code(text), self.clock.ahead
            later = replace(code, first_at=code.first_at + ahead, last_at=code.last_at + ahead)
            flashes.append(self.bench.scan(later))
        return flashes[-1]

    def told(self, number: str = "1043") -> list[tuple[str, Reason]]:
        """What the server has heard of an order."""
        until(lambda: not self.journal.unsent, "everything to be sent")
        return [(event.raw, event.reason) for event in self.server.log(number)]


def rights(*roles: Role) -> Callable[[FakeServer], None]:
    """Give Ana these roles."""

    def give(server: FakeServer) -> None:
        ana, *others = server.snapshot.people
        server.snapshot = replace(server.snapshot, people=(replace(ana, roles=roles), *others))

    return give


def test_a_unit_taken_out_is_said_in_amber_journaled_and_survives_a_restart(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.open()
        floor.scan(CANDLE, SOAP)
        assert floor.slowly("PPC-UNDO", "PPC-UNDO").reason is Reason.TAKEN_OUT
        assert floor.pack_view.session.counts == (1, 0)
        assert floor.told()[-2:] == [("PPC-UNDO", Reason.UNDO_WHICH), ("PPC-UNDO", Reason.TAKEN_OUT)]
        server = floor.server
    with Bench(tmp_path, server) as again:
        assert again.pack_view.session.counts == (1, 0)
        assert server.replayed(again.pack_view.session.session_id).counts == (1, 0)


def test_after_a_problem_the_packer_goes_on_with_the_next_order_and_the_box_can_come_back(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.open()
        floor.scan(CANDLE)
        flash = floor.scan("PPR-DAMAGED", SOAP)
        assert (flash.reason, flash.tone, flash.item) == (Reason.DAMAGED, Tone.LOOK, "Soap ROSE")
        view = floor.reach_queue()
        assert [(box.number, box.reason) for box in view.parked] == [("1043", Reason.DAMAGED)]
        floor.scan("PPO-2000")
        until(lambda: isinstance(floor.bench.view, PackView), "the next order")
        floor.scan("PPC-PARK", "PPO-1043")
        assert floor.pack_view.session.counts == (1, 0)


def test_a_problem_is_kept_with_the_server_away_and_told_later(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.open()
        floor.server.away = True
        floor.scan("PPC-PROBLEM", "PPR-SHORT")
        assert isinstance(floor.bench.view, QueueView) and floor.journal.unsent == 2
        floor.server.away = False
        assert floor.told()[-1] == ("PPR-SHORT", Reason.SHORT)


def test_a_held_order_leaves_the_bench_with_one_scan(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.open()
        floor.scan(CANDLE)
        assert floor.scan("PPC-HOLD").reason is Reason.HELD_HERE
        assert floor.reach_queue().parked == ()
        assert floor.told()[-1] == ("PPC-HOLD", Reason.HELD_HERE)


def test_a_label_that_waits_at_the_printer_stays_back_when_the_order_stands_aside(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.printer.off = True
        floor.pack()
        floor.reach(LabelStage.PRINTING)
        floor.scan("PPC-PROBLEM", "PPR-DAMAGED")
        floor.reach_queue()
        floor.printer.off = False
        floor.scan("PPO-1043")
        floor.reach(LabelStage.SCAN_LABEL)
        assert len(floor.printer.jobs) == 1 and len(floor.server.purchases) == 1


def test_the_last_unit_taken_out_before_the_label_came_buys_nothing_twice(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.server.hold.clear()
        floor.pack()
        floor.reach(LabelStage.BUYING)
        assert floor.slowly("PPC-UNDO", "PPC-UNDO").reason is Reason.TAKEN_OUT
        view = floor.pack_view
        assert (view.stage, view.session.phase) == (LabelStage.NONE, Phase.PACKING)
        floor.server.hold.set()
        floor.scan(SOAP)
        floor.reach(LabelStage.SCAN_LABEL)
        assert len(floor.server.purchases) == 1


def test_a_call_stands_in_the_heartbeat_and_the_status_line_while_packing_goes_on(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.open()
        flash = floor.scan("PPC-CALL")
        assert (flash.reason, flash.tone, flash.detail) == (Reason.OK, Tone.LOOK, Note.CALLED)
        until(lambda: floor.server.beats[-1].call_since is not None, "the call to arrive")
        assert floor.scan(CANDLE).reason is Reason.OK
        assert floor.bench.status.called is not None
        server = floor.server
    with Bench(tmp_path, server) as again:
        assert again.bench.status.called is not None, "a call outlives a restart"
        again.clock.ahead += 2.0
        assert again.scan("PPC-CALL").detail == Note.CALL_ENDED
        until(lambda: server.beats[-1].call_since is None, "the end of the call")


def test_a_call_at_a_stop_says_why_and_leaves_the_stop(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.open()
        floor.scan(MUG, "PPC-CALL", "PPC-HELP")
        view = floor.bench.view
        assert isinstance(view, StopView) and view.stop.not_counted == ()
        until(lambda: floor.server.beats[-1].call_reason is Reason.WRONG_ITEM, "the reason")
        assert floor.server.beats[-1].last_reason is Reason.STOPPED, "the board still shows a stop"


def test_what_is_done_already_is_no_reason_for_a_call(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.sign_in()
        floor.server.refuse["orders/open"] = wire.Problem(code="already_done", detail="packed", status=409)
        floor.scan("PPO-1043")
        until(lambda: floor.bench.view.flash is not None and floor.bench.view.flash.reason is Reason.ALREADY_DONE)
        floor.scan("PPC-CALL")
        until(lambda: floor.server.beats[-1].call_since is not None, "the call to arrive")
        assert floor.server.beats[-1].call_reason is None


def test_a_supervisor_who_signs_in_answers_the_call(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.sign_in()
        floor.scan("PPC-CALL")
        floor.scan(builders.BADGE_BEN)
        assert floor.bench.status.called is None


def test_somebody_who_answers_on_the_page_ends_the_call(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.sign_in()
        floor.scan("PPC-CALL")
        floor.server.call_answered = True
        until(lambda: floor.bench.status.called is None, "the answer")
        view = floor.bench.view
        assert isinstance(view, QueueView) and view.flash and view.flash.detail == Note.COMING


def test_help_stands_over_the_screen_and_the_next_scan_does_what_it_says(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.open()
        floor.scan("PPC-HELP")
        view = floor.bench.view
        assert isinstance(view, HelpView) and isinstance(view.of, PackView)
        floor.scan(CANDLE)
        assert floor.pack_view.session.counts == (1, 0)


def test_without_the_right_nothing_is_verified_by_hand(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.open()
        flash = floor.scan("PPC-FORCE")
        assert (flash.reason, flash.detail) == (Reason.NOT_NOW, Note.MAY_NOT_FORCE)
        floor.scan("PPR-UNREADABLE")
        assert floor.pack_view.session.counts == (0, 0)


def test_with_the_right_a_unit_is_verified_by_hand_and_told(tmp_path: Path) -> None:
    server = FakeServer(orders("1043"))
    rights(Role.PACKER, Role.FORCE_VERIFY)(server)
    with Bench(tmp_path, server) as floor:
        floor.open()
        assert floor.scan("PPC-FORCE", "PPR-UNREADABLE").reason is Reason.FORCED
        assert floor.pack_view.session.counts == (1, 0)
        assert floor.told()[-1] == ("PPR-UNREADABLE", Reason.FORCED)


def test_an_unknown_code_is_taught_with_two_scans_and_counts_from_then_on(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.open(badge=builders.BADGE_BEN)
        assert floor.scan(NEW).reason is Reason.UNKNOWN_CODE
        floor.scan("PPC-ATTACH", NEW, SOAP)
        until(lambda: floor.pack_view.flash and floor.pack_view.flash.detail == Note.ATTACHED, "the server")
        assert floor.pack_view.session.counts == (0, 0), "teaching counts nothing"
        assert floor.scan(NEW).reason is Reason.OK
        assert floor.pack_view.session.counts == (0, 1)


def test_a_packer_without_the_right_teaches_nothing(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.open()
        assert floor.scan("PPC-ATTACH").detail == Note.MAY_NOT_ATTACH
        assert floor.scan(CANDLE).reason is Reason.OK


def test_a_code_that_is_taken_is_refused_in_the_servers_words(tmp_path: Path) -> None:
    with Bench(tmp_path) as floor:
        floor.open(badge=builders.BADGE_BEN)
        floor.server.refuse["codes"] = wire.Problem(code="code_taken", detail="It means Mug BLUE.", status=409)
        floor.scan("PPC-ATTACH", NEW, SOAP)
        until(lambda: floor.pack_view.flash and floor.pack_view.flash.detail == Note.NOT_ATTACHED, "the refusal")
        assert floor.pack_view.flash and floor.pack_view.flash.words == "It means Mug BLUE."


@pytest.mark.parametrize("leave", ["PPC-OK", "PPC-PARK"])
def test_teaching_is_left_by_any_command(tmp_path: Path, leave: str) -> None:
    with Bench(tmp_path) as floor:
        floor.open(badge=builders.BADGE_BEN)
        floor.scan("PPC-ATTACH", leave)
        assert isinstance(floor.bench.view, PackView if leave == "PPC-OK" else QueueView)


def verifying() -> FakeServer:
    """A server whose bench only verifies."""
    server = FakeServer([replace(builders.order(), mode=Mode.VERIFY_ONLY)])
    server.snapshot = replace(server.snapshot, mode=Mode.VERIFY_ONLY)
    return server


def test_a_bench_that_only_verifies_buys_nothing_and_takes_the_other_tools_label(tmp_path: Path) -> None:
    with Bench(tmp_path, verifying()) as floor:
        assert floor.bench.status.mode is Mode.VERIFY_ONLY
        floor.open()
        floor.scan(*ALL_UNITS)
        floor.reach(LabelStage.OUTSIDE)
        assert floor.scan("1Z999AA10123456784").tone is Tone.BOX_DONE
        assert floor.reach_queue().just_closed == "1043"
        assert floor.told()[-1] == ("1Z999AA10123456784", Reason.OK)
        assert floor.server.purchases == []
