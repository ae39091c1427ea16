"""What scales say, byte for byte, in the four languages a bench understands."""

import pytest

from scanners.scales import open_scale
from scanners.scales.protocols import kinds, protocol
from scanners.scales.reading import Load, Reading

OK, MOTION, OVER, UNDER, FAULT = Load.OK, Load.MOTION, Load.OVER, Load.UNDER, Load.FAULT
Row = tuple[bytes, int | None, Load] | tuple[bytes, None, None]

MT_SICS: tuple[Row, ...] = (
    (b"S S     100.00 g\r", 100, OK),
    (b"S D     100.05 g\r", 100, MOTION),
    (b"SI S     100.00 g\r", 100, OK),
    (b"S S    -12.30 g\r", -12, UNDER),
    (b"S S      -1.30 g\r", -1, OK),
    (b"S S      1.2345 kg\r", 1235, OK),
    (b"S S       2.000 lb\r", 907, OK),
    (b"S S        16.0 oz\r", 454, OK),
    (b"S S  0.5 g\r", 1, OK),
    (b"S I\r", None, MOTION),
    (b"SI I\r", None, MOTION),
    (b"SI +\r", None, OVER),
    (b"S +\r", None, OVER),
    (b"S -\r", None, UNDER),
    (b"ES\r", None, None),
    (b"ET\r", None, None),
    (b"EL\r", None, None),
    (b'I4 A "0123456789"\r', None, None),
    (b"S S     100.00 PCS\r", None, None),
    (b"S S     100.00\r", None, None),
    (b"S S     1 0.00 g\r", None, None),
    (b"S S     10S S     100.00 g\r", None, None),
    (b"S S     100.00 g S\r", None, None),
    (b"S S     99999999 kg\r", None, None),
)
NCI: tuple[Row, ...] = (
    (b"\n0012.34lb\r\n00\r", 5597, OK),
    (b"\n0012.34lb\r\n10\r", 5597, MOTION),
    (b"\n0012.34lb\r\n20\r", 5597, OK),
    (b"\n0000.00lb\r\n20\r", 0, OK),
    (b"\n0012.34lb\r\n01\r", 5597, UNDER),
    (b"\n^^^^^^lb\r\n02\r", None, OVER),
    (b"\n______lb\r\n01\r", None, UNDER),
    (b"\n------lb\r\n00\r", None, UNDER),
    (b"\n02\r", None, OVER),
    (b"\n10\r", None, MOTION),
    (b"\n0012.34lb\r\n40\r", 5597, FAULT),
    (b"\n0012.34lb\r\n80\r", 5597, FAULT),
    (b"\n0012.34lb\r\n08\r", 5597, FAULT),
    (b"\n0012.34lb\r\n0p0\r", 5597, OK),
    (b"\n0012.34lb\r\n0p4\r", 5597, OK),
    (b"\n0012.34lb\r\n0p\r", None, None),
    (b"\n0012.34lb\r\n000\r", None, None),
    (b"\n0012.34lb\r\n0\r", None, None),
    (b"\n0012.34lb\r\n", None, None),
    (b"\n40lb 05.2oz\r\n00\r", 18291, OK),
    (b"\n  1.500kg\r\n00\r", 1500, OK),
    (b"\n00620g\r\n00\r", 620, OK),
    (b"\n00620st\r\n00\r", None, None),
    (b"\n?\r", None, None),
    (b"\n00\r", None, None),
    (bytes(byte | 0x80 if byte.bit_count() % 2 else byte for byte in b"\n0012.34lb\r\n00\r"), 5597, OK),
)
OHAUS: tuple[Row, ...] = (
    (b"     12.72 g  ?  NET\r", 13, MOTION),
    (b"     12.72 g     NET\r", 13, OK),
    (b"     12.72 g\r", 13, OK),
    (b"    620.00 g      G\r", 620, OK),
    (b"-    12.72 g       \r", -13, UNDER),
    (b"     0.620 kg ?\r", 620, MOTION),
    (b"Err 8.3\r", None, OVER),
    (b"Err 8.4\r", None, UNDER),
    (b"ES\r", None, None),
    (b"OK!\r", None, None),
    (b"     12.72\r", None, None),
    (b"     12.72 pcs\r", None, None),
    (b"     1     12.72 g\r", None, None),
)
HID: tuple[Row, ...] = (
    (bytes.fromhex("03 04 02 FF 39 30"), 1235, OK),
    (bytes.fromhex("03 04 0B FF 34 19"), 18291, OK),
    (bytes.fromhex("03 04 0C FE 34 12"), 21137, OK),
    (bytes.fromhex("03 04 03 FD 6C 02"), 620, OK),
    (bytes.fromhex("03 04 02 01 3E 00"), 620, OK),
    (bytes.fromhex("03 02 02 00 00 00"), 0, OK),
    (bytes.fromhex("03 03 02 00 6C 02"), 620, MOTION),
    (bytes.fromhex("03 05 02 00 A0 00"), -160, UNDER),
    (bytes.fromhex("03 06 02 00 00 00"), None, OVER),
    (bytes.fromhex("03 01 02 00 00 00"), None, FAULT),
    (bytes.fromhex("03 07 02 00 00 00"), None, FAULT),
    (bytes.fromhex("03 08 02 00 00 00"), 0, UNDER),
    (bytes.fromhex("03 04 02 00 6C 02 00 00"), 620, OK),
    (bytes.fromhex("03 04 02 7F FF FF"), None, None),
    (bytes.fromhex("03 04 02 80 FF FF"), 0, OK),
    (bytes.fromhex("03 09 02 00 6C 02"), None, None),
    (bytes.fromhex("03 04 07 00 6C 02"), None, None),
    (bytes.fromhex("04 04 02 00 6C 02"), None, None),
    (bytes.fromhex("03 04 02 00 6C"), None, None),
    (b"", None, None),
)


