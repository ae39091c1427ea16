"""Pictures by the graphics protocol of kitty (https://sw.kovidgoyal.net/kitty/graphics-protocol/): sent once in small
parts, then shown by characters that stand for it ("Unicode placeholders"), which come and go like any text."""

import base64
from collections.abc import Iterator

_PART = 4096
_PLACEHOLDER = "\U0010eeee"
# The first of the protocol's list: each says a number by its place in it.
_NUMBERS = (
    *(0x305, 0x30D, 0x30E, 0x310, 0x312, 0x33D, 0x33E, 0x33F, 0x346, 0x34A, 0x34B, 0x34C, 0x350, 0x351, 0x352, 0x357),
    *(0x35B, 0x363, 0x364, 0x365, 0x366, 0x367, 0x368, 0x369, 0x36A, 0x36B, 0x36C, 0x36D, 0x36E, 0x36F, 0x483, 0x484),
)
CELLS_MAX = len(_NUMBERS)
"""Of either side."""


def sending(number: int, png: bytes, size: tuple[int, int]) -> Iterator[str]:
    """What hands the picture over under this number and says how many cells (width, height) it fills."""
    data = base64.standard_b64encode(png).decode("ascii")
    parts = [data[at : at + _PART] for at in range(0, len(data), _PART)]
    for n, part in enumerate(parts):
        more = int(n + 1 < len(parts))
        keys = f"a=t,f=100,i={number},q=2,m={more}" if n == 0 else f"m={more},q=2"
        yield f"\x1b_G{keys};{part}\x1b\\"
    yield f"\x1b_Ga=p,U=1,i={number},c={size[0]},r={size[1]},q=2\x1b\\"


def cells(number: int, size: tuple[int, int], ground: tuple[int, int, int]) -> tuple[str, ...]:
    """One string for each row of cells. The picture's number is said by the colour of its characters."""
    width, height = size
    ink = f"38;2;{number >> 16 & 255};{number >> 8 & 255};{number & 255}"
    pens = f"\x1b[{ink};48;2;{ground[0]};{ground[1]};{ground[2]}m"
    rows = ("".join(f"{_PLACEHOLDER}{chr(_NUMBERS[y])}{chr(_NUMBERS[x])}" for x in range(width)) for y in range(height))
    return tuple(f"{pens}{row}\x1b[m" for row in rows)


def forgetting(number: int) -> str:
    """What makes the terminal forget a picture."""
    return f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\"
