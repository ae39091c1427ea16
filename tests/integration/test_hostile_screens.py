"""Text of shops, buyers and attackers on every screen: what reaches the terminal is letters, and our own commands."""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from station.screens.picture import picture
from station.widgets.sheet import Sheet
from tests.hostile import CLASSES, has_control
from tests.integration.test_station_terminal import Terminal
from tests.scenes import NOW, SIZES, STATUS, VIEWS

ROOT = Path(__file__).parents[2]
CHILD = '''
import sys
from scanners.sources import open_source
from station.app import StationApp
from tests.fake_bench import FakeBench
from tests.integration.test_hostile_screens import parade
from tests.scenes import NOW

class Parade(FakeBench):
    """Goes on when a screen was drawn."""

    drawn = False

    @property
    def view(self):
        self.drawn = True
        return super().view

    def march(self):
        if self.drawn:
            self.drawn = False
            self.go_on()
            self.on_change()

bench = Parade(*parade())
app = StationApp(bench, [open_source("keyboard")], clock=lambda: NOW)
app.call_later(lambda: app.set_interval(0.005, bench.march))
app.run(mouse=False)
'''
LAST, END = "stop", b"Leaflet German"
PASSES = 4
_OURS = re.compile(rb"\x1b\[[0-9;?<>=$]*[A-Za-z]|^\x1b\]22;default\x07")
"""Colours, places, modes and questions of the screen library: CSI sequences of numbers; once the pointer's shape."""


def poisoned(value: Any, texts: Iterator[str]) -> Any:
    """The same with the next of these texts wherever words stand."""
    if isinstance(value, str) and not isinstance(value, Enum):
        return next(texts) if value else value
    if isinstance(value, tuple):
        parts = [poisoned(part, texts) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    if isinstance(value, Mapping):
        return {key: poisoned(part, texts) for key, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        kept = [field.name for field in fields(value) if field.init]
        return replace(value, **{name: poisoned(getattr(value, name), texts) for name in kept})
    return value


def parade() -> list[Any]:
    """Every screen several times over, full of other texts each time; the last one is harmless."""
    texts = itertools.cycle(f"{one}{other}" for one, other in zip(CLASSES[::2], CLASSES[1::2], strict=False))
    return [*(poisoned(view, texts) for _ in range(PASSES) for view in VIEWS.values()), VIEWS[LAST]]


@pytest.mark.parametrize("name", VIEWS)
def test_no_text_gets_a_control_on_to_a_screen(name: str) -> None:
    seen: list[str] = []
    texts = (seen.append(text) or text for text in itertools.cycle(CLASSES))  # type: ignore[func-returns-value]
    status = poisoned(STATUS, itertools.cycle(CLASSES))
    while len(seen) < len(CLASSES):
        view = poisoned(VIEWS[name], texts)
        if not seen:
            return
        rows = picture(view, Sheet(*SIZES[0], NOW, replace(status, language="en", theme="dark")))
        assert [row.text for row in rows if has_control(row.text)] == []
        assert {cell_len(row.text) for row in rows} == {SIZES[0][0]}


def test_in_a_real_terminal_no_text_becomes_a_command() -> None:
    terminal = Terminal(SIZES[0], "", program=CHILD, looking=False)
    try:
        terminal.until(lambda: END in terminal.sent, 60)
        # What was read last may end within a sequence.
        sent = terminal.sent[: terminal.sent.index(END)]
    finally:
        terminal.close()
    begins = sent.index(b"\x1b]22;")
    left = _OURS.sub(b"", _OURS.sub(b"", sent[:begins]) + sent[begins:]).decode()
    assert {sign for sign in left if has_control(sign)} == {"\r", "\n"}
    assert len(sent) > len(VIEWS) * PASSES * 1000, "every screen was drawn"
