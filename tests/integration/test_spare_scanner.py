"""A scanner dies in the middle of the day: the bench says so, and a spare one takes over with no file edited."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

from scanners.scan import Scan
from scanners.sources import open_source
from server.domain.benchwork.reasons import Reason, Tone
from server.reading import bench_code
from station.adopting import KEPT, Adopting, adopted
from station.app import StationApp
from station.config import SoundMode
from station.views import Lamp, Light, Note, State
from tests import builders
from tests.bench_floor import BENCH_ID, OneBench
from tests.integration.test_station_screens import shown
from tests.pty_scanner import PtyScanner

GONE_WITHIN = 2.0
"""Seconds until the bottom row says that a scanner is gone."""
OWN = f"{bench_code(BENCH_ID)}\r".encode()


def working(
    folder: Path, main: PtyScanner, script: Callable[[OneBench, StationApp], Awaitable[None]], more: str = ""
) -> None:
    """The program on this bench, without a terminal, and what happens there."""

    async def day() -> None:
        with OneBench(folder, spool=False) as floor:
            sources = [open_source(f"serial:{main.path}?idle_ms=5000{more}"), open_source("keyboard")]
            adopting = Adopting(folder, bench_code(BENCH_ID), dev=folder / "dev", look=0.02)
            app = StationApp(floor.bench, sources, sound=SoundMode.OFF, adopting=adopting)
            async with app.run_test(size=(120, 40)):
                await script(floor, app)

    asyncio.run(day())


def lamp(floor: OneBench) -> Lamp:
    """The scanner's light of the bottom row."""
    return floor.bench.status.scanner


def typed(text: str) -> Scan:
    """A code that somebody typed at the keyboard."""
    return replace(builders.code(text, typed=True), source="keyboard")


