"""Key events of scanners that play a keyboard, as Linux reports them."""

from __future__ import annotations

import pytest

from scanners.framing import Frame
from scanners.keys import GAP_SECONDS, KeyDecoder
from scanners.layouts import LAYOUTS

KEY, SYN = 1, 0
ENTER, TAB, SHIFT, CTRL, ALT, ALT_GRAPH, BRACKET, F8, CAPS = 28, 15, 42, 29, 56, 100, 27, 66, 58
KEYPAD = dict(zip("0123456789", (82, 79, 80, 81, 75, 76, 77, 71, 72, 73), strict=True))
Event = tuple[int, int, int]


def press(*codes: int) -> list[Event]:
    """Keys pressed one after the other, each let go before the next."""
    return [event for code in codes for event in ((KEY, code, 1), (SYN, 0, 0), (KEY, code, 0), (SYN, 0, 0))]


def held(modifier: int, *codes: int) -> list[Event]:
    return [(KEY, modifier, 1), *press(*codes), (KEY, modifier, 0)]


def typed(text: str, layout: str = "us") -> list[Event]:
    """The keys for a text on a layout, as a scanner would press them."""
    keys = LAYOUTS[layout]
    events: list[Event] = []
    for character in text:
        for table, modifier in ((keys.plain, None), (keys.shifted, SHIFT), (keys.alt_graph, ALT_GRAPH)):
            code = next((code for code, found in table.items() if found == character), None)
            if code is not None:
                events += press(code) if modifier is None else held(modifier, code)
                break
        else:
            raise LookupError(character)
    return events


def codes(decoder: KeyDecoder, events: list[Event], at: float = 0.0) -> list[tuple[str, str | None]]:
    return [(frame.text, frame.problem) for event in events for frame in decoder.feed(*event, at)]


CALIBRATION = "ABCXYZabcxyz0123456789-_/.+$%:*]"


@pytest.mark.parametrize("layout", sorted(LAYOUTS))
def test_the_calibration_code_reads_right_on_every_layout(layout: str) -> None:
    events = typed(CALIBRATION, layout) + held(CTRL, BRACKET) + press(ENTER)
    assert codes(KeyDecoder(layout), events) == [(f"{CALIBRATION}\x1d", None)]


def test_a_german_scanner_on_a_us_layout_swaps_y_and_z() -> None:
    assert codes(KeyDecoder("us"), typed("XYZ", "de") + press(ENTER)) == [("XZY", None)]


@pytest.mark.parametrize("end", [press(ENTER), press(96), press(TAB), held(CTRL, 50), held(CTRL, 36)])
def test_enter_tab_and_their_control_keys_end_a_code_once(end: list[Event]) -> None:
    assert codes(KeyDecoder(), typed("A1") + end) == [("A1", None)]


def test_enter_alone_is_no_code() -> None:
    assert codes(KeyDecoder(), press(ENTER, ENTER)) == []


def test_autorepeat_and_lock_keys_add_nothing() -> None:
    events = [(KEY, 2, 1), (KEY, 2, 2), (KEY, 2, 2), (KEY, 2, 0), *press(CAPS), (4, 4, 458782), *press(3, ENTER)]
    assert codes(KeyDecoder(), events) == [("12", None)]


def test_both_shift_keys_count_and_only_while_held() -> None:
    events = [(KEY, 42, 1), (KEY, 54, 1), (KEY, 42, 0), *press(30), (KEY, 54, 0), *press(30, ENTER)]
    assert codes(KeyDecoder(), events) == [("Aa", None)]


def test_alt_and_keypad_digits_are_one_character() -> None:
    gs = held(ALT, *(KEYPAD[digit] for digit in "029"))
    assert codes(KeyDecoder(separator="alt029"), typed("10A") + gs + typed("21B") + press(ENTER)) == [
        ("10A\x1d21B", None)
    ]
    nonsense = held(ALT, *(KEYPAD[digit] for digit in "99999999"))
    assert codes(KeyDecoder(), typed("10A") + nonsense + press(ENTER)) == [("", "dropped")]


