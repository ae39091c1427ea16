"""Every screen can be left with a scanner alone: no mouse, no key, no typing (PCK-13)."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from server import wire
from server.domain.benchwork.handoff import ParcelState
from server.domain.benchwork.reasons import Reason, Tone
from station.desks import labels
from station.views import (
    DockLobbyView,
    DockView,
    GoodsView,
    HelpView,
    LabelStage,
    LoadSummaryView,
    PackView,
    PalletView,
    QueueView,
    SignInView,
    StopView,
    View,
)
from station.wording import say
from tests import builders
from tests.bench_floor import ALL_UNITS, OneBench, orders
from tests.fakes import FakePrinter, FakeServer, until

pytestmark = pytest.mark.usefixtures("quick_bench")

LABEL, PARCEL = "TRK00001043", "TRK00000001"


class Clock:
    """The wall clock, which a test can put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.stands_at: float | None = None

    def __call__(self) -> float:
        return (self.stands_at or time.time()) + self.ahead


class ScannerOnly(OneBench):
    """A bench whose keyboard was taken away."""

    def __init__(self, folder: Path, *, off: bool = False) -> None:
        printer = FakePrinter()
        printer.off = off
        self.ahead = Clock()
        server = FakeServer(orders("1043", "2000"))
        server.add_parcels(builders.parcel("1"), builders.parcel("2"))
        super().__init__(folder, server, printer=printer, clock=self.ahead)
        self.bench.acknowledge = self._no_keyboard  # type: ignore[method-assign]

    def sees(self, kind: type[View], what: str = "") -> View:
        """Wait for a screen."""
        until(lambda: isinstance(self.bench.view, kind), what or kind.__name__)
        return self.bench.view

    @staticmethod
    def _no_keyboard() -> None:
        raise AssertionError("somebody pressed Enter")


def sign_in(floor: ScannerOnly) -> None:
    floor.begin()
    floor.sees(SignInView)


def queue(floor: ScannerOnly) -> None:
    floor.sign_in(builders.BADGE_BEN)


def opening(floor: ScannerOnly) -> None:
    queue(floor)
    floor.server.delay = 0.3
    floor.scan("PPO-1043")
    view = floor.bench.view
    assert isinstance(view, QueueView)
    assert view.opening == "1043"


def packing(floor: ScannerOnly) -> None:
    floor.open(badge=builders.BADGE_BEN)


def wrong_item(floor: ScannerOnly) -> None:
    packing(floor)
    floor.scan(builders.MUG)
    floor.sees(StopView)


def one_too_many(floor: ScannerOnly) -> None:
    packing(floor)
    floor.scan(builders.SOAP, builders.SOAP)
    floor.sees(StopView)


def unknown_twice(floor: ScannerOnly) -> None:
    packing(floor)
    floor.scan("nothing", "nothing at all")
    floor.sees(StopView)


def cancelled(floor: ScannerOnly) -> None:
    packing(floor)
    session_id = floor.pack_view.session.session_id
    floor.server.stops = [wire.SessionStop(session_id=session_id, reason=Reason.CANCELLED)]
    floor.sees(StopView)


def helping(floor: ScannerOnly) -> None:
    packing(floor)
    floor.scan("PPC-HELP")
    floor.sees(HelpView)


def helping_at_the_queue(floor: ScannerOnly) -> None:
    queue(floor)
    floor.scan("PPC-HELP")
    floor.sees(HelpView)


def asked_what_to_take_out(floor: ScannerOnly) -> None:
    packing(floor)
    floor.scan(builders.SOAP, "PPC-UNDO")
    assert floor.pack_view.session.asked


def asked_what_is_wrong(floor: ScannerOnly) -> None:
    packing(floor)
    floor.scan("PPC-PROBLEM")
    assert floor.pack_view.session.asked


def buying(floor: ScannerOnly) -> None:
    floor.server.hold.clear()
    packing(floor)
    floor.scan(*ALL_UNITS)
    floor.reach(LabelStage.BUYING)


def printing(floor: ScannerOnly) -> None:
    floor.printer.off = True
    packing(floor)
    floor.scan(*ALL_UNITS)
    floor.reach(LabelStage.PRINTING)


def scan_label(floor: ScannerOnly) -> None:
    packing(floor)
    floor.scan(*ALL_UNITS)
    floor.reach(LabelStage.SCAN_LABEL)


