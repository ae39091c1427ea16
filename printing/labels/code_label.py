"""One code on a small label: for an item, a shelf, a tote, or a badge. 57 x 32 mm, as it is sold by the roll."""

from printing.documents import CodeLabel, PrintedCode
from printing.gtin import check_ean13
from printing.surface import Pad, Surface, qr_modules

WIDTH, HEIGHT = 456, 256
_EDGE = 12
_INNER = WIDTH - 2 * _EDGE


def draw(pad: Pad, label: CodeLabel) -> None:
    """Caption, code, its text and the hint. ValueError for an EAN-13 without its check digit."""
    code = label.code
    page = pad.page(WIDTH, HEIGHT, f"code {code.text}")
    y = page.lines(_EDGE, _EDGE, page.fit(code.caption, _INNER, 40, 20, lines=2), align="centre", width=_INNER)
    hint = page.fit(code.hint, _INNER, 24, 16)
    bottom = HEIGHT - _EDGE - hint.depth
    page.lines(_EDGE, bottom, hint, align="centre", width=_INNER)
    _code(page, code, y + 6, bottom)


def _code(page: Surface, code: PrintedCode, top: int, bottom: int) -> None:
    """Bars over their text; a QR code with its text at the side where bars find no room."""
    fitted = None if code.kind == "qr" else page.code_fitting(code.text, _INNER)
    if code.kind != "ean13" and fitted is None:
        _qr(page, code.text, top, bottom)
        return
    text = page.fit(code.text, _INNER, 26, 14)
    height = bottom - top - text.depth - 14
    if code.kind == "ean13":
        check_ean13(code.text)
        page.ean13(_EDGE + (_INNER - page.ean_width) // 2, top, height, code.text)
    elif fitted is not None:
        page.bars(_EDGE + (_INNER - fitted.width) // 2, top, height, fitted)
    page.lines(_EDGE, bottom - text.depth, text, align="centre", width=_INNER)


def _qr(page: Surface, text: str, top: int, bottom: int) -> None:
    modules = qr_modules(text)
    module = min(6, (bottom - top - 16) // modules)
    side = module * modules
    page.qr(_EDGE + 12, top, module, text)
    x = _EDGE + side + 40
    page.lines(x, top + 14, page.fit(text, WIDTH - _EDGE - x, 32, 16, lines=4))
