"""Whatever a buyer calls himself, the printer receives the same commands as for anybody else."""

import re
from dataclasses import replace

from hypothesis import example, given, settings
from hypothesis import strategies as st
from zplkit.parse import parse

from printing.documents import Address, ParkingSlip, ShippingLabel
from printing.kinds import write
from printing.pictures import plain_copy, zpl_png
from printing.plain_text import clean
from printing.text_fit import fit, width_of

PLAIN = Address("Ann", "", ("1 Road",), "Town", "", "12345", "US")
LABEL = ShippingLabel("P1", "T123456", "Van", "Next", PLAIN, PLAIN, "O1", 1, 1, 100, "2026-03-04")
COMMANDS = [
    "^XZ",
    "^FS",
    "^XA",
    "~JR",
    "~HS",
    "~DG",
    "_1E",
    "_5E",
    "^FD",
    "^CC/",
    "\x00",
    "\x1b",
    "\r\n",
    "\x7f",
    "\x9b",
]
SCRIPTS = ["שלום", "مرحبا", "😀👩‍👩‍👧", "＾ＸＺ", "\u202e", "\ud800", "é", "…", "\\&", ">:", ","]
hostile = st.lists(st.sampled_from(COMMANDS + SCRIPTS) | st.text(max_size=12), max_size=12).map("".join)
longer = st.tuples(hostile, st.integers(1, 300)).map(lambda pair: (pair[0] * pair[1])[:4096])
FIELD = re.compile(rb"(\^FH_\^FD)([^^~]*)(\^FS)")
# Every sign with a meaning to the printer, and one of the same width without any.
CONTROLS = (*range(32), *range(127, 160))
TWINS = str.maketrans({"^": "|", "_": "|", "~": "†"} | {chr(control): " " for control in CONTROLS})


def shipping_label(label: ShippingLabel) -> bytes:
    return write("label", label)


def parking_slip(slip: ParkingSlip) -> bytes:
    return write("parking", slip)


def filled(text: str) -> ShippingLabel:
    address = Address(text, text, (text, text), text, text, text, text, text)
    return replace(
        LABEL,
        ship_from=address,
        ship_to=address,
        carrier=text,
        service=text,
        order_number=text,
        ship_date=text,
        routing=text,
        notes=(text, text),
    )


def skeleton(zpl: bytes) -> bytes:
    return FIELD.sub(rb"\1\3", zpl)


@given(longer)
@settings(deadline=None, max_examples=40)
@example("^XZ~JR_1E" * 455)
@example("\ud800^XZ\x00")
def test_hostile_text_sends_the_commands_of_harmless_text_of_equal_length(text: str) -> None:
    twin = text.translate(TWINS)
    assert skeleton(shipping_label(filled(text))) == skeleton(shipping_label(filled(twin)))
    slip = ParkingSlip(text, "CODE-1", text, text, text)
    assert skeleton(parking_slip(slip)) == skeleton(
        parking_slip(replace(slip, order_number=twin, reason=twin, bench=twin, at=twin))
    )


@given(longer)
@settings(deadline=None, max_examples=60)
@example("^XZ~JR_1E" * 455)
def test_no_control_byte_and_no_command_prefix_is_left_in_any_field(text: str) -> None:
    zpl = shipping_label(filled(text))
    assert b"~" not in zpl
    assert all(byte >= 32 or byte == 10 for byte in zpl)
    assert b"\x7f" not in zpl
    for _, data, _ in FIELD.findall(zpl):
        assert b"\n" not in data
        assert not re.search(rb"_(?!5F|5E|7E)", data)
    assert zpl.count(b"^XA") == zpl.count(b"^XZ") == 1


@given(hostile, st.integers(60, 400), st.integers(1, 3))
@settings(deadline=None)
def test_no_line_is_wider_than_its_place_and_nothing_is_cut_unseen(text: str, width: int, lines: int) -> None:
    fitted = fit(text, width, 50, 20, lines)
    assert all(width_of(line, fitted.height) <= width for line in fitted.lines)
    assert len(fitted.lines) <= lines
    if fitted.whole:
        assert "".join(fitted.lines).replace(" ", "") == clean(text).replace(" ", "")
    else:
        assert fitted.lines[-1].endswith("…")


@given(longer)
@settings(deadline=None, max_examples=30)
def test_a_parser_that_is_not_ours_sees_only_the_commands_we_use(text: str) -> None:
    zpl = shipping_label(filled(text))
    seen = {bytes(element)[:3] for element in parse(zpl).elements if element.kind != "before_first_command"}
    ours = b"^XA ^CI ^LH ^LR ^PO ^FW ^PW ^LL ^FX ^FS ^FO ^GB ^A0 ^FR ^FH ^FD ^BY ^BC ^PQ ^XZ"
    assert seen <= set(ours.split())


@given(longer)
@settings(deadline=None, max_examples=15)
def test_every_hostile_label_still_has_a_picture(text: str) -> None:
    zpl = shipping_label(filled(text))
    assert plain_copy(zpl).isascii()
    assert zpl_png(zpl).startswith(b"\x89PNG")
