"""The board as browsers and wall screens get it: a real uvicorn on loopback, both databases."""

import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event, insert, select, update
from starlette.routing import Route

from server.config import ServerConfig
from server.db import tables
from server.db.transaction import Actor, Database
from server.domain.people import Role
from server.http import live, pages
from server.http.access import COOKIE
from server.http.call import Services
from server.http.page import ASSETS
from server.http.pages import ROUTES
from server.http.routing import access_of
from server.usecases.overview.board import read_board, without_people
from server.usecases.staff import people
from tests.board_data import AFTERNOON, PEOPLE, fill
from tests.board_server import Serving, filled_copy, pages_app, serving, signed_in, standing_still, wall_token

HOSTILE = "<script>window.pwned=1</script>\u202e\x1b[31m"


@pytest.fixture
def floor(db: Database) -> Database:
    """A day at half past two, standing still; ``db.now`` may be moved."""
    db.now = lambda: AFTERNOON
    fill(db)
    return db


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Such a floor as a file that tests copy."""
    return filled_copy(sqlite_template, tmp_path_factory.mktemp("board") / "filled.db")


@pytest.fixture
def server(filled: Path, tmp_path: Path) -> Iterator[Serving]:
    """The pages over such a floor."""
    path = Path(shutil.copy(filled, tmp_path / "board.db"))
    with standing_still(path) as db, serving(pages_app(db)) as running:
        yield running


@contextmanager
def browsing(server: Serving, token: str = "") -> Iterator[httpx.Client]:
    """A browser that sends its cookie and, with forms, its origin."""
    cookies = {COOKIE: token} if token else {}
    headers = {"Origin": server.url}
    with httpx.Client(
        base_url=server.url, cookies=cookies, headers=headers, verify=False, trust_env=False, timeout=10
    ) as client:
        yield client


def supervisor(server: Serving) -> AbstractContextManager[httpx.Client]:
    """A signed-in supervisor's browser."""
    return browsing(server, signed_in(server.app.state.services.db, Role.SUPERVISOR))


def board_of(client: httpx.Client, query: str = "") -> dict[str, Any]:
    answer = client.get(f"/board/data{query}")
    assert answer.status_code == 200, answer.text
    board: dict[str, Any] = answer.json()["board"]
    return board


# --- what it shows --------------------------------------------------------------------------------------------------


def test_the_board_counts_a_whole_day(floor: Database) -> None:
    board = read_board(floor)
    assert (board.flow.waiting, board.flow.packing, board.flow.packed, board.flow.loaded) == (41, 4, 9, 23)
    assert (board.flow.shipped, board.flow.held) == (207 - 9 - 23, 5)
    assert (board.due.next_at, board.due.count, board.due.late) == (AFTERNOON + 28 * 60, 12, 2)
    assert board.pace.orders_today == 207
    assert board.pace.units_today == sum(bar.units for bar in board.pace.hours)
    assert [bar.hour for bar in board.pace.hours] == list(range(6, 15))
    assert 0 < board.pace.orders_hour < board.pace.orders_today
    assert board.refused.total == 34
    assert [(kind.words, kind.count) for kind in board.refused.kinds[:2]] == [("bad read", 11), ("wrong item", 9)]
    assert board.refused.scans == board.refused.total + board.pace.units_today
    assert [(c.name, c.waiting) for c in board.channels] == [("Web shop", 0), ("Etsy", 0), ("Amazon", 3)]
    assert (board.incidents.open, board.incidents.overdue) == (4, 1)
    assert [order.ship_by for order in board.queue] == sorted(order.ship_by or 0 for order in board.queue)
    assert "·" in board.queue[0].items[0], "an item names its shelf"


def test_each_bench_says_who_what_since_when_and_the_last_verdict(floor: Database) -> None:
    one, two, three, four, dock, silent = read_board(floor).benches
    assert (one.name, one.person, one.order, one.verified, one.units) == ("Bench 1", "Ana Ruiz", "9049", 3, 7)
    assert (one.since, one.last and one.last.words) == (AFTERNOON - 71, "good scan")
    assert (two.stopped, two.words, two.last and two.last.words) == (True, "stopped", "wrong item")
    assert three.words == "label to scan"
    assert (four.clock_off, four.since, four.printer and four.printer.words) == (47, AFTERNOON - 205, "no paper")
    assert (dock.words, dock.load) == ("loading", "L3")
    assert (silent.words, silent.silent_since, silent.unsent) == ("silent", AFTERNOON - 720, 17)


