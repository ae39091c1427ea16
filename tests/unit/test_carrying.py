"""A box that goes on in another session, and items for other orders of one tote: the rules alone."""

from dataclasses import replace

import pytest

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.boxes import box_number, unlabelled
from server.domain.packing.carrying import can_carry, carried, verified
from server.domain.packing.order import OrderLine, PackOrder, ToteMate
from server.domain.packing.rules import apply, judge, opened
from server.domain.packing.session import Fact, FactKind, Phase, Session, Stop
from server.domain.packing.wants import PackedBox
from tests import builders
from tests.builders import CANDLE, CANDLE_CASE, MUG, SOAP

SEVEN_OF_TWELVE = replace(builders.session("1", (("CANDLE", 10), ("SOAP", 2))), counts=(7, 0))


def fresh(order: PackOrder = SEVEN_OF_TWELVE.order) -> Session:
    return opened("new", order)


def scanned(session: Session, *codes: str) -> Session:
    for code in codes:
        session = judge(session, builders.scan(code)).session
    return session


def test_a_box_goes_on_with_every_unit_that_was_verified_in_it() -> None:
    after = apply(fresh(), Fact(FactKind.CARRY, carried=SEVEN_OF_TWELVE))
    assert (after.session_id, after.counts, after.phase, verified(after)) == ("new", (7, 0), Phase.PACKING, (7, 12))
    assert scanned(after, CANDLE, CANDLE, CANDLE, SOAP, SOAP).phase is Phase.CHECKED


def test_a_stop_a_parking_and_a_label_stay_behind() -> None:
    before = scanned(builders.session(), CANDLE, CANDLE, SOAP)
    before = apply(before, Fact(FactKind.LABEL, parcel_id="P-1", tracking="TRK1"))
    before = apply(before, Fact(FactKind.PARK))
    before = replace(before, stop=Stop(Reason.WRONG_ITEM))
    after = carried(fresh(before.order), before)
    assert (after.phase, after.stop, after.tracking, after.parcel_id) == (Phase.CHECKED, None, None, None)


@pytest.mark.parametrize(
    ("kept", "left"),
    [
        (("P-1",), [(True, "TRK1"), (False, None)]),
        ((), [(False, None), (False, None)]),
        (("P-1", "P-2"), [(False, None), (False, None)]),
    ],
)
def test_of_several_boxes_those_keep_their_label_on_which_it_stays_and_never_all(
    kept: tuple[str, ...], left: list[tuple[bool, str | None]]
) -> None:
    whole = builders.session("1", (("CANDLE", 2),))
    boxes = tuple(PackedBox((1,), parcel_id=f"P-{n}", tracking=f"TRK{n}", labelled=True) for n in (1, 2))
    before = unlabelled(replace(whole, counts=(2,), sealed=boxes), kept)
    after = apply(fresh(whole.order), Fact(FactKind.CARRY, carried=before))
    assert [(box.labelled, box.tracking) for box in after.sealed] == left
    assert (after.phase, after.tracking, box_number(after)) == (Phase.CHECKED, None, 2 if len(kept) == 1 else 1)


@pytest.mark.parametrize(
    "line",
    [
        OrderLine(1, "CANDLE", "Candle", "LAVENDER", 9),
        OrderLine(1, "MUG", "Mug", "BLUE", 10),
        OrderLine(3, "CANDLE", "Candle", "LAVENDER", 10),
    ],
)
def test_an_order_that_wants_something_else_by_now_begins_with_an_empty_box(line: OrderLine) -> None:
    changed = replace(SEVEN_OF_TWELVE.order, lines=(line, SEVEN_OF_TWELVE.order.lines[1]))
    assert not can_carry(SEVEN_OF_TWELVE, changed)
    assert carried(fresh(changed), SEVEN_OF_TWELVE) == fresh(changed)


def test_nothing_is_carried_into_a_box_that_has_something_in_it() -> None:
    begun = scanned(fresh(), SOAP)
    assert apply(begun, Fact(FactKind.CARRY, carried=SEVEN_OF_TWELVE)) == begun


def test_an_empty_box_carries_nothing() -> None:
    assert not can_carry(replace(SEVEN_OF_TWELVE, counts=(0, 0)), SEVEN_OF_TWELVE.order)


# --- a tote that several orders share --------------------------------------------------------------------------------


def with_mates(*mates: ToteMate) -> Session:
    return opened("s", replace(builders.order("1", (("SOAP", 1), ("CANDLE", 1))), mates=mates))


def test_an_item_of_a_tote_mate_goes_back_amber_and_stops_nothing() -> None:
    start = with_mates(ToteMate("1051", "MUG", 1))
    verdict = judge(start, builders.scan(MUG))
    assert (verdict.reason, verdict.tone, verdict.detail) == (Reason.NOT_NOW, Tone.LOOK, "1051")
    assert (verdict.session.counts, verdict.session.stop) == ((0, 0), None)


def test_one_too_many_is_no_mistake_while_a_tote_mate_waits_for_it() -> None:
    full = scanned(with_mates(ToteMate("1051", "SOAP", 1)), SOAP)
    assert judge(full, builders.scan(SOAP)).detail == "1051"
    assert judge(scanned(with_mates(), SOAP), builders.scan(SOAP)).reason is Reason.OVER_QUANTITY


def test_what_this_order_waits_for_counts_here_first() -> None:
    verdict = judge(with_mates(ToteMate("1051", "SOAP", 5)), builders.scan(SOAP))
    assert (verdict.reason, verdict.units) == (Reason.OK, 1)


def test_a_case_larger_than_what_the_tote_mate_wants_is_a_wrong_item_still() -> None:
    start = opened("s", replace(builders.order("1", (("SOAP", 1),)), mates=(ToteMate("1051", "CANDLE", 5),)))
    assert judge(start, builders.scan(CANDLE_CASE)).reason is Reason.WRONG_ITEM
    assert judge(start, builders.scan(CANDLE)).reason is Reason.NOT_NOW
