"""Sound files through whatever player this machine has: PipeWire, PulseAudio or ALSA, as a process of its own.

No library: those that talk to sound cards need PortAudio or are no longer kept, and a hung sound server would hang us.
A child process can be killed, and its crash is only a sound that was not heard.
"""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import BinaryIO

from server.domain.benchwork.reasons import Tone

PLAYERS = (("pw-play",), ("paplay",), ("aplay", "-q"))
"""In the order in which they are tried; the first that is installed is used."""
LATE_SECONDS = 3.0
"""A player that has not ended so long after it began hangs; no tone is that long."""
HANGS_SECONDS = 2.5
"""One that still plays after this when the next tone is due hangs too; that tone must not be lost to it as well."""
POLL_SECONDS = 0.05
SETTLE_SECONDS = 0.03
"""The picture of the verdict goes to the terminal first: starting a process holds every thread up for a moment."""


def find_player() -> tuple[str, ...] | None:
    """A command that plays the file named after it; None where there is none."""
    return next((command for command in PLAYERS if shutil.which(command[0])), None)


class Player:
    """Plays one tone at a time on a thread of its own; a new one cuts the old one off.

    ``wavs`` makes the files, once and on that thread; ``on_failed`` is called there with a tone nobody heard, and why.
    """

    def __init__(
        self,
        command: tuple[str, ...],
        wavs: Callable[[], Mapping[Tone, bytes]],
        on_failed: Callable[[Tone, str], None],
    ) -> None:
        self._command, self._wavs, self._on_failed = command, wavs, on_failed
        self._changed = threading.Condition()
        self._next: Tone | None = None
        self._stopping = False
        self._child: subprocess.Popen[bytes] | None = None
        self._playing, self._began = Tone.GOOD, 0.0
        self._thread = threading.Thread(target=self._run, name="bench sound", daemon=True)

    def start(self) -> None:
        """Begin to make the files."""
        self._thread.start()

    def play(self, tone: Tone) -> None:
        """Instead of what plays now; never waits."""
        with self._changed:
            self._next = tone
            self._changed.notify()

    def stop(self, timeout: float = 1.0) -> None:
        """Fall silent."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        wavs = self._wavs()
        while (tone := self._wait()) is not None:
            if self._cut() > HANGS_SECONDS:
                self._on_failed(tone, f"{self._command[0]} hangs")
                continue
            time.sleep(SETTLE_SECONDS)
            self._begin(tone, wavs[tone])
        self._cut()

    def _wait(self) -> Tone | None:
        """The next tone; None at the end. Looks after the one that plays meanwhile."""
        while True:
            with self._changed:
                if self._next is None and not self._stopping:
                    self._changed.wait(POLL_SECONDS if self._child else None)
                tone, self._next = self._next, None
                if self._stopping:
                    return None
            if tone is not None:
                return tone
            self._look_after()

    def _begin(self, tone: Tone, data: bytes) -> None:
        self._playing, self._began = tone, time.monotonic()
        try:
            with _in_memory(tone, data) as file:
                self._child = subprocess.Popen(
                    [*self._command, f"/dev/fd/{file.fileno()}"],
                    pass_fds=(file.fileno(),),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
        except OSError as error:
            self._on_failed(tone, f"{self._command[0]}: {error.strerror or error}")

    def _look_after(self) -> None:
        child = self._child
        if child is None:
            return
        ended = child.poll()
        if ended is None and time.monotonic() - self._began < LATE_SECONDS:
            return
        self._cut()
        if ended is None:
            self._on_failed(self._playing, f"{self._command[0]} hangs")
        elif ended:
            self._on_failed(self._playing, f"{self._command[0]} ended with {ended}: is there a sound card?")

    def _cut(self) -> float:
        """End what plays; for how many seconds it had played, 0 when nothing did."""
        child, self._child = self._child, None
        if child is None or child.poll() is not None:
            return 0.0
        played = time.monotonic() - self._began
        child.kill()
        with suppress(subprocess.TimeoutExpired):
            child.wait(1.0)
        return played


def _in_memory(tone: Tone, data: bytes) -> BinaryIO:
    """A file that needs no disk: a full one must not silence a stop. Raises OSError."""
    file = open(os.memfd_create(f"packproof-{tone.value}.wav"), "wb", buffering=0)  # noqa: PTH123, SIM115 - it has no path
    file.write(data)
    return file
