"""The first screen of the demo: what to type or scan, line by line."""

from station.text import wrap
from station.widgets.blocks import big
from station.widgets.sheet import Sheet
from station.widgets.status import status
from station.widgets.strips import Rows, block, indented, middle, row
from station.wording import say


def guide(lines: tuple[str, ...], sheet: Sheet) -> Rows:
    """Stays until a scan or Enter."""
    look, width = sheet.look, sheet.width
    title = indented(big(say.GUIDE_TITLE, width - 8, 5, look.accent), 4, width, look.text)
    rows = [*title, row(width, look.text), row(width, look.text, [(f"    {say.GUIDE_HEAD}", look.strong)])]
    for number, text in enumerate(lines, start=1):
        if sheet.tall or number == 1:
            rows.append(row(width, look.text))
        for part, words in enumerate(wrap(text, width - 10)):
            lead = f"    {number if not part else ' '}  "
            rows.append(row(width, look.text, [(lead, look.accent), (words, look.text)]))
    rows += [row(width, look.text), row(width, look.hint, [(f"  ▶ {say.GUIDE_GO}", look.hint)])]
    below = status(sheet)
    height = sheet.height - len(below)
    return [*block(middle(rows, height, width, look.text), width, height, look.text), *below]
