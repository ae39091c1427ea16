"""The station as a packer meets it: keys and scans in, a picture out."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from scanners.line import Line
from scanners.profile import Profile
from scanners.reader import Scan
from scanners.sources import ScanSource
from scanners.sources.keyboard import KeyboardSource
from server.domain.benchwork.reasons import Reason, Tone
from server.domain.packing.session import Stop
from station.app import StationApp
from station.config import SoundMode
from station.screens.guide import guide
from station.screens.picture import picture
from station.views import Flash, PackView, QueueView, SignInView, StopView, View
from station.widgets.canvas import Canvas
from station.widgets.sheet import Sheet
from tests.fake_bench import FakeBench
from tests.scenes import GUIDE, LONG, NOW, SIZES, STATUS, VIEWS, good, line, packing, queue_items
from tests.unit.test_widgets import HOSTILE, is_safe, text_of

PACK, STOP = VIEWS["pack"], VIEWS["stop"]


class Gun:
    """A scanner whose trigger the test pulls."""

    kind = "gun"
    name = "gun:1"
    threaded = False
    profile = Profile()

    def __init__(self) -> None:
        self._line: Line | None = None

    def answer(self, *, good: bool) -> None:
        """It has no ears."""

    def listen(self, line: Line) -> None:
        """Keep the line."""
        self._line = line
        line.opened("in the hand")

    def shoot(self, text: str) -> None:
        """Deliver a code."""
        assert self._line
        self._line.deliver(Scan(text, self.name, NOW, NOW))


def station(bench: FakeBench, gun: Gun | None = None, **options: object) -> StationApp:
    """An app on this bench with a keyboard, and a scanner if one is given."""
    sources: list[ScanSource] = [KeyboardSource()]
    if gun:
        sources.append(gun)
    return StationApp(bench, sources, sound=SoundMode.OFF, clock=lambda: NOW, **options)  # type: ignore[arg-type]


def shown(app: StationApp) -> str:
    """What stands on the screen."""
    canvas = app.query_one(Canvas)
    return "\n".join(canvas.render_line(y).text for y in range(app.size.height))


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Wait for it, ten seconds at most."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "waited for ten seconds"
        await pilot.pause(0.01)


def with_app(
    app: StationApp, script: Callable[[Pilot[None]], Awaitable[None]], size: tuple[int, int] = (80, 24)
) -> None:
    """Run the app without a terminal and follow the script."""

    async def main() -> None:
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: bool(shown(app).strip()))
            await script(pilot)

    asyncio.run(main())


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", VIEWS)
def test_every_screen_fills_its_terminal_exactly(name: str, size: tuple[int, int]) -> None:
    rows = picture(VIEWS[name], Sheet(*size, NOW, STATUS))
    assert len(rows) == size[1]
    assert {cell_len(one.text) for one in rows} == {one.width for one in rows} == {size[0]}


@pytest.mark.parametrize("size", [(1, 1), (20, 5), (40, 12), (60, 16), (100, 24), (80, 40), (250, 80)])
@pytest.mark.parametrize("name", VIEWS)
def test_no_size_of_terminal_breaks_a_screen(name: str, size: tuple[int, int]) -> None:
    rows = picture(VIEWS[name], Sheet(*size, NOW, STATUS, typed="123", hint="scan it"))
    assert len(rows) == size[1] and {one.width for one in rows} == {size[0]}


WORDS = {
    "sign-in": ["Hold your badge under the scanner.", "Bench 3"],
    "queue": [
        "DOCK loads a truck   SIGN OUT when you leave",
        "WAITING",
        "1044",
        "8 min",
        "1043 is packed and labelled",
        "A-01-3",
        "Concentrate 1",
        "UPS Ground",
    ],
    "queue-parked": ["PARKED: SCAN ITS SLIP", "1039", "no printer", "OPEN AT ANOTHER BENCH", "has it open."],
    "queue-opening": ["OPENING"],
    "queue-walk": ["Walk to Bench 5 and look. Then: TAKE OVER", "order 1044"],
    "queue-hold": ["ORDER ON HOLD", "A supervisor's badge", "address unclear"],
    "queue-release": ["RELEASE IT?", "Scan YES to release it"],
    "queue-tote": ["SCAN AN ITEM OUT OF TOTE", "Several orders are in this tote."],
    "queue-tote-end": ["IS THIS TOTE EMPTY?", "YES it is empty   or scan what is left in it"],
    "pack-tote-mate": ["Back in the tote: it is for order 1051."],
    "pack-other-slip": ["One box at a time. Scan PARK, then that"],
    "pack-count-box": ["3 of 10 verified by the one before. Count"],
    "stop-changed": ["TAKE OUT", "1 ×  Spray bottle 500 ml   CLEAR", "NEW", "1 ×  Gift card", "ORDER CHANGED"],
    "pack": [
        "PARK puts this box aside",
        "Spray bottle 500 ml",
        "CLEAR",
        "1 of 3",
        "MORE",
        "SKU-7802",
        "shelf A-04-1",
        "28 min",
        "Fragile",
        "1 / 3",
    ],
    "pack-line-full": ["3 of 3", "That line is full.", "Refill pack 3 × 250 ml"],
    "pack-bad-read": ["NOT READ WELL", "Not counted. Scan it again."],
    "checked": ["ALL CHECKED", "○ label not bought", "Close the box."],
    "buying": ["BUYING THE LABEL", "✔ checked", "▶ buying", "○ printing", "▲ checking if the label was bought"],
    "printing": ["PRINTING", "● label bought"],
    "printing-trouble": ["NOT PRINTED YET", "Load labels into the printer.", "● label bought"],
    "scan-label": [
        "PARK puts this box aside   REPRINT prints the label again",
        "LAST STEP",
        "▶ scan label",
        "Stick the label on this box",
    ],
    "failed": [
        "NO LABEL",
        "Scan YES to try again",
        "YES tries again   PARK puts this box aside",
        "postal code does not exist",
        "○ label not bought",
    ],
    "stop": [
        "✖ WRONG ITEM",
        "EUCALYPTUS",
        "YOU HAVE   SKU-4413",
        "THIS BOX STILL NEEDS",
        "NOT COUNTED: 2 · Leaflet German, Gift card",
        "Put it in the red bin.",
        "scan OK on the red bin, press the pedal, or press Enter",
    ],
    "stop-too-many": ["✖ ONE TOO MANY", "1 ×  Gift card", "2 ×  Microfibre cloth 30 cm   BLUE"],
    "stop-case": [
        "✖ CASE TOO LARGE: a case of 6, the box needs 2",
        "THIS BOX STILL NEEDS   2 ×  Spray bottle 500 ml",
        "1 ×  Gift card",
        "Scan single units instead.",
        "NOT COUNTED: 99 · 99 × Gift card",
    ],
    "stop-cancelled": ["✖ CANCELLED", "1043", "The buyer cancelled it a moment ago.", "Put the goods back."],
    "stop-dock": ["✖ CANCELLED", "Take it off the truck.", "1Z999AA100000027", "1027"],
    "dock-lobby": ["Own van", "PALLET  RECEIVE  PUT BACK  TRANSFER OUT  TRANSFER IN  COUNT  PACK  SIGN OUT"],
    "dock-lobby-loads": ["LOAD000042", "Trailer 7", "28 min", "31 parcels", "▲ LATE 10 min"],
    "dock-new-load": ["Scan YES to begin one"],
    "dock": ["CLOSE ends it   UNLOAD   REMAINING   ASIDE DONE", "LOADED", "LEFT", "NOT LOADED YET: 4"],
    "dock-pressed": [
        "Trailer 7",
        "28 min to UPS",
        "▲ 4 parcels must leave today",
        "◆ partly loaded: 1000 1 of 2",
        "SET ASIDE",
        "1023  Bench 3 12:30 Ana R.  ..000023",
        "On the truck.",
    ],
    "dock-refused": ["OTHER CARRIER", "JD014600003RT", "Set it aside for DHL: Trailer 12, at Dock"],
    "dock-not-confirmed": ["NOT CONFIRMED"],
    "dock-unload": ["UNLOAD: the next parcel you scan comes off the truck."],
    "dock-remaining": ["STAYS HERE", "REMAINING: scan every parcel that stays here."],
    "load-summary": ["OK goes back to loading", "Scan CLOSE again to confirm.", "MISSING: none", "ARE YOU SURE?"],
    "load-pull": ["Order 1003 was cancelled: take off 1Z999AA100000003, 212 of 640", "CANNOT REACH", "PULL IT FIRST"],
    "load-aside": ["ASIDE DONE", "1027"],
    "load-why": ["1  no space on the truck", "7  something else", "WHY DO THEY STAY?"],
    "load-because": ["They stay because: no space on the truck."],
    "load-hurry": ["A supervisor's badge says that the other 3 are on the truck."],
    "load-alone": ["Scan YES to close without it"],
    "load-closed-alone": ["Closed without the server. Cancels are known up to 12:35."],
    "goods-counting": ["PO-2231", "COUNTED", "MISSING", "12 / 24", "lot L2207A", "✔   48 / 48"],
    "goods-asked": ["12 units did not come: they will be booked as lost."],
    "goods-waits": ["NEEDS THE SERVER", "kept"],
    "goods-count": ["COUNT OF A SHELF", "12        Spray bottle"],
    "goods-booked": ["BY THE BOOK"],
    "load-closed": [
        "manifests/L-0042.pdf",
        "▲ carrier: told, has not accepted yet",
        "● Webshop: 20 of 20 parcels told",
        "▲ Marketplace: 1 of 3",
        "▲ new stock",
    ],
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", WORDS)
def test_every_screen_says_what_a_person_needs(name: str, size: tuple[int, int]) -> None:
    text = text_of(picture(VIEWS[name], Sheet(*size, NOW, STATUS)))
    assert [words for words in WORDS[name] if words not in text] == []


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_long_order_scrolls_and_counts_what_is_hidden(size: tuple[int, int]) -> None:
    text = text_of(picture(VIEWS["pack-long"], Sheet(*size, NOW, STATUS)))
    assert "Shampoo 250 ml   BIRCH   ◀" in text
    assert ("▼ 4 lines, 7 units below" in text) == (size == (80, 24))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_stop_covers_everything_and_lists_all_open_lines_or_says_how_many_more(size: tuple[int, int]) -> None:
    rows = picture(VIEWS["stop-many"], Sheet(*size, NOW, STATUS))
    text = text_of(rows)
    assert "● server" not in text and "Bench 3" not in text
    grounds = {
        s.style.bgcolor.triplet.hex
        for one in rows
        for s in one.segments
        if s.style and s.style.bgcolor and s.style.bgcolor.triplet
    }
    assert grounds == {"#8b0014", "#ffffff", "#000000"}
    hidden = [one for one in LONG.lines if f"{one.name}   {one.variant}" not in text]
    units = sum(one.quantity for one in hidden)
    assert not hidden or f"▼ {len(hidden)} lines, {units} units below" in text


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_breaks_a_screen_or_reaches_the_terminal_raw(name: str, size: tuple[int, int]) -> None:
    order = packing(LONG, (0,) * 12, 1)
    hostile = packing(
        type(LONG)(1, name, name, 1, name, name, (line(1, name, name, 3, name), line(2, name)), name, name), (1, 0), 1
    )
    views: list[View] = [
        PackView(hostile, flash=good(name)),
        StopView(Stop(Reason.WRONG_ITEM, name, name, name, (name,) * 30), name, ((name, name, 2),) * 20),
        QueueView(
            3,
            tuple(
                type(queue_items(1)[0])(number=name, channel=name, units=1, lines=1, ship_by=name, carrier=name)
                for _ in range(3)
            ),
            opening=name,
        ),
        PackView(order, flash=good(name * 20)),
    ]
    for view in views:
        rows = picture(view, Sheet(*size, NOW, STATUS, typed=name, hint=name, notice=""))
        assert all(is_safe(one.text) and cell_len(one.text) == size[0] for one in rows)


def test_a_scan_shows_the_next_view_and_reaches_the_bench_once() -> None:
    bench, gun = FakeBench(PACK, STOP), Gun()
    app = station(bench, gun)

    async def script(pilot: Pilot[None]) -> None:
        assert "Spray bottle" in shown(app)
        gun.shoot("4006381333931")
        await until(pilot, lambda: "WRONG ITEM" in shown(app))
        assert [scan.text for scan in bench.scans] == ["4006381333931"]

    with_app(app, script)


def test_typed_codes_are_seen_while_typed_and_end_with_enter() -> None:
    bench = FakeBench(SignInView(), VIEWS["queue"])
    app = station(bench)

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press(*"PPB-ANB", "backspace", "A")
        await until(pilot, lambda: "typed:" in shown(app) and "PPB-ANA▏" in shown(app))
        await pilot.press("enter")
        await until(pilot, lambda: "WAITING" in shown(app))
        assert [(scan.text, scan.source) for scan in bench.scans] == [("PPB-ANA", "keyboard")]
        assert bench.acknowledged == 0

    with_app(app, script)


def test_a_bare_enter_acknowledges_and_nothing_else_does() -> None:
    bench = FakeBench(STOP, PACK)
    app = station(bench)

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("escape", "tab", "shift+tab", "f1", "f5", "ctrl+q", "ctrl+p", "ctrl+z", "up", "pagedown")
        await pilot.click()
        await pilot.pause()
        assert app.is_running and "WRONG ITEM" in shown(app)
        assert (bench.acknowledged, bench.scans) == (0, [])
        await pilot.press("enter")
        await until(pilot, lambda: "Spray bottle" in shown(app))
        assert bench.acknowledged == 1

    with_app(app, script)


def test_a_pasted_scan_counts_like_one_that_was_typed() -> None:
    from textual.events import Paste

    bench = FakeBench(PACK)
    app = station(bench)

    async def script(pilot: Pilot[None]) -> None:
        app.post_message(Paste("4006381333931\r\n4006381333948\r\nPPC"))
        await until(pilot, lambda: len(bench.scans) == 2)
        assert [scan.text for scan in bench.scans] == ["4006381333931", "4006381333948"]
        await until(pilot, lambda: "PPC▏" in shown(app))

    with_app(app, script)


def test_only_a_second_quick_ctrl_c_ends_the_station() -> None:
    app = station(FakeBench(PACK))

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "Press Ctrl-C again" in shown(app))
        assert app.is_running and app.return_code is None
        await pilot.press("ctrl+c")
        await until(pilot, lambda: app.return_code == 0)

    with_app(app, script)


def test_the_guide_stays_until_a_scan_or_enter_and_no_scan_is_lost_by_it() -> None:
    bench, gun = FakeBench(SignInView(), VIEWS["queue"]), Gun()
    app = station(bench, gun, guide=GUIDE, hint=lambda view: f"hint for {type(view).__name__}")

    async def script(pilot: Pilot[None]) -> None:
        assert all(str(n) in shown(app) for n in range(1, 7)) and "Scan anything or press Enter" in shown(app)
        gun.shoot("PPB-ANA")
        await until(pilot, lambda: "next: hint for QueueView" in shown(app))
        assert [scan.text for scan in bench.scans] == ["PPB-ANA"]

    with_app(app, script)


def test_enter_leaves_the_guide_without_acknowledging_anything() -> None:
    bench = FakeBench(SignInView())
    app = station(bench, guide=GUIDE)

    async def script(pilot: Pilot[None]) -> None:
        await pilot.press("enter")
        await until(pilot, lambda: "Hold your badge" in shown(app))
        assert bench.acknowledged == 0

    with_app(app, script)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_guide_shows_all_its_words(size: tuple[int, int]) -> None:
    words = " ".join(text_of(guide(GUIDE, Sheet(*size, NOW, STATUS))).split())
    assert all(text in words for text in GUIDE[:4])
    assert "Ctrl-C twice ends it." in words


def test_news_from_another_thread_are_drawn() -> None:
    bench = FakeBench(PACK, STOP)
    app = station(bench)

    async def script(pilot: Pilot[None]) -> None:
        bench.go_on()
        await asyncio.to_thread(bench.on_change)
        await asyncio.to_thread(bench.on_tone, Tone.STOP)
        await until(pilot, lambda: "WRONG ITEM" in shown(app))

    with_app(app, script)


def test_a_new_size_of_the_terminal_gets_a_new_picture() -> None:
    app = station(FakeBench(PACK))

    async def script(pilot: Pilot[None]) -> None:
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: "7 of 10 units to go" in shown(app))

    with_app(app, script)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_what_waits_is_not_nought_while_the_server_has_not_said(size: tuple[int, int]) -> None:
    text = text_of(picture(QueueView(None, ()), Sheet(*size, NOW, STATUS)))
    assert "NOT KNOWN YET" in text and "The server has not said yet what waits." in text
    assert "Nothing waits" not in text and "WAITING" not in text


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_box_that_ends_after_its_label_says_why_and_what_to_do_with_the_label(size: tuple[int, int]) -> None:
    stop = Stop(Reason.CANCELLED, detail="TRK00001043", not_counted=("TRK00001043",))
    later = Flash(12, Reason.STOPPED, Tone.STOP, "TRK00001043")
    text = text_of(
        picture(StopView(stop, "1043", ends=True, words="by the buyer", flash=later), Sheet(*size, NOW, STATUS))
    )
    assert "by the buyer" in text
    assert "Its label TRK00001043 is bought: destroy it" in text


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_what_could_not_be_saved_is_named(size: tuple[int, int]) -> None:
    stop = Stop(Reason.STOPPED, "Candle RED", not_counted=("Candle RED",))
    text = text_of(picture(StopView(stop, "1043"), Sheet(*size, NOW, STATUS)))
    assert "NOT COUNTED: 1" in text and text.count("Candle RED") == 2
    assert "Nothing was scanned since" not in text