async def soon(condition: Callable[[], object], what: str, seconds: float = 10.0) -> float:
    """Wait for it; how long it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"waited for {what}"
        await asyncio.sleep(0.005)
    return time.monotonic() - began


async def scans(scanner: PtyScanner, code: bytes, floor: OneBench, note: Note) -> None:
    """Pull the trigger until the bench says this: a device just plugged in is heard a moment later."""
    for _ in range(100):
        scanner.send(code)
        try:
            return await _said(floor, note)
        except AssertionError:
            continue
    raise AssertionError(f"the bench never said {note}")


async def _said(floor: OneBench, note: Note) -> None:
    await soon(lambda: (flash := floor.bench.view.flash) and flash.detail == note, note, 0.2)


def test_a_spare_scanner_takes_over_by_the_code_of_the_bench_and_is_known_after_a_restart(tmp_path: Path) -> None:
    main = PtyScanner(tmp_path / "dev/serial/by-id/usb-Maker_Scanner_1")
    spare = PtyScanner(tmp_path / "dev/serial/by-id/usb-Maker_Scanner_2")

    async def the_day_it_dies(floor: OneBench, app: StationApp) -> None:
        await soon(lambda: lamp(floor).state is State.READY, "the scanner")
        main.unplug()
        took = await soon(lambda: "scanner not connected" in shown(app), "the bottom row")
        print(f"a scanner that is gone is on the status line after {took * 1000:.0f} ms")
        assert took < GONE_WITHIN
        assert lamp(floor) == Lamp(Light.OFF, State.NOT_CONNECTED)
        await scans(spare, OWN, floor, Note.SCANNER_HERE)
        flash = floor.bench.view.flash
        assert flash is not None and (flash.reason, flash.tone) == (Reason.OK, Tone.GOOD)
        await soon(lambda: "This scanner works at this bench now." in shown(app), "the words")
        spare.send(f"{builders.BADGE_ANA}\r".encode())
        await soon(lambda: floor.bench.status.person, "the badge")

    async def the_next_day(floor: OneBench, app: StationApp) -> None:
        await soon(lambda: any(name.endswith("Scanner_2") for name in floor.bench._lamps.sources), "the spare")
        spare.send(b"PPC-SIGN-OUT\r")
        await soon(lambda: not floor.bench.status.person, "the code")

    working(tmp_path, main, the_day_it_dies)
    assert adopted(tmp_path) == (f"serial:{spare.path}",)
    assert json.loads((tmp_path / KEPT).read_text()) == [f"serial:{spare.path}"]
    working(tmp_path, main, the_next_day)
    spare.unplug()

    async def without_it(floor: OneBench, app: StationApp) -> None:
        main.plug_in()
        await soon(lambda: lamp(floor).state is State.READY, "the scanner alone")
        assert lamp(floor).light is Light.OK, "one that was adopted and is back on its shelf is not missed"

    working(tmp_path, main, without_it)
    main.unplug()


def test_the_verdict_is_heard_at_the_scanner_that_scanned(tmp_path: Path) -> None:
    main = PtyScanner(tmp_path / "main")

    async def script(floor: OneBench, app: StationApp) -> None:
        await soon(lambda: floor.bench.status.scanner.state is State.READY, "the scanner")
        for code, answer in ((builders.BADGE_ANA, b"\x1b7,"), (bench_code(BENCH_ID + 1), b"\x1b8,")):
            main.send(f"{code}\r".encode())
            assert await asyncio.to_thread(main.hears, 3) == answer

    working(tmp_path, main, script, "&feedback=honeywell")
    main.unplug()


def test_the_code_of_another_bench_adopts_nothing_and_is_said_so(tmp_path: Path) -> None:
    with OneBench(tmp_path, spool=False) as floor:
        flash = floor.scan(bench_code(BENCH_ID + 1))
        assert (flash.reason, flash.tone, flash.detail) == (Reason.NOT_NOW, Tone.LOOK, Note.SCANNER_ELSEWHERE)


def test_a_stop_stands_whatever_a_spare_scanner_says(tmp_path: Path) -> None:
    with OneBench(tmp_path, spool=False).open() as floor:
        floor.scan(builders.MUG)
        before = floor.bench.view
        flash = floor.scan(bench_code(BENCH_ID))
        assert (flash.reason, flash.detail) == (Reason.STOPPED, Note.SCANNER_HERE)
        assert type(floor.bench.view) is type(before)


def test_a_list_of_adopted_scanners_that_is_spoilt_is_no_reason_not_to_work(tmp_path: Path) -> None:
    for spoilt in (b"", b"{}", b"[1]", b"\xff", b'["telepathy:x"'):
        (tmp_path / KEPT).write_bytes(spoilt)
        assert adopted(tmp_path) == ()


def test_a_quiet_scanner_shows_for_how_long_and_is_suspected_once_somebody_types(tmp_path: Path) -> None:
    main = PtyScanner(tmp_path / "main")

    async def script(floor: OneBench, app: StationApp) -> None:
        del app
        await soon(lambda: lamp(floor).state is State.READY, "the scanner")
        main.send(f"{builders.BADGE_ANA}\r".encode())
        await soon(lambda: floor.bench.status.person, "the badge")
        assert lamp(floor) == Lamp(Light.OK, State.READY)
        floor.bench._lamps.heard_at -= 240
        assert (lamp(floor).light, lamp(floor).state, round(lamp(floor).number / 60)) == (Light.OK, State.QUIET, 4)
        floor.scan("typed")  # The builders' codes come from a scanner that is none of this bench's.
        assert lamp(floor).state is State.QUIET
        floor.bench.scan(builders.code("PPC-OK", typed=True))
        assert lamp(floor).light is Light.OK, "a foot pedal is no keyboard"
        floor.bench.scan(typed("1043"))
        assert (lamp(floor).light, lamp(floor).state) == (Light.LOOK, State.QUIET)
        main.send(b"PPC-HELP\r")
        await soon(lambda: lamp(floor) == Lamp(Light.OK, State.READY), "the next scan")

    working(tmp_path, main, script)
    main.unplug()


def test_a_scanner_not_heard_since_the_start_is_suspected_once_somebody_types(tmp_path: Path) -> None:
    main = PtyScanner(tmp_path / "main")

    async def script(floor: OneBench, app: StationApp) -> None:
        await soon(lambda: lamp(floor) == Lamp(Light.OK, State.READY), "the scanner")
        floor.bench.scan(typed(builders.BADGE_ANA))
        assert lamp(floor) == Lamp(Light.LOOK, State.UNHEARD), "its battery may have been dead since the morning"
        await soon(lambda: "scanner not heard yet" in shown(app), "the bottom row")
        main.send(b"PPC-HELP\r")
        await soon(lambda: lamp(floor) == Lamp(Light.OK, State.READY), "a scan")

    working(tmp_path, main, script)
    main.unplug()
