"""A second program that is not ours draws every label, with the letters the first one lacks; `make test-zpl`.

It does not know the subset codes of Code 128 (">:", ">5" of ^BC in the ZPL II manual), which the first one does: it is
given the same codes in automatic mode, which are as wide.
"""

import base64
import json
import os
import re
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from printing.kinds import KINDS, Stock, write
from printing.samples import sample
from tests.unit.test_kinds import CODES, LABEL_MM, SMALL_MM, margin, scanned

HOME = os.environ.get("PACKPROOF_ZPL_JS", "")
DRAW = Path(__file__).parent / "zpl_draw.cjs"
pytestmark = pytest.mark.skipif(not HOME, reason="needs Node.js and zpl-renderer-js: run make test-zpl")


def automatic(zpl: str) -> str:
    """The same label, whose codes of lines are planned by the printer."""
    return re.sub(r",N\^FH_\^FD(>[:;][^^]*)", lambda found: f",A^FH_^FD{re.sub('>[:;56]', '', found[1])}", zpl)


def single(zpl: bytes) -> list[bytes]:
    """Each label of a document by itself: the program draws the first one alone."""
    return [part + b"^XZ" for part in zpl.split(b"^XZ") if part.strip()]


def drawn(labels: list[tuple[bytes, tuple[float, float], int]]) -> list[Image.Image]:
    """Pictures of labels: their ZPL, their size in mm and dots per mm."""
    asked: list[dict[str, Any]] = [
        {"zpl": automatic(zpl.decode()), "width_mm": size[0], "height_mm": size[1], "dots_per_mm": dots}
        for zpl, size, dots in labels
    ]
    lines = "\n".join(map(json.dumps, asked))
    answer = subprocess.run(["node", DRAW, HOME], input=lines, capture_output=True, text=True, check=True, timeout=300)
    return [Image.open(BytesIO(base64.b64decode(line))).convert("L") for line in answer.stdout.splitlines()]


@pytest.mark.timeout(300)
def test_another_program_draws_every_label_with_its_code_inside_the_paper() -> None:
    kinds = [kind for kind, languages in KINDS.items() if "zpl" in languages]
    small = {"item", "shelf", "tote", "badge"}
    for dots in (8, 12):
        asked = [(kind, one) for kind in kinds for one in single(write(kind, sample(kind), "zpl", Stock(dots)))]
        images = drawn([(one, SMALL_MM if kind in small else LABEL_MM, dots) for kind, one in asked])
        for kind in kinds:
            mine = [image for (drawn_for, _), image in zip(asked, images, strict=True) if drawn_for == kind]
            assert scanned(mine) == CODES[kind], (kind, dots)
            assert min(map(margin, mine)) >= dots // 2, (kind, dots)


def test_letters_with_accents_leave_ink_on_the_label() -> None:
    label = sample("label")
    plain, accented = (
        replace(label, ship_to=replace(label.ship_to, name=name)) for name in ("Zoe Nandu Gossl", "Zoë Ñandú Gößl")
    )
    images = drawn([(write("label", one, "zpl"), LABEL_MM, 8) for one in (plain, accented)])
    ink = [sum(image.histogram()[:128]) for image in images]
    assert ink[1] > ink[0], "two dots, a wave and an accent are more ink"
