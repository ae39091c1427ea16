"""What names a buyer, and kept values without it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from server.domain.packing.wants import StepKind

ERASED = "(erased)"
_OWN_WORDS = frozenset({StepKind.SECOND_LOOK.value, StepKind.NOTE.value, StepKind.GIFT.value})
"""Steps at a bench whose text is the buyer's, or the house's about this buyer."""
_PLACES = frozenset({"city", "region", "postcode", "country"})
"""Of an address; alone they name nobody, and cities and codes stand in other texts for good reason."""


def names_in(addresses: Iterable[Mapping[str, Any]], others: Iterable[Any]) -> re.Pattern[str] | None:
    """What finds this buyer in other texts, in any case and spacing: name, company, street, phone, mail, own words.

    ``others``: contacts, notes, texts for the box. None where nothing is kept that names anybody. A single word is not
    looked for ("Philips" is a brand too, "SOAP" a SKU), but a mail address, a number and a name in signs are.
    """
    told = [[value for key, value in address.items() if key not in _PLACES] for address in addresses]
    found = {" ".join(_words(text)) for text in _strings([told, list(others)])}
    # The longest first: a name inside a note would leave the rest of the note.
    ordered = sorted(filter(_names, found), key=lambda text: (-len(text), text))
    return re.compile("|".join(map(_spelled, ordered)), re.IGNORECASE) if ordered else None


def without_names(who: re.Pattern[str] | None, value: Any) -> Any:
    """A JSON value with each such name replaced."""
    match value:
        case str():
            return who.sub(ERASED, value) if who is not None else value
        case Mapping():
            return {key: without_names(who, each) for key, each in value.items()}
        case list() | tuple():
            return [without_names(who, each) for each in value]
        case _:
            return value


def unnamed_scan(who: re.Pattern[str] | None, raw: str) -> str:
    """A raw scan; nothing stays of one that names the buyer, as a carrier's two-dimensional code does."""
    return ERASED if who is not None and who.search(raw) else raw


def without_own_words(value: Any) -> Any:
    """A kept ``PackOrder``, or whatever holds one, without the buyer's note and the words that a packer confirms."""
    match value:
        case {"kind": str(kind), "text": str()} if kind in _OWN_WORDS:
            return {**value, "text": ""}
        case Mapping():
            emptied = {"note": ""} if "wants" in value and "note" in value else {}
            return {key: without_own_words(each) for key, each in value.items()} | emptied
        case list() | tuple():
            return [without_own_words(each) for each in value]
        case _:
            return value


def _strings(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            yield from _strings(list(value.values()))
        case list() | tuple():
            for each in value:
                yield from _strings(each)


def _words(text: str) -> list[str]:
    return "".join(c if c.isprintable() else " " for c in text).split()


def _names(text: str) -> bool:
    if text.isascii():
        uncased = text.lower() == text.upper()
        return len(text) >= 6 and (" " in text or "@" in text or uncased)
    return len(text) >= 2 and (" " in text or "@" in text or text.lower() == text.upper())


def _spelled(text: str) -> str:
    """A pattern of these words, apart in any way; within a longer word of ASCII it is another word."""
    apart = r"[\s\x00-\x1f\x7f]+".join(re.escape(word) for word in text.split())
    return rf"(?<!\w){apart}(?!\w)" if text.isascii() else apart
