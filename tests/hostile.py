"""Text that people, shops and attackers type, which no sink may obey: classes, and twenty thousand mixtures of them."""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

_CONTROLS = [chr(code) for code in (*range(32), *range(127, 160))]
_ZPL = [
    "^XA",
    "^XZ",
    "^FS",
    "^FD",
    "^FH",
    "^CC/",
    "^CT+",
    "^CD;",
    "^GFA,9,9,1,FF",
    "^DFE:X",
    "^IDR:*.*",
    "^PQ99",
    "~JR",
    "~JA",
    "~HS",
    "~DG",
    "~SD30",
    "~WC",
    "_5E",
    "_7E",
    "_1B",
    "^",
]
_ESCPOS = [
    "\x1b@",
    "\x1bt\x10",
    "\x1bp\x00\x19\xfa",
    "\x1dV\x00",
    "\x1dk\x04A\x00",
    "\x1d(k\x03\x001A2",
    "\x10\x04\x01",
    "\x1c.",
    "\x1d!\x77",
]
_TERMINAL = [
    *(
        "\x1b[31m",
        "\x1b[2J",
        "\x1b]52;c;aGk=\x07",
        "\x1b]0;x\x1b\\",
        "\x9b31m",
        "\x9d0;x\x9c",
        "\x1bP1$r\x1b\\",
        "\x1bc",
    ),
    *("\x1b[6n", "\x1b[?1049h", "[red]x[/]", "[@click=app.quit]x[/]", "\r\nOK", "a\tb", "a\x08\x08b"),
]
_PDF = ["(a", "a)", "\\(", ") Tj ET", "endstream endobj", "%%EOF", "<< /JS (x) >>", "BT /F1 9 Tf"]
_UNICODE = [
    *(
        "\u202e",
        "\u202aab\u202c",
        "\u2066x\u2069",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\u00ad",
        "\u2028",
        "\u2029",
        "\u0085",
    ),
    *(
        "\ud800",
        "\udfff",
        "\ue000",
        "\U0010ffff",
        "\ufffe",
        "\ufffd",
        "e\u0301",
        "\u0301",
        "Z" + "\u0335" * 40,
        "\ufe0f",
    ),
    *("＾ＸＺ", "～ＪＲ", "＿", "‚„…‰", "ﬁ", "①", "ℌ𝔘", "½", "№", "\u3000", "\u1160", "\u115f", "ᄀ", "㍿"),
    *("Łukasz Żółć", "Ñandú", "Gößl", "Ørsted", "İstanbul ı", "Đặng Thị", "Čapek ő", "Þór Æsa", "ŉ ŀ ĳ"),
    *(
        "山田太郎",
        "王小明",
        "김철수",
        "さくら",
        "ﾔﾏﾀﾞ",
        "Юрий Гагарин",
        "Ωμέγα",
        "Հայկ",
        "გიორგი",
        "שלום",
        "مرحبا",
        "नमस्ते",
    ),
    *("สวัสดี", "தமிழ்", "አበበ", "ᠮᠣᠩᠭᠣᠯ", "ᚠᚢᚦ", "😀", "👩‍👩‍👧", "🇩🇪", "👍🏽", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☃️", "𐍈", "🀄", "♥"),
]
_SHAPES = [
    "",
    " ",
    "x" * 200,
    "W" * 60,
    "i" * 120,
    "a b " * 40,
    "'\"`",
    "\\",
    "\\&",
    "%s%n",
    "{0}",
    "{{x}}",
    "$(id)",
    ">:;,",
]
CLASSES: tuple[str, ...] = tuple(
    dict.fromkeys(
        [
            *_CONTROLS,
            *(f"a{control}b" for control in _CONTROLS),
            *(control * 20 for control in _CONTROLS[:32]),
            *_ZPL,
            *(f"Ann {command} Lee" for command in _ZPL),
            *_ESCPOS,
            *_TERMINAL,
            *_PDF,
            *_UNICODE,
            *(f"Ann {text} Lee" for text in _UNICODE),
            *_SHAPES,
        ]
    )
)
"""One of each."""


@cache
def strings(count: int = 20_000) -> tuple[str, ...]:
    """The classes, their mixtures, and strings of any characters at all; the same ones each time."""
    return (*CLASSES, *_mixed(count))


def _mixed(count: int) -> Iterator[str]:
    dice = random.Random(1)
    for number in range(count - len(CLASSES)):
        if number % 4:
            yield "".join(dice.choices(CLASSES, k=dice.randint(2, 3)))[:120]
        else:
            yield "".join(chr(dice.choice((dice.randrange(0x250), dice.randrange(0x3100)))) for _ in range(10))


def filled(document: Any, texts: Iterator[str]) -> Any:
    """The document with the next of these texts wherever people can type; its codes and pictures stay."""
    if isinstance(document, tuple):
        return tuple(filled(part, texts) for part in document)
    if isinstance(document, str):
        return next(texts)
    if not is_dataclass(document) or isinstance(document, type):
        return document
    return replace(
        document, **{f.name: filled(getattr(document, f.name), texts) for f in fields(document) if _typed(f)}
    )


def _typed(field: Any) -> bool:
    return field.name not in {"tracking", "code_text", "text", "kind", "part"} and not (
        field.name == "code" and field.type is str
    )


def has_control(text: str) -> bool:
    """Whether any of it steers a sink: C0, C1, line and paragraph ends, directions, halves of pairs."""
    return any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in text)
