"""Text as bytes of a receipt printer's code pages (Epson ESC/POS, ESC t).

A letter that no page holds is spelt by `printable`; what goes on after that holds no byte below 32 and no 127.
"""

from collections.abc import Iterator
from functools import lru_cache

from printing.plain_text import clean, transliterate

_PAGES = {"cp1252": 16, "cp852": 18, "cp866": 17}
"""Western, Central European and Cyrillic letters: the pages that nearly every receipt printer has, by ESC t number."""


def _letters(page: str) -> dict[str, int]:
    codes = (*range(32, 127), *range(128, 256))
    return {letter: code for code in codes if (letter := bytes([code]).decode(page, "ignore")).isprintable() and letter}


_TABLES = {page: _letters(page) for page in _PAGES}
_PRINTABLE = frozenset(letter for table in _TABLES.values() for letter in table)


@lru_cache(maxsize=2048)
def printable(text: str) -> str:
    """One line of what the pages hold."""
    return transliterate(clean(text), _PRINTABLE.__contains__)


def encoded(text: str) -> bytes:
    """Printable text, with the page named before the first letter that needs another one. Ends on the first page."""
    runs = list(_runs(text))
    data = b"".join(_select(page) + codes for page, codes in runs)
    first = next(iter(_PAGES))
    return data if not runs or runs[-1][0] == first else data + _select(first)


def _select(page: str) -> bytes:
    return b"\x1bt" + bytes([_PAGES[page]])


def _runs(text: str) -> Iterator[tuple[str, bytes]]:
    page, codes = next(iter(_PAGES)), bytearray()
    for letter in text:
        if letter not in _TABLES[page]:
            if codes:
                yield page, bytes(codes)
            page, codes = next(name for name, table in _TABLES.items() if letter in table), bytearray()
        codes.append(_TABLES[page][letter])
    if codes:
        yield page, bytes(codes)
