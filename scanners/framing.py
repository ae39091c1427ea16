"""Bytes of a scanner become codes. Pure: no device, no clock, no thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from scanners.scan import ScanProblem

Suffix = Literal["any", "cr", "lf", "crlf", "stx-etx"]
SUFFIXES: tuple[str, ...] = get_args(Suffix)
SIZE_MAX = 4096
IDLE_SECONDS = 0.2
STX = 0x02

_ENDS: dict[Suffix, tuple[bytes, ...]] = {
    "any": (b"\r", b"\n"),
    "cr": (b"\r",),
    "lf": (b"\n",),
    "crlf": (b"\r\n",),
    "stx-etx": (b"\x03",),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """One code, or what was left of it when `problem` is set. Times are those given to `feed`."""

    text: str
    first_at: float
    last_at: float
    problem: ScanProblem | None = None


class Framer:
    """Cuts a stream of bytes into codes, the same however the stream was split on its way.

    Strips exactly the configured frame and keeps everything else (GS, spaces). Blank frames are no codes.
    With `stx-etx` only line ends may stand between frames.
    """

    def __init__(self, suffix: Suffix = "any", *, size_max: int = SIZE_MAX, idle_seconds: float = IDLE_SECONDS) -> None:
        if suffix not in _ENDS:
            raise ValueError(f"expected a suffix of {', '.join(SUFFIXES)}, found {suffix!r}")
        self.idle_seconds = idle_seconds
        self._ends = _ENDS[suffix]
        self._end_size = len(self._ends[0])
        self._enveloped = suffix == "stx-etx"
        self._size_max = size_max
        self._buffer = bytearray()
        self._overflowing = False
        self._inside = False
        self._first_at = self._last_at = 0.0

    @property
    def pending(self) -> bool:
        """Part of a code is here and its end is not."""
        return bool(self._buffer) or self._overflowing or self._inside

    def feed(self, data: bytes, at: float) -> list[Frame]:
        """Take bytes which arrived `at` (wall-clock seconds) and give the codes they complete, oldest first."""
        frames: list[Frame] = []
        for byte in data:
            frame = self._take(byte, at)
            if frame is not None:
                frames.append(frame)
        return frames

    def expire(self) -> list[Frame]:
        """Drop what is pending, because nothing arrived for `idle_seconds` or the device went away.

        Whoever reads the device decides when: an idle time taken between two calls of `feed` would also
        count the time in which only our own thread was late, and lose good codes on a loaded machine.
        """
        frame = self._close("partial")
        self._reset()
        return [frame] if frame else []

    def _take(self, byte: int, at: float) -> Frame | None:
        if self._enveloped and byte == STX:
            return self._open(at)
        if self._enveloped and not self._inside and not self._buffer and byte in b"\r\n":
            return None
        if not self.pending:
            self._first_at = at
        self._last_at = at
        self._buffer.append(byte)
        if self._buffer.endswith(self._ends):
            return self._finish()
        return self._overflow() if len(self._buffer) >= self._size_max + self._end_size else None

    def _open(self, at: float) -> Frame | None:
        """STX starts a code; whatever stood before it lost its end."""
        unfinished = self._close("partial")
        self._reset()
        self._inside = True
        self._first_at = self._last_at = at
        return unfinished

    def _finish(self) -> Frame | None:
        del self._buffer[-self._end_size :]
        misplaced = self._enveloped and not self._inside
        frame = self._close("partial" if misplaced else None)
        self._reset()
        return frame

    def _overflow(self) -> Frame | None:
        """Too many bytes: told once, and nothing counts until the end of that code."""
        # An end of two bytes may begin with the last byte that is here.
        del self._buffer[: len(self._buffer) - self._end_size + 1]
        told, self._overflowing = self._overflowing, True
        return None if told else Frame("", self._first_at, self._last_at, "too_long")

    def _close(self, problem: ScanProblem | None) -> Frame | None:
        """What is here as a frame, unless it is blank or the rest of one too long."""
        if self._overflowing or not self._buffer:
            return None
        return Frame(decoded(bytes(self._buffer)), self._first_at, self._last_at, problem)

    def _reset(self) -> None:
        self._buffer.clear()
        self._overflowing = self._inside = False


def decoded(data: bytes) -> str:
    """UTF-8, or Latin-1 where it is not UTF-8: scanners are set to either, and no byte may stop a scan."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
