"""The board in a real browser: `make test-browser`. Skipped where there is no Chromium."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from server.db import tables
from server.db.transaction import Actor, Database
from server.domain.people import Role
from server.http.access import COOKIE
from server.usecases.staff import people
from tests.board_data import AFTERNOON
from tests.board_server import Serving, filled_copy, pages_app, serving, signed_in, standing_still, wall_token
from tests.chromium import Page, chromium, find_chromium

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not os.environ.get("PACKPROOF_BROWSER"), reason="needs a browser: run make test-browser"),
    pytest.mark.skipif(find_chromium() is None, reason="needs Chromium (Debian: apt-get install chromium)"),
]
SIZES = [(390, 844), (1280, 800), (1920, 1080)]
HOSTILE = "<img src=x onerror=window.pwned=1><script>window.pwned=1</script>"

FAINT = """(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (c) => c.slice(0, 3).map((v) => v / 255)
    .map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = (el) => {
    for (; el; el = el.parentElement) {
      const c = rgb(getComputedStyle(el).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const el of document.querySelectorAll("body *")) {
    const own = [...el.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || !el.checkVisibility()) continue;
    const [a, b] = [light(rgb(getComputedStyle(el).color)), light(ground(el))];
    const contrast = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (contrast < 4.5) faint.push(`${el.className} ${el.textContent}: ${contrast.toFixed(2)}`);
  }
  return faint;
})()"""
"""Texts with less contrast to their ground than WCAG 2.2, 1.4.3 asks of small text."""


@pytest.fixture(scope="module")
def tab() -> Iterator[Page]:
    """One browser for all tests."""
    with chromium(find_chromium() or "") as page:
        yield page


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A floor as a file that tests copy."""
    return filled_copy(sqlite_template, tmp_path_factory.mktemp("board") / "filled.db")


@pytest.fixture
def server(filled: Path, tmp_path: Path) -> Iterator[Serving]:
    """The pages over a floor that stands still at half past two."""
    path = Path(shutil.copy(filled, tmp_path / "board.db"))
    with standing_still(path) as db, serving(pages_app(db)) as running:
        yield running


@pytest.fixture
def page(tab: Page, server: Serving) -> Page:
    """A supervisor's window on the board."""
    # The tab may still be calling for the server of the test before.
    tab.call("Page.navigate", url="about:blank")
    tab.wait("location.href === 'about:blank'")
    tab.said.clear()
    tab.size(1280, 800)
    tab.cookie(server.url, COOKIE, signed_in(server.app.state.services.db, Role.SUPERVISOR))
    return look(tab, server, "/board")


def look(page: Page, server: Serving, path: str) -> Page:
    page.go(f"{server.url}{path}")
    page.wait("!document.querySelector('#board[aria-busy=true]')")
    return page


def text(page: Page, selector: str) -> str:
    return str(page.value(f"document.querySelector({selector!r}).innerText"))


def test_a_supervisor_signs_in_and_sees_the_floor(tab: Page, server: Serving) -> None:
    db: Database = server.app.state.services.db
    people.add_person(db, Actor("test"), "Ana Admin", [Role.ADMIN], login="ana", password="correct horse battery")
    tab.call("Network.clearBrowserCookies")
    tab.size(390, 844)
    tab.go(f"{server.url}/board")
    assert tab.value("location.pathname") == "/login"
    assert tab.value(FAINT) == []
    tab.value("login.value = 'ana', password.value = 'correct horse battery', document.forms[0].submit()")
    tab.wait("location.pathname === '/board' && document.querySelector('#board[aria-busy=false]')")
    assert "41\nwaiting" in text(tab, "#flow")
    assert "Bench 2 is stopped: wrong item" in text(tab, "#urgent")


def test_a_change_appears_without_a_reload(page: Page, server: Serving) -> None:
    page.value("window.same = true")
    db: Database = server.app.state.services.db
    with db.engine.begin() as connection:
        connection.execute(update(tables.order).where(tables.order.c.id == 9008).values(status="packing"))
    page.wait("document.querySelector('.step.waiting b').textContent === '40'")
    assert page.value("window.same") is True


def test_hostile_names_are_drawn_as_text(page: Page, server: Serving) -> None:
    db: Database = server.app.state.services.db
    with db.engine.begin() as connection:
        for table in (tables.person, tables.product, tables.channel, tables.bench):
            key = table.c.sku if table is tables.product else table.c.id
            first = select(key).order_by(key).limit(1).scalar_subquery()
            connection.execute(update(table).where(key == first).values(name=HOSTILE[:64]))
        connection.execute(update(tables.incident).values(cause=HOSTILE))
        connection.execute(update(tables.site).values(name=HOSTILE))
    page.wait("document.querySelector('#bench-1 h3').textContent.includes('<img')")
    look(page, server, "/incidents")
    assert HOSTILE in text(page, "main")
    assert page.value("window.pwned") is None
    assert page.value("document.images.length") == 1, "only the mark"
    look(page, server, "/board")
    assert page.value("[window.pwned, document.images.length]") == [None, 1]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", ["/board", "/incidents", "/wall"])
def test_every_page_fits_and_is_legible(page: Page, server: Serving, path: str, size: tuple[int, int]) -> None:
    page.size(*size)
    look(page, server, path)
    width = page.value("document.documentElement.scrollWidth")
    assert width <= size[0], f"{path} scrolls sideways: {width} pixels"
    assert page.value(FAINT) == []
    assert page.said == [], "the content policy refused something or a script failed"


@pytest.mark.parametrize("benches", [6, 12, 20])
def test_a_wall_shows_every_bench_without_scrolling(page: Page, server: Serving, benches: int) -> None:
    db: Database = server.app.state.services.db
    with db.engine.begin() as connection:
        for number in range(7, benches + 1):
            connection.execute(insert(tables.bench).values(name=f"Bench {number}", site_id=1, enrolled_at=AFTERNOON))
    page.cookie(server.url, COOKIE, wall_token(db))
    page.size(1920, 1080)
    look(page, server, "/wall")
    page.wait(f"document.querySelectorAll('.bench').length === {benches}")
    lowest = page.value(
        "Math.max(...[...document.querySelectorAll('.bench')].map(b => b.getBoundingClientRect().bottom))"
    )
    assert lowest <= 1080
    assert page.value("document.documentElement.scrollHeight") <= 1080
    smallest = page.value(
        "Math.min(...[...document.querySelectorAll('#flow *, #benches *, #urgent *')]"
        ".filter(e => e.checkVisibility() && e.innerText).map(e => parseFloat(getComputedStyle(e).fontSize)))"
    )
    assert smallest >= 18, "three metres away"


def test_a_phone_shows_first_what_needs_action(page: Page, server: Serving) -> None:
    page.size(390, 844)
    look(page, server, "/board")
    assert page.value("document.querySelector('#urgent').getBoundingClientRect().top") < 150
    assert page.value("document.querySelector('#flow').getBoundingClientRect().bottom") < 844
    hidden = "[...document.querySelectorAll('#urgent li')].filter(e => !e.checkVisibility()).length"
    assert page.value(hidden) > 0
    page.value("document.querySelector('.more').click()")
    assert page.value(hidden) == 0


def test_a_lost_server_is_told_and_found_again(page: Page, server: Serving) -> None:
    page.call("Network.enable")
    conditions = {"latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    page.call("Network.emulateNetworkConditions", offline=True, **conditions)
    server.app.state.board_live.close()
    page.wait("document.querySelector('#live').textContent.includes('trying again')")
    assert page.value("document.body.classList.contains('stale')") is True
    del server.app.state.board_live
    page.call("Network.emulateNetworkConditions", offline=False, **conditions)
    page.wait("document.querySelector('#live').textContent === '● live'")


def test_a_session_that_ended_leads_to_the_sign_in_page(page: Page, server: Serving) -> None:
    db: Database = server.app.state.services.db
    with db.engine.begin() as connection:
        connection.execute(update(tables.web_session).values(revoked=True))
    server.app.state.board_live.close()
    page.wait("location.pathname === '/login'")


def test_an_empty_server_says_what_to_do(tab: Page, sqlite_db: Database) -> None:
    with serving(pages_app(sqlite_db)) as fresh:
        tab.cookie(fresh.url, COOKIE, signed_in(sqlite_db, Role.SUPERVISOR))
        tab.size(1280, 800)
        look(tab, fresh, "/board")
        for selector in ("#benches", "#channels"):
            assert "packproof setup" in text(tab, selector)
        assert "packproof import" in text(tab, "#queue")
        assert "Nothing needs you now" in text(tab, "#urgent")


def test_pictures_can_be_taken(tab: Page, server: Serving, tmp_path: Path) -> None:
    look(tab, server, "/login")
    tab.picture(tmp_path / "login.png")
    assert (tmp_path / "login.png").read_bytes().startswith(b"\x89PNG")
