"""Lots at the bench: which one, whether this order may have it, and for how long it is still good."""

from dataclasses import replace

import pytest

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.captured import by_box, lots_in, lots_of
from server.domain.packing.lots_moved import moves_of
from server.domain.packing.order import Lot, OrderLine
from server.domain.packing.rules import apply, judge
from server.domain.packing.session import Fact, FactKind, Phase
from server.reading import read
from server.usecases.benchwork.judging import packed, unpacked
from tests.goods_to_pack import (
    BRUSH,
    CATALOG,
    CREAM,
    CREAM_CASE,
    NOON,
    PHONE,
    after,
    brush,
    cream,
    gs1,
    packing,
    phone,
    scanned,
)


def test_an_item_kept_by_lot_counts_only_when_its_lot_follows() -> None:
    asked = after(packing(cream()), CREAM)
    assert (asked.reason, asked.tone, asked.session.counts) == (Reason.NEED_LOT, Tone.LOOK, (0,))
    told = scanned(asked.session, "A1")
    assert (told.reason, told.session.counts, lots_in(told.session)) == (Reason.OK, (1,), {"CREAM": {"A1": 1}})


@pytest.mark.parametrize("text", ["a1", "(10)A1", "]C110A1", "(10)a1"])
def test_a_lot_may_be_written_in_any_case_and_with_its_identifier(text: str) -> None:
    assert lots_in(after(packing(cream()), CREAM, text).session) == {"CREAM": {"A1": 1}}


def test_one_gs1_code_gives_everything_in_one_scan() -> None:
    done = after(packing(cream(1)), gs1(CREAM, lot="A1", expiry="270630"))
    assert (done.reason, done.tone, done.session.phase) == (Reason.OK, Tone.BOX_DONE, Phase.CHECKED)


def test_a_lot_of_digits_is_no_misread_while_a_lot_is_asked_for() -> None:
    line = cream(lots=(Lot("4006381333932", reserved=1),))
    assert scanned(packing(line), "4006381333932").reason is Reason.BAD_READ
    assert after(packing(line), CREAM, "4006381333932").reason is Reason.OK


def test_another_item_instead_of_the_lot_is_judged_as_usual_and_the_first_does_not_count() -> None:
    verdict = after(packing(cream(), brush()), CREAM, BRUSH)
    assert (verdict.reason, verdict.session.counts, verdict.session.asked) == (Reason.OK, (0, 1), None)


@pytest.mark.parametrize("wanted", [(), (phone(1, 2),)])
def test_the_code_of_another_item_whose_lot_has_the_same_name_is_not_the_lot_that_was_asked_for(
    wanted: tuple[OrderLine, ...],
) -> None:
    asked = after(packing(cream(), *wanted), CREAM).session
    other = scanned(asked, gs1(PHONE, lot="A1"), NOON + 3)
    assert (other.reason, other.session.counts[0]) == (Reason.NEED_SERIAL if wanted else Reason.WRONG_ITEM, 0)


def test_a_lot_nobody_knows_is_asked_for_again() -> None:
    wrong = after(packing(cream()), CREAM, "ZZ")
    assert (wrong.reason, wrong.detail, wrong.session.counts) == (Reason.UNKNOWN_LOT, "ZZ", (0,))
    assert scanned(wrong.session, "A1").reason is Reason.OK


def test_another_valid_lot_counts_after_the_same_code_a_second_later() -> None:
    start = packing(cream())
    first = scanned(start, gs1(CREAM, lot="B2"))
    assert (first.reason, first.detail, first.session.counts) == (Reason.NEED_CONFIRM, "A1", (0,))
    soon = scanned(first.session, gs1(CREAM, lot="B2"), NOON + 0.9)
    assert (soon.reason, soon.session.counts) == (Reason.NEED_CONFIRM, (0,))
    sure = scanned(soon.session, gs1(CREAM, lot="B2"), NOON + 1.0)
    assert (sure.reason, lots_in(sure.session)) == (Reason.OK, {"CREAM": {"B2": 1}})


def test_a_lot_that_was_confirmed_once_is_not_asked_about_again() -> None:
    code = gs1(CREAM, lot="B2")
    assert after(packing(cream()), code, code, code).session.counts == (2,)


def test_another_lot_scanned_by_itself_is_confirmed_by_scanning_it_again() -> None:
    assert after(packing(cream()), CREAM, "B2", "B2").session.counts == (1,)


def test_a_clock_set_back_does_not_keep_a_lot_from_being_confirmed() -> None:
    code = gs1(CREAM, lot="B2")
    asked = scanned(packing(cream()), code).session
    back = scanned(asked, code, NOON - 3600)
    assert scanned(back.session, code, NOON - 3598).reason is Reason.OK


