"""The program on a bench's screen: scans go to the bench, its view goes to the canvas, its tone to the bell."""

import asyncio
import contextvars
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Protocol

from textual import events
from textual.app import App
from textual.filter import LineFilter, NoColor
from textual.screen import Screen

from scanners.reader import Reader, Scan, SourceStatus
from scanners.sources import ScanSource
from scanners.sources.keyboard import KeyboardSource
from server.domain.benchwork.reasons import Tone
from station.adopting import Adopting
from station.config import SoundMode
from station.keys import QUIT_SECONDS, Keys
from station.pictures.gallery import Gallery
from station.screens.floor import Floor
from station.screens.guide import guide as guide_picture
from station.screens.picture import picture
from station.sound import Sound
from station.terminal import end_for_sure, hung_up
from station.views import Flash, StatusLine, View
from station.widgets.sheet import Sheet
from station.widgets.strips import Rows
from station.widgets.themes import PLAIN, look_of
from station.wording import say, speak

CLOCK_SECONDS = 1.0
REPAINT_SECONDS = 30.0
"""Other programs can write on a terminal too; a screen that was smeared repairs itself."""

NOTICE_SECONDS = 10.0

TYPING_SECONDS = 0.05
"""How late typed keys may show: a scanner that plays a keyboard must not cost a picture for each key."""

PHOTO_SECONDS = 0.05
"""How long after a verdict the picture of a product is drawn."""

Hint = Callable[[View], str]


class BenchLike(Protocol):
    """What the app needs of ``station.bench.Bench``."""

    on_change: Callable[[], None]
    on_tone: Callable[[Tone], None]

    def scan(self, scan: Scan) -> Flash: ...
    def acknowledge(self) -> Flash | None: ...
    def note_source(self, status: SourceStatus) -> None: ...
    @property
    def view(self) -> View: ...
    @property
    def status(self) -> StatusLine: ...


