"""A program in a pseudo-terminal, every chunk of its output stamped on arrival."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
import tty
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyte


@dataclass(slots=True)
class Terminal:
    """A running program and its screen, as a person sees it; ``chunks`` are those not drawn yet."""

    process: subprocess.Popen[bytes]
    master: int
    emulator: pyte.Screen
    stream: pyte.ByteStream
    chunks: list[tuple[float, bytes]] = field(default_factory=list)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.master, text.encode())

    def collect(self, seconds: float, quiet: float = 0.03) -> None:
        """Take output for at most ``seconds``, less once it has been quiet after some came."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            ready, _, _ = select.select([self.master], [], [], min(left, quiet if self.chunks else left))
            if not ready:
                if self.chunks:
                    return
                continue
            try:
                self.chunks.append((time.perf_counter(), os.read(self.master, 65536)))
            except OSError:
                return

    def shown_at(self, wanted: Callable[[str], bool]) -> float | None:
        """Draw the collected chunks in turn; when the picture is as wanted, the time of that chunk. Draws all."""
        found: float | None = None
        for at, chunk in self.chunks:
            self.stream.feed(chunk)
            if found is None and wanted(self.text):
                found = at
        self.chunks.clear()
        return found

    @property
    def text(self) -> str:
        """The screen as lines."""
        return "\n".join(self.emulator.display)

    def wait_for(self, wanted: str, seconds: float = 15) -> None:
        """Read until the words are on the screen; raise AssertionError with the screen otherwise."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if wanted in self.text:
                return
            self.collect(0.2)
            self.shown_at(lambda _: False)
        raise AssertionError(f"{wanted!r} never came; the screen says\n{self.text}")

    def close(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Stop the program; its exit code."""
        self.process.send_signal(by)
        end = time.monotonic() + 10
        while self.process.poll() is None and time.monotonic() < end:
            self.collect(0.05)
        if self.process.poll() is None:
            self.process.kill()
        os.close(self.master)
        return self.process.wait()


def open_terminal(
    command: Sequence[str], *, columns: int = 120, rows: int = 40, env: dict[str, str] | None = None
) -> Terminal:
    """Start a program in a terminal of this size."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    full = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})}
    process = subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, start_new_session=True, close_fds=True, env=full
    )
    os.close(slave)
    emulator = pyte.Screen(columns, rows)
    return Terminal(process, master, emulator, pyte.ByteStream(emulator))


@contextmanager
def open_program(command: Sequence[str]) -> Iterator[Terminal]:
    """A program in a terminal, stopped at the end."""
    terminal = open_terminal(command)
    try:
        yield terminal
    finally:
        terminal.close()


@contextmanager
def open_scanner() -> Iterator[tuple[int, str]]:
    """A scanner on a pseudo-terminal: where to write what it reads, and the name of its device."""
    master, slave = os.openpty()
    tty.setraw(slave)
    try:
        yield master, os.ttyname(slave)
    finally:
        os.close(master)
        os.close(slave)
