"""What is open before a box closes: notes, second looks, inserts, boxes, several boxes, and the weight."""

from dataclasses import replace

import pytest

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.benchwork.scans import Scan
from server.domain.packing import boxes
from server.domain.packing.rules import apply, judge, opened
from server.domain.packing.session import Fact, FactKind, Phase, Session, Verdict
from server.domain.packing.steps import open_steps
from server.domain.packing.wants import NO_BOX, BoxChoice, Expected, Step, StepKind, Wants
from server.reading import read
from server.usecases.benchwork.judging import packed, unpacked
from tests import builders
from tests.builders import CANDLE, MUG, SOAP

NOTE = Step("note", StepKind.NOTE, "Ring twice")
LOOK = Step("look:1", StepKind.SECOND_LOOK, "FOR ANNA", item="Candle LAVENDER")
INSERT = Step("insert:1", StepKind.INSERT, "Thank-you card", code="CARD-1")
TAPE = Step("box-note:1", StepKind.NOTE, "Tape twice", per_box=True)
SIZES = (BoxChoice("M", tare_grams=100, max_grams=5000), BoxChoice("XL", tare_grams=300, allowed=False))
WEIGHTS = (Expected("CANDLE", 200, 2), Expected("SOAP", 120, 2))


def session(*lines: tuple[str, int], **wants: object) -> Session:
    """A fresh session of an order with these lines that wants this."""
    order = replace(builders.order(lines=lines or (("CANDLE", 2), ("SOAP", 1))), wants=Wants(**wants))  # type: ignore[arg-type]
    return opened("s", order)


def scan(text: str) -> Scan:
    """As bench and server read it."""
    return read(text, builders.catalog(), at=0.0)


def after(start: Session, *texts: str) -> Verdict:
    """The verdict of the last of these scans."""
    verdict = None
    for text in texts:
        verdict = judge(start, scan(text))
        start = verdict.session
    assert verdict is not None
    return verdict


def asked(start: Session) -> list[StepKind]:
    """What is open, in order."""
    return [step.kind for step in open_steps(start)]


def weighed(start: Session, grams: int) -> Session:
    """The scale says this."""
    return apply(start, Fact(FactKind.WEIGHT, grams=grams))


def label(start: Session, number: int, box: int = 1) -> Session:
    """A label was bought for a box."""
    return apply(start, Fact(FactKind.LABEL, parcel_id=f"PCL{number}", tracking=f"PV0000000{number}", box=box))


def test_with_nothing_open_the_last_unit_seals_the_box_by_itself() -> None:
    verdict = after(session(), CANDLE, CANDLE, SOAP)
    assert (verdict.tone, verdict.session.phase) == (Tone.BOX_DONE, Phase.CHECKED)


def test_only_what_is_open_is_asked_and_yes_confirms_one_thing_at_a_time() -> None:
    start = session(steps=(NOTE, LOOK))
    full = after(start, CANDLE, CANDLE, SOAP)
    assert (full.reason, full.tone, full.session.phase) == (Reason.OK, Tone.LINE_FULL, Phase.STEPS)
    assert asked(full.session) == [StepKind.SECOND_LOOK, StepKind.NOTE]
    first = after(full.session, "PPC-YES")
    assert (first.reason, first.session.phase, asked(first.session)) == (Reason.OK, Phase.STEPS, [StepKind.NOTE])
    second = after(first.session, "PPC-YES")
    assert (second.tone, second.session.phase) == (Tone.BOX_DONE, Phase.CHECKED)
    assert second.session.confirmed == ("look:1", "note")


PERSONAL = replace(LOOK, skus=("CANDLE",))


@pytest.mark.parametrize("taken_out", [("PPC-UNDO", CANDLE), ("PPC-EMPTY", CANDLE), ("PPC-EMPTY", "PPC-EMPTY")])
def test_personalised_goods_taken_out_and_packed_again_are_looked_at_again(taken_out: tuple[str, ...]) -> None:
    full = after(session(("CANDLE", 1), ("SOAP", 1), steps=(PERSONAL, NOTE)), CANDLE, SOAP, "PPC-YES").session
    assert asked(full) == [StepKind.NOTE]
    for n, text in enumerate(taken_out):
        full = judge(full, replace(scan(text), at=3.0 * n)).session
    again = after(full, *([CANDLE] if full.counts[1] else [CANDLE, SOAP])).session
    assert asked(again) == [StepKind.SECOND_LOOK, StepKind.NOTE]


