"""Zebra's packets: every byte from the manual, and codes however the line splits or spoils them."""

from __future__ import annotations

import pytest

from scanners import ssi
from scanners.ssi import SsiFramer


def sent(code: bytes, *, more: bool = False, again: bool = False) -> bytes:
    """DECODE_DATA as a scanner sends it; 0B is its number for EAN-13."""
    body = bytes((5 + len(code), ssi.DECODE_DATA, 0, 2 * more + again, 0x0B)) + code
    return body + ssi.checksum(body)


def heard(framer: SsiFramer, *pieces: bytes) -> list[tuple[str, str | None]]:
    return [(frame.text, frame.problem) for piece in pieces for frame in framer.feed(piece, 1.0)]


@pytest.mark.parametrize(
    ("opcode", "data", "expected"),
    [
        (0xE6, "00", "05 E6 04 00 00 FF 11"),
        (0xE6, "07", "05 E6 04 00 07 FF 0A"),
        (0xE7, "01", "05 E7 04 00 01 FF 0F"),
        (0xE8, "01", "05 E8 04 00 01 FF 0E"),
        (0xEA, "", "04 EA 04 00 FF 0E"),
        (0xE9, "", "04 E9 04 00 FF 0F"),
        (0xD0, "", "04 D0 04 00 FF 28"),
    ],
)
def test_a_packet_is_that_of_the_manual(opcode: int, data: str, expected: str) -> None:
    assert ssi.packet(opcode, bytes.fromhex(data)) == bytes.fromhex(expected)


def test_a_code_is_acknowledged_and_keeps_its_separators_however_it_was_split() -> None:
    stream = sent(b"]C10110LOT\x1d21SN") + sent(b"B2\r")
    for size in range(1, len(stream) + 1):
        framer = SsiFramer()
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        assert heard(framer, *pieces) == [("]C10110LOT\x1d21SN", None), ("B2\r", None)]
        assert framer.replies() == 2 * bytes.fromhex("04 D0 04 00 FF 28")
        assert (framer.replies(), framer.pending) == (b"", False)


def test_a_long_code_in_several_packets_is_one_scan() -> None:
    framer = SsiFramer()
    assert heard(framer, sent(b"A" * 200, more=True), sent(b"B")) == [("A" * 200 + "B", None)]


def test_a_spoilt_packet_is_refused_and_the_scanner_sends_it_again() -> None:
    framer = SsiFramer()
    good = sent(b"4006381333931")
    assert heard(framer, good[:8] + b"9" + good[9:]) == []
    assert framer.replies() == ssi.packet(ssi.NAK, b"\x01")
    assert heard(framer, good) == [("4006381333931", None)]


def test_half_a_packet_is_told_as_partial_and_noise_as_nothing() -> None:
    framer = SsiFramer()
    assert heard(framer, sent(b"4006381333931")[:9], b"") == []
    assert [frame.problem for frame in framer.expire()] == ["partial"]
    assert heard(framer, b"\x00\x03\x01", sent(b"A1")) == [("A1", None)]
    assert heard(framer, b"\x40") == []
    assert (framer.pending, framer.expire(), framer.pending) == (True, [], False)


def test_a_code_without_end_is_told_as_too_long() -> None:
    framer = SsiFramer()
    told = heard(framer, *[sent(b"A" * 240, more=True)] * 20)
    assert told == [("", "too_long")]


def test_a_code_sent_again_because_our_answer_was_lost_counts_once() -> None:
    framer = SsiFramer()
    code, again = sent(b"4006381333931"), sent(b"4006381333931", again=True)
    assert len(framer.feed(code, 1.0) + framer.feed(again, 3.0) + framer.feed(again, 5.0)) == 1
    assert framer.replies() == 3 * bytes.fromhex("04 D0 04 00 FF 28"), "or it would be sent for ever"
    assert [frame.text for frame in framer.feed(code, 6.0)] == ["4006381333931"], "a second piece of it"
    assert heard(SsiFramer(), sent(b"AA", more=True), sent(b"AA", more=True, again=True), sent(b"B")) == [("AAB", None)]


def test_a_code_sent_again_because_it_did_not_arrive_counts() -> None:
    code, again = sent(b"4006381333931"), sent(b"4006381333931", again=True)
    for spoilt in (code[:8] + b"9" + code[9:], code[:8]):
        framer = SsiFramer()
        assert len(framer.feed(code, 1.0) + framer.feed(spoilt, 2.0)) == 1
        if framer.pending:
            framer.expire()
        assert [frame.text for frame in framer.feed(again, 4.0)] == ["4006381333931"], spoilt
    framer = SsiFramer()
    assert len(framer.feed(code, 1.0) + framer.feed(again, 1.0 + 2 * ssi.GIVEN_UP_SECONDS)) == 2, "of another scan"


def test_the_end_of_a_code_whose_beginning_was_given_up_never_passes_for_a_code() -> None:
    framer = SsiFramer()
    assert heard(framer, sent(b"01", more=True)) == []
    assert [frame.problem for frame in framer.expire()] == ["partial"]
    assert heard(framer, sent(b"A", more=True), sent(b"4006381333931"), sent(b"B2")) == [("", "dropped"), ("B2", None)]
    long = [sent(b"A" * 240, more=True)] * 18
    assert heard(framer, *long, sent(b"4006381333931"), sent(b"B2")) == [
        ("", "too_long"),
        ("", "dropped"),
        ("B2", None),
    ]
    assert heard(framer, sent(b"01", more=True)) == []
    framer.expire()
    assert [frame.text for frame in framer.feed(sent(b"B2"), 2.0 + ssi.GIVEN_UP_SECONDS)] == ["B2"]