def failed(floor: ScannerOnly) -> None:
    floor.server.refuse["/label"] = wire.Problem(code="bad_address", detail="No such postcode", status=422)
    packing(floor)
    floor.scan(*ALL_UNITS)
    floor.reach(LabelStage.FAILED)


def wrong_label(floor: ScannerOnly) -> None:
    scan_label(floor)
    floor.scan("TRK00009999")
    floor.sees(StopView)


def lobby(floor: ScannerOnly) -> None:
    queue(floor)
    floor.scan("PPC-DOCK")
    floor.sees(DockLobbyView)


def loading(floor: ScannerOnly) -> None:
    lobby(floor)
    floor.scan("PPL-VAN")
    floor.sees(DockView)


def dock_stop(floor: ScannerOnly) -> None:
    loading(floor)
    floor.server.change_parcel("P-1", ParcelState.CANCELLED)
    view = floor.bench.view
    until(lambda: (view := floor.bench.view) and view.load.parcels[0].state is ParcelState.CANCELLED, "news")  # type: ignore[union-attr]
    assert isinstance(view, DockView)
    floor.scan(PARCEL)
    floor.sees(StopView)


def summary(floor: ScannerOnly) -> None:
    loading(floor)
    floor.scan(PARCEL, "PPC-CLOSE")
    floor.sees(LoadSummaryView)


def closed(floor: ScannerOnly) -> None:
    summary(floor)
    floor.scan("PPQ-1")
    floor.ahead.ahead += 1.0
    floor.scan("PPC-CLOSE")
    until(lambda: isinstance(view := floor.bench.view, LoadSummaryView) and view.closed, "the load to close")


def goods_paper(floor: ScannerOnly) -> None:
    lobby(floor)
    floor.scan("PPC-PUT-BACK")
    floor.sees(GoodsView)


def goods_counting(floor: ScannerOnly) -> None:
    lobby(floor)
    floor.scan("PPC-RECEIVE", builders.SOAP)
    floor.sees(GoodsView)


def goods_kept(floor: ScannerOnly) -> None:
    goods_counting(floor)
    floor.server.away = True
    floor.scan("PPC-DONE")
    floor.ahead.ahead += 1.0
    floor.scan("PPC-DONE")
    until(lambda: isinstance(view := floor.bench.view, GoodsView) and view.waits, "the server to be missed")


def pallet(floor: ScannerOnly) -> None:
    lobby(floor)
    floor.scan("PPC-PALLET")
    floor.sees(PalletView)


Way = tuple[Callable[[ScannerOnly], None], tuple[str, ...], type[View]]
WAYS: list[Way] = [
    (sign_in, (builders.BADGE_ANA,), QueueView),
    (sign_in, (builders.BADGE_DORA,), DockLobbyView),
    (queue, ("PPC-SIGN-OUT",), SignInView),
    (queue, ("PPC-DOCK",), DockLobbyView),
    (queue, ("PPO-1043",), PackView),
    (opening, (), PackView),
    (packing, ("PPC-PARK",), QueueView),
    (packing, ("PPC-HOLD",), QueueView),
    (helping, ("PPC-OK",), PackView),
    (helping, ("PPC-HELP",), PackView),
    (helping, (builders.SOAP,), PackView),
    (helping_at_the_queue, ("PPC-OK",), QueueView),
    (helping_at_the_queue, ("PPO-1043",), PackView),
    (asked_what_to_take_out, ("PPC-OK",), PackView),
    (asked_what_to_take_out, (builders.SOAP,), PackView),
    (asked_what_is_wrong, ("PPC-OK",), PackView),
    (asked_what_is_wrong, ("PPR-DAMAGED",), QueueView),
    (wrong_item, ("PPC-OK",), PackView),
    (one_too_many, ("PPC-OK",), PackView),
    (unknown_twice, ("PPC-OK",), PackView),
    (cancelled, ("PPC-OK",), QueueView),
    (buying, ("PPC-PARK",), QueueView),
    (printing, ("PPC-PARK",), QueueView),
    (scan_label, ("PPC-PARK",), QueueView),
    (scan_label, (LABEL,), QueueView),
    (failed, ("PPC-PARK",), QueueView),
    (wrong_label, ("PPC-OK", LABEL), QueueView),
    (lobby, ("PPC-PACK",), QueueView),
    (lobby, ("PPC-SIGN-OUT",), SignInView),
    (lobby, ("PPL-VAN",), DockView),
    (goods_paper, ("PPC-OK",), DockLobbyView),
    (goods_paper, ("PPC-PACK",), QueueView),
    (goods_counting, ("PPC-SIGN-OUT",), SignInView),
    (goods_kept, ("PPC-PACK",), QueueView),
    (pallet, ("PPC-OK",), DockLobbyView),
    (pallet, ("PPC-PACK",), QueueView),
    (loading, ("PPC-PACK",), QueueView),
    (loading, ("PPC-SIGN-OUT",), SignInView),
    (loading, ("PPC-CLOSE",), LoadSummaryView),
    (dock_stop, ("PPC-OK",), DockView),
    (summary, ("TRK00000002",), DockView),
    (summary, ("PPC-OK",), DockView),
    (summary, ("PPL-VAN",), DockView),
    (summary, ("PPC-PACK",), QueueView),
    (summary, ("PPC-SIGN-OUT",), SignInView),
    (closed, ("PPC-OK",), DockLobbyView),
    (closed, ("PPL-POST",), DockView),
    (closed, ("PPC-PACK",), QueueView),
]