def test_another_item_taken_out_asks_for_no_second_look_again() -> None:
    full = after(session(("CANDLE", 1), ("SOAP", 1), steps=(PERSONAL, NOTE)), CANDLE, SOAP, "PPC-YES").session
    assert asked(after(full, "PPC-UNDO", SOAP, SOAP).session) == [StepKind.NOTE]


def test_an_emptied_box_is_asked_for_its_notes_and_inserts_again() -> None:
    full = after(session(("CANDLE", 1), steps=(NOTE, INSERT)), "CARD-1", CANDLE).session
    empty = judge(after(full, "PPC-EMPTY").session, replace(scan("PPC-EMPTY"), at=3.0))
    assert (empty.reason, empty.session.confirmed) == (Reason.EMPTIED, ())


def test_of_several_boxes_each_with_such_goods_is_looked_at_before_it_closes_and_no_other() -> None:
    danger = Step("hazmat", StepKind.HAZMAT, "Soap", skus=("SOAP", "SPA"))
    mug = replace(builders.line("MUG", 1, 3), kit_sku="SPA", kit_name="Spa box")
    start = session(("CANDLE", 2), ("SOAP", 1), steps=(PERSONAL, danger))
    start = opened("s", replace(start.order, lines=(*start.order.lines, mug)))
    first = after(start, CANDLE, "PPX-NEW").session
    assert (first.phase, asked(first)) == (Phase.STEPS, [StepKind.SECOND_LOOK])
    second = after(first, "PPC-YES", MUG, "PPX-NEW").session
    assert asked(second) == [StepKind.HAZMAT], "a part of the kit"
    third = after(second, "PPC-YES", CANDLE, SOAP).session
    assert asked(third) == [StepKind.SECOND_LOOK, StepKind.HAZMAT]
    done = after(third, "PPC-YES", "PPC-YES").session
    assert (done.phase, [box.contents for box in done.sealed]) == (Phase.CHECKED, [(1, 0, 0), (0, 0, 1), (1, 1, 0)])


def test_a_second_look_at_goods_that_are_on_no_line_is_asked_with_the_last_unit() -> None:
    full = after(session(("CANDLE", 1), steps=(replace(LOOK, skus=("GONE",)),)), CANDLE).session
    assert asked(full) == [StepKind.SECOND_LOOK]


def test_yes_before_the_last_unit_confirms_nothing_ahead() -> None:
    verdict = after(session(steps=(NOTE,)), CANDLE, "PPC-YES")
    assert (verdict.reason, verdict.session.confirmed) == (Reason.NOT_NOW, ())


def test_an_insert_is_confirmed_by_its_own_code_whenever_it_goes_in() -> None:
    verdict = after(session(steps=(INSERT,)), CANDLE, "card-1")
    assert (verdict.reason, verdict.session.phase, verdict.session.confirmed) == (
        Reason.OK,
        Phase.PACKING,
        ("insert:1",),
    )
    assert after(verdict.session, CANDLE, SOAP).session.phase is Phase.CHECKED
    assert after(verdict.session, "CARD-1").reason is Reason.ALREADY_DONE


def test_an_item_too_many_stops_also_while_something_is_open() -> None:
    full = after(session(("SOAP", 1), steps=(NOTE,)), SOAP).session
    verdict = after(full, SOAP)
    assert (verdict.reason, verdict.session.counts) == (Reason.OVER_QUANTITY, (1,))


def test_a_parked_box_comes_back_to_what_was_open() -> None:
    full = after(session(("SOAP", 1), steps=(NOTE,)), SOAP).session
    parked = apply(full, Fact(FactKind.PARK))
    assert parked.phase is Phase.PARKED
    assert apply(parked, Fact(FactKind.RESUME)).phase is Phase.STEPS


def test_a_session_with_all_of_this_survives_as_json() -> None:
    start = session(steps=(NOTE, TAPE), boxes=SIZES, weigh=True, expected=WEIGHTS)
    there = after(start, CANDLE, "PPX-NEW", "PPC-YES", "PPX-M").session
    off, right = weighed(there, 333), weighed(there, 300)
    assert off.weighed_off is not None
    assert len(right.sealed) == 1
    assert (unpacked(packed(off)), unpacked(packed(right))) == (off, right)


# Boxes


def test_no_box_types_means_that_no_box_is_asked() -> None:
    assert asked(after(session(("SOAP", 1), steps=(NOTE,)), SOAP).session) == [StepKind.NOTE]


def test_a_box_is_asked_when_none_is_preselected_and_its_code_closes_it() -> None:
    full = after(session(("SOAP", 1), boxes=SIZES), SOAP).session
    assert asked(full) == [StepKind.BOX]
    assert after(full, "PPC-YES").reason is Reason.NOT_NOW
    verdict = after(full, "PPX-M")
    assert (verdict.tone, verdict.session.phase, verdict.session.box_type) == (Tone.BOX_DONE, Phase.CHECKED, "M")


