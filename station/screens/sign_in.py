"""Nobody is signed in."""

from functools import partial

from station.screens.page import page, top_bar
from station.text import wrap
from station.views import SignInView
from station.widgets.band import BandSays
from station.widgets.blocks import big
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, centred, indented, middle, row
from station.wording import say


def sign_in(view: SignInView, sheet: Sheet) -> Rows:
    """One thing to do: scan a badge, or say the PIN that goes with it."""
    top = top_bar(sheet, [sheet.status.bench, view.asks])
    return page(sheet, top, partial(_body, view), view.flash, says=BandSays(idle=say.HOLD_BADGE))


def _body(view: SignInView, sheet: Sheet, width: int, height: int) -> Rows:
    look = sheet.look
    call, quiet = (say.PIN_NOW, say.PIN_HOW) if view.asks else (say.SIGN_IN, say.SIGN_IN_WHY)
    words = big(call, width - 8, min(height - 5, 18), look.strong)
    rows = [one for word in words for one in indented([word], (width - word.width) // 2, width, look.text)]
    rows.append(row(width, look.text))
    said = [(say.stays_open(view.order_number), look.strong)] if view.order_number else []
    said.append((quiet, look.quiet))
    if view.pace is not None:
        said.append((say.pace(view.pace.orders, view.pace.units, view.pace.caught), look.quiet))
    for text, pen in said:
        rows += [centred(width, look.text, [(line, pen)]) for line in wrap(text, width - 8, 2)]
    return middle(rows, height, width, look.text)
