"""Bytes become codes, whatever the scanner puts around them."""

from __future__ import annotations

import pytest

from scanners.framing import Frame, Framer, Suffix, decoded


def texts(frames: list[Frame]) -> list[tuple[str, str | None]]:
    return [(frame.text, frame.problem) for frame in frames]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\n\r", b"\r\r\n"])
def test_any_line_end_gives_one_code_and_no_blank_one(end: bytes) -> None:
    framer = Framer()
    assert texts(framer.feed(b"A1" + end + b"B2" + end, 1.0)) == [("A1", None), ("B2", None)]
    assert not framer.pending


def test_a_code_in_pieces_carries_the_times_of_its_first_and_last_byte() -> None:
    framer = Framer()
    assert framer.feed(b"40063", 1.0) == []
    assert framer.pending
    assert framer.feed(b"81333931\r", 1.5) == [Frame("4006381333931", 1.0, 1.5)]


@pytest.mark.parametrize(
    ("suffix", "data", "codes"),
    [
        ("cr", b"A\nB\r", ["A\nB"]),
        ("lf", b"A\rB\n", ["A\rB"]),
        ("crlf", b"A\rB\r\nC\r\n", ["A\rB", "C"]),
        ("stx-etx", b"\x02A\rB\x03\r\n\x02C\x03", ["A\rB", "C"]),
    ],
)
def test_exactly_the_configured_frame_is_stripped(suffix: Suffix, data: bytes, codes: list[str]) -> None:
    assert texts(Framer(suffix).feed(data, 0.0)) == [(code, None) for code in codes]


def test_blanks_and_separators_inside_a_code_are_kept() -> None:
    assert texts(Framer().feed(b" 10A\x1d21B \r", 0.0)) == [(" 10A\x1d21B ", None)]


def test_a_start_without_an_end_before_it_makes_the_first_code_partial() -> None:
    assert texts(Framer("stx-etx").feed(b"\x02AB\x02CD\x03", 0.0)) == [("AB", "partial"), ("CD", None)]


def test_bytes_outside_an_envelope_are_told_and_never_a_code() -> None:
    framer = Framer("stx-etx")
    assert texts(framer.feed(b"4006381333931\r", 0.0) + framer.expire()) == [("4006381333931\r", "partial")]
    assert texts(framer.feed(b"AB\x03", 0.0)) == [("AB", "partial")]


def test_silence_in_the_middle_of_a_code_drops_it() -> None:
    framer = Framer()
    framer.feed(b"400638", 3.0)
    assert framer.expire() == [Frame("400638", 3.0, 3.0, "partial")]
    assert framer.expire() == []
    assert texts(framer.feed(b"B2\r", 4.0)) == [("B2", None)]


@pytest.mark.parametrize(("suffix", "end"), [("any", b"\r"), ("crlf", b"\r\n"), ("stx-etx", b"\x03")])
def test_too_many_bytes_are_told_once_and_the_next_code_is_good(suffix: Suffix, end: bytes) -> None:
    framer = Framer(suffix, size_max=8)
    start = b"\x02" if suffix == "stx-etx" else b""
    data = start + b"12345678" + end + start + b"x" * 50 + end + start + b"B2" + end
    assert texts(framer.feed(data, 0.0)) == [("12345678", None), ("", "too_long"), ("B2", None)]


def test_the_rest_of_a_code_too_long_ends_with_silence() -> None:
    framer = Framer(size_max=8)
    assert texts(framer.feed(b"x" * 9, 0.0)) == [("", "too_long")]
    assert framer.pending
    assert framer.expire() == []
    assert texts(framer.feed(b"B2\r", 1.0)) == [("B2", None)]


def test_bytes_that_are_not_utf_8_are_latin_1() -> None:
    assert decoded("Größe".encode()) == "Größe"
    assert decoded("Größe".encode("latin-1")) == "Größe"


def test_an_unknown_suffix_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(ValueError, match="any, cr, lf, crlf, stx-etx, found 'tab'"):
        Framer("tab")  # type: ignore[arg-type]