def test_units_beyond_what_the_order_was_promised_of_a_lot_are_refused_and_the_right_lot_is_named() -> None:
    line = cream(3, lots=(Lot("A1", reserved=1), Lot("B2", reserved=2)))
    code = gs1(CREAM, lot="A1")
    verdict = after(packing(line), code, code)
    assert (verdict.reason, verdict.detail, verdict.session.counts) == (Reason.WRONG_LOT, "B2", (1,))


def test_a_case_is_of_one_lot_and_all_its_units_are_kept_with_it() -> None:
    line = cream(6, lots=(Lot("A1", reserved=6),))
    assert lots_in(after(packing(line), CREAM_CASE, "A1").session) == {"CREAM": {"A1": 6}}


def test_an_expired_lot_stops_the_bench_and_says_when_it_expired() -> None:
    verdict = after(packing(cream()), CREAM, "OLD")
    assert (verdict.reason, verdict.tone, verdict.detail) == (Reason.EXPIRED, Tone.STOP, "2027-01-14")
    assert verdict.session.stop is not None and verdict.session.counts == (0,)


def test_a_lot_may_be_used_on_its_last_day_where_the_order_says_that_no_life_is_needed() -> None:
    line = cream(lots=(Lot("A1", "2027-01-15", reserved=2),), life_days=0)
    assert after(packing(line), CREAM, "A1").reason is Reason.OK


def test_a_label_that_contradicts_the_record_is_its_own_verdict() -> None:
    verdict = after(packing(cream()), gs1(CREAM, lot="A1", expiry="270629"))
    assert (verdict.reason, verdict.detail) == (Reason.LABEL_DIFFERS, "2027-06-29 ≠ 2027-06-30")
    assert (verdict.session.counts, verdict.session.stop) == ((0,), None)


def test_what_the_first_scan_said_of_the_expiry_counts_when_the_lot_follows() -> None:
    verdict = after(packing(cream()), gs1(CREAM, expiry="270629"), "A1")
    assert verdict.reason is Reason.LABEL_DIFFERS


LIVES = [
    # (last day, life_days, deliver_by, ship_by, reason)
    ("2027-01-22", None, "", None, Reason.OK),
    ("2027-01-21", None, "", None, Reason.SHORT_LIFE),
    ("2027-01-25", None, "", "2027-01-18T17:00+01:00", Reason.OK),
    ("2027-01-24", None, "", "2027-01-18T17:00+01:00", Reason.SHORT_LIFE),
    ("2027-01-22", None, "", "2027-01-02T17:00+01:00", Reason.OK),
    ("2027-01-17", None, "2027-01-17", None, Reason.OK),
    ("2027-01-16", None, "2027-01-17", None, Reason.SHORT_LIFE),
    ("2027-02-14", 30, "2027-01-17", None, Reason.OK),
    ("2027-02-13", 30, "2027-01-17", None, Reason.SHORT_LIFE),
    ("2027-01-15", 0, "2027-01-17", None, Reason.OK),
]


@pytest.mark.parametrize(("last", "days", "deliver", "ship", "reason"), LIVES)
def test_goods_must_live_until_delivery_or_as_long_as_was_set(
    last: str, days: int | None, deliver: str, ship: str | None, reason: Reason
) -> None:
    line = cream(lots=(Lot("A1", last, reserved=2),), life_days=days)
    verdict = after(packing(line, deliver_by=deliver, ship_by=ship), CREAM, "A1")
    assert (verdict.reason, verdict.session.stop) == (reason, None)


def test_the_day_is_that_of_the_site_and_not_that_of_greenwich() -> None:
    line = cream(lots=(Lot("A1", "2027-01-15", reserved=2),), life_days=0)
    late = NOON + 15.5 * 3600  # 23:30 in Greenwich, past midnight in Berlin.
    assert scanned(scanned(packing(line), CREAM, late).session, "A1", late).reason is Reason.EXPIRED


def test_a_bench_whose_clock_is_off_judges_by_the_day_on_which_the_order_came() -> None:
    line = cream(lots=(Lot("A1", "2027-06-30", reserved=2),))
    ahead = NOON + 400 * 86400
    code = gs1(CREAM, lot="A1")
    assert scanned(packing(line), code, ahead).reason is Reason.EXPIRED
    assert scanned(packing(line), code, ahead, clock_off=True).reason is Reason.OK


def test_a_label_that_says_expired_stops_goods_without_lots_too() -> None:
    assert after(packing(phone(by_serial=False)), gs1("5901234123457", expiry="270101")).reason is Reason.EXPIRED


