"""Goods counted at a dock by scans alone: booked once, kept while the server is away, nothing counted twice."""

import time
from pathlib import Path

import pytest

import scanners.reader
from server import wire
from server.domain.benchwork.reasons import Reason, Tone
from station.goods_sheet import GoodsSheet, GoodsStep
from station.views import DockLobbyView, GoodsView, Note
from tests import builders
from tests.bench_floor import OneBench
from tests.builders import CANDLE, CANDLE_CASE, MUG, SOAP
from tests.fakes import FakeServer, until


class Clock:
    """The wall clock, which a test can put forward."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        import time

        return time.time() + self.ahead


class Dock(OneBench):
    """A dock where somebody is signed in, and a clock."""

    def __init__(self, folder: Path, server: FakeServer | None = None) -> None:
        self.ahead = Clock()
        super().__init__(folder, server, clock=self.ahead)

    def at(self, *codes: str, badge: str = builders.BADGE_DORA) -> "Dock":
        """Signed in, and these codes scanned."""
        self.sign_in(badge)
        if badge != builders.BADGE_DORA:
            self.scan("PPC-DOCK")
        if codes:
            self.scan(*codes)
        return self

    @property
    def sheet(self) -> GoodsSheet:
        """What is counted."""
        view = self.bench.view
        assert isinstance(view, GoodsView), view
        return view.sheet

    def listed(self, *codes: str) -> None:
        """Begin, and wait for the list."""
        self.scan(*codes)
        until(lambda: self.sheet.step is not GoodsStep.FETCHING, "the list")

    def done(self) -> None:
        """DONE, a second, DONE."""
        self.scan("PPC-DONE")
        self.ahead.ahead += 1.0
        self.scan("PPC-DONE")

    def counts(self) -> dict[str, int]:
        """Units by SKU."""
        return {row.sku: row.counted for row in self.sheet.rows}


def expected(ref: str, *lines: tuple[str, int], shelf: int | None = None) -> wire.GoodsExpected:
    return wire.GoodsExpected(ref=ref, lines=tuple(wire.GoodsLine(sku=s, units=n) for s, n in lines), expected=shelf)


def only(server: FakeServer) -> wire.GoodsDocument:
    [document] = server.booked.values()
    return document


def test_a_delivery_is_counted_by_unit_and_by_case_and_booked_on_the_second_done(tmp_path: Path) -> None:
    with Dock(tmp_path).at("PPC-RECEIVE") as floor:
        floor.server.goods["PO-7"] = expected("PO-7", ("CANDLE", 7), ("SOAP", 2))
        floor.listed("PO-7")
        assert floor.scan(CANDLE_CASE).tone is Tone.GOOD
        assert floor.scan(CANDLE).tone is Tone.LINE_FULL
        assert (floor.counts(), floor.sheet.missing) == ({"CANDLE": 7, "SOAP": 0}, 2)
        assert floor.scan("PPC-DONE").reason is Reason.NEED_CONFIRM
        assert floor.scan("PPC-DONE").reason is Reason.REPEAT
        assert floor.server.booked == {}
        floor.ahead.ahead += 1.0
        floor.scan("PPC-DONE")
        until(lambda: floor.sheet.step is GoodsStep.BOOKED, "the booking")
        document = only(floor.server)
        assert (document.kind, document.ref, document.person_id) == ("receive", "PO-7", 3)
        assert [(line.sku, line.units) for line in document.lines] == [("CANDLE", 7)]
        floor.scan("PPC-OK")
        assert isinstance(floor.bench.view, DockLobbyView)


def test_a_lost_answer_books_once_under_the_same_key(tmp_path: Path) -> None:
    with Dock(tmp_path).at("PPC-RECEIVE", MUG) as floor:
        floor.server.lose_answers["goods/book"] = 1
        floor.done()
        until(lambda: floor.sheet.step is GoodsStep.BOOKED, "the booking")
        assert floor.server.paths.count("goods/book") == 2
        assert only(floor.server).lines[0].units == 1


def test_without_the_server_the_count_is_kept_over_a_restart_and_booked_when_it_answers(tmp_path: Path) -> None:
    server = FakeServer()
    with Dock(tmp_path, server).at("PPC-RECEIVE", MUG, "PPQ-12") as floor:
        server.away = True
        floor.done()
        until(lambda: (view := floor.bench.view) and isinstance(view, GoodsView) and view.waits, "to be told")
        assert floor.bench.view.flash.detail == Note.GOODS_AWAY_KEPT  # type: ignore[union-attr]
        assert floor.scan(MUG).detail == Note.GOODS_WAIT, "what is being booked does not change any more"
    with Dock(tmp_path, server) as floor:
        assert floor.counts() == {"MUG": 12}
        server.away = False
        until(lambda: floor.sheet.step is GoodsStep.BOOKED, "the booking")
        assert (only(server).lines[0].units, only(server).person_id) == (12, 3)


def test_what_was_counted_survives_a_restart_before_it_is_booked(tmp_path: Path) -> None:
    with Dock(tmp_path).at("PPC-RECEIVE", MUG, MUG, "PPC-DONE"):
        pass
    with Dock(tmp_path) as floor:
        assert floor.counts() == {"MUG": 2}
        assert floor.scan("PPC-DONE").reason is Reason.NEED_CONFIRM, "the question was asked before the restart"


def test_a_number_after_an_item_is_so_many_of_it_and_undo_takes_the_last_scan_back(tmp_path: Path) -> None:
    with Dock(tmp_path).at("PPC-RECEIVE", SOAP, CANDLE_CASE, "PPQ-3") as floor:
        assert floor.counts() == {"SOAP": 1, "CANDLE": 18}
        assert floor.scan("PPQ-0").reason is Reason.BAD_QUANTITY
        assert floor.scan("PPC-UNDO").reason is Reason.TAKEN_OUT
        assert floor.counts() == {"SOAP": 1}


def test_a_cancelled_box_takes_back_what_it_held_and_nothing_else(tmp_path: Path) -> None:
    with Dock(tmp_path).at("PPC-PUT-BACK") as floor:
        assert floor.scan(CANDLE).detail == Note.GOODS_PAPER_FIRST
        floor.server.goods["TRK1"] = expected("1043", ("CANDLE", 2))
        floor.listed("TRK1")
        assert floor.scan(MUG).detail == Note.GOODS_NOT_IN_BOX
        floor.scan(CANDLE, CANDLE)
        assert floor.scan(CANDLE).detail == Note.GOODS_NOT_IN_BOX
        assert floor.counts() == {"CANDLE": 2}


@pytest.mark.parametrize(("badge", "gone"), [(builders.BADGE_DORA, False), (builders.BADGE_BEN, True)])
def test_only_a_supervisor_says_that_the_rest_of_a_cancelled_box_is_gone(
    tmp_path: Path, badge: str, gone: bool
) -> None:
    with Dock(tmp_path).at("PPC-PUT-BACK", badge=badge) as floor:
        floor.server.goods["TRK1"] = expected("1043", ("CANDLE", 2))
        floor.listed("TRK1")
        floor.scan(CANDLE, "PPC-DONE")
        flash = floor.scan("PPR-MISSING")
        assert (flash.detail == Note.GOODS_GONE_WHO) is not gone
        if gone:
            until(lambda: floor.sheet.step is GoodsStep.BOOKED, "the booking")
            assert only(floor.server).gone


def test_a_shelf_is_counted_blind_one_product_at_a_time(tmp_path: Path) -> None:
    with Dock(tmp_path).at("PPC-COUNT") as floor:
        floor.server.goods["MUG"] = expected("MUG", shelf=9)
        floor.listed(MUG)
        floor.scan(MUG)
        assert [row.expected for row in floor.sheet.rows] == [None], "the book is not shown to whoever counts"
        assert floor.scan(SOAP).detail == Note.GOODS_ONE_SHELF
        floor.done()
        until(lambda: floor.sheet.step is GoodsStep.BOOKED, "the booking")
        document = only(floor.server)
        assert (document.expected, [(line.sku, line.units) for line in document.lines]) == (9, [("MUG", 2)])


def test_an_empty_shelf_is_counted_as_nothing(tmp_path: Path) -> None:
    with Dock(tmp_path).at("PPC-COUNT") as floor:
        floor.server.goods["MUG"] = expected("MUG", shelf=9)
        floor.listed(MUG)
        floor.scan("PPC-UNDO")
        floor.done()
        until(lambda: floor.sheet.step is GoodsStep.BOOKED, "the booking")
        assert [(line.sku, line.units) for line in only(floor.server).lines] == [("MUG", 0)]


def test_a_count_that_the_server_cannot_begin_is_not_begun(tmp_path: Path) -> None:
    with Dock(tmp_path).at("PPC-COUNT") as floor:
        floor.server.away = True
        floor.listed(MUG)
        until(lambda: Tone.LOOK in floor.tones, "to be told")
        assert (floor.sheet.ref, floor.sheet.units) == ("", 0)


def test_a_refused_document_says_why_and_is_counted_on(tmp_path: Path) -> None:
    with Dock(tmp_path).at("PPC-RECEIVE", MUG) as floor:
        floor.server.refuse["goods/book"] = wire.Problem(code="need_lot", detail="MUG is kept by lot", status=409)
        floor.done()
        until(lambda: floor.sheet.step is GoodsStep.COUNTING, "the refusal")
        until(lambda: floor.bench.view.flash.words == "MUG is kept by lot", "its words")  # type: ignore[union-attr]
        assert floor.counts() == {"MUG": 1}


def test_a_paper_nobody_knows_is_asked_for_again(tmp_path: Path) -> None:
    with Dock(tmp_path).at("PPC-TRANSFER-IN") as floor:
        floor.listed("99")
        assert (floor.sheet.step, floor.sheet.ref) == (GoodsStep.PAPER, "")
        until(lambda: floor.bench.view.flash.words == "nobody knows 99", "the refusal")  # type: ignore[union-attr]


def test_all_that_was_counted_is_dropped_only_on_a_second_empty(tmp_path: Path) -> None:
    with Dock(tmp_path).at("PPC-RECEIVE", MUG) as floor:
        assert floor.scan("PPC-COUNT").detail == Note.GOODS_FINISH
        assert floor.scan("PPC-EMPTY").reason is Reason.NEED_CONFIRM
        assert floor.counts() == {"MUG": 1}
        floor.ahead.ahead += 1.0
        floor.scan("PPC-EMPTY")
        assert isinstance(floor.bench.view, DockLobbyView)


def test_a_lot_on_a_plain_label_is_of_what_was_scanned_and_of_what_follows(tmp_path: Path) -> None:
    with Dock(tmp_path).at("PPC-RECEIVE", CANDLE, CANDLE, "PPC-LOT") as floor:
        # A label that looks like a product is a lot all the same: it was asked for.
        assert floor.scan(MUG).detail == Note.GOODS_LOT_SET
        assert floor.scan(CANDLE).reason is Reason.OK
        floor.scan("PPC-LOT", "l-24/b")
        floor.scan("2099-01-31")
        floor.done()
        until(lambda: floor.sheet.step is GoodsStep.BOOKED, "the booking")
        found = {(line.lot, line.units, line.expires_on) for line in only(floor.server).lines}
        assert found == {(MUG, 2, ""), ("l-24/b", 1, "2099-01-31")}, "as it is printed, in small letters too"


def test_a_typed_lot_counts_after_yes_and_survives_a_restart(tmp_path: Path) -> None:
    server = FakeServer()
    with Dock(tmp_path, server).at("PPC-RECEIVE", CANDLE, "PPC-LOT") as floor:
        typed = scanners.reader.Scan("L24", "keyboard", time.time(), time.time(), typed=True)
        assert floor.bench.scan(typed).reason is Reason.NEED_CONFIRM
        assert floor.sheet.rows[0].lot == ""
    with Dock(tmp_path, server) as floor:
        assert floor.scan("PPC-YES").detail == Note.GOODS_LOT_SET
        assert floor.sheet.rows[0].lot == "L24"
        floor.scan("PPC-LOT", "PPC-OK")
        assert floor.scan(MUG).reason is Reason.OK, "OK goes back to counting"


def test_the_shelf_of_a_plain_lot_is_counted_against_that_lot(tmp_path: Path) -> None:
    with Dock(tmp_path) as floor:
        floor.server.goods["CANDLE"] = expected("CANDLE", shelf=9)
        floor.at("PPC-COUNT")
        floor.listed(CANDLE)
        floor.listed("PPC-LOT", "L24")
        assert floor.scan(CANDLE).reason is Reason.OK
        assert floor.scan("PPC-LOT").detail == Note.GOODS_ONE_SHELF, "half of a count is of no other lot"
        floor.done()
        until(lambda: floor.sheet.step is GoodsStep.BOOKED, "the booking")
        assert [(line.lot, line.units) for line in only(floor.server).lines] == [("L24", 2)]
