"""What printers say: each trouble in its own words with something to do, and nothing strange is ever taken for good."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printing.printers import ipp
from printing.printers.languages import escpos, zpl
from printing.printers.troubles import Trouble, remedy
from printing.printers.virtual_press import Press


@pytest.mark.parametrize(
    ("asked", "byte", "words"),
    [
        (1, 0x12, ""),
        (1, 0x1A, "paused"),
        (2, 0x16, "cover open"),
        (2, 0x32, "out of labels"),
        (2, 0x52, "stopped with an error"),
        (2, 0x1A, ""),
        (3, 0x1A, "cutter jammed"),
        (3, 0x32, "stopped with an error"),
        (3, 0x52, "head too hot"),
        (4, 0x1E, ""),
        (4, 0x72, "out of labels"),
    ],
)
def test_each_bit_of_a_receipt_printer_means_something(asked: int, byte: int, words: str) -> None:
    found = escpos.parse({**dict.fromkeys(escpos.ASKED, 0x12), asked: byte})
    assert found.state == ("attention" if words else "ready")
    assert found.detail == (words or ("paper is low" if asked == 4 and byte & 0x0C else ""))


def test_offline_stands_back_behind_what_has_caused_it() -> None:
    assert escpos.parse({1: 0x1A, 2: 0x36, 3: 0x12, 4: 0x72}).detail == "cover open, out of labels"


@pytest.mark.parametrize("answers", [b"", b"\x00", b"\xff", b"\x16\x16\x13"])
def test_an_empty_or_strange_answer_is_never_plenty_of_paper(answers: bytes) -> None:
    found = escpos.status(lambda _question, _complete: answers)
    assert found is not None and found.state == "attention"
    assert found.detail.startswith("answers strangely" if answers else "does not answer")


def test_only_one_answer_to_the_question_in_line_proves_that_a_receipt_is_out() -> None:
    assert escpos.is_answer_in_line(b"\x00") and escpos.is_answer_in_line(b"\x0c")
    assert escpos.is_answer_in_line(b"\x13\x00\x11")
    # Silence, an answer to DLE EOT, a status nobody asked for (GS a), and noise.
    for other in (b"", b"\x12", b"\x10\x00\x00\x00", b"\x14\x00\x60\x0f", b"\x00\x00", b"\xff"):
        assert not escpos.is_answer_in_line(other)


def test_a_late_answer_to_the_question_in_line_is_not_taken_for_a_status() -> None:
    waits: list[bytes] = []

    def ask(_question: bytes, complete: Callable[[bytes], bool]) -> bytes:
        waits.append(b"" if complete(b"\x00") else b"\x00")
        return b"\x00\x12"

    found = escpos.status(ask)
    assert found is not None and found.state == "ready" and waits == [b"\x00"] * 4


@pytest.mark.parametrize("trouble", ["paper_out", "paused", "head_open", "ribbon_out", "hot", "cold", "buffer_full"])
def test_every_trouble_a_printer_can_have_is_told_apart(trouble: str) -> None:
    press = Press()
    setattr(press, trouble, True)
    found = zpl.parse(press.host_status())
    assert found.state == "attention"
    assert found.detail in set(Trouble) and remedy(found.detail)


@pytest.mark.parametrize("trouble", Trouble)
def test_for_every_trouble_there_is_something_to_do(trouble: Trouble) -> None:
    assert remedy(f"labels: {trouble}, paused")


BYTES = st.binary(max_size=400) | st.builds(
    b"".join,
    st.lists(st.sampled_from([b"\x02", b"\x03", b",", b"0", b"9" * 5000, b"030,0,0", b"\r\n", b"\xb2"]), max_size=60),
)


@settings(max_examples=300, deadline=None)
@given(BYTES)
def test_whatever_a_printer_answers_costs_no_exception_and_no_time(answer: bytes) -> None:
    begun = time.perf_counter()
    zpl.parse(answer)
    escpos.status(lambda _question, _complete: answer)
    zpl.recovery(answer)
    try:
        ipp.Answer(answer)
    except ValueError as problem:
        assert "cut off" in str(problem)
    assert time.perf_counter() - begun < 0.1
