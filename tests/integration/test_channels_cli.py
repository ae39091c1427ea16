"""`packproof channels` and `packproof platforms`: a person connects channels to platforms on real sockets."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from server.cli.group import packproof
from server.db.transaction import Database
from server.simulated.platforms import kinds, simulated
from server.simulated.platforms.serve import Delivery, serve_one, serving, settings_toml, stocked
from tests.book import open_book, until

SHOPIFY = "/admin/api/2026-10/graphql.json"


@pytest.fixture
def folder(tmp_path: Path, sqlite_db: Database, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "server.toml").write_text(f'data_dir = "{tmp_path}"\n', encoding="utf-8")
    monkeypatch.setenv("PACKPROOF_CONFIG", str(tmp_path / "server.toml"))
    open_book(sqlite_db)
    return tmp_path


def run(*words: str, code: int = 0, typed: str = "") -> str:
    answer = CliRunner().invoke(packproof, ["channels", *words], input=typed)
    assert answer.exit_code == code, answer.output
    return answer.output


def settings(folder: Path, kind: str, told: dict[str, Any]) -> str:
    path = folder / f"{kind}.toml"
    path.write_text(settings_toml(told), encoding="utf-8")
    return str(path)


def test_every_platform_there_is_can_be_connected_with_one_command(folder: Path) -> None:
    assert len(kinds()) >= 6
    with serving(kinds()) as running:
        for each in running:
            each.platform.market.offer("CANDLE", 99, gtin="4006381333931", title="Candle")
            path = settings(folder, each.platform.KIND, each.settings)
            said = run("add", each.platform.KIND, "--settings", path)
            assert "1 listings; mapped: 1 by SKU; not mapped: 0" in said
            assert "dry run: 1 numbers, 1 of them other than shown there; nothing was sent" in said
    shown = run().splitlines()
    assert all(len(line) <= 80 for line in shown)
    assert [line.split()[0] for line in shown[1:] if not line.startswith(" ")] == ["shop", *kinds()]
    found = [json.loads(line) for line in run("--json").splitlines()]
    assert {each["state"] for each in found if each["channel"] != "shop"} == {"not live"}
    assert {"lag", "out", "back", "failures", "parked", "retry_at", "order_at", "push_at", "advice"} <= set(found[0])


def test_a_person_is_asked_for_everything_and_secrets_are_not_shown(folder: Path) -> None:
    from server.channels import platform_of

    with serving(["shopify"]) as [shop]:
        told = shop.settings
        platform = platform_of("shopify")
        assert platform is not None
        answers = [str(told.get(each.name, "")) for each in platform.SETTINGS]
        places = ["EAST", "", ""]
        said = run("add", "shopify", typed="\n".join([*answers, *places]) + "\n")
    assert "Shopify knows us as Simulated shop" in said
    assert "The shop's own address in Shopify (such as example.myshopify.com)" in said
    assert str(told["client_secret"]) not in said
    assert "place 70000000001 (Main warehouse): EAST" in said


def test_what_a_platform_refuses_for_good_is_said_at_once(folder: Path) -> None:
    with serving(["shopify"]) as [shop]:
        path = settings(folder, "shopify", {**shop.settings, "location_id": ""})
        said = run("add", "shopify", "--settings", path, code=2)
    assert "location_id: expected which of the shop's 2 locations is ours" in said


@pytest.mark.parametrize(
    ("words", "text", "says"),
    [
        (("add", "shopify"), "client_secrt = 'x'", "there is no setting client_secrt; did you mean client_secret?"),
        (("add", "shopify"), "shop = ", "Invalid value"),
        (("add", "shopify"), "client_id = 'x'", "shop: expected The shop's own address in Shopify, found nothing"),
        (("add", "ebey"), "x = 1", "there is no kind of channel 'ebey'; there are: amazon"),
        (("add", "custom"), "", "a custom shop wants a CODE and a NAME"),
        (("go-live", "nowhere"), "", "there is no channel 'nowhere'; there are: shop"),
        (("throttle", "shop", "half"), "", "expected 0 to 100 per cent, or off, found 'half'"),
        (("map", "shop", "x"), "", "expected a SKU, or --not-ours"),
        (("listings", "shop"), "", "calls us by itself"),
        (("checklist", "shop", "--done", "coffee"), "", "expected one of services, numbers, allocation"),
    ],
)
def test_what_cannot_work_is_refused_in_one_sentence(
    folder: Path, words: tuple[str, ...], text: str, says: str
) -> None:
    (folder / "s.toml").write_text(text, encoding="utf-8")
    more = ("--settings", str(folder / "s.toml")) if words[0] == "add" and text else ()
    assert says in run(*words, *more, code=2)


def test_wrong_credentials_leave_a_channel_that_the_same_command_goes_on_with(folder: Path) -> None:
    with serving(["woocommerce"]) as [shop]:
        stocked(shop.platform)
        wrong = settings(folder, "wrong", {**shop.settings, "consumer_secret": "cs_" + "0" * 40})
        assert "does not let us in" in run("add", "woocommerce", "--settings", wrong, code=2)
        assert "OPEN  credentials" in run("checklist", "woocommerce", code=1)
        right = settings(folder, "right", shop.settings)
        assert "9 listings" in run("add", "woocommerce", "--settings", right)
        assert "done  credentials" in run("checklist", "woocommerce", code=1)
        assert "woocommerce: WooCommerce" in run("show", "woocommerce")
        assert shop.settings["consumer_secret"] not in run("show", "woocommerce", "--json")


def test_the_levers_of_a_shop_of_our_own_work_as_well(folder: Path) -> None:
    assert "shop is shown 40 % of its numbers" in run("throttle", "shop", "40%")
    assert "shop: near:30 (it was realtime)" in run("mode", "shop", "near:30")
    assert "it is shown 40 % of its numbers until `packproof channels throttle shop off`" in _words(run())
    assert "shop is paused" in run("pause", "shop")
    assert "shop was not launched" in run("launch", "shop")
    assert "shop is active" in run("resume", "shop")
    assert "nothing was put aside" in run("replay", "shop")
    shown = json.loads(run("show", "shop", "--json"))
    assert shown["truth"]["stock"]["rule"] == "it is told nothing: it has no address"


def _words(text: str) -> str:
    return " ".join(text.split())


def test_a_simulated_platform_that_does_not_answer_closes_the_connection(tmp_path: Path) -> None:
    platform = simulated("shopify", _clock)
    served = serve_one(platform)
    try:
        with httpx.Client(base_url=served.url, trust_env=False) as client:
            assert client.post("/_/faults", json={"once": "lost_after"}).json()["down"] is False
            with pytest.raises(httpx.RemoteProtocolError):
                client.post(SHOPIFY, json={"query": "{ shop { name } }"})
            client.post("/_/faults", json={"down": True})
            with pytest.raises(httpx.RemoteProtocolError):
                client.get("/admin/anything")
            client.post("/_/faults", json={"down": False})
            assert client.post(SHOPIFY, json={"query": "{ shop { name } }"}).status_code in {200, 401, 403}
    finally:
        served.stop()


def _clock() -> float:
    import time

    return time.time()


def test_the_control_sells_tampers_cancels_and_says_what_is_wrong() -> None:
    served = serve_one(simulated("etsy", _clock))
    served.platform.market.offer("CANDLE", 3)
    try:
        with httpx.Client(base_url=served.url, trust_env=False) as client:
            sold = client.post("/_/sell", json={"lines": [{"sku": "CANDLE", "quantity": 2}], "note": "Größe"}).json()
            assert client.post("/_/sell", json={"lines": [{"sku": "CANDLE", "quantity": 2}]}).status_code == 409
            for wrong in ('{"lines": [{"sku": "nothing"}]}', "{}", "[]", "{"):
                assert client.post("/_/sell", content=wrong).status_code == 400
            assert client.post("/_/nothing", json={}).status_code == 400
            client.post("/_/change", json={"order": sold["order"], "buyer": {"city": "Bath"}})
            assert client.post("/_/cancel", json={"order": sold["order"]}).json() == {"status": "cancelled"}
            client.post("/_/tamper", json={"sku": "CANDLE", "quantity": 7})
            state = client.get("/_/state").json()
        assert [(each["sku"], each["quantity"]) for each in state["items"]] == [("CANDLE", 7)]
        assert [each["status"] for each in state["orders"]] == ["cancelled"]
        assert served.platform.market.sales[sold["order"]].buyer["city"] == "Bath"
    finally:
        served.stop()


def test_the_couriers_messages_come_twice_late_or_never_by_the_seed() -> None:
    # Whoever answers is enough here: the control of another platform does.
    with serving(["etsy"]) as [other]:
        platform = simulated("shopify", _clock)
        platform.market.offer("CANDLE", 999)
        to = Delivery(f"{other.url}/_/state", loss=0.3, twice=0.3, delay=0.1)
        served = serve_one(platform, delivery=to, seed=4)
        try:
            for _ in range(40):
                platform.market.sell(("CANDLE", 1))
            until(lambda: served.courier.carried + served.courier.lost >= 40, "all messages", within=10)
            until(lambda: not served.courier.waits, "the late ones", within=10)
        finally:
            served.stop()
        assert 3 <= served.courier.lost <= 25
        assert served.courier.carried > 40 - served.courier.lost


def test_platforms_runs_until_it_is_ended_and_writes_what_is_needed_to_connect(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "server", "platforms", "etsy", "--port", "18971", "--dir", str(tmp_path / "p")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        try:
            assert re.match(r"etsy +http://127\.0\.0\.1:18971 ", line), line
            assert 'api_url = "http://127.0.0.1:18971"' in (tmp_path / "p" / "etsy.toml").read_text()
            assert len(httpx.get("http://127.0.0.1:18971/_/state", trust_env=False).json()["items"]) == 9
        finally:
            process.terminate()
        assert process.wait(10) == 0
    assert "expected some of amazon" in _platforms("ebey")


def _platforms(*words: str) -> str:
    answer = CliRunner().invoke(packproof, ["platforms", *words])
    assert answer.exit_code == 2
    return answer.output