@pytest.mark.parametrize(
    ("kind", "rows"), [("mt-sics", MT_SICS), ("nci", NCI), ("ohaus", OHAUS), ("hid", HID)], ids=lambda v: str(v)[:7]
)
def test_every_answer_is_whole_grams_and_a_state_or_nothing_at_all(kind: str, rows: tuple[Row, ...]) -> None:
    reading_of = protocol(kind).reading_of
    for frame, grams, load in rows:
        expected = Reading(grams, load, 7.0) if load else None
        assert reading_of(frame, 7.0) == expected, frame


def test_each_language_is_a_file_found_by_its_name() -> None:
    assert kinds() == ("hid", "mt-sics", "nci", "ohaus")
    assert [protocol(kind).ask for kind in kinds()] == [b"", b"SI\r\n", b"W\r", b"IP\r\n"]


def test_a_scale_that_cannot_be_meant_is_refused_with_what_was_expected() -> None:
    for spec, words in (
        ("", "expected a scale as mt-sics:serial:"),
        ("dymo:/dev/hidraw0", "(hid, mt-sics, nci, ohaus), found 'dymo:/dev/hidraw0'"),
        ("mt-sics", "expected a scale at serial:/dev/... or tcp:HOST:PORT, found ''"),
        ("mt-sics:/dev/ttyUSB0", "expected a scale at serial:/dev/... or tcp:HOST:PORT, found '/dev/ttyUSB0'"),
        ("mt-sics:hidraw:/dev/hidraw0", "expected a scale at serial:/dev/... or tcp:HOST:PORT"),
        ("mt-sics:serial:", "expected a path such as serial:/dev/serial/by-id/..., found none"),
        ("mt-sics:serial:/dev/x?bits=7", "unknown option 'bits'; expected baud, form"),
        ("mt-sics:serial:/dev/x?form=9n1", "expected one of 8n1, 7e1, 7o1, 8e1, 8o1, found '9n1'"),
        ("nci:serial:/dev/x?baud=fast", "expected a number from 50 to 4000000, found 'fast'"),
        ("nci:tcp:scale", "expected HOST:PORT, found 'scale'"),
        ("nci:tcp:scale:0", "expected HOST:PORT, found 'scale:0'"),
        ("hid:", "hid:/dev/hidraw0 or hid:0922:8003"),
    ):
        with pytest.raises(ValueError) as caught:
            open_scale(spec)
        assert words in str(caught.value), spec
