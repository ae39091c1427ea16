"""`packproof setup` makes a working warehouse from a file or from answers, and a second time changes nothing."""

import shutil
from pathlib import Path

import httpx
import pytest
import zxingcpp
from click.testing import CliRunner, Result
from pypdfium2 import PdfDocument
from sqlalchemy import func, select

from printing.documents import Address
from server import joincode
from server.cli.group import packproof
from server.cli.machine_zone import machine_time_zone
from server.cli.opening import connected
from server.config import load_config
from server.db import people, sites, tables
from server.db.transaction import Actor, Database
from server.domain.errors import DomainError
from server.domain.people import Role, badge_digest
from server.usecases.benchwork.benches import join
from server.usecases.staff.people import sign_in
from server.usecases.starting.setup import set_up
from server.usecases.starting.setup_plan import (
    AdminPlan,
    BenchPlan,
    BoxPlan,
    ChannelPlan,
    PersonPlan,
    SetupPlan,
    SitePlan,
    check_time_zone,
    read_plan,
)
from server.usecases.warehouse.counting import count_on_hand

ROOT = Path(__file__).parents[2]
ACTOR = Actor("test")
PASSWORD = "correct horse"
PLAN = SetupPlan(
    site=SitePlan(code="PDX", name="Portland", time_zone="America/Los_Angeles", ship_from=Address("Fern")),
    admin=AdminPlan(name="Sam Lee", login="sam"),
    bench=(BenchPlan(name="Bench 1"),),
    person=(PersonPlan(name="Ana Silva", roles=(Role.PACKER,), badge="PPB-ANA-01"),),
    box=(BoxPlan(code="M", name="Medium", inner_mm=(300, 220, 150)),),
    channel=(ChannelPlan(code="shop", name="Shop"),),
)


def test_a_plan_becomes_a_site_people_a_bench_boxes_and_a_channel(db: Database) -> None:
    report = set_up(db, ACTOR, PLAN, PASSWORD)
    assert all(made.new for made in report.made)
    with db.read() as connection:
        [site] = sites.all_sites(connection)
        assert (site.code, site.time_zone, site.address["name"]) == ("PDX", "America/Los_Angeles", "Fern")
        ana = people.by_badge(connection, badge_digest("PPB-ANA-01"))
        assert ana is not None
        assert people.roles_of(ana) == {Role.PACKER}
        channel = sites.channel(connection, "shop")
        assert channel is not None
        assert channel.settings["secret"] == report.channel_secrets["shop"]
    assert sign_in(db, "sam", PASSWORD)
    assert join(db, report.join_secrets["Bench 1"]).bench == "Bench 1"


def test_a_second_time_changes_nothing_and_says_so(db: Database) -> None:
    first = set_up(db, ACTOR, PLAN, PASSWORD)
    join(db, first.join_secrets["Bench 1"])
    counted = audit_rows(db)
    again = set_up(db, ACTOR, PLAN, "another password")
    assert not any(made.new for made in again.made)
    assert (again.badges, again.join_secrets, again.channel_secrets) == ({}, {}, {})
    assert audit_rows(db) == counted
    assert sign_in(db, "sam", PASSWORD)


def test_a_setup_that_stopped_half_way_goes_on(db: Database) -> None:
    with pytest.raises(DomainError, match="at least 8"):
        set_up(db, ACTOR, PLAN, "short")
    report = set_up(db, ACTOR, PLAN, PASSWORD)
    assert [made.new for made in report.made if made.kind == "site"] == [False]
    assert [made.new for made in report.made if made.kind == "bench"] == [True]


