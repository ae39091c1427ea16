"""Slips on a strip of receipt paper."""

from collections.abc import Callable
from typing import Any

from printing.escpos.letters import printable
from printing.escpos.paper import Strip
from printing.kinds import Stock, telling
from printing.slips.blocks import Block, Choices, Facts, Goods, Lines, Logo, Scan, Title, Words, printed


def told(kind: str, document: Any, stock: Stock) -> bytes:
    """The slip, once. Raise ValueError for a strip of impossible width."""
    strip = Strip(stock.columns)
    for block in telling(kind)(document):
        _DRAWERS[type(block)](strip, printed(block, printable))
    return strip.finished()


def _logo(strip: Strip, logo: Logo) -> None:
    strip.picture(logo.bitmap)


def _title(strip: Strip, title: Title) -> None:
    size = 3 if title.loud else 2
    strip.line(title.text, size=size, bold=True, align="centre")
    if title.under:
        strip.line(title.under, align="centre")
    strip.line()


def _facts(strip: Strip, facts: Facts) -> None:
    for caption, value in facts.pairs:
        if facts.large:
            strip.line(caption)
            strip.line(value, size=2, bold=True)
        else:
            strip.pair(caption, value)


def _lines(strip: Strip, lines: Lines) -> None:
    strip.line()
    strip.line(lines.caption)
    for text in filter(None, lines.lines):
        strip.line(text, bold=True)


def _goods(strip: Strip, goods: Goods) -> None:
    strip.rule()
    for index, line in enumerate(goods.lines):
        right = "[ ]" if goods.ticked else goods.right[index] if goods.right else ""
        strip.pair(f"{line.units} x {line.name} {line.variant}", right, bold=True)
        small = "  ".join(part for part in (line.sku, line.lot) if part)
        if small:
            strip.line(small)
    strip.rule()
    if goods.total:
        strip.line(goods.total, bold=True, align="right")


def _choices(strip: Strip, choices: Choices) -> None:
    strip.line(choices.caption)
    for text in choices.texts:
        strip.line(f"[ ] {text}")
    strip.line()


def _words(strip: Strip, words: Words) -> None:
    if words.text:
        strip.line()
        strip.line(words.text, size=2 if words.large else 1)
        strip.line()


def _scan(strip: Strip, scan: Scan) -> None:
    strip.line(scan.caption, align="centre")
    strip.bars(scan.text)


_DRAWERS: dict[type[Block], Callable[[Strip, Any], None]] = {
    Logo: _logo,
    Title: _title,
    Facts: _facts,
    Lines: _lines,
    Goods: _goods,
    Choices: _choices,
    Words: _words,
    Scan: _scan,
}
