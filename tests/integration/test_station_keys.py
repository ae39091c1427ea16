"""Keys that a scanner can send by accident change nothing: not the screen, not the focus, not what is being typed."""

import os
from collections.abc import Iterator
from functools import partial

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from station.screens.floor import Floor
from station.screens.picture import picture
from station.widgets.sheet import Sheet
from tests.fake_bench import FakeBench
from tests.integration.test_station_screens import Gun, shown, station, until, with_app
from tests.integration.test_station_terminal import Terminal, opened, shows_exactly
from tests.scenes import NOW, STATUS, VIEWS

pytestmark = pytest.mark.usefixtures("quick_pilot")

MEANINGLESS = (
    *("ctrl+q", "ctrl+p", "ctrl+z", "ctrl+s", "ctrl+d", "ctrl+w", "ctrl+l", "ctrl+v", "ctrl+x", "ctrl+a", "ctrl+b"),
    *("escape", "tab", "shift+tab", "up", "down", "left", "right", "pageup", "pagedown", "home", "end"),
    *(f"f{number}" for number in range(1, 25)),
    *("insert", "delete", "ctrl+up", "ctrl+home", "shift+f10", "ctrl+space", "ctrl+backslash", "ctrl+c"),
)
"""With nothing typed. The one Ctrl-C only asks, and what it asks is forgotten."""

RAW = {
    "control codes": b"\x11\x10\x1a\x13\x1c\x04\x00\x0e\x17",
    "escape": b"\x1b",
    "function keys": b"\x1bOP\x1bOQ\x1bOR\x1bOS\x1b[15~\x1b[17~\x1b[18~\x1b[24~",
    "arrows": b"\x1b[A\x1b[B\x1b[C\x1b[D\x1b[5~\x1b[6~\x1b[H\x1b[F",
    "tabs": b"\t\x1b[Z\t",
    "other keys": b"\x1b[2~\x1b[3~\x1b[1;5A\x1b[1;2P",
    "a mouse that is not there": b"\x1b[<0;5;5M\x1b[<0;5;5m\x1b[<64;9;9M",
    "the window's focus": b"\x1b[O\x1b[I",
}


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """Whatever is opened here ends with the test."""
    found: list[Terminal] = []
    yield found
    for one in found:
        one.close()


@pytest.mark.parametrize("name", ["queue", "pack", "stop"])
def test_no_key_but_enter_does_anything_on_any_screen(name: str) -> None:
    bench = FakeBench(VIEWS[name], VIEWS["queue-opening"])
    app = station(bench)

    async def script(pilot: Pilot[None]) -> None:
        before = shown(app)
        await pilot.press(*MEANINGLESS)
        await pilot.pause()
        app._forget_notice()
        await until(pilot, lambda: shown(app) == before)
        assert app.is_running and app.return_code is None and app.focused is None
        assert app.screen_stack == [app.screen] and isinstance(app.screen, Floor)
        assert (bench.acknowledged, bench.scans) == (0, [])

    with_app(app, script)


def test_nothing_on_the_screen_can_take_the_focus_and_no_key_is_bound() -> None:
    app = station(FakeBench(VIEWS["pack"]))

    async def script(pilot: Pilot[None]) -> None:
        assert app.screen.focus_chain == [] and app.focused is None
        assert not app.active_bindings
        assert not app.ENABLE_COMMAND_PALETTE

    with_app(app, script)


def test_a_scan_leaves_what_is_being_typed_as_it_was() -> None:
    bench, gun = FakeBench(VIEWS["queue"], VIEWS["pack"]), Gun()
    app = station(bench, gun)

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press(*"PPC-PA")
        gun.shoot("4006381333931")
        await until(pilot, lambda: len(bench.scans) == 1 and "PPC-PA▏" in shown(app))
        await pilot.press(*"RK", "enter")
        await until(pilot, lambda: len(bench.scans) == 2)
        assert [scan.text for scan in bench.scans] == ["4006381333931", "PPC-PARK"]

    with_app(app, script)


def test_a_scanner_that_ends_its_codes_with_ctrl_c_does_not_end_the_station() -> None:
    bench = FakeBench(VIEWS["pack"], VIEWS["pack"], VIEWS["pack"])
    app = station(bench)

    async def script(pilot: Pilot[None]) -> None:
        for count in (1, 2, 3):
            await pilot.press(*"4006381333931", "enter", "ctrl+c")
            await until(pilot, lambda count=count: len(bench.scans) == count)  # type: ignore[misc]
        assert app.is_running and app.return_code is None
        assert "Press Ctrl-C again" not in shown(app)

    with_app(app, script)


def test_what_is_pasted_is_typed_text_and_never_a_key() -> None:
    bench = FakeBench(VIEWS["pack"])
    app = station(bench)

    async def script(pilot: Pilot[None]) -> None:
        app.post_message(Paste("\x11\x10\x1b[2J\x03\x03"))
        await until(pilot, lambda: "typed:" in shown(app))
        assert app.is_running and app.return_code is None and bench.scans == []
        assert "Spray bottle" in shown(app)

    with_app(app, script)


def test_in_a_real_terminal_such_keys_leave_every_cell_as_it_was(terminals: list[Terminal]) -> None:
    terminal = opened(terminals, (80, 24), "queue,pack")
    wanted = [one.text.rstrip() for one in picture(VIEWS["queue"], Sheet(80, 24, NOW, STATUS))]
    for keys in RAW.values():
        os.write(terminal.terminal, keys)
        # Keys come in order: once the typed letter stands there, all before it had their chance.
        os.write(terminal.terminal, b"Z")
        terminal.until(lambda: terminal.shows("Z▏"))
        os.write(terminal.terminal, b"\x7f")
        terminal.until(partial(shows_exactly, terminal, wanted))
        assert terminal.process.poll() is None
    terminal.scan(b"4006381333931")
    terminal.until(lambda: terminal.shows("Spray bottle"))


def test_in_a_real_terminal_a_paste_with_keys_in_it_is_only_text(terminals: list[Terminal]) -> None:
    terminal = opened(terminals, (80, 24), "pack")
    os.write(terminal.terminal, b"\x1b[200~\x11\x10A1\x1b[201~")
    terminal.until(lambda: terminal.shows("A1▏"))
    assert terminal.process.poll() is None
