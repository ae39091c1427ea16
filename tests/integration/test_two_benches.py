"""Two real benches and the real server: single items, a tote to its end, an order that goes from one to the other."""

from collections.abc import Callable
from pathlib import Path

import pytest

from server.domain.benchwork.reasons import Reason
from server.domain.picks.waves import Limits
from server.usecases.picks.totes import bind
from server.usecases.picks.waves import Wanted, make_waves
from station.views import Flash, LabelStage, Note, PackView, StopView
from station.wording import told
from tests.bench_floor import OneBench
from tests.fakes import until
from tests.floor import BOSS, MUG, SOAP, SOAP_CASE, Floor

pytestmark = pytest.mark.usefixtures("quick_bench")

PACKER, SUPERVISOR = "PPB-PACKER-0001", "PPB-SUPERVISOR-0001"
Make = Callable[[str], OneBench]


@pytest.fixture
def make(floor: Floor, tmp_path: Path) -> Make:
    """An enrolled bench by its name; enter it to start it."""

    def made(name: str) -> OneBench:
        token = floor.bench(name).token
        folder = tmp_path / name.replace(" ", "-")
        bench = OneBench(folder, url=str(floor.http.base_url), token=token)
        bench.named = name
        return bench

    return made


def opened(bench: OneBench, code: str) -> PackView:
    bench.scan(code)
    until(lambda: isinstance(bench.bench.view, PackView), "the order to open")
    return bench.pack_view


def flash_of(bench: OneBench) -> Flash:
    flash = bench.bench.view.flash
    assert flash is not None
    return flash


def packed(bench: OneBench) -> None:
    """Its label scanned on it."""
    bench.reach(LabelStage.SCAN_LABEL)
    bench.scan(bench.pack_view.session.tracking or "")
    bench.reach_queue()


def test_single_items_are_packed_by_item_and_label_alone(floor: Floor, make: Make) -> None:
    numbers = [floor.order((sku, 1)) for sku in ("SOAP", "MUG", "SOAP")]
    with make("Bench 1") as bench:
        bench.sign_in(PACKER)
        for code in (SOAP, MUG, SOAP):
            opened(bench, code)
            packed(bench)
        until(lambda: {floor.status(number) for number in numbers} == {"packed"}, "the server to know")
        assert floor.incidents("verdicts_differ") == []
        bench.scan(SOAP)
        until(lambda: flash_of(bench).reason is Reason.WRONG_ITEM, "no order to be left")
        assert flash_of(bench).detail == Note.NO_SINGLE


def test_an_order_goes_to_another_bench_at_seven_of_twelve_and_the_first_one_counts_nothing_more(
    floor: Floor, make: Make
) -> None:
    number = floor.order(("SOAP", 12))
    with make("Bench 1") as mine, make("Bench 2") as other:
        mine.sign_in("PPB-ADMIN-0001")
        other.sign_in(PACKER)
        opened(mine, f"PPO-{number}")
        mine.scan(SOAP_CASE, SOAP)
        until(lambda: mine.journal.unsent == 0)
        other.scan(f"PPO-{number}")
        until(lambda: flash_of(other).detail == Note.TAKE_BADGE, "the refusal")
        assert other.scan("PPC-TAKE-OVER").detail == Note.SUPERVISOR_NOW
        opened(other, SUPERVISOR)
        assert told(flash_of(other)) == "7 of 12 verified by the one before. Count the box."
        until(lambda: isinstance(mine.bench.view, StopView), "the first bench to stop")
        view = mine.bench.view
        assert isinstance(view, StopView)
        assert (view.stop.reason, view.ends) == (Reason.TAKEN_OVER, True)
        assert mine.scan(SOAP).reason is Reason.STOPPED
        mine.scan("PPC-OK")
        mine.reach_queue()
        other.scan(*[SOAP] * 5)
        packed(other)
        until(lambda: floor.status(number) == "packed", "the server to know")
        assert (floor.stock("SOAP"), len(floor.audited("label.bought"))) == ((100, 12), 1)
        assert floor.incidents("verdicts_differ") == []


def test_a_tote_is_packed_to_its_end_and_what_is_left_over_is_told(floor: Floor, make: Make) -> None:
    numbers = [floor.order((sku, 1)) for sku in ("SOAP", "MUG")]
    [wave] = make_waves(floor.db, BOSS, Wanted("EAST", Limits()))
    bind(floor.db, BOSS, f"PPW-{wave.wave_id}", "PPT-17")
    with make("Bench 1") as bench:
        bench.sign_in(PACKER)
        bench.scan("PPT-17")
        until(lambda: flash_of(bench).detail == Note.ITEM_OF_TOTE, "the tote to ask for an item")
        opened(bench, MUG)
        bench.reach(LabelStage.SCAN_LABEL)
        assert bench.scan(SOAP).detail == Note.TOTE_MATE, "also with the label on its way"
        packed(bench)
        opened(bench, SOAP)
        packed(bench)
        until(lambda: bench.reach_queue().tote_ended == "17", "the question about the tote")
        assert bench.scan(SOAP).detail == Note.LEFT_OVER
        bench.scan("PPC-YES")
        until(lambda: floor.audited("tote.empty") == [("Packer Person", "Bench 1")], "the answer to arrive")
        assert len(floor.incidents("left_in_tote")) == 1
        assert {floor.status(number) for number in numbers} == {"packed"}
        assert floor.incidents("verdicts_differ") == []
