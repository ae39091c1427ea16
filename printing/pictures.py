"""A ZPL label as a picture, for the demo's printer, previews and tests.

Drawn by zplkit, which is optional (its licence, OSL-3.0, is not ours). It is no proof of what a real printer
draws: letters outside ASCII are shown by their nearest plain ones.
"""

import re

from printing.plain_text import transliterate

_GRAPHIC_BYTES_MAX = 1_000_000
"""A whole label of 4 x 6 inches at 300 dpi is a quarter of it."""
# The picture is of one label, however many of it are to be printed.
_PRINT_QUANTITY = re.compile(rb"\^PQ[^~^]*")


class NoPicture(Exception):
    """The label cannot be drawn here; it says why, and printing is not affected."""


def zpl_png(zpl: bytes) -> bytes:
    """PNG of the first label in `zpl`, one pixel a dot. Raises NoPicture."""
    try:
        from zplkit.rendering import RenderError
    except ImportError:
        raise NoPicture('Pictures of labels need zplkit: pip install "packproof[preview]"') from None
    drawable = _PRINT_QUANTITY.sub(b"", zpl)
    try:
        try:
            return _drawn(drawable)
        except RenderError:
            return _drawn(plain_copy(drawable))
    except ValueError as problem:
        raise NoPicture(f"zplkit cannot draw this label: {problem}") from problem


def plain_copy(zpl: bytes) -> bytes:
    """The label in ASCII; no character turns into one that means something to the printer."""
    text = zpl.decode("utf-8", "replace")
    return "".join(c if c.isascii() else transliterate(c, _is_harmless) for c in text).encode("ascii")


def _is_harmless(character: str) -> bool:
    """A full-width ^ must not become a real one."""
    return character.isascii() and character.isprintable() and character not in "^~_"


def _drawn(zpl: bytes) -> bytes:
    import zplkit.rendering

    limits = zplkit.rendering.Limits(graphic_bytes=_GRAPHIC_BYTES_MAX)
    return bytes(zplkit.render(zpl, limits=limits).labels[0].png())
