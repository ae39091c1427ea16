"""What supervisors and pickers ask of the service about waves, totes and short picks, over a real socket."""

from typing import Any

import httpx
import pytest

from server.domain.people import Role
from server.domain.picks.waves import Limits
from server.usecases.picks.waves import Wanted, make_waves
from server.usecases.staff import people
from server.usecases.warehouse.counting import count_on_hand
from tests.book import receive
from tests.floor import BOSS, Bench, Floor, one_engine

PASSWORD = "a long enough password"


@pytest.fixture
def boss(floor: Floor) -> dict[str, str]:
    """The headers of a signed-in supervisor."""
    people.add_person(floor.db, BOSS, "Sue Visor", [Role.SUPERVISOR], login="sue", password=PASSWORD)
    return {"authorization": f"Bearer {people.sign_in(floor.db, 'sue', PASSWORD)}"}


def post(floor: Floor, headers: dict[str, str], path: str, body: dict[str, Any] | None = None) -> httpx.Response:
    return floor.http.post(f"/api/supervisor/{path}", json=body or {}, headers=headers)


def test_a_supervisor_plans_makes_prints_and_ends_waves(floor: Floor, boss: dict[str, str]) -> None:
    count_on_hand(floor.db, BOSS, "SOAP", "EAST", 100, bin_code="A-1")
    numbers = [floor.order(("SOAP", 2)) for _ in range(2)]
    [planned] = post(floor, boss, "waves", {"site": "EAST", "dry_run": True}).json()["waves"]
    assert (planned["wave_id"], planned["numbers"], planned["mix"]) == (None, numbers, "multi")
    made = post(floor, boss, "waves", {"site": "EAST", "orders": 1}).json()["waves"]
    assert [wave["numbers"] for wave in made] == [[number] for number in numbers]
    first, second = (wave["wave_id"] for wave in made)
    paper = floor.http.get(f"/api/supervisor/waves/{first}/pick-list.pdf", headers=boss)
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    assert post(floor, boss, f"waves/{first}/done").json() == {"wave": first, "state": "done"}
    assert post(floor, boss, f"waves/{second}/cancel").json() == {"wave": second, "state": "cancelled"}
    listed = floor.http.get("/api/supervisor/waves?all=1", headers=boss).json()["waves"]
    assert {wave["id"]: wave["state"] for wave in listed} == {first: "done", second: "cancelled"}
    assert floor.http.get("/api/supervisor/waves", headers=boss).json() == {"waves": []}
    assert floor.audited("wave.done") == [("Sue Visor", "")]


@one_engine
def test_a_supervisor_reports_a_short_shelf_and_takes_a_site_down(floor: Floor, boss: dict[str, str]) -> None:
    receive(floor.db, "SOAP", "WEST", 9)
    number = floor.order(("SOAP", 2))
    [wave] = post(floor, boss, "waves", {"site": "EAST"}).json()["waves"]
    told = post(floor, boss, f"waves/{wave['wave_id']}/short", {"sku": "SOAP", "found": 1}).json()
    assert (told["missing"], told["unsold"], told["site"]) == (1, 98, "EAST")
    assert told["orders"] == [{"order": number, "remedy": "move", "part": ""}]
    down = post(floor, boss, "sites/WEST/active", {"active": False, "reason": "no power"}).json()
    assert down == {"moved": 0, "lost": [number]}
    assert post(floor, boss, "sites/WEST/active", {"active": True}).json() == {"moved": 0, "lost": []}


@one_engine
@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("waves", {"site": "NOWHERE"}, "not_found"),
        ("waves", {"site": "EAST", "orders": 0}, "malformed"),
        ("waves", {}, "malformed"),
        ("waves/12/done", None, "not_found"),
        ("waves/twelve/done", None, "invalid"),
        ("waves/99999999999999999999/done", None, "invalid"),
        ("waves/12/short", {"sku": "SOAP", "found": -1}, "malformed"),
        ("sites/EAST/active", {"active": "no"}, "malformed"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(
    floor: Floor, boss: dict[str, str], path: str, body: dict[str, Any] | None, code: str
) -> None:
    assert post(floor, boss, path, body).json()["code"] == code


@one_engine
def test_a_picker_reads_and_empties_totes_and_ends_a_wave_at_a_bench(floor: Floor) -> None:
    bench: Bench = floor.bench("Bench 1")
    number = floor.order(("SOAP", 2))
    boss = {"person_id": floor.people["supervisor"]}
    packer = {"person_id": floor.people["packer"]}

    [wave] = make_waves(floor.db, BOSS, Wanted("EAST", Limits()))
    listed = bench.call("GET", f"/api/waves/{wave.wave_id}/pick-list").json()
    assert [(stop["sku"], stop["units"]) for stop in listed["stops"]] == [("SOAP", 2)]
    assert bench.call("POST", "/api/totes/bind", packer | {"slip": number, "tote": "T9"}).json()["tote"] == "T9"
    [inside] = bench.call("GET", "/api/totes/PPT-T9").json()["orders"]
    assert (inside["number"], inside["status"], inside["wave"]) == (number, "ready", wave.wave_id)
    assert bench.call("POST", "/api/totes/T9/empty", packer).json() == {"orders": 1}
    assert bench.call("GET", "/api/totes/T9").json() == {"orders": []}
    later = floor.order(("SOAP", 3))
    [wave] = make_waves(floor.db, BOSS, Wanted("EAST", Limits()))
    short = bench.call("POST", f"/api/waves/{wave.wave_id}/short", packer | {"sku": "SOAP", "found": 3})
    assert short.json()["code"] == "not_short"
    assert bench.call("POST", f"/api/waves/{wave.wave_id}/done", boss).json()["state"] == "done"
    assert bench.open(later).order.number == later
