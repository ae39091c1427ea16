"""The choke point for text on its way to paper: no control character passes, nothing readable vanishes unseen."""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache

from anyascii import anyascii

# Letters and signs which Unicode does not decompose, as people write them on plain keyboards.
# fmt: off
_BY_HAND = {
    "ß": "ss", "ẞ": "SS", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe", "Ø": "O", "ø": "o", "Ł": "L", "ł": "l",
    "Đ": "D", "đ": "d", "Ð": "D", "ð": "d", "Þ": "Th", "þ": "th", "ı": "i", "Ħ": "H", "ħ": "h", "ŋ": "ng",
    "‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‑": "-", "−": "-",
    "€": "EUR", "£": "GBP", "·": "-", "•": "-", "×": "x", "→": "->", "✓": "x",
}
# fmt: on
_LONG_VOWEL = "ーｰ"
"""Every second Japanese shop and building has one in its name, and anyascii no spelling of it."""


def clean(text: str) -> str:
    """One line without control characters: breaks become blanks, invisible marks go, broken text shows as [U+D800]."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(_cleaned(character) for character in unicodedata.normalize("NFC", text)).split())


def transliterate(text: str, can_print: Callable[[str], bool]) -> str:
    """Clean text as a sink can print it: é becomes e, Ł becomes L; letters of another script are spelt in [brackets].

    The brackets tell the reader that the letters are not the writer's own. What has no spelling shows as its number,
    [U+1F9FF]. `can_print` must be true for ASCII letters, digits and ``[]+:``.
    """
    if all(map(can_print, text)):
        return text
    shown: list[str] = []
    foreign = ""
    for word in re.split("( )", text):
        plain = [character if can_print(character) else _plain(character, can_print) for character in word]
        spelt = None in plain
        for character, letter in zip(word, plain, strict=True):
            # A word of another script is spelt as a whole; a blank between two such words belongs to both.
            if letter is None or (spelt and _of_other_script(character)) or (foreign and character == " "):
                foreign += character
            elif letter:
                shown += [_bracketed(foreign, can_print), letter]
                foreign = ""
    told = "".join([*shown, _bracketed(foreign, can_print)])
    return told if told.strip() or not text.strip() else _number(text.strip()[0])


@lru_cache(maxsize=4096)
def _of_other_script(character: str) -> bool:
    return character.isalpha() and "LATIN" not in unicodedata.name(character, "")


def _bracketed(foreign: str, can_print: Callable[[str], bool]) -> str:
    word = foreign.rstrip(" ")
    if not word:
        return foreign
    spelt = "".join(character if character == " " else _spelt(character, can_print) for character in word)
    return (f"[{spelt}]" if spelt.strip() else _number(word[0])) + foreign[len(word) :]


@lru_cache(maxsize=4096)
def _cleaned(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zs" | "Zl" | "Zp":
            return " "
        case "Cf":
            # Direction overrides and joiners can make a name read as another one; they have no ink of their own.
            return ""
        case "Cs" | "Co" | "Cn":
            return _number(character)
        case _:
            return character


def _number(character: str) -> str:
    return f"[U+{ord(character):04X}]"


@lru_cache(maxsize=4096)
def _plain(character: str, can_print: Callable[[str], bool]) -> str | None:
    """The same letter without what the sink lacks, empty for a mark without a reading; None for another script."""
    if unicodedata.category(character).startswith("M") and not anyascii(character):
        return ""
    plain = _BY_HAND.get(character) or "".join(
        part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part)
    )
    return plain if plain and all(map(can_print, plain)) else None


@lru_cache(maxsize=4096)
def _spelt(character: str, can_print: Callable[[str], bool]) -> str:
    spelling = "-" if character in _LONG_VOWEL else anyascii(character)
    silent = not spelling and unicodedata.category(character) == "Lo"
    readable = spelling.strip(" ?") and spelling.isprintable() and all(map(can_print, spelling))
    return spelling if readable or silent else f"U+{ord(character):04X}"
