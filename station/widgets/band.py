"""The verdict band: one place, always the same, that says what the last scan did."""

from dataclasses import dataclass

from rich.cells import cell_len
from rich.style import Style

from server.domain.benchwork.reasons import Reason, Tone
from station.text import clean, wrap
from station.views import Flash, Note
from station.widgets.blocks import BOLD, MEDIUM, THIN, drawn, fitting
from station.widgets.marks import MARK_WIDTH, MARKS
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows, beside, blank, block, indented, row
from station.wording import Says, headed, say, told

EDGE = 4
SHIFT = 6
"""Cells by which the mark of every second scan stands further right: two equal scans look like two."""

TALL = 7
"""Rows of the band where there is room."""

TEXT_AT = 2 + SHIFT + MARK_WIDTH + 2


def band_height(sheet: Sheet) -> int:
    """Rows of the band."""
    return TALL if sheet.tall else 4


@dataclass(frozen=True, slots=True)
class BandSays:
    """What a screen adds to its verdicts."""

    counted: str = ""
    """Follows the name of a good scan: ``1 of 3``."""
    done: str = ""
    """The second line of a good scan that has none of its own."""
    instead: str = ""
    """What is possible here, for a code that is not."""
    no_items: bool = False
    """No item is asked for, so an unknown code hears the same as one that is not possible."""
    idle: str = ""
    """Shows before any scan."""


NOTHING_MORE = BandSays()


def band(sheet: Sheet, flash: Flash | None, here: BandSays = NOTHING_MORE) -> Rows:
    """The band of this verdict. No sentence is cut while a row beside the mark is free."""
    height = band_height(sheet)
    if flash is None:
        return _idle(sheet, here.idle, height)
    words, mark = sheet.look.band(flash.tone)
    inner = sheet.width - 2 * EDGE
    text_width = max(1, inner - TEXT_AT)
    text = (_good if flash.reason is Reason.OK else _refused)(sheet, flash, here, text_width)
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


def _good(sheet: Sheet, flash: Flash, here: BandSays, width: int) -> Rows:
    pen, _ = sheet.look.band(flash.tone)
    says, known = say.REASONS[Reason.OK], told(flash)
    head = flash.item or known or says.title
    then = (known if flash.item else "") or here.done
    if not then and flash.tone in (Tone.LINE_FULL, Tone.BOX_DONE):
        then = say.LINE_FULL if flash.tone is Tone.LINE_FULL else say.BOX_DONE
    then = then or (says.do if head == says.title else "")
    typed = say.TYPED_MARK if flash.typed else ""
    return _lines(sheet, _joined(head, here.counted), _joined(then, typed), width, pen)


def _refused(sheet: Sheet, flash: Flash, here: BandSays, width: int) -> Rows:
    pen, _ = sheet.look.band(flash.tone)
    says, item = headed(flash), _joined(flash.item, say.TYPED_MARK if flash.typed else "")
    fact = "" if isinstance(flash.detail, Note) else say.because(flash.reason, clean(flash.detail))
    elsewhere = flash.reason is Reason.NOT_NOW or (here.no_items and flash.reason is Reason.UNKNOWN_CODE)
    instead = here.instead if elsewhere else ""
    then = told(flash) or fact or instead or says.do
    worded = _under_the_word(says, item, then, width, pen) if sheet.tall else []
    return worded or _lines(sheet, _joined(says.title, item), then, width, pen)


def _under_the_word(says: Says, item: str, then: str, width: int, pen: Style) -> Rows:
    """The word in block letters, as large as the whole sentence below it allows; nothing when they do not fit."""
    title = says.title if says.title != says.word else ""
    texts = _rows(_joined(title, then, item), width)
    if len(texts) > 1:
        texts = [*_rows(_joined(title, item), width, 1), *_rows(then, width)]
    bitmap = fitting(says.word, width, TALL - len(texts), (BOLD, MEDIUM, THIN))
    if bitmap is None:
        return []
    rows = [*drawn(bitmap, pen), *(row(width, pen, [(text, pen)]) for text in texts)]
    return [*blank(width, min(1, TALL - len(rows)), pen), *rows]


def _lines(sheet: Sheet, head: str, then: str, width: int, pen: Style) -> Rows:
    """A head and what follows it, in as many rows as they need and the band has."""
    height = band_height(sheet)
    heads = _rows(head, width, max(1, min(2, height - len(_rows(then, width)))))
    thens = _rows(then, width, height - len(heads))
    gap = int(sheet.tall and len(heads) + len(thens) < height - 1)
    rows = [row(width, pen, [(text, pen)]) for text in heads]
    rows += [*blank(width, gap, pen), *(row(width, pen, [(text, pen)]) for text in thens)]
    return [*blank(width, min(2 if sheet.tall else 1, height - len(rows)), pen), *rows]


def _rows(text: str, width: int, rows_max: int = TALL) -> list[str]:
    """The text as it is where it fits, with the blanks between its parts; else wrapped."""
    return [text] if cell_len(clean(text)) <= width else wrap(text, width, rows_max)


def _joined(*parts: str) -> str:
    return "   ".join(part for part in parts if part)
