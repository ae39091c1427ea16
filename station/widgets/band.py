"""The verdict band: one place, always the same, that says what the last scan did."""

from rich.style import Style

from server.domain.reasons import Reason, Tone
from station.views import Flash
from station.widgets.blocks import BOLD, MEDIUM, THIN, drawn, fitting
from station.widgets.marks import MARK_WIDTH, MARKS
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, beside, blank, block, indented, row
from station.wording import say, told

EDGE = 4
SHIFT = 6
"""Cells by which the mark of every second scan stands further right: two equal scans look like two."""

TEXT_AT = 2 + SHIFT + MARK_WIDTH + 2


def band_height(sheet: Sheet) -> int:
    """Rows of the band."""
    return 7 if sheet.tall else 4


def band(sheet: Sheet, flash: Flash | None, counted: str = "", idle: str = "") -> Rows:
    """The band of this verdict; ``counted`` follows the name of a good scan (``1 of 3``), ``idle`` shows before any."""
    height = band_height(sheet)
    if flash is None:
        return _idle(sheet, idle, height)
    words, mark = sheet.look.band(flash.tone)
    inner = sheet.width - 2 * EDGE
    text_width = max(1, inner - TEXT_AT)
    text = _good(sheet, flash, counted, text_width) if flash.reason is Reason.OK else _refused(sheet, flash, text_width)
    body = beside(_mark(flash, height, mark), block(text, text_width, height, words))
    left, right = _edges(flash.tone, height, mark)
    return beside(left, block(body, inner, height, words), right)


def _idle(sheet: Sheet, idle: str, height: int) -> Rows:
    pen = sheet.look.good
    rows = [*blank(sheet.width, (height - 1) // 2, pen), row(sheet.width, pen, [("    " + idle, sheet.look.idle)])]
    return block(rows, sheet.width, height, pen)


def _mark(flash: Flash, height: int, mark: Style) -> Rows:
    rows = indented(drawn(MARKS[flash.tone], mark), 2 + SHIFT * (flash.serial % 2), TEXT_AT, mark)
    return block([*blank(TEXT_AT, (height - 4 + 1) // 2, mark), *rows], TEXT_AT, height, mark)


def _edges(tone: Tone, height: int, mark: Style) -> tuple[Rows, Rows]:
    """Good has a bar at the left, done at both sides; look and stop have slanted stripes."""
    if tone in (Tone.LOOK, Tone.STOP):
        slant = tuple(
            "".join("#" if (x + y) % 4 < 2 else "." for x in range(EDGE - 1)) + "." for y in range(2 * height)
        )
        left = drawn(slant, mark)
        return left, drawn(tuple(line[::-1] for line in slant), mark)
    bar = [row(EDGE, mark, [("██", mark)])] * height
    if tone is Tone.BOX_DONE:
        return bar, [row(EDGE, mark, [("  ██", mark)])] * height
    return bar, blank(EDGE, height, mark)


def _good(sheet: Sheet, flash: Flash, counted: str, width: int) -> Rows:
    pen, _ = sheet.look.band(flash.tone)
    says, known = say.REASONS[Reason.OK], told(flash)
    head = flash.item or known or says.title
    then = known if flash.item else ""
    if not then and flash.tone in (Tone.LINE_FULL, Tone.BOX_DONE):
        then = say.LINE_FULL if flash.tone is Tone.LINE_FULL else say.BOX_DONE
    then = then or (says.do if head == says.title else "")
    first = "   ".join(part for part in (head, counted) if part)
    then = "   ".join(part for part in (then, say.TYPED_MARK if flash.typed else "") if part)
    lines = [row(width, pen, [(first, pen)]), *blank(width, int(sheet.tall), pen), row(width, pen, [(then, pen)])]
    return [*blank(width, 2 if sheet.tall else 1, pen), *lines]


def _refused(sheet: Sheet, flash: Flash, width: int) -> Rows:
    pen, _ = sheet.look.band(flash.tone)
    says = say.REASONS[flash.reason]
    item = "   ".join(part for part in (flash.item, say.TYPED_MARK if flash.typed else "") if part)
    read = say.READS.get(flash.detail, "") if flash.reason is Reason.BAD_READ else ""
    then = told(flash) or read or says.do
    title = row(width, pen, [(f"{says.title}   {item}", pen)])
    bitmap = fitting(says.word, width, 5, (BOLD, MEDIUM, THIN)) if sheet.tall else None
    if bitmap is None:
        return [*blank(width, 2 if sheet.tall else 1, pen), title, row(width, pen, [(then, pen)])]
    word = drawn(bitmap, pen)
    if len(word) < 5:
        return [row(width, pen), *word, title, row(width, pen, [(then, pen)])]
    below = [part for part in (says.title if says.title != says.word else "", then, item) if part]
    return [row(width, pen), *word, row(width, pen, [("   ".join(below), pen)])]
