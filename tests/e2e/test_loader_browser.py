"""The loader's page on real phones' screens: `make test-browser`. Skipped where there is no Chromium."""

import os
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import update
from starlette.applications import Starlette

from server.config import ServerConfig
from server.db import tables
from server.db.transaction import Database
from server.domain.people import Role
from server.http import bench_api, dock_api, loader_page, pages
from server.http.access import COOKIE
from server.http.call import Services
from server.usecases.sales.cancel import cancel_order
from tests.board_server import serving, signed_in
from tests.chromium import Page, chromium, find_chromium
from tests.e2e.test_board_browser import FAINT
from tests.floor import BOSS, Dock, Floor, make_floor
from tests.ready_parcels import Ready, ready

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not os.environ.get("PACKPROOF_BROWSER"), reason="needs a browser: run make test-browser"),
    pytest.mark.skipif(find_chromium() is None, reason="needs Chromium (Debian: apt-get install chromium)"),
]
SIZES = [(390, 844), (360, 640)]
LISTEN = """
window.buzzed = [];
Object.defineProperty(navigator, "vibrate", {value: (pattern) => { window.buzzed.push(pattern); return true; }});
"""
"""In place of the phone's motor."""

SMALL = """[...document.querySelectorAll("a, button")].filter((el) => el.checkVisibility())
  .filter((el) => { const box = el.getBoundingClientRect(); return box.height < 44 || box.width < 44; })
  .map((el) => el.textContent)"""
"""What a glove misses: targets of less than 44 pixels (WCAG 2.2, 2.5.5)."""


@pytest.fixture(scope="module")
def tab() -> Iterator[Page]:
    """One browser for all tests; it notes what it is told to vibrate."""
    with chromium(find_chromium() or "") as page:
        page.call("Page.addScriptToEvaluateOnNewDocument", source=LISTEN)
        yield page


@pytest.fixture
def floor(sqlite_db: Database) -> Iterator[Floor]:
    """A warehouse behind the routes of benches and pages."""
    routes = [*bench_api.ROUTES, *dock_api.ROUTES, *pages.ROUTES, *loader_page.ROUTES]
    app = Starlette(routes=routes)
    app.state.services = Services(sqlite_db, ServerConfig())
    with serving(app) as server, httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        yield make_floor(app.state.services, client)


def opened(tab: Page, floor: Floor, path: str, size: tuple[int, int] = SIZES[0]) -> Page:
    """The page on a phone of a supervisor, freshly loaded."""
    url = str(floor.http.base_url).rstrip("/")
    tab.call("Page.navigate", url="about:blank")
    tab.wait("location.href === 'about:blank'")
    tab.said.clear()
    tab.size(*size)
    tab.cookie(url, COOKIE, signed_in(floor.db, Role.SUPERVISOR))
    tab.go(f"{url}{path}")
    return tab


def loading(floor: Floor) -> tuple[Dock, list[Ready]]:
    """A dock with a load on a trailer, an hour before its cut-off, and parcels beside it."""
    dock = Dock.at(floor.bench("Dock 1"))
    with floor.db.engine.begin() as connection:
        connection.execute(update(tables.load).values(trailer="T7", cut_off=floor.db.now() + 1750))
    return dock, [ready(floor) for _ in range(3)]


def verdict(tab: Page, words: str) -> None:
    """Until the newest scan is drawn with these words."""
    tab.wait(f"document.querySelector('#verdict b')?.textContent === {words!r}")


