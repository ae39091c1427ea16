"""What holds for every code and every byte a scanner can send."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scanners.barcode import Barcode, parse, product_key
from scanners.framing import SUFFIXES, Frame, Framer, Suffix
from scanners.keys import KeyDecoder
from scanners.layouts import LAYOUTS

SUFFIX: st.SearchStrategy[Suffix] = st.sampled_from(SUFFIXES)
BYTES = st.lists(st.sampled_from([b"\r", b"\n", b"\x02", b"\x03", b"\x1d", b"\xff", b"4", b"A"])).map(b"".join)
IDENTIFIERS = ("00", "01", "02", "10", "17", "21", "30", "3103", "37", "8008")
NUMBERS = ("04006381333931", "4006381333931", "340123451234567895", "271200", "A", "9")
AROUND = ("]C1", "]d2", "]Q1", "]E0", "]E3", "\x1d", "|", "http://", "/01/", "?17=", "-")
GS1_PIECES = st.sampled_from((*IDENTIFIERS, *NUMBERS, *AROUND))
PRINTABLE = st.one_of(
    st.characters(min_codepoint=0x20, max_codepoint=0x2FFF, exclude_categories=["Cc"]), st.just("\x1d")
)
CODE = st.one_of(st.text(), st.lists(GS1_PIECES).map("".join), st.from_regex(r"\A[0-9]{1,40}\Z"))
DIGITS = st.sampled_from([7, 11, 12, 13]).flatmap(lambda size: st.from_regex(rf"\A[0-9]{{{size}}}\Z"))


def with_check_digit(digits: str) -> str:
    """Written apart from the product, from the standard: weights 3, 1, 3 ... from the right."""
    total = sum(int(digit) * (3 if index % 2 == 0 else 1) for index, digit in enumerate(reversed(digits)))
    return f"{digits}{-total % 10}"


@given(SUFFIX, BYTES, st.data())
def test_a_stream_gives_the_same_codes_however_it_was_split(suffix: Suffix, stream: bytes, data: st.DataObject) -> None:
    whole = Framer(suffix, size_max=6)
    expected = whole.feed(stream, 0.0) + whole.expire()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    split = Framer(suffix, size_max=6)
    frames: list[Frame] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        frames += split.feed(stream[start:end], 0.0)
    assert frames + split.expire() == expected
    assert not split.pending


@given(st.lists(st.text(PRINTABLE, min_size=1, max_size=40)), st.sampled_from(["\r", "\n", "\r\n"]))
def test_every_code_that_was_sent_arrives_once_and_unchanged(codes: list[str], end: str) -> None:
    stream = "".join(code + end for code in codes).encode()
    assert [(frame.text, frame.problem) for frame in Framer().feed(stream, 0.0)] == [(code, None) for code in codes]


@given(SUFFIX, st.binary())
def test_no_bytes_stop_the_framing(suffix: Suffix, stream: bytes) -> None:
    framer = Framer(suffix)
    for frame in framer.feed(stream, 0.0) + framer.expire():
        assert frame.text


@given(CODE, st.sampled_from(["", "|", "<GS>", "none", "text:|"]))
def test_no_text_stops_the_parsing_and_no_parser_fails_inside(text: str, gs_as: str) -> None:
    read = parse(text, gs_as=gs_as)
    assert isinstance(read, Barcode)
    assert read.text == text
    assert read.bad_read != "unreadable"
    assert read.gtin is None or with_check_digit(read.gtin[:-1]) == read.gtin
    assert read.sscc is None or with_check_digit(read.sscc[:-1]) == read.sscc


@given(DIGITS)
def test_a_gtin_has_one_key_in_every_length_and_a_wrong_one_keeps_its_own(digits: str) -> None:
    code = with_check_digit(digits)
    wrong = f"{digits}{(int(code[-1]) + 1) % 10}"
    assert product_key(wrong) == wrong
    if code.strip("0"):
        assert {product_key(code.zfill(size)) for size in (12, 13, 14) if size >= len(code)} == {code.zfill(14)}
        assert product_key(code) == code.zfill(14)


@given(st.text())
def test_the_key_of_a_key_is_itself(code: str) -> None:
    assert product_key(product_key(code)) == product_key(code)


@given(
    st.sampled_from(sorted(LAYOUTS)),
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 130), st.integers(0, 2)), max_size=200),
)
def test_no_key_events_stop_the_decoding(layout: str, events: list[tuple[int, int, int]]) -> None:
    decoder = KeyDecoder(layout)
    frames = [frame for event in events for frame in decoder.feed(*event, 0.0)] + decoder.expire()
    assert all(frame.text or frame.problem for frame in frames)
    assert not decoder.pending
