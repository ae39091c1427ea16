"""Opening by an item or a tote, refusals that say what to scan instead, taking over, and two orders at once."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.leaving import LineChange
from server.domain.packing.order import ToteMate
from server.domain.packing.session import Phase
from station.views import Flash, Note, PackView, QueueView, SignInView, StopView
from station.wording import speak, told
from tests import builders
from tests.bench_floor import ALL_UNITS, OneBench, orders
from tests.fakes import FakeServer, until

pytestmark = pytest.mark.usefixtures("quick_bench")

ONE_CANDLE = builders.order("3001", (("CANDLE", 1),))
TWO_CANDLES = [replace(ONE_CANDLE, number=number) for number in ("3001", "3002")]


def flash_of(floor: OneBench) -> Flash:
    flash = floor.bench.view.flash
    assert flash is not None
    return flash


def refusal(code: str, **facts: str) -> wire.Problem:
    return wire.Problem(code=code, detail="Ana has order 1043 at Bench 3", status=409, facts=dict(facts))


def refused(floor: OneBench, code: str, **facts: str) -> Flash:
    """Scan a slip which the server refuses for this reason."""
    floor.server.refuse["orders/open"] = refusal(code, **facts)
    before = len(floor.tones)
    floor.scan("PPO-1043")
    until(lambda: len(floor.tones) > before, "the refusal")
    return flash_of(floor)


# --- by an item ------------------------------------------------------------------------------------------------------


def test_an_item_opens_its_order_and_that_scan_is_its_first_unit(tmp_path: Path) -> None:
    server = FakeServer([builders.order(), ONE_CANDLE])
    with OneBench(tmp_path, server).sign_in() as floor:
        assert floor.scan(builders.CANDLE).detail == Note.OPENING_BY_ITEM
        until(lambda: isinstance(floor.bench.view, PackView) and floor.pack_view.session.phase is not Phase.PACKING)
        assert floor.pack_view.session.order.number == "3001"
        until(lambda: any(e.kind == "scan" for e in server.log("3001")), "the scan to arrive")
        [scan] = [e for e in server.log("3001") if e.kind == "scan"]
        assert (scan.raw, scan.reason) == (builders.CANDLE, Reason.OK)
        assert (server.opens[0].ref, server.opens[0].item) == ("", builders.CANDLE)


def test_a_lost_answer_counts_the_item_in_the_hand_once(tmp_path: Path) -> None:
    server = FakeServer(TWO_CANDLES)
    with OneBench(tmp_path, server).sign_in() as floor:
        server.lose_answers["orders/open"] = 2
        floor.scan(builders.CANDLE)
        until(lambda: isinstance(floor.bench.view, PackView))
        assert (len(server.sessions), sum(floor.pack_view.session.counts)) == (1, 1)


def test_an_item_no_single_order_waits_for_is_put_aside(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        floor.server.refuse["orders/open"] = refusal("wrong_item")
        floor.scan(builders.MUG)
        until(lambda: floor.tones == [Tone.LOOK])
        assert (flash_of(floor).item, flash_of(floor).detail) == ("Mug BLUE", Note.NO_SINGLE)


def test_what_came_in_overnight_is_there_within_ten_seconds_of_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # At the product's own pace: its seconds are counted.
    with OneBench(tmp_path) as floor:
        began = time.monotonic()
        floor.sign_in()
        until(lambda: floor.reach_queue().waiting == 1, "the queue", seconds=10)
        assert time.monotonic() - began < 10


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("not_ready", "Scan another slip."),
        ("already_done", "Scan another slip."),
        ("cancelled", "Put its goods back. Scan another slip."),
        ("on_hold", "Scan another slip. A supervisor's badge, scanned now, can release it."),
        ("unknown_code", "Scan a slip, a tote, or an item."),
    ],
)
def test_a_refusal_says_why_and_what_to_scan_instead(tmp_path: Path, code: str, says: str) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        flash = refused(floor, code)
        assert (flash.reason, told(flash)) == (Reason(code), f"{says} Ana has order 1043 at Bench 3.")


def test_a_refusal_is_told_in_the_language_of_the_packer_from_its_facts(tmp_path: Path) -> None:
    has: dict[str, str] = {"order": "1043", "person": "Ana", "bench": "Bench 3", "time": "08:15"}
    # (code, facts, what the packer reads after what to scan instead)
    rows = [
        ("in_use", {"says": "in_use"}, "Ana hat Auftrag 1043 an Bench 3 seit 08:15."),
        ("already_done", {"says": "packed_by"}, "Auftrag 1043 hat Ana an Bench 3 gepackt, 08:15."),
        ("on_hold", {"says": "on_hold", "held_because": "unpaid"}, "Auftrag 1043 ist angehalten: noch kein Geld."),
        ("on_hold", {"says": "on_hold", "held_because": "new_word"}, "Auftrag 1043 ist angehalten: new word."),
        ("not_ready", {"says": "picking"}, "Der Server sagt: „Ana has order 1043 at Bench 3“"),  # A fact is missing.
        ("not_ready", {"says": "of_tomorrow"}, "Der Server sagt: „Ana has order 1043 at Bench 3“"),
    ]
    with OneBench(tmp_path).sign_in() as floor:
        try:
            for code, facts, words in rows:
                flash = refused(floor, code, **has, **facts)
                speak("de")
                assert told(flash).endswith(words), told(flash)
        finally:
            speak("en")


def test_a_supervisor_s_badge_and_yes_release_an_order_on_hold_which_then_opens(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        refused(floor, "on_hold", held_because="held_at_bench")
        asked = floor.scan(builders.BADGE_BEN)
        assert (asked.reason, asked.detail) == (Reason.NEED_CONFIRM, Note.RELEASE_ASK)
        assert floor.bench.status.person == "Ana", "the badge answers, it does not sign in"
        floor.scan("PPC-YES")
        until(lambda: isinstance(floor.bench.view, PackView))
        assert floor.server.released == [wire.ReleaseRequest(ref="1043", person_id=2)]


def test_a_packer_s_badge_after_a_hold_releases_nothing_and_signs_in(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in(builders.BADGE_BEN) as floor:
        refused(floor, "on_hold")
        floor.scan(builders.BADGE_ANA, "PPC-YES")
        assert floor.bench.status.person == "Ana"
        assert floor.server.released == []


def test_yes_without_the_badge_or_after_another_scan_releases_nothing(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        refused(floor, "on_hold")
        assert floor.scan("PPC-YES").reason is Reason.NOT_NOW
        refused(floor, "on_hold")
        floor.scan(builders.BADGE_BEN, "PPC-OK", "PPC-YES")
        assert floor.server.released == []


# --- taking over -----------------------------------------------------------------------------------------------------


def test_take_over_has_an_idle_bench_s_order_at_once_with_what_is_in_its_box(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        floor.server.carried = replace(builders.session(), counts=(1, 0))
        assert refused(floor, "in_use", way="free", bench="Bench 3").detail == Note.TAKE_FREE
        del floor.server.refuse["orders/open"]
        assert floor.scan("PPC-TAKE-OVER").detail == Note.TAKING_OVER
        until(lambda: isinstance(floor.bench.view, PackView))
        assert (floor.server.opens[-1].take_over, floor.server.opens[-1].supervisor) == (True, 0)
        assert floor.pack_view.session.counts == (1, 0)
        assert told(flash_of(floor)) == "1 of 3 verified by the one before. Count the box."
        floor.scan(builders.CANDLE)
        until(lambda: floor.journal.unsent == 0)
        assert [(e.seq, e.kind) for e in floor.server.log("1043")] == [(1, "carry"), (2, "scan")]


def test_what_was_carried_is_still_there_after_a_restart(tmp_path: Path) -> None:
    server = FakeServer([builders.order()])
    server.carried = replace(builders.session(), counts=(2, 0))
    with OneBench(tmp_path, server).open():
        pass
    with OneBench(tmp_path, server) as floor:
        assert floor.pack_view.session.counts == (2, 0)


def test_repeating_the_slip_takes_nothing(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        for _ in range(3):
            refused(floor, "in_use", way="free", bench="Bench 3")
        until(lambda: floor.reach_queue().opening == "")
        assert "orders/open" not in floor.server.paths


def test_before_five_minutes_take_over_asks_for_a_supervisor_s_badge(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        assert refused(floor, "in_use", way="supervisor", bench="Bench 3").detail == Note.TAKE_BADGE
        del floor.server.refuse["orders/open"]
        asked = floor.scan("PPC-TAKE-OVER")
        assert (asked.reason, asked.detail) == (Reason.NEED_CONFIRM, Note.SUPERVISOR_NOW)
        assert floor.server.opens == []
        floor.scan(builders.BADGE_BEN)
        until(lambda: isinstance(floor.bench.view, PackView))
        assert (floor.server.opens[-1].supervisor, floor.server.opens[-1].person_id) == (2, 1)


def test_the_badge_of_a_supervisor_who_was_not_asked_for_one_signs_in(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        refused(floor, "in_use", way="supervisor", bench="Bench 3")
        assert floor.scan(builders.BADGE_BEN).detail == Note.HAND_OVER
        assert floor.scan("PPC-TAKE-OVER").detail == Note.NOTHING_TO_TAKE_OVER


def test_a_silent_bench_is_walked_to_even_by_a_supervisor(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in(builders.BADGE_BEN) as floor:
        flash = refused(floor, "in_use", way="walk", bench="Bench 3")
        assert told(flash).startswith("Walk to Bench 3 and look.")
        assert floor.scan("PPC-TAKE-OVER").detail == Note.SUPERVISOR_NOW


def test_take_over_means_nothing_unless_an_order_was_just_refused(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        assert floor.scan("PPC-TAKE-OVER").detail == Note.NOTHING_TO_TAKE_OVER
        refused(floor, "on_hold")
        assert floor.scan("PPC-TAKE-OVER").detail == Note.NOTHING_TO_TAKE_OVER


def test_a_bench_that_lost_a_parked_box_says_where_it_goes_and_keeps_packing(tmp_path: Path) -> None:
    server = FakeServer(orders("1043", "2000"))
    with OneBench(tmp_path, server).open() as floor:
        lost = floor.pack_view.session.session_id
        floor.scan(builders.CANDLE, "PPC-PARK", "PPO-2000")
        until(lambda: isinstance(floor.bench.view, PackView))
        server.stops = [wire.SessionStop(session_id=lost, reason=Reason.TAKEN_OVER)]
        until(lambda: floor.pack_view.parked == (), "the box to leave the list")
        assert (flash_of(floor).tone, flash_of(floor).detail) == (Tone.LOOK, Note.GOES_ON)
        assert floor.scan(builders.CANDLE).reason is Reason.OK


# --- one box at a time -----------------------------------------------------------------------------------------------


def test_another_slip_mid_box_never_mixes_it_asks_to_park_first(tmp_path: Path) -> None:
    with OneBench(tmp_path, FakeServer(orders("1043", "2000"))).open() as floor:
        floor.scan(builders.CANDLE)
        flash = floor.scan("PPO-2000")
        assert (flash.reason, flash.item, flash.detail) == (Reason.NOT_NOW, "2000", Note.PARK_FIRST)
        for own in ("PPO-1043", "ppo-01043", "1043", "#1043"):
            assert (floor.scan(own).detail, floor.scan(own).reason) == (Note.THIS_ORDER, Reason.NOT_NOW), own
        assert floor.pack_view.session.counts == (1, 0)
        floor.scan("PPC-PARK", "PPO-2000")
        until(lambda: isinstance(floor.bench.view, PackView))
        assert floor.pack_view.session.order.number == "2000"


# --- totes -----------------------------------------------------------------------------------------------------------


def test_a_tote_of_several_orders_asks_for_an_item_and_goes_on_by_items(tmp_path: Path) -> None:
    server = FakeServer(TWO_CANDLES)
    with OneBench(tmp_path, server).sign_in() as floor:
        server.refuse["orders/open"] = refusal("need_item")
        floor.scan("PPT-17")
        until(lambda: floor.reach_queue().tote == "17")
        assert told(flash_of(floor)) == "Several orders are in this tote. Scan one item out of it."
        del server.refuse["orders/open"]
        floor.scan(builders.CANDLE)
        until(lambda: isinstance(floor.bench.view, PackView))
        assert (server.opens[-1].ref, server.opens[-1].item) == ("PPT-17", builders.CANDLE)


def test_two_items_of_one_tote_are_two_wishes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = FakeServer([ONE_CANDLE, builders.order("3002", (("MUG", 1),))])
    with OneBench(tmp_path, server).sign_in() as floor:
        server.refuse["orders/open"] = refusal("need_item")
        floor.scan("PPT-17")
        until(lambda: floor.reach_queue().tote == "17")
        del server.refuse["orders/open"]
        monkeypatch.setattr("station.desks.opening.PATIENCE_SECONDS", 0.0)
        server.lose_answers["orders/open"] = 1
        floor.scan(builders.CANDLE)
        until(lambda: flash_of(floor).detail == Note.AWAY)
        floor.scan(builders.MUG)
        until(lambda: isinstance(floor.bench.view, PackView))
        assert len({request.session_id for request in server.opens}) == 2
        assert floor.pack_view.session.order.number == "3002"


def test_an_item_for_another_order_of_the_tote_goes_back_and_stops_nothing(tmp_path: Path) -> None:
    order = replace(builders.order(), mates=(ToteMate("1051", "MUG", 1),))
    with OneBench(tmp_path, FakeServer([order])).open() as floor:
        flash = floor.scan(builders.MUG)
        assert (flash.reason, flash.tone, told(flash)) == (
            Reason.NOT_NOW,
            Tone.LOOK,
            "Back in the tote: it is for order 1051.",
        )
        assert floor.scan(builders.CANDLE).reason is Reason.OK


def end_of_tote(floor: OneBench) -> QueueView:
    floor.server.tote_done = "17"
    floor.open().scan(builders.CANDLE, "PPC-PARK")
    until(lambda: floor.reach_queue().tote_ended == "17")
    floor.server.tote_done = ""
    return floor.reach_queue()


def test_at_the_end_of_a_tote_yes_says_that_it_is_empty(tmp_path: Path) -> None:
    with OneBench(tmp_path) as floor:
        end_of_tote(floor)
        assert floor.scan("PPC-YES").detail == Note.TOTE_IS_EMPTY
        until(lambda: floor.server.looks == [("17", "")])
        assert floor.reach_queue().tote_ended == ""


def test_what_is_left_in_a_tote_is_told_until_it_is_empty_and_opens_no_order(tmp_path: Path) -> None:
    with OneBench(tmp_path) as floor:
        end_of_tote(floor)
        opened = len(floor.server.opens)
        for _ in range(2):
            assert floor.scan(builders.MUG).detail == Note.LEFT_OVER
        floor.scan("PPC-YES")
        until(lambda: floor.server.looks == [("17", builders.MUG), ("17", builders.MUG), ("17", "")])
        assert len(floor.server.opens) == opened


def test_the_next_slip_leaves_the_question_about_the_tote_behind(tmp_path: Path) -> None:
    with OneBench(tmp_path, FakeServer(orders("1043", "2000"))) as floor:
        end_of_tote(floor)
        floor.scan("PPO-2000")
        until(lambda: isinstance(floor.bench.view, PackView))
        floor.scan("PPC-PARK")
        assert floor.reach_queue().tote_ended == ""


# --- changed, signed out ---------------------------------------------------------------------------------------------


def test_a_changed_order_lists_what_to_take_out_and_what_is_new(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        session_id = floor.pack_view.session.session_id
        out = (LineChange(name="Candle", variant="LAVENDER", units=1),)
        new = (LineChange(name="Mug", variant="BLUE", units=2),)
        stop = wire.SessionStop(session_id=session_id, reason=Reason.CHANGED, take_out=out, add=new)
        floor.server.stops = [stop]
        until(lambda: isinstance(floor.bench.view, StopView))
        view = floor.bench.view
        assert isinstance(view, StopView)
        assert (view.take_out, view.add) == ((("Candle", "LAVENDER", 1),), (("Mug", "BLUE", 2),))


def test_what_a_changed_order_does_not_want_is_scanned_out_of_the_box_before_the_stop_ends(tmp_path: Path) -> None:
    def left() -> tuple[tuple[str, str, int], ...]:
        view = floor.bench.view
        assert isinstance(view, StopView)
        return view.take_out

    with OneBench(tmp_path).open() as floor:
        floor.scan(*ALL_UNITS[:2])
        out = (LineChange(name="Candle", variant="LAVENDER", units=2, sku="CANDLE"),)
        session_id = floor.pack_view.session.session_id
        floor.server.stops = [wire.SessionStop(session_id=session_id, reason=Reason.CHANGED, take_out=out)]
        until(lambda: isinstance(floor.bench.view, StopView))
        # (code, tone, sentence, units that must still come out)
        rows = [
            ("PPC-OK", Tone.LOOK, Note.TAKE_OUT_FIRST, 2),
            (builders.SOAP, Tone.STOP, Note.STAYS_IN, 2),
            (builders.CANDLE_CASE, Tone.STOP, Note.STAYS_IN, 2),
            (builders.CANDLE, Tone.GOOD, Note.OUT_OF_BOX, 1),
            (builders.CANDLE, Tone.LINE_FULL, Note.ALL_OUT, 0),
        ]
        for code, tone, note, units in rows:
            flash = floor.scan(code)
            assert (flash.tone, flash.detail, sum(n for _, _, n in left())) == (tone, note, units), code
        floor.scan("PPC-OK")
        assert isinstance(floor.bench.view, QueueView)


def test_what_is_out_of_a_changed_box_stays_out_when_the_bench_is_killed(tmp_path: Path) -> None:
    server = FakeServer(orders("1043"))
    out = (LineChange(name="Candle", variant="LAVENDER", units=2, sku="CANDLE"),)
    with OneBench(tmp_path, server).open() as floor:
        floor.scan(*ALL_UNITS[:2])
        session_id = floor.pack_view.session.session_id
        server.stops = [wire.SessionStop(session_id=session_id, reason=Reason.CHANGED, take_out=out)]
        until(lambda: isinstance(floor.bench.view, StopView))
        assert floor.scan(builders.CANDLE).detail == Note.OUT_OF_BOX
        server.away = True
    for _ in range(2):
        with OneBench(tmp_path, server) as floor:
            view = floor.bench.view
            assert isinstance(view, StopView) and view.take_out == (("Candle", "LAVENDER", 1),)
            assert floor.scan("PPC-OK").detail == Note.TAKE_OUT_FIRST
            server.away = False
            until(lambda: floor.journal.unsent == 0, "the server's receipt")
    with OneBench(tmp_path, server) as floor:
        assert floor.scan(builders.CANDLE).detail == Note.ALL_OUT
        floor.scan("PPC-OK")
        floor.reach_queue()
        until(lambda: floor.journal.unsent == 0, "the server's receipt")
    log = server.log("1043")
    assert [e.kind for e in log].count("take_out") == 1, "told once, however often the server says it"
    assert [(e.raw, e.person_id) for e in log if e.reason is Reason.TAKEN_OUT] == [(builders.CANDLE, 1)] * 2


def test_a_supervisor_lets_a_changed_box_go_whose_goods_cannot_be_scanned(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        out = (LineChange(name="Candle", variant="LAVENDER", units=1, sku="CANDLE"),)
        session_id = floor.pack_view.session.session_id
        floor.server.stops = [wire.SessionStop(session_id=session_id, reason=Reason.CHANGED, take_out=out)]
        until(lambda: isinstance(floor.bench.view, StopView))
        assert floor.scan(builders.BADGE_ANA).detail != Note.LEFT_TO_LEAD
        assert floor.scan(builders.BADGE_BEN).detail == Note.LEFT_TO_LEAD
        floor.scan("PPC-OK")
        assert isinstance(floor.bench.view, QueueView)


def test_nothing_is_opened_for_a_bench_nobody_works_at(tmp_path: Path) -> None:
    with OneBench(tmp_path).sign_in() as floor:
        floor.scan("PPC-SIGN-OUT", builders.CANDLE, "PPC-TAKE-OVER")
        assert isinstance(floor.bench.view, SignInView)
    assert floor.server.opens == []
