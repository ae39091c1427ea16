"""Product pictures on a bench's screen, in terminals that say they can show them and in those that do not."""

import base64
import io
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from station.screens.picture import picture
from station.widgets.sheet import Sheet
from tests import sixels
from tests.picture_terminal import CELL, KITTY, PLAIN, SIXEL, PictureTerminal, kept
from tests.scenes import NOW, STATUS, VIEWS

Open = Callable[..., PictureTerminal]
RED, BLUE = (200, 30, 40), (20, 60, 220)
WEDGE = b"40063\x1b_Gi=31;EINVAL:bad\x1b\\81333931\r"
"""What a scanner that plays a keyboard types between the answers."""
_PNG = re.compile(rb"\x1b_Ga=t[^;]*;([^\x1b]*)\x1b\\((?:\x1b_Gm=[^;]*;[^\x1b]*\x1b\\|[^\x1b]|\x1b(?!_Ga=p))*)")


def png(colour: tuple[int, int, int]) -> bytes:
    """A product of this colour on white."""
    image = Image.new("RGB", (100, 100), "white")
    image.paste(colour, (20, 20, 80, 80))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Open]:
    """Starts a station whose SKU-7802 (clear) is red and whose SKU-7801 and SKU-4413 are blue and red."""
    skus = kept(tmp_path / "pictures", SKU_7801=png(BLUE), SKU_7802=png(RED), SKU_4413=png(RED))
    opened: list[PictureTerminal] = []

    def begin(views: str, answers: bytes = b"", **more: dict[str, str]) -> PictureTerminal:
        opened.append(PictureTerminal(tmp_path / "pictures", skus, views, answers, **more))
        return opened[-1]

    yield begin
    for one in opened:
        one.close()


def like(found: object, wanted: tuple[int, int, int]) -> bool:
    """Whether two colours are the same but for the rounding of a terminal."""
    return isinstance(found, tuple) and all(abs(a - b) < 8 for a, b in zip(found, wanted, strict=True))


def parts(terminal: PictureTerminal, start: int = 0) -> list[Image.Image]:
    return list(sixels.pictures(terminal.sent[start:]))


def enough(terminal: PictureTerminal, start: int, number: int) -> bool:
    return len(parts(terminal, start)) >= number


def test_with_sixels_an_item_is_seen_beside_its_facts_sent_once_and_compared_at_a_stop(start: Open) -> None:
    terminal = start("pack,pack-bad-read,stop", SIXEL)
    terminal.until(partial(enough, terminal, 0, 12))
    whole = sixels.stacked(parts(terminal)[:12])
    assert whole.size == (24 * CELL[0], 12 * CELL[1])
    assert like(whole.getpixel((96, 96)), RED) and like(whole.getpixel((8, 8)), (255, 255, 255))
    said = "\n".join(terminal.display)
    for fact in ("Spray bottle 500 ml  CLEAR", "SKU-7802   shelf A-04-1", "7 of 10 units to go", "Fragile: wrap each"):
        assert fact in said
    before = len(terminal.sent)
    terminal.scan(b"4006381333931")
    terminal.until(lambda: terminal.shows("NOT READ WELL"))
    assert parts(terminal, before) == [], "it stands there already"

    before = len(terminal.sent)
    terminal.scan(b"4006381333931")
    terminal.until(partial(enough, terminal, before, 16))
    drawn = terminal.sent[before:]
    assert drawn.index(b"WRONG ITEM") < drawn.index(b'q"1;1;'), "the verdict comes first"
    held, wanted = (sixels.stacked(parts(terminal, before)[n : n + 8]) for n in (0, 8))
    assert like(held.getpixel((64, 64)), RED) and like(wanted.getpixel((64, 64)), BLUE)
    assert terminal.shows("STILL NEEDS") and terminal.shows("Put it in the red bin.")


def test_kitty_gets_the_file_itself_once_and_cells_that_stand_for_it(start: Open) -> None:
    terminal = start("pack", KITTY)
    terminal.until(lambda: terminal.sent.count("\U0010eeee".encode()) >= 288)
    found = _PNG.search(terminal.sent)
    assert found is not None
    data = found[1] + b"".join(re.findall(rb"\x1b_Gm=[^;]*;([^\x1b]*)\x1b", found[2]))
    assert base64.standard_b64decode(data) == png(RED)
    assert re.search(rb"\x1b_Ga=p,U=1,i=\d+,c=24,r=12,q=2\x1b", terminal.sent)
    assert parts(terminal) == []


def test_elsewhere_the_screen_is_what_it_was_and_a_code_typed_while_it_was_asked_counts(start: Open) -> None:
    terminal = start("queue,pack", WEDGE + PLAIN)
    wanted = [one.text.rstrip() for one in picture(VIEWS["pack"], Sheet(120, 40, NOW, STATUS))]
    terminal.until(lambda: terminal.display == wanted)
    assert parts(terminal) == [] and b"\x1b_Ga=t" not in terminal.sent
