"""Labels allotted beforehand: a box is labelled with no server in sight, by the number the server has for it."""

import signal
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from printing.documents import PackingSlip, SlipLine
from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.session import Phase
from station.desks import labels
from station.views import Bought, LabelStage, Light, Note
from tests import builders, warm
from tests.bench_floor import ALL_UNITS, OneBench, orders
from tests.fakes import FakePrinter, FakeServer, until

pytestmark = pytest.mark.usefixtures("quick_bench")

LABEL = "TRK00001043"


def holding(*numbers: str) -> FakeServer:
    """A server that leases these orders to the bench, each with its label."""
    server = FakeServer(orders(*numbers))
    server.leased, server.allots = list(numbers), list(numbers)
    return server


def cut_off(folder: Path, server: FakeServer, printer: FakePrinter | None = None) -> OneBench:
    """A bench that has its lease and its labels, and knows that the server is gone."""
    floor = OneBench(folder, server, printer=printer).sign_in()
    until(lambda: len(floor.journal.allotted()) == len(server.allots), "the labels")
    server.away = True
    until(lambda: floor.bench.status.server.light is Light.OFF, "the bench to notice")
    return floor


def kinds(server: FakeServer, number: str = "1043") -> list[str]:
    return [event.kind for event in server.log(number)]


def test_a_box_gets_its_label_with_no_server_in_sight_and_is_closed_by_scanning_it(tmp_path: Path) -> None:
    server = holding("1043")
    with cut_off(tmp_path, server) as floor:
        floor.scan("PPO-1043", *ALL_UNITS)
        floor.reach(LabelStage.SCAN_LABEL)
        assert floor.pack_view.bought is Bought.ALLOTTED, "said as it is: nobody bought it"
        assert [b"1043" in job for job in floor.printer.jobs] == [True]
        assert floor.scan(LABEL).tone is Tone.BOX_DONE
        assert floor.reach_queue().just_closed == "1043"
        assert floor.journal.allotted_label(1043) is not None, "its log is not sent yet"
        server.away = False
        until(lambda: floor.journal.sessions() == (), "all of it to arrive")
        assert kinds(server) == ["claim", "scan", "scan", "scan", "label", "scan"]
        assert (server.log("1043")[4].tracking, server.purchases) == (LABEL, [])
        assert server.replayed(next(iter(server.sessions))).phase is Phase.CLOSED
        assert floor.journal.allotted() == {}, "the address is gone with the box"


def test_the_label_says_the_day_and_weight_of_the_box_and_its_slip_the_lots_in_it(tmp_path: Path) -> None:
    order = builders.order()
    lines = tuple(replace(line, by_lot=True, lots=()) if line.sku == "SOAP" else line for line in order.lines)
    server = holding("1043")
    server.orders["1043"] = replace(order, lines=lines, time_zone="Pacific/Auckland")
    slip_lines = tuple(SlipLine(line.name, line.variant, line.sku, line.quantity) for line in lines)
    to = builders.label("P", LABEL, "1043").ship_to
    slip = PackingSlip("1043", "PPO-1043", "2000-01-01", to, to, slip_lines)
    server.papers = wire.Papers(slip=slip)
    noon = 1_764_763_200.0  # 2025-12-03 12:00 UTC, the 4th in Auckland
    with OneBench(tmp_path, server) as floor:
        floor.sign_in()
        until(floor.journal.allotted, "the label")
    server.away = True
    with OneBench(tmp_path, server, clock=lambda: noon) as floor:
        floor.scan("PPO-1043", *ALL_UNITS[:2])
        floor.scan("(01)" + f"{builders.SOAP:0>14}" + "(10)L7", "(01)" + f"{builders.SOAP:0>14}" + "(10)L7")
        until(lambda: len(floor.printer.jobs) == 2, "label and slip")
        paper = b"\n".join(floor.printer.jobs)
        assert b"2025-12-04" in paper and b"2000-01-01" not in paper
        assert b"lot L7" in paper


def test_a_server_that_takes_too_long_is_not_waited_for_and_its_late_answer_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(labels, "PARK_SECONDS", 0.3)
    server = holding("1043")
    with OneBench(tmp_path, server).sign_in() as floor:
        until(floor.journal.allotted, "the label")
        server.hold = threading.Event()
        floor.open()
        floor.scan(*ALL_UNITS)
        floor.reach(LabelStage.SCAN_LABEL)
        assert floor.pack_view.bought is Bought.ALLOTTED
        monkeypatch.setattr(labels, "PARK_SECONDS", 30.0)
        server.hold.set()
        until(lambda: floor.pack_view.bought is Bought.BOUGHT, "the server's own word")
        assert (len(floor.printer.jobs), floor.pack_view.session.tracking) == (1, LABEL)
        assert kinds(server).count("label") <= 1
        floor.scan(LABEL)
        until(lambda: floor.journal.sessions() == ())
        assert kinds(server).count("label") == 1