def test_a_bench_is_silent_when_its_heartbeat_is_five_seconds_late(floor: Database) -> None:
    floor.now = lambda: AFTERNOON + 4.9
    assert read_board(floor).benches[0].silent_since is None
    floor.now = lambda: AFTERNOON + 5.1
    assert read_board(floor).benches[0].silent_since == AFTERNOON


def test_a_bench_of_another_version_is_shown_without_details(floor: Database) -> None:
    with floor.engine.begin() as connection:
        connection.execute(update(tables.bench_state).values(beat={"at": "tomorrow"}))
    assert [bench.person for bench in read_board(floor).benches] == [""] * 6


def test_today_begins_at_midnight_of_the_site(floor: Database) -> None:
    nine_hours_and_a_half = 9.5 * 3600
    floor.now = lambda: AFTERNOON + nine_hours_and_a_half - 180
    assert read_board(floor).pace.orders_today == 207
    floor.now = lambda: AFTERNOON + nine_hours_and_a_half
    board = read_board(floor)
    assert (board.pace.orders_today, board.refused.total, board.flow.shipped) == (0, 0, 0)
    assert board.flow.loaded == 23, "what is on the truck is still on the truck"


def test_a_channel_that_shuts_us_out_or_does_not_answer_needs_action_now(floor: Database) -> None:
    with floor.engine.begin() as connection:
        connection.execute(insert(tables.channel_state).values(channel_id=2, denied_at=AFTERNOON - 60))
        connection.execute(update(tables.channel).where(tables.channel.c.id == 1).values(failures=9))
        connection.execute(update(tables.channel).where(tables.channel.c.id == 3).values(active=False))
    board = read_board(floor)
    told = [(card.name, card.shape.value, card.words) for card in board.channels]
    assert told == [
        ("Web shop", "stop", "does not answer"),
        ("Etsy", "stop", "does not let us in"),
        ("Amazon", "off", "paused"),
    ]
    urgent = {line.words for line in board.urgent if line.link == "#channels"}
    assert urgent == {"Web shop does not answer", "Etsy does not let us in"}, "who pauses a channel knows it"


def test_an_empty_server_has_an_empty_board(db: Database) -> None:
    board = read_board(db)
    assert (board.benches, board.urgent, board.queue, board.channels) == ((), (), (), ())
    assert board.time_zone == "UTC"


# --- who may see it -------------------------------------------------------------------------------------------------


def test_every_route_declares_who_may_call_it() -> None:
    assert [made.path for made in ROUTES if access_of(made) is None] == []
    for made in ROUTES:
        access = access_of(made)
        assert access and (access.roles or access.why), f"{made.path} is open without a reason"


