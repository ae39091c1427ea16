"""The bottom row: who, where, and whether all is well, in words and shapes."""

from dataclasses import replace

from rich.cells import cell_len

from station.text import clean
from station.views import Light, StatusLine
from station.widgets.sheet import Sheet
from station.widgets.strips import Piece, Rows, row
from station.wording import device, say


def status(sheet: Sheet) -> Rows:
    """One row; what is not well keeps its words when there is little room."""
    look, line = sheet.look, sheet.status
    right: list[Piece] = []
    if sheet.notice:
        right = [(f" {sheet.notice} ", look.hint)]
    elif sheet.typed:
        # The end of what was typed is what the person is looking at.
        right = [(f"{say.TYPED} ", look.bar), (f" {clean(sheet.typed)[-24:]}▏", look.hint)]
    room = sheet.width - sum(cell_len(text) for text, _ in right) - 3
    for brief in range(3):
        pieces = _pieces(sheet, line, brief)
        if sum(cell_len(clean(text)) for text, _ in pieces) <= room:
            break
    return [row(sheet.width, look.bar, pieces, right=[*right, (" ", look.bar)])]


def hint(sheet: Sheet) -> Rows:
    """The slim row of the guide, or nothing."""
    if not sheet.hint:
        return []
    return [row(sheet.width, sheet.look.hint, [(f" {say.NEXT_HINT} {sheet.hint}", sheet.look.hint)])]


def _pieces(sheet: Sheet, line: StatusLine, brief: int) -> list[Piece]:
    """In full (0), without the words of what is well (1), or without what is well (2)."""
    look = sheet.look
    who = [part for part in (line.bench, line.person) if part]
    pieces: list[Piece] = [(" " + "  ".join(who[-1:] if brief else who), look.bar_strong)]
    if say.MODES[line.mode]:
        pieces.append((f"  {say.LIGHTS[Light.LOOK]} {say.MODES[line.mode]}", look.bar_warn))
    if line.called is not None:
        called = f"{say.CALLED} {say.brief(max(0.0, sheet.now - line.called))}"
        pieces.append((f"  {say.LIGHTS[Light.LOOK]} {called}", look.bar_warn))
    for name, lamp in zip(say.DEVICES, (line.server, line.scanner, line.printer, line.scale), strict=True):
        if lamp is None:
            continue
        well, text = lamp.light is Light.OK, say.lamp(replace(lamp, words=device(lamp.words)))
        if well and brief > 1:
            continue
        words = name if (brief and well) or not text else text if name in text else f"{name} {text}"
        pieces.append((f"  {say.LIGHTS[lamp.light]} {words}", look.bar if well else look.bar_warn))
    if line.unsent or not brief:
        unsent = f"  {line.unsent} {say.UNSENT}", look.bar_warn if line.unsent else look.bar
        # What is too long for the row is cut at its end, and this is never cut.
        pieces.insert(1 if brief > 1 else len(pieces), unsent)
    if line.clock_off:
        pieces.append((f"  {say.LIGHTS[Light.LOOK]} {say.clock(line.clock_off)}", look.bar_warn))
    elif line.clock_unset:
        pieces.append((f"  {say.LIGHTS[Light.LOOK]} {say.CLOCK_UNSET}", look.bar_warn))
    return pieces
