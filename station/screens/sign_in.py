"""Nobody is signed in."""

from station.screens.page import page, top_bar
from station.views import SignInView
from station.widgets.band import BandSays
from station.widgets.blocks import big
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, centred, indented, middle
from station.wording import say


def sign_in(view: SignInView, sheet: Sheet) -> Rows:
    """One thing to do: scan a badge."""
    return page(sheet, top_bar(sheet, [sheet.status.bench]), _body, view.flash, says=BandSays(idle=say.HOLD_BADGE))


def _body(sheet: Sheet, width: int, height: int) -> Rows:
    look = sheet.look
    words = big(say.SIGN_IN, width - 8, min(height - 2, 18), look.strong)
    rows = [one for word in words for one in indented([word], (width - word.width) // 2, width, look.text)]
    rows += [centred(width, look.text, [("", look.text)]), centred(width, look.text, [(say.SIGN_IN_WHY, look.quiet)])]
    return middle(rows, height, width, look.text)
