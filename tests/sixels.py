"""Reads sixels as a terminal does, so that a test sees the picture and not its bytes."""

import re
from collections.abc import Iterator

from PIL import Image

_PICTURE = re.compile(rb'\x1bP[\d;]*q"1;1;(\d+);(\d+)([^\x1b]*)\x1b\\')
_TOKEN = re.compile(rb"#(\d+)(?:;2;(\d+);(\d+);(\d+))?|!(\d+)([?-~])|([?-~])|([$-])")


def pictures(sent: bytes) -> Iterator[Image.Image]:
    """Each picture in what a program has sent."""
    for found in _PICTURE.finditer(sent):
        yield _drawn(int(found[1]), int(found[2]), found[3])


def stacked(parts: list[Image.Image]) -> Image.Image:
    """Pictures below each other."""
    whole = Image.new("RGB", (parts[0].width, sum(part.height for part in parts)))
    y = 0
    for part in parts:
        whole.paste(part, (0, y))
        y += part.height
    return whole


def _drawn(width: int, height: int, data: bytes) -> Image.Image:
    picture = Image.new("RGB", (width, height), "magenta")
    colours: dict[int, tuple[int, int, int]] = {}
    x = y = colour = 0
    for token in _TOKEN.finditer(data):
        number, red, green, blue, times, repeated, single, move = token.groups()
        if number is not None:
            colour = int(number)
            if red is not None:
                colours[colour] = tuple(round(int(c) * 255 / 100) for c in (red, green, blue))  # type: ignore[assignment]
        elif move is not None:
            x, y = 0, y + (6 if move == b"-" else 0)
        else:
            bits = (repeated or single)[0] - 63
            end = x + int(times or 1)
            for bit in range(6):
                if bits >> bit & 1 and y + bit < height:
                    picture.paste(colours[colour], (x, y + bit, end, y + bit + 1))
            x = end
    return picture