def test_strangers_are_led_to_the_sign_in_page_and_get_no_data(server: Serving) -> None:
    with browsing(server) as client:
        for path in ("/board", "/wall", "/incidents"):
            answer = client.get(path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/login"), path
        assert client.post("/incidents/1/close", data={"reason": "x"}).headers["location"] == "/login"
        for path in ("/board/data", "/board/stream"):
            assert client.get(path).status_code == 401, path
        assert client.get("/").headers["location"] == "/board"
        assert client.get("/login").status_code == 200


def test_a_wall_gets_no_names_and_no_errors_of_one_bench(server: Serving) -> None:
    with browsing(server, wall_token(server.app.state.services.db)) as client:
        text = client.get("/board/data").text
        board = board_of(client)
    for name in PEOPLE:
        assert name not in text
    assert [bench["last"] for bench in board["benches"]] == [None] * 6
    assert board["benches"][1]["words"] == "packing", "a stop is somebody's error"
    assert '"stopped":true' not in text
    for secret in ("SKU-1102", "label of 9001", "order 9001", "order 9056"):
        assert secret not in text, "an incident may lead to a person"
    assert board["flow"]["waiting"] == 41
    assert board["refused"]["total"] == 34, "four people's errors together are nobody's"


def test_a_wall_hides_refusals_while_fewer_than_three_people_scan(floor: Database) -> None:
    with floor.engine.begin() as connection:
        connection.execute(update(tables.pack_event).where(tables.pack_event.c.person_id > 2).values(person_id=2))
    board = read_board(floor)
    assert board.refused.total == 34
    shown = without_people(board, AFTERNOON).refused
    assert (shown.hidden, shown.total, shown.kinds, shown.scans) == (True, 0, (), 0)


@pytest.mark.parametrize("role", [Role.PACKER, Role.DOCK, Role.DESK])
def test_only_supervisors_see_the_people(server: Serving, role: Role) -> None:
    with browsing(server, signed_in(server.app.state.services.db, role)) as client:
        assert board_of(client)["people_shown"] is False
    with supervisor(server) as client:
        assert board_of(client)["people_shown"] is True
        assert board_of(client)["benches"][0]["person"] == "Ana Ruiz"
        assert board_of(client, "?for=wall")["people_shown"] is False, "a supervisor's wall is a wall"


def test_a_wall_can_do_nothing_but_look(server: Serving) -> None:
    with browsing(server, wall_token(server.app.state.services.db)) as client:
        for answer in (client.get("/incidents"), client.post("/incidents/1/close", data={"reason": "x"})):
            assert answer.status_code == 403
            assert "a wall screen only shows the board" in answer.text


def test_a_wall_address_becomes_a_cookie_and_leaves_the_address(server: Serving) -> None:
    token = wall_token(server.app.state.services.db)
    with browsing(server) as client:
        assert client.get("/wall/not-a-token").status_code == 404
        answer = client.get(f"/wall/{token}")
        assert (answer.status_code, answer.headers["location"]) == (303, "/wall")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Path=/" in cookie
        assert client.get("/wall").status_code == 200
        assert token not in client.get("/wall").text


def test_a_persons_token_opens_no_wall(server: Serving) -> None:
    token = signed_in(server.app.state.services.db, Role.SUPERVISOR)
    with browsing(server) as client:
        assert client.get(f"/wall/{token}").status_code == 404


# --- signing in -----------------------------------------------------------------------------------------------------


@pytest.fixture
def ana(server: Serving) -> str:
    """A supervisor who signs in with a password; it is what this gives."""
    password = "correct horse battery"
    db: Database = server.app.state.services.db
    people.add_person(db, Actor("test"), "Ana", [Role.SUPERVISOR], login="ana", password=password)
    return password


def sign_in(client: httpx.Client, login: str, password: str) -> httpx.Response:
    return client.post("/login", data={"login": login, "password": password})


def test_the_right_password_leads_to_the_board_until_signing_out(server: Serving, ana: str) -> None:
    with browsing(server) as client:
        answer = sign_in(client, "ana", ana)
        assert (answer.status_code, answer.headers["location"]) == (303, "/board")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie and "Secure" not in cookie
        assert client.get("/board").status_code == 200
        token = client.cookies[COOKIE]
        assert client.post("/logout").headers["location"] == "/login"
    with browsing(server, token) as thief:
        assert thief.get("/board/data").status_code == 401, "the token is revoked, not only forgotten"


def test_the_cookie_is_secure_where_people_come_by_https(server: Serving, ana: str) -> None:
    services: Services = server.app.state.services
    server.app.state.services = replace(services, config=ServerConfig(public_url="https://pack.example"))
    with browsing(server) as client:
        client.headers["Origin"] = "https://pack.example"
        assert "Secure" in sign_in(client, "ana", ana).headers["set-cookie"]


def test_a_wrong_login_and_a_wrong_password_get_the_same_words(server: Serving, ana: str) -> None:
    with browsing(server) as client:
        wrong_password = sign_in(client, "ana", "wrong")
        wrong_login = sign_in(client, "eve", ana)
    assert wrong_password.status_code == wrong_login.status_code == 401
    assert "Login or password is not right." in wrong_login.text
    assert wrong_password.text.replace("ana", "eve") == wrong_login.text
    assert ana not in wrong_login.text


def test_after_five_wrong_tries_even_the_right_password_waits_thirty_seconds(server: Serving, ana: str) -> None:
    db: Database = server.app.state.services.db
    with browsing(server) as client:
        assert [sign_in(client, "ANA ", "wrong").status_code for _ in range(5)] == [401] * 5
        refused = sign_in(client, "ana", ana)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "30")
        db.now = lambda: AFTERNOON + 29
        assert sign_in(client, "ana", ana).status_code == 429
        db.now = lambda: AFTERNOON + 31
        assert sign_in(client, "ana", ana).status_code == 303


