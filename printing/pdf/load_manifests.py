"""The list which the driver signs: what went on one vehicle."""

from collections.abc import Iterator
from datetime import datetime

from printing.documents import LoadManifest, ManifestLine
from printing.pdf.paper import BLACK, GREY, Align, Frame, Item, PaperSize, Sheet, pdf
from printing.pdf.symbols import MODULE_MIN, Symbol, code128, qr

_ROW = 6.4
_STRIPE = 0.96
_BOTTOM = 20.0
# Shares of the inner width: number, tracking, order, parcel, weight, loaded at, by.
_COLUMNS = (0.05, 0.29, 0.16, 0.14, 0.12, 0.1, 0.14)
_TITLES = ("#", "Tracking number", "Order", "Parcel", "Weight", "Loaded", "By")
_TRACKING, _WEIGHT = 1, 4


def manifest(m: LoadManifest, paper: PaperSize = "a4") -> bytes:
    """The frozen load as PDF."""
    items = [*_table(m), *_cancelled(m), *_left_behind(m), *_offline(m), _signatures(m)]
    return pdf(f"Load {m.load_id}", items, Frame(lambda sheet, n, of: _head(sheet, m, n, of), _BOTTOM), paper)


def _head(sheet: Sheet, m: LoadManifest, number: int, pages: int) -> float:
    foot = sheet.height - 9
    sheet.rule(sheet.left, foot - 5, sheet.inner, weight=0.2, grey=GREY)
    sheet.text(sheet.left, foot, f"{m.carrier}  ·  {m.site}  ·  load {m.load_id}", 7.5, grey=GREY, width=130)
    sheet.text(sheet.right - 40, foot, f"page {number} of {pages}", 7.5, grey=GREY, align="right", width=40)
    if number > 1:
        sheet.text(sheet.left, 17, f"{_title(m)} {m.load_id}", 11, bold=True, width=120)
        return _column_titles(sheet, 21)
    sheet.text(sheet.left, 16, _title(m).upper(), 8, bold=m.provisional, grey=BLACK if m.provisional else GREY)
    sheet.text(sheet.left, 26, m.carrier, 22, bold=True, width=sheet.inner * 0.42, size_min=11)
    place = "  ·  ".join(part for part in (m.site, m.trailer, m.driver) if part)
    sheet.text(sheet.left, 33, place, 11, width=sheet.inner * 0.42, size_min=7)
    _load_barcode(sheet, m.load_id)
    _facts(sheet, m, 40)
    return _column_titles(sheet, 60)


def _title(m: LoadManifest) -> str:
    return "Provisional load manifest" if m.provisional else "Load manifest"


def _load_barcode(sheet: Sheet, load_id: str) -> None:
    """Scanned at the gate to find the load again; without an id that a barcode can hold it is text alone."""
    width = sheet.inner * 0.55
    if load_id and load_id.isascii() and load_id.isprintable():
        bars = _widest(load_id, width)
        width = bars.width
        sheet.place(bars.drawing, sheet.right - width, 12, bars.height)
    sheet.text(sheet.right - max(width, 50), 31, load_id, 10, bold=True, align="right", width=max(width, 50))


def _widest(load_id: str, width: float) -> Symbol:
    for module in (0.45, 0.4, 0.36, MODULE_MIN):
        bars = code128(load_id, 14, module)
        if bars.width <= width:
            return bars
    return qr(load_id, side_max=14)


def _facts(sheet: Sheet, m: LoadManifest, y: float) -> None:
    sheet.fill(sheet.left, y, sheet.inner, 15, 0.94)
    weights = [line.weight_grams for line in m.lines]
    unweighed = weights.count(None)
    facts = (
        ("PARCELS", str(len(m.lines)), 0.14),
        (
            "TOTAL WEIGHT" + (f" ({unweighed} NOT WEIGHED)" if unweighed else ""),
            _kg(sum(w or 0 for w in weights)),
            0.24,
        ),
        ("OPENED", _moment(m.opened_at), 0.21),
        ("CLOSED", _moment(m.closed_at), 0.21),
        ("CLOSED BY", m.closed_by, 0.2),
    )
    x = sheet.left
    for caption, value, share in facts:
        width = share * sheet.inner
        sheet.text(x + 3, y + 5, caption, 6.5, grey=GREY, width=width - 4, size_min=5)
        sheet.text(x + 3, y + 11.5, value, 10.5, bold=True, width=width - 4, size_min=7)
        x += width


def _kg(grams: int | None) -> str:
    return "-" if grams is None else f"{grams / 1000:,.3f} kg"


