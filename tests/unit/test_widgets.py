"""Text from outside, block letters, rows and lists: the parts every screen is made of."""

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.order import Mode
from server.domain.packing.wants import Step, StepKind, Wants
from server.usecases.benchwork.wants import plain
from station.screens.picture import picture
from station.text import clean, fit, wrap
from station.views import Flash, Lamp, Light, Note, PackView, State
from station.widgets.band import BandSays, band
from station.widgets.blocks import BOLD, CUTS, big, letters
from station.widgets.glyphs import LETTERS
from station.widgets.look import DARK, RATIO_MIN, contrast, pens
from station.widgets.order_lines import order_lines, working_index
from station.widgets.sheet import Sheet
from station.widgets.status import status
from station.widgets.strips import Rows, row
from station.wording import say, told
from tests.scenes import LONG, NOW, ORDER, STATUS, TROUBLED, good, packing, steps

PARK_FIRST = "Finish this box or scan PARK first."
PEN = Style(color="#ffffff", bgcolor="#000000")
HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m\x90q",
    "\u202eEVIL\u2066",
    "a\u200db\ufe0f",
    "[red]not markup[/]",
    "日本語の名前",
    "🧴👩‍👩‍👧🏽🇩🇪",
    "Z̸̡̢a̵l̶g̷o̸" + "\u0301" * 50,
    "line\r\nbreak\ttab",
    "\x00\x1d\x7f",
)


def text_of(rows: Rows) -> str:
    """All rows as lines of text."""
    return "\n".join(one.text for one in rows)


def is_safe(text: str) -> bool:
    """Nothing a terminal would obey, and nothing that changes the direction of writing."""
    return not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for c in text)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_from_outside_cannot_command_the_terminal(name: str) -> None:
    assert is_safe(clean(name))
    shown = row(20, PEN, [(name, PEN)])
    assert cell_len(shown.text) == shown.width == 20


@given(st.text(max_size=60), st.integers(0, 40))
def test_any_text_at_all_makes_a_row_of_exactly_the_width_asked_for(text: str, width: int) -> None:
    shown = row(width, PEN, [("▶ ", PEN), (text, PEN)], right=[(text, PEN)])
    assert is_safe(shown.text)
    assert cell_len(shown.text) == shown.width == width
    narrower = shown.widened(max(0, width - 3), PEN)
    assert cell_len(narrower.text) == narrower.width == max(0, width - 3)


@given(st.text(max_size=60), st.integers(1, 30))
def test_wrapped_text_never_leaves_its_column(text: str, width: int) -> None:
    assert all(cell_len(line) <= width for line in wrap(text, width, 3))
    assert len(wrap(text, width, 3)) <= 3


def test_wrapped_text_loses_whole_words_and_a_long_word_goes_on_in_the_next_row() -> None:
    assert wrap("not heard of since Friday", 20, 1) == ["not heard of since …"]
    assert wrap("lot ABCDEFGHIJ here", 6) == ["lot", "ABCDEF", "GHIJ", "here"]


def test_cleaning_twice_changes_nothing_more_and_ordinary_names_stay_as_they_are() -> None:
    for name in (*HOSTILE, "Spray bottle 500 ml CLEAR", "Größe 42 × 3, Ärmel", "מוצר"):
        assert clean(clean(name)) == clean(name)
    assert clean("Größe 42 × 3, Ärmel") == "Größe 42 × 3, Ärmel"
    assert clean("[b]Box[/b]") == "[b]Box[/b]"


def test_a_scan_of_four_thousand_characters_is_cut_before_it_costs_time() -> None:
    cut = clean("\x1b" * 4096)
    assert (len(cut), cut[-2:]) == (1_200, "·…"), "nobody takes a part for the whole"
    assert fit("x" * 4096, 12) == "x" * 11 + "…"


def test_every_block_letter_has_seven_equal_rows() -> None:
    for letter, bitmap in LETTERS.items():
        assert len(bitmap) == 7 and len({len(line) for line in bitmap}) == 1, letter
        assert len(bitmap[0]) in (1, 2, 3, 5), letter


@given(st.text(alphabet="ABCXYZ089 ÄÉ-", min_size=1, max_size=24), st.integers(10, 120), st.integers(4, 16))
def test_block_letters_stay_inside_the_room_they_were_given(text: str, width: int, height: int) -> None:
    rows = big(text, width, height, PEN)
    assert all(one.width <= width and cell_len(one.text) == one.width for one in rows)
    assert len(rows) <= height


def test_block_letters_are_as_large_as_the_room_allows_and_break_into_two_lines() -> None:
    assert len(big("12", 60, 12, PEN)) == 10
    assert len(big("SCAN AN ORDER", 80, 13, PEN, (BOLD,))) == 2 * BOLD.height + 1
    assert {len(letters("7", cut) or ()) for cut in CUTS} == {20, 14, 10, 8, 7}


