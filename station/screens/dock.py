"""At the dock: choosing a lane, and loading."""

from functools import partial

from server.domain.benchwork.handoff import Load
from station.screens.page import page, top_bar
from station.text import wrap
from station.views import DockLobbyView, DockView
from station.widgets.band import BandSays
from station.widgets.blocks import BOLD, LARGE, MEDIUM, THIN, big
from station.widgets.parcels import aside_names, missing_names, parcel_list
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, beside, blank, block, indented, row
from station.widgets.totals import totals
from station.wording import say


def dock_lobby(view: DockLobbyView, sheet: Sheet) -> Rows:
    """No load is open."""
    return page(
        sheet, top_bar(sheet, [sheet.status.bench, say.DOCK]), partial(_lobby, view), view.flash, ways=say.AT_LOBBY
    )


def dock(view: DockView, sheet: Sheet) -> Rows:
    """A load is open: huge counts, and the parcels that need a hand."""
    load = view.load
    top = top_bar(sheet, [load.carrier_name or load.carrier, say.LOAD_OF, load.load_id])
    flash = view.flash
    loaded = flash is not None and any(flash.item == parcel.tracking for parcel in load.loaded)
    says = BandSays(done=say.LOADED_NOW if loaded else "", idle=say.DOCK_DO)
    return page(sheet, top, partial(_loading, load), flash, says=says, ways=say.AT_LOAD)


def _lobby(view: DockLobbyView, sheet: Sheet, width: int, height: int) -> Rows:
    look, room = sheet.look, width - 8
    cuts = (LARGE, BOLD, MEDIUM, THIN) if sheet.tall else (BOLD, MEDIUM, THIN)
    rows = blank(room, 2 if sheet.tall else 1, look.text)
    if view.opening:
        rows += [row(room, look.text, [(say.OPENING, look.accent)]), *big(view.opening, room, 7, look.accent, cuts)]
    else:
        rows += big(say.SCAN_LANE, room, 7 if sheet.tall else 5, look.strong, cuts)
    rows += [row(room, look.text), *_said(say.SCAN_LANE_HOW, room, sheet), row(room, look.text)]
    if not view.lanes:
        rows.append(row(room, look.text, [(say.NO_LANES, look.variant)]))
    for lane in view.lanes:
        rows.append(
            row(room, look.text, [("▌ ", look.accent), (lane.name, look.strong), (f"   {lane.carrier}", look.quiet)])
        )
        rows += blank(room, int(sheet.tall), look.text)
    return indented(block(rows, room, height, look.text), 4, width, look.text)


def _loading(load: Load, sheet: Sheet, width: int, height: int) -> Rows:
    look, room = sheet.look, width - 8
    left = len(load.missing)
    counts = [(len(load.loaded), say.LOADED, look.accent), (left, say.LEFT, look.strong)]
    rows = [*blank(room, 2 if sheet.tall else 1, look.text), *totals(counts, sheet, room), *blank(room, 1, look.text)]
    rows += [*_said(say.DOCK_DO, room, sheet), *blank(room, 1, look.text)]
    return indented([*rows, *parcel_columns(load, sheet, room, height - len(rows))], 4, width, look.text)


def _said(text: str, width: int, sheet: Sheet) -> Rows:
    return [row(width, sheet.look.text, [(line, sheet.look.text)]) for line in wrap(text, width)]


def parcel_columns(load: Load, sheet: Sheet, width: int, height: int, missing: str = say.MISSING) -> Rows:
    """Set aside beside missing."""
    look, half = sheet.look, width // 2
    aside = parcel_list(say.SET_ASIDE, aside_names(load), sheet, (half, max(1, height)), look.variant)
    lost = parcel_list(missing, missing_names(load), sheet, (width - half, max(1, height)), look.strong)
    return block(beside(aside, lost), width, max(0, height), look.text)
