"""Before a load is closed: what is on it and what is not. After: what was saved and who was told."""

from functools import partial
from pathlib import Path

from server.domain.benchwork.reasons import Reason
from server.domain.dock.figures import assumable, figures
from server.domain.dock.values import LeftReason, OnTruck
from station.screens.dock import load_bar, parcel_columns, pointed
from station.screens.page import page
from station.site_time import hour
from station.text import wrap
from station.views import LoadSummaryView
from station.widgets.blocks import BOLD, LARGE, MEDIUM, THIN, big
from station.widgets.parcels import left_names
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, beside, blank, block, indented, row
from station.widgets.totals import totals
from station.wording import Ways, say


def summary(view: LoadSummaryView, sheet: Sheet) -> Rows:
    """The question, the wait, or the outcome."""
    load = view.load
    top = load_bar(load, sheet)
    ways = say.AT_CLOSED if view.closed else Ways() if view.closing else say.AT_CLOSE
    return page(sheet, top, partial(_closed if view.closed else _asking, view), view.flash, ways=ways)


def _asking(view: LoadSummaryView, sheet: Sheet, width: int, height: int) -> Rows:
    look, room, load = sheet.look, width - 8, view.load
    word, does = _question(view)
    counts = [
        (len(load.loaded), say.LOADED, look.accent),
        *([(len(assumable(load)), say.ASSUMED, look.strong)] if view.assume else []),
        (_staying(view), say.MISSING_AT_CLOSE, look.variant if _staying(view) else look.strong),
        (len(load.set_aside), say.ASIDE, look.variant if load.set_aside else look.strong),
    ]
    rows = blank(room, 1, look.text)
    if sheet.tall:
        rows += [*big(word, room, 5, look.strong, (BOLD, MEDIUM, THIN)), *blank(room, 2, look.text)]
    rows += [*totals(counts, sheet, room), *blank(room, int(sheet.tall), look.text)]
    card = _card(does, sheet, width)
    space = height - len(rows) - len(card) - 1
    return [*indented([*rows, *_below(view, sheet, room, space)], 4, width, look.text), row(width, look.text), *card]


def _staying(view: LoadSummaryView) -> int:
    return len(view.load.missing) - (len(assumable(view.load)) if view.assume else 0)


def _question(view: LoadSummaryView) -> tuple[str, str]:
    """Its word, and what to do about it."""
    if view.closing:
        return say.CLOSING, say.CLOSING_WAIT
    if view.alone:
        return say.CLOSE_ALONE, say.CLOSE_ALONE_HOW
    first = view.questions[0] if view.questions else None
    if first is Reason.PULL_FIRST and view.pull is not None:
        on = view.pull
        return say.REASONS[first].title, say.pull(on.order_number, on.tracking, on.position, on.of, _at(view, on))
    if view.hurry and not view.assume and assumable(view.load) and first is not Reason.SET_ASIDE:
        return say.THE_REST, say.assume_how(len(assumable(view.load)))
    return (say.REASONS[first].title, say.REASONS[first].do) if first else (say.CLOSE_ASK, say.CLOSE_AGAIN)


def _at(view: LoadSummaryView, on: OnTruck) -> str:
    return hour(on.loaded_at, view.time_zone)


def _below(view: LoadSummaryView, sheet: Sheet, width: int, height: int) -> Rows:
    """The reasons while one is asked; else what is set aside and what is missing."""
    look = sheet.look
    if view.questions[:1] == (Reason.NEED_REASON,) and not view.closing:
        half = width // 2
        said = [f"{n}  {say.LEFT_REASONS[why]}" for n, why in enumerate(LeftReason, start=1)]
        tall = (len(said) + 1) // 2
        left, right = (
            [row(half, look.text, [(text, look.strong)]) for text in part] for part in (said[:tall], said[tall:])
        )
        return block(beside(left, block(right, half, tall, look.text)), width, max(0, height), look.text)
    shown = view.figures or figures(view.load, sheet.now)
    names = left_names(shown.left, view.time_zone)
    rows = parcel_columns(view.load, names, sheet, (width, height), say.MISSING_AT_CLOSE)
    if view.left_reason is None:
        return rows
    because = row(width, look.text, [(say.because_left(say.LEFT_REASONS[view.left_reason]), look.strong)])
    return [*rows[: max(0, height - 1)], because]


def _card(text: str, sheet: Sheet, width: int) -> Rows:
    pen = sheet.look.hint
    return _padded(pointed(text, width, pen), width, sheet)


def _padded(card: Rows, width: int, sheet: Sheet) -> Rows:
    edge = blank(width, 1, sheet.look.hint)
    return [*edge, *card, *edge]


def _closed(view: LoadSummaryView, sheet: Sheet, width: int, height: int) -> Rows:
    look, room, load = sheet.look, width - 8, view.load
    left = room - (40 if sheet.tall else 20)
    size = 7 if sheet.tall else 6
    words = [row(left, look.text), *big(say.CLOSED, left - 2, 7, look.accent, (LARGE, BOLD, MEDIUM))]
    words = block(words, left, size, look.text)
    digits = big(str(len(load.loaded)), room - left, 5, look.strong)
    count = [row(room - left, look.text, [(say.ON_TRUCK, look.strong)]), *digits]
    rows = [*blank(room, 2 if sheet.tall else 1, look.text), *beside(words, block(count, room - left, size, look.text))]
    rows += blank(room, 1, look.text)
    if view.manifest_path:
        path = view.manifest_path
        filed = f"{say.MANIFEST_PRINTS} {Path(path).name}" if view.printed else f"{say.MANIFEST} {path}"
        rows.append(row(room, look.text, [(filed, look.text)]))
    rows += _carrier(view, sheet, room)
    rows += blank(room, 1, look.text)
    if view.known_at is not None:
        known = say.closed_alone(hour(view.known_at, view.time_zone) if view.known_at else "")
        return indented(
            [*rows, *(row(room, look.text, [(t, look.variant)]) for t in wrap(known, room))], 4, width, look.text
        )
    for told in view.told[: height - len(rows) - 3]:
        well = told.told >= told.total
        rows.append(
            row(room, look.text, [(say.told(told.channel, told.told, told.total), look.text if well else look.variant)])
        )
    stock = (say.STOCK_TOLD, look.text) if view.stock_told else (say.STOCK_NOT_TOLD, look.variant)
    rows += [row(room, look.text, [stock]), row(room, look.text), row(room, look.text, [(say.CLOSED_DO, look.strong)])]
    return indented(rows, 4, width, look.text)[:height]


def _carrier(view: LoadSummaryView, sheet: Sheet, width: int) -> Rows:
    """What the carrier says of it, where it wants to know; never as accepted before it is."""
    close, look = view.carrier_close, sheet.look
    if close.state == "none":
        return []
    text = " ".join(
        part for part in (say.CARRIER_CLOSE.get(close.state, close.state), close.reference, close.text) if part
    )
    return [row(width, look.text, [(text, look.text if close.state == "closed" else look.variant)])]