def test_the_preselected_box_is_scanned_only_if_it_differs() -> None:
    start = session(("SOAP", 1), boxes=SIZES, suggested="L")
    plain = after(start, SOAP).session
    assert (plain.phase, boxes.chosen(plain)) == (Phase.CHECKED, "L")
    assert boxes.chosen(after(start, "PPX-M", SOAP).session) == "M"


def test_goods_in_the_makers_box_need_none_and_only_they_may_go_without() -> None:
    start = session(("SOAP", 1), ("MUG", 1), boxes=SIZES, own_box=("SOAP",))
    alone = session(("SOAP", 1), boxes=SIZES, own_box=("SOAP",))
    assert after(alone, SOAP).session.phase is Phase.CHECKED
    assert boxes.chosen(after(alone, SOAP).session) == NO_BOX
    verdict = after(start, SOAP, MUG, "PPX-NONE")
    assert (verdict.reason, verdict.session.phase) == (Reason.BOX_NOT_ALLOWED, Phase.STEPS)


def test_a_box_the_carrier_does_not_take_is_refused() -> None:
    xl = replace(builders.catalog(), boxes={"M": builders.catalog().boxes["M"], "XL": builders.catalog().boxes["M"]})
    verdict = judge(session(("SOAP", 1), boxes=SIZES), read("PPX-XL", xl, at=0.0))
    assert (verdict.reason, verdict.tone, verdict.session.box_type) == (Reason.BOX_NOT_ALLOWED, Tone.LOOK, None)


def test_a_box_too_weak_for_its_goods_is_refused_before_anything_is_weighed() -> None:
    weak = (BoxChoice("M", tare_grams=100, max_grams=400),)
    full = after(session(("CANDLE", 2), boxes=weak, expected=WEIGHTS), CANDLE, CANDLE).session
    assert after(full, "PPX-M").reason is Reason.OVERWEIGHT


def test_each_of_two_boxes_has_its_own_contents_type_and_label() -> None:
    start = session(steps=(NOTE, TAPE), boxes=SIZES)
    first = after(start, CANDLE, CANDLE, "PPX-NEW").session
    assert (first.phase, asked(first)) == (Phase.STEPS, [StepKind.NOTE, StepKind.BOX])
    assert open_steps(first)[0].text == "Tape twice"
    # A box that is being closed takes nothing more, and nothing is counted.
    refused = after(first, SOAP)
    assert (refused.reason, refused.session.counts) == (Reason.NOT_NOW, (2, 0))
    second = after(first, "PPC-YES", "PPX-M").session
    assert (second.phase, [box.contents for box in second.sealed], boxes.present(second)) == (
        Phase.PACKING,
        [(2, 0)],
        (0, 0),
    )
    full = after(second, SOAP).session
    assert [step.key for step in open_steps(full)] == ["note", "box-note:1", "box"]
    done = after(full, "PPC-YES", "PPC-YES", "PPX-M").session
    assert (done.phase, [box.contents for box in done.sealed]) == (Phase.CHECKED, [(2, 0), (0, 1)])
    assert label(done, 2, box=2) == done
    one = label(done, 1)
    assert (one.phase, boxes.box_number(one)) == (Phase.LABEL, 1)
    next_box = after(one, "PV00000001").session
    assert (next_box.phase, next_box.tracking, boxes.box_number(next_box)) == (Phase.CHECKED, None, 2)
    two = label(next_box, 2, box=2)
    assert after(two, "PV00000001").reason is Reason.ALREADY_DONE
    assert after(two, "PV00000099").reason is Reason.WRONG_LABEL
    closed = after(two, "PV00000002")
    assert (closed.tone, closed.session.phase) == (Tone.BOX_DONE, Phase.CLOSED)
    assert [box.tracking for box in closed.session.sealed] == ["PV00000001", "PV00000002"]


def test_an_empty_box_is_not_followed_by_another() -> None:
    assert after(session(), "PPX-NEW").reason is Reason.NOT_NOW
    assert after(session(), CANDLE, "PPX-NEW", "PPX-NEW").reason is Reason.NOT_NOW


def test_a_sealed_box_is_opened_again_only_with_a_supervisors_badge() -> None:
    start = after(session(), CANDLE, "PPX-NEW").session
    asks = after(start, "PPX-OPEN")
    assert (asks.reason, len(asks.session.sealed)) == (Reason.NEED_CONFIRM, 1)
    assert len(after(asks.session, SOAP).session.sealed) == 1
    again = apply(asks.session, Fact(FactKind.SUPERVISOR))
    assert (again.phase, again.sealed, boxes.present(again)) == (Phase.PACKING, (), (1, 0))
    assert apply(start, Fact(FactKind.SUPERVISOR)) == start


