"""`packproof label list|relabel|void|rule`, and the same over HTTP for supervisors."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from server.cli.group import packproof
from server.db import tables
from server.db.engine import open_engine
from server.db.migrate import migrate
from server.db.transaction import Database
from server.db.whole import export_all, import_all
from server.domain.people import Role
from server.usecases.staff import people
from tests.carriers import easypost_behind, shippable
from tests.floor import BOSS, SOAP, Floor, one_engine
from tests.integration.test_whole import everything

pytestmark = one_engine
PASSWORD = "a long enough password"


@pytest.fixture
def config(floor: Floor, tmp_path: Path) -> str:
    """A server.toml over the floor's database."""
    path = tmp_path / "server.toml"
    url = floor.db.engine.url.render_as_string(hide_password=False)
    path.write_text(f'data_dir = "{tmp_path}"\ndatabase = "{url}"\n')
    return str(path)


def run(config: str, *args: str, code: int = 0) -> str:
    answer = CliRunner().invoke(packproof, ["label", *args, "--config", config])
    assert answer.exit_code == code, answer.output
    return answer.output


def test_a_label_is_listed_replaced_and_listed_as_void_until_its_cost_is_back(floor: Floor, config: str) -> None:
    assert run(config, "list") == "no label was bought yet\n"
    label = floor.bench("Bench 1").pack(floor.order(("SOAP", 1)), SOAP)
    (line,) = run(config, "list").splitlines()
    assert line.split()[:7] == [label.parcel_id, "1001", "own-van", label.tracking, "3.90", "USD", "ready"]
    assert "no label waits to be void" in run(config, "list", "--void")
    said = run(config, "relabel", label.parcel_id.lower(), "--because", "wrong service")
    assert said == "order 1001 waits for a bench: open it and put the new label on\n"
    (line,) = run(config, "list", "--void").splitlines()
    assert "wanted" in line and line.endswith("gets another label: wrong service")
    assert '"void_state": "wanted"' in run(config, "list", "--void", "--json")
    assert "is to be void" in run(config, "void", label.tracking, "--because", "asked by telephone")
    assert "there is no parcel" in run(config, "relabel", "PCL0000099", "--because", "x", code=2)


def test_the_hours_of_unused_labels_are_shown_and_changed(config: str) -> None:
    assert run(config, "rule") == "unused labels: after 24 h\n"
    assert run(config, "rule", "--unused-hours", "48") == "unused labels: after 48 h\n"
    assert "expected 1 to 720 hours, found 0" in run(config, "rule", "--unused-hours", "0", code=2)


def test_a_supervisor_relabels_and_lists_over_http_and_a_bench_may_not(floor: Floor) -> None:
    people.add_person(floor.db, BOSS, "Sue Visor", [Role.SUPERVISOR], login="sue", password=PASSWORD)
    boss = {"authorization": f"Bearer {people.sign_in(floor.db, 'sue', PASSWORD)}"}
    bench = floor.bench("Bench 1")
    label = bench.pack(floor.order(("SOAP", 1)), SOAP)
    path = f"/api/supervisor/parcels/{label.parcel_id}/relabel"
    why = {"because": "wrong service"}
    assert bench.call("POST", path, why).status_code == 401
    assert floor.http.post(path, json={"because": ""}, headers=boss).status_code == 400
    assert floor.http.post(path, json=why, headers=boss).json() == {"order": "1001"}
    assert floor.http.post(path, json=why, headers=boss).json()["code"] == "cancelled"
    [row] = floor.http.get("/api/supervisor/labels?void=1", headers=boss).json()["labels"]
    assert (row["parcel"], row["order"], row["void_state"]) == (label.parcel_id, "1001", "wanted")
    assert "data" not in row and "Hidden Lane" not in str(row)
    assert floor.http.post(path.replace("relabel", "void"), json=why, headers=boss).status_code == 200


def test_the_bytes_of_a_carriers_label_travel_to_another_server(floor: Floor, tmp_path: Path) -> None:
    with easypost_behind(floor.db):
        shippable(floor.db)
        label = floor.bench("Bench 1").pack(floor.order(("SOAP", 1), carrier="easypost"), SOAP)
    export_all(floor.db, tmp_path / "all.zip")
    other = Database(open_engine(f"sqlite:///{tmp_path / 'other.db'}"))
    migrate(other.engine)
    try:
        import_all(other, tmp_path / "all.zip")
        assert everything(other)["parcel_label"] == everything(floor.db)["parcel_label"]
        with other.read() as connection:
            data = connection.execute(tables.parcel_label.select()).one().data
    finally:
        other.engine.dispose()
    assert label.label.ready is not None and bytes(data) == label.label.ready.data
