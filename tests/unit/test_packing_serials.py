"""Serial numbers at the bench: one for each unit, none twice, and no fright for a code held under the scanner."""

import pytest

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.captured import serials_in
from server.domain.packing.session import Session
from tests.goods_to_pack import CREAM, NOON, PHONE, after, brush, cream, gs1, packing, phone, scanned


def test_an_item_with_serial_numbers_counts_only_when_its_own_follows() -> None:
    asked = after(packing(phone()), PHONE)
    assert (asked.reason, asked.tone, asked.session.counts) == (Reason.NEED_SERIAL, Tone.LOOK, (0,))
    told = scanned(asked.session, "sn-01")
    assert (told.reason, serials_in(told.session)) == (Reason.OK, {("PHONE", "sn-01"): 1})


def test_one_gs1_code_gives_item_and_serial_number() -> None:
    done = after(packing(phone(2)), gs1(PHONE, serial="SN1"), gs1(PHONE, serial="SN2"))
    assert (done.reason, done.session.counts) == (Reason.OK, (2,))


@pytest.mark.parametrize(
    ("seconds", "reason"), [(0.5, Reason.REPEAT), (2.0, Reason.REPEAT), (2.1, Reason.DUPLICATE_SERIAL)]
)
def test_the_same_serial_number_within_two_seconds_is_a_repeat(seconds: float, reason: Reason) -> None:
    code = gs1(PHONE, serial="SN1")
    first = scanned(packing(phone()), code).session
    again = scanned(first, code, NOON + seconds)
    assert (again.reason, again.tone, again.session.counts, again.session.stop) == (reason, Tone.LOOK, (1,), None)


def test_the_last_units_code_held_under_the_scanner_is_not_one_too_many() -> None:
    code = gs1(PHONE, serial="SN1")
    assert scanned(scanned(packing(phone(1)), code).session, code, NOON + 1).reason is Reason.REPEAT


def test_a_serial_number_scanned_by_itself_once_more_is_known() -> None:
    done = scanned(scanned(packing(phone()), PHONE).session, "SN1").session
    assert scanned(done, "SN1", NOON + 1).reason is Reason.REPEAT
    assert scanned(done, "sn1", NOON + 9).reason is Reason.DUPLICATE_SERIAL


def test_a_serial_number_used_before_is_asked_for_again() -> None:
    asked = after(packing(phone()), PHONE, "SN1", PHONE).session
    refused = scanned(asked, "SN1", NOON + 30)
    assert (refused.reason, refused.session.counts) == (Reason.DUPLICATE_SERIAL, (1,))
    assert scanned(refused.session, "SN2", NOON + 31).session.counts == (2,)


def test_a_case_of_units_with_serial_numbers_is_scanned_unit_by_unit() -> None:
    line = cream(6, by_lot=False, by_serial=True)
    verdict = after(packing(line), "10012345678902")
    assert (verdict.reason, verdict.session.counts, verdict.session.asked) == (Reason.SINGLE_UNITS, (0,), None)


def test_lot_and_serial_number_are_asked_for_one_after_the_other() -> None:
    start = packing(cream(1, by_serial=True))
    reasons = [after(start, *texts).reason for texts in ((CREAM,), (CREAM, "A1"), (CREAM, "A1", "SN1"))]
    assert reasons == [Reason.NEED_LOT, Reason.NEED_SERIAL, Reason.OK]
    one = after(start, CREAM, "A1", "SN1").session.captured[0]
    assert (one.lot, one.serial, one.units) == ("A1", "SN1", 1)


def test_another_lot_that_was_confirmed_is_not_asked_about_again_with_the_serial_number() -> None:
    done = after(packing(cream(1, by_serial=True)), CREAM, "B2", "B2", "SN1")
    assert (done.reason, done.session.captured[0].lot) == (Reason.OK, "B2")


@pytest.mark.parametrize("text", ["PPC-PARK", "PPO-1002", "X" * 21, "https://example.com/a-very-long-one"])
def test_what_cannot_be_a_serial_number_is_none(text: str) -> None:
    verdict = after(packing(phone()), PHONE, text)
    assert (verdict.reason is Reason.OK, verdict.session.counts) == (False, (0,))


def test_each_unit_is_known_to_lie_in_its_box_also_after_units_were_taken_out_of_the_last() -> None:
    one, two, three, four = (gs1(PHONE, serial=f"SN{n}") for n in range(1, 5))
    start = after(packing(phone(5), brush()), one, two, "PPX-NEW", three, four).session
    assert boxed(start) == {"SN1": 1, "SN2": 1, "SN3": 2, "SN4": 2}
    # (codes, where each unit lies then)
    rows: list[tuple[tuple[str, ...], dict[str, int]]] = [
        (("PPC-UNDO", three), {"SN1": 1, "SN2": 1, "SN4": 2}),
        (("PPC-UNDO", one), {"SN1": 1, "SN2": 1, "SN3": 2, "SN4": 2}),
        (("PPC-EMPTY", PHONE), {"SN1": 1, "SN2": 1}),
        (("PPC-EMPTY", "PPC-EMPTY", three), {"SN1": 1, "SN2": 1, "SN3": 2}),
        (("PPX-NEW", gs1(PHONE, serial="SN5")), {"SN1": 1, "SN2": 1, "SN3": 2, "SN4": 2, "SN5": 3}),
    ]
    for codes, where in rows:
        assert boxed(after(start, *codes).session) == where, codes


def boxed(session: Session) -> dict[str, int]:
    """The number of the box in which each phone lies."""
    return {serial: box for (_, serial), box in serials_in(session).items()}