class StationApp(App[None], inherit_bindings=False):
    """Runs on a bench that has been started; whoever started it stops it."""

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    CSS_PATH = "app.tcss"
    TITLE = "packproof"

    def __init__(
        self,
        bench: BenchLike,
        sources: Sequence[ScanSource],
        *,
        adopting: Adopting | None = None,
        guide: tuple[str, ...] = (),
        hint: Hint | None = None,
        sound: SoundMode = SoundMode.BELL,
        gallery: Gallery | None = None,
        typed: str = "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        """``gallery`` where the terminal shows pictures; ``typed`` are keys that came before the screen was there."""
        super().__init__()
        self.bench = bench
        self._clock = clock
        self._guide, self._hint = guide, hint
        self._notice = ""
        self._keys = Keys(next((source for source in sources if isinstance(source, KeyboardSource)), None))
        self._sound = Sound(self.bell, sound, on_missing=self._no_sound)
        self._reader = Reader(sources, self._scanned, self._source_changed)
        self._adopting = adopting
        self._floor = Floor()
        self._events: asyncio.AbstractEventLoop | None = None
        self._here = contextvars.copy_context()
        self._drawing_soon = False
        self._gallery, self._typed_before = gallery, typed
        self._look = look_of("", no_color=self.no_color)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Without colour nothing may add one: Textual would give the screen a ground, and make NO_COLOR grey."""
        return [NoColor()] if self._look is PLAIN else super().get_line_filters()

    def get_default_screen(self) -> Screen[None]:
        """The only screen there ever is."""
        return self._floor

    def on_mount(self) -> None:
        """Listen to everything, and draw what the bench remembers."""
        self._events, self._here = asyncio.get_running_loop(), contextvars.copy_context()
        self.bench.on_change = lambda: self._on_loop(self.draw_soon)
        self.bench.on_tone = lambda tone: self._on_loop(self._sound.play, tone)
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            self._events.add_signal_handler(number, self._leave)
        self.set_interval(CLOCK_SECONDS, self.draw_soon)
        self.set_interval(CLOCK_SECONDS, self._leave_if_hung_up)
        self.set_interval(REPAINT_SECONDS, self._floor.repaint)
        self._sound.start(self.bench.status.bench)
        self._reader.start()
        if self._adopting:
            self._adopting.start(self._reader, self._scanned)
        if self._gallery and self._driver and not self.is_headless:
            self._gallery.start(self._driver.write, lambda: self._on_loop(self.draw_soon))
        if self._typed_before:
            self._keys.paste(self._typed_before, self._clock())
        self.draw_soon()

    def on_unmount(self) -> None:
        """Stop reading; scans that were judged are in the journal already."""
        if self._gallery:
            self._gallery.stop()
        if self._adopting:
            self._adopting.stop()
        self._reader.stop()
        self._sound.stop()
        if self._events:
            for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
                self._events.remove_signal_handler(number)

    def on_resize(self) -> None:
        """A new size needs a new picture."""
        self.draw_soon()

    def on_key(self, event: events.Key) -> None:
        """Typed codes, the pedal, and two Ctrl-C. Everything else means nothing."""
        event.stop()
        event.prevent_default()
        if event.key == "ctrl+c":
            self._interrupt()
            return
        meaning = self._keys.press(event, self._clock())
        if meaning == "bare":
            self._bare_enter()
        elif meaning == "typing":
            self.draw_soon(TYPING_SECONDS)

    def on_paste(self, event: events.Paste) -> None:
        """Some terminals deliver a scanner's keys as one paste."""
        event.stop()
        self._keys.paste(event.text, self._clock())
        self.draw_soon()

    def draw_soon(self, delay: float = 0.0) -> None:
        """Draw once, however often this is asked before it happens."""
        if self._drawing_soon or self._events is None:
            return
        self._drawing_soon = True
        self._events.call_later(delay, self._draw_due, context=self._here)

    def _draw_due(self) -> None:
        self._drawing_soon = False
        self._draw()

    def _draw(self, *, hurry: bool = False) -> bool:
        """Whether the screen is on its way to the terminal already. In a ``hurry`` product pictures come later.

        A fault here must not leave an old verdict standing: the program ends and tells, and is started again.
        """
        if not self.is_running or self.screen is not self._floor or not self._floor.is_mounted:
            return False
        if self._gallery:
            self._gallery.drawing(hurry=hurry)
        try:
            return self._floor.paint(self._picture())
        except Exception:
            self.exit(return_code=70, message=traceback.format_exc())
            return False

    def _picture(self) -> Rows:
        view, status, typed = self.bench.view, self.bench.status, self._keys.typed
        speak(status.language)
        self._look = look_of(status.theme, no_color=self.no_color)
        sheet = Sheet(
            width=self.size.width,
            height=self.size.height,
            now=self._clock(),
            status=status,
            look=self._look,
            typed="•" * len(typed) if status.secret else typed,
            hint=self._hint(view) if self._hint else "",
            notice=self._notice,
            pictures=self._gallery.find if self._gallery else None,
        )
        return guide_picture(self._guide, sheet) if self._guide else picture(view, sheet)

    def _scanned(self, scan: Scan) -> None:
        """From a scanner's thread, or from the keyboard in ours."""
        self._on_loop(self._take, scan)

    def _take(self, scan: Scan) -> None:
        self._guide = ()
        flash = self.bench.scan(scan)
        # Some scanners wait for their answer, and all of them are quicker than a picture.
        self._reader.answer(scan.source, good=flash.tone not in (Tone.LOOK, Tone.STOP))
        self._show(flash)

    def _bare_enter(self) -> None:
        if self._guide:
            self._guide = ()
            self.draw_soon()
            return
        flash = self.bench.acknowledge()
        if flash is not None:
            self._show(flash)

    def _show(self, flash: Flash) -> None:
        """First the picture, then the sound: a bell never delays a verdict."""
        if self._draw(hurry=True):
            self._sound.play(flash.tone)
        else:
            self.call_after_refresh(self._sound.play, flash.tone)
        if self._gallery and self._gallery.held_back and self._events:
            self._events.call_later(PHOTO_SECONDS, self.draw_soon, context=self._here)

    def _source_changed(self, status: SourceStatus) -> None:
        self.bench.note_source(status)

    def _interrupt(self) -> None:
        meaning = self._keys.interrupt()
        if meaning == "quit":
            self.exit()
        if meaning != "ask":
            return
        self._notify(say.QUIT_AGAIN, QUIT_SECONDS)

    def _no_sound(self) -> None:
        self._notify(say.NO_SOUND, NOTICE_SECONDS)

    def _notify(self, words: str, seconds: float) -> None:
        """Say this in the bottom row for a while."""
        self._notice = words
        self.set_timer(seconds, self._forget_notice)
        self.draw_soon()

    def _leave(self) -> None:
        end_for_sure()
        self.exit()

    def _leave_if_hung_up(self) -> None:
        if not self.is_headless and hung_up():
            self._leave()

    def _forget_notice(self) -> None:
        self._notice = ""
        self.draw_soon()

    def _on_loop(self, call: Callable[..., None], *arguments: object) -> None:
        """Run this in our thread. After the end of the program there is nothing left to draw."""
        loop = self._events
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(call, *arguments, context=self._here)
