"""Every look can be read, and every verdict is told apart by somebody, or on a screen, that sees no colour."""

from itertools import combinations

import pytest
from rich.style import Style

from server.domain.benchwork.reasons import Reason, Tone
from server.domain.people import Theme
from station.screens.picture import picture
from station.views import Flash, StopView
from station.widgets.band import BandSays, band
from station.widgets.look import DARK, RATIO_MIN, Look, contrast, grey, pens
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows
from station.widgets.themes import CONTRAST, LOOKS, PLAIN, look_of
from station.wording import say
from tests.scenes import NOW, SIZES, STATUS, VIEWS
from tests.unit.test_widgets import text_of

COLOURED = [theme for theme in Theme if theme is not Theme.PLAIN]
ENHANCED = 7.0
"""WCAG 2.2, success criterion 1.4.6."""

by_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
by_theme = pytest.mark.parametrize("theme", Theme)

Cell = tuple[str, int, int]
"""A character with the greys of its ink and its ground, 0 to 10."""


def greyscale(rows: Rows) -> list[list[Cell]]:
    """The picture as a photocopier sees it. Without colours the terminal's own two are taken for white on black."""
    return [[cell for s in one.segments for cell in _cells(s.text, s.style or Style())] for one in rows]


def _cells(text: str, style: Style) -> list[Cell]:
    ink = round(10 * (grey(style.color) if style.color else 1.0))
    ground = round(10 * (grey(style.bgcolor) if style.bgcolor else 0.0))
    if style.reverse:
        ink, ground = ground, ink
    return [(c, ink, ground) for c in text]


def differing(one: list[list[Cell]], other: list[list[Cell]]) -> int:
    """How many cells are not the same to the eye; an empty cell has no ink."""
    pairs = ((a, b) for x, y in zip(one, other, strict=True) for a, b in zip(x, y, strict=True))
    return sum(_seen(a) != _seen(b) for a, b in pairs)


def _seen(cell: Cell) -> Cell:
    return cell if cell[0] != " " else (" ", 0, cell[2])


@pytest.mark.parametrize("theme", COLOURED)
def test_every_ink_of_every_theme_can_be_read_on_its_ground(theme: Theme) -> None:
    least = ENHANCED if theme is Theme.CONTRAST else RATIO_MIN
    assert {name: round(contrast(p), 1) for name, p in pens(LOOKS[theme]).items() if contrast(p) < least} == {}


def test_every_theme_has_a_look_of_its_own_and_an_unknown_one_is_dark() -> None:
    assert set(LOOKS) == set(Theme) and len({id(look) for look in LOOKS.values()}) == len(Theme)
    assert look_of("contrast") is CONTRAST and look_of("") is look_of("pink") is DARK
    assert look_of("bright", no_color=True) is PLAIN


@by_size
@pytest.mark.parametrize("name", VIEWS)
def test_without_colour_no_cell_of_any_screen_has_one(name: str, size: tuple[int, int]) -> None:
    rows = picture(VIEWS[name], Sheet(*size, NOW, STATUS, PLAIN))
    styles = {s.style for one in rows for s in one.segments if s.style}
    assert [style for style in styles if style.color or style.bgcolor] == []


@by_size
@pytest.mark.parametrize("name", VIEWS)
def test_every_theme_shows_the_same_words_and_shapes(name: str, size: tuple[int, int]) -> None:
    assert len({text_of(picture(VIEWS[name], Sheet(*size, NOW, STATUS, look))) for look in LOOKS.values()}) == 1


def verdict(tone: Tone, look: Look, size: tuple[int, int]) -> list[list[Cell]]:
    """The band of a verdict with the same words, whatever the tone."""
    flash = Flash(7, Reason.OK, tone, "Spray bottle 500 ml CLEAR", words="x")
    return greyscale(band(Sheet(*size, NOW, STATUS, look), flash, BandSays()))


@by_theme
@by_size
@pytest.mark.parametrize("pair", list(combinations(Tone, 2)), ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_two_verdicts_with_the_same_words_differ_in_grey(
    pair: tuple[Tone, Tone], size: tuple[int, int], theme: Theme
) -> None:
    one, other = (verdict(tone, LOOKS[theme], size) for tone in pair)
    assert differing(one, other) >= 10
    shapes = ["".join(cell[0] for row in drawn for cell in row) for drawn in (one, other)]
    assert shapes[0] != shapes[1], "the shape alone tells them apart"


def test_the_ruler_for_grey_finds_two_colours_of_one_grey_equal() -> None:
    red, green = Style(color="#ff0000", bgcolor="#000000"), Style(color="#008000", bgcolor="#000000")
    assert differing([_cells("ab", red)], [_cells("ab", red)]) == 0
    assert differing([_cells("ab", red)], [_cells("ab", green)]) == 0, "these two greys are nearly one"
    assert differing([_cells("ab", red)], [_cells("ac", red)]) == 1


@by_size
@pytest.mark.parametrize("name", VIEWS)
def test_a_stop_and_nothing_else_is_framed_in_stripes(name: str, size: tuple[int, int]) -> None:
    rows = [one.text for one in picture(VIEWS[name], Sheet(*size, NOW, STATUS))]
    striped = set(rows[0]) <= set("█▀▄ ") and rows[0].count("█") >= size[0] // 4 and set(rows[-1]) <= set("█▀▄ ")
    assert striped == isinstance(VIEWS[name], StopView)
    assert isinstance(VIEWS[name], StopView) == ("  ✖ " in "\n".join(rows))


def test_no_two_reasons_say_the_same() -> None:
    said = [(says.title, says.do) for says in say.REASONS.values()]
    assert len(set(said)) == len(said)