def test_the_right_password_forgets_the_wrong_tries(server: Serving, ana: str) -> None:
    with browsing(server) as client:
        for _ in range(3):
            assert [sign_in(client, "ana", "wrong").status_code for _ in range(4)] == [401] * 4
            assert sign_in(client, "ana", ana).status_code == 303


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_a_form_from_another_site_is_refused(server: Serving, ana: str, origin: str) -> None:
    with browsing(server) as client:
        client.headers["Origin"] = origin
        assert sign_in(client, "ana", ana).status_code == 403
        assert COOKIE not in client.cookies
    with supervisor(server) as client:
        client.headers["Origin"] = origin
        assert client.post("/incidents/1/close", data={"reason": "x"}).status_code == 403
        assert client.post("/logout").status_code == 403
        assert board_of(client)["incidents"]["open"] == 4


# --- incidents ------------------------------------------------------------------------------------------------------


def test_incidents_are_listed_with_type_cause_owner_and_what_is_overdue(server: Serving) -> None:
    with supervisor(server) as client:
        text = client.get("/incidents").text
    for part in ("Sold more than there is", "SKU-1102: 2 wanted", "order 9001", "<dd>desk</dd>"):
        assert part in text
    assert text.count("overdue") == 1
    assert text.index("Sold more") < text.index("Labels swapped") < text.index("Unknown product")