def test_a_question_does_not_survive_parking() -> None:
    asked = after(packing(cream()), CREAM).session
    resumed = apply(apply(asked, Fact(FactKind.PARK)), Fact(FactKind.RESUME))
    assert judge(resumed, read("A1", CATALOG, at=NOON)).session.counts == (0,)


def test_a_session_with_lots_is_the_same_after_being_stored() -> None:
    session = after(packing(cream()), gs1(CREAM, lot="A1"), CREAM).session
    assert session.asked is not None and unpacked(packed(session)) == session


def test_a_unit_taken_out_again_gives_its_lot_back() -> None:
    code = gs1(CREAM, lot="A1")
    start = after(packing(cream(2)), code, "PPC-UNDO", "PPC-UNDO").session
    assert (start.counts, lots_in(start)) == ((0,), {})


@pytest.mark.parametrize(
    ("boxed", "promised", "moves"),
    [
        ({"B": 1}, {"A": 3}, [("A", "B", 1)]),
        ({"A": 2}, {"A": 3}, []),
        ({"B": 2, "A": 1}, {"A": 3}, [("A", "B", 2)]),
        ({"C": 3}, {"A": 1, "B": 2}, [("A", "C", 1), ("B", "C", 2)]),
        ({"B": 5}, {"A": 3}, [("A", "B", 3)]),
        ({"B": 1}, {"A": 2, "B": 1}, []),
        ({}, {"A": 2}, []),
    ],
)
def test_a_promise_follows_the_lots_in_the_box_and_moves_no_more_than_it_must(
    boxed: dict[str, int], promised: dict[str, int], moves: list[tuple[str, str, int]]
) -> None:
    assert moves_of(boxed, promised) == moves


def test_the_lots_of_a_product_that_is_not_kept_by_lot_are_ignored() -> None:
    line = replace(brush(1, 1), lots=())
    assert after(packing(line), BRUSH).session.captured == ()


def test_after_undo_a_code_with_a_lot_takes_back_as_many_units_as_it_counts() -> None:
    lots = (Lot("A1", "2027-06-30", reserved=9), Lot("B2", "2027-12-31", reserved=9))
    case, one, other = gs1(CREAM_CASE, lot="A1"), gs1(CREAM, lot="A1"), gs1(CREAM, lot="B2")
    start = after(packing(cream(9, lots=lots)), one, case, other).session
    # (what is scanned after UNDO, units that are left, lots of which they are)
    rows = [
        (case, 2, {"A1": 1, "B2": 1}),
        (one, 7, {"A1": 6, "B2": 1}),
        ("B2", 7, {"A1": 7}),
        (gs1(CREAM, lot="b2"), 7, {"A1": 7}),
        (gs1(CREAM_CASE, lot="B2"), 8, {"A1": 7, "B2": 1}),
    ]
    for text, left, lots_left in rows:
        gone = after(start, "PPC-UNDO", text)
        assert sum(gone.session.counts) == left, text
        assert lots_in(gone.session)["CREAM"] == lots_left, text
    assert after(start, "PPC-UNDO", gs1(CREAM_CASE, lot="B2")).reason is Reason.NOTHING_TO_TAKE


def test_each_box_of_an_order_knows_which_lots_lie_in_it_also_after_units_were_taken_out_of_the_last() -> None:
    lots = (Lot("A1", "2027-06-30", reserved=9), Lot("B2", "2027-12-31", reserved=9))
    a, b = gs1(CREAM, lot="A1"), gs1(CREAM, lot="B2")
    start = after(packing(cream(5, lots=lots), brush()), a, b, "PPX-NEW", b, a, a, BRUSH).session
    assert [lots_of(box) for box in by_box(start)] == [{"CREAM": {"A1": 1, "B2": 1}}, {"CREAM": {"B2": 1, "A1": 2}}]
    # (codes, lots of each box)
    rows: list[tuple[tuple[str, ...], list[dict[str, int]]]] = [
        (("PPC-UNDO", a), [{"A1": 1, "B2": 1}, {"B2": 1, "A1": 1}]),
        (("PPC-UNDO", b), [{"A1": 1, "B2": 1}, {"A1": 2}]),
        (("PPC-EMPTY", "PPC-EMPTY", a), [{"A1": 1, "B2": 1}, {"A1": 1}]),
    ]
    before = after(packing(cream(5, lots=lots), brush(2)), a, b, "PPX-NEW", b, a, a, BRUSH).session
    for codes, told in rows:
        gone = after(before, *codes).session
        assert [lots_of(box).get("CREAM", {}) for box in by_box(gone)] == told, codes
    case = after(packing(cream(12, lots=(Lot("A1", "2027-06-30", reserved=12),))), gs1(CREAM_CASE, lot="A1"), a).session
    assert [sum(one.units for one in box) for box in by_box(case)] == [7]
