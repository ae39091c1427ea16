"""What can be scanned now, beside the codes' captions: for whoever is stuck. Any scan leaves it."""

from server.domain.benchwork.scans import Command
from server.domain.packing.session import Phase
from station.screens.page import page, top_bar
from station.views import (
    DeskView,
    DockLobbyView,
    DockView,
    GoodsView,
    HelpView,
    LabelStage,
    LoadSummaryView,
    PackView,
    PalletView,
    QueueView,
    SignInView,
)
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, block, row
from station.wording import say

_ANYWHERE = (Command.CALL, Command.HELP)
_PRINTS = (Command.PRINTER, *_ANYWHERE)
_GOODS = (Command.RECEIVE, Command.PUT_BACK, Command.TRANSFER_OUT, Command.TRANSFER_IN, Command.COUNT)
_AT_QUEUE = (Command.TAKE_OVER, Command.REPRINT, Command.RELABEL, Command.ATTACH, Command.DOCK, Command.SIGN_OUT)
_OFF = (Command.UNDO, Command.EMPTY, Command.OK)
_IN_BOX = (Command.UNDO, Command.EMPTY, Command.PROBLEM, Command.HOLD, Command.PARK)


def help_page(view: HelpView, sheet: Sheet) -> Rows:
    """First what is no command, then the commands that mean something on the screen below."""
    top = top_bar(sheet, [sheet.status.bench, say.HELP_TITLE])
    return page(sheet, top, lambda s, width, height: _body(view, s, width, height), view.flash)


def _body(view: HelpView, sheet: Sheet, width: int, height: int) -> Rows:
    look = sheet.look
    plain, commands = codes_at(view.of)
    rows = [row(width, look.text), row(width, look.text, [(f"    {say.HELP_PLAIN[plain]}", look.accent)])]
    rows.append(row(width, look.text))
    for command in commands:
        name = command.name.replace("_", " ")
        rows.append(row(width, look.text, [(f"    {name:<11}", look.strong), (say.HELP_CODES[command], look.text)]))
    return block(rows, width, height, look.text)


def codes_at(view: DeskView) -> tuple[str, tuple[Command, ...]]:
    """The key of what is scanned here that is no command, and the commands that do something here."""
    match view:
        case SignInView():
            return "sign_in", _ANYWHERE
        case QueueView():
            return "queue", (*_AT_QUEUE, *_PRINTS)
        case PackView():
            return _packing(view)
        case DockLobbyView():
            return "lobby", (Command.PALLET, *_GOODS, Command.PACK, Command.SIGN_OUT, *_ANYWHERE)
        case DockView():
            return "dock", (Command.CLOSE, Command.PACK, Command.SIGN_OUT, *_ANYWHERE)
        case LoadSummaryView():
            return "dock", (Command.CLOSE, Command.OK, Command.PACK, Command.SIGN_OUT, *_ANYWHERE)
        case GoodsView():
            return "goods", (Command.DONE, Command.LOT, *_OFF, Command.PACK, *_ANYWHERE)
        case PalletView():
            return "pallet", (Command.DONE, *_OFF, Command.PACK, *_ANYWHERE)
        case _:
            return "pack", (Command.OK, *_ANYWHERE)


def _packing(view: PackView) -> tuple[str, tuple[Command, ...]]:
    asked = (Command.OK,) if view.session.asked else ()
    if view.session.phase is Phase.LABEL:
        return "label", (Command.REPRINT, Command.PARK, Command.PROBLEM, Command.HOLD, *asked, *_PRINTS)
    if view.stage is LabelStage.NONE:
        return "pack", (*_IN_BOX, Command.FORCE, Command.ATTACH, *asked, *_ANYWHERE)
    tries = (Command.YES,) if view.stage is LabelStage.FAILED else ()
    return "label", (*tries, *_IN_BOX, *asked, *_PRINTS)
