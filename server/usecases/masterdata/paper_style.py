"""How a channel's papers look, from a TOML file of the shop: checked as a whole, or refused with what was expected.

slip = "standard"                 # standard | gift | none; an order with a gift message gets the gift slip
prices = false                    # whether the standard slip shows them
box_contents = true               # a list in each of several boxes
box_labels = false                # a large "1 of 3" for each of several boxes
return_slip = false
return_reasons = ["It does not fit", "It is broken"]
return_note = "Send it back within 30 days."
logo = "logo.png"                 # black on white, beside this file
sender = ["Northside Outfitters", "4100 Industrial Pkwy", "Columbus OH 43217"]
footer = "Questions: help@northside.example"

[label.weight]                    # parts: logo, carrier, ship_date, weight, service, sender, box, recipient,
show = false                      # tracking, order, parcel, notes
[label.order]
at = [2.5, 137.5]                 # millimetres from the upper left corner
size = [36, 12]
"""

import difflib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from printing.documents import Look, Place
from printing.documents.label_parts import DEFAULTS, arranged
from printing.documents.look import PLAIN, WORDS
from server.domain.errors import DomainError
from server.usecases.masterdata.logos import read_logo

SLIPS = ("standard", "gift", "none")
TEXT_MAX = 400
_UNITS_PER_MM = 8
_KEYS: Mapping[str, type] = {
    "slip": str,
    "prices": bool,
    "box_contents": bool,
    "box_labels": bool,
    "return_slip": bool,
    "return_reasons": list,
    "return_note": str,
    "logo": str,
    "sender": list,
    "footer": str,
    "words": dict,
    "label": dict,
}
_PART_KEYS: Mapping[str, type] = {"show": bool, "at": list, "size": list}
_TYPES = {str: "text", bool: "true or false", list: "a list", dict: "a table"}


@dataclass(frozen=True, slots=True)
class PaperStyle:
    """What a channel puts on paper. Without one there is a label and nothing else."""

    slip: str = "none"
    prices: bool = False
    box_contents: bool = False
    box_labels: bool = False
    return_slip: bool = False
    return_reasons: tuple[str, ...] = ()
    return_note: str = ""
    sender: tuple[str, ...] = ()
    look: Look = PLAIN


def read_style(path: Path) -> PaperStyle:
    """A style from its file; raise DomainError("invalid") with the key, what was expected and what was found."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DomainError("invalid", f"{path}: {error}") from error
    try:
        return _style(table, path.parent)
    except ValueError as error:
        raise DomainError("invalid", f"{path}: {error}") from error


def _style(table: Mapping[str, Any], folder: Path) -> PaperStyle:
    _check_keys(table, _KEYS, "")
    slip = table.get("slip", "none")
    if slip not in SLIPS:
        raise ValueError(f"slip: expected {', '.join(SLIPS)}, found {slip!r}")
    logo = read_logo(folder / table["logo"]) if table.get("logo") else None
    parts = table.get("label", {})
    hidden = tuple(name for name, part in parts.items() if not _part(name, part).get("show", True))
    footer = _text("footer", table.get("footer", ""))
    look = Look(logo, footer, tuple(_places(parts)), hidden, tuple(_words(table.get("words", {}))))
    arranged(look)
    return PaperStyle(
        slip=slip,
        **{key: table.get(key, False) for key in ("prices", "box_contents", "box_labels", "return_slip")},
        return_reasons=_texts("return_reasons", table.get("return_reasons", []), 8),
        return_note=_text("return_note", table.get("return_note", "")),
        sender=_texts("sender", table.get("sender", []), 5),
        look=look,
    )


def _check_keys(table: Mapping[str, Any], known: Mapping[str, type], where: str) -> None:
    for key, value in table.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise ValueError(f"{where}{key}: there is no such key; {hint}")
        if type(value) is not known[key]:
            raise ValueError(f"{where}{key}: expected {_TYPES[known[key]]}, found {value!r}")


def _part(name: str, part: Any) -> Mapping[str, Any]:
    if name not in DEFAULTS:
        raise ValueError(f"label.{name}: there is no such part; there are {', '.join(DEFAULTS)}")
    if not isinstance(part, dict):
        raise ValueError(f"label.{name}: expected a table with show, at or size, found {part!r}")
    _check_keys(part, _PART_KEYS, f"label.{name}.")
    return part


def _places(parts: Mapping[str, Any]) -> Iterator[Place]:
    for name, part in parts.items():
        if not part.keys() & {"at", "size"}:
            continue
        usual = DEFAULTS[name]
        x, y = _pair(f"label.{name}.at", part.get("at"), (usual.x, usual.y))
        width, height = _pair(f"label.{name}.size", part.get("size"), (usual.width, usual.height))
        yield Place(name, x, y, width, height)


def _pair(key: str, found: Any, usual: tuple[int, int]) -> tuple[int, int]:
    """Millimetres as units."""
    if found is None:
        return usual
    numbers = [n for n in found if type(n) in (int, float) and 0 <= n <= 1000]
    if len(found) != 2 or len(numbers) != 2:
        raise ValueError(f"{key}: expected two numbers of millimetres, found {found!r}")
    return round(numbers[0] * _UNITS_PER_MM), round(numbers[1] * _UNITS_PER_MM)


def _words(words: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    _check_keys(words, dict.fromkeys(WORDS, str), "words.")
    for word, own in words.items():
        yield word, _text(f"words.{word}", own)


def _text(key: str, text: str) -> str:
    if len(text) > TEXT_MAX:
        raise ValueError(f"{key}: expected at most {TEXT_MAX} characters, found {len(text)}")
    return text


def _texts(key: str, texts: list[Any], most: int) -> tuple[str, ...]:
    if len(texts) > most or not all(isinstance(text, str) for text in texts):
        raise ValueError(f"{key}: expected at most {most} texts, found {texts!r}")
    return tuple(_text(key, text) for text in texts)
