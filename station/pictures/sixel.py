"""Pictures as sixels (DEC STD 070, chapter "Sixel graphics"): one string for each row of cells, so that a row of the
screen is written with its part of the picture and no other."""

import re
from collections.abc import Iterator

from PIL import Image

_BAND = 6
"""Pixels that stand above each other in one character."""
_COLOURS = 64
_ONLY = tuple(bytes(colour) + b"\1" + bytes(255 - colour) for colour in range(_COLOURS))
"""For each colour, what makes its pixels 1 and all others 0."""
_CHARACTERS = bytes(63 + n if n < 64 else 0 for n in range(256))
_RUN = re.compile(rb"(.)\1{3,}", re.DOTALL)


def cut(picture: Image.Image, cell_height: int) -> tuple[str, ...]:
    """The picture (RGB; its height a multiple of ``cell_height``) as one sixel string for each row of cells."""
    few = picture.quantize(_COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    width, height = few.size
    pixels, palette = few.tobytes(), few.getpalette() or []
    rows = [pixels[y * width : (y + 1) * width] for y in range(height)]
    return tuple(_sixels(rows[y : y + cell_height], palette) for y in range(0, height, cell_height))


def _sixels(rows: list[bytes], palette: list[int]) -> str:
    # 0;1: pixels that are not named stay as they are, which matters in the last band.
    head = f'\x1bP0;1q"1;1;{len(rows[0])};{len(rows)}'
    used = sorted(set().union(*rows))
    colours = "".join(f"#{n};2;{';'.join(str(_per_cent(c)) for c in palette[3 * n : 3 * n + 3])}" for n in used)
    bands = ("$".join(_band(rows[y : y + _BAND])) for y in range(0, len(rows), _BAND))
    return f"{head}{colours}{'-'.join(bands)}\x1b\\"


def _band(rows: list[bytes]) -> Iterator[str]:
    """Six rows of pixels, colour by colour. Sums of long integers do for all columns at once what a loop would do."""
    width = len(rows[0])
    for colour in sorted(set().union(*rows)):
        only = _ONLY[colour]
        bits = sum(int.from_bytes(row.translate(only)) << bit for bit, row in enumerate(rows) if colour in row)
        yield f"#{colour}{_short(bits.to_bytes(width).translate(_CHARACTERS).rstrip(b'?'))}"


def _short(characters: bytes) -> str:
    """Runs of the same character as ``!12~``."""
    return _RUN.sub(lambda run: b"!%d%s" % (len(run[0]), run[1]), characters).decode("ascii")


def _per_cent(part: int) -> int:
    return round(part * 100 / 255)