def test_a_word_without_block_letters_is_still_shown_and_stands_out() -> None:
    rows = big("石鹸 新", 30, 5, PEN)
    assert "石鹸 新" in text_of(rows)
    assert all(segment.style and segment.style.reverse for one in rows for segment in one.segments)


@pytest.mark.parametrize("name", pens(DARK))
def test_every_ink_can_be_read_on_its_ground(name: str) -> None:
    assert contrast(pens(DARK)[name]) >= RATIO_MIN


def test_contrast_is_measured_as_the_standard_does() -> None:
    assert contrast(Style(color="#ffffff", bgcolor="#000000")) == pytest.approx(21)
    assert contrast(Style(color="#777777", bgcolor="#ffffff")) == pytest.approx(4.48, abs=0.01)


def sheet(width: int = 80, height: int = 24) -> Sheet:
    """A sheet of a bench where all is well."""
    return Sheet(width, height, NOW, STATUS)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_two_equal_good_scans_in_a_row_look_like_two(size: tuple[int, int]) -> None:
    first, second = band(sheet(*size), good("Candle", 7)), band(sheet(*size), good("Candle", 8))
    assert text_of(first) != text_of(second)
    assert "Candle" in text_of(first) and "Candle" in text_of(second)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_verdicts_differ_in_shape_even_where_there_is_no_colour(size: tuple[int, int]) -> None:
    drawn = {text_of(band(sheet(*size), Flash(1, Reason.OK, tone, "same"))) for tone in Tone}
    assert len(drawn) == len(Tone)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("units", [40, 500, 850])
