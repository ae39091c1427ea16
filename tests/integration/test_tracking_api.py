"""Carriers, couriers and channels tell of parcels, are asked of them, and a person finds one by its number."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from sqlalchemy import select
from starlette.applications import Starlette

from server.cli.group import packproof
from server.db import tables
from server.domain.people import Role
from server.http import tracking_api
from server.http.call import Services
from server.simulated.carriers.easypost import SimulatedEasyPost
from server.simulated.platforms.faults import Fault
from server.usecases.starting.sites import add_channel
from server.usecases.tracking import finding, polling
from server.usecases.tracking.settling import settle
from tests.board_server import signed_in
from tests.book import BOSS, SECRET, serving, signed
from tests.carriers import easypost_behind, shippable
from tests.floor import SOAP, Bench, Dock, Floor, one_engine
from tests.tracked import HOUR, Road, iso

pytestmark = one_engine


@pytest.fixture
def client(services: Services) -> Iterator[httpx.Client]:
    """The routes, called by a supervisor."""
    app = Starlette(routes=tracking_api.ROUTES)
    app.state.services = services
    with serving(app) as client:
        client.headers["authorization"] = f"Bearer {signed_in(services.db, Role.SUPERVISOR)}"
        yield client


@pytest.fixture
def easypost(floor: Floor) -> Iterator[SimulatedEasyPost]:
    with easypost_behind(floor.db) as easypost:
        shippable(floor.db)
        yield easypost


@pytest.fixture
def bench(floor: Floor) -> Bench:
    return floor.bench("Bench 1")


def left(floor: Floor, bench: Bench) -> str:
    """A parcel that left with EasyPost; its tracking number."""
    tracking = bench.pack(floor.order(("SOAP", 1), carrier="easypost"), SOAP).tracking
    dock = Dock.at(bench, "easypost")
    dock.scan(tracking)
    bench.close_load(dock.load.load_id, 1)
    return tracking


def state(floor: Floor) -> Any:
    with floor.db.read() as connection:
        return connection.execute(select(tables.parcel_track)).one()


def events(floor: Floor) -> list[tuple[str, str]]:
    t = tables.tracking_event
    with floor.db.read() as connection:
        return [(row.way, row.status) for row in connection.execute(select(t).order_by(t.c.at))]


def test_webhook_and_poll_put_the_same_rows_and_a_forged_message_puts_none(
    floor: Floor, bench: Bench, easypost: SimulatedEasyPost, client: httpx.Client
) -> None:
    tracking = left(floor, bench)
    first, second = easypost.advance(tracking, at=floor.db.now() - 60), easypost.advance(tracking)
    took = []
    for message in (second, first, second):
        began = time.monotonic()
        answer = client.post("/api/carriers/easypost/events", content=message.body, headers=message.headers)
        took.append(time.monotonic() - began)
        assert answer.status_code == 200, answer.text
    assert min(took) < 0.25, "a carrier waits for nothing but the row"
    forged = easypost.message("tracker.updated", {"tracking_code": tracking}, secret="guessed")
    for path, status in (("easypost", 401), ("own-van", 404), ("nobody", 404)):
        answer = client.post(f"/api/carriers/{path}/events", content=forged.body, headers=forged.headers)
        assert answer.status_code == status
    heard = events(floor)
    assert {way for way, _ in heard} == {"webhook"}
    polling.poll(floor.db)
    settle(floor.db)
    assert events(floor) == heard, "what was heard is not written down again"
    assert state(floor).status == heard[-1][1]
    easypost.advance(tracking)
    with floor.db.engine.begin() as connection:
        connection.execute(tables.parcel_track.update().values(poll_at=0.0))
    polling.poll(floor.db)
    assert len(events(floor)) == len(heard) + 1


def test_only_parcels_that_left_and_are_on_their_way_are_polled_and_a_dead_carrier_later(
    floor: Floor, bench: Bench, easypost: SimulatedEasyPost
) -> None:
    def asked() -> int:
        return sum(path.endswith("/trackers") for _, path, _ in easypost.asked)

    bench.pack(floor.order(("SOAP", 1), carrier="easypost"), SOAP)
    polling.poll(floor.db)
    assert asked() == 0, "it is still here"
    tracking = left(floor, bench)
    easypost.faults.once(Fault.TOO_MANY, "GET", "/trackers")
    polling.poll(floor.db)
    assert state(floor).poll_at > floor.db.now()
    now = floor.db.now() + 2 * HOUR
    floor.db.now = lambda: now
    easypost.advance(tracking, "delivered", "Delivered, Front Door/Porch", at=now - 60)
    polling.poll(floor.db)
    settle(floor.db)
    assert (state(floor).status, state(floor).poll_at) == ("delivered", None)
    before = asked()
    assert before > 0
    now += 100 * HOUR
    assert polling.poll(floor.db) is False
    assert asked() == before, "it has arrived"


def test_a_number_leads_to_order_goods_channel_place_promise_packer_scans_load_and_journey(
    floor: Floor, bench: Bench, client: httpx.Client
) -> None:
    number = floor.order(("SOAP", 2), ship_by=floor.db.now() + HOUR)
    tracking = bench.pack(number, SOAP, SOAP).tracking
    dock = Dock.at(bench)
    dock.scan(tracking)
    bench.close_load(dock.load.load_id, 1)
    said = {"tracking": tracking, "at": iso(floor.db.now()), "status": "accepted", "where": "Bonn"}
    answer = client.post("/api/tracking", json={"source": "metro", "events": [said]})
    assert answer.json() == {"new": 1, "strangers": []}
    settle(floor.db)
    found = client.get(f"/api/parcels/{tracking.lower()}").json()
    assert (found["order"], found["channel"], found["skus"]) == (number, "shop", {"SOAP": 2})
    assert (found["site"], found["bench"], found["packer"]) == ("EAST", "Bench 1", "Packer Person")
    assert (found["load"], found["loader"], found["told"]) == (dock.load.load_id, "Dock Person", "waiting")
    assert found["ship_by"] and found["handed_at"] and found["loaded_at"] and found["load_closed_at"]
    assert [(e["status"], e["place"]) for e in found["events"]] == [("accepted", "Bonn")]
    assert [scan["raw"] for scan in found["scans"]] == [SOAP, SOAP, tracking, tracking]
    with floor.db.read() as connection:
        by_id = finding.story(connection, found["parcel"])
    assert by_id.tracking == tracking
    assert client.get("/api/parcels/PV-NOBODY").status_code == 404
    assert client.get("/api/parcels/%1b%5b31m").status_code == 404
    told = client.get("/api/told").json()["channels"]
    assert [(each["channel"], each["pending"], each["loaded_not_told"]) for each in told] == [("shop", 1, [tracking])]


def test_a_channel_tells_of_its_own_parcels_by_a_signed_message_and_of_no_others(
    services: Services, client: httpx.Client
) -> None:
    road = Road(services.db, at=time.time())
    road.gone("S-1", "A1")
    add_channel(services.db, BOSS, "other", "Other", {"secret": SECRET})
    body = {"source": "mall", "events": [{"tracking": "A1", "at": iso(road.at), "words": "Delivered"}]}
    del client.headers["authorization"]
    raw = json.dumps(body).encode()
    assert client.post("/channels/shop/tracking", content=raw).status_code == 401
    assert client.post("/api/tracking", content=raw).status_code == 401
    sent = signed(raw, "m-1", at=road.at)
    assert client.post("/channels/other/tracking", content=raw, headers=sent).status_code == 404
    for _ in range(2):
        answer = client.post("/channels/shop/tracking", content=raw, headers=sent)
        assert (answer.status_code, answer.json()) == (200, {"new": 1, "strangers": []})
    settle(services.db)
    assert road.state("A1").status == "delivered"


def test_settings_are_read_and_changed_and_what_cannot_be_is_refused(services: Services, client: httpx.Client) -> None:
    road = Road(services.db, at=time.time())
    road.gone("S-1", "A1")
    assert client.put("/api/channels/shop/tell-at", json={"tell_at": "label"}).json() == {"before": "manifest"}
    limits = {"carrier": "own-van", "limits": {"stuck_hours": 5}}
    assert client.put("/api/tracking/limits", json=limits).json()["stuck_hours"] == 5
    assert client.get("/api/tracking/limits").json() == {"limits": {"own-van/*": {"stuck_hours": 5}}}
    assert client.put("/api/tracking/limits", json={"limits": {"stuck_hours": -1}}).status_code == 422
    rules = [{"alarm": "lost", "remedy": "refund"}]
    assert client.put("/api/tracking/remedies", json={"rules": rules}).json()["rules"][0]["remedy"] == "refund"
    assert client.post("/api/tracking/ask/a1").json() == {"tracking": "A1"}
    assert client.post("/api/tracking/ask/A9").status_code == 404
    road.said("A1", "", words="Parked")
    [word] = client.get("/api/tracking/words").json()["words"]
    explained = {"provider": word["provider"], "key": word["key"], "status": "arrived"}
    assert client.put("/api/tracking/words", json=explained).json() == {"events": 1}


def test_the_commands_say_where_a_parcel_is_and_what_channels_were_told(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "server.toml").write_text(f'data_dir = "{tmp_path}"\n', encoding="utf-8")
    monkeypatch.setenv("PACKPROOF_CONFIG", str(tmp_path / "server.toml"))
    road = Road(services.db, at=time.time())

    def typed(*words: str) -> str:
        answer = CliRunner().invoke(packproof, words)
        assert answer.exit_code == 0, answer.output
        return answer.output

    assert "shop is told at label (it was manifest)" in typed("channels", "tell-at", "shop", "label")
    road.packed("S-1", "A1")
    road.gone("S-2", "A2")
    road.said("A2", "attempted", words="No answer \x1b[31m")
    told = typed("report", "told")
    assert "told at label" in told and "0 confirmed, 2 pending, 0 failed" in told
    assert "told and not left: 1: A1" in told and "left and not told: 1: A2" in told
    shown = typed("parcel", "a2")
    assert "\x1b" not in shown
    for words in ("shop S-2", "1 x CANDLE", "attempted", "wrong", "failed delivery", "proposed: tell"):
        assert words in shown
    assert json.loads(typed("parcel", "A2", "--json"))["tracking"] == "A2"
    assert "own-van/*: stuck 5 h" in typed("tracking", "limit", "--carrier", "own-van", "--stuck", "5")
    road.said("A2", "", code="zz", words="Parked")
    assert "code zz" in typed("tracking", "words")
    typed("tracking", "explain", "metro", "code zz", "arrived")
    assert typed("tracking", "words") == ""
    rules = tmp_path / "rules.json"
    rules.write_text('[{"alarm": "lost", "channel": "shop", "value_below": 3000, "remedy": "refund"}]')
    assert typed("tracking", "remedies", "--rules", str(rules)).startswith("lost on shop below 30.00: refund\n")
    assert "100.0 %" in typed("report", "scans")
    refused = CliRunner().invoke(packproof, ["parcel", "NOBODY"])
    assert (refused.exit_code, "there is no parcel with the number 'NOBODY'" in refused.output) == (2, True)
