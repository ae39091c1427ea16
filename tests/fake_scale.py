"""A scale at the other end of a pseudo-terminal: it speaks as its maker wrote, and misbehaves as its user fears."""

import os
import pty
import select
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Self

from scanners.reader import Reader, SourceStatus
from scanners.scales import open_scale
from scanners.scales.source import ScaleSource

Says = Callable[[bytes], bytes]
"""What is answered to a question; nothing is silence."""


def mt_sics(grams: float, state: str = "S") -> bytes:
    """An answer of MT-SICS."""
    return f"S {state} {grams:10.2f} g\r\n".encode()


def nci(text: str, status: str = "00") -> bytes:
    """An answer of NCI."""
    return f"\n{text}\r\n{status}\r\x03".encode()


def ohaus(grams: float, mark: str = " ") -> bytes:
    """An answer of Ohaus."""
    return f"{grams:10.2f} g  {mark}  NET\r\n".encode()


class PtyScale(AbstractContextManager["PtyScale"]):
    """On a serial line. ``says`` may be changed at any time; it is asked on the scale's own thread."""

    def __init__(self, says: Says) -> None:
        self.says = says
        self.asked: list[bytes] = []
        self._here, self._there = pty.openpty()
        tty.setraw(self._there)
        self.path = os.ttyname(self._there)
        self._on = True
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _value: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.hang_up()

    def lies(self, grams: float, state: str = "S") -> None:
        """From now on this weight, in MT-SICS."""
        self.says = lambda _asked: mt_sics(grams, state)

    def send(self, data: bytes) -> None:
        """Something nobody asked for."""
        os.write(self._here, data)

    def hang_up(self) -> None:
        """Pull the plug."""
        if self._on:
            self._on = False
            self._thread.join(5)
            os.close(self._there)
            os.close(self._here)

    def _run(self) -> None:
        while self._on:
            if not select.select([self._here], [], [], 0.02)[0]:
                continue
            asked = os.read(self._here, 100)
            self.asked.append(asked)
            os.write(self._here, self.says(asked))


def open_and_read(
    spec: str,
) -> tuple[ScaleSource, Callable[[Callable[[SourceStatus], None]], AbstractContextManager[None]]]:
    """The scale of this specification, and what reads it as a bench does, telling of it."""
    scale = open_scale(spec)

    @contextmanager
    def reading(on_status: Callable[[SourceStatus], None]) -> Iterator[None]:
        reader = Reader([scale], lambda _scan: None, on_status)
        reader.start()
        try:
            yield
        finally:
            reader.stop()

    return scale, reading


@contextmanager
def read(spec: str) -> Iterator[tuple[ScaleSource, list[SourceStatus]]]:
    """The scale of this specification while it is read, with all it told of itself."""
    told: list[SourceStatus] = []
    scale, reading = open_and_read(spec)
    with reading(told.append):
        yield scale, told
