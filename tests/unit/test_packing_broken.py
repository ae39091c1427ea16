"""Events in an order nobody planned: a question still open when a label, a weight or a stop comes in between."""

from dataclasses import replace

import pytest

from server.domain.benchwork.reasons import Reason
from server.domain.packing.order import Mode
from server.domain.packing.rules import apply, judge
from server.domain.packing.session import Fact, FactKind, Phase, Session
from server.domain.packing.wants import BoxChoice, Expected, Wants
from tests import builders
from tests.goods_to_pack import (
    CREAM,
    EITHER,
    NOON,
    PHONE,
    SOAP,
    after,
    brush,
    cream,
    gs1,
    packing,
    phone,
    scanned,
    soap,
)

TRACKING = "1Z00000001"
LABEL = Fact(FactKind.LABEL, parcel_id="P-1", tracking=TRACKING)


def weighed(session: Session, grams: int) -> Session:
    return apply(session, Fact(FactKind.WEIGHT, grams=grams))


@pytest.mark.parametrize("codes", [("PPC-UNDO", "PPC-UNDO"), ("PPC-EMPTY", "PPC-EMPTY"), ("PPC-EMPTY", SOAP)])
def test_no_unit_leaves_a_box_whose_label_came_while_the_question_stood(codes: tuple[str, str]) -> None:
    asks, confirms = codes
    labelled = apply(after(packing(soap(2)), SOAP, SOAP, asks).session, LABEL)
    confirmed = scanned(labelled, confirms, NOON + 30).session
    resumed = apply(apply(replace(confirmed, stop=None), Fact(FactKind.PARK)), Fact(FactKind.RESUME))
    assert (resumed.phase, resumed.counts) == (Phase.LABEL, (2,))
    closed = scanned(resumed, TRACKING, NOON + 40).session
    assert (closed.phase, closed.counts) == (Phase.CLOSED, (2,))


def test_a_supervisor_opens_no_box_whose_label_came_while_the_badge_was_waited_for() -> None:
    asked = after(packing(soap(2)), SOAP, "PPX-NEW", SOAP, "PPX-OPEN").session
    labelled = apply(asked, LABEL)
    assert apply(labelled, Fact(FactKind.SUPERVISOR)) == labelled


def test_a_box_with_units_open_is_never_resumed_at_its_label() -> None:
    short = replace(packing(soap(2)), counts=(1,), phase=Phase.PARKED, tracking=TRACKING, parcel_id="P-1")
    assert apply(short, Fact(FactKind.RESUME)).phase is Phase.PACKING


@pytest.mark.parametrize(
    ("start", "codes", "answer"),
    [(packing(cream(1)), (CREAM,), "A1"), (packing(soap(1)), ("PPC-FORCE",), "PPR-UNREADABLE")],
)
def test_an_answer_after_the_order_was_cancelled_counts_nothing(
    start: Session, codes: tuple[str, ...], answer: str
) -> None:
    stopped = apply(after(start, *codes).session, Fact(FactKind.STOP, Reason.CANCELLED))
    left = scanned(scanned(stopped, "PPC-OK", NOON + 5).session, answer, NOON + 7).session
    assert (left.phase, left.counts) == (Phase.ENDED, (0,))


def test_undo_takes_nothing_from_a_box_that_its_weight_closed_meanwhile() -> None:
    closing = after(packing(soap(2), wants=Wants(weigh=True)), SOAP, "PPX-NEW", "PPC-UNDO").session
    closed = weighed(closing, 100)
    verdict = scanned(closed, "PPC-UNDO", NOON + 10)
    assert (verdict.reason, verdict.units) == (Reason.NOTHING_TO_TAKE, 0)
    assert (verdict.session.counts, verdict.session.taken) == ((1,), closed.taken)


def test_undo_forgets_no_serial_number_of_the_last_box_that_its_weight_closed_meanwhile() -> None:
    one = weighed(after(packing(phone(2), wants=Wants(weigh=True)), gs1(PHONE, serial="S1"), "PPX-NEW").session, 100)
    asked = scanned(scanned(one, gs1(PHONE, serial="S2"), NOON + 9).session, "PPC-UNDO", NOON + 12).session
    closed = weighed(asked, 100)
    again = scanned(closed, "PPC-UNDO", NOON + 15)
    assert (again.reason, again.session.phase) == (Reason.NOT_NOW, Phase.CHECKED)
    assert [each.serial for each in again.session.captured] == ["S1", "S2"]


def test_a_serial_number_in_a_sealed_box_is_not_undone_by_taking_another_unit() -> None:
    units = (gs1(PHONE, serial="S1"), "PPX-NEW", gs1(PHONE, serial="S2"), "PPC-UNDO")
    verdict = after(packing(phone(3)), *units, gs1(PHONE, serial="S1"))
    assert (verdict.reason, verdict.session.counts) == (Reason.NEED_SERIAL, (2,))
    out = scanned(verdict.session, gs1(PHONE, serial="S2"), NOON + 20).session
    assert [each.serial for each in out.captured] == ["S1"]


def test_a_number_of_thousands_of_digits_is_no_choice_and_no_fault() -> None:
    asked = after(packing(soap(1), brush(1)), EITHER).session
    assert scanned(asked, "PPQ-" + "1" * 9000, NOON + 2).reason in (Reason.AMBIGUOUS, Reason.BAD_READ)


@pytest.mark.parametrize("code", ["9780201379624", gs1("9780201379624"), gs1("9780201379624", lot="L1")])
def test_an_unknown_item_on_its_way_into_a_full_box_is_not_its_label_at_once(code: str) -> None:
    verdict = after(packing(soap(1), mode=Mode.VERIFY_ONLY), SOAP, code)
    assert (verdict.reason, verdict.session.phase) == (Reason.NEED_CONFIRM, Phase.CHECKED)
    assert scanned(verdict.session, code, NOON + 9).session.phase is Phase.CLOSED


def test_another_box_after_the_weight_is_weighed_again() -> None:
    boxes = (BoxChoice("S", 100), BoxChoice("L", 500))
    wants = Wants(weigh=True, boxes=boxes, suggested="S", expected=(Expected("SOAP", 100.0, 1.0),))
    done = weighed(after(packing(soap(1), wants=wants), SOAP).session, 200)
    assert done.phase is Phase.CHECKED
    other = judge(done, replace(builders.scan("x", NOON + 9), payload="PPX-L", box_type="L")).session
    assert (other.phase, other.box_type, other.weight_grams) == (Phase.STEPS, "L", None)
    assert judge(done, replace(builders.scan("x", NOON + 9), payload="PPX-S", box_type="S")).session.weight_grams == 200


def test_an_empty_scale_closes_no_box() -> None:
    waiting = after(packing(soap(1), wants=Wants(weigh=True)), SOAP).session
    assert weighed(waiting, 0) == waiting
