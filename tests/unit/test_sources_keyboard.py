"""Keys that reach the terminal: who pressed them, and what Enter means."""

from __future__ import annotations

import pytest

from scanners.line import Line, StopSignal
from scanners.scan import Scan
from scanners.sources.keyboard import KeyboardSource


class Bench:
    """A keyboard with someone who listens."""

    def __init__(self) -> None:
        self.scans: list[Scan] = []
        self.keyboard = KeyboardSource()
        stopping = StopSignal()
        self.keyboard.listen(Line(self.scans.append, lambda _detail: None, stopping))
        stopping.close()

    def press(self, text: str, *, gap: float, at: float = 100.0) -> float:
        """Presses the keys and gives the time of the last."""
        for index, character in enumerate(text):
            self.keyboard.key(character, at + index * gap)
        return at + (len(text) - 1) * gap


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_person_is_known_by_the_speed_of_the_keys(bench: Bench) -> None:
    last = bench.press("4006381333931", gap=0.12)
    assert bench.keyboard.pending == "4006381333931"
    assert bench.keyboard.enter(last + 0.2) == "code"
    assert bench.scans == [Scan("4006381333931", "keyboard", 100.0, last, typed=True)]
    assert bench.keyboard.pending == ""


def test_a_scanner_is_known_by_the_speed_of_the_keys(bench: Bench) -> None:
    bench.press("4006381333931", gap=0.01)
    bench.keyboard.enter(101.0)
    assert [scan.typed for scan in bench.scans] == [False]


def test_a_key_pressed_long_before_a_scan_is_no_part_of_it(bench: Bench) -> None:
    bench.press("x", gap=0.1)
    last = bench.press("PV00000000017", gap=0.01, at=103.0)
    bench.keyboard.enter(last + 0.01)
    assert bench.scans == [Scan("PV00000000017", "keyboard", 103.0, last, typed=False)]


def test_only_the_last_burst_after_forgotten_keys_is_the_scan(bench: Bench) -> None:
    for at, text in ((100.0, "abc"), (110.0, "PV00000000024"), (120.0, "PV00000000017")):
        bench.press(text, gap=0.01, at=at)
    bench.keyboard.enter(121.0)
    assert [(scan.text, scan.typed) for scan in bench.scans] == [("PV00000000017", False)]


def test_a_person_who_thinks_in_the_middle_of_a_code_loses_nothing_of_it(bench: Bench) -> None:
    bench.press("PV0000", gap=0.2)
    last = bench.press("0000017", gap=0.15, at=104.0)
    bench.keyboard.enter(last + 0.2)
    assert bench.scans == [Scan("PV00000000017", "keyboard", 100.0, last, typed=True)]


def test_a_scan_soon_after_a_key_keeps_it_so_that_nothing_is_lost_unseen(bench: Bench) -> None:
    bench.press("x", gap=0.1)
    bench.press("PV00000000017", gap=0.01, at=101.9)
    bench.keyboard.enter(103.0)
    assert [scan.text for scan in bench.scans] == ["xPV00000000017"]


def test_a_scan_into_what_a_person_is_typing_leaves_what_was_typed_as_it_was(bench: Bench) -> None:
    last = bench.press("PPC-PA", gap=0.15)
    last = bench.press("4006381333931", gap=0.01, at=last + 0.4)
    bench.keyboard.enter(last + 0.01)
    assert [(scan.text, scan.typed) for scan in bench.scans] == [("4006381333931", False)]
    assert bench.keyboard.pending == "PPC-PA"
    last = bench.press("RK", gap=0.15, at=last + 1.0)
    bench.keyboard.enter(last + 0.2)
    assert [(scan.text, scan.typed) for scan in bench.scans[1:]] == [("PPC-PARK", True)]


def test_a_wedge_that_stumbles_is_never_taken_for_a_person_and_a_scan(bench: Bench) -> None:
    last = bench.press("40063", gap=0.01)
    last = bench.press("81333931", gap=0.01, at=last + 0.9)
    bench.keyboard.enter(last + 0.01)
    assert [scan.text for scan in bench.scans] == ["4006381333931"]
    assert bench.keyboard.pending == ""


@pytest.mark.parametrize("text", ["12345", "1"])
def test_few_fast_keys_prove_no_scanner(bench: Bench, text: str) -> None:
    bench.press(text, gap=0.001)
    bench.keyboard.enter(101.0)
    assert [scan.typed for scan in bench.scans] == [True]


def test_pasted_text_counts_as_typed(bench: Bench) -> None:
    bench.keyboard.key("4006381333931", 100.0)
    bench.keyboard.enter(101.0)
    assert [(scan.text, scan.typed) for scan in bench.scans] == [("4006381333931", True)]


def test_enter_alone_is_an_acknowledgement_and_no_code(bench: Bench) -> None:
    assert bench.keyboard.enter(100.0) == "bare"
    assert bench.scans == []


def test_the_second_half_of_a_line_end_cannot_acknowledge_a_stop(bench: Bench) -> None:
    last = bench.press("4006381333931", gap=0.01)
    assert bench.keyboard.enter(last + 0.01) == "code"
    assert bench.keyboard.enter(last + 0.02) == "swallowed"
    assert bench.keyboard.enter(last + 0.32) == "bare"
    assert len(bench.scans) == 1


def test_a_typing_error_can_be_taken_back(bench: Bench) -> None:
    bench.press("AB", gap=0.2)
    bench.keyboard.backspace()
    assert bench.keyboard.pending == "A"
    bench.keyboard.clear()
    bench.keyboard.backspace()
    assert bench.keyboard.pending == ""
    assert bench.keyboard.enter(200.0) == "bare"


def test_backspace_takes_one_character_of_a_pasted_text(bench: Bench) -> None:
    bench.keyboard.key("AB", 100.0)
    bench.keyboard.backspace()
    assert bench.keyboard.pending == "A"
    bench.keyboard.backspace()
    assert bench.keyboard.enter(200.0) == "bare"


def test_a_book_leaning_on_the_keyboard_is_told_as_too_long(bench: Bench) -> None:
    bench.press("x" * 4097, gap=0.03)
    bench.keyboard.enter(300.0)
    assert [(scan.text, scan.problem) for scan in bench.scans] == [("", "too_long")]


def test_a_keyboard_nobody_reads_is_a_fault_of_the_program() -> None:
    keyboard = KeyboardSource()
    keyboard.key("A", 1.0)
    with pytest.raises(RuntimeError, match="expected a started Reader"):
        keyboard.enter(1.0)
