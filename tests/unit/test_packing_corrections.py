"""Taking goods out of the box again by scan: asked first, confirmed, and never more than there is."""

from dataclasses import replace

import pytest

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.order import Mode
from server.domain.packing.rules import apply, judge
from server.domain.packing.session import AskedKind, Captured, Fact, FactKind, Phase, Session, Verdict
from server.domain.packing.wants import PackedBox
from server.usecases.benchwork.judging import packed, unpacked
from tests import builders
from tests.builders import CANDLE, CANDLE_CASE, MUG, SOAP

BOTH = (("CANDLE", 8), ("SOAP", 2))


def after(start: Session, *texts: str, apart: float = 2.0) -> Verdict:
    """The verdict of the last of these scans, ``apart`` seconds between them."""
    verdict, at = None, 1000.0
    for text in texts:
        at += apart
        verdict = judge(start, builders.scan(text, at))
        start = verdict.session
    assert verdict is not None
    return verdict


def box(*scans: str, lines: tuple[tuple[str, int], ...] = BOTH) -> Session:
    """A session in which these codes were scanned."""
    start = builders.session(lines=lines)
    return after(start, *scans).session if scans else start


def test_undo_names_the_last_scan_and_takes_nothing_out_yet() -> None:
    asked = after(box(CANDLE, SOAP), "PPC-UNDO")
    assert (asked.reason, asked.tone, asked.item, asked.units) == (Reason.UNDO_WHICH, Tone.LOOK, "Soap ROSE", 0)
    assert asked.session.counts == (1, 1)


def test_undo_twice_takes_out_the_last_scan_and_says_so_in_amber() -> None:
    gone = after(box(CANDLE, SOAP), "PPC-UNDO", "PPC-UNDO")
    assert (gone.reason, gone.tone, gone.units, gone.item) == (Reason.TAKEN_OUT, Tone.LOOK, -1, "Soap ROSE")
    assert (gone.session.counts, gone.line_no, gone.session.asked) == ((1, 0), 2, None)


def test_a_case_that_was_scanned_last_goes_out_as_a_case() -> None:
    assert after(box(CANDLE, CANDLE_CASE), "PPC-UNDO", "PPC-UNDO").session.counts == (1, 0)


def test_a_trigger_held_too_long_confirms_nothing() -> None:
    asked = after(box(SOAP), "PPC-UNDO").session
    soon = judge(asked, builders.scan("PPC-UNDO", 1002.9))
    assert (soon.reason, soon.session) == (Reason.REPEAT, asked)
    assert judge(asked, builders.scan("PPC-UNDO", 1003.0)).reason is Reason.TAKEN_OUT


def test_a_clock_that_was_set_back_does_not_keep_a_packer_from_confirming() -> None:
    asked = after(box(SOAP), "PPC-UNDO").session
    assert judge(asked, builders.scan("PPC-UNDO", 500.0)).reason is Reason.TAKEN_OUT


def test_an_item_scanned_after_undo_is_the_one_that_goes() -> None:
    gone = after(box(CANDLE, SOAP), "PPC-UNDO", CANDLE)
    assert (gone.reason, gone.units, gone.session.counts) == (Reason.TAKEN_OUT, -1, (0, 1))
    assert [t.sku for t in gone.session.taken] == ["SOAP"]


def test_an_item_that_is_not_in_the_box_is_neither_taken_out_nor_counted_nor_a_stop() -> None:
    for code in (CANDLE, MUG):
        verdict = after(box(SOAP), "PPC-UNDO", code)
        assert (verdict.reason, verdict.session.counts, verdict.session.stop) == (Reason.NOTHING_TO_TAKE, (0, 1), None)


def test_a_question_that_is_half_a_minute_old_is_dropped_and_the_item_counts() -> None:
    asked = after(box(SOAP), "PPC-UNDO").session
    later = judge(asked, builders.scan(CANDLE, 1002.0 + 30.1))
    assert (later.reason, later.session.counts, later.session.asked) == (Reason.OK, (1, 1), None)


@pytest.mark.parametrize("question", ["PPC-UNDO", "PPC-EMPTY"])
def test_ok_drops_the_question(question: str) -> None:
    left = after(box(SOAP), question, "PPC-OK")
    assert (left.reason, left.session.counts, left.session.asked) == (Reason.OK, (0, 1), None)


@pytest.mark.parametrize("question", ["PPC-UNDO", "PPC-EMPTY"])
def test_an_empty_box_has_nothing_to_take_out(question: str) -> None:
    verdict = after(box(), question)
    assert (verdict.reason, verdict.tone, verdict.session.asked) == (Reason.NOTHING_TO_TAKE, Tone.LOOK, None)


def test_empty_then_an_item_resets_its_lines_and_leaves_the_others() -> None:
    start = box(CANDLE, CANDLE, SOAP, CANDLE, lines=(("CANDLE", 2), ("SOAP", 2), ("CANDLE", 4)))
    gone = after(start, "PPC-EMPTY", CANDLE)
    assert (gone.reason, gone.units, gone.session.counts) == (Reason.TAKEN_OUT, -3, (0, 1, 0))


def test_empty_twice_empties_the_box() -> None:
    gone = after(box(CANDLE, SOAP, CANDLE_CASE), "PPC-EMPTY", "PPC-EMPTY")
    assert (gone.reason, gone.units, gone.session.counts) == (Reason.EMPTIED, -8, (0, 0))
    assert gone.session.taken == ()
    assert after(gone.session, SOAP).session.counts == (0, 1)


