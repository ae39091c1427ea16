"""A latched stop: it fills the screen and stays until a person has cleared it."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style

from server.domain.benchwork.reasons import Reason
from station.screens.stop_photos import GAP, SIZE, stop_photos, with_photos
from station.text import clean, wrap
from station.views import StopView
from station.widgets.blocks import BOLD, LARGE, MEDIUM, THIN, Cut, big, drawn, fitting
from station.widgets.sheet import Sheet
from station.widgets.strips import Piece, Rows, beside, blank, block, indented, row
from station.wording import Says, said, say, told

_BY_ITEM = frozenset({Reason.WRONG_ITEM, Reason.OVER_QUANTITY, Reason.UNKNOWN_CODE})
"""Stops about a thing in the hand; the others are about the whole box."""


def stop(view: StopView, sheet: Sheet) -> Rows:
    """Stripes, a white frame, the word that differs, what is needed, what was not counted, the way out."""
    pen = sheet.look.stop
    stripes = _stripes(sheet)
    width, height = sheet.width - 10, sheet.height - 2 * len(stripes) - 2
    inside = block(_inside(view, sheet, width, height), width, height, pen)
    side = [row(5, pen, [(" ██  ", pen)])] * height
    framed = beside(side, inside, [row(5, pen, [("  ██ ", pen)])] * height)
    # Half a row of ground between stripes and frame keeps the two apart.
    lid = row(sheet.width, pen, [(" " + "▄" * (sheet.width - 2), pen)])
    floor = row(sheet.width, pen, [(" " + "▀" * (sheet.width - 2), pen)])
    rows = [*stripes, lid, *framed, floor, *reversed(stripes)]
    return block(rows, sheet.width, sheet.height, pen)


def _stripes(sheet: Sheet) -> Rows:
    """Slanted, so that they are nothing else on this screen, and told apart without colour."""
    high = 4 if sheet.tall else 2
    bitmap = tuple("".join("#" if (x - y) % 8 < 4 else "." for x in range(sheet.width)) for y in range(high))
    return drawn(bitmap, sheet.look.stripes)


def _inside(view: StopView, sheet: Sheet, width: int, height: int) -> Rows:
    bottom = _bottom(view, sheet, width)
    room = height - len(bottom)
    pen = sheet.look.stop
    head = _head(view, sheet, width)
    body = _item(view, sheet, width, room - len(head)) if _by_item(view) else _box(view, sheet, width, room - len(head))
    return [*block([*head, *body], width, room, pen), *bottom]


def _says(view: StopView) -> Says:
    if view.stop.case_too_large:
        return say.case_too_large(view.stop.units, view.stop.wanted)
    return say.STOPS.get(view.stop.reason, say.REASONS[view.stop.reason])


def _by_item(view: StopView) -> bool:
    return view.stop.reason in _BY_ITEM and not view.dock


def _head(view: StopView, sheet: Sheet, width: int) -> Rows:
    pen, says = sheet.look.stop, _says(view)
    shift = "  " if view.flash and view.flash.serial % 2 else ""
    badge = f"  ✖ {says.title}  "
    # The long title of a case leaves no room, and what the box still needs names the same item below.
    item = f"   {view.stop.item}  {view.stop.variant}" if _by_item(view) and not view.stop.case_too_large else ""
    right: list[Piece] = [(view.order_number, pen)] if view.order_number else []
    rows = [row(width, pen, [(shift, pen), (badge, sheet.look.stop_way), (item, pen)], right)]
    if sheet.tall:
        edge = row(width, pen, [(shift, pen), (" " * cell_len(badge), sheet.look.stop_way)])
        rows = [row(width, pen), edge, *rows, edge]
    return rows


def _item(view: StopView, sheet: Sheet, width: int, height: int) -> Rows:
    """What is in the hand against what the box needs, with their pictures where both have one."""
    alike, _ = _alike(view)
    photos = stop_photos(sheet, view.stop.detail, alike.sku, sheet.look.stop) if alike else None
    if photos:
        high = len(photos[0])
        words, needs_at = _item_words(view, sheet, width - SIZE[0] - GAP, height, high)
        if needs_at + high <= height:
            return with_photos(words, photos, (1, needs_at), width, sheet.look.stop)
    return _item_words(view, sheet, width, height)[0]


def _item_words(view: StopView, sheet: Sheet, width: int, height: int, least: int = 0) -> tuple[Rows, int]:
    """In words, and the row from which on it is about what the box needs. The item in the hand gets ``least`` rows."""
    pen, stop = sheet.look.stop, view.stop
    alike, others = _alike(view)
    cuts = (LARGE, BOLD, MEDIUM, THIN) if sheet.tall else (BOLD, MEDIUM, THIN)
    each = 7 if sheet.tall else 4
    gap = blank(width, 1 if sheet.tall else 0, pen)
    have = _differing(stop.item, stop.variant, alike.name if alike else "")
    sku = f"   {stop.detail}" if stop.detail else ""
    held = [
        row(width, pen, [(f"{say.YOU_HAVE}{sku}", pen)]),
        *_wide(_letters(have, stop.units if stop.units > 1 else 0, (width, each), pen, cuts), width, pen),
    ]
    rows = [*gap, *block(held, width, max(len(held), least), pen)]
    rows += [row(width, pen, [(line, pen)]) for line in wrap(say.wanted(view.wanted), width, 1)]
    rows += gap
    needs_at = len(rows)
    if not view.needs:
        return [*rows, row(width, pen, [(say.NEEDS_NOTHING, pen)])], needs_at
    rows.append(row(width, pen, [(say.STILL_NEEDS, pen), (f"   {alike.units} ×  {alike.name}" if alike else "", pen)]))
    if alike:
        need = _differing(alike.name, alike.variant, stop.item)
        rows += [*_wide(_letters(need, alike.units, (width, each), pen, cuts), width, pen), *gap]
    return rows + _needs(others, width, height - len(rows), pen), needs_at


def _letters(text: str, units: int, size: tuple[int, int], pen: Style, cuts: Sequence[Cut]) -> Rows:
    """The text with its count behind it where there are units and both fit."""
    with_units = fitting(f"{text} ×{units}", *size, cuts) if units else None
    return drawn(with_units, pen) if with_units else big(text, *size, pen, cuts)


@dataclass(frozen=True, slots=True)
class _Need:
    name: str
    variant: str
    units: int
    sku: str = ""


def _alike(view: StopView) -> tuple[_Need | None, list[_Need]]:
    """The open line most easily mistaken for the item: the item itself, the same name, else the only one there is."""
    skus = (*view.need_skus, *[""] * len(view.needs))
    needs, stop = [_Need(*need, sku) for need, sku in zip(view.needs, skus, strict=False)], view.stop
    same = sorted((need for need in needs if need.name == stop.item), key=lambda need: need.variant != stop.variant)
    alike = next(iter(same), needs[0] if len(needs) == 1 else None)
    return alike, [need for need in needs if need is not alike]


def _differing(name: str, variant: str, other: str) -> str:
    """The variant; without one, the words of the name that the other name does not have."""
    if variant:
        return clean(variant)
    others = other.casefold().split()
    own = [word for word in clean(name).split() if word.casefold() not in others]
    return " ".join(own) or clean(name)


def _needs(needs: list[_Need], width: int, height: int, pen: Style) -> Rows:
    if not needs or height < 1:
        return []
    shown = needs if len(needs) <= height else needs[: height - 1]
    rows = [row(width, pen, [(f"{need.units:>3} ×  {need.name}   {need.variant}", pen)]) for need in shown]
    if len(shown) < len(needs):
        units = sum(need.units for need in needs[len(shown) :])
        rows.append(row(width, pen, [(f"       {say.below(len(needs) - len(shown), units)}", pen)]))
    return rows


def _box(view: StopView, sheet: Sheet, width: int, height: int) -> Rows:
    """A stop about the whole box: the reason itself in block letters."""
    pen, stop = sheet.look.stop, view.stop
    fact = "" if view.ends else say.because(stop.reason, clean(stop.detail))
    why = said(dict(view.facts), view.words) or view.words
    says, words = _says(view), why or fact or (told(view.flash) if view.flash else "")
    cuts = (LARGE, BOLD, MEDIUM, THIN)
    rows = [*blank(width, 3 if sheet.tall else 1, pen)]
    changes = _changes(view, width, pen)
    letters = 4 if changes and not sheet.tall else 15 if sheet.tall else 9
    rows += _wide(big(says.word or says.title, width, letters, pen, cuts), width, pen)
    rows += [*blank(width, 2 if sheet.tall else 1, pen), *changes]
    for text in (f"{stop.item} {stop.variant}".strip(), words):
        rows += [row(width, pen, [(line, pen)]) for line in wrap(text, width, 3)]
    return rows[:height]


def _changes(view: StopView, width: int, pen: Style) -> Rows:
    """Of a changed order: what goes out of the box and what is new, at most four lines of each."""
    rows: Rows = []
    for word, lines in ((say.TAKE_OUT, view.take_out), (say.NEW_LINES, view.add)):
        needs = [_Need(*line) for line in lines]
        if needs:
            rows += [row(width, pen, [(word, pen)]), *_needs(needs, width, 4, pen)]
    return rows


def _bottom(view: StopView, sheet: Sheet, width: int) -> Rows:
    """What was not counted, and the way out on a bright ground."""
    pen, way = sheet.look.stop, sheet.look.stop_way
    out = say.WAY_OUT_DOCK if view.dock else say.WAY_OUT_ENDS if view.ends else say.WAY_OUT
    does = "" if view.dock else say.SCAN_OUT if view.take_out else _says(view).do
    label = say.destroy_label(view.stop.detail) if view.ends and view.stop.detail else ""
    missed = view.stop.not_counted
    since = "" if view.take_out and not missed else say.not_counted(missed)
    rows = [row(width, pen, [(text, pen)]) for text in wrap(since, width, 3 if sheet.tall else 1)]
    if sheet.tall:
        rows += [row(width, pen), row(width, way)]
    for text in (does, label, out):
        lines = wrap(text, width - 4)
        rows += [row(width, way, [(f" {' ' if n else '▶'} {line}", way)]) for n, line in enumerate(lines)]
    if sheet.tall:
        rows.append(row(width, way))
    typed = sheet.notice or (f"{say.TYPED} {sheet.typed}" if sheet.typed else "")
    below = typed or (f"{say.NEXT_HINT} {sheet.hint}" if sheet.hint else "")
    return [*rows, row(width, pen, [(below, pen)])]


def _wide(rows: Rows, width: int, pen: Style) -> Rows:
    return indented(rows, 0, width, pen)
