"""Which screen draws which view."""

from station.screens.dock import dock
from station.screens.goods import goods
from station.screens.help import help_page
from station.screens.lobby import dock_lobby
from station.screens.pack import pack
from station.screens.pallet import pallet
from station.screens.queue import queue
from station.screens.sign_in import sign_in
from station.screens.stop import stop
from station.screens.summary import summary
from station.views import (
    DockLobbyView,
    DockView,
    GoodsView,
    HelpView,
    LoadSummaryView,
    PackView,
    PalletView,
    QueueView,
    SignInView,
    StopView,
    View,
)
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows


def picture(view: View, sheet: Sheet) -> Rows:
    """Exactly ``sheet.height`` rows of ``sheet.width`` cells. Pure: the same view and sheet give the same picture."""
    match view:
        case SignInView():
            return sign_in(view, sheet)
        case QueueView():
            return queue(view, sheet)
        case PackView():
            return pack(view, sheet)
        case StopView():
            return stop(view, sheet)
        case DockLobbyView():
            return dock_lobby(view, sheet)
        case DockView():
            return dock(view, sheet)
        case LoadSummaryView():
            return summary(view, sheet)
        case GoodsView():
            return goods(view, sheet)
        case PalletView():
            return pallet(view, sheet)
        case HelpView():
            return help_page(view, sheet)
