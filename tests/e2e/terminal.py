"""A program in a real pseudo-terminal, read as a person reads it."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

SHOWN_SECONDS = 20.0


class Terminal:
    """Starts a command with this terminal as its own; `text` is what is on the screen now."""

    pause = 0.02
    """Seconds between two looks at the screen."""

    def __init__(
        self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], columns: int = 120, rows: int = 40
    ):
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self.raw = b""
        """Everything the program ever wrote."""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        settings = {**os.environ, **env, "TERM": "xterm-256color", "COLUMNS": "", "LINES": ""}
        for name in ("COLUMNS", "LINES"):
            del settings[name]

        def own_terminal() -> None:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=cwd,
            env=settings,
            preexec_fn=own_terminal,  # noqa: PLW1509
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        """The screen's rows without trailing blanks."""
        with self._lock:
            return "\n".join(row.rstrip() for row in self._screen.display)

    def press(self, keys: str) -> None:
        """Send keys as a keyboard does."""
        os.write(self._master, keys.encode())

    def type(self, code: str) -> None:
        """A code and Enter."""
        self.press(code + "\r")

    def see(self, *words: str, seconds: float = SHOWN_SECONDS) -> str:
        """Wait until all the words are on the screen; return the screen."""
        return self.until(lambda text: all(word in text for word in words), f"{words} on the screen", seconds)

    def until(self, shown: Callable[[str], bool], what: str, seconds: float = SHOWN_SECONDS) -> str:
        """Wait until the screen satisfies the condition."""
        deadline = time.monotonic() + seconds
        while not shown(text := self.text):
            ended = f", the program ended with {self.process.poll()}" if self.process.poll() is not None else ""
            assert time.monotonic() < deadline and not ended, f"waited for {what}{ended}; the screen shows\n{text}"
            time.sleep(self.pause)
        return text

    def close(self) -> None:
        """End the program, if it runs, and let go of the terminal."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(5)
        os.close(self._master)

    def plain(self) -> str:
        """Everything ever written, without escape sequences; for what a program says after its screen is gone."""
        return re.sub(rb"\x1b\[[0-9;?<>=]*[a-zA-Z]|\x1b[()][0-9A-B]|\x1b[=>]", b"", self.raw).decode("utf-8", "replace")

    def _read(self) -> None:
        while True:
            try:
                chunk = os.read(self._master, 65536)
            except OSError:
                return
            if not chunk:
                return
            self.raw += chunk
            with self._lock:
                self._stream.feed(chunk)
