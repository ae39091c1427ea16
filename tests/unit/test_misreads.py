"""Codes that were read badly: cut off, glued, a wrong digit. None is the packer's error, and none ever latches."""

import pytest

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.rules import apply
from server.domain.packing.session import Fact, FactKind, Phase
from tests.goods_to_pack import (
    BRUSH,
    CREAM,
    EITHER,
    NOON,
    PHONE,
    SOAP,
    after,
    brush,
    cream,
    packing,
    phone,
    scanned,
    soap,
)

START = packing(soap(2), brush())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("0012345678", "truncated"),
        ("678905", "truncated"),
        ("12345678905", "truncated"),
        ("BRUS", "truncated"),
        ("USH-1", "truncated"),
        (SOAP + SOAP, "glued"),
        (f"{BRUSH}{BRUSH}", "glued"),
        (f"{SOAP}{BRUSH}", "glued"),
        (f"{EITHER}{BRUSH}", "glued"),
        (f"{SOAP}SN-4711", "glued"),
        (f"OK{SOAP}", "glued"),
        ("4006381333932", "check_digit"),
        ("]C101", "gs1_malformed"),
    ],
)
def test_a_bad_read_has_a_tone_of_its_own_and_never_latches(text: str, why: str) -> None:
    for start in (START, after(START, text).session):
        verdict = scanned(start, text)
        assert (verdict.reason, verdict.tone, verdict.detail) == (Reason.BAD_READ, Tone.LOOK, why)
        assert (verdict.session.counts, verdict.session.unknown_run, verdict.session.stop) == ((0, 0), 0, None)


def test_an_item_and_its_serial_number_in_one_are_not_the_serial_number() -> None:
    asked = after(packing(phone(2)), PHONE).session
    for text in (f"{PHONE}SN1", f"SN1{PHONE}", f"01{PHONE:0>14}21"):
        glued = scanned(asked, text, NOON + 3)
        assert (glued.reason, glued.session.captured) == (Reason.BAD_READ, ())
        assert scanned(glued.session, "SN1", NOON + 6).session.counts == (1,)


@pytest.mark.parametrize("text", ["#1001", "001001", "1001"])
def test_the_own_slip_scanned_again_and_again_never_latches(text: str) -> None:
    verdict = after(START, text, text, text)
    assert (verdict.reason, verdict.session.stop, verdict.session.unknown_run) == (Reason.NOT_NOW, None, 0)


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        ("TRK000004711", Reason.BAD_READ, "truncated"),
        ("0471112", Reason.BAD_READ, "truncated"),
        ("A-1000000", Reason.NOT_NOW, ""),
        ("SN-000001", Reason.DUPLICATE_SERIAL, "SN-000001"),
    ],
)
def test_a_label_half_read_the_own_slip_and_a_serial_number_in_the_box_are_no_wrong_label(
    text: str, reason: Reason, detail: str
) -> None:
    full = after(packing(phone(1), number="A-1000000"), PHONE, "SN-000001").session
    start = apply(full, Fact(FactKind.LABEL, parcel_id="PCL0000001", tracking="TRK00000471112"))
    for _ in range(2):
        verdict = scanned(start, text, NOON + 60)
        assert (verdict.reason, verdict.detail, verdict.tone) == (reason, detail, Tone.LOOK)
        start = verdict.session
    assert scanned(start, "TRK00000471112").session.phase is Phase.CLOSED


@pytest.mark.parametrize("text", ["BRU", "BRUSH-2", "NOPE-1", "999999"])
def test_what_is_no_part_of_an_expected_code_is_unknown(text: str) -> None:
    assert after(START, text).reason is Reason.UNKNOWN_CODE


def test_what_a_person_typed_is_no_misread() -> None:
    assert scanned(START, "USH-1", typed=True).reason is Reason.UNKNOWN_CODE


def test_a_shared_code_is_answered_by_the_number_of_the_right_item() -> None:
    asked = after(START, EITHER)
    assert (asked.reason, asked.item) == (Reason.AMBIGUOUS, "1 Soap / 2 Brush")
    for text, typed in (("PPQ-2", False), ("2", True)):
        assert scanned(asked.session, text, NOON + 3, typed=typed).session.counts == (0, 1)
    assert scanned(asked.session, SOAP, NOON + 3).session.counts == (1, 0)
    wrong = scanned(asked.session, "PPQ-3", NOON + 3)
    assert (wrong.reason, wrong.session.counts) == (Reason.AMBIGUOUS, (0, 0))
    assert scanned(wrong.session, "PPQ-1", NOON + 6).session.counts == (1, 0)


def test_a_shared_code_of_goods_kept_by_lot_asks_for_the_lot_after_the_choice() -> None:
    start = packing(cream(1), brush())
    asked = scanned(start, CREAM)
    assert asked.reason is Reason.NEED_LOT
    assert scanned(asked.session, "A1").session.phase is Phase.PACKING
