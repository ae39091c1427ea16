"""No bytes a scale or a bad cable can send stop the reading of it, hold it up, or make a weight nobody can lift."""

import time
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanners.scales.ports import Port
from scanners.scales.protocols import kinds, protocol
from scanners.scales.reading import GRAMS_MAX
from scanners.scales.source import FRAME_MAX, ScaleSource

CORPUS = tuple(
    bytes.fromhex(line) for line in (Path(__file__).parents[1] / "corpus" / "scales.hex").read_text().split()
)
"""Frames that were trouble once or look like it, one in hexadecimal on a line."""
WORDS = b"S S |S D |SI |S +|ES|  12.5|-|.| g|lb|oz| ?| NET|^^^|00|1p".split(b"|")
BYTES = (b"\r", b"\n", b"\x03", b"\xff", b"\x00", b"\x1b", b"9" * 30, b"\x03\x04\x02\xff\x39\x30", b"\x03\x04\x0c\x7f")
PIECES = st.sampled_from([*WORDS, *BYTES])
FRAMES = st.one_of(st.binary(max_size=64), st.lists(PIECES, max_size=40).map(b"".join))
SECONDS_MAX = 0.1


def never() -> Port:
    """These sources are fed by hand."""
    raise AssertionError


@settings(max_examples=200)
@given(FRAMES)
@example(b"")
def test_no_frame_is_an_exception_takes_long_or_weighs_tons(frame: bytes) -> None:
    for kind in kinds():
        began = time.thread_time()
        reading = protocol(kind).reading_of(frame, 1.0)
        assert time.thread_time() - began < SECONDS_MAX
        assert reading is None or reading.grams is None or abs(reading.grams) <= GRAMS_MAX


def test_what_was_trouble_once_takes_no_time_and_raises_nothing() -> None:
    assert len(CORPUS) > 15
    for frame in CORPUS:
        for kind in kinds():
            began = time.thread_time()
            protocol(kind).reading_of(frame, 1.0)
            assert time.thread_time() - began < SECONDS_MAX, frame


@settings(max_examples=150)
@given(st.sampled_from(["mt-sics", "nci", "ohaus"]), FRAMES, st.data())
def test_a_stream_gives_the_same_readings_however_it_was_split(kind: str, stream: bytes, data: st.DataObject) -> None:
    def readings(pieces: list[bytes]) -> list[bytes]:
        source = ScaleSource(kind, protocol(kind), never)
        return [frame for piece in pieces for frame in source._frames(piece)]

    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    split = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert readings(split) == readings([stream])


def test_a_line_that_never_ends_is_not_kept_and_the_next_answer_is_heard() -> None:
    source = ScaleSource("mt-sics", protocol("mt-sics"), never)
    assert not source._take(source._frames(b"\n"))
    for _ in range(100):
        assert not source._take(source._frames(b"S S 1" * 1000))
        assert len(source._buffer) <= FRAME_MAX
    assert not source._take(source._frames(b" 100.00 g\r\n")), "the end of something endless is no weight"
    assert source._take(source._frames(b"S S     100.00 g\r\n"))
