"""The loader's phone shows a load as its dock knows it, and the day's end is one list of what is open."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import insert, update
from starlette.applications import Starlette

from server import wire
from server.cli.group import packproof
from server.db import tables
from server.db.transaction import Database
from server.domain.errors import DomainError
from server.domain.people import Role
from server.http import live, loader_live, loader_page, pages
from server.http.access import COOKIE
from server.usecases.loading.phone import PhoneLoad, phone_load, phone_loads
from server.usecases.loading.phone_link import add_phone_link, end_phone_link
from server.usecases.overview.day_end import DayEnd, day_ends
from server.usecases.picks import totes
from server.usecases.sales.cancel import cancel_order
from tests.board_server import Serving, serving, signed_in, wall_token
from tests.floor import BOSS, SOAP, Dock, Floor, one_engine
from tests.ready_parcels import ready

pytestmark = one_engine
HOSTILE = "<script>window.pwned=1</script>\u202e\x1b[31m"


@pytest.fixture
def server(floor: Floor) -> Iterator[Serving]:
    """The pages over the floor's database."""
    app = Starlette(routes=[*pages.ROUTES, *loader_page.ROUTES])
    app.state.services = floor.services
    with serving(app) as running:
        yield running


@contextmanager
def phone(server: Serving, token: str = "") -> Iterator[httpx.Client]:
    """A phone's browser with this session."""
    cookies = {COOKIE: token} if token else {}
    with httpx.Client(base_url=server.url, cookies=cookies, trust_env=False, timeout=10) as client:
        yield client


@contextmanager
def watching(client: httpx.Client, load_id: str) -> Iterator[Callable[[str], dict[str, Any]]]:
    """What the phone hears of a load: the data of the next event of a kind; StopIteration when the stream ends."""
    with client.stream("GET", f"/dock/{load_id}/stream", timeout=5) as response:
        assert response.status_code == 200
        lines = response.iter_lines()

        def heard(kind: str) -> dict[str, Any]:
            while next(lines) != f"event: {kind}":
                pass
            data: dict[str, Any] = json.loads(next(lines).removeprefix("data: "))
            return data

        yield heard


# --- the load -------------------------------------------------------------------------------------------------------


def test_the_phone_counts_as_the_dock_does_and_names_the_newest_scan_of_anybody(floor: Floor) -> None:
    first, second, other, late = ready(floor), ready(floor), ready(floor, "city-bikes"), ready(floor)
    one, two = Dock.at(floor.bench("Dock 1")), Dock.at(floor.bench("Dock 2"))
    load_id = one.load.load_id
    one.scan(first.tracking)
    two.scan(other.tracking)
    seen = phone_load(floor.db, load_id)
    fresh = one.scan(second.tracking).load
    assert (seen.verdicts[0].words, seen.verdicts[0].shape, seen.verdicts[0].item) == (
        "wrong carrier",
        "stop",
        other.tracking,
    )
    assert seen.verdicts[0].do == "Set it aside."
    seen = phone_load(floor.db, load_id)
    assert [(v.words, v.shape, v.item) for v in seen.verdicts] == [
        ("loaded", "good", second.tracking),
        ("wrong carrier", "stop", other.tracking),
        ("loaded", "good", first.tracking),
    ]
    assert (seen.loaded, seen.left) == (len(fresh.loaded), len(fresh.missing)) == (2, 1)
    assert (seen.aside_count, [(a.tracking, a.words) for a in seen.aside]) == (1, [(other.tracking, "wrong carrier")])
    two.scan(late.tracking)
    assert phone_load(floor.db, load_id).verdicts[0].item == late.tracking


def test_a_parcel_cancelled_on_the_truck_is_on_the_phone_until_it_is_pulled(floor: Floor) -> None:
    gone, dock = ready(floor), Dock.at(floor.bench("Dock 1"))
    dock.scan(gone.tracking)
    cancel_order(floor.db, BOSS, floor.order_id(gone.number))
    (line,) = phone_load(floor.db, dock.load.load_id).cancelled
    assert (line.tracking, line.words) == (gone.tracking, "1 of 1")
    dock.scan(gone.tracking)
    seen = phone_load(floor.db, dock.load.load_id)
    assert (seen.cancelled, seen.verdicts[0].words, seen.verdicts[0].shape) == ((), "cancelled", "stop")


def test_a_load_planned_for_named_orders_counts_only_those_as_left(floor: Floor) -> None:
    mine, other = ready(floor), ready(floor)
    dock = Dock.at(floor.bench("Dock 1"))
    with floor.db.engine.begin() as connection:
        connection.execute(update(tables.load).values(listed=True))
        connection.execute(insert(tables.load_plan).values(load_id=dock.load.load_id, parcel_id=mine.parcel_id))
    assert phone_load(floor.db, dock.load.load_id).left == 1
    dock.scan(other.tracking)
    assert phone_load(floor.db, dock.load.load_id).verdicts[0].words == "not in the load's plan"


