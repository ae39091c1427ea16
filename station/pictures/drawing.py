"""`python -m station.pictures.drawing`: turns pictures into sixels in a process of its own, behind everything else.

In a thread it would hold up the scans: Python computes in one thread at a time. One request a line, one answer a line.
"""

import base64
import io
import json
import os
import sys
from typing import Any

from PIL import Image

from station.pictures import sixel

SIDE_MAX = 1000
_LOWEST = 19


def main() -> None:
    """Answer until the bench closes its end."""
    os.nice(_LOWEST)
    for line in sys.stdin:
        asked: dict[str, Any] = json.loads(line)
        try:
            png = base64.standard_b64decode(asked.pop("png"))
            answer: object = drawn(png, **{name: tuple(value) for name, value in asked.items()})
        except Exception as error:
            # Whatever is wrong with one picture, the next may be right.
            answer = f"{type(error).__name__}: {error}"
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def drawn(png: bytes, size: tuple[int, int], cell: tuple[int, int], ground: tuple[int, int, int]) -> tuple[str, ...]:
    """A sixel string for each row of cells: the picture as large as fits, in the middle of the ground.

    ``size`` in cells, ``cell`` in pixels. Raise ValueError, or what Pillow raises for a file that is no picture.
    """
    with Image.open(io.BytesIO(png), formats=("PNG",)) as opened:
        if max(opened.size) > SIDE_MAX:
            raise ValueError(f"expected at most {SIDE_MAX} pixels a side, found {opened.size}")
        picture = opened.convert("RGB")
    sheet = Image.new("RGB", (size[0] * cell[0], size[1] * cell[1]), ground)
    scale = min(sheet.width / picture.width, sheet.height / picture.height)
    fit = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    at = (sheet.width - fit[0]) // 2, (sheet.height - fit[1]) // 2
    sheet.paste(picture.resize(fit, Image.Resampling.LANCZOS), at)
    return sixel.cut(sheet, cell[1])


if __name__ == "__main__":
    main()
