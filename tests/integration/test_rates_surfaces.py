"""Rates at the terminal, as deploy/docs/rates.md says, and over HTTP."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import insert, update
from starlette.applications import Starlette

from server.config import ServerConfig
from server.db import tables
from server.db.transaction import Database
from server.domain.people import Role
from server.http import rates_api
from server.http.call import Services
from server.usecases.shipping import quoting, rate_rules
from server.usecases.shipping.rate_needs import Box
from tests.board_server import signed_in
from tests.book import BOSS, serving
from tests.carriers_in_memory import InMemory, offer, open_accounts
from tests.doc_pages import DOCS, follow, fresh_book
from tests.floor import Floor, make_floor

PAGE = (DOCS / "rates.md").read_text(encoding="utf-8")


def chosen_once(db: Database, folder: Path, patch: pytest.MonkeyPatch) -> Floor:
    """A floor with UPS and USPS, and one order to Los Angeles whose way was chosen."""
    ups, usps = InMemory([offer("ground", "8.50")]), InMemory([offer("advantage", "6.80")])
    floor = make_floor(Services(db, ServerConfig(data_dir=folder)), httpx.Client())
    open_accounts(db, patch, {"ups": ups, "usps": usps})
    rate_rules.set_rules(db, BOSS, {"default": "ups", "channels": {"shop": {"shop": True}}})
    number = floor.order(("SOAP", 1))
    with db.engine.begin() as connection:
        to = {"name": "Zoe", "lines": ["1 Road"], "city": "LA", "postcode": "90001", "country": "US"}
        connection.execute(update(tables.recipient).values(address=to))
    assert quoting.ask(db, BOSS, floor.order_id(number), Box())
    return floor


def test_each_command_of_the_page_says_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fresh_book(tmp_path, monkeypatch) as db:
        chosen_once(db, tmp_path, monkeypatch)
        assert follow(PAGE, tmp_path) == 3


@pytest.fixture
def floor(sqlite_db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Floor]:
    """The same floor with the routes of rates, called by a supervisor."""
    app, floor = Starlette(routes=rates_api.ROUTES), chosen_once(sqlite_db, tmp_path, monkeypatch)
    app.state.services = floor.services
    with serving(app) as floor.http:
        yield floor


def test_the_office_reads_why_and_a_supervisor_tries_and_sets_rules(floor: Floor) -> None:
    boss = {"authorization": f"Bearer {signed_in(floor.db, Role.SUPERVISOR)}"}
    told = floor.http.get("/api/orders/1001/rates", headers=boss).json()
    assert told["why"][0] == "own-van/standard for 3.90 USD is the cheapest of 4 that qualify"
    [box] = told["boxes"]
    assert [each["verdict"] for each in box["decision"]["judged"]].count("chosen") == 1
    assert "Hidden" not in str(told) and "90001" not in str(told), "no more of an address than its zone"
    changes = {"ways": ["ups"], "dry_run": True}
    tried = floor.http.put("/api/rates/channels/shop", json=changes, headers=boss).json()
    assert [each["after"] for each in tried["differences"]] == ["ups/ground 8.50 USD"]
    done = floor.http.put("/api/rates/channels/shop", json={"ways": ["ups"]}, headers=boss).json()
    shown = floor.http.get("/api/rates/rules", headers=boss).json()
    assert (done, shown["version"]) == ({"version": 2}, 2)
    assert shown["rules"]["channels"] == {"shop": {"shop": True, "ways": ["ups"]}}
    wrong = floor.http.put("/api/rates/rules", json={"rules": {"currency": "$"}}, headers=boss)
    assert (wrong.status_code, wrong.json()["code"]) == (409, "bad_rate_rule")


def test_800_parcels_of_a_month_are_told_with_what_they_save_in_a_year(floor: Floor) -> None:
    db, boss = floor.db, {"authorization": f"Bearer {signed_in(floor.db, Role.SUPERVISOR)}"}
    at = 1_773_000_000.0  # 2026-03-08
    order_id, site_id = floor.order_id("1001"), 1
    way = {"carrier": "usps", "service": "advantage"}
    choice = {"at": at, "order_version": 1, "site_id": site_id, "rules_version": 1, "decision": {}, "by": "live"}
    money = {"currency": "USD", "price": "6.80", "default_price": "8.50", "used_at": at}
    parcel = {"site_id": site_id, "purchase": "bought", "state": "ready", **way}
    numbers = [{"order_id": order_id, "box_no": n} for n in range(1, 801)]
    with db.engine.begin() as connection:
        connection.execute(insert(tables.rate_decision), [each | choice | money | way for each in numbers])
        connection.execute(insert(tables.parcel), [each | parcel for each in numbers])
    [month] = floor.http.get("/api/reports/savings?month=2026-03", headers=boss).json()["months"]
    assert (month["parcels"], month["saved"], month["a_year"]) == (800, "1360.00", "16320.00")