def test_a_text_that_must_be_confirmed_is_on_the_screen_to_its_last_word(units: int, size: tuple[int, int]) -> None:
    words = " ".join(f"word{n:03}" for n in range(units // 8))
    look, note = (Step(kind.value, kind, words, item="Mug") for kind in (StepKind.SECOND_LOOK, StepKind.NOTE))
    view = PackView(steps(replace(ORDER, wants=Wants((look, note)))))
    shown = text_of(picture(view, sheet(*size)))
    assert [word for word in words.split() if word not in shown] == []
    assert all(said in shown for said in ("Compare it letter by letter, then scan YES.", "then: note"))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_how_goods_are_packed_is_all_said_before_the_first_scan_or_that_there_is_more(size: tuple[int, int]) -> None:
    def shown(*prepare: str) -> str:
        order = replace(ORDER, wants=Wants(prepare=prepare, profile="gift-shop"))
        return text_of(picture(PackView(packing(order, (0,) * 6, 0)), sheet(*size)))

    long = [f"Bottle {n}: " + " ".join(f"n{n}w{m:02}" for m in range(20)) for n in range(2)]
    two = shown("Bubble wrap", *long, "Candle: head down")
    assert [word for note in long for word in note.split() if word not in two] == []
    assert "head down" in two and say.MORE_NOTES not in two
    many = shown(*long * 9)
    assert say.MORE_NOTES in many and "0 / 2   Concentrate" in many


def test_a_text_longer_than_anybody_reads_says_that_it_goes_on() -> None:
    assert (plain("x" * 1000), plain("x " * 600)[-2:]) == ("x" * 1000, "x…")


def test_a_typed_code_is_marked_as_typed() -> None:
    assert "(typed)" in text_of(band(sheet(), replace(good("Candle"), typed=True)))


def test_a_refusal_says_the_words_of_the_server_instead_of_its_own_advice() -> None:
    told = text_of(band(sheet(), Flash(1, Reason.IN_USE, Tone.LOOK, "1044", words="Bench 5 has it.")))
    assert "OPEN AT ANOTHER BENCH" in told and "1044" in told and "Bench 5 has it." in told


LONGEST = (
    Flash(1, Reason.NO_PRINTER, Tone.LOOK, "1003", Note.PARKED_LATE),
    Flash(1, Reason.ALREADY_DONE, Tone.LOOK, "1001", words="order 1001 was packed by Ana Silva at Bench 12"),
    Flash(1, Reason.ON_HOLD, Tone.STOP, "1005", words="order 1005 is on hold: no product has the SKU 'SOAP-XL-NEW'"),
    Flash(1, Reason.BAD_READ, Tone.LOOK, detail="dropped", typed=True),
    Flash(1, Reason.OK, Tone.GOOD, "Microfibre cloth 30 cm, washed twice DARK BLUE"),
    *(Flash(1, Reason.NOT_NOW, Tone.LOOK, "Bench 12", note) for note in Note),
    *(Flash(1, reason, Tone.LOOK, "1043") for reason in Reason),
)


@pytest.mark.parametrize("size", [(80, 24), (100, 24), (120, 24), (80, 40), (100, 40), (120, 40)])
@pytest.mark.parametrize("flash", LONGEST, ids=lambda flash: f"{flash.reason}-{flash.detail or flash.words}"[:30])
def test_no_sentence_is_cut_beside_the_mark(flash: Flash, size: tuple[int, int]) -> None:
    rows = band(sheet(*size), flash, BandSays(counted="1 of 3" if flash.reason is Reason.OK else ""))
    shown = " ".join(text_of(rows).translate({ord(c): " " for c in "█▀▄"}).split())
    said = told(flash) or say.READS.get(flash.detail, "") or ("1 of 3" if flash.item else say.REASONS[flash.reason].do)
    expected = said if flash.reason is Reason.OK or told(flash) or flash.detail else say.REASONS[flash.reason].do
    assert "…" not in shown and " ".join(expected.split()) in shown and flash.item in shown


def test_a_code_that_is_not_for_now_says_what_is_possible_here() -> None:
    refused = Flash(1, Reason.NOT_NOW, Tone.LOOK, "PPC-DOCK")
    assert "Finish this box or scan PARK first." in text_of(band(sheet(120), refused, BandSays(instead=PARK_FIRST)))
    known = replace(refused, detail=Note.BOX_FIRST)
    assert PARK_FIRST not in text_of(band(sheet(120), known, BandSays(instead=PARK_FIRST)))


def test_an_unknown_code_hears_what_the_screen_asks_for_where_no_item_is_asked_for() -> None:
    flash = Flash(1, Reason.UNKNOWN_CODE, Tone.LOOK, "NONSENSE")
    asked = band(sheet(80), flash, BandSays(instead=PARK_FIRST, no_items=True))
    assert PARK_FIRST in text_of(asked)
    assert PARK_FIRST not in text_of(band(sheet(80), flash, BandSays(instead=PARK_FIRST)))


@pytest.mark.parametrize("last", range(1, 13))
@pytest.mark.parametrize("height", [5, 8, 10])
def test_the_line_of_the_last_scan_is_always_in_view(last: int, height: int) -> None:
    session = packing(LONG, tuple(int(n < last) for n in range(12)), last)
    rows = order_lines(session, 78, height, DARK)
    line = LONG.lines[last - 1]
    assert len(rows) == height
    assert any(line.bin in one.text and "◀" in one.text for one in rows)


def test_what_a_long_order_hides_is_counted() -> None:
    session = packing(LONG, (0,) * 12, 0)
    rows = order_lines(session, 78, 8, DARK)
    assert rows[-1].text.strip() == "▼ 5 lines, 9 units below"
    assert "SKU" not in text_of(rows) and "Soap bar" in rows[0].text


def test_after_a_full_line_the_next_open_one_is_to_be_scanned() -> None:
    assert working_index(packing(LONG, (2, 2) + (0,) * 10, 2)) == 2
    assert working_index(packing(LONG, (2, 1) + (0,) * 10, 2)) == 1
    assert working_index(packing(LONG, (0, *(n.quantity for n in LONG.lines[1:])), 12)) == 0


@pytest.mark.parametrize("width", [60, 80, 120])
def test_trouble_keeps_its_words_in_the_status_line(width: int) -> None:
    words = text_of(status(Sheet(width, 24, NOW, TROUBLED)))
    assert "○ server off 12 min" in words and "▲ printer slow" in words and "31 unsent" in words
    assert len(words) == width


@pytest.mark.parametrize("typed", ["", "PPO-1043-LONG-NUMBER-TYPED"])
def test_what_is_unsent_is_never_cut_off_however_much_else_is_wrong(typed: str) -> None:
    printer = Lamp(Light.LOOK, State.NEEDS_HAND, words="zebra: print head open, out of ribbon, out of labels")
    server = Lamp(Light.OFF, State.AWAY, 7200.0)
    line = replace(STATUS, person="Hans Wagenknecht", printer=printer, server=server, unsent=137, mode=Mode.WARN)
    assert "137 unsent" in text_of(status(Sheet(80, 24, NOW, replace(line, called=NOW - 60), typed=typed)))


def test_the_status_line_tells_good_slow_and_off_by_shape() -> None:
    needs = Lamp(Light.LOOK, State.NEEDS_HAND, words="no paper")
    line = replace(STATUS, server=Lamp(Light.OFF, State.AWAY, 5), printer=needs)
    words = text_of(status(Sheet(120, 40, NOW, line)))
    assert "○ server off" in words and "● scanner ready" in words and "▲ printer no paper" in words


def test_the_end_of_a_long_typed_code_stays_visible() -> None:
    words = text_of(status(Sheet(80, 24, NOW, STATUS, typed="\x1b[2J" + "1234567890" * 6)))
    assert "typed:" in words and "567890▏" in words and "\x1b" not in words
