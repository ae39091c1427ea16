"""Scales on real lines: pseudo-terminals, sockets and pipes, with everything that goes wrong on them."""

import fcntl
import itertools
import os
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from scanners.scales.hidraw import find, usb_scales
from scanners.scales.reading import Load, Reading
from scanners.scales.source import ScaleSource
from tests.fake_scale import PtyScale, mt_sics, nci, ohaus, read
from tests.fakes import until

TOLD_WITHIN = 2.0
"""Seconds from a scale's last word to the bench knowing that it is not there."""


def says(scale: ScaleSource, grams: int | None, load: Load = Load.OK) -> None:
    """Wait for this reading."""

    def said() -> bool:
        reading = scale.latest()
        return reading is not None and (reading.grams, reading.load) == (grams, load)

    until(said, f"{grams} g, {load}; it says {scale.latest()}")


class Seen:
    """Every reading there was, but for when it was."""

    def __init__(self, scale: ScaleSource) -> None:
        self._scale = scale
        self._readings = set[Reading]()

    def look(self) -> set[Reading]:
        """What there was until now."""
        reading = self._scale.latest()
        self._readings |= {replace(reading, at=0.0)} if reading else set()
        return self._readings

    @property
    def grams(self) -> set[int | None]:
        """All weights."""
        return {reading.grams for reading in self._readings}


@pytest.mark.parametrize(
    ("kind", "asked", "still", "moving"),
    [
        ("mt-sics", b"SI\r\n", mt_sics(620.4), mt_sics(300, "D")),
        ("nci", b"W\r", nci("0001.37lb"), nci("0000.66lb", "10")),
        ("ohaus", b"IP\r\n", ohaus(621), ohaus(300, "?")),
    ],
)
def test_a_scale_on_a_serial_line_is_asked_in_its_language_and_told_apart_still_from_moving(
    kind: str, asked: bytes, still: bytes, moving: bytes
) -> None:
    with PtyScale(lambda _asked: still) as there, read(f"{kind}:serial:{there.path}") as (scale, told):
        says(scale, {"mt-sics": 620, "nci": 621, "ohaus": 621}[kind])
        there.says = lambda _asked: moving
        says(scale, {"mt-sics": 300, "nci": 299, "ohaus": 300}[kind], Load.MOTION)
        assert set(there.asked) == {asked}
        assert [status.state for status in told] == ["connected"]


def test_bits_of_parity_and_half_an_answer_at_a_time_change_nothing() -> None:
    whole = bytes(byte | 0x80 if byte.bit_count() % 2 else byte for byte in nci("0001.37lb"))
    halves = itertools.cycle([whole[:9], whole[9:]])
    with PtyScale(lambda _asked: next(halves)) as there, read(f"nci:serial:{there.path}") as (scale, _):
        says(scale, 621)


def test_what_began_before_we_listened_is_never_a_weight() -> None:
    """Of 112.72 g the end is 12.72 g, and looks as whole."""
    answers = iter([b"2.72 g\r\n", *[b""] * 2])
    with PtyScale(lambda _asked: next(answers, ohaus(112.72))) as there:
        with read(f"ohaus:serial:{there.path}") as (scale, _):
            seen = Seen(scale)
            until(lambda: seen.look() and 113 in seen.grams, "the weight")
        assert seen.grams == {113}


def test_noise_garbage_and_refusals_between_the_answers_cost_no_weight_and_make_none() -> None:
    bad = itertools.cycle([b"\xff\x00\x1b[2J\r\n", b"ES\r\n", b"S S     1" + b"0" * 9000, b"\r\n\r\n", b"ET\r\n", b""])
    turns = itertools.count()

    def answer(_asked: bytes) -> bytes:
        return mt_sics(620) if next(turns) % 2 else next(bad)

    with PtyScale(answer) as there, read(f"mt-sics:serial:{there.path}") as (scale, told):
        seen = Seen(scale)
        until(lambda: seen.look() and len(there.asked) > 14, "many turns")
        assert seen.grams == {620}
        assert [status.state for status in told] == ["connected"]


def test_a_scale_that_never_stands_still_or_is_busy_never_gives_a_weight_to_take() -> None:
    answers = itertools.cycle([b"S I\r\n", mt_sics(619, "D"), b"S +\r\n", b"S -\r\n"])
    with PtyScale(lambda _asked: next(answers)) as there, read(f"mt-sics:serial:{there.path}") as (scale, _):
        seen = Seen(scale)
        until(lambda: len(seen.look()) == 4, "every state")
        assert {reading.load for reading in seen.look()} == {Load.MOTION, Load.OVER, Load.UNDER}


