"""Prepares product pictures for this terminal on a thread of its own: a scan never waits for one."""

import itertools
import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from station.pictures import kitty
from station.pictures.aside import Aside
from station.terminal import Graphics, Shows, cell_pixels

READY_MAX = 100
"""Pictures that stay prepared: some megabytes."""
_PART_SECONDS = 0.002
"""Between the parts of a picture on its way to the terminal: a verdict goes in between."""
_log = logging.getLogger("packproof.station")

Write = Callable[[str], None]
Read = Callable[[str], bytes | None]
Ground = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A picture at a size in cells on a ground, for cells of so many pixels."""

    digest: str
    size: tuple[int, int]
    ground: Ground
    cell: tuple[int, int]


class Gallery:
    """``name_of`` says the hash of a SKU's picture (empty: none), ``read`` gives its bytes (None: not here yet)."""

    def __init__(
        self, graphics: Graphics, name_of: Callable[[str], str], has: Callable[[str], bool], read: Read
    ) -> None:
        self._graphics, self._name_of, self._has, self._read = graphics, name_of, has, read
        self._write: Write = lambda _text: None
        self._on_ready: Callable[[], None] = lambda: None
        self._ready: OrderedDict[_Wanted, tuple[str, ...]] = OrderedDict()
        self._numbers: dict[_Wanted, int] = {}
        self._asked: set[_Wanted] = set()
        self._sought: set[_Wanted] = set()
        self._given: set[_Wanted] = set()
        self._standing: set[_Wanted] = set()
        self._aside = Aside()
        self._hurry = False
        self.held_back = False
        """A picture was left out because of the hurry: draw once more."""
        self._queue: queue.SimpleQueue[_Wanted | None] = queue.SimpleQueue()
        # Another program's pictures in the same terminal have numbers too.
        self._next = itertools.count(time.time_ns() >> 20 & 0x7FFFFF | 1)
        self._thread = threading.Thread(target=self._run, name="bench pictures", daemon=True)

    def start(self, write: Write, on_ready: Callable[[], None]) -> None:
        """Begin to prepare; ``write`` hands bytes to the terminal, ``on_ready`` asks for a new drawing."""
        self._write, self._on_ready = write, on_ready
        self._thread.start()

    def stop(self) -> None:
        """No more pictures."""
        self._queue.put(None)

    def drawing(self, *, hurry: bool) -> None:
        """The screen is drawn now. In a ``hurry`` (a verdict) pictures that do not stand there yet come later."""
        self._standing, self._given, self._sought = self._given, set(), set()
        self._hurry, self.held_back = hurry, False

    def find(self, sku: str, size: tuple[int, int], ground: Ground) -> tuple[str, ...] | None:
        """What to send for each row of cells; () while it is being prepared; None where there is no picture.

        Called on the screen's thread: looks things up and never reads a file's bytes.
        """
        digest = self._name_of(sku)
        cell = self._cell() if digest else None
        if cell is None:
            return None
        wanted = _Wanted(digest, size, ground, cell)
        ready = self._ready.get(wanted)
        if ready is not None:
            return self._let(wanted, ready)
        if not self._has(digest):
            return None
        self._sought.add(wanted)
        if wanted not in self._asked:
            self._asked.add(wanted)
            self._queue.put(wanted)
        return ()

    def _let(self, wanted: _Wanted, ready: tuple[str, ...]) -> tuple[str, ...] | None:
        if self._hurry and wanted not in self._standing:
            self.held_back = True
            return ()
        self._given.add(wanted)
        return ready or None

    def _cell(self) -> tuple[int, int] | None:
        if self._graphics.shows is Shows.KITTY:
            # The terminal itself fits the picture into its cells.
            return 0, 0
        return cell_pixels() or self._graphics.cell

    def _run(self) -> None:
        while (wanted := self._queue.get()) is not None:
            if wanted not in self._sought:
                # The screen has gone on; it asks again if it comes back.
                self._asked.discard(wanted)
                continue
            try:
                rows: tuple[str, ...] | None = self._prepared(wanted)
            except Exception:
                # One bad picture is no reason to be without the others; it is not tried again.
                _log.exception("the picture %s cannot be shown", wanted.digest)
                rows = ()
            if rows is not None:
                self._ready[wanted] = rows
            self._asked.discard(wanted)
            while len(self._ready) > READY_MAX:
                self._forget(self._ready.popitem(last=False)[0])
            self._on_ready()
        self._aside.close()

    def _prepared(self, wanted: _Wanted) -> tuple[str, ...] | None:
        """None for a file that is gone or was damaged: it is fetched again."""
        png = self._read(wanted.digest)
        if png is None:
            return None
        if self._graphics.shows is Shows.KITTY:
            return self._handed_over(wanted, png)
        return self._aside.draw(png, wanted.size, wanted.cell, wanted.ground)

    def _handed_over(self, wanted: _Wanted, png: bytes) -> tuple[str, ...]:
        number = self._numbers[wanted] = next(self._next) & 0xFFFFFF
        for part in kitty.sending(number, png, wanted.size):
            self._write(part)
            time.sleep(_PART_SECONDS)
        return kitty.cells(number, wanted.size, wanted.ground)

    def _forget(self, wanted: _Wanted) -> None:
        number = self._numbers.pop(wanted, None)
        if number is not None:
            self._write(kitty.forgetting(number))
