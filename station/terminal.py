"""The terminal the station runs in: what it can draw, whether it is still there, and an end that cannot hang."""

import fcntl
import os
import re
import select
import struct
import sys
import termios
import threading
import time
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

LAST_SECONDS = 5.0
"""How long a clean end may take; every verdict is in the journal already, so that a hard one loses nothing."""

ANSWER_SECONDS = 0.5
_QUESTIONS = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[>q\x1b[16t\x1b[c"
"""Kitty's graphics, name and version, pixels of a cell; last the one that every terminal answers (DA1)."""
_LAST, _CELL = re.compile(rb"\x1b\[\?([\d;]*)c"), re.compile(rb"\x1b\[6;(\d{1,5});(\d{1,5})t")
_NAME = re.compile(rb"\x1bP>\|([^\x1b]*)\x1b\\")
_ANSWER = re.compile(rb"\x1b_G[^\x1b]*\x1b\\|\x1bP[^\x1b]*\x1b\\|\x1b\[[\d;?>]*[ct]")


class Shows(StrEnum):
    """How a terminal draws pictures."""

    NOTHING = "nothing"
    SIXEL = "sixel"
    KITTY = "kitty"


@dataclass(frozen=True, slots=True)
class Graphics:
    """What a terminal said of itself. ``cell`` is the size of a character in pixels, None when it did not say.

    ``typed`` came meanwhile and is no answer: a scanner that plays a keyboard does not wait.
    """

    shows: Shows = Shows.NOTHING
    cell: tuple[int, int] | None = None
    typed: str = ""


class Asked:
    """A terminal that was asked what it can draw; ``answer`` waits for it, if it still has to."""

    def __init__(self, keys: int) -> None:
        self._keys, self._until = keys, time.monotonic() + ANSWER_SECONDS

    def answer(self) -> Graphics:
        """What it said, at most half a second after it was asked; nothing at all is an answer too."""
        heard = b""
        while not _LAST.search(heard):
            # What has come already counts, however late it is looked at.
            if not select.select([self._keys], [], [], max(0.0, self._until - time.monotonic()))[0]:
                break
            more = os.read(self._keys, 4096)
            if not more:
                break
            heard += more
        return understood(heard)


@contextmanager
def asking(*, wanted: bool = True) -> Iterator[Asked | None]:
    """Ask the terminal what it can draw; None for one that is better not asked. Its keys do not echo meanwhile."""
    keys, screen = sys.__stdin__, sys.__stderr__
    silent = not wanted or os.environ.get("TERM", "") in ("", "dumb", "linux") or "NO_COLOR" in os.environ
    if silent or keys is None or screen is None or not (keys.isatty() and screen.isatty()):
        yield None
        return
    before = termios.tcgetattr(keys.fileno())
    try:
        tty.setcbreak(keys.fileno(), termios.TCSANOW)
        screen.write(_QUESTIONS)
        screen.flush()
        yield Asked(keys.fileno())
    finally:
        termios.tcsetattr(keys.fileno(), termios.TCSANOW, before)


def understood(heard: bytes) -> Graphics:
    """The answers among these bytes, and what is none of them."""
    device, cell, name = _LAST.search(heard), _CELL.search(heard), _NAME.search(heard)
    # The first number is the kind of terminal, the others are what it can; 4 are sixels.
    sixels = device is not None and b"4" in device[1].split(b";")[1:]
    placeholders = name is not None and name[1].lower().startswith((b"kitty", b"ghostty"))
    shows = Shows.KITTY if placeholders and b"\x1b_Gi=31;OK" in heard else Shows.SIXEL if sixels else Shows.NOTHING
    pixels = (int(cell[2]), int(cell[1])) if cell else None
    typed = _ANSWER.sub(b"", heard).decode("utf-8", "replace")
    return Graphics(shows, pixels if pixels and all(0 < side <= 200 for side in pixels) else None, typed)


def cell_pixels() -> tuple[int, int] | None:
    """Width and height of a character in pixels as the system knows them; None where it does not."""
    screen = sys.__stderr__
    try:
        told = fcntl.ioctl(screen.fileno(), termios.TIOCGWINSZ, b"\0" * 8) if screen else b"\0" * 8
    except (OSError, ValueError):
        return None
    rows, columns, width, height = struct.unpack("HHHH", told)
    return (width // columns, height // rows) if rows and columns and width >= columns and height >= rows else None


def hung_up() -> bool:
    """Whether the other end is gone: a window closed, a connection dropped."""
    stdin = sys.__stdin__
    if stdin is None or stdin.closed:
        return False
    watch = select.poll()
    watch.register(stdin.fileno(), select.POLLHUP)
    return any(event & select.POLLHUP for _, event in watch.poll(0))


def end_for_sure(seconds: float = LAST_SECONDS) -> None:
    """End the process after this time if it has not ended by itself: drawing to a dead terminal may wait for ever.

    A bench that nobody sees would otherwise keep the scanner and the journal from the next one.
    """
    last = threading.Timer(seconds, os._exit, (1,))
    last.daemon = True
    last.start()
