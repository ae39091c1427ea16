"""Names in every script: printed as they are, or visibly spelt; never dropped, never a question mark."""

import unicodedata

import pytest

from printing.escpos import letters
from printing.pdf import paper
from printing.plain_text import clean, transliterate
from printing.zpl import page as zpl_page
from tests.hostile import CLASSES
from tests.receipts import read

NAMES = {
    # As typed: on a label printer, on a receipt printer, on office paper.
    "Łukasz Żółć": ("Lukasz Zólc", "Łukasz Żółć", "Łukasz Zółć"),
    "Müller & Söhne, Gößl": ("Müller & Söhne, Gößl",) * 3,
    "Юрий Гагарин": ("[Yuriy Gagarin]", "Юрий Гагарин", "[Yuriy Gagarin]"),
    "山田 太郎": ("[ShanTian TaiLang]",) * 3,
    "グラン タワー": ("[guran tawa-]",) * 3,
    "Ann 山田 Lee": ("Ann [ShanTian] Lee",) * 3,
    "Ωμέγα": ("[Omega]",) * 3,
    "مرحبا": ("[mrhb]",) * 3,
    "שלום x": ("[slvm] x",) * 3,
    "Ann 😀": ("Ann [:grinning:]",) * 3,
    "\ue000": ("[U+E000]",) * 3,
    "\u0301": ("[U+0301]",) * 3,
    "12 €": ("12 €",) * 3,
    "e\u0301": ("é",) * 3,
    "a\x1bb\r\nc": ("a b c",) * 3,
}


@pytest.mark.parametrize("typed", NAMES)
def test_a_name_prints_as_it_is_or_is_visibly_spelt(typed: str) -> None:
    sinks = (zpl_page.printable, letters.printable, paper.printable)
    assert tuple(printable(typed) for printable in sinks) == NAMES[typed]


def test_no_text_vanishes_and_none_becomes_a_question_mark() -> None:
    for typed in CLASSES:
        for printable in (zpl_page.printable, letters.printable, paper.printable):
            shown = printable(typed)
            assert bool(shown) == bool(clean(typed)), ascii(typed)
            assert shown.count("?") <= unicodedata.normalize("NFKC", typed).count("?"), ascii(typed)


def test_a_receipt_printer_is_told_the_code_page_of_each_letter() -> None:
    text = letters.printable("Müller Łukasz Юрий é")
    assert read(letters.encoded(text) and b"\x1bt\x10" + letters.encoded(text) + b"\n").rows == [text]


def test_a_letter_a_sink_has_is_never_changed() -> None:
    assert transliterate("Żółć", lambda _letter: True) == "Żółć"
