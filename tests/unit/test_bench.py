"""The bench as a whole, driven by scans as a person would."""

import sqlite3
import stat
from functools import partial
from pathlib import Path

import pytest

from scanners.reader import SourceStatus
from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.session import Phase
from station import heartbeat, uplink
from station.views import Bought, LabelStage, Lamp, Light, Note, PackView, QueueView, SignInView, State, StopView
from tests import builders
from tests.bench_floor import OneBench, orders
from tests.fakes import FakePrinter, FakeServer, until

pytestmark = pytest.mark.usefixtures("quick_bench")


def test_an_order_goes_from_slip_to_closed_box_with_scans_only(tmp_path: Path) -> None:
    with OneBench(tmp_path).pack() as floor:
        floor.reach(LabelStage.SCAN_LABEL)
        closed = floor.scan("TRK00001043")
        view = floor.reach_queue()
        assert (closed.reason, closed.tone) == (Reason.OK, Tone.BOX_DONE)
        assert view.just_closed == "1043"
        assert len(floor.printer.jobs) == 1
        until(lambda: floor.journal.unsent == 0)
        assert [e.kind for e in floor.server.log("1043")] == ["scan", "scan", "scan", "label", "scan"]
        until(lambda: floor.journal.sessions() == (), "the closed session to be purged")


