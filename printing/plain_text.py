"""The choke point for text on its way to paper: no control character passes, nothing readable vanishes unseen."""

import unicodedata
from collections.abc import Callable

UNPRINTABLE = "?"
# Letters and signs which Unicode does not decompose, as people write them on plain keyboards.
# fmt: off
_BY_HAND = {
    "ß": "ss", "ẞ": "SS", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l",
    "Đ": "D", "đ": "d", "Ð": "D", "ð": "d", "Þ": "Th", "þ": "th", "ı": "i", "Ħ": "H", "ħ": "h", "ŋ": "ng",
    "‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‑": "-", "−": "-",
    "€": "EUR", "£": "GBP", "·": "-", "•": "-", "×": "x", "→": "->", "✓": "x",
}
# fmt: on


def clean(text: str) -> str:
    """One line without control characters: breaks become blanks, invisible marks go, broken text shows as "?"."""
    return " ".join("".join(_cleaned(character) for character in unicodedata.normalize("NFC", text)).split())


def transliterate(text: str, can_print: Callable[[str], bool]) -> str:
    """Text of which `can_print` is true for every character: é becomes e, Ł becomes L, what is left becomes "?"."""
    return "".join(character if can_print(character) else _nearest(character, can_print) for character in text)


def _cleaned(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zs" | "Zl" | "Zp":
            return " "
        case "Cf":
            # Direction overrides and joiners can make a name read as another one; they have no ink of their own.
            return ""
        case "Cs" | "Co" | "Cn":
            return UNPRINTABLE
        case _:
            return character


def _nearest(character: str, can_print: Callable[[str], bool]) -> str:
    plain = _BY_HAND.get(character) or "".join(
        part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part)
    )
    return plain if plain and all(can_print(part) for part in plain) else UNPRINTABLE
