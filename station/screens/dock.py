"""Loading: huge counts for a loader who stands in the trailer, and the parcels that need a hand."""

from functools import partial

from rich.style import Style

from server.domain.benchwork.handoff import Load
from server.domain.benchwork.reasons import Reason
from server.domain.dock.figures import Figures
from server.domain.dock.values import DockMode
from station.screens.page import page, top_bar
from station.text import wrap
from station.views import DockView
from station.widgets.band import BandSays
from station.widgets.parcels import aside_names, left_names, parcel_list
from station.widgets.sheet import Sheet
from station.widgets.strips import Piece, Rows, beside, blank, block, indented, row
from station.widgets.times import SOON_SECONDS
from station.widgets.totals import totals
from station.wording import say

NARROW = 36
"""Columns in which the long heading of what was set aside does not fit."""


def dock(view: DockView, sheet: Sheet) -> Rows:
    """A load is open."""
    load, flash = view.load, view.flash
    good = flash is not None and flash.reason is Reason.OK and bool(flash.item)
    loaded = good and any(flash.item == p.tracking for p in load.loaded) if flash else False
    says = BandSays(done=say.LOADED_NOW if loaded else "", idle=say.MODES_DO[load.mode])
    ways = say.AT_LOAD if load.mode is DockMode.LOAD else say.AT_MODE
    return page(sheet, load_bar(load, sheet), partial(_loading, view), flash, says=says, ways=ways)


def load_bar(load: Load, sheet: Sheet) -> Rows:
    """Which load, on which trailer, and the time to its cut-off."""
    seconds = None if load.cut_off is None else load.cut_off - sheet.now
    until = "" if seconds is None else say.until(seconds, load.carrier_name)
    left = [load.carrier_name or load.carrier, load.trailer, f"{say.LOAD_OF} {load.load_id}"]
    return top_bar(sheet, [text for text in left if text], until, seconds is not None and seconds < SOON_SECONDS)


def _loading(view: DockView, sheet: Sheet, width: int, height: int) -> Rows:
    look, room, load = sheet.look, width - 8, view.load
    numbers = view.figures
    counts = [(numbers.loaded, say.LOADED, look.accent), (len(numbers.left), say.LEFT, look.strong)]
    if load.mode is DockMode.REMAINING:
        counts[1] = (len(load.remaining), say.STAYS, look.variant)
    rows = [*blank(room, 2 if sheet.tall else 1, look.text), *totals(counts, sheet, room), *blank(room, 1, look.text)]
    head = [*indented(rows, 4, width, look.text), *_mode(load, sheet, width), *_facts(view.figures, sheet, width)]
    names = left_names(view.figures.left, view.time_zone)
    columns = parcel_columns(load, names, sheet, (room, height - len(head) - 1))
    return [*head, row(width, look.text), *indented(columns, 4, width, look.text)]


def _mode(load: Load, sheet: Sheet, width: int) -> Rows:
    """A mode stands out: a scan means something else now."""
    if load.mode is DockMode.LOAD:
        return []
    pen = sheet.look.hint
    return pointed(say.MODES_DO[load.mode], width, pen)


def pointed(text: str, width: int, pen: Style) -> Rows:
    """What to do now, with a mark before its first line."""
    lines = wrap(text, width - 8)
    return [row(width, pen, [(f"  {'▶' if n == 0 else ' '} {line}", pen)]) for n, line in enumerate(lines)]


def _facts(figures: Figures, sheet: Sheet, width: int) -> Rows:
    """What must be known without asking; one line, or what to do where there is nothing to know."""
    look = sheet.look
    facts: list[Piece] = []
    if figures.leave_today:
        facts.append((f"▲ {say.leave_today(len(figures.leave_today))}", look.variant))
    if figures.partly:
        named = ", ".join(f"{p.order_number} {say.of(p.loaded, p.parcels)}" for p in figures.partly[:3])
        more = "" if len(figures.partly) <= 3 else f" {say.and_more(len(figures.partly) - 3)}"
        facts.append((f"◆ {say.PARTLY} {named}{more}", look.strong))
    if figures.not_ready:
        facts.append((say.not_ready(figures.not_ready), look.quiet))
    if not facts:
        return [row(width, look.text, [(f"    {say.DOCK_DO}", look.text)])]
    if sheet.wide:
        return [row(width, look.text, [("    ", look.text), *((f"{text}    ", pen) for text, pen in facts)])]
    return [row(width, look.text, [(f"    {text}", pen)]) for text, pen in facts[:2]]


def parcel_columns(load: Load, names: list[str], sheet: Sheet, size: tuple[int, int], missing: str = "") -> Rows:
    """Set aside beside what is missing, by ``names``; ``size`` is width and height."""
    width, height = size
    look, half = sheet.look, width * 2 // 5
    title = say.SET_ASIDE if half > NARROW else say.ASIDE
    aside = parcel_list(title, aside_names(load), sheet, (half, max(1, height)), look.variant)
    lost = parcel_list(missing or say.MISSING, names, sheet, (width - half, max(1, height)), look.strong)
    return block(beside(aside, lost), width, max(0, height), look.text)
