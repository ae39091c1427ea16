"""A plan changes before its vehicle comes, over HTTP and at the terminal, and turns nothing away that is loaded."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from server.cli.group import packproof
from server.domain.benchwork.reasons import Reason
from server.domain.errors import DomainError
from server.domain.people import Role
from server.usecases.loading.planning import Plan, plan_load
from server.usecases.loading.replanning import Change, change_load
from tests.board_server import signed_in
from tests.floor import BOSS, Dock, Floor, one_engine
from tests.ready_parcels import ready

pytestmark = one_engine


def test_what_a_plan_names_and_how_it_leaves_can_be_changed(floor: Floor, tmp_path: Path) -> None:
    first, second, third = ready(floor), ready(floor), ready(floor)
    boss = {"authorization": f"Bearer {signed_in(floor.db, Role.SUPERVISOR)}"}

    def ask(path: str, **said: Any) -> Any:
        answer = floor.http.post(f"/api/supervisor/loads{path}", json=said, headers=boss)
        return answer.json() | {"status": answer.status_code}

    planned = ask("", site="EAST", carrier="city-bikes", trailer="T7", orders=[first.number, second.number])
    load_id = planned["load"]
    said = {"trailer": " T9 ", "driver": "Kim", "cut_off": 4_000_000_000}
    lists = {"drop_orders": [second.number], "add_parcels": [third.tracking]}
    assert ask(f"/{load_id}", carrier="own-van", **said, **lists)["status"] == 200
    config = tmp_path / "server.toml"
    config.write_text(f'database = "{floor.db.engine.url.render_as_string(hide_password=False)}"\n')
    words = ["load", "change", load_id, "--trailer", "T10", "--service", "standard", "--config", str(config)]
    assert CliRunner().invoke(packproof, words).output == f"{load_id} is changed\n"
    dock = Dock.at(floor.bench("Dock 1"))
    load = dock.load
    assert (load.load_id, load.carrier, load.trailer, load.driver) == (load_id, "own-van", "T10", "Kim")
    assert (load.cut_off, load.services, load.listed) == (4_000_000_000, ("standard",), True)
    assert dock.scan(first.tracking).reason is Reason.OK
    assert dock.scan(third.tracking).reason is Reason.OK
    assert dock.scan(second.tracking).reason is Reason.NOT_PLANNED
    assert floor.http.get("/api/supervisor/loads", headers=boss).json()["EAST"][0]["trailer"] == "T10"
    refused = ask(f"/{load_id}", drop_orders=[first.number], trailer="T11")
    assert (refused["code"], first.tracking in refused["detail"]) == ("invalid", True)
    assert dock.bench.open_load().load.trailer == "T10", "all of a change or nothing"


def test_a_change_that_cannot_be_is_refused_and_says_why(floor: Floor) -> None:
    mine, other, elsewhere = ready(floor), ready(floor), ready(floor)
    load_id = plan_load(floor.db, BOSS, Plan(site="EAST", carrier="own-van", orders=(mine.number,)))
    dock = Dock.at(floor.bench("Dock 1"))
    plan_load(floor.db, BOSS, Plan(site="EAST", carrier="own-van", orders=(elsewhere.number,)))
    wrong: list[tuple[Change, str]] = [
        (Change(carrier="city-bikes"), "not_ready: expected a planned load"),
        (Change(services=("express",)), "not_ready: expected a planned load"),
        (Change(drop_orders=(other.number,)), "invalid: expected something that"),
        (Change(add_orders=(elsewhere.number,)), "invalid: expected orders and parcels of no other plan"),
        (Change(add_parcels=("TRK-nobody",)), "not_found: there is no parcel"),
        (Change(trailer="x" * 65), "invalid: trailer: expected at most 64"),
    ]
    for change, why in wrong:
        with pytest.raises(DomainError, match=f"^{why}"):
            change_load(floor.db, BOSS, load_id, change)
    dock.bench.close_load(load_id, 0)
    with pytest.raises(DomainError, match=r"^load_closed"):
        change_load(floor.db, BOSS, load_id, Change(trailer="T1"))


def test_a_plan_that_changes_while_its_load_is_loaded_turns_nothing_away_and_lets_nothing_more_on(
    floor: Floor,
) -> None:
    first, second, third = ready(floor), ready(floor), ready(floor)
    takes_all = Dock.at(floor.bench("Dock 1"))
    change_load(floor.db, BOSS, takes_all.load.load_id, Change(add_parcels=(second.parcel_id,)))
    assert takes_all.scan(first.tracking).reason is Reason.OK
    takes_all.bench.close_load(takes_all.load.load_id, 1)
    planned = plan_load(floor.db, BOSS, Plan(site="EAST", carrier="own-van", orders=(second.number,)))
    takes_one = Dock.at(floor.bench("Dock 2"))
    assert takes_one.load.load_id == planned
    change_load(floor.db, BOSS, planned, Change(drop_orders=(second.number,)))
    assert takes_one.scan(third.tracking).reason is Reason.NOT_PLANNED