def audit_rows(db: Database) -> int:
    with db.read() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.audit)).scalar_one())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The example of deploy/ with files beside it, and a config that keeps all data here."""
    shutil.copy(ROOT / "deploy" / "setup.example.toml", tmp_path / "setup.toml")
    text = (tmp_path / "setup.toml").read_text()
    text = text.replace('products = ""', 'products = "products.csv"').replace('stock = ""', 'stock = "stock.csv"')
    (tmp_path / "setup.toml").write_text(text)
    (tmp_path / "admin-password.txt").write_text(PASSWORD + "\n")
    (tmp_path / "products.csv").write_text("sku,name,barcode,units\nEUC,Oil,EUC,1\nEUC,Oil,EUC-CASE,6\n")
    (tmp_path / "stock.csv").write_text("sku,site,on_hand,bin\nEUC,PDX,12,A-01\n")
    (tmp_path / "server.toml").write_text(f'data_dir = "{tmp_path / "data"}"\n')
    return tmp_path


def run(folder: Path, *arguments: str, stdin: str | None = None) -> Result:
    config = ["--config", str(folder / "server.toml")]
    return CliRunner().invoke(packproof, [*arguments, *config], input=stdin, prog_name="packproof")


def on_hand(folder: Path) -> int:
    with connected(load_config(folder / "server.toml")) as db, db.read() as connection:
        return int(connection.execute(select(tables.stock.c.on_hand)).scalar_one())


def test_a_file_sets_up_everything_and_the_badges_on_paper_can_be_scanned(folder: Path) -> None:
    done = run(folder, "setup", "--file", str(folder / "setup.toml"))
    assert done.exit_code == 0, done.output
    assert on_hand(folder) == 12
    code = next(word for word in done.stdout.split() if word.startswith(joincode.PREFIX))
    assert joincode.decode(code).url == "http://127.0.0.1:8440"
    with PdfDocument(folder / "data" / "badges.pdf") as pdf:
        pages = [page.render(scale=3).to_pil() for page in pdf]
    scanned = {found.text for page in pages for found in zxingcpp.read_barcodes(page)}
    badges = {text for text in scanned if text.startswith("PPB-")}
    assert len(badges) == 2
    assert {"PPC-OK", "PPL-OWN-VAN", "PPX-M"} <= scanned
    with connected(load_config(folder / "server.toml")) as db, db.read() as connection:
        assert all(people.by_badge(connection, badge_digest(badge)) for badge in badges)
    assert (folder / "data" / "badges.pdf").stat().st_mode & 0o077 == 0


def test_running_it_again_says_what_was_there_and_never_undoes_what_was_sold(folder: Path) -> None:
    run(folder, "setup", "--file", str(folder / "setup.toml"))
    badges = (folder / "data" / "badges.pdf").read_bytes()
    with connected(load_config(folder / "server.toml")) as db:
        count_on_hand(db, ACTOR, "EUC", "PDX", 3)
    again = run(folder, "setup", "--file", str(folder / "setup.toml"))
    assert again.exit_code == 0, again.output
    assert "made " not in again.stderr
    assert "was there  site     Portland warehouse" in again.stderr
    assert on_hand(folder) == 3
    assert (folder / "data" / "badges.pdf").read_bytes() == badges


def test_refused_rows_are_named_and_the_exit_code_says_so(folder: Path) -> None:
    (folder / "stock.csv").write_text("sku,site,on_hand\nEUC,PDX,12\nNOPE,PDX,1\n")
    done = run(folder, "setup", "--file", str(folder / "setup.toml"))
    assert done.exit_code == 1
    assert "line 3: there is no product 'NOPE'" in done.stdout
    assert on_hand(folder) == 12


def test_questions_can_be_answered_at_the_terminal_and_a_wrong_time_zone_is_asked_again(folder: Path) -> None:
    answers = ["Berlin hall", "BER", "Europe/Berln", "Europe/Berlin", "Fern", "Dock 4", "Berlin", "", "10115", "DE", ""]
    answers += ["Sam Lee", "", "short", "short", PASSWORD, PASSWORD, "Ana Silva", "", "", "Packing 1", "", ""]
    done = run(folder, "setup", stdin="\n".join(answers) + "\n")
    assert done.exit_code == 0, done.output
    assert "did you mean Europe/Berlin?" in done.stderr
    with connected(load_config(folder / "server.toml")) as db:
        with db.read() as connection:
            [site] = sites.all_sites(connection)
            assert (site.code, site.time_zone) == ("BER", "Europe/Berlin")
            assert [bench.name for bench in people.benches(connection)] == ["Packing 1"]
        assert sign_in(db, "sam", PASSWORD)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("tare_grams", "tare_gram"), "there is no setting box.tare_gram; did you mean tare_grams?"),
        (("Los_Angeles", "Los_angeles"), "did you mean America/Los_Angeles?"),
        (('"packer", "dock"', '"packer", "king"'), "Invalid enum value 'king' - at `person[0].roles[1]`"),
        (('name = "Bench 1"', "name = 1"), "Expected `str`, got `int` - at `bench[0].name`"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_made(folder: Path, change: tuple[str, str], sentence: str) -> None:
    path = folder / "setup.toml"
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(DomainError) as refused:
        read_plan(path)
    assert sentence in refused.value.detail
    assert run(folder, "setup", "--file", str(path)).exit_code == 2
    assert not (folder / "data").exists()


def test_the_machines_own_time_zone_is_one_that_setup_takes() -> None:
    assert check_time_zone(machine_time_zone()) == machine_time_zone()


def test_beyond_loopback_the_join_code_carries_the_certificates_fingerprint(folder: Path) -> None:
    config = folder / "server.toml"
    config.write_text(config.read_text() + 'host = "0.0.0.0"\npublic_url = "https://packproof.example:8440"\n')
    done = run(folder, "setup", "--file", str(folder / "setup.toml"))
    code = joincode.decode(next(word for word in done.stdout.split() if word.startswith(joincode.PREFIX)))
    assert code.url == "https://packproof.example:8440"
    assert len(code.fingerprint) == 64


def test_day_to_day_commands_work_on_what_was_set_up(folder: Path) -> None:
    run(folder, "setup", "--file", str(folder / "setup.toml"))
    assert "Bench 1                  PDX        has not joined" in run(folder, "bench", "list").stdout
    badge = run(folder, "person", "add", "Zoe Kim", "--role", "packer").stdout.strip()
    assert badge.startswith("PPB-")
    assert "Zoe Kim" in run(folder, "person", "list").stdout
    assert run(folder, "person", "role", "Zoe Kim", "packer", "supervisor").stderr.endswith("(before: packer)\n")
    assert "packer supervisor" in run(folder, "person", "list").stdout
    assert run(folder, "person", "role", "Zoe Kim", "king").exit_code == 2
    assert run(folder, "person", "revoke", "Zoe Kim").exit_code == 0
    assert "revoked" in run(folder, "person", "list").stdout
    assert run(folder, "person", "revoke", "Nobody").exit_code == 2
    assert run(folder, "wall", "add", "hall").stdout.startswith("http://127.0.0.1:8440/wall/")
    assert run(folder, "channels", "add", "custom", "second", "Second shop").stdout.startswith("whsec_")
    assert run(folder, "channels", "pause", "second").exit_code == 0
    assert "paused" in run(folder, "channels", "list").stdout
    assert run(folder, "bench", "join", "Bench 1").stdout.startswith(joincode.PREFIX)
    assert run(folder, "bench", "add", "Bench 2").exit_code == 0
    assert run(folder, "bench", "revoke", "Bench 2").exit_code == 0
    assert "stock.count EUC on hand +12" in run(folder, "timeline", "EUC").stdout
    assert run(folder, "timeline", "nothing").exit_code == 2
    assert "nothing to look at" in run(folder, "incidents").stderr
    assert run(folder, "incidents", "close", "7", "--reason", "done").exit_code == 2
    assert run(folder, "cancel", "1999").exit_code == 2


def test_an_order_is_imported_traced_and_cancelled(folder: Path) -> None:
    run(folder, "setup", "--file", str(folder / "setup.toml"))
    orders = folder / "orders.csv"
    head = "order_id,sku,quantity,name,line1,city,country"
    orders.write_text(f"{head}\nA-1,EUC,2,Maya Ortega,12 Orchard Lane,Portland,US\nA-2,EUC,x,Bo,1 St,Salem,US\n")
    done = run(folder, "import", "orders", str(orders))
    assert done.exit_code == 1
    assert done.stdout.startswith("line 3: ")
    assert "1 taken, 0 unchanged, 1 refused" in done.stderr
    assert "stock.reserve EUC" in run(folder, "timeline", "A-1").stdout
    assert run(folder, "cancel", "A-1", "--why", "phone call").exit_code == 0
    told = run(folder, "timeline", "A-1").stdout
    assert "stock.release EUC" in told
    assert "Maya" not in told


def test_httpx_is_told_of_no_proxy_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    from server.simulated.demo.processes import loopback_needs_no_proxy

    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "example.org")
    monkeypatch.setenv("http_proxy", "http://192.0.2.1:9")
    loopback_needs_no_proxy()
    with pytest.raises(httpx.ConnectError):
        httpx.get("http://127.0.0.1:9/", timeout=2)