def test_a_box_opened_after_the_last_unit_is_closed_by_hand() -> None:
    full = after(session(("SOAP", 1)), SOAP, "PPX-OPEN").session
    again = apply(full, Fact(FactKind.SUPERVISOR))
    assert (again.phase, asked(again)) == (Phase.STEPS, [StepKind.CLOSE])
    assert after(again, "PPC-YES").session.phase is Phase.CHECKED


def test_a_box_with_a_label_stays_closed() -> None:
    full = label(after(session(("SOAP", 1)), SOAP).session, 1)
    assert after(full, "PPX-OPEN").reason is Reason.NOT_NOW


# Weight


def on_scale(*lines: tuple[str, int]) -> Session:
    """All goods in a box M (100 g) that is to be weighed."""
    start = session(*lines, boxes=SIZES, suggested="M", weigh=True, expected=WEIGHTS)
    barcodes = {"CANDLE": CANDLE, "SOAP": SOAP, "MUG": MUG}
    return after(start, *(barcodes[sku] for sku, units in lines for _ in range(units))).session


def test_without_a_scale_no_weight_is_asked() -> None:
    start = session(("SOAP", 1), boxes=SIZES, suggested="M", expected=WEIGHTS)
    assert after(start, SOAP).session.phase is Phase.CHECKED


@pytest.mark.parametrize("grams", [612, 620, 628])
def test_a_right_weight_closes_the_box(grams: int) -> None:
    full = on_scale(("CANDLE", 2), ("SOAP", 1))
    assert asked(full) == [StepKind.WEIGHT]
    done = weighed(full, grams)
    assert (done.phase, done.weight_grams, done.weighed_off) == (Phase.CHECKED, grams, None)


def test_a_light_box_names_the_missing_unit_and_asks_for_its_line_again() -> None:
    light = weighed(on_scale(("CANDLE", 2), ("SOAP", 1)), 500)
    trouble = light.weighed_off
    assert trouble is not None
    assert (trouble.reason, trouble.off, trouble.sku, trouble.units) == (Reason.WEIGHT_MISMATCH, -120, "SOAP", 1)
    assert (light.phase, light.counts) == (Phase.PACKING, (2, 0))
    again = after(light, SOAP).session
    assert asked(again) == [StepKind.WEIGHT]
    assert weighed(again, 621).phase is Phase.CHECKED


def test_a_heavy_box_names_what_is_too_much() -> None:
    trouble = weighed(on_scale(("CANDLE", 2), ("SOAP", 1)), 820).weighed_off
    assert trouble is not None
    assert (trouble.off, trouble.sku, trouble.units) == (200, "CANDLE", 1)


def test_the_same_suspect_is_asked_once_and_then_a_supervisor_clears_it_with_a_reason() -> None:
    light = after(weighed(on_scale(("CANDLE", 2), ("SOAP", 1)), 500), SOAP).session
    still = weighed(light, 501)
    assert (still.phase, still.counts) == (Phase.STEPS, (2, 1))
    why = apply(still, Fact(FactKind.SUPERVISOR))
    assert after(why, "x").session.phase is Phase.STEPS
    done = after(why, "new wrapping").session
    assert (done.phase, done.weight_grams, boxes.all_boxes(done)[0].released) == (Phase.CHECKED, 501, "new wrapping")


def test_without_a_badge_no_words_clear_a_weight() -> None:
    still = weighed(on_scale(("CANDLE", 2), ("SOAP", 1)), 555)
    assert (still.phase, still.weighed_off is not None) == (Phase.STEPS, True)
    assert after(still, "new wrapping").session.phase is Phase.STEPS


def test_a_box_over_the_limit_is_nobodys_to_release() -> None:
    heavy = weighed(on_scale(("CANDLE", 2)), 6000)
    assert heavy.weighed_off is not None
    assert heavy.weighed_off.reason is Reason.OVERWEIGHT
    assert apply(heavy, Fact(FactKind.SUPERVISOR)) == heavy


def test_a_product_nobody_has_weighed_is_taken_as_it_is() -> None:
    assert weighed(on_scale(("MUG", 1), ("SOAP", 1)), 777).phase is Phase.CHECKED


def test_a_weight_that_comes_before_it_is_asked_is_nothing() -> None:
    start = session(("CANDLE", 2), weigh=True, expected=WEIGHTS)
    half = after(start, CANDLE).session
    assert weighed(half, 200) == half