@pytest.mark.parametrize(
    ("screen", "codes", "then"), WAYS, ids=[f"{way[0].__name__}-{'-'.join(way[1])}" for way in WAYS]
)
def test_a_screen_is_left_by_scans_alone(
    tmp_path: Path, screen: Callable[[ScannerOnly], None], codes: tuple[str, ...], then: type[View]
) -> None:
    with ScannerOnly(tmp_path) as floor:
        screen(floor)
        if codes:
            floor.scan(*codes)
        floor.sees(then, f"{then.__name__} after {codes}")
        floor.server.hold.set()


def test_no_screen_was_forgotten() -> None:
    reached = {"SignInView", "QueueView", "PackView", "StopView", "DockLobbyView", "DockView", "LoadSummaryView"}
    assert {view.__name__ for view in get_args(View)} == reached | {"GoodsView", "PalletView", "HelpView"}


def test_no_label_comes_and_the_box_stands_aside_by_itself_after_five_seconds(tmp_path: Path) -> None:
    assert labels.PARK_SECONDS == 5.0
    with ScannerOnly(tmp_path) as floor:
        floor.ahead.stands_at = time.time()
        printing(floor)
        floor.ahead.ahead = 4.9
        beats = len(floor.server.beats)
        until(lambda: len(floor.server.beats) > beats + 1, "the bench to have looked at its clock")
        assert isinstance(floor.bench.view, PackView), "4.9 seconds are not five"
        floor.ahead.ahead = 5.0
        floor.sees(QueueView)
        assert Tone.LOOK in floor.tones


def test_what_the_screen_says_after_a_refused_label_is_what_works(tmp_path: Path) -> None:
    """The words name a code for a second try; that code must try again."""
    words = say.STAGES[LabelStage.FAILED].do
    [again] = [name for name in ("REPRINT", "YES", "OK") if f"{name} to try again" in words]
    with ScannerOnly(tmp_path) as floor:
        failed(floor)
        floor.server.refuse.clear()
        assert floor.scan(f"PPC-{again}").reason is Reason.OK, words
        floor.reach(LabelStage.SCAN_LABEL)


def test_a_whole_shift_is_worked_with_a_scanner_alone(tmp_path: Path) -> None:
    with ScannerOnly(tmp_path) as floor:
        floor.begin()
        floor.scan(builders.BADGE_BEN, "PPO-1043")
        floor.sees(PackView)
        floor.scan("PPX-M", builders.CANDLE, builders.MUG, "PPC-OK", builders.CANDLE, builders.SOAP)
        floor.reach(LabelStage.SCAN_LABEL)
        floor.scan("PPC-REPRINT")
        until(lambda: len(floor.printer.jobs) == 2, "the second copy")
        floor.scan(LABEL)
        floor.sees(QueueView)
        floor.scan("PPC-DOCK", "PPL-VAN")
        floor.sees(DockView)
        floor.scan(PARCEL, "TRK00000002", "PPC-CLOSE")
        floor.ahead.ahead += 1.0
        floor.scan("PPC-CLOSE")
        until(lambda: isinstance(view := floor.bench.view, LoadSummaryView) and view.closed, "the load to close")
        floor.scan("PPC-PACK", "PPC-SIGN-OUT")
        floor.sees(SignInView)
        assert floor.server.purchases and len(floor.server.purchases) == 1