def test_two_equal_good_scans_are_visibly_two(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        first, second = floor.scan(builders.CANDLE), floor.scan(builders.CANDLE)
        assert (first.reason, second.reason) == (Reason.OK, Reason.OK)
        assert second.serial == first.serial + 1


def test_a_wrong_item_fills_the_screen_until_it_is_acknowledged(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        floor.scan(builders.MUG)
        ignored = floor.scan(builders.CANDLE)
        view = floor.bench.view
        assert isinstance(view, StopView)
        assert (view.stop.reason, view.stop.not_counted) == (Reason.WRONG_ITEM, ("Candle LAVENDER",))
        assert view.needs == (("Candle", "LAVENDER", 2), ("Soap", "ROSE", 1))
        assert (ignored.reason, ignored.tone) == (Reason.STOPPED, Tone.STOP)
        floor.scan("PPC-OK")
        assert floor.pack_view.session.counts == (0, 0)


def test_enter_acknowledges_a_stop_only_once_it_could_be_seen(tmp_path: Path) -> None:
    now = [1000.0]
    with OneBench(tmp_path, clock=lambda: now[0]).open() as floor:
        assert floor.bench.acknowledge() is None
        floor.scan(builders.MUG)
        now[0] += 0.39
        assert floor.bench.acknowledge() is None
        now[0] += 0.02
        acknowledged = floor.bench.acknowledge()
        assert acknowledged is not None
        assert acknowledged.reason is Reason.OK
        assert isinstance(floor.bench.view, PackView)


def test_packing_goes_on_without_the_server_and_every_scan_arrives_once_when_it_is_back(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        floor.server.away = True
        floor.scan(builders.CANDLE, builders.MUG, "PPC-OK")
        assert floor.scan(builders.CANDLE).reason is Reason.OK
        assert floor.bench.status.unsent == 4
        until(lambda: floor.bench.status.server.light is Light.OFF)
        floor.server.away = False
        until(lambda: floor.journal.unsent == 0, "the scans to arrive with no further scan")
        assert [e.reason for e in floor.server.log("1043")] == [Reason.OK, Reason.WRONG_ITEM, Reason.OK, Reason.OK]


def test_the_server_judges_the_same_session_from_the_raw_scans(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        floor.scan(builders.CANDLE, "PPX-M", builders.MUG, "nonsense", "PPC-OK", builders.SOAP)
        until(lambda: floor.journal.unsent == 0)
        here = floor.pack_view.session
        assert floor.server.replayed(here.session_id) == here


def test_a_restart_comes_back_to_the_same_place(tmp_path: Path) -> None:
    server = FakeServer(orders("1043", "2000"))
    with OneBench(tmp_path, server).open("2000") as floor:
        floor.scan(builders.CANDLE, "PPC-PARK")
        floor.reach_queue()
        floor.open("1043")
        floor.scan(builders.CANDLE, builders.MUG)
        before = floor.bench.view
    server.away = True
    with OneBench(tmp_path, server) as floor:
        after = floor.bench.view
        assert isinstance(before, StopView)
        assert isinstance(after, StopView)
        assert (after.stop, after.needs, after.order_number) == (before.stop, before.needs, before.order_number)
        assert floor.bench.status.person == "Ana"
        assert floor.scan("PPC-OK").reason is Reason.OK
        assert [box.number for box in floor.pack_view.parked] == ["2000"]
        assert floor.pack_view.session.counts == (1, 0)


def test_a_changed_catalogue_does_not_change_a_verdict_that_was_shown(tmp_path: Path) -> None:
    server = FakeServer([builders.order()])
    with OneBench(tmp_path, server).open() as floor:
        floor.scan(builders.CANDLE)
        server.snapshot = wire.Snapshot(
            version=2, bench="Bench 1", site="", time_zone="", products=(), codes=(), boxes=(), people=(), lanes=()
        )
        until(lambda: floor.bench._place.catalog.version == 2, "the empty catalogue")
        assert floor.scan(builders.SOAP).reason is Reason.UNKNOWN_CODE
    with OneBench(tmp_path, server) as floor:
        assert floor.pack_view.session.counts == (1, 0)


def test_a_full_disk_counts_nothing_says_so_and_goes_on_once_there_is_room(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        floor.scan(builders.CANDLE)
        until(lambda: floor.journal.unsent == 0)
        pages = floor.journal._rows("PRAGMA page_count")[0][0]
        floor.journal._rows(f"PRAGMA max_page_count={pages}")
        stopped = None
        for _ in range(60):
            stopped = floor.scan("PPX-M")
            if stopped.reason is Reason.STOPPED:
                break
        view = floor.bench.view
        assert stopped is not None
        assert (stopped.reason, stopped.tone) == (Reason.STOPPED, Tone.STOP)
        assert "full" in stopped.words
        assert isinstance(view, StopView)
        assert view.stop.reason is Reason.STOPPED
        assert floor.scan(builders.CANDLE).reason is Reason.STOPPED
        floor.journal._rows("PRAGMA max_page_count=1000000")
        assert floor.scan(builders.SOAP).reason is Reason.STOPPED, "the candle before it lies in the box uncounted"
        view = floor.bench.view
        assert isinstance(view, StopView)
        assert (view.stop.item, view.stop.not_counted) == ("PPX-M", ("PPX-M", "Candle LAVENDER", "Soap ROSE"))
        assert floor.bench.scan(builders.code("PPC-OK", bounce=True)).reason is Reason.STOPPED
        assert floor.scan("PPC-OK").reason is Reason.OK
        assert floor.pack_view.session.counts == (1, 0)
        assert floor.scan(builders.CANDLE).reason is Reason.OK
        assert floor.pack_view.session.counts == (2, 0)


def test_an_enter_that_comes_with_the_scan_does_not_acknowledge_that_it_was_not_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    with OneBench(tmp_path, clock=lambda: now[0]).open() as floor:
        now[0] += 60.0
        with monkeypatch.context() as full:
            full.setattr(floor.journal, "_db", sqlite3.connect(":memory:", check_same_thread=False))
            assert floor.scan(builders.CANDLE).reason is Reason.STOPPED
            now[0] += 0.1
            assert floor.bench.acknowledge() is None
            now[0] += 0.4
            assert floor.scan("PPC-OK").reason is Reason.STOPPED, "it still cannot be saved"
            assert isinstance(floor.bench.view, StopView)
        acknowledged = floor.bench.acknowledge()
        assert acknowledged is not None
        assert acknowledged.reason is Reason.OK
        assert floor.pack_view.session.counts == (0, 0)


def test_a_cancelled_order_stops_the_bench_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # At the product's own pace: its seconds are counted.
    with OneBench(tmp_path).open() as floor:
        floor.scan(builders.CANDLE)
        session_id = floor.pack_view.session.session_id
        floor.server.stops = [wire.SessionStop(session_id=session_id, reason=Reason.CANCELLED, detail="by the buyer")]
        until(lambda: isinstance(floor.bench.view, StopView), "the stop", 2.0)
        view = floor.bench.view
        assert isinstance(view, StopView)
        assert (view.stop.reason, view.ends, view.needs) == (Reason.CANCELLED, True, ())
        assert (view.words, view.stop.detail) == ("by the buyer", "")
        assert floor.tones == [Tone.STOP]
        beats = len(floor.server.beats)
        until(lambda: len(floor.server.beats) > beats + 1)
        assert floor.scan(builders.CANDLE).reason is Reason.STOPPED
        view = floor.bench.view
        assert isinstance(view, StopView)
        assert view.words == "by the buyer", "the reason stays as long as the stop"
        floor.scan("PPC-OK")
        floor.reach_queue()
        until(lambda: floor.journal.unsent == 0)
        assert [e.kind for e in floor.server.log("1043")] == ["scan", "stop", "scan", "scan"]


def test_a_parked_box_that_is_cancelled_stays_on_the_screen_until_its_slip_is_scanned(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        session_id = floor.pack_view.session.session_id
        floor.scan("PPC-PARK")
        floor.server.stops = [wire.SessionStop(session_id=session_id, reason=Reason.CANCELLED)]
        until(lambda: [box.reason for box in floor.reach_queue().parked] == [Reason.CANCELLED])
        flash = floor.reach_queue().flash
        assert flash is not None
        assert (flash.item, flash.detail) == ("1043", Note.PULL_BOX)
        assert floor.tones == [Tone.STOP]
    with OneBench(tmp_path, floor.server) as again:
        assert [(box.number, box.reason) for box in again.reach_queue().parked] == [("1043", Reason.CANCELLED)]
        again.server.refuse["orders/open"] = wire.Problem(code="cancelled", detail="it was cancelled", status=409)
        again.scan("1043")
        assert again.reach_queue().parked == ()


def test_the_heartbeat_tells_what_the_board_shows(tmp_path: Path) -> None:
    with OneBench(tmp_path).open() as floor:
        floor.scan(builders.CANDLE)
        until(lambda: floor.server.beats[-1].verified == 1)
        beat = floor.server.beats[-1]
        assert (beat.desk, beat.person_id, beat.order_number) == ("pack", 1, "1043")
        assert (beat.phase, beat.units, beat.last_reason) == (Phase.PACKING, 3, Reason.OK)
        assert beat.open_sessions == (floor.pack_view.session.session_id,)


def test_a_clock_that_is_off_is_shown(tmp_path: Path) -> None:
    with OneBench(tmp_path) as floor:
        assert floor.bench.status.clock_off == 0.0
        floor.server.clock_off = 120.0
        until(lambda: round(floor.bench.status.clock_off) == 120, "the clock to be shown as 2 min fast")


def test_a_scanner_that_is_gone_is_shown(tmp_path: Path) -> None:
    with OneBench(tmp_path) as floor:
        floor.bench.note_source(SourceStatus("serial:/dev/x", "serial", "connected", "", None))
        assert floor.bench.status.scanner == Lamp(Light.OK, State.READY)
        floor.bench.note_source(SourceStatus("serial:/dev/x", "serial", "waiting", "gone", None))
        assert floor.bench.status.scanner == Lamp(Light.OFF, State.NOT_CONNECTED)


def test_a_scan_never_raises(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with OneBench(tmp_path).open() as floor:
        monkeypatch.setattr("server.domain.packing.rules.judge", lambda *_: 1 / 0)
        flash = floor.scan(builders.CANDLE)
        assert (flash.reason, flash.detail) == (Reason.STOPPED, "fault")


def test_without_a_printer_nothing_is_bought(tmp_path: Path) -> None:
    with OneBench(tmp_path, spool=False).pack() as floor:
        assert (floor.pack_view.stage, floor.pack_view.bought) == (LabelStage.FAILED, Bought.NOT_BOUGHT)
        assert floor.server.purchases == []
        assert floor.bench.status.printer == Lamp(Light.OFF, State.NO_PRINTER)


def test_nobody_else_can_read_the_journal(tmp_path: Path) -> None:
    with OneBench(tmp_path):
        assert stat.S_IMODE((tmp_path / "journal.db").stat().st_mode) == 0o600
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            sqlite3.connect(tmp_path / "journal.db", timeout=0).execute("SELECT * FROM session")


def test_the_queue_is_shown_after_signing_in(tmp_path: Path) -> None:
    with OneBench(tmp_path) as floor:
        assert isinstance(floor.bench.view, SignInView)
        floor.sign_in()
        until(lambda: isinstance(floor.bench.view, QueueView) and floor.bench.view.waiting == 1)


def test_what_waits_is_asked_for_at_once_by_whoever_signs_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 60.0)
    with OneBench(tmp_path) as floor:
        floor.sign_in()
        until(lambda: floor.reach_queue().waiting == 1, "the queue without waiting for the next heartbeat")


def test_with_the_server_off_the_bench_does_not_say_that_nothing_waits(tmp_path: Path) -> None:
    server = FakeServer([builders.order()])
    with OneBench(tmp_path, server) as floor:
        floor.sign_in()
    server.away = True
    with OneBench(tmp_path, server) as floor:
        until(lambda: floor.bench.status.server.light is Light.OFF)
        assert floor.reach_queue().waiting is None


def test_a_label_is_told_to_the_server_as_soon_as_a_scan_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uplink, "IDLE_SECONDS", 60.0)
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 60.0)
    with OneBench(tmp_path) as floor:
        floor.server.hold.clear()
        floor.pack()
        until(lambda: floor.journal.unsent == 0, "the scans to be sent")
        rounds: list[int] = []
        floor.bench._uplink.on_idle = lambda: rounds.append(len(rounds) + 1)
        for done in (1, 2):
            floor.bench._uplink.back()
            until(partial(rounds.__contains__, done), "the uplink to have nothing left to do")
        floor.server.hold.set()
        floor.reach(LabelStage.SCAN_LABEL)
        until(lambda: floor.journal.unsent == 0, "the label's event to be sent")
        assert [e.kind for e in floor.server.log("1043")][-1] == "label"


def test_the_screen_hears_that_everything_was_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # At the product's own pace: a round of sending that begins in this moment would tell nobody.
    with OneBench(tmp_path).open() as floor:
        floor.scan(builders.CANDLE)
        seen: list[int] = []
        floor.bench.on_change = lambda: seen.append(floor.bench.status.unsent)
        floor.scan(builders.CANDLE)
        until(lambda: 0 in seen, "a new picture once nothing is unsent")


def test_a_switched_off_printer_is_shown(tmp_path: Path) -> None:
    printer = FakePrinter()
    printer.off = True
    with OneBench(tmp_path, printer=printer).pack() as floor:
        until(lambda: floor.bench.status.printer.light is Light.LOOK)
        assert floor.bench.status.printer.words == "it is switched off"
