"""How many: typed or by a quantity code, only where the product allows it, and refused in words of its own."""

import pytest

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.captured import lots_in
from server.domain.packing.order import Lot, OrderLine
from server.domain.packing.rules import apply
from server.domain.packing.session import Fact, FactKind, Phase, Session, Verdict
from tests.goods_to_pack import BRUSH, CREAM, NOON, PHONE, SOAP, brush, cream, gs1, packing, phone, scanned, soap

FREE = soap(5, typed_quantity=True)


def typed(session: Session, text: str) -> Verdict:
    return scanned(session, text, NOON + 5, typed=True)


def one_of(line: OrderLine, code: str = SOAP, *others: OrderLine) -> Session:
    return scanned(packing(line, *others), code).session


@pytest.mark.parametrize("text", ["4", "PPQ-4", "ppq-4", "+4"])
def test_a_number_after_a_scan_says_how_many_there_are_in_all(text: str) -> None:
    verdict = typed(one_of(FREE), text)
    assert (verdict.reason, verdict.tone, verdict.units, verdict.session.counts) == (Reason.OK, Tone.GOOD, 3, (4,))


def test_a_number_that_fills_the_box_closes_it_and_one_changes_nothing() -> None:
    assert typed(one_of(FREE), "5").session.phase is Phase.CHECKED
    same = typed(one_of(FREE), "1")
    assert (same.reason, same.units, same.session.counts) == (Reason.OK, 0, (1,))


@pytest.mark.parametrize(
    ("text", "why"),
    [("0", "zero"), ("-3", "negative"), ("2.5", "decimal"), ("2,5", "decimal"), ("6", "too_many"), ("PPQ-0", "zero"),
     ("PPQ--3", "negative"), ("PPQ-TWO", "text"), ("PPQ-1.5", "decimal"), ("PPQ-999999999999", "text")],
)  # fmt: skip
def test_what_is_no_quantity_is_refused_and_the_right_one_may_follow(text: str, why: str) -> None:
    refused = typed(one_of(FREE), text)
    assert (refused.reason, refused.detail, refused.session.counts) == (Reason.BAD_QUANTITY, why, (1,))
    assert refused.session.stop is None
    assert typed(refused.session, "4").session.counts == (4,)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (soap(5), SOAP),
        (soap(5, typed_quantity=True, differs_by="LAVENDER"), SOAP),
        (phone(5, typed_quantity=True), gs1(PHONE, serial="SN1")),
    ],
)
def test_look_alikes_units_with_serial_numbers_and_all_that_nobody_allowed_are_scanned_one_by_one(
    line: OrderLine, code: str
) -> None:
    start = one_of(line, code)
    by_code = typed(start, "PPQ-3")
    assert (by_code.reason, by_code.session.counts) == (Reason.SINGLE_UNITS, (1,))
    assert typed(start, "3").session.counts == (1,)


def test_a_number_with_no_item_before_it_counts_nothing() -> None:
    assert typed(packing(FREE), "PPQ-3").reason is Reason.SINGLE_UNITS
    assert typed(packing(FREE), "3").reason is Reason.UNKNOWN_CODE


def test_a_number_counts_only_right_after_its_item_and_only_once() -> None:
    other = scanned(one_of(FREE, SOAP, brush()), BRUSH, NOON + 1).session
    assert typed(other, "PPQ-3").session.counts == (1, 1)
    twice = typed(typed(one_of(FREE), "2").session, "4")
    assert twice.session.counts == (2,)


def test_a_number_that_a_scanner_sent_is_no_typed_quantity() -> None:
    assert scanned(one_of(FREE), "4", NOON + 5).session.counts == (1,)


def test_typed_units_are_of_the_lot_that_was_scanned_and_never_more_than_there_are() -> None:
    line = cream(6, typed_quantity=True, lots=(Lot("A1", reserved=4), Lot("B2", reserved=2)))
    start = one_of(line, gs1(CREAM, lot="A1"))
    assert lots_in(typed(start, "4").session) == {"CREAM": {"A1": 4}}
    assert (typed(start, "5").reason, typed(start, "5").session.counts) == (Reason.WRONG_LOT, (1,))


def test_a_number_after_the_box_stood_aside_is_no_quantity_of_what_was_scanned_before() -> None:
    aside = apply(apply(one_of(FREE), Fact(FactKind.PARK)), Fact(FactKind.RESUME))
    for text in ("4", "PPQ-4"):
        assert typed(aside, text).session.counts == (1,), text


@pytest.mark.parametrize("line", [soap(5), soap(5, typed_quantity=True, differs_by="ROSE")])
def test_a_number_typed_where_it_is_not_allowed_says_so_however_often_and_never_latches(line: OrderLine) -> None:
    session = one_of(line)
    for _ in range(3):
        verdict = typed(session, "3")
        session = verdict.session
        assert (verdict.reason, session.counts, session.stop) == (Reason.SINGLE_UNITS, (1,), None)


def test_a_number_that_a_lot_has_not_is_followed_by_one_that_it_has() -> None:
    lots = (Lot("A1", "2027-06-30", reserved=2), Lot("B2", "2027-12-31", free=5))
    session = one_of(cream(4, typed_quantity=True, lots=lots), gs1(CREAM, lot="A1"))
    many = typed(session, "3")
    assert (many.reason, many.session.counts) == (Reason.WRONG_LOT, (1,))
    assert typed(many.session, "2").session.counts == (2,)