def test_scans_change_the_digits_and_shake_the_phone_as_grave_as_they_are(tab: Page, floor: Floor) -> None:
    dock, parcels = loading(floor)
    wrong = ready(floor, "city-bikes")
    page = opened(tab, floor, f"/dock/{dock.load.load_id}")
    page.wait("document.querySelector('#load[aria-busy=false]')")
    assert page.value("[loaded.textContent, left.textContent, window.buzzed.length]") == ["0", "3", 0]
    dock.scan(parcels[0].tracking)
    verdict(page, "loaded")
    assert page.value("[loaded.textContent, left.textContent]") == ["1", "2"]
    dock.scan(wrong.tracking)
    dock.scan(parcels[1].tracking)
    page.wait("document.querySelector('#loaded').textContent === '2'")
    dock.scan(parcels[1].tracking)
    verdict(page, "already loaded")
    cancel_order(floor.db, BOSS, floor.order_id(parcels[0].number))
    page.wait("!document.querySelector('#cancelled').hidden")
    lengths = page.value("window.buzzed.map((pattern) => pattern.length)")
    assert lengths[0] == 1, "good: once, short"
    assert lengths.count(5) == 2, "a wrong carrier and a cancel on the truck: three times, long"
    assert 3 in lengths, "look: twice"
    assert "1 of 2" in page.value("document.querySelector('#cancelled').textContent")
    assert page.value("document.querySelector('#aside').innerText").split("\n")[1:] == [wrong.tracking, "wrong carrier"]


@pytest.mark.parametrize("size", SIZES)
def test_every_page_of_the_dock_fits_a_phone_and_is_legible(tab: Page, floor: Floor, size: tuple[int, int]) -> None:
    dock, parcels = loading(floor)
    dock.scan(parcels[0].tracking)
    dock.scan(ready(floor, "city-bikes").tracking)
    for path in ("/dock", f"/dock/{dock.load.load_id}", "/dock/day-end"):
        page = opened(tab, floor, path, size)
        page.wait("!document.querySelector('[aria-busy=true]')")
        assert page.value("document.documentElement.scrollWidth") <= size[0], path
        assert page.value(FAINT) == [], path
        assert page.said == [], "the content policy refused something or a script failed"
        if path != "/dock/day-end":
            assert page.value(SMALL) == [], path
    page = opened(tab, floor, f"/dock/{dock.load.load_id}", size)
    page.wait("document.querySelector('#load[aria-busy=false]')")
    assert page.value("document.querySelector('#sound').getBoundingClientRect().bottom") <= size[1], "no scrolling"
    assert page.value("parseFloat(getComputedStyle(document.querySelector('#loaded')).fontSize)") >= 90


def test_a_phone_that_hears_nothing_says_so_and_finds_the_server_again(tab: Page, floor: Floor) -> None:
    dock, _ = loading(floor)
    page = opened(tab, floor, f"/dock/{dock.load.load_id}")
    page.wait("document.querySelector('#load[aria-busy=false]')")
    page.value("source.close(), heard = Date.now() - 5000, tried = Date.now(), 1")
    page.wait("document.querySelector('#stale').textContent.includes('Not live')")
    assert page.value("document.body.classList.contains('stale')") is True
    page.value("tried = 0, 1")
    page.wait("document.querySelector('#stale').hidden")


def test_a_tap_lets_the_page_sound(tab: Page, floor: Floor) -> None:
    dock, _ = loading(floor)
    page = opened(tab, floor, f"/dock/{dock.load.load_id}")
    page.wait("document.querySelector('#load[aria-busy=false]')")
    page.call("Runtime.evaluate", expression="sound.click()", userGesture=True)
    page.wait("sound.classList.contains('on') && window.buzzed.length")
    assert page.value("[audio.state, window.buzzed[0].length]") == ["running", 5]


def test_three_and_four_digits_stay_inside_their_half(tab: Page, floor: Floor) -> None:
    dock, _ = loading(floor)
    page = opened(tab, floor, f"/dock/{dock.load.load_id}", SIZES[1])
    page.wait("document.querySelector('#load[aria-busy=false]')")
    for number in (88, 888, 8888):
        page.value(f"source.close(), show({{now: 0, load: {{...shown.load, loaded: {number}, left: {number}}}}})")
        room = "[loaded, left].map((el) => el.getBoundingClientRect().width <= el.parentElement.clientWidth)"
        assert page.value(room) == [True, True], number
