"""Signing in, handing over, signing out."""

from dataclasses import replace
from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.people import Role
from station.views import DockLobbyView, Lamp, Note, PackView, QueueView, SignInView
from station.wording import told
from tests import builders
from tests.bench_floor import OneBench
from tests.fakes import until

pytestmark = pytest.mark.usefixtures("quick_bench")


def test_nothing_opens_before_somebody_signs_in(tmp_path: Path) -> None:
    with OneBench(tmp_path) as floor:
        assert floor.scan("PPO-1043").reason is Reason.NOT_SIGNED_IN
        assert floor.scan(builders.CANDLE).reason is Reason.NOT_SIGNED_IN
        assert floor.bench.scan(builders.code("PPB", problem="partial")).reason is Reason.BAD_READ
        assert isinstance(floor.bench.view, SignInView)
        assert "orders/open" not in floor.server.paths


def test_a_badge_signs_in_with_no_server_in_sight(tmp_path: Path) -> None:
    with OneBench(tmp_path):
        pass
    with OneBench(tmp_path) as floor:
        floor.server.away = True
        assert floor.scan(builders.BADGE_ANA).item == "Ana"
        assert isinstance(floor.bench.view, QueueView)


def test_an_unknown_badge_is_refused(tmp_path: Path) -> None:
    with OneBench(tmp_path) as floor:
        assert floor.scan("PPB-NOBODY").reason is Reason.UNKNOWN_CODE
        assert floor.bench.status.person == ""


def test_another_badge_takes_over_the_open_order_and_answers_for_its_scans(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        floor.scan(builders.CANDLE)
        over = floor.scan(builders.BADGE_BEN)
        assert (over.detail, told(over)) == ("count_box", "1 of 3 verified by the one before. Count the box.")
        floor.scan(builders.CANDLE)
        assert floor.bench.status.person == "Ben"
        assert [e.person_id for e in floor.journal.unsent_events(floor.pack_view.session.session_id)] in (
            [1, 2],
            [2],
            [],
        )
        assert floor.pack_view.session.counts == (2, 0)


def test_the_open_order_is_not_handed_to_somebody_who_may_not_pack(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        assert floor.scan(builders.BADGE_DORA).reason is Reason.NOT_NOW
        assert floor.bench.status.person == "Ana"


def test_signing_out_in_the_middle_of_a_box_is_refused(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        assert floor.scan("PPC-SIGN-OUT").reason is Reason.NOT_NOW
        floor.scan("PPC-PARK")
        assert floor.scan("PPC-SIGN-OUT").reason is Reason.OK
        assert isinstance(floor.bench.view, SignInView)


def test_who_only_packs_cannot_go_to_the_dock_and_who_only_loads_starts_there(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        assert floor.scan("PPC-DOCK").reason is Reason.NOT_NOW
        floor.scan(builders.BADGE_DORA)
        assert isinstance(floor.bench.view, DockLobbyView)
        assert floor.scan("PPC-PACK").reason is Reason.NOT_NOW
        floor.scan(builders.BADGE_ANA)
        assert isinstance(floor.bench.view, QueueView)


def test_the_dock_is_out_of_reach_while_an_order_is_open(tmp_path: Path) -> None:
    with OneBench(tmp_path).open(badge=builders.BADGE_BEN) as floor:
        assert floor.scan("PPC-DOCK").reason is Reason.NOT_NOW
        assert isinstance(floor.bench.view, PackView)


def test_a_badge_read_twice_by_a_bouncing_trigger_is_only_looked_at(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        assert floor.bench.scan(builders.code(builders.BADGE_ANA, bounce=True)).reason is Reason.REPEAT


def test_the_text_of_a_badge_is_nowhere_in_the_journal(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        floor.scan(builders.MUG, builders.BADGE_ANA)
    assert all(b"PPB-ANA" not in path.read_bytes() for path in tmp_path.glob("journal.db*"))


def change_people(floor: OneBench, *people: wire.PersonCard) -> None:
    """The office changed who works here; wait until the bench has heard of it."""
    newer = replace(floor.server.snapshot, people=people, version=floor.server.snapshot.version + 1)
    floor.server.snapshot = newer
    until(lambda: floor.bench._place.snapshot == newer, "the new snapshot")


def test_a_revoked_person_is_signed_out_visibly_and_audibly(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        change_people(floor)
        until(lambda: isinstance(floor.bench.view, SignInView), "the sign-out")
        flash = floor.bench.view.flash
        assert flash is not None
        assert (flash.reason, flash.item, flash.detail) == (Reason.NOT_SIGNED_IN, "Ana", Note.REVOKED)
        until(lambda: floor.tones == [Tone.LOOK])
        assert floor.scan(builders.BADGE_ANA).detail == Note.UNKNOWN_BADGE
    with OneBench(tmp_path, floor.server) as floor:
        assert floor.bench.status.person == ""


def test_a_revoked_person_finishes_the_open_box_first(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        change_people(floor)
        ticks = Ticks(floor)
        until(lambda: ticks.count >= 2, "two ticks of the bench")
        assert floor.scan(builders.CANDLE).reason is Reason.OK
        assert floor.bench.status.person == "Ana"
        floor.scan("PPC-PARK")
        until(lambda: isinstance(floor.bench.view, SignInView), "the sign-out")


def test_who_lost_the_role_of_this_desk_is_signed_out_and_who_keeps_it_stays(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in(builders.BADGE_BEN) as floor:
        change_people(floor, builders.person("Ben", builders.BADGE_BEN, Role.PACKER, person_id=2))
        ticks = Ticks(floor)
        until(lambda: ticks.count >= 2, "two ticks of the bench")
        assert floor.bench.status.person == "Ben"
        change_people(floor, builders.person("Ben", builders.BADGE_BEN, Role.DOCK, person_id=2))
        until(lambda: isinstance(floor.bench.view, SignInView), "the sign-out")


class Ticks:
    """Counts the ticks of a bench's clock from now on."""

    def __init__(self, floor: OneBench) -> None:
        self.count = 0
        self._see_light = floor.bench._jobs.lamp
        floor.bench._jobs.lamp = self._lamp  # type: ignore[method-assign]

    def _lamp(self) -> Lamp:
        self.count += 1
        return self._see_light()