def test_the_keypad_alone_gives_digits() -> None:
    assert codes(KeyDecoder(), press(*KEYPAD.values(), ENTER)) == [("0123456789", None)]


def test_a_function_key_is_the_separator_only_where_it_was_agreed() -> None:
    events = typed("10A") + press(F8) + typed("21B") + press(ENTER)
    assert codes(KeyDecoder(separator="f8"), events) == [("10A\x1d21B", None)]
    assert codes(KeyDecoder(), events) == [("", "dropped")]


def test_a_function_key_before_a_code_is_a_prefix() -> None:
    assert codes(KeyDecoder(), press(F8) + typed("A1") + press(ENTER)) == [("A1", None)]


def test_after_lost_events_the_rest_of_the_code_is_never_passed_on() -> None:
    decoder = KeyDecoder()
    lost = [*typed("40"), (KEY, SHIFT, 1), (SYN, 3, 0), *typed("3931"), (SYN, 3, 0), *press(ENTER)]
    assert codes(decoder, lost) == [("", "dropped")]
    assert not decoder.pending
    assert codes(decoder, typed("a2") + press(ENTER)) == [("a2", None)]


def test_after_lost_events_silence_ends_the_rest_too() -> None:
    decoder = KeyDecoder()
    codes(decoder, [(SYN, 3, 0), *typed("3931")])
    assert decoder.pending
    assert decoder.expire() == []
    assert codes(decoder, typed("a2") + press(ENTER), at=2.0) == [("a2", None)]


def test_a_code_without_enter_is_marked_unterminated_and_a_stray_key_partial() -> None:
    decoder = KeyDecoder()
    assert decoder.gap_seconds == GAP_SECONDS
    codes(decoder, typed("400"), at=5.0)
    assert decoder.expire() == [Frame("400", 5.0, 5.0, "unterminated")]
    codes(decoder, typed("4"))
    assert [frame.problem for frame in decoder.expire()] == ["partial"]


def test_the_rest_of_a_code_that_a_gap_cut_off_is_no_code_of_its_own() -> None:
    decoder = KeyDecoder()
    codes(decoder, typed("P"), at=5.0)
    assert [frame.problem for frame in decoder.expire()] == ["partial"]
    assert codes(decoder, typed("PO-1"), at=5.3) == []
    assert decoder.expire() == [], "told once, in however many pieces it comes"
    assert codes(decoder, typed("001") + press(ENTER), at=5.9) == []
    assert not decoder.pending
    assert codes(decoder, typed("a2") + press(ENTER), at=6.0) == [("a2", None)], "the end was seen: this is the next"
    codes(decoder, typed("40"), at=7.0)
    decoder.expire()
    assert codes(decoder, typed("a3") + press(ENTER), at=8.5) == [("a3", None)], "another pull of the trigger"


def test_a_code_has_the_times_of_its_first_and_last_character() -> None:
    decoder = KeyDecoder()
    codes(decoder, typed("a"), at=1.0)
    codes(decoder, typed("b"), at=2.0)
    assert decoder.feed(KEY, ENTER, 1, 3.0) == [Frame("ab", 1.0, 2.0)]


def test_a_key_that_is_stuck_is_told_as_too_long() -> None:
    assert codes(KeyDecoder(), press(*[2] * 5000, ENTER)) == [("", "too_long")]


def test_the_gap_is_never_shorter_than_a_busy_machine_makes_it() -> None:
    assert KeyDecoder(gap_seconds=0.01).gap_seconds == GAP_SECONDS


def test_an_unknown_layout_or_separator_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(ValueError, match="us, de, fr, found 'it'"):
        KeyDecoder("it")
    with pytest.raises(ValueError, match=r"ctrl-bracket, .*found 'f9'"):
        KeyDecoder(separator="f9")
