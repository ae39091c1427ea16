"""Which character a key gives, for each keyboard layout a scanner can be set to.

Key codes are positions on the keyboard, from the Linux header `input-event-codes.h`. Dead keys give
their own character.
"""

from __future__ import annotations

from dataclasses import dataclass

_ROWS: tuple[tuple[int, ...], ...] = (
    (41, *range(2, 14)),
    tuple(range(16, 28)),
    (*range(30, 41), 43),
    (86, *range(44, 54)),
)
_KEYPAD = dict(zip((82, 79, 80, 81, 75, 76, 77, 71, 72, 73, 83, 78, 74, 55, 98), "0123456789.+-*/", strict=True))
KEYPAD_DIGITS = {code: character for code, character in _KEYPAD.items() if character.isdigit()}


@dataclass(frozen=True, slots=True)
class Layout:
    """Characters by key code: alone, with Shift, with the right Alt key."""

    plain: dict[int, str]
    shifted: dict[int, str]
    alt_graph: dict[int, str]


def _layout(plain: tuple[str, ...], shifted: tuple[str, ...], alt_graph: dict[str, str] | None = None) -> Layout:
    """A layout from its rows, each from left to right; `alt_graph` names keys by their plain character."""
    by_code = _by_code(plain)
    codes = {character: code for code, character in by_code.items()}
    common = {57: " ", **_KEYPAD}
    return Layout(
        plain={**by_code, **common},
        shifted={**_by_code(shifted), **common},
        alt_graph={codes[key]: character for key, character in (alt_graph or {}).items()},
    )


def _by_code(rows: tuple[str, ...]) -> dict[int, str]:
    return {
        code: character
        for codes, characters in zip(_ROWS, rows, strict=True)
        for code, character in zip(codes, characters, strict=True)
    }


LAYOUTS: dict[str, Layout] = {
    "us": _layout(
        ("`1234567890-=", "qwertyuiop[]", "asdfghjkl;'\\", "\\zxcvbnm,./"),
        ("~!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"|', "|ZXCVBNM<>?"),
    ),
    "de": _layout(
        ("^1234567890ß´", "qwertzuiopü+", "asdfghjklöä#", "<yxcvbnm,.-"),
        ('°!"§$%&/()=?`', "QWERTZUIOPÜ*", "ASDFGHJKLÖÄ'", ">YXCVBNM;:_"),
        dict(zip("q237890ß+<em", "@²³{[]}\\~|€µ", strict=True)),
    ),
    "fr": _layout(
        ("²&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù*", "<wxcvbn,;:!"),
        ("²1234567890°+", "AZERTYUIOP¨£", "QSDFGHJKLM%µ", ">WXCVBN?./§"),
        dict(zip("é\"'(-è_çà)=e", "~#{[|`\\^@]}€", strict=True)),
    ),
}