def test_with_the_server_there_its_label_is_bought_as_ever(tmp_path: Path) -> None:
    server = holding("1043")
    with OneBench(tmp_path, server).sign_in() as floor:
        until(floor.journal.allotted, "the label")
        floor.pack()
        floor.reach(LabelStage.SCAN_LABEL)
        assert (floor.pack_view.bought, len(server.purchases)) == (Bought.BOUGHT, 1)
        assert floor.journal.allotted() == {}


@pytest.mark.parametrize(
    "other",
    ["none allotted", "an order that changed since", "several boxes"],
)
def test_without_a_label_that_fits_the_box_is_parked_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: str
) -> None:
    monkeypatch.setattr(labels, "PARK_SECONDS", 0.1)
    server = holding("1043")
    with cut_off(tmp_path, server) as floor:
        kept = floor.journal.allotted_label(1043)
        assert kept is not None
        if other == "none allotted":
            floor.journal.forget_label(1043)
        elif other == "an order that changed since":
            floor.journal.keep_lease([1043], (), None, [replace(kept, version=kept.version + 1)])
            floor.journal.keep_lease([1043], [server.orders["1043"], *orders("2000")])
        floor.scan("PPO-1043", *ALL_UNITS[:2])
        if other == "several boxes":
            floor.scan("PPX-NEW")
        floor.scan(*ALL_UNITS[2:])
        until(lambda: [b.number for b in floor.reach_queue().parked] == ["1043"], "its box to be staged")
        assert floor.printer.jobs == []


DIES = """
import os, signal, sys
from pathlib import Path
from station.desks.labels import Labels
from tests.unit.test_desks_beforehand import ALL_UNITS, OneBench, holding
Labels._print = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
server = holding("1043")
server.away = True
with OneBench(Path(sys.argv[1]), server) as floor:
    floor.scan("PPO-1043", *ALL_UNITS)
    signal.pause()
"""


def test_a_bench_killed_between_journal_and_printer_prints_the_label_once(tmp_path: Path) -> None:
    server = holding("1043")
    with cut_off(tmp_path, server):
        pass
    assert warm.start(DIES, str(tmp_path), imports=warm.STATION).wait() == -signal.SIGKILL
    printer = FakePrinter()
    for _ in range(2):
        with OneBench(tmp_path, server, printer=printer) as floor:
            floor.reach(LabelStage.SCAN_LABEL)
            assert floor.pack_view.bought is Bought.ALLOTTED
    assert [b"1043" in job for job in printer.jobs] == [True]
    server.away = False
    with OneBench(tmp_path, server, printer=printer) as floor:
        floor.scan(LABEL)
        until(lambda: floor.journal.sessions() == ())
    assert (kinds(server).count("label"), len(printer.jobs)) == (1, 1)


def test_that_a_label_is_used_is_on_disk_before_anything_of_it_is_asked_of_a_printer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cut_off(tmp_path, holding("1043")) as floor:
        known: list[str] = []
        monkeypatch.setattr(
            floor.bench._jobs,
            "print",
            lambda _: known.extend(e.event.kind for e in floor.journal.sessions()[0].entries),
        )
        floor.scan("PPO-1043", *ALL_UNITS)
        until(lambda: known, "the label")
        assert known == ["claim", "scan", "scan", "scan", "label"]


def test_a_labelled_box_of_an_order_that_went_elsewhere_is_told_to_be_pulled_once(tmp_path: Path) -> None:
    server = holding("1043")
    with cut_off(tmp_path, server) as floor:
        floor.scan("PPO-1043", *ALL_UNITS)
        floor.reach(LabelStage.SCAN_LABEL)
        floor.scan(LABEL)
        assert floor.reach_queue().just_closed == "1043"
        floor.tones.clear()
        server.stop_after_events = wire.EventsAnswer(accepted_through=0, stop=Reason.CANCELLED, stop_detail="gone")
        server.away = False
        until(lambda: floor.journal.sessions() == (), "its log to arrive")
        flash = floor.reach_queue().flash
        assert flash is not None
        assert (flash.reason, flash.item, flash.detail) == (Reason.CANCELLED, "1043", Note.PULL_LABEL)
        assert floor.tones == [Tone.STOP]


def test_labels_go_with_the_lease_and_come_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.desks.leased.REFRESH_SECONDS", 0.02)
    server = holding("1043", "2000")
    server.allots = ["1043"]
    with OneBench(tmp_path, server).sign_in() as floor:
        until(lambda: floor.journal.allotted() == {1043: LABEL})
        server.allots = ["1043", "2000"]
        until(lambda: set(floor.journal.allotted()) == {1043, 2000}, "the one that came later")
        server.leased = ["2000"]
        until(lambda: set(floor.journal.allotted()) == {2000}, "the one somebody else has now to go")