def test_closing_an_incident_needs_a_reason_and_names_the_person(server: Serving) -> None:
    db: Database = server.app.state.services.db
    with supervisor(server) as client:
        refused = client.post("/incidents/1/close", data={"reason": " \n "})
        assert refused.status_code == 422
        assert "Say in a few words what was done" in refused.text
        answer = client.post("/incidents/1/close", data={"reason": "moved 2 from the\r\nother shelf"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/incidents")
        assert "Sold more than there is" not in client.get("/incidents").text
    with db.read() as connection:
        row = connection.execute(select(tables.incident).where(tables.incident.c.id == 1)).one()
        noted = connection.execute(select(tables.audit).where(tables.audit.c.action == "incident.closed")).one()
    assert (row.state, row.resolution) == ("closed", "moved 2 from the other shelf")
    assert noted.actor == "Sam Supervisor"


def test_whoever_looks_at_an_incident_takes_it_and_the_page_says_so(server: Serving) -> None:
    with supervisor(server) as client:
        before = client.get("/incidents").text.count("I look at it")
        assert client.post("/incidents/1/take").headers["location"] == "/incidents"
        shown = client.get("/incidents").text
        assert (shown.count("somebody looks at it"), shown.count("I look at it")) == (1, before - 1)
        assert client.post("/incidents/77/take").status_code == 404
    with server.app.state.services.db.read() as connection:
        row = connection.execute(select(tables.incident).where(tables.incident.c.id == 1)).one()
    assert (row.state, row.taken_by) == ("open", "Sam Supervisor")


@pytest.mark.parametrize("number", ["77", "x", "-1", "9" * 30])
def test_closing_what_does_not_exist_says_so(server: Serving, number: str) -> None:
    with supervisor(server) as client:
        assert client.post(f"/incidents/{number}/close", data={"reason": "x"}).status_code == 404


def test_packers_may_not_close_incidents_and_the_order_desk_may(server: Serving) -> None:
    db = server.app.state.services.db
    with browsing(server, signed_in(db, Role.PACKER)) as client:
        assert client.post("/incidents/1/close", data={"reason": "x"}).status_code == 403
    with browsing(server, signed_in(db, Role.DESK)) as client:
        assert client.post("/incidents/1/close", data={"reason": "x"}).status_code == 303


# --- hostile text ---------------------------------------------------------------------------------------------------


def test_hostile_names_are_text_wherever_they_appear(server: Serving) -> None:
    db: Database = server.app.state.services.db
    with db.engine.begin() as connection:
        connection.execute(update(tables.person).values(name=HOSTILE))
        connection.execute(update(tables.incident).values(cause=HOSTILE, sku=HOSTILE, order_id=None))
        connection.execute(update(tables.product).values(name=HOSTILE))
        connection.execute(update(tables.channel).values(name=HOSTILE))
        connection.execute(update(tables.bench).where(tables.bench.c.id == 1).values(name=HOSTILE))
    with browsing(server, signed_in(db, Role.SUPERVISOR, name=HOSTILE)) as client:
        for path in ("/board", "/incidents"):
            text = client.get(path).text
            assert "<script>window" not in text
            assert "&lt;script&gt;window" in text
        answer = client.get("/board/data")
    assert answer.headers["content-type"] == "application/json"
    assert not any(hidden in answer.text for hidden in ("\u202e", "\\u202e", "\x1b", "\\u001b"))
    with browsing(server) as client:
        assert "<script>window" not in sign_in(client, f'">{HOSTILE}', "x").text


def test_every_page_forbids_foreign_content_and_inline_scripts(server: Serving) -> None:
    with supervisor(server) as client:
        for path in ("/login", "/board", "/wall", "/incidents", "/incidents/none", "/static/board.js"):
            headers = client.get(path).headers
            if path == "/incidents/none":
                continue
            assert headers["content-security-policy"].startswith("default-src 'self'"), path
            assert headers["x-content-type-options"] == "nosniff"
        for path in ("/login", "/board", "/incidents"):
            text = client.get(path).text
            assert "<style" not in text and " style=" not in text and " onclick" not in text
            assert text.count("<script") == text.count('<script src="/static/board.js?v=')


def test_no_asset_names_another_server() -> None:
    for name, (content, _) in ASSETS.items():
        text = content.decode().replace("http://www.w3.org/2000/svg", "")
        assert "//" not in text.replace("// ", "") or name == "board.css", name
        assert "http:" not in text and "https:" not in text and "url(" not in text and "@import" not in text, name
    for foreign in ("board.js", "loader.js"):
        weight = sum(len(content) for name, (content, _) in ASSETS.items() if name != foreign)
        assert weight < 40_000, "light enough for a phone in a steel hall; no page loads both scripts"


def test_assets_are_kept_by_browsers_and_nothing_else_is_served(server: Serving) -> None:
    with browsing(server) as client:
        text = client.get("/login").text
        address = text.split('href="/static/board.css')[1].split('"')[0]
        answer = client.get(f"/static/board.css{address}")
        assert "immutable" in answer.headers["cache-control"]
        assert client.get("/static/board.css").headers["cache-control"] == "no-cache"
        for name in ("..%2Fpages.py", "%2e%2e", "board.html", "__init__.py"):
            assert client.get(f"/static/{name}").status_code == 404


# --- live -----------------------------------------------------------------------------------------------------------


class Stream:
    """What an EventSource hears."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.iter_lines()

    def next(self, kind: str) -> dict[str, Any]:
        """The data of the next event of this kind; raises StopIteration when the server ends the stream."""
        while True:
            line = next(self._lines)
            if line == f"event: {kind}":
                data: dict[str, Any] = json.loads(next(self._lines).removeprefix("data: "))
                return data

    def until(self, good: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first board that satisfies; the client's timeout is the deadline."""
        while True:
            board: dict[str, Any] = self.next("board")["board"]
            if good(board):
                return board


@contextmanager
def listening(client: httpx.Client, query: str = "") -> Iterator[Stream]:
    with client.stream("GET", f"/board/stream{query}", timeout=5) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Stream(response)


def open_order(db: Database, number: int) -> None:
    with db.engine.begin() as connection:
        connection.execute(update(tables.order).where(tables.order.c.id == number).values(status="packing"))


def test_a_change_reaches_the_screen_within_a_second(server: Serving) -> None:
    db: Database = server.app.state.services.db
    with supervisor(server) as client, listening(client) as stream:
        assert stream.next("board")["board"]["flow"]["waiting"] == 41
        taken = []
        for packing, number in enumerate((9008, 9009, 9010), 5):
            open_order(db, number)
            began = time.monotonic()
            while stream.next("board")["board"]["flow"]["packing"] != packing:
                pass
            taken.append(time.monotonic() - began)
    assert max(taken) < 2.0, taken
    assert min(taken) < 1.0, taken


def test_a_reconnecting_screen_gets_the_whole_board_first(server: Serving) -> None:
    db: Database = server.app.state.services.db
    with supervisor(server) as client:
        with listening(client) as stream:
            assert stream.next("board")["board"]["flow"]["waiting"] == 41
        open_order(db, 9008)
        with listening(client) as stream:
            stream.until(lambda board: board["flow"]["waiting"] == 40)


def test_a_wall_stream_has_no_people_either(server: Serving) -> None:
    with browsing(server, wall_token(server.app.state.services.db)) as client, listening(client) as stream:
        assert stream.next("board")["board"]["people_shown"] is False
    with supervisor(server) as client, listening(client, "?for=wall") as stream:
        assert stream.next("board")["board"]["people_shown"] is False


def test_nothing_new_is_a_beat_and_many_viewers_cost_one_reading(server: Serving) -> None:
    db: Database = server.app.state.services.db
    readings: list[float] = []

    def count(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM bench LEFT" in statement:
            readings.append(time.monotonic())

    event.listen(db.engine, "before_cursor_execute", count)
    began = time.monotonic()
    with supervisor(server) as client, ExitStack() as streams:
        for stream in [streams.enter_context(listening(client)) for _ in range(8)]:
            assert stream.next("board")["board"]["flow"]["waiting"] == 41
            assert stream.next("beat")["now"] == AFTERNOON
    passed = time.monotonic() - began
    assert 1 <= len(readings) <= passed / live.PERIOD + 2


def test_nobody_looking_costs_nothing(server: Serving) -> None:
    with supervisor(server) as client, listening(client) as stream:
        stream.next("board")
    shared = live.live_of(server.app)
    deadline = time.monotonic() + 5
    while shared.viewers or not (shared._ticker and shared._ticker.done()):
        assert time.monotonic() < deadline, "the reading goes on with nobody looking"
        time.sleep(0.01)


def test_a_revoked_wall_goes_dark(server: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    db: Database = server.app.state.services.db
    monkeypatch.setattr(pages, "ALLOWED_SECONDS", 0.0)
    people_actor = Actor("test")
    token = people.add_wall(db, people_actor, "Hall")
    with browsing(server, token) as client, listening(client) as stream:
        stream.next("board")
        people.revoke_wall(db, people_actor, "Hall")
        with pytest.raises(StopIteration):
            while True:
                stream.next("beat")


def test_a_server_that_stops_ends_its_streams(server: Serving) -> None:
    with supervisor(server) as client, listening(client) as stream:
        stream.next("board")
        live.close_streams(server.app)
        with pytest.raises(StopIteration):
            while True:
                stream.next("beat")


def test_a_failing_database_is_told_and_the_board_comes_back(server: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    with supervisor(server) as client, listening(client) as stream:
        stream.next("board")
        with monkeypatch.context() as broken:
            broken.setattr(live, "read_board", _broken)
            stream.next("trouble")
        assert stream.next("board")["board"]["flow"]["waiting"] == 41


def test_only_so_many_screens_are_served(server: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "VIEWERS_MAX", 1)
    with supervisor(server) as client, listening(client) as stream:
        stream.next("board")
        assert client.get("/board/stream").status_code == 503


def _broken(_db: Database) -> Any:
    raise OSError("the disk is gone")


def test_every_page_route_has_a_name_for_the_log() -> None:
    assert all(isinstance(made, Route) and made.name.split(" ")[1] == made.path for made in ROUTES)
