"""Whatever anybody types, a printer and a screen receive the same commands as for harmless text of equal width."""

import re
from collections.abc import Iterator
from itertools import chain, cycle, islice
from typing import Any

import pypdfium2
import pytest

from printing import kinds, plain_text
from printing.escpos import letters
from printing.pdf import paper
from printing.samples import sample
from printing.zpl import field
from station.text import clean
from tests import receipts
from tests.hostile import CLASSES, filled, has_control, strings

FIELD = re.compile(rb"(\^FH_\^FD)([^^~]*)(\^FS)")
COMMENT = re.compile(rb"\^FX[^^~]*\^FS")
SIGNS = {"^": "|", "_": "|", "~": "†", "＾": "|", "＿": "|", "～": "†"}
TWINS = str.maketrans(SIGNS | {chr(control): " " for control in (*range(32), *range(127, 160))})
"""Every sign with a meaning to a printer, and one of equal width without any."""
SOME = 12
"""Texts a document has room for; so many classes go through it at once."""


def with_kinds(language: kinds.Language) -> list[str]:
    return [kind for kind, languages in kinds.KINDS.items() if language in languages]


def batches(size: int) -> Iterator[tuple[str, ...]]:
    texts = iter(CLASSES)
    while batch := tuple(islice(texts, size)):
        yield batch


def test_there_are_enough_of_them() -> None:
    assert len(CLASSES) >= 300
    assert len(set(strings())) >= 19_000


def test_no_text_gets_a_command_into_a_field_of_a_label_printer() -> None:
    for text in strings():
        data = field(text)
        assert "^" not in data, ascii(text)
        assert "~" not in data, ascii(text)
        assert not re.search(r"_(?!5F|5E|7E)", data), ascii(text)
        assert min(data.encode("cp1252"), default=32) >= 32, ascii(text)
        assert bool(data) == bool(plain_text.clean(text)), ascii(text)


def test_no_text_gets_a_command_into_a_line_of_a_receipt_printer() -> None:
    for text in strings():
        data = re.sub(rb"\x1bt[\x10\x11\x12]", b"", letters.encoded(letters.printable(text)))
        assert all(byte >= 32 and byte != 127 for byte in data), ascii(text)


def test_no_text_gets_a_sign_without_a_glyph_on_to_a_page() -> None:
    glyphs = paper.register_fonts()
    for text in strings():
        shown = paper.printable(text)
        assert not has_control(shown), ascii(text)
        assert all(ord(character) in glyphs for character in shown), ascii(text)


def test_no_text_gets_a_control_on_to_the_screen() -> None:
    for text in strings():
        assert not has_control(clean(text)), ascii(text)


def zpl_skeleton(kind: str, texts: Iterator[str]) -> bytes:
    zpl = kinds.write(kind, filled(sample(kind), texts), "zpl")
    assert b"~" not in zpl
    assert all(byte >= 32 or byte == 10 for byte in zpl)
    assert zpl.count(b"^XA") == zpl.count(b"^XZ")
    return FIELD.sub(rb"\1\3", COMMENT.sub(b"", zpl))


def test_every_label_and_slip_has_the_commands_of_harmless_text_in_zpl() -> None:
    for kind in with_kinds("zpl"):
        for batch in batches(SOME):
            harmless = [text.translate(TWINS) for text in batch]
            assert zpl_skeleton(kind, cycle(batch)) == zpl_skeleton(kind, cycle(harmless)), (kind, ascii(batch))


def test_every_slip_has_the_commands_of_harmless_text_on_a_receipt_printer() -> None:
    for kind in with_kinds("escpos"):
        for batch in batches(SOME):
            harmless = [text.translate(TWINS) for text in batch]
            found, twin = (
                receipts.read(kinds.write(kind, filled(sample(kind), cycle(texts)), "escpos"))
                for texts in (batch, harmless)
            )
            assert found.commands == twin.commands, (kind, ascii(batch))
            assert max(found.widths) <= 42, kind


@pytest.mark.parametrize("kind", with_kinds("pdf"))
def test_every_page_prints_hostile_text_as_text(kind: str) -> None:
    document: Any = sample(kind)
    for batch in batches(SOME * 5):
        joined = [" ".join(batch[at::SOME])[:300] for at in range(SOME)]
        data = kinds.write(kind, filled(document, chain(cycle(joined))), "pdf")
        with pypdfium2.PdfDocument(data) as pages:
            text = "".join(page.get_textpage().get_text_bounded() for page in pages)
        assert not has_control(text.replace("\r", " ").replace("\n", " ").replace("\ufffe", " ")), kind
        assert b"/JS" not in data
