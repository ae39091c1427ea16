"""The station in a real terminal with a real serial scanner: what is written is what a person sees."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import tty
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pyte
import pytest

from station.screens.picture import picture
from station.widgets.sheet import Sheet
from tests import warm
from tests.scenes import NOW, SIZES, STATUS, VIEWS

ROOT = Path(__file__).parent.parent.parent
CHILD = """
import sys
from scanners.sources import open_source
from server.domain.benchwork.reasons import Tone
from station.app import StationApp
from tests.fake_bench import FakeBench
from tests import warm
from tests.scenes import NOW, VIEWS
views = [VIEWS[name] for name in sys.argv[2].split(",")]
tones = [Tone(name) for name in sys.argv[3].split(",")]
bench = FakeBench(*views, tones=tones)
app = StationApp(bench, [open_source("serial:" + sys.argv[1]), open_source("keyboard")], clock=lambda: NOW)
app.run(mouse=False)
sys.exit(app.return_code)
"""


_UNFINISHED = re.compile(rb"\x1b(\[[0-9;?<>=$]*)?$")


class Terminal:
    """A terminal with the station in it. ``screen`` is what a person sees, ``sent`` every byte that came."""

    def __init__(
        self,
        size: tuple[int, int],
        views: str,
        tones: str = "good",
        *,
        no_color: bool = False,
        program: str = CHILD,
        looking: bool = True,
    ) -> None:
        """``program`` is given the scanner's device, ``views``, ``tones``; without ``looking`` only bytes are kept."""
        self._looking = looking
        self.scanner, device = pty.openpty()
        tty.setraw(device)
        self.screen = pyte.Screen(*size)
        self.sent = b""
        self.begun = b""
        self._stream = pyte.ByteStream(self.screen)
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "PYTHONPATH": str(ROOT)}
        # The size is the terminal's own, whatever another test left behind.
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            environment.pop(name, None)
        if no_color:
            environment["NO_COLOR"] = "1"
        # The other side stays open here as well, so that nothing the program wrote last is lost when it ends.
        self.terminal, inside = pty.openpty()
        fcntl.ioctl(inside, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        into = {"stdin": inside, "stdout": inside, "stderr": inside}
        args = os.ttyname(device), views, tones
        self.process = warm.start(program, *args, imports=warm.STATION, env=environment, **into)
        self._descriptors: tuple[int, ...] = (self.scanner, device, self.terminal, inside)

    def until(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        """Read until it is so."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "\n".join(self.screen.display)
            self._read()

    def _read(self, seconds: float = 0.05) -> bool:
        if not select.select([self.terminal], [], [], seconds)[0]:
            return False
        data = os.read(self.terminal, 65536)
        self.sent += data
        if not self._looking:
            return True
        # A read may end in the middle of a sequence; its beginning waits for the rest.
        data = self.begun + data
        cut = _UNFINISHED.search(data)
        self.begun = data[cut.start() :] if cut else b""
        data = data[: cut.start()] if cut else data
        # pyte shows the questions to the terminal that it does not know as text; they are no part of the picture.
        for question in (b"\x1b[>1u", b"\x1b[<u", b"\x1b[?2026$p", b"\x1b[?2048$p", b"\x1b[?u"):
            data = data.replace(question, b"")
        self._stream.feed(data)
        return True

    def shows(self, words: str) -> bool:
        """Whether this stands on the screen."""
        return words in "\n".join(self.screen.display)

    def scan(self, code: bytes) -> None:
        """Pull the trigger."""
        os.write(self.scanner, code + b"\r")

    def ended(self) -> int:
        """The exit code, once the program has ended."""
        self.until(lambda: self.process.poll() is not None)
        while self._read(0):
            pass
        return self.process.wait()

    def hang_up(self) -> None:
        """Close the window the program runs in."""
        os.close(self.terminal)
        self._descriptors = tuple(d for d in self._descriptors if d != self.terminal)

    def close(self) -> None:
        """End the program if it still runs."""
        self.process.kill()
        self.process.wait()
        for descriptor in self._descriptors:
            os.close(descriptor)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """Whatever is opened here ends with the test."""
    opened: list[Terminal] = []
    yield opened
    for one in opened:
        one.close()


def opened(terminals: list[Terminal], size: tuple[int, int], views: str, tones: str = "good") -> Terminal:
    """A station that shows its first view."""
    terminal = Terminal(size, views, tones)
    terminals.append(terminal)
    terminal.until(lambda: terminal.shows("● server ok") or terminal.shows("press the pedal"))
    terminal.until(lambda: terminal.shows("Bench 3") or terminal.shows("press the pedal"))
    return terminal


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_scan_after_scan_the_terminal_shows_exactly_the_picture(
    size: tuple[int, int], terminals: list[Terminal]
) -> None:
    names = ["queue", "pack", "pack-line-full", "stop", "pack-long", "scan-label", "dock", "load-summary"]
    terminal = opened(terminals, size, ",".join(names))
    for name in names[1:]:
        terminal.scan(b"4006381333931")
        wanted = [one.text.rstrip() for one in picture(VIEWS[name], Sheet(*size, NOW, STATUS))]
        terminal.until(partial(shows_exactly, terminal, wanted))


def shows_exactly(terminal: Terminal, wanted: list[str]) -> bool:
    """Whether these lines, and nothing else, stand on the screen."""
    return [line.rstrip() for line in terminal.screen.display] == wanted


def test_a_stop_rings_after_its_picture_and_a_good_scan_is_silent(terminals: list[Terminal]) -> None:
    terminal = opened(terminals, (80, 24), "queue,pack,stop", "good,stop")
    started = len(terminal.sent)
    terminal.scan(b"PPO-1043")
    terminal.until(lambda: terminal.shows("Spray bottle"))
    assert b"\x07" not in terminal.sent[started:]
    before = len(terminal.sent)
    terminal.scan(b"4006381333931")
    terminal.until(lambda: terminal.sent[before:].count(b"\x07") == 8)
    assert terminal.sent.index(b"WRONG ITEM", before) < terminal.sent.index(b"\x07", before)


def test_keys_of_a_hostile_wedge_are_shown_harmless(terminals: list[Terminal]) -> None:
    terminal = opened(terminals, (80, 24), "pack")
    os.write(terminal.terminal, b"ab\x1dcd[red]")
    terminal.until(lambda: terminal.shows("ab·cd[red]▏"))


def test_sigterm_ends_the_station_cleanly_and_gives_the_terminal_back(terminals: list[Terminal]) -> None:
    terminal = opened(terminals, (80, 24), "pack")
    terminal.process.send_signal(signal.SIGTERM)
    assert terminal.ended() == 0
    assert b"\x1b[?1049l" in terminal.sent and b"\x1b[?25h" in terminal.sent


def test_a_station_whose_window_was_closed_ends_and_frees_the_bench(terminals: list[Terminal]) -> None:
    terminal = opened(terminals, (80, 24), "pack")
    terminal.hang_up()
    terminal.process.wait(30)


def test_two_quick_ctrl_c_end_the_station_and_one_does_not(terminals: list[Terminal]) -> None:
    terminal = opened(terminals, (80, 24), "pack")
    os.write(terminal.terminal, b"\x11\x10\x03")
    terminal.until(lambda: terminal.shows("Press Ctrl-C again to stop this station."))
    os.write(terminal.terminal, b"\x03")
    assert terminal.ended() == 0
