"""At the dock with no load open: lanes, planned and open loads, and what must leave."""

from functools import partial

from server.wire import DueLine, Lane
from station.screens.page import page, top_bar
from station.site_time import hour
from station.text import wrap
from station.views import DockLobbyView
from station.widgets.blocks import BOLD, LARGE, MEDIUM, THIN, big
from station.widgets.sheet import Sheet
from station.widgets.strips import Piece, Row, Rows, blank, block, indented, row
from station.widgets.times import SOON_SECONDS
from station.wording import say


def dock_lobby(view: DockLobbyView, sheet: Sheet) -> Rows:
    """No load is open."""
    ways = say.AT_LANE_ASKED if view.asks or view.picks or view.reprints else say.AT_LOBBY
    return page(sheet, top_bar(sheet, [sheet.status.bench, say.DOCK]), partial(_lobby, view), view.flash, ways=ways)


def _lobby(view: DockLobbyView, sheet: Sheet, width: int, height: int) -> Rows:
    look, room = sheet.look, width - 8
    rows = [*blank(room, 2 if sheet.tall else 1, look.text), *_call(view, sheet, room), row(room, look.text)]
    if not view.lanes:
        rows.append(row(room, look.text, [(say.NO_LANES, look.variant)]))
    due = _due(view, sheet, room)
    lanes = [one for lane in view.lanes for one in _lane(view, lane, sheet, room)]
    spare = height - len(rows) - len(lanes) - 1
    rows += [*lanes, row(room, look.text), *due[: max(0, spare)]]
    return indented(block(rows, room, height, look.text), 4, width, look.text)


def _call(view: DockLobbyView, sheet: Sheet, width: int) -> Rows:
    """What is asked, in large letters, and how to answer."""
    look = sheet.look
    cuts = (LARGE, BOLD, MEDIUM, THIN) if sheet.tall else (BOLD, MEDIUM, THIN)
    height = 7 if sheet.tall else 5
    if view.opening:
        return [row(width, look.text, [(say.OPENING, look.accent)]), *big(view.opening, width, 7, look.accent, cuts)]
    if view.known_at is not None:
        at = hour(view.known_at, view.time_zone)
        tells = say.begin_alone_which if view.choose else say.begin_alone_how
        word, how = say.BEGIN_ALONE, tells(view.asks, at)
    elif view.pickup is not None:
        word, how = say.pickup_word(view.pickup), say.PICKUP_HOW
    elif view.reprints:
        word, how = say.WHICH_PAPER, say.WHICH_PAPER_HOW
    elif view.choose:
        word, how = say.WHICH_TRUCK, say.WHICH_TRUCK_HOW
    elif view.asks:
        word, how = say.NEW_LOAD, say.new_load_how(view.asks)
    else:
        word, how = say.SCAN_LANE, say.PICKUP_LANE_HOW if view.picks else say.SCAN_LANE_HOW
    lines = [row(width, look.text, [(line, look.text)]) for line in wrap(how, width)]
    return [*big(word, width, height, look.strong, cuts), row(width, look.text), *lines]


def _lane(view: DockLobbyView, lane: Lane, sheet: Sheet, width: int) -> Rows:
    """A lane, and below it its loads where it has any."""
    look = sheet.look
    waiting = sum(line.parcels for line in view.due if line.carrier == lane.carrier)
    right: list[Piece] = [(say.parcels(waiting), look.strong)] if waiting else []
    rows = [
        row(
            width, look.text, [("▌ ", look.accent), (lane.name, look.strong), (f"   {lane.carrier}", look.quiet)], right
        )
    ]
    for load in (each for each in view.loads if each.carrier == lane.carrier):
        facts = "   ".join(x for x in (load.trailer, load.dock, ", ".join(load.services)) if x)
        until, late = _until(load.cut_off, sheet.now)
        pieces: list[Piece] = [(f"    {load.load_id}", look.text), (f"   {facts}" if facts else "", look.text)]
        pieces.append((f"   {say.LOAD_STATES[load.state]}, {say.loaded_of(load.loaded)}", look.quiet))
        rows.append(row(width, look.text, pieces, [(until, look.variant if late else look.text)] if until else []))
    return rows + blank(width, int(sheet.tall and not view.loads), look.text)


def _until(cut_off: float | None, now: float) -> tuple[str, bool]:
    """Time to the cut-off in words, and whether that is soon."""
    return ("", False) if cut_off is None else (say.until(cut_off - now), cut_off - now < SOON_SECONDS)


def _due(view: DockLobbyView, sheet: Sheet, width: int) -> Rows:
    """What waits for a truck, the most urgent first."""
    look = sheet.look
    if not view.due:
        return []
    return [
        row(width, look.text, [(say.MUST_LEAVE, look.quiet)]),
        *(_due_line(x, view, sheet, width) for x in view.due),
    ]


def _due_line(line: DueLine, view: DockLobbyView, sheet: Sheet, width: int) -> Row:
    look = sheet.look
    name = next((lane.name for lane in view.lanes if lane.carrier == line.carrier), line.carrier)
    until, late = _until(line.ship_by, sheet.now)
    today = view.day_ends is not None and line.ship_by is not None and line.ship_by < view.day_ends
    pieces: list[Piece] = [
        (f"  {line.parcels:>4}  ", look.strong),
        (f"{line.channel:<22}", look.text),
        (name, look.quiet),
    ]
    warn = look.variant if late else look.strong if today else look.quiet
    return row(width, look.text, pieces, [(until, warn)] if until else [])
