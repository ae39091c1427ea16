"""Colours by what they mean, as pairs of ink and ground. Nothing is told by colour alone."""

from dataclasses import dataclass, fields

from rich.color import Color
from rich.style import Style

from server.domain.benchwork.reasons import Tone

RATIO_MIN = 4.5
"""WCAG 2.2, success criterion 1.4.3, for text of ordinary size."""


def pen(ink: str, ground: str, *, bold: bool = False) -> Style:
    """A style from two colours written ``#rrggbb``."""
    return Style(color=ink, bgcolor=ground, bold=bold)


@dataclass(frozen=True, slots=True)
class Look:
    """Every pen the screens draw with."""

    text: Style
    strong: Style
    quiet: Style
    variant: Style
    """The attribute that tells look-alikes apart: the only use of its colour."""
    accent: Style
    bar: Style
    bar_strong: Style
    bar_warn: Style
    bar_variant: Style
    card: Style
    card_strong: Style
    card_variant: Style
    hint: Style
    good: Style
    good_mark: Style
    idle: Style
    done: Style
    done_mark: Style
    look: Style
    look_mark: Style
    stop: Style
    stop_mark: Style
    stop_way: Style
    stripes: Style

    def band(self, tone: Tone) -> tuple[Style, Style]:
        """Pens of the verdict band: its words and its mark."""
        match tone:
            case Tone.STOP:
                return self.stop, self.stop_mark
            case Tone.LOOK:
                return self.look, self.look_mark
            case Tone.BOX_DONE:
                return self.done, self.done_mark
            case _:
                return self.good, self.good_mark


_NIGHT, _BAR, _PAPER, _INK, _RED, _AMBER = "#0a0e13", "#1a242f", "#eef2f5", "#0a0e13", "#8b0014", "#ffb61a"

DARK = Look(
    text=pen("#dfe6ec", _NIGHT),
    strong=pen("#ffffff", _NIGHT, bold=True),
    quiet=pen("#8795a3", _NIGHT),
    variant=pen("#ffb61a", _NIGHT, bold=True),
    accent=pen("#4fd8c4", _NIGHT, bold=True),
    bar=pen("#b9c6d2", _BAR),
    bar_strong=pen("#ffffff", _BAR, bold=True),
    bar_warn=pen("#ffcf5c", _BAR, bold=True),
    bar_variant=pen("#ffb61a", _BAR, bold=True),
    card=pen("#33404d", _PAPER),
    card_strong=pen(_INK, _PAPER, bold=True),
    card_variant=pen("#8a3b00", _PAPER, bold=True),
    hint=pen("#0a0e13", "#8fd0ff", bold=True),
    good=pen("#ffffff", "#101a23", bold=True),
    good_mark=pen("#35d6bf", "#101a23", bold=True),
    idle=pen("#a9b7c4", "#101a23"),
    done=pen("#ffffff", "#0b4f49", bold=True),
    done_mark=pen("#7df5e3", "#0b4f49", bold=True),
    look=pen("#140e00", _AMBER, bold=True),
    look_mark=pen("#140e00", _AMBER, bold=True),
    stop=pen("#ffffff", _RED, bold=True),
    stop_mark=pen("#ffffff", _RED, bold=True),
    stop_way=pen("#2a0006", "#ffffff", bold=True),
    stripes=pen("#ffffff", "#000000"),
)


def contrast(style: Style) -> float:
    """Contrast ratio of ink to ground, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    light, dark = sorted((grey(style.color), grey(style.bgcolor)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def grey(colour: Color | None) -> float:
    """How bright a colour is without its hue, 0 to 1 (WCAG 2.2, "relative luminance"); raise ValueError for none."""
    if colour is None or colour.triplet is None:
        raise ValueError(f"expected a colour as #rrggbb, found {colour!r}")
    red, green, blue = (_linear(part / 255) for part in colour.triplet)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def pens(look: Look) -> dict[str, Style]:
    """All pens by name."""
    return {field.name: getattr(look, field.name) for field in fields(look)}