def test_undo_goes_on_and_on_until_the_box_is_empty() -> None:
    session = box(CANDLE, SOAP, CANDLE_CASE)
    seen = []
    for _ in range(3):
        session = after(session, "PPC-UNDO", "PPC-UNDO").session
        seen.append(session.counts)
    assert seen == [(1, 1), (1, 0), (0, 0)]


def test_the_last_unit_can_be_taken_out_before_the_label_is_bought_and_not_after() -> None:
    full = box(SOAP, lines=(("SOAP", 1),))
    assert full.phase is Phase.CHECKED
    gone = after(full, "PPC-UNDO", "PPC-UNDO").session
    assert (gone.phase, gone.counts) == (Phase.PACKING, (0,))
    bought = apply(full, Fact(FactKind.LABEL, parcel_id="P-1", tracking="TRK00000001"))
    for command in ("PPC-UNDO", "PPC-EMPTY"):
        refused = after(bought, command)
        assert (refused.reason, refused.session.counts, refused.session.phase) == (Reason.NOT_NOW, (1,), Phase.LABEL)


def test_what_is_in_a_sealed_box_stays_there() -> None:
    sealed = replace(box(CANDLE, CANDLE, SOAP), sealed=(PackedBox((2, 0)),))
    assert after(sealed, "PPC-UNDO", CANDLE).reason is Reason.NOTHING_TO_TAKE
    assert after(sealed, "PPC-EMPTY", "PPC-EMPTY").session.counts == (2, 0)


def test_taking_a_unit_out_frees_its_lot_and_its_serial_number() -> None:
    known = (Captured("SOAP", 1, serial="S-1"), Captured("CANDLE", 1, lot="L1"), Captured("SOAP", 1, serial="S-2"))
    start = replace(box(SOAP, CANDLE, SOAP), captured=known)
    last = after(start, "PPC-UNDO", "PPC-UNDO").session
    assert [c.serial or c.lot for c in last.captured] == ["S-1", "L1"]
    assert after(start, "PPC-EMPTY", "PPC-EMPTY").session.captured == ()


def test_of_two_serial_numbers_the_one_that_is_scanned_goes() -> None:
    known = (Captured("SOAP", 1, serial="S-1"), Captured("SOAP", 1, serial="S-2"))
    start = replace(box(SOAP, SOAP), captured=known)
    unsure = after(start, "PPC-UNDO", SOAP)
    assert (unsure.reason, unsure.session.counts) == (Reason.NEED_SERIAL, (0, 2))
    gone = after(start, "PPC-UNDO", SOAP, "S-1").session
    assert (gone.counts, [c.serial for c in gone.captured]) == ((0, 1), ["S-2"])


def test_of_two_lots_the_one_that_is_scanned_goes() -> None:
    start = replace(box(SOAP, SOAP), captured=(Captured("SOAP", 1, lot="L1"), Captured("SOAP", 1, lot="L2")))
    unsure = after(start, "PPC-UNDO", SOAP)
    assert (unsure.reason, unsure.session.counts) == (Reason.NEED_LOT, (0, 2))
    gone = after(start, "PPC-UNDO", SOAP, "L1").session
    assert (gone.counts, [c.lot for c in gone.captured]) == ((0, 1), ["L2"])


def test_nothing_is_taken_out_while_a_stop_stands() -> None:
    stopped = after(box(SOAP), MUG).session
    verdict = after(stopped, "PPC-UNDO", "PPC-UNDO")
    assert (verdict.reason, verdict.session.counts) == (Reason.STOPPED, (0, 1))


def test_a_question_survives_the_servers_json() -> None:
    asked = after(box(SOAP, CANDLE), "PPC-UNDO").session
    assert unpacked(packed(asked)) == asked
    assert asked.asked is not None and asked.asked.kind is AskedKind.UNDO


def test_a_box_that_is_parked_comes_back_without_the_question() -> None:
    parked = apply(after(box(SOAP), "PPC-UNDO").session, Fact(FactKind.PARK))
    assert (parked.phase, parked.asked) == (Phase.PARKED, None)


def warning(*scans: str) -> Session:
    """The same at a bench that only warns."""
    start = box(*scans)
    return replace(start, order=replace(start.order, mode=Mode.WARN))


@pytest.mark.parametrize(
    ("scans", "reason"),
    [((MUG,), Reason.WARN_WRONG_ITEM), ((SOAP, SOAP, SOAP), Reason.WARN_OVER_QUANTITY)],
)
def test_a_bench_that_only_warns_shows_amber_and_goes_on_without_counting(
    scans: tuple[str, ...], reason: Reason
) -> None:
    verdict = after(warning(), *scans)
    assert (verdict.reason, verdict.tone, verdict.session.stop) == (reason, Tone.LOOK, None)
    assert verdict.session.counts == (0, len(scans) - 1)
    assert after(verdict.session, CANDLE).reason is Reason.OK


def test_an_unknown_code_never_latches_at_a_bench_that_only_warns() -> None:
    verdict = after(warning(), "NOPE", "NADA", "NOTHING")
    assert (verdict.reason, verdict.tone, verdict.session.stop) == (Reason.UNKNOWN_CODE, Tone.LOOK, None)