def test_a_dock_with_unsent_scans_or_none_heard_is_named_so_that_nobody_trusts_old_counts(floor: Floor) -> None:
    dock = Dock.at(floor.bench("Dock 1"))
    load_id, now = dock.load.load_id, floor.db.now()
    beat(dock, unsent=3, load_id=load_id)
    assert [(d.name, d.unsent) for d in phone_load(floor.db, load_id).docks] == [("Dock 1", 3)]
    beat(dock, load_id=load_id)
    assert phone_load(floor.db, load_id).docks == ()
    with floor.db.engine.begin() as connection:
        connection.execute(update(tables.bench_state).values(seen_at=now - 60))
    assert [(d.name, d.since) for d in phone_load(floor.db, load_id).docks] == [("Dock 1", now - 60)]


def test_a_closed_load_is_called_closed_and_is_no_longer_offered(floor: Floor) -> None:
    dock = Dock.at(floor.bench("Dock 1"))
    dock.scan(ready(floor).tracking)
    assert [each.load_id for each in phone_loads(floor.db, None)] == [dock.load.load_id]
    dock.bench.close_load(dock.load.load_id, 1)
    seen = phone_load(floor.db, dock.load.load_id)
    assert (seen.state, seen.loaded, seen.left) == ("closed", 1, 0)
    assert phone_loads(floor.db, None) == ()


# --- the page -------------------------------------------------------------------------------------------------------


def test_a_scan_is_on_the_phone_within_two_seconds(floor: Floor, server: Serving) -> None:
    parcel, dock = ready(floor), Dock.at(floor.bench("Dock 1"))
    with phone(server, signed_in(floor.db, Role.DOCK)) as client, watching(client, dock.load.load_id) as heard:
        assert heard("load")["load"]["loaded"] == 0
        dock.scan(parcel.tracking)
        began = time.monotonic()
        seen = heard("load")["load"]
        assert (seen["loaded"], seen["verdicts"][0]["item"]) == (1, parcel.tracking)
        assert time.monotonic() - began < 2.0
        live.close_streams(server.app)
        with pytest.raises(StopIteration):
            for _ in range(60):
                heard("beat")


