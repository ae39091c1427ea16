"""A terminal that says of itself that it shows pictures (or says nothing), with a station in it that has some."""

import fcntl
import hashlib
import os
import pty
import re
import select
import struct
import termios
import time
import tty
from collections.abc import Callable
from pathlib import Path

import pyte

from tests import warm

ROOT = Path(__file__).parent.parent
CELL = (8, 16)
CHILD = """
import sys
from pathlib import Path
from scanners.sources import open_source
from station.app import StationApp
from station.pictures.gallery import Gallery
from station.pictures.store import PictureStore
from station.terminal import Shows, asking
from tests.fake_bench import FakeBench
from tests.scenes import NOW, VIEWS
device, folder, names, skus = sys.argv[1:]
of = dict(pair.split("=") for pair in skus.split(","))
store = PictureStore(Path(folder))
with asking() as asked:
    graphics = asked.answer() if asked else None
shown = graphics is not None and graphics.shows is not Shows.NOTHING
gallery = Gallery(graphics, lambda sku: of.get(sku, ""), store.has, store.read) if shown else None
bench = FakeBench(*[VIEWS[name] for name in names.split(",")])
sources = [open_source("serial:" + device), open_source("keyboard")]
typed = graphics.typed if graphics else ""
StationApp(bench, sources, gallery=gallery, typed=typed, clock=lambda: NOW).run(mouse=False)
"""
SIXEL = b"\x1b[6;16;8t\x1b[?62;4;22c"
KITTY = b"\x1b_Gi=31;OK\x1b\\\x1bP>|kitty(0.46.2)\x1b\\\x1b[6;16;8t\x1b[?62;52c"
PLAIN = b"\x1b[?62;22c"
_QUESTION = b"\x1b[c"
_NO_TEXT = re.compile(rb"\x1b[P_][^\x1b]*\x1b\\|\x1b\[[>?]\d*(?:[uqp]|\$p)|\x1b\[<u|\x1b\[16t|\x1b\[c")


def kept(folder: Path, **pictures: bytes) -> str:
    """Puts pictures where a bench keeps them; which SKU has which, as the child takes it."""
    folder.mkdir(exist_ok=True)
    names = {sku.replace("_", "-"): hashlib.sha256(png).hexdigest() for sku, png in pictures.items()}
    for (_, name), png in zip(names.items(), pictures.values(), strict=True):
        (folder / f"{name}.png").write_bytes(png)
    return ",".join(f"{sku}={name}" for sku, name in names.items())


class PictureTerminal:
    """``answers`` is what it says when it is asked; ``sent`` every byte that came."""

    def __init__(
        self, folder: Path, skus: str, views: str, answers: bytes = b"", *, env: dict[str, str] | None = None
    ) -> None:
        self.scanner, device = pty.openpty()
        tty.setraw(device)
        self.sent, self._answers = b"", answers
        self._read, self._lines = 0, [""]
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            environment.pop(name, None)
        self.terminal, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        into = {"stdin": inside, "stdout": inside, "stderr": inside}
        args = os.ttyname(device), str(folder), views, skus
        self.process = warm.start(CHILD, *args, imports=warm.STATION, env=environment | (env or {}), **into)
        self._descriptors = (self.scanner, device, self.terminal, inside)

    def until(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        """Read until it is so."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "\n".join(self.display)
            if select.select([self.terminal], [], [], 0.05)[0]:
                self.sent += os.read(self.terminal, 65536)
            if self._answers and _QUESTION in self.sent:
                os.write(self.terminal, self._answers)
                self._answers = b""

    @property
    def display(self) -> list[str]:
        """What a person reads, without the pictures."""
        if self._read != len(self.sent):
            self._read, screen = len(self.sent), pyte.Screen(120, 40)
            pyte.ByteStream(screen).feed(_NO_TEXT.sub(b"", self.sent))
            self._lines = [line.rstrip() for line in screen.display]
        return self._lines

    def shows(self, words: str) -> bool:
        """Whether this stands on the screen."""
        return words in "\n".join(self.display)

    def scan(self, code: bytes) -> None:
        """Pull the trigger."""
        os.write(self.scanner, code + b"\r")

    def close(self) -> None:
        """End the program."""
        self.process.kill()
        self.process.wait()
        for descriptor in self._descriptors:
            os.close(descriptor)
