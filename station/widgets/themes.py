"""The looks a bench can have, by the name in its settings: dark and bright floors, high contrast, no colour at all."""

from collections.abc import Mapping
from types import MappingProxyType

from rich.style import Style

from server.domain.people import Theme
from station.widgets.look import DARK, Look, pen

_DAY, _SHADE, _CARD, _RED, _AMBER, _BRAND = "#f4f6f8", "#d9e0e6", "#0f1a24", "#a30018", "#ffb61a", "#8a3b00"

BRIGHT = Look(
    text=pen("#1b2731", _DAY),
    strong=pen("#000000", _DAY, bold=True),
    quiet=pen("#54626f", _DAY),
    variant=pen(_BRAND, _DAY, bold=True),
    accent=pen("#00655a", _DAY, bold=True),
    bar=pen("#26323d", _SHADE),
    bar_strong=pen("#000000", _SHADE, bold=True),
    bar_warn=pen("#7a2e00", _SHADE, bold=True),
    bar_variant=pen("#7a2e00", _SHADE, bold=True),
    card=pen("#c9d5df", _CARD),
    card_strong=pen("#ffffff", _CARD, bold=True),
    card_variant=pen("#ffc445", _CARD, bold=True),
    hint=pen("#ffffff", "#0b4a7a", bold=True),
    good=pen("#0a141c", "#e7edf2", bold=True),
    good_mark=pen("#00655a", "#e7edf2", bold=True),
    idle=pen("#43515d", "#e7edf2"),
    done=pen("#ffffff", "#005b51", bold=True),
    done_mark=pen("#ffffff", "#005b51", bold=True),
    look=pen("#140e00", _AMBER, bold=True),
    look_mark=pen("#140e00", _AMBER, bold=True),
    stop=pen("#ffffff", _RED, bold=True),
    stop_mark=pen("#ffffff", _RED, bold=True),
    stop_way=pen("#2a0006", "#ffffff", bold=True),
    stripes=pen("#ffffff", "#000000"),
)
"""For a floor with daylight or bright lamps: a dark screen mirrors there."""

_BLACK, _WHITE, _YELLOW = "#000000", "#ffffff", "#ffff00"

CONTRAST = Look(
    text=pen(_WHITE, _BLACK, bold=True),
    strong=pen(_WHITE, _BLACK, bold=True),
    quiet=pen(_WHITE, _BLACK),
    variant=pen(_YELLOW, _BLACK, bold=True),
    accent=pen(_YELLOW, _BLACK, bold=True),
    bar=pen(_BLACK, _WHITE),
    bar_strong=pen(_BLACK, _WHITE, bold=True),
    bar_warn=pen(_BLACK, _YELLOW, bold=True),
    bar_variant=pen(_BLACK, _WHITE, bold=True),
    card=pen(_BLACK, _WHITE, bold=True),
    card_strong=pen(_BLACK, _WHITE, bold=True),
    card_variant=pen(_BLACK, _WHITE, bold=True),
    hint=pen(_BLACK, _YELLOW, bold=True),
    good=pen(_WHITE, _BLACK, bold=True),
    good_mark=pen(_WHITE, _BLACK, bold=True),
    idle=pen(_WHITE, _BLACK),
    done=pen(_BLACK, _WHITE, bold=True),
    done_mark=pen(_BLACK, _WHITE, bold=True),
    look=pen(_BLACK, _YELLOW, bold=True),
    look_mark=pen(_BLACK, _YELLOW, bold=True),
    stop=pen(_WHITE, "#8b0000", bold=True),
    stop_mark=pen(_WHITE, "#8b0000", bold=True),
    stop_way=pen(_BLACK, _WHITE, bold=True),
    stripes=pen(_WHITE, _BLACK, bold=True),
)
"""Black, white, yellow, and one dark red."""

# An empty style would count as none, and take the ground of whatever it is laid on.
_INK, _BOLD = Style(bold=False), Style(bold=True)
_TURNED, _TURNED_BOLD = Style(reverse=True), Style(bold=True, reverse=True)

PLAIN = Look(
    text=_INK,
    strong=_BOLD,
    quiet=_INK,
    variant=Style(bold=True, underline=True),
    accent=_BOLD,
    bar=_TURNED,
    bar_strong=_TURNED_BOLD,
    bar_warn=Style(bold=True, reverse=True, underline=True),
    bar_variant=Style(bold=True, reverse=True, underline=True),
    card=_TURNED,
    card_strong=_TURNED_BOLD,
    card_variant=_TURNED_BOLD,
    hint=_TURNED_BOLD,
    good=_BOLD,
    good_mark=_BOLD,
    idle=_INK,
    done=_TURNED_BOLD,
    done_mark=_TURNED_BOLD,
    look=_TURNED_BOLD,
    look_mark=_TURNED_BOLD,
    stop=_TURNED_BOLD,
    stop_mark=_TURNED_BOLD,
    stop_way=_BOLD,
    stripes=_BOLD,
)
"""The terminal's own two colours: shape, place and words say everything (https://no-color.org)."""

LOOKS: Mapping[Theme, Look] = MappingProxyType(
    {Theme.DARK: DARK, Theme.BRIGHT: BRIGHT, Theme.CONTRAST: CONTRAST, Theme.PLAIN: PLAIN}
)


def look_of(theme: str, *, no_color: bool = False) -> Look:
    """The look of this name, dark for one that nobody knows; without colour where NO_COLOR asks for it."""
    if no_color:
        return PLAIN
    return LOOKS[Theme(theme)] if theme in set(Theme) else DARK
