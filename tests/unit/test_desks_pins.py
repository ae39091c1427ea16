"""A PIN after the badge, a badge of the day, the same badge at two benches, and a bench that nobody uses."""

import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.people import Role, badge_digest, pin_hash
from station.desks.pins import LOCK_SECONDS, PATIENCE_SECONDS, TRIES_MAX
from station.views import Flash, LabelStage, Note, Pace, PackView, QueueView, SignInView, StopView
from tests import builders
from tests.bench_floor import ALL_UNITS, OneBench
from tests.fakes import FakeServer, until

pytestmark = pytest.mark.usefixtures("quick_bench")

PIN, LENT = "4711", "PPB-LENT-01"


class Clock:
    """The wall clock, which a test can put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


def guarded(today: str = "") -> FakeServer:
    """Ana has a PIN; a spare badge is lent to her for this day (ISO)."""
    server = FakeServer([builders.order()])
    ana, *others = server.snapshot.people
    ana = replace(
        ana, pin_hash=pin_hash(PIN, b"salt"), day_badge_digest=badge_digest(LENT), day_badge_day=today, language="de"
    )
    server.snapshot = replace(server.snapshot, people=(ana, *others))
    return server


def typed(floor: OneBench, text: str) -> Flash:
    return floor.bench.scan(builders.code(text, typed=True))


def view(floor: OneBench) -> SignInView:
    found = floor.bench.view
    assert isinstance(found, SignInView), found
    return found


def test_a_badge_with_a_pin_opens_nothing_before_the_pin(tmp_path: Path) -> None:
    with OneBench(tmp_path, guarded()) as floor:
        assert floor.scan(builders.BADGE_ANA).detail == Note.PIN
        assert (view(floor).asks, floor.bench.status.person) == ("Ana", "")
        assert typed(floor, PIN).detail == Note.SIGNED_IN
        assert floor.bench.status.person == "Ana" and floor.bench.status.language == "de"


def test_the_digits_can_be_scanned_one_by_one(tmp_path: Path) -> None:
    with OneBench(tmp_path, guarded()) as floor:
        floor.scan(builders.BADGE_ANA, *(f"PPQ-{digit}" for digit in PIN))
        assert view(floor).flash and "•" * len(PIN) in view(floor).flash.item  # type: ignore[union-attr]
        assert floor.scan("PPC-OK").detail == Note.SIGNED_IN


def test_what_is_typed_for_a_pin_is_secret_on_the_screen_and_in_every_file(tmp_path: Path) -> None:
    with OneBench(tmp_path, guarded()) as floor:
        floor.scan(builders.BADGE_ANA)
        assert floor.bench.status.secret
        flash = typed(floor, "90817263")
        assert "90817263" not in str(flash)
        typed(floor, PIN)
        assert not floor.bench.status.secret
    assert all(b"90817263" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_five_wrong_pins_lock_for_a_minute_and_a_restart_does_not_open_it(tmp_path: Path) -> None:
    clock, server = Clock(), guarded()
    with OneBench(tmp_path, server, clock=clock) as floor:
        floor.scan(builders.BADGE_ANA)
        left = [typed(floor, "0000").units[0] for _ in range(TRIES_MAX - 1)]
        assert left == [4, 3, 2, 1]
        assert typed(floor, "0000").detail == Note.PIN_LOCKED
        assert view(floor).asks == ""
        assert floor.scan(builders.BADGE_ANA).detail == Note.PIN_LOCKED
    with OneBench(tmp_path, server, clock=clock) as floor:
        assert floor.scan(builders.BADGE_ANA).detail == Note.PIN_LOCKED
        assert floor.scan(builders.BADGE_BEN).detail == Note.SIGNED_IN, "another person is not locked out"
        floor.scan("PPC-SIGN-OUT")
        clock.ahead += LOCK_SECONDS + 1
        assert floor.scan(builders.BADGE_ANA).detail == Note.PIN
        assert typed(floor, "0000").detail == Note.PIN_LOCKED, "after five, each wrong one locks again"
        clock.ahead += LOCK_SECONDS + 1
        floor.scan(builders.BADGE_ANA)
        assert typed(floor, PIN).detail == Note.SIGNED_IN


def test_a_right_pin_forgives_the_wrong_ones_before_it(tmp_path: Path) -> None:
    with OneBench(tmp_path, guarded()) as floor:
        for _ in range(2):
            floor.scan(builders.BADGE_ANA)
            assert [typed(floor, "0000").units[0] for _ in range(4)] == [4, 3, 2, 1]
            assert typed(floor, PIN).detail == Note.SIGNED_IN
            floor.scan("PPC-SIGN-OUT")


def test_the_question_ends_by_itself_and_by_another_badge(tmp_path: Path) -> None:
    clock = Clock()
    with OneBench(tmp_path, guarded(), clock=clock) as floor:
        floor.scan(builders.BADGE_ANA)
        clock.ahead += PATIENCE_SECONDS + 1
        assert view(floor).asks == ""
        assert typed(floor, PIN).reason is Reason.NOT_SIGNED_IN
        floor.scan(builders.BADGE_ANA)
        assert floor.scan(builders.BADGE_BEN).detail == Note.SIGNED_IN
        assert floor.bench.status.person == "Ben"


def test_in_the_middle_of_a_box_the_pin_comes_before_the_hand_over_and_an_item_is_still_the_old_ones(
    tmp_path: Path,
) -> None:
    with OneBench(tmp_path, guarded()).open(badge=builders.BADGE_BEN) as floor:
        floor.scan(builders.CANDLE, builders.BADGE_ANA)
        assert (view(floor).asks, view(floor).order_number) == ("Ana", "1043")
        assert floor.scan(builders.CANDLE).reason is Reason.OK
        assert isinstance(floor.bench.view, PackView) and floor.bench.status.person == "Ben"
        floor.scan(builders.BADGE_ANA)
        flash = typed(floor, PIN)
        assert (flash.detail, flash.units, floor.bench.status.person) == (Note.COUNT_BOX, (2, 3), "Ana")


def test_a_stop_comes_before_the_question_for_a_pin(tmp_path: Path) -> None:
    server = guarded()
    with OneBench(tmp_path, server).open(badge=builders.BADGE_BEN) as floor:
        floor.scan(builders.BADGE_ANA)
        session_id = next(iter(server.sessions))
        server.stops = [wire.SessionStop(session_id=session_id, reason=Reason.CANCELLED)]
        until(lambda: isinstance(floor.bench.view, StopView), "the stop")
        assert floor.scan("PPC-OK").reason is Reason.OK


def test_a_badge_of_the_day_opens_the_bench_today_and_not_tomorrow(tmp_path: Path) -> None:
    clock = Clock()
    with OneBench(tmp_path, clock=clock) as floor:
        ben = replace(
            floor.server.snapshot.people[1], day_badge_digest=badge_digest(LENT), day_badge_day=floor.bench._place.today
        )
        newer = replace(floor.server.snapshot, people=(ben,), version=2)
        floor.server.snapshot = newer
        until(lambda: floor.bench._place.snapshot == newer, "the new snapshot")
        assert floor.scan(LENT).detail == Note.SIGNED_IN and floor.bench.status.person == "Ben"
        floor.scan("PPC-SIGN-OUT")
        clock.ahead += 24 * 3600
        flash = floor.scan(LENT)
        assert (flash.reason, flash.detail) == (Reason.UNKNOWN_CODE, Note.DAY_OVER)
        assert floor.scan(builders.BADGE_BEN).detail == Note.SIGNED_IN, "the own badge is good every day"


def test_who_signs_in_at_another_bench_is_signed_out_here_visibly_and_the_box_stays(tmp_path: Path) -> None:
    server = FakeServer([builders.order()])
    with OneBench(tmp_path, server).open() as floor:
        floor.scan(builders.CANDLE)
        server.signed_in_elsewhere = {1: "Bench 5"}
        until(lambda: isinstance(floor.bench.view, SignInView), "the sign-out")
        flash = view(floor).flash
        assert flash is not None
        assert (flash.reason, flash.item, flash.detail) == (Reason.NOT_SIGNED_IN, "Bench 5", Note.ELSEWHERE)
        until(lambda: floor.tones == [Tone.LOOK])
        assert view(floor).order_number == "1043"
        assert floor.scan(builders.CANDLE).reason is Reason.NOT_SIGNED_IN, "nothing counts without a name"
        assert floor.scan(builders.BADGE_DORA).detail == Note.BOX_FIRST
        taken = floor.scan(builders.BADGE_BEN)
        assert (taken.detail, taken.units) == (Note.COUNT_BOX, (1, 3))
        floor.scan(builders.CANDLE)
        assert floor.pack_view.session.counts == (2, 0)


def test_a_stop_is_acknowledged_before_somebody_is_signed_out_for_another_bench(tmp_path: Path) -> None:
    server = FakeServer([builders.order()])
    with OneBench(tmp_path, server).open() as floor:
        floor.scan(builders.MUG)
        server.signed_in_elsewhere = {1: "Bench 5"}
        beats = len(server.beats)
        until(lambda: len(server.beats) > beats + 1, "two heartbeats")
        assert isinstance(floor.bench.view, StopView)
        floor.scan("PPC-OK")
        until(lambda: isinstance(floor.bench.view, SignInView), "the sign-out")


def test_the_heartbeat_says_since_when_somebody_is_signed_in_and_a_restart_keeps_it(tmp_path: Path) -> None:
    server = FakeServer([builders.order()])
    with OneBench(tmp_path, server).sign_in() as floor:
        since = floor.bench._place.signed_in_at
        assert abs(since - time.time()) < 30
        floor.scan(builders.BADGE_ANA)
    with OneBench(tmp_path, server) as floor:
        beats = len(server.beats)
        until(lambda: len(server.beats) > beats, "a heartbeat")
        assert (server.beats[-1].person_id, server.beats[-1].signed_in_at) == (1, since)


def test_a_bench_that_nobody_uses_signs_out_but_never_with_a_box_open(tmp_path: Path) -> None:
    clock = Clock()
    with OneBench(tmp_path, clock=clock, idle_minutes=30).open() as floor:
        clock.ahead += 24 * 3600
        beats = len(floor.server.beats)
        until(lambda: len(floor.server.beats) > beats + 1, "the bench to have looked at its clock")
        assert isinstance(floor.bench.view, PackView)
        floor.scan("PPC-PARK")
        assert isinstance(floor.bench.view, QueueView)
        clock.ahead += 29 * 60
        beats = len(floor.server.beats)
        until(lambda: len(floor.server.beats) > beats + 1, "the bench to have looked at its clock")
        assert isinstance(floor.bench.view, QueueView), "29 minutes are not 30"
        clock.ahead += 60
        until(lambda: isinstance(floor.bench.view, SignInView), "the sign-out")
        assert view(floor).flash and view(floor).flash.detail == Note.IDLE


def test_who_signs_out_hears_quietly_how_the_day_went(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        floor.scan(builders.CANDLE, builders.MUG, "PPC-OK", builders.CANDLE, builders.SOAP)
        floor.reach(LabelStage.SCAN_LABEL)
        floor.scan("TRK00001043")
        floor.reach_queue()
        floor.scan("PPC-SIGN-OUT")
        assert view(floor).pace == Pace(orders=1, units=3, caught=1)
        floor.scan(builders.BADGE_BEN, "PPC-SIGN-OUT")
        assert view(floor).pace == Pace(), "one person is never told of another"
    with OneBench(tmp_path, floor.server) as floor:
        floor.scan(builders.BADGE_ANA, "PPC-SIGN-OUT")
        assert view(floor).pace == Pace(orders=1, units=3, caught=1)


def test_units_taken_out_again_are_not_counted_twice(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        floor.scan(builders.CANDLE, "PPC-UNDO", builders.CANDLE, *ALL_UNITS)
        floor.scan("PPC-PARK", "PPC-SIGN-OUT")
        assert view(floor).pace == Pace(units=3)


def test_a_journal_that_cannot_write_never_shows_the_pin_as_what_was_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with OneBench(tmp_path, guarded()) as floor:
        floor.scan(builders.BADGE_ANA)

        def full(*_: object, **__: object) -> None:
            raise sqlite3.OperationalError("disk full")

        monkeypatch.setattr(floor.journal, "_transact", full)
        typed(floor, "90817263")
        found = floor.bench.view
        assert isinstance(found, StopView)
        assert "90817263" not in str(found)


def test_roles_are_asked_before_the_pin(tmp_path: Path) -> None:
    server = guarded()
    desk = builders.person("Eve", "PPB-EVE", Role.DESK, person_id=9)
    server.snapshot = replace(server.snapshot, people=(replace(desk, pin_hash=pin_hash(PIN, b"x")),))
    with OneBench(tmp_path, server) as floor:
        assert floor.scan("PPB-EVE").detail == Note.NO_ROLE


def test_a_found_badge_of_a_supervisor_with_a_pin_releases_nothing_by_itself(tmp_path: Path) -> None:
    server = guarded()
    ana, ben, dora = server.snapshot.people
    ben = replace(ben, pin_hash=pin_hash(PIN, b"salt"))
    server.snapshot = replace(server.snapshot, people=(replace(ana, pin_hash=""), ben, dora))
    with OneBench(tmp_path, server).sign_in() as floor:
        server.refuse["orders/open"] = wire.Problem(code=Reason.ON_HOLD, detail="held", status=409)
        floor.scan("PPO-1043")
        until(lambda: (flash := view_flash(floor)) is not None and flash.reason is Reason.ON_HOLD, "the refusal")
        assert floor.scan(builders.BADGE_BEN).detail == Note.PIN
        typed(floor, PIN)
        floor.scan("PPO-1043")
        until(lambda: (flash := view_flash(floor)) is not None and flash.reason is Reason.ON_HOLD, "the refusal")
        assert floor.scan(builders.BADGE_BEN).detail == Note.RELEASE_ASK, "signed in by PIN, the badge is enough"
        assert server.released == []


def view_flash(floor: OneBench) -> Flash | None:
    return floor.bench.view.flash
