"""The look and the language of a bench, in the running program and in a real terminal."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from textual.pilot import Pilot

from station.screens.picture import picture
from station.views import SignInView
from station.widgets.canvas import Canvas
from station.widgets.sheet import Sheet
from station.widgets.themes import BRIGHT, PLAIN
from station.wording import speak
from tests.fake_bench import FakeBench
from tests.integration.test_station_screens import shown, station, until, with_app
from tests.integration.test_station_terminal import Terminal, shows_exactly
from tests.scenes import NOW, STATUS, VIEWS

_SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
_COLOURS = {*range(30, 39), *range(40, 49), *range(90, 98), *range(100, 108)}
"""ECMA-48, 8.3.117; 39 and 49 are the terminal's own two."""


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Whatever a test makes the process speak."""
    yield
    speak("en")


def colours(sent: bytes) -> set[int]:
    numbers = {int(n) for codes in _SGR.findall(sent) for n in re.split(rb"[;:]", codes) if n}
    return numbers & _COLOURS


def test_with_no_color_set_no_byte_asks_for_a_colour_and_all_words_are_there() -> None:
    terminal = Terminal((80, 24), "queue,pack,stop", no_color=True)
    try:
        terminal.until(lambda: terminal.shows("Bench 3"))
        for name in ("pack", "stop"):
            terminal.scan(b"4006381333931")
            wanted = [one.text.rstrip() for one in picture(VIEWS[name], Sheet(80, 24, NOW, STATUS))]
            terminal.until(partial(shows_exactly, terminal, wanted))
        assert colours(terminal.sent) == set()
        assert _SGR.search(terminal.sent), "bold and inverse remain"
    finally:
        terminal.close()


def test_the_search_for_colours_finds_one() -> None:
    assert colours(b"\x1b[1;38;2;255;0;0mred\x1b[0m") >= {38}
    assert colours(b"\x1b[1;7mbold\x1b[39;49m") == set()


def test_a_bench_wears_the_theme_and_speaks_the_language_of_who_signs_in() -> None:
    bench = FakeBench(SignInView(), VIEWS["pack"], status=replace(STATUS, person=""))
    app = station(bench)

    async def script(pilot: Pilot[None]) -> None:
        assert "Hold your badge" in shown(app)
        bench._status = replace(STATUS, language="de", theme="bright")
        await pilot.press(*"PPB-ANA", "enter")
        await until(pilot, lambda: "von 3" in shown(app))
        row = app.query_one(Canvas)._rows[0]
        assert row.segments[0].style in {BRIGHT.bar, BRIGHT.bar_strong}
        bench._status = replace(STATUS, theme="plain")
        app.draw_soon()
        await until(pilot, lambda: "1 of 3" in shown(app))
        assert app.query_one(Canvas)._rows[0].segments[0].style in {PLAIN.bar, PLAIN.bar_strong}

    with_app(app, script)


def test_a_pin_is_dots_on_the_screen() -> None:
    bench = FakeBench(VIEWS["sign-in-pin"], status=replace(STATUS, secret=True))
    app = station(bench)

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press(*"4711")
        await until(pilot, lambda: "••••▏" in shown(app))
        assert "4711" not in shown(app)

    with_app(app, script)