def _moment(text: str, day: str = "") -> str:
    """An ISO time to the minute, without the date if that is `day`; anything else as it is."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    shown = f"{moment:%Y-%m-%d %H:%M}"
    return shown.removeprefix(f"{day[:10]} ") if day else shown


def _column_titles(sheet: Sheet, y: float) -> float:
    for x, width, index in _cells(sheet):
        align: Align = "right" if index == _WEIGHT else "left"
        sheet.text(x, y + 4, _TITLES[index], 7.5, bold=True, align=align, width=width)
    sheet.rule(sheet.left, y + 6, sheet.inner, weight=0.5)
    return y + 6.5


def _cells(sheet: Sheet) -> Iterator[tuple[float, float, int]]:
    x = sheet.left
    for index, share in enumerate(_COLUMNS):
        yield x + 1, share * sheet.inner - (5 if index == _WEIGHT else 2), index
        x += share * sheet.inner


def _table(m: LoadManifest) -> Iterator[Item]:
    if not m.lines:
        yield _note("No parcel was loaded.")
    for number, line in enumerate(m.lines, start=1):
        yield _line_item(number, line, m.closed_at)
    if any(line.assumed for line in m.lines):
        count = sum(line.assumed for line in m.lines)
        by = m.assumed_by or "whoever closed the load"
        yield _note(f"* {count} not scanned on to the vehicle; counted as loaded by {by}")


def _cancelled(m: LoadManifest) -> Iterator[Item]:
    """They are on the vehicle and on no line: their orders were cancelled, and nobody could reach them."""
    if m.cancelled:
        yield from _listed(f"On the vehicle although cancelled, to be stopped: {len(m.cancelled)}", m.cancelled)


def _offline(m: LoadManifest) -> Iterator[Item]:
    if m.provisional:
        yield _note("provisional: by the scans of this dock alone; the server's manifest follows when it was reached")
    if m.cancels_known_at:
        yield _note(f"closed with no network: cancelled orders are known up to {_moment(m.cancels_known_at)}")


def _line_item(number: int, line: ManifestLine, closed_at: str) -> Item:
    mark = " *" if line.assumed else ""
    values = (
        str(number),
        line.tracking + mark,
        line.order_number,
        line.parcel_id,
        _kg(line.weight_grams),
        _moment(line.loaded_at, closed_at),
        line.loaded_by,
    )

    def draw(sheet: Sheet, y: float) -> None:
        if number % 2 == 0:
            sheet.fill(sheet.left, y, sheet.inner, _ROW, _STRIPE)
        for x, width, index in _cells(sheet):
            align: Align = "right" if index == _WEIGHT else "left"
            grey = GREY if index > _WEIGHT or not index else BLACK
            bold = index == _TRACKING
            sheet.text(x, y + 4.4, values[index], 8, bold=bold, grey=grey, align=align, width=width, size_min=6)

    return Item(_ROW, draw)


def _note(text: str) -> Item:
    return Item(_ROW, lambda sheet, y: sheet.text(sheet.left + 1, y + 4.4, text, 7.5, grey=GREY, width=sheet.inner))


def _left_behind(m: LoadManifest) -> Iterator[Item]:
    if m.left_behind:
        why = f" ({m.left_because})" if m.left_because else ""
        yield from _listed(f"Expected and not loaded: {len(m.left_behind)}{why}", m.left_behind)


def _listed(title: str, trackings: tuple[str, ...]) -> Iterator[Item]:
    def heading(sheet: Sheet, y: float) -> None:
        sheet.text(sheet.left, y + 9, title, 10, bold=True, width=sheet.inner, size_min=7)
        sheet.rule(sheet.left, y + 11, sheet.inner, weight=0.3)

    yield Item(12, heading, keeps_next=True)
    for at in range(0, len(trackings), 3):
        yield _numbers_row(trackings[at : at + 3])


def _numbers_row(trackings: tuple[str, ...]) -> Item:
    def draw(sheet: Sheet, y: float) -> None:
        for index, tracking in enumerate(trackings):
            width = sheet.inner / 3
            sheet.text(sheet.left + 1 + index * width, y + 4.4, tracking, 8, width=width - 2)

    return Item(_ROW, draw)


def _signatures(m: LoadManifest) -> Item:
    count = len(m.lines)

    def draw(sheet: Sheet, y: float) -> None:
        received = f"Received for {m.carrier}: {count} parcel{'' if count == 1 else 's'}"
        sheet.text(sheet.left, y + 10, received, 10, bold=True, width=sheet.inner)
        gap = 6.0
        width = (sheet.inner - 2 * gap) / 3
        for index, caption in enumerate(("Driver's name", "Signature", "Date and time")):
            x = sheet.left + index * (width + gap)
            sheet.rule(x, y + 30, width, weight=0.25)
            sheet.text(x, y + 34, caption, 7.5, grey=GREY)

    return Item(38, draw)