def test_a_failing_database_is_told_to_the_phone_and_the_load_comes_back(
    floor: Floor, server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock = Dock.at(floor.bench("Dock 1"))
    monkeypatch.setattr(loader_live, "PERIOD", 0.05)
    with phone(server, signed_in(floor.db, Role.DOCK)) as client, watching(client, dock.load.load_id) as heard:
        heard("load")
        failures = iter([OSError("the disk is gone")])

        def once(db: Database, load: str) -> PhoneLoad:
            for failure in failures:
                raise failure
            return phone_load(db, load)

        monkeypatch.setattr(loader_live, "phone_load", once)
        heard("trouble")
        assert heard("load")["load"]["load_id"] == dock.load.load_id


def test_the_address_of_a_dock_shows_its_own_loads_only_and_ends_when_it_is_replaced(
    floor: Floor, server: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, west = Dock.at(floor.bench("Dock 1")), Dock.at(floor.bench("Dock W", "WEST"))
    token = add_phone_link(floor.db, BOSS, "EAST")
    monkeypatch.setattr(pages, "ALLOWED_SECONDS", 0.0)
    monkeypatch.setattr(loader_live, "PERIOD", 0.05)
    with phone(server) as client:
        entered = client.get(f"/dock/enter/{token}")
        assert (entered.status_code, entered.headers["location"]) == (303, "/dock")
        text = client.get("/dock").text
        assert here.load.load_id in text
        assert west.load.load_id not in text
        assert client.get(f"/dock/{here.load.load_id}").status_code == 200
        for path in ("", "/data", "/stream"):
            assert client.get(f"/dock/{west.load.load_id}{path}").status_code == 404
        for path in ("/board", "/incidents", "/dock/day-end"):
            assert client.get(path).status_code == 403
        with watching(client, here.load.load_id) as heard:
            heard("load")
            fresh = add_phone_link(floor.db, BOSS, "EAST")
            with pytest.raises(StopIteration):
                for _ in range(60):
                    heard("beat")
        assert client.get("/dock").headers["location"] == "/login"
        assert client.get(f"/dock/enter/{token}").status_code == 404
        assert client.get(f"/dock/enter/{fresh}").status_code == 303
    end_phone_link(floor.db, BOSS, "EAST")
    with pytest.raises(DomainError, match="no address"):
        end_phone_link(floor.db, BOSS, "EAST")


def test_packers_and_wall_screens_do_not_see_the_dock(floor: Floor, server: Serving) -> None:
    load_id = Dock.at(floor.bench("Dock 1")).load.load_id
    for token in (signed_in(floor.db, Role.PACKER), wall_token(floor.db)):
        with phone(server, token) as client:
            for path in ("/dock", f"/dock/{load_id}", f"/dock/{load_id}/data", f"/dock/{load_id}/stream"):
                assert client.get(path).status_code == 403, path


def test_hostile_names_and_scans_are_text_on_the_phone(floor: Floor, server: Serving) -> None:
    dock = Dock.at(floor.bench("Dock 1"))
    with floor.db.engine.begin() as connection:
        connection.execute(update(tables.load).values(trailer=HOSTILE[:64]))
    dock.scan("<img src=x onerror=alert(1)>")
    with phone(server, signed_in(floor.db, Role.SUPERVISOR, name="<script>1</script>")) as client:
        for path in ("/dock", f"/dock/{dock.load.load_id}", "/dock/day-end"):
            answer = client.get(path)
            assert answer.status_code == 200
            assert answer.headers["content-security-policy"].startswith("default-src 'self'")
            assert not any(bad in answer.text for bad in ("<script>", "<img src=x", " style=", " onclick", "\x1b"))
        data = client.get(f"/dock/{dock.load.load_id}/data").text
        assert not any(bad in data for bad in ("\u202e", "\\u202e", "\x1b", "\\u001b"))
        assert client.get("/dock/%3Cscript%3E").status_code == 404


# --- the day's end --------------------------------------------------------------------------------------------------


def test_everything_open_at_the_end_of_the_day_is_on_one_list_with_where_to_go(floor: Floor, server: Serving) -> None:
    bench, dock, aside = floor.bench("Bench 1"), Dock.at(floor.bench("Dock 1")), ready(floor, "city-bikes")
    number, in_tote = floor.order(("SOAP", 2)), floor.order(("SOAP", 1))
    bench.open(number)
    bench.scan(SOAP)
    totes.bind(floor.db, BOSS, in_tote, "A12", site_id=1)
    beat(dock, unsent=2, load_id=dock.load.load_id)
    dock.scan(aside.tracking)
    gone = Dock.at(bench, "city-bikes")
    gone.scan(ready(floor, "city-bikes").tracking)
    bench.close_load(gone.load.load_id, 1)
    with floor.db.engine.begin() as connection:
        row = {"load_id": gone.load.load_id, "carrier": "city-bikes", "state": "pending", "text": "queued"}
        connection.execute(insert(tables.load_close).values(**row))
    day = of(floor, "EAST")
    found = {section.title: [(end.what, end.where) for end in section.ends] for section in day.sections}
    load_id, bikes = dock.load.load_id, gone.load.load_id
    assert found == {
        "Orders open on benches": [(f"order {number}, packing", "Bench 1")],
        "Scans not sent": [("2 scans not sent", "Dock 1")],
        "Set aside": [(f"{aside.tracking}: wrong carrier", f"Dock 1, {load_id}")],
        "Staged and not loaded": [(f"{aside.tracking}, order {aside.number}", "lane City Bikes")],
        "Open loads": [(f"{load_id}, Own van, 0 parcels", "Dock 1")],
        "Full totes": [(f"order {in_tote}", "tote A12")],
        "Carriers that have not accepted a load": [(f"{bikes} pending: queued", "City Bikes")],
        "Shipments no channel was told of": [("1 parcel waiting", "channel The shop")],
    }
    assert of(floor, "WEST").closed
    for role, named in ((Role.SUPERVISOR, True), (Role.DOCK, False)):
        with phone(server, signed_in(floor.db, role)) as client:
            text = client.get("/dock/day-end?site=EAST").text
            assert f"order {number}, packing" in text
            assert ("Packer Person" in text) is named


def test_the_terminal_says_what_is_open_and_that_a_day_is_closed(floor: Floor, tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text(f'database = "{floor.db.engine.url.render_as_string(hide_password=False)}"\n')

    def run(*words: str) -> str:
        result = CliRunner().invoke(packproof, ["load", *words, "--config", str(config)])
        assert result.exit_code == 0, result.output
        return result.output

    assert run("day-end", "--site", "EAST") == "EAST: the day is closed, nothing is open\n"
    parcel = ready(floor)
    said = run("day-end")
    assert "EAST: Staged and not loaded: 1." in said
    assert parcel.tracking in said
    assert "WEST: the day is closed" in said
    assert "/dock/enter/" in run("phone", "--site", "EAST")
    assert (tmp_path / "phone.pdf").exists() is False
    run("phone", "--site", "EAST", "--out", str(tmp_path / "phone.pdf"))
    assert (tmp_path / "phone.pdf").read_bytes().startswith(b"%PDF")
    assert "show nothing any more" in run("phone", "--site", "EAST", "--end")


def of(floor: Floor, site: str) -> DayEnd:
    (day,) = day_ends(floor.db, site)
    return day


def beat(dock: Dock, unsent: int = 0, load_id: str | None = None) -> None:
    """What the dock's station says of itself every second."""
    message = wire.Heartbeat(at=dock.bench.floor.db.now(), unsent=unsent, desk="dock", load_id=load_id)
    dock.bench.ask("POST", "/api/heartbeat", wire.HeartbeatAnswer, message)