@pytest.mark.parametrize("way", ["unplugged", "silent"])
def test_a_scale_that_is_unplugged_or_falls_silent_is_told_of_within_two_seconds(way: str) -> None:
    with PtyScale(lambda _asked: mt_sics(620)) as there, read(f"mt-sics:serial:{there.path}") as (scale, told):
        says(scale, 620)
        began = time.monotonic()
        if way == "unplugged":
            there.hang_up()
        else:
            there.says = lambda _asked: b""
        until(lambda: told[-1].state == "waiting", "the scale to be missed")
        assert time.monotonic() - began <= TOLD_WITHIN
        assert scale.latest() is None
        if way == "silent":
            assert "does not answer" in told[-1].detail
            there.lies(300)
            says(scale, 300)
            assert told[-1].state == "connected"


def test_another_language_is_named_with_what_was_heard() -> None:
    with PtyScale(lambda _asked: b"+0.00 pcs\r\n") as there, read(f"mt-sics:serial:{there.path}") as (scale, told):
        until(lambda: told, "it to be told")
        assert told[0].state == "failed"
        assert "says '+0.00 pcs·': check its protocol, unit, baud and form" in told[0].detail
        assert scale.latest() is None


def test_a_scale_that_another_program_holds_is_busy_and_one_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    with PtyScale(lambda _asked: mt_sics(620)) as there, read(f"mt-sics:serial:{there.path}") as (scale, _):
        says(scale, 620)
        with read(f"ohaus:serial:{there.path}") as (_, told):
            until(lambda: told and told[0].state == "busy", "the second program to be told so")
    link = tmp_path / "by-id"
    with read(f"mt-sics:serial:{link}") as (scale, told):
        until(lambda: told and told[0].state == "waiting", "it to be missed")
        with PtyScale(lambda _asked: mt_sics(620)) as there:
            link.symlink_to(there.path)
            says(scale, 620)


def test_the_same_bytes_over_the_network_survive_a_cut_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        spec = f"mt-sics:tcp:127.0.0.1:{listening.getsockname()[1]}"

        def serve(grams: float) -> threading.Thread:
            def answer() -> None:
                line, _ = listening.accept()
                with line:
                    for _ in range(3):
                        line.recv(100)
                        line.sendall(mt_sics(grams))

            thread = threading.Thread(target=answer, daemon=True)
            thread.start()
            return thread

        first = serve(620)
        with read(spec) as (scale, told):
            says(scale, 620)
            first.join()
            until(lambda: told[-1].state == "waiting", "the cut to be told")
            serve(300)
            says(scale, 300)


def test_a_usb_scale_speaks_by_itself_and_may_fall_asleep(tmp_path: Path) -> None:
    """A named pipe in packet mode stands for /dev/hidraw: like it, it gives one report with each read."""
    path = tmp_path / "hidraw0"
    os.mkfifo(path)
    with read(f"hid:{path}") as (scale, told):
        pipe = os.open(path, os.O_RDWR)
        until(lambda: told, "the device to be opened")
        fcntl.fcntl(pipe, fcntl.F_SETFL, os.O_DIRECT)
        for report in ("03 03 02 00 2C 01", "04 00 00 00", "03 04 02 FF 39 30"):
            os.write(pipe, bytes.fromhex(report))
        says(scale, 1235)
        assert told[-1].state == "connected"
        os.write(pipe, bytes.fromhex("03 06 02 00 00 00"))
        says(scale, None, Load.OVER)
        os.close(pipe)
        until(lambda: told[-1].state == "waiting", "the unplugged scale to be missed")
        assert scale.latest() is None


def test_usb_scales_are_found_by_maker_and_product_whatever_their_number_is_today(tmp_path: Path) -> None:
    for number, (about, page) in enumerate(
        (
            ("HID_ID=0003:0000046D:0000C31C\nHID_NAME=Keyboard\n", b"\x05\x01\x09\x06"),
            ("HID_ID=0003:00000922:00008003\nHID_NAME=DYMO 10lb\n", b"\x05\x8d\x09\x20"),
        )
    ):
        folder = tmp_path / f"hidraw{number}" / "device"
        folder.mkdir(parents=True)
        (folder / "uevent").write_text(about)
        (folder / "report_descriptor").write_bytes(page)
    (tmp_path / "hidraw7").mkdir()
    assert [(s.path, s.identity, s.name) for s in usb_scales(tmp_path)] == [("/dev/hidraw1", "0922:8003", "DYMO 10lb")]
    assert find("0922:8003", tmp_path) == "/dev/hidraw1"
    assert find("046d:c31c", tmp_path) is None
    assert list(usb_scales(tmp_path / "none")) == []
