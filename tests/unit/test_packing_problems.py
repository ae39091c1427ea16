"""Goods that are not right, orders held, units verified by hand, and labels from another tool."""

from dataclasses import replace

import pytest

from server.domain.benchwork.reasons import PROBLEMS, Reason, Tone
from server.domain.benchwork.scans import Trouble
from server.domain.packing.order import Mode
from server.domain.packing.rules import apply, judge
from server.domain.packing.session import Fact, FactKind, Phase, Session
from server.reading import trouble_code
from tests import builders
from tests.builders import CANDLE, MUG, SOAP
from tests.unit.test_packing_corrections import after, box


@pytest.mark.parametrize("trouble", Trouble)
def test_two_scans_report_what_is_wrong_and_the_order_stands_aside(trouble: Trouble) -> None:
    verdict = after(box(CANDLE), "PPC-PROBLEM", trouble_code(trouble))
    assert (verdict.reason, verdict.tone, verdict.session.phase) == (Reason(trouble), Tone.LOOK, Phase.PARKED)
    assert (verdict.item, verdict.detail, verdict.session.counts) == ("1043", "", (1, 0))


@pytest.mark.parametrize("trouble", Trouble)
def test_what_is_wrong_and_the_item_are_two_scans_that_name_it(trouble: Trouble) -> None:
    verdict = after(box(CANDLE), trouble_code(trouble), SOAP)
    assert (verdict.reason, verdict.item, verdict.detail) == (Reason(trouble), "Soap ROSE", "SOAP")
    assert (verdict.session.phase, verdict.session.counts) == (Phase.PARKED, (1, 0))


def test_every_trouble_has_a_reason_of_its_own() -> None:
    assert {Reason(trouble) for trouble in Trouble} == PROBLEMS


def test_the_only_product_still_open_is_the_one_that_is_meant() -> None:
    assert after(box(SOAP, SOAP), "PPC-PROBLEM", "PPR-SHORT").detail == "CANDLE"


def test_one_scan_alone_moves_no_order_aside() -> None:
    for code in ("PPC-PROBLEM", "PPR-DAMAGED"):
        asked = after(box(CANDLE), code)
        assert (asked.reason, asked.session.phase) == (Reason.WHICH_PROBLEM, Phase.PACKING)


def test_the_same_trouble_again_a_second_later_needs_no_item() -> None:
    asked = after(box(), "PPR-DAMAGED").session
    assert judge(asked, builders.scan("PPR-DAMAGED", 1002.5)).reason is Reason.REPEAT
    assert judge(asked, builders.scan("PPR-DAMAGED", 1003.5)).reason is Reason.DAMAGED


def test_the_item_may_come_between() -> None:
    verdict = after(box(), "PPC-PROBLEM", SOAP, "PPR-DAMAGED")
    assert (verdict.reason, verdict.detail, verdict.session.counts) == (Reason.DAMAGED, "SOAP", (0, 0))


def test_a_mislabelled_item_may_be_one_that_this_order_never_wanted() -> None:
    verdict = after(box(), "PPR-MISLABELLED", MUG)
    assert (verdict.reason, verdict.detail, verdict.session.stop) == (Reason.MISLABELLED, "MUG", None)


def test_a_box_that_stood_aside_is_resumed_with_its_units() -> None:
    aside = after(box(CANDLE), "PPC-PROBLEM", "PPR-MISSING").session
    assert apply(aside, Fact(FactKind.RESUME)).phase is Phase.PACKING
    assert after(apply(aside, Fact(FactKind.RESUME)), SOAP).session.counts == (1, 1)


def test_hold_is_one_scan_and_ends_the_box_here_without_a_stop() -> None:
    held = after(box(CANDLE), "PPC-HOLD")
    assert (held.reason, held.tone, held.session.phase, held.session.stop) == (
        Reason.HELD_HERE,
        Tone.LOOK,
        Phase.ENDED,
        None,
    )
    assert after(held.session, SOAP).session.counts == (1, 0)


def test_a_unit_is_verified_by_hand_with_its_reason_and_is_never_quiet() -> None:
    asked = after(box(), "PPC-FORCE")
    assert (asked.reason, asked.item, asked.session.counts) == (Reason.FORCE_WHICH, "Candle LAVENDER", (0, 0))
    forced = after(box(), "PPC-FORCE", "PPR-UNREADABLE")
    assert (forced.reason, forced.tone, forced.units, forced.detail) == (Reason.FORCED, Tone.LOOK, 1, "unreadable")
    assert (forced.session.counts, forced.line_no) == ((1, 0), 1)


def test_force_again_means_the_next_product_that_is_open() -> None:
    assert after(box(), "PPC-FORCE", "PPC-FORCE").item == "Soap ROSE"
    assert after(box(), "PPC-FORCE", "PPC-FORCE", "PPR-UNREADABLE").session.counts == (0, 1)
    assert after(box(), "PPC-FORCE", "PPC-FORCE", "PPC-FORCE").item == "Candle LAVENDER"


def test_without_a_reason_nothing_is_verified_by_hand() -> None:
    for code in ("PPC-YES", "PPC-OK", "PPO-1"):
        assert after(box(), "PPC-FORCE", code).session.counts == (0, 0)


def outside(*scans: str) -> Session:
    """A bench that only verifies, with an order of one soap."""
    start = builders.session(lines=(("SOAP", 1),))
    start = replace(start, order=replace(start.order, mode=Mode.VERIFY_ONLY))
    return after(start, *scans).session if scans else start


def test_a_label_from_another_tool_closes_the_box_once_every_unit_is_verified() -> None:
    closed = after(outside(SOAP), "1Z999AA10123456784")
    assert (closed.reason, closed.tone) == (Reason.OK, Tone.BOX_DONE)
    assert (closed.session.phase, closed.session.tracking) == (Phase.CLOSED, "1Z999AA10123456784")


def test_before_the_last_unit_no_label_is_taken() -> None:
    early = after(outside(), "1Z999AA10123456784")
    assert (early.reason, early.session.phase) == (Reason.UNKNOWN_CODE, Phase.PACKING)


@pytest.mark.parametrize("code", ["1234567", "PPC-NOPE", "PPX-M", "x" * 65])
def test_what_is_no_label_closes_nothing(code: str) -> None:
    assert after(outside(SOAP), code).session.phase is Phase.CHECKED


def test_a_product_is_never_taken_for_a_label() -> None:
    assert after(outside(SOAP), SOAP).reason is Reason.OVER_QUANTITY
    assert after(outside(SOAP), MUG).reason is Reason.WRONG_ITEM


def test_a_number_that_looks_like_a_misread_product_is_a_label_only_when_it_comes_twice() -> None:
    doubtful = "399999999999"
    once = after(outside(SOAP), doubtful)
    assert (once.reason, once.session.phase) == (Reason.NEED_CONFIRM, Phase.CHECKED)
    assert after(outside(SOAP), doubtful, doubtful).session.tracking == doubtful
    assert after(outside(SOAP), doubtful, "399999999998").session.phase is Phase.CHECKED


def test_at_a_bench_that_buys_labels_another_tools_label_is_an_unknown_code() -> None:
    done = box(SOAP, lines=(("SOAP", 1),))
    assert after(done, "1Z999AA10123456784").reason is Reason.UNKNOWN_CODE
